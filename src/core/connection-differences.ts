import type { ConnectionDefinition, Value } from './definition-model.ts'
import { type Difference, differs } from './difference.ts'
import type { ConnectionSpec, SecretSpec } from './model-connection.ts'
import type { ObservedObject } from './observed.ts'
import { definitionOf, referenceText, unaskedOptions } from './shared-differences.ts'
import { literal, qualified } from './sql.ts'

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

const CONNECTION_OPTIONS = [
  'BROKER',
  'BROKERS',
  'SECURITY PROTOCOL',
  'SASL MECHANISMS',
  'SASL USERNAME',
  'SASL PASSWORD',
  'SSL CERTIFICATE AUTHORITY',
]

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
