import type { CanaryWay } from './model-canary.ts'
import type { SourceFormat } from './model-format.ts'
import type { Keeping, QualifiedName } from './model-object.ts'

/** Most records that an environment may copy of a topic. */
export const MOST_COPIED = 10_000

export const SOURCE_ENVELOPES = ['none', 'upsert', 'debezium'] as const
export type SourceEnvelope = (typeof SOURCE_ENVELOPES)[number]

/** Those that need no Avro. */
export const PLAIN_ENVELOPES = ['none', 'upsert'] as const

/** What else of a record may become a column. */
export const INCLUDES = ['key', 'partition', 'offset', 'timestamp', 'headers'] as const
export type IncludeKind = (typeof INCLUDES)[number]

export type Include =
  /** `as`: the column’s name; absent: Materialize’s own. */
  | { kind: IncludeKind; as?: string }
  | { kind: 'header'; header: string; as: string; bytes: boolean }

/** How a topic’s records become rows. */
export interface Decoding {
  /** Of the value. */
  format: SourceFormat
  /** With it, key and value have formats of their own. */
  keyFormat?: SourceFormat
  include?: Include[]
  /** Absent: none. */
  envelope?: SourceEnvelope
  /** Of upsert: values that cannot be read become rows with this column set, by default `error`. */
  inlineErrors?: { as?: string }
  /** Names of the columns, from the first on. */
  columns?: string[]
}

/** Where a source begins to read; absent: each partition’s first record. */
export interface Start {
  /** By partition; those beyond the list begin at 0. */
  startOffsets?: number[]
  /** Milliseconds since the epoch; negative: that long before the source is made. */
  startTimestamp?: number
}

/** Times are in milliseconds. Without a format its rows are in tables made from it. */
export interface SourceSpec extends Keeping, Partial<Decoding>, Start {
  name: QualifiedName
  connection: QualifiedName
  topic: string
  /** Undefined: the role's default cluster. */
  cluster?: string
  groupIdPrefix?: string
  /** How often it looks for new partitions. */
  metadataRefreshInterval?: number
  /** Of its progress relation; absent: Materialize’s own, `<source>_progress`. */
  progress?: QualifiedName
  retainHistory?: number
  timestampInterval?: number
  /** In an environment it reads a topic of its own with so many of its topic’s first records. */
  copyFirst?: number
  /** How a record is sent through it, if one is. */
  canary?: CanaryWay
}

/** A table of the rows of a source that has none of its own. */
export interface TableSpec extends Keeping, Decoding {
  name: QualifiedName
  source: QualifiedName
  /** The source’s topic, by which Materialize knows what the table holds. */
  topic: string
  retainHistory?: number
}
