import type { SaslMechanism } from './model-connection.ts'

export const GRANTS_WORDS = ['none', 'check', 'ensure'] as const
type GrantsWord = (typeof GRANTS_WORDS)[number]

/** An administrator’s login at Kafka. Only this runner uses it; Materialize never gets it. */
export interface KafkaAdmin {
  username: string
  password: string
  /** Undefined: the connection’s. */
  mechanism?: SaslMechanism
}

export interface GrantsInputs {
  what: GrantsWord
  admin?: KafkaAdmin
}
