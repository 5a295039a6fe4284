import type { QualifiedName } from './model-object.ts'

export const CANARY_WAYS = ['none', 'isolated', 'inline'] as const
export type CanaryWay = Exclude<(typeof CANARY_WAYS)[number], 'none'>

/** What the inputs say of canaries; those of a spec’s keys stand in the spec. */
export interface CanaryAsked {
  /** For everything in the spec; absent: only what the spec’s keys ask for. */
  way?: CanaryWay
  count: number
  maxLatencyMs?: number
}

/** A record to be written, as the input says it. */
export interface GivenRecord {
  topic?: string
  partition?: number
  key: Uint8Array | null
  /** Null: a tombstone. */
  value: Uint8Array | null
  headers: [string, Uint8Array | null][]
}

export interface ProduceAsked {
  records: GivenRecord[]
  /** Of records that name none; absent: the first source’s. */
  topic?: string
}

/** Where a record is to go. */
export interface TopicPlace {
  connection: QualifiedName
  topic: string
}
