import { readDefinition } from './definition.ts'
import type { Options, Value } from './definition-model.ts'
import { type Difference, differs } from './difference.ts'
import { digest } from './marker.ts'
import {
  type ConnectionSpec,
  type Credential,
  CREDENTIALS,
  isDefined,
  type KafkaConnection,
} from './model-connection.ts'
import type { ObservedObject } from './observed.ts'
import { definitionOf, referenceText, unaskedOptions, valueText } from './shared-differences.ts'
import {
  connectionOptions,
  createConnection,
  CREDENTIAL_OPTIONS,
  optionText,
} from './sql-connection.ts'

/** A key of the spec, the options that it is in Materialize, and how a difference is undone. */
export interface ConnectionAttribute {
  key: string
  options: string[]
  means: Difference['means']
  /** The value as people read it, and as it is compared. */
  text(options: Options): string | undefined
}

type Reading = (value: Value) => string

function attribute(
  key: string,
  options: string[],
  { read = valueText, means = 'alter' }: { read?: Reading; means?: Difference['means'] } = {},
): ConnectionAttribute {
  return {
    key,
    options,
    means,
    text: (all) => {
      const value = options.map((name) => all[name]).find((one) => one !== undefined)
      return value && read(value)
    },
  }
}

const upper: Reading = (value) => valueText(value).toUpperCase()

/** As librdkafka would take it: the protocol goes without saying where a login is given. */
const protocol: ConnectionAttribute = {
  ...attribute('protocol', ['SECURITY PROTOCOL'], { read: upper }),
  text: (all) => {
    const given = all['SECURITY PROTOCOL']
    if (given) return upper(given)
    const hasLogin = Object.keys(all).some((name) => /^SASL|^AWS CONNECTION$/.test(name))
    return hasLogin ? 'SASL_SSL' : 'SSL'
  },
}

const credential = (key: Credential, option: string): ConnectionAttribute =>
  attribute(key, [option], {
    read: (value) => {
      if (value.is === 'secret') return referenceText(value.reference)
      const text = valueText(value)
      // A certificate is too long to be read, and its ends say nothing.
      return key === 'username'
        ? `${text} in clear text`
        : `PEM text (digest ${digest(text.trim())})`
    },
  })

const credentialsBy = (names: Record<Credential, string>): ConnectionAttribute[] =>
  CREDENTIALS.map((key) => credential(key, names[key]))

const routes = [
  attribute('ssh-tunnel', ['SSH TUNNEL'], { read: routeText }),
  attribute('aws-privatelink', ['AWS PRIVATELINK'], { read: routeText }),
]

/** Everything that a definition of ours can say, by kind of connection. */
export const CONNECTION_ATTRIBUTES: Record<'kafka' | 'registry', ConnectionAttribute[]> = {
  kafka: [
    attribute('brokers', ['BROKER', 'BROKERS'], { read: brokersText }),
    ...routes,
    protocol,
    attribute('mechanism', ['SASL MECHANISMS'], { read: upper }),
    ...credentialsBy(CREDENTIAL_OPTIONS.kafka),
    attribute('aws-connection', ['AWS CONNECTION'], { read: routeText }),
    attribute('progress-topic', ['PROGRESS TOPIC'], { means: 'replace' }),
    attribute('progress-topic-replication-factor', ['PROGRESS TOPIC REPLICATION FACTOR'], {
      means: 'replace',
    }),
  ],
  registry: [
    attribute('url', ['URL'], { read: (value) => urlText(valueText(value)) }),
    ...credentialsBy(CREDENTIAL_OPTIONS.registry),
    ...routes,
  ],
}

const attributesOf = (spec: ConnectionSpec): ConnectionAttribute[] =>
  CONNECTION_ATTRIBUTES[spec.registry ? 'registry' : 'kafka']

/** A connection that the spec only names may be any; one that it defines must be that. */
export function connectionDifferences(spec: ConnectionSpec, found: ObservedObject): Difference[] {
  if (!isDefined(spec)) return []
  const definition = definitionOf(found, 'connection')
  // What cannot be read cannot be compared, and must not look like drift.
  if (!definition) return spec.kafka ? brokersOnly(spec.kafka, found) : []
  const there = normalized(definition.options)
  const asked = askedOptions(spec)
  const attributes = attributesOf(spec)
  const known = attributes.flatMap(({ options }) => options)
  return [
    ...attributes.flatMap(({ key, means, text }) =>
      differs(key, { there: text(there), asked: text(asked) }, means),
    ),
    ...unaskedOptions(there, known),
  ]
}

/** Clauses of ALTER CONNECTION that undo differences. */
export function connectionChanges(
  spec: ConnectionSpec,
  differences: Difference[],
  found: ObservedObject,
): string[] {
  const there = normalized(definitionOf(found, 'connection')?.options ?? {})
  const options = connectionOptions(spec)
  return differences.flatMap((difference) => {
    const names = attributesOf(spec).find(({ key }) => key === difference.attribute)?.options ?? []
    const set = options.filter(([name]) => names.includes(name))
    // Each of BROKER and BROKERS takes the place of the other by itself.
    if (set.length > 0) return set.map((option) => `SET (${optionText(option)})`)
    return names.filter((name) => name in there).map((name) => `DROP (${name})`)
  })
}

/** What our own statement says, read as the catalog’s is. */
function askedOptions(spec: ConnectionSpec): Options {
  const definition = readDefinition(createConnection(spec).text)
  return definition?.is === 'connection' ? normalized(definition.options) : {}
}

/** Where the definition cannot be read, a column of the catalog still tells the brokers. */
function brokersOnly(kafka: KafkaConnection, found: ObservedObject): Difference[] {
  const list = (brokers: string[]): string => [...brokers].sort().join(', ')
  return differs(
    'brokers',
    { there: list(found.connection?.brokers ?? []), asked: list(kafka.brokers) },
    'alter',
  )
}

/** One option has two names, of which Materialize keeps the shorter. */
function normalized({ USER: user, ...others }: Options): Options {
  return user ? { ...others, USERNAME: user } : others
}

/** The order of brokers means nothing. */
function brokersText(value: Value): string {
  const all = value.is === 'list' ? value.values : [value]
  return all.map(brokerText).sort().join(', ')
}

function brokerText(value: Value): string {
  if (value.is !== 'broker') return valueText(value)
  const matching = value.matching ? 'matching ' : ''
  const through = value.through.replace(' ', '-')
  const tunnel = routeText({ is: 'reference', reference: value.tunnel, ...optionsOf(value) })
  return `${matching}${value.address} by ${through} ${tunnel}`
}

function routeText(value: Value): string {
  const options = optionsOf(value).options ?? {}
  const words = Object.entries(options).map(
    ([name, one]) => `${name.toLowerCase().replace(' ', '-')} ${valueText(one)}`,
  )
  const where = words.length === 0 ? '' : ` (${words.sort().join(', ')})`
  return valueText(value) + where
}

function optionsOf(value: Value): { options?: Options } {
  const options = value.is === 'reference' || value.is === 'broker' ? value.options : undefined
  return options ? { options } : {}
}

function urlText(text: string): string {
  return URL.canParse(text) ? new URL(text).href : text
}
