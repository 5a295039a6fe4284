import type { Keeping, QualifiedName } from './model-object.ts'

export const SINK_FORMATS = ['json'] as const
export type SinkFormat = (typeof SINK_FORMATS)[number]

export const SINK_ENVELOPES = ['debezium', 'upsert'] as const
export type SinkEnvelope = (typeof SINK_ENVELOPES)[number]

/** Materialize has no grants on sinks. */
export interface SinkSpec extends Keeping {
  name: QualifiedName
  from: QualifiedName
  connection: QualifiedName
  topic: string
  format: SinkFormat
  envelope: SinkEnvelope
  /** Columns; empty without a key. */
  key: string[]
  cluster?: string
}
