import type { SinkFormat } from './model-format.ts'
import type { Keeping, QualifiedName } from './model-object.ts'

export const SINK_ENVELOPES = ['debezium', 'upsert'] as const
export type SinkEnvelope = (typeof SINK_ENVELOPES)[number]

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** Materialize has no grants on sinks. What is absent is left to Materialize. */
export interface SinkSpec extends Keeping {
  name: QualifiedName
  from: QualifiedName
  connection: QualifiedName
  topic: string
  /** Of the value. */
  format: SinkFormat
  /** With it, key and value have formats of their own. */
  keyFormat?: SinkFormat
  envelope: SinkEnvelope
  /** Columns; empty without a key. */
  key: string[]
  /** Materialize need not be able to prove that the key is unique. */
  keyNotEnforced?: boolean
  /** A column of maps that become the messages’ headers. */
  headers?: string
  /** An expression over the relation’s columns. */
  partitionBy?: string
  topicPartitions?: number
  topicReplicationFactor?: number
  topicConfig?: Record<string, string>
  compression?: Compression
  transactionalIdPrefix?: string
  progressGroupIdPrefix?: string
  /** Milliseconds: how often it looks for new partitions. */
  metadataRefreshInterval?: number
  /** false: rows that are there already are not written. */
  snapshot?: boolean
  cluster?: string
}
