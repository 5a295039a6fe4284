import type { Reason } from './failure.ts'
import type { PartitionOffset } from './model.ts'

/**
 * What a health check says of an object, each with what it means, and with what it makes of the run’s
 * status. docs/verdicts.md is generated from this table.
 */
export const VERDICTS = {
  flowing: {
    status: 'healthy',
    meaning: 'Records come in, or go out, and it keeps up with them.',
  },
  idle: {
    status: 'healthy',
    meaning: 'It has caught up, and nothing new came while it was watched.',
  },
  snapshotting: {
    status: 'healthy',
    meaning: 'It reads, or waits for, what was there before it; rows cannot be read yet.',
  },
  lagging: {
    status: 'degraded',
    meaning: 'It moves, and is further behind than max-lag-messages or max-lag-seconds allow.',
  },
  drifted: {
    status: 'drifted',
    meaning: 'It works, and is not as the spec says.',
  },
  unknown: {
    status: 'degraded',
    meaning: 'Too little could be seen of it; the reason says what, and which right is missing.',
  },
  paused: { status: 'failed', meaning: 'No replica runs its cluster.' },
  stuck: {
    status: 'failed',
    meaning: 'It says that it runs, and stands still although there is something to do.',
  },
  broken: { status: 'failed', meaning: 'It does not work; the reason says why.' },
  missing: { status: 'failed', meaning: 'There is no such object.' },
} as const satisfies Record<string, { status: Severity; meaning: string }>

/** From well to worst. */
export const SEVERITIES = ['healthy', 'drifted', 'degraded', 'failed'] as const
export type Severity = (typeof SEVERITIES)[number]
export type VerdictWord = keyof typeof VERDICTS

/** From which severity on a run fails: `drift` takes in all that `degraded` does. */
export const FAIL_ON = ['failed', 'degraded', 'drift', 'never'] as const
export type FailOn = (typeof FAIL_ON)[number]

export function failsOn(severity: Severity, failOn: FailOn): boolean {
  const from: Record<FailOn, Severity[]> = {
    failed: ['failed'],
    degraded: ['failed', 'degraded'],
    drift: ['failed', 'degraded', 'drifted'],
    never: [],
  }
  return from[failOn].includes(severity)
}

/** How far behind an object is. Offsets are no count of records: markers and compaction leave gaps. */
export interface Lag {
  /** Offsets between what was read and Kafka’s watermarks, over all partitions. */
  offsets?: bigint
  /** The offsets are Materialize’s statistics, up to a minute old. */
  isOld?: true
  /** Milliseconds between the server’s clock and what is complete. */
  ms?: number
}

export interface Finding {
  verdict: VerdictWord
  reason?: Reason
  /** In one sentence without a full stop, from what it follows. */
  because: string
  hint?: string
  lag: Lag
  /** Whether looking longer could not change it. */
  settled: boolean
}

/** What the user takes for well. */
export interface Thresholds {
  maxLagMessages?: number
  maxLagMs?: number
  /** Longer than this without a new record is no longer well. */
  maxSilenceMs?: number
}

/** What was seen of a source or sink at one moment. */
export interface Moment {
  /** The runner’s clock, milliseconds. */
  atMs: number
  /** The server’s clock, mz_now(), milliseconds since the epoch. */
  now: bigint
  /** Materialize’s own word. */
  status: string
  error?: string
  hints: string[]
  /** Milliseconds since the epoch up to which it is complete; undefined: nothing is yet. */
  frontier?: bigint
  /** It has ended, and nothing comes any more. */
  hasEnded?: true
  /** Of a source: the next offsets it will read. */
  progress?: PartitionOffset[]
  /** Of the topic, read by the runner before the progress was: 0 for a partition without records. */
  watermarks?: PartitionOffset[]
  /** The same, of partitions that retention has emptied as well. */
  ends?: PartitionOffset[]
  /** Materialize’s figures of a source, up to a minute old. */
  statistics?: Statistics
  /** Up to when the views are complete that a sink is made from, by their ids. */
  views?: ReadonlyMap<string, bigint>
}

/** A source’s own figures. */
export interface Statistics {
  snapshotCommitted: boolean
  /** Kafka’s watermarks as the source last heard of them, and how far it has come, each summed up. */
  offsetKnown?: bigint
  offsetCommitted?: bigint
}

/** What was seen of a source or sink, at two moments at least before it is settled. */
export interface Evidence {
  /** The object’s name as people write it. */
  label: string
  cluster?: { name: string; replicas: number }
  /** The materialized views that a sink is made from. */
  views?: { id: string; label: string; replicas?: number }[]
  moments: Moment[]
  /** Of a source: the offsets at which it was told to begin, by partition. */
  start?: bigint[]
  /** Of a source: its progress at the look before the last, so before the last watermarks. */
  readBefore?: PartitionOffset[]
  /** Stalls in the two minutes before and during the run, by the replica that stalled most. */
  stalls: number
  /** The newest of them: milliseconds before the newest moment, and Materialize’s words. */
  lastStall?: { agoMs: number; error?: string }
  /** Materialize’s words for them, and for its newest status, each once. */
  words: string[]
  /** Of a source: what an attempt to read one row came to. */
  reading?: 'rows' | 'empty' | 'undecodable' | 'ended' | 'unseen'
  /**
   * Whether records lie between its progress and Kafka’s watermarks, where it stood still there: in a
   * topic that is written in transactions, the last offset may be that of a marker.
   */
  unread?: boolean
  /** What of the topic’s newest records does not fit the source’s format, where it was looked for. */
  undecodable?: Undecodable
  /** Milliseconds since the newest record, where it was looked for. */
  silenceMs?: number
  /** Why something could not be seen, each as a sentence. */
  blind: string[]
  /** Statements that would give the rights that were missing. */
  grants: string[]
}

/** Records that do not fit a format. Their text is not kept. */
export interface Undecodable {
  /** How many records were looked at. */
  looked: number
  count: number
  /** Where the first few of them are. */
  first: { partition: number; offset: string }[]
}

/** The newest stall counts for as long, milliseconds. */
export const FRESH_MS = 60_000
/** How long something must stand still before that means anything, milliseconds. */
export const STILL_MS = 6_000
/** How far a frontier may be behind the server’s clock and still follow it, milliseconds. */
export const FOLLOWS_MS = 10_000
