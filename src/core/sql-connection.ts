import { credentials } from './connection-secrets.ts'
import type {
  ConnectionSpec,
  Credential,
  KafkaConnection,
  RegistryConnection,
  Route,
  SecretSpec,
} from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import { literal, qualified, secretLiteral, statement, type Statement } from './sql.ts'

function withSecret(verb: string, secret: SecretSpec): Statement {
  const head = `${verb} SECRET ${qualified(secret.name)} AS `
  return { text: head + secretLiteral(secret.value), shown: `${head}'********'` }
}

export function createSecret(secret: SecretSpec): Statement {
  return withSecret('CREATE', secret)
}

export function alterSecret(secret: SecretSpec): Statement {
  return withSecret('ALTER', secret)
}

/** An option that a connection takes, and its value in SQL. */
type Option = [name: string, value: string]

export const CREDENTIAL_OPTIONS = {
  kafka: {
    username: 'SASL USERNAME',
    password: 'SASL PASSWORD',
    ca: 'SSL CERTIFICATE AUTHORITY',
    certificate: 'SSL CERTIFICATE',
    key: 'SSL KEY',
  },
  registry: {
    username: 'USERNAME',
    password: 'PASSWORD',
    ca: 'SSL CERTIFICATE AUTHORITY',
    certificate: 'SSL CERTIFICATE',
    key: 'SSL KEY',
  },
} as const satisfies Record<string, Record<Credential, string>>

/** What Materialize is told of a connection, option by option. */
export function connectionOptions(spec: ConnectionSpec): Option[] {
  const { kafka, registry } = spec
  if (kafka) return kafkaOptions(spec, kafka)
  return registry ? registryOptions(spec, registry) : []
}

/** An option as it stands in CREATE and in SET. */
export function optionText([name, value]: Option): string {
  // As Materialize’s own documents write them.
  const isBare = ['BROKER', 'BROKERS', 'AWS PRIVATELINK', 'SSH TUNNEL'].includes(name)
  return isBare ? `${name} ${value}` : `${name} = ${value}`
}

export function createConnection(spec: ConnectionSpec): Statement {
  const type = spec.registry ? 'CONFLUENT SCHEMA REGISTRY' : 'KAFKA'
  const options = connectionOptions(spec).map(optionText).join(', ')
  // Checking would hold up everybody else’s DDL; it is done by VALIDATE CONNECTION afterwards.
  return statement(
    `CREATE CONNECTION ${qualified(spec.name)} TO ${type} (${options}) WITH (VALIDATE = false)`,
  )
}

function kafkaOptions(spec: ConnectionSpec, kafka: KafkaConnection): Option[] {
  const { sasl, progressTopic, progressTopicReplicationFactor: factor } = kafka
  const credential = credentialOptions(spec, kafka)
  return [
    ...brokerOptions(kafka),
    ...routeOptions(kafka.route),
    ['SECURITY PROTOCOL', literal(kafka.protocol)],
    ...some('SASL MECHANISMS', sasl && literal(sasl.mechanism)),
    ...credential('username'),
    ...credential('password'),
    ...credential('ca'),
    ...credential('certificate'),
    ...credential('key'),
    ...some('AWS CONNECTION', kafka.aws && qualified(kafka.aws)),
    ...some('PROGRESS TOPIC', progressTopic === undefined ? undefined : literal(progressTopic)),
    ...some('PROGRESS TOPIC REPLICATION FACTOR', factor === undefined ? undefined : String(factor)),
  ]
}

function registryOptions(spec: ConnectionSpec, registry: RegistryConnection): Option[] {
  const credential = credentialOptions(spec, registry)
  return [
    ['URL', literal(registry.url)],
    ...credential('username'),
    ...credential('password'),
    ...credential('ca'),
    ...credential('certificate'),
    ...credential('key'),
    ...routeOptions(registry.route),
  ]
}

function some(name: string, value: string | undefined): Option[] {
  return value === undefined ? [] : [[name, value]]
}

/** By secret, or as text where that was asked for. */
function credentialOptions(
  { secrets }: ConnectionSpec,
  of: KafkaConnection | RegistryConnection,
): (what: Credential) => Option[] {
  const names = 'url' in of ? CREDENTIAL_OPTIONS.registry : CREDENTIAL_OPTIONS.kafka
  const values = credentials(of)
  return (what) => {
    const secret = secrets[what]
    if (secret) return [[names[what], `SECRET ${qualified(secret.name)}`]]
    const value = values[what]
    return some(names[what], value === undefined ? undefined : literal(value))
  }
}

function brokerOptions({ brokers, routes, matching }: KafkaConnection): Option[] {
  const all = [
    ...brokers.map((broker) => literal(broker) + routeText(routes?.[broker])),
    ...(matching ?? []).map(
      ({ pattern, route }) => `MATCHING ${literal(pattern)}${routeText(route)}`,
    ),
  ]
  const [first, ...others] = all
  if (first === undefined) return []
  // BROKER takes no pattern.
  return others.length === 0 && brokers.length === 1
    ? [['BROKER', first]]
    : [['BROKERS', `(${all.join(', ')})`]]
}

function routeText(route: Route | undefined): string {
  if (!route) return ''
  const through = route.through === 'ssh-tunnel' ? 'SSH TUNNEL' : 'AWS PRIVATELINK'
  return ` USING ${through} ${qualified(route.connection)}${linkOptions(route)}`
}

function linkOptions(route: Route): string {
  if (route.through === 'ssh-tunnel') return ''
  const { availabilityZone: zone, port } = route
  const options = [
    ...(zone === undefined ? [] : [`AVAILABILITY ZONE ${literal(zone)}`]),
    ...(port === undefined ? [] : [`PORT ${String(port)}`]),
  ]
  return options.length === 0 ? '' : ` (${options.join(', ')})`
}

function routeOptions(route: Route | undefined): Option[] {
  if (!route) return []
  const name = route.through === 'ssh-tunnel' ? 'SSH TUNNEL' : 'AWS PRIVATELINK'
  return [[name, qualified(route.connection) + linkOptions(route)]]
}

/** Asks Materialize to use the connection as it is now; changes nothing. */
export function validateConnection(name: QualifiedName): Statement {
  return statement(`VALIDATE CONNECTION ${qualified(name)}`)
}

/** @param clauses each as `SET (OPTION = value)` or `DROP (OPTION)`; all take effect together. */
export function alterConnection(name: QualifiedName, clauses: string[]): Statement {
  // As with CREATE.
  return statement(
    `ALTER CONNECTION ${qualified(name)} ${clauses.join(', ')} WITH (VALIDATE = false)`,
  )
}
