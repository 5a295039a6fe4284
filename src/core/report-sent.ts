import type { Reason } from './failure.ts'
import type { CanaryWay } from './model-canary.ts'

/** What was written to one partition of a topic by `produce`. Offsets are decimal text. */
export interface ProducedReport {
  topic: string
  partition: number
  records: number
  first: string
  last: string
}

/** What an environment’s own topic was given of another one. */
export interface CopiedReport {
  topic: string
  /** The topic whose first records they are. */
  from: string
  records: number
}

/** A record that a canary wrote. */
export interface CanaryRecord {
  topic: string
  partition: number
  /** Decimal text. */
  offset: string
  /** Written to take the one before it away. */
  tombstone?: true
}

/**
 * How long one record took, each time counted in milliseconds from its sending on. A leg that it did
 * not get through is absent.
 */
export interface CanaryTimes {
  acknowledged?: number
  ingested?: number
  sunk?: number
  /** Only of a record that got through all legs. */
  total?: number
}

/** Milliseconds. */
export interface Spread {
  min: number
  median: number
  p90: number
  max: number
}

export interface CanaryReport {
  way: CanaryWay
  /** Begins every record’s text. */
  id: string
  connection: string
  /** The source, or the table made from it. */
  relation: string
  sink?: string
  /** How many records were to be sent. */
  asked: number
  held: boolean
  /** Why it held or not. */
  because: string
  reason?: Reason
  /** How long it took until the first record of an isolated canary came through; it is not counted. */
  setUpMs?: number
  times: CanaryTimes[]
  spread: Partial<Record<keyof CanaryTimes, Spread>>
  /** What was written to topics that stay. */
  written: CanaryRecord[]
  /** What could not be removed. */
  left: string[]
}

/** Of measured times; undefined of none. The median and the 90th are times that were measured. */
export function spreadOf(times: readonly number[]): Spread | undefined {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  if (sorted.length === 0) return undefined
  return { min: at(0), median: at(0.5), p90: at(0.9), max: at(1) }
}

const LEGS = ['acknowledged', 'ingested', 'sunk', 'total'] as const

export function spreadsOf(times: readonly CanaryTimes[]): CanaryReport['spread'] {
  const spreads: CanaryReport['spread'] = {}
  for (const leg of LEGS) {
    const spread = spreadOf(times.flatMap((one) => one[leg] ?? []))
    if (spread) spreads[leg] = spread
  }
  return spreads
}

export function redactProduced(
  of: ProducedReport[],
  redact: (text: string) => string,
): ProducedReport[] {
  return of.map((one) => ({ ...one, topic: redact(one.topic) }))
}

export function redactCopied(of: CopiedReport[], redact: (text: string) => string): CopiedReport[] {
  return of.map((one) => ({ ...one, topic: redact(one.topic), from: redact(one.from) }))
}

export function redactCanaries(
  of: CanaryReport[],
  redact: (text: string) => string,
): CanaryReport[] {
  return of.map((one) => ({
    ...one,
    connection: redact(one.connection),
    relation: redact(one.relation),
    ...(one.sink === undefined ? {} : { sink: redact(one.sink) }),
    because: redact(one.because),
    written: one.written.map((record) => ({ ...record, topic: redact(record.topic) })),
    left: one.left.map(redact),
  }))
}
