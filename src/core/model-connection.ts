import type { Keeping, QualifiedName } from './model-object.ts'
import type { Provider } from './presets.ts'

export const SECURITY_PROTOCOLS = ['SASL_SSL', 'SSL', 'SASL_PLAINTEXT', 'PLAINTEXT'] as const
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number]

export const SASL_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const
export type SaslMechanism = (typeof SASL_MECHANISMS)[number]

/** What TLS needs beside the public authorities, as PEM text. */
export interface TlsSettings {
  /** The certificate authority, if it is not a public one. */
  ca?: string
  /** The client’s own certificate and its key, for those who ask for one. */
  certificate?: string
  key?: string
}

/** How a client reaches Kafka. */
export interface KafkaSettings extends TlsSettings {
  /** host:port each. Empty where a private link stands in for them. */
  brokers: string[]
  protocol: SecurityProtocol
  sasl?: { mechanism: SaslMechanism; username: string; password: string }
}

/** The way that Materialize takes to what it does not reach directly: a connection of its own. */
export type Route =
  | { through: 'ssh-tunnel'; connection: QualifiedName }
  | {
      through: 'aws-privatelink'
      connection: QualifiedName
      availabilityZone?: string
      /** The port at the link, where it is another than the broker’s. */
      port?: number
    }

/** What a secret of a connection is for; its name ends so. */
export const CREDENTIALS = ['username', 'password', 'ca', 'certificate', 'key'] as const
export type Credential = (typeof CREDENTIALS)[number]

/** Those that Materialize takes as text, too. */
export type ClearCredential = Exclude<Credential, 'password' | 'key'>

interface Definable {
  /** What stands as text in the definition, where everybody reads it; the rest is kept as secrets. */
  clear?: ClearCredential[]
  /** The way for all that has none of its own. */
  route?: Route
}

/** A connection to Kafka, as Materialize is to make it. */
export interface KafkaConnection extends KafkaSettings, Definable {
  provider?: Provider
  /** Ways to single brokers, by their `host:port`. */
  routes?: Readonly<Record<string, Route>>
  /** Ways to brokers that Kafka itself names later, by a pattern of their addresses. */
  matching?: { pattern: string; route: Route }[]
  /** A connection to AWS, by whose role Materialize logs in. */
  aws?: QualifiedName
  progressTopic?: string
  progressTopicReplicationFactor?: number
}

/** A connection to a Confluent Schema Registry. */
export interface RegistryConnection extends TlsSettings, Definable {
  url: string
  username?: string
  password?: string
}

export interface SecretSpec {
  name: QualifiedName
  value: string
}

export interface ConnectionSpec extends Keeping {
  name: QualifiedName
  /** Without it and without `registry`, the connection exists already and is only named. */
  kafka?: KafkaConnection
  registry?: RegistryConnection
  /** Materialize is never to check whether it can be used. */
  validate?: false
  /** A record is sent through a source and sink made for it. */
  canary?: 'isolated'
  secrets: Partial<Record<Credential, SecretSpec>>
}

/** Whether the spec says what the connection is, and not only its name. */
export function isDefined(spec: Pick<ConnectionSpec, 'kafka' | 'registry'>): boolean {
  return spec.kafka !== undefined || spec.registry !== undefined
}

/** The connections that this one goes by: tunnels, links, AWS. */
export function connectionsUsed({ kafka, registry }: ConnectionSpec): (Route | AwsLogin)[] {
  const routes: (Route | undefined)[] = [
    registry?.route,
    kafka?.route,
    ...Object.values(kafka?.routes ?? {}),
    ...(kafka?.matching ?? []).map(({ route }) => route),
  ]
  return [
    ...routes.filter((route) => route !== undefined),
    ...(kafka?.aws ? [{ through: 'aws', connection: kafka.aws } as const] : []),
  ]
}

export interface AwsLogin {
  through: 'aws'
  connection: QualifiedName
}

/** Why the runner cannot look at this Kafka itself, if it cannot: only Materialize has the way. */
export function unseen(kafka: KafkaConnection): string | undefined {
  if (kafka.route?.through === 'aws-privatelink' || (kafka.matching ?? []).length > 0) {
    return 'aws-privatelink'
  }
  if (kafka.route) return kafka.route.through
  const [single] = Object.values(kafka.routes ?? {})
  return single?.through ?? (kafka.aws ? 'aws-connection' : undefined)
}
