import type {
  ConnectionDefinition,
  Options,
  Reference,
  SinkDefinition,
  SourceDefinition,
  Value,
  ViewDefinition,
} from './definition-model.ts'
import { sameQuery } from './definition.ts'
import { type Difference, differs } from './difference.ts'
import { digest } from './marker.ts'
import type {
  ClusterSpec,
  ConnectionSpec,
  QualifiedName,
  SecretSpec,
  SinkSpec,
  SourceSpec,
  ViewSpec,
} from './model.ts'
import { findObject, type Observed, type ObservedCluster, type ObservedObject } from './observed.ts'
import { literal, qualified } from './sql.ts'

/**
 * In what an existing object is not the one asked for, attribute by attribute, by the spec’s names.
 * The catalog’s columns say most; its definitions, read into structure, say the rest.
 */

export function clusterDifferences(spec: ClusterSpec, found: ObservedCluster): Difference[] {
  const asked = spec.replicationFactor
  return [
    ...differs('size', { there: found.size, asked: spec.size }, 'alter'),
    ...(asked === undefined
      ? []
      : differs(
          'replication-factor',
          { there: String(found.replicationFactor ?? 'none'), asked: String(asked) },
          'alter',
        )),
  ]
}

/** A connection that the spec only names may be any; one that it defines must be that. */
export function connectionDifferences(spec: ConnectionSpec, found: ObservedObject): Difference[] {
  if (spec.kafka.brokers.length === 0) return []
  const definition = definitionOf(found, 'connection')
  const { protocol, mechanism } = connectionFacts(definition)
  const list = (brokers: string[]): string => [...brokers].sort().join(', ')
  const secret = (option: string): string => secretText(definition?.options[option])
  const asked = (of: SecretSpec | undefined): string => (of ? qualified(of.name) : 'none')
  const { username, password, ca } = spec.secrets
  const brokers = differs(
    'brokers',
    { there: list(found.connection?.brokers ?? []), asked: list(spec.kafka.brokers) },
    'alter',
  )
  // What cannot be read cannot be compared, and must not look like drift.
  if (!definition) return brokers
  return [
    ...brokers,
    ...differs('protocol', { there: protocol, asked: spec.kafka.protocol }, 'alter'),
    ...differs('mechanism', { there: mechanism, asked: spec.kafka.sasl?.mechanism }, 'alter'),
    ...differs('username', { there: secret('SASL USERNAME'), asked: asked(username) }, 'alter'),
    ...differs('password', { there: secret('SASL PASSWORD'), asked: asked(password) }, 'alter'),
    ...differs('ca', { there: secret('SSL CERTIFICATE AUTHORITY'), asked: asked(ca) }, 'alter'),
    ...unaskedOptions(definition.options, CONNECTION_OPTIONS),
  ]
}

/** Clauses of ALTER CONNECTION that undo differences. */
export function connectionChanges(spec: ConnectionSpec, differences: Difference[]): string[] {
  const { brokers, protocol, sasl } = spec.kafka
  const [first = '', ...others] = brokers
  const secret = (option: string, of: SecretSpec | undefined): string =>
    of ? `SET (${option} = SECRET ${qualified(of.name)})` : `DROP (${option})`
  const clauses: Record<string, () => string> = {
    brokers: () =>
      others.length === 0
        ? `SET (BROKER ${literal(first)})`
        : `SET (BROKERS (${brokers.map(literal).join(', ')}))`,
    protocol: () => `SET (SECURITY PROTOCOL = ${literal(protocol)})`,
    mechanism: () =>
      sasl ? `SET (SASL MECHANISMS = ${literal(sasl.mechanism)})` : 'DROP (SASL MECHANISMS)',
    username: () => secret('SASL USERNAME', spec.secrets.username),
    password: () => secret('SASL PASSWORD', spec.secrets.password),
    ca: () => secret('SSL CERTIFICATE AUTHORITY', spec.secrets.ca),
  }
  return differences.flatMap(({ attribute }) => {
    const clause = clauses[attribute]
    return clause ? [clause()] : []
  })
}

export function sourceDifferences(
  spec: SourceSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const source = found.source ?? { type: 'unknown' }
  const definition = definitionOf(found, 'source')
  const includes = definition?.includes.map((include) => include.kind).join(', ')
  return [
    ...connectionUsed(spec, source.connectionId, observed),
    ...differs('topic', { there: source.topic, asked: spec.topic }, 'replace'),
    ...differs('format', { there: source.valueFormat, asked: spec.format }, 'replace'),
    ...differs('key-format', { there: source.keyFormat, asked: undefined }, 'replace'),
    ...differs('envelope', { there: source.envelope ?? 'none', asked: 'none' }, 'replace'),
    ...differs('include', { there: includes || undefined, asked: undefined }, 'replace'),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.from?.options, ['TOPIC']),
    ...unaskedOptions(definition?.with, []),
  ]
}

export function viewDifferences(spec: ViewSpec, found: ObservedObject): Difference[] {
  const definition = definitionOf(found, 'materialized-view')
  const { database, schema } = spec.name
  const same =
    found.marker?.query === digest(spec.sql) ||
    (definition && sameQuery(definition.query.join(' '), spec.sql, { database, schema }))
  const there = definition?.query.join(' ') ?? 'another query'
  return [
    ...(same ? [] : differs('sql', { there, asked: spec.sql }, 'replace')),
    ...clusterUsed(spec.cluster, found),
  ]
}

