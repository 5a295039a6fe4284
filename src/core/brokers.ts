import { parseHostName, parsePort } from './hosts.ts'
import { accept, parseList, refuse, type Parsed } from './parse.ts'

const brokersRule = 'host:port, separated by commas or line breaks'

/**
 * A parser for a list of brokers, to `host:port` each, every one once and in the order given.
 * Without a default, each must have its port.
 */
export function brokers(defaultPort: number | undefined): (text: string) => Parsed<string[]> {
  return (text) => {
    const entries = parseList(text)
    if ('refusal' in entries) return entries
    const found = new Set<string>()
    for (const entry of entries.value) {
      const broker = parseBroker(entry, defaultPort)
      if ('refusal' in broker) return broker
      found.add(broker.value)
    }
    return accept([...found])
  }
}

function parseBroker(entry: string, defaultPort: number | undefined): Parsed<string> {
  const wrong = (fault: string) => refuse(fault, { allowed: brokersRule, piece: entry })
  if (entry.includes('@')) return wrong('has an @ in it; a login goes into kafka-username')
  if (entry.includes('://')) {
    return wrong('has a scheme in it; what it says goes into kafka-security-protocol')
  }
  if (/\s/.test(entry)) return wrong('has a blank in it')
  // The Kafka client takes apart host and port at the first colon, whatever the brackets.
  if (/\[|:.*:/.test(entry))
    return wrong('has an IPv6 address, which only a host name can stand for')
  const [host = '', port] = entry.split(':')
  if ('refusal' in parseHostName(host)) return wrong('has no usable host name')
  if (port === undefined && defaultPort === undefined) {
    return wrong('has no port, and each service of this provider has its own')
  }
  if (port === undefined) return accept(`${host}:${defaultPort}`)
  const number = parsePort(port)
  return 'refusal' in number
    ? wrong('has no usable port, which is a number from 1 to 65535')
    : accept(`${host}:${number.value}`)
}
