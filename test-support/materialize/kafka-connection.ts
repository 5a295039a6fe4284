import type { Catalog } from './catalog.ts'
import type { KafkaConnectionConfig } from './engine-port.ts'
import { planError, unknownHere } from './errors.ts'
import type { ConnectionItem } from './model.ts'
import type { Option, OptionValue } from './statements.ts'

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
  brokers(options)
  const factor = find(options, 'PROGRESS TOPIC REPLICATION FACTOR')
  if (factor !== undefined && Number(textOf(factor, 'PROGRESS TOPIC REPLICATION FACTOR')) <= 0) {
    throw planError('invalid CONNECTION: PROGRESS TOPIC REPLICATION FACTOR must be greater than 0')
  }
  if (find(options, 'SSH TUNNEL') !== undefined && find(options, 'AWS PRIVATELINK') !== undefined) {
    throw unknownHere('how Materialize refuses SSH TUNNEL beside AWS PRIVATELINK')
  }
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
  if (!protocol.startsWith('SASL') || find(options, 'AWS CONNECTION') !== undefined) return
  for (const name of ['SASL MECHANISMS', 'SASL USERNAME', 'SASL PASSWORD']) {
    if (find(options, name) === undefined) throw planError(`${name} must be specified`)
  }
}

function protocolOf(options: Option[]): Protocol {
  const given = find(options, 'SECURITY PROTOCOL')
  if (given === undefined) {
    const isSasl = ({ name }: Option) => name.startsWith('SASL ') || name === 'AWS CONNECTION'
    return options.some(isSasl) ? 'SASL_SSL' : 'SSL'
  }
  const text = textOf(given, 'SECURITY PROTOCOL')
  const protocol = PROTOCOLS.find((one) => one === text.toUpperCase())
  if (protocol === undefined) throw planError(`unknown security protocol: ${text.toUpperCase()}`)
  return protocol
}

/** Addresses of the brokers to begin with, without a default port. */
export function brokers(options: Option[]): string[] {
  const one = find(options, 'BROKER')
  const many = find(options, 'BROKERS')
  const link = find(options, 'AWS PRIVATELINK')
  if ([one, many, link].filter((value) => value !== undefined).length > 1) {
    throw planError('invalid CONNECTION: can only set one of BROKER, BROKERS, or AWS PRIVATELINK')
  }
  if (link !== undefined) return []
  const values = many?.is === 'list' ? many.values : [one ?? many]
  const fixed = values
    .filter((value) => value !== undefined)
    .filter((value) => value.is !== 'broker' || !value.broker.matching)
  const addresses = fixed.map((value) =>
    value.is === 'broker' ? value.broker.address : textOf(value, 'BROKER'),
  )
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

/** The way to the brokers, if it is one that this machine has not: through AWS, or by SSH. */
export function detour(options: Option[]): string | undefined {
  const named = ['AWS CONNECTION', 'AWS PRIVATELINK', 'SSH TUNNEL'].find(
    (name) => find(options, name) !== undefined,
  )
  if (named !== undefined) return named
  const one = find(options, 'BROKER')
  const many = find(options, 'BROKERS')
  const values = many?.is === 'list' ? many.values : [one]
  for (const value of values) {
    if (value?.is === 'broker') return value.broker.using?.is ?? 'MATCHING'
  }
  return undefined
}

/** Reads an option that is a text or a secret, at this moment. */
export function optionReader(
  catalog: Catalog,
  options: Option[],
): (name: string) => string | undefined {
  return (name) => {
    const value = find(options, name)
    if (value === undefined) return undefined
    if (value.is !== 'secret-id') return textOf(value, name)
    const secret = catalog.item(value.id)
    if (secret.type !== 'secret') throw planError(`invalid ${name}: must provide a secret value`)
    return secret.value.toString('utf8')
  }
}

/** What the engine connects with; secrets are read at this moment, so that ALTER SECRET shows in new objects only. */
export function connectionConfig(catalog: Catalog, options: Option[]): KafkaConnectionConfig {
  const way = detour(options)
  if (way !== undefined) throw unknownHere(`reaching brokers by ${way}`)
  const read = optionReader(catalog, options)
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
