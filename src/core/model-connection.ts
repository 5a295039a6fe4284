import type { Keeping, QualifiedName } from './model-object.ts'

export const SECURITY_PROTOCOLS = ['SASL_SSL', 'SSL', 'SASL_PLAINTEXT', 'PLAINTEXT'] as const
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number]

export const SASL_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const
export type SaslMechanism = (typeof SASL_MECHANISMS)[number]

/** How to reach Kafka: for the runner's own look, and for the connection made in Materialize. */
export interface KafkaSettings {
  /** host:port each. Empty when an existing connection serves and the runner cannot see Kafka. */
  brokers: string[]
  protocol: SecurityProtocol
  sasl?: { mechanism: SaslMechanism; username: string; password: string }
  /** PEM text of the certificate authority, if it is not a public one. */
  ca?: string
}

export interface SecretSpec {
  name: QualifiedName
  value: string
}

export interface ConnectionSpec extends Keeping {
  name: QualifiedName
  kafka: KafkaSettings
  secrets: { username?: SecretSpec; password?: SecretSpec; ca?: SecretSpec }
}
