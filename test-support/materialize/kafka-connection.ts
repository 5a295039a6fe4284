import type { Catalog } from './catalog.ts'
import type { KafkaConnectionConfig } from './engine-port.ts'
import { planError, unknownHere } from './errors.ts'
import type { ConnectionItem } from './model.ts'
import type { Option, OptionValue } from './statements.ts'

const KAFKA_OPTIONS = new Set([
  'AWS CONNECTION',
  'AWS PRIVATELINK',
  'BROKER',
  'BROKERS',
  'PROGRESS TOPIC',
  'PROGRESS TOPIC REPLICATION FACTOR',
  'SSH TUNNEL',
  'SSL KEY',
  'SSL CERTIFICATE',
  'SSL CERTIFICATE AUTHORITY',
  'SECURITY PROTOCOL',
  'SASL MECHANISMS',
  'SASL USERNAME',
  'SASL PASSWORD',
])
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
type Protocol = (typeof PROTOCOLS)[number]

/** How Materialize keeps options: sorted by name. */
export function sortedOptions(options: Option[]): Option[] {
  return [...options].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function find(options: Option[], name: string): OptionValue | undefined {
  return options.find((option) => option.name === name)?.value
}

export function textOf(value: OptionValue, name: string): string {
  if (value.is === 'string' || value.is === 'word' || value.is === 'number') return value.value
  throw planError(`invalid ${name}: cannot use value as string`)
}

export function noDuplicates(options: Option[]): void {
  const seen = new Set<string>()
  for (const { name } of options) {
    if (seen.has(name)) throw planError(`${name} specified more than once`)
    seen.add(name)
  }
}

/** What Materialize refuses before it has spoken to any broker. */
export function checkKafkaOptions(options: Option[]): void {
  noDuplicates(options)
  const unfit = options.map(({ name }) => name).filter((name) => !KAFKA_OPTIONS.has(name))
  if (unfit.length > 0) {
    throw planError(`KAFKA connections do not support ${unfit.sort().join(', ')} values`)
  }
  for (const name of ['AWS CONNECTION', 'AWS PRIVATELINK', 'SSH TUNNEL']) {
    if (find(options, name) !== undefined) throw unknownHere(`Kafka connections with ${name}`)
  }
  for (const name of ['SASL PASSWORD', 'SSL KEY']) {
    const value = find(options, name)
    if (value !== undefined && value.is !== 'secret-id') {
      throw planError(`invalid ${name}: must provide a secret value`)
    }
  }
  brokers(options)
  checkSecurity(options, protocolOf(options))
}

function checkSecurity(options: Option[], protocol: Protocol): void {
  const unfit = options
    .map(({ name }) => name)
    .find(
      (name) =>
        (name.startsWith('SASL ') && !protocol.startsWith('SASL')) ||
        (name.startsWith('SSL ') && !protocol.endsWith('SSL')),
    )
  if (unfit !== undefined) {
    throw planError(`option ${unfit} not supported with this configuration`)
  }
  if (!protocol.startsWith('SASL')) return
  for (const name of ['SASL MECHANISMS', 'SASL USERNAME', 'SASL PASSWORD']) {
    if (find(options, name) === undefined) throw planError(`${name} must be specified`)
  }
}

function protocolOf(options: Option[]): Protocol {
  const given = find(options, 'SECURITY PROTOCOL')
  if (given === undefined) {
    return options.some(({ name }) => name.startsWith('SASL ')) ? 'SASL_SSL' : 'SSL'
  }
  const text = textOf(given, 'SECURITY PROTOCOL')
  const protocol = PROTOCOLS.find((one) => one === text.toUpperCase())
  if (protocol === undefined) throw planError(`unknown security protocol: ${text.toUpperCase()}`)
  return protocol
}

export function brokers(options: Option[]): string[] {
  const one = find(options, 'BROKER')
  const many = find(options, 'BROKERS')
  if (one !== undefined && many !== undefined) {
    throw planError('invalid CONNECTION: can only set one of BROKER, BROKERS, or AWS PRIVATELINK')
  }
  const values = many?.is === 'list' ? many.values : [one ?? many]
  const addresses = values
    .filter((value) => value !== undefined)
    .map((value) => textOf(value, 'BROKER'))
  if (addresses.length === 0) {
    throw planError('invalid CONNECTION: must set one of BROKER, BROKERS, or AWS PRIVATELINK')
  }
  if (addresses.some((address) => address.includes(','))) {
    throw planError(
      'invalid CONNECTION: cannot specify multiple Kafka broker addresses in one string.\n\n' +
        "Instead, specify BROKERS using multiple strings, e.g. BROKERS ('kafka:9092', 'kafka:9093')",
    )
  }
  return addresses
}

/** What the engine connects with; secrets are read at this moment, so that ALTER SECRET shows in new objects only. */
export function connectionConfig(catalog: Catalog, options: Option[]): KafkaConnectionConfig {
  const read = (name: string): string | undefined => {
    const value = find(options, name)
    if (value === undefined) return undefined
    if (value.is !== 'secret-id') return textOf(value, name)
    const secret = catalog.item(value.id)
    if (secret.type !== 'secret') throw planError(`invalid ${name}: must provide a secret value`)
    return secret.value.toString('utf8')
  }
  const config: KafkaConnectionConfig = {
    brokers: brokers(options).map((address) =>
      /:\d+$/.test(address) ? address : `${address}:9092`,
    ),
    securityProtocol: protocolOf(options),
  }
  const mechanism = read('SASL MECHANISMS')?.toUpperCase()
  const username = read('SASL USERNAME')
  const password = read('SASL PASSWORD')
  const ca = read('SSL CERTIFICATE AUTHORITY')
  const clientCertificate = read('SSL CERTIFICATE')
  const clientKey = read('SSL KEY')
  if (mechanism !== undefined) config.mechanism = mechanism
  if (username !== undefined) config.username = username
  if (password !== undefined) config.password = password
  if (ca !== undefined) config.ca = ca
  if (clientCertificate !== undefined) config.clientCertificate = clientCertificate
  if (clientKey !== undefined) config.clientKey = clientKey
  return config
}

export function progressTopic(catalog: Catalog, item: ConnectionItem): string {
  const given = find(item.options, 'PROGRESS TOPIC')
  return given === undefined
    ? `_materialize-progress-${catalog.environmentId}-${item.id}`
    : textOf(given, 'PROGRESS TOPIC')
}
