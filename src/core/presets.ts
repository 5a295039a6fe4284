import type { SaslMechanism, SecurityProtocol } from './model-connection.ts'

/** What a provider’s clusters have in common. Any input that is given goes before it. */
export interface Preset {
  protocol: SecurityProtocol
  mechanism: SaslMechanism
  /** The port of a broker written without one. */
  port: number
  /** What the log should say to whoever chooses it. */
  note?: string
}

export const BUILT_IN: Preset = { protocol: 'SASL_SSL', mechanism: 'SCRAM-SHA-256', port: 9092 }

export const PRESETS = {
  upstash: {
    protocol: 'SASL_SSL',
    mechanism: 'SCRAM-SHA-256',
    port: 9092,
    note: 'Upstash closed its Kafka service on 11 March 2025. The preset still sets SASL_SSL, SCRAM-SHA-256 and port 9092, for whatever took its place.',
  },
} as const satisfies Record<string, Preset>

export type Provider = keyof typeof PRESETS

export const PROVIDERS = Object.keys(PRESETS) as Provider[]