export function sinkDifferences(
  spec: SinkSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const sink = found.sink ?? { type: 'unknown' }
  const definition = definitionOf(found, 'sink')
  const from = findObject(observed, spec.from)
  const reads = found.dependsOn.filter((id) => id !== sink.connectionId)
  const present = observed.objects.find((object) => reads.includes(object.id))
  const columns = (key: string[] | undefined): string | undefined =>
    key && key.length > 0 ? key.join(', ') : undefined
  const readsIt = from !== undefined && reads.includes(from.id)
  return [
    ...(readsIt
      ? []
      : differs(
          'from',
          {
            there: present ? qualified(present.name) : referenceText(definition?.from),
            asked: qualified(spec.from),
          },
          'alter',
        )),
    ...connectionUsed(spec, sink.connectionId, observed),
    ...differs('topic', { there: sink.topic, asked: spec.topic }, 'replace'),
    ...differs('format', { there: sink.valueFormat, asked: spec.format }, 'replace'),
    ...differs('envelope', { there: sink.envelope, asked: spec.envelope }, 'replace'),
    ...differs(
      'key',
      { there: columns(definition?.key?.columns), asked: columns(spec.key) },
      'replace',
    ),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.into?.options, ['TOPIC']),
    // VERSION is how the server counts ALTER SINK.
    ...unaskedOptions(definition?.with, ['VERSION']),
  ]
}

function connectionUsed(
  spec: { connection: QualifiedName },
  id: string | undefined,
  observed: Observed,
): Difference[] {
  const asked = findObject(observed, spec.connection)
  if (asked !== undefined && asked.id === id) return []
  const there = observed.objects.find((object) => object.id === id)
  return differs(
    'connection',
    {
      there: there ? qualified(there.name) : (id ?? 'unknown'),
      asked: qualified(spec.connection),
    },
    'replace',
  )
}

/** SET CLUSTER is a preview feature that is off by default: only a new object changes its cluster. */
function clusterUsed(asked: string | undefined, found: ObservedObject): Difference[] {
  if (asked === undefined) return []
  return differs('cluster', { there: found.cluster, asked }, 'replace')
}

const CONNECTION_OPTIONS = [
  'BROKER',
  'BROKERS',
  'SECURITY PROTOCOL',
  'SASL MECHANISMS',
  'SASL USERNAME',
  'SASL PASSWORD',
  'SSL CERTIFICATE AUTHORITY',
]

/** What the object was given that the spec has no word for: it is not the one the spec describes. */
function unaskedOptions(options: Options | undefined, known: string[]): Difference[] {
  return Object.entries(options ?? {})
    .filter(([name]) => !known.includes(name))
    .map(([name, value]) => ({
      attribute: name.toLowerCase().replaceAll(' ', '-'),
      there: valueText(value),
      asked: 'none',
      means: 'replace',
    }))
}

/** As librdkafka would take them: the protocol goes without saying where a login is given. */
function connectionFacts(definition: ConnectionDefinition | undefined): {
  protocol: string
  mechanism?: string
} {
  const options = definition?.options ?? {}
  const hasLogin = Object.keys(options).some((name) => name.startsWith('SASL'))
  const text = (name: string): string | undefined => {
    const value = options[name]
    return value?.is === 'string' || value?.is === 'word' ? value.value.toUpperCase() : undefined
  }
  const mechanism = text('SASL MECHANISMS')
  return {
    protocol: text('SECURITY PROTOCOL') ?? (hasLogin ? 'SASL_SSL' : 'SSL'),
    ...(mechanism === undefined ? {} : { mechanism }),
  }
}

function secretText(value: Value | undefined): string {
  if (value === undefined) return 'none'
  if (value.is === 'secret') return referenceText(value.reference)
  // A user name or certificate in clear text: what it says need not be repeated.
  return 'a value in clear text'
}

function referenceText(reference: Reference | undefined): string {
  const name = reference?.name
  if (!name) return reference?.id ?? 'unknown'
  const { database, schema } = name
  return database !== undefined && schema !== undefined
    ? qualified({ database, schema, name: name.name })
    : name.name
}

function valueText(value: Value): string {
  switch (value.is) {
    case 'string':
    case 'number':
    case 'word':
    case 'interval':
      return value.value
    case 'boolean':
      return String(value.value)
    case 'list':
    case 'repeated':
      return value.values.map(valueText).join(', ')
    case 'map':
      return value.entries.map(([key, one]) => `${key}=${valueText(one)}`).join(', ')
    case 'expression':
      return value.text
    case 'secret':
    case 'reference':
      return referenceText(value.reference)
    case 'broker':
      return value.address
    case 'none':
      return 'given'
  }
}

interface Definitions {
  connection: ConnectionDefinition
  source: SourceDefinition
  sink: SinkDefinition
  'materialized-view': ViewDefinition
}

function definitionOf<Kind extends keyof Definitions>(
  found: ObservedObject,
  kind: Kind,
): Definitions[Kind] | undefined {
  return found.definition?.is === kind ? (found.definition as Definitions[Kind]) : undefined
}
