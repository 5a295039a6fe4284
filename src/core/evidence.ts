import type { PartitionOffset } from './model.ts'
import { stallReason } from './stall-words.ts'
import type { Evidence, Finding, Lag, Moment, Thresholds } from './verdicts.ts'

/** What can be told from the moments at which a source or sink was seen, whichever it is. */
export class Watch {
  readonly first: Moment
  readonly last: Moment
  /** Milliseconds between both. */
  readonly ms: number
  readonly lag: Lag
  /** Whether it has been complete up to any moment at all. */
  readonly isComplete: boolean
  /** Whether it became complete up to a later moment while it was watched. */
  readonly goesOn: boolean
  readonly #evidence: Evidence

  /** @param evidence with one moment at least. */
  constructor(evidence: Evidence, moments: { first: Moment; last: Moment }) {
    this.#evidence = evidence
    this.first = moments.first
    this.last = moments.last
    this.ms = this.last.atMs - this.first.atMs
    this.lag = lagOf(this.last)
    this.isComplete = (this.last.frontier ?? 0n) > 0n
    this.goesOn = this.isComplete && (this.last.frontier ?? 0n) > (this.first.frontier ?? 0n)
  }

  found(verdict: Finding['verdict'], because: string, more: Partial<Finding> = {}): Finding {
    return { verdict, because, lag: this.lag, settled: true, ...more }
  }

  /** Without a replica nothing runs, whatever else is seen. */
  paused(): Finding | undefined {
    const { cluster } = this.#evidence
    if (cluster?.replicas === 0) {
      return this.found('paused', `its cluster ${cluster.name} has no replica`, {
        reason: 'cluster-without-replicas',
      })
    }
    if (this.last.status !== 'paused') return undefined
    const words = this.last.hints.join(' ').replace(/\.$/, '') || 'no replica runs it'
    return this.found('paused', words, { reason: 'cluster-without-replicas' })
  }

  /**
   * A stall that lasts, or comes again and again between looks that find it running. Going on outweighs
   * it: then it is over.
   */
  stalled(kind: 'source' | 'sink'): Finding | undefined {
    const { lastStall, stalls } = this.#evidence
    if (this.goesOn) return undefined
    const isNow = this.last.status === 'stalled'
    const isAgain = lastStall !== undefined && lastStall.agoMs < 60_000 && stalls > 1
    if (!isNow && !isAgain) return undefined
    const words = this.last.error ?? lastStall?.error
    return this.found(
      'broken',
      `Materialize says: ${words ?? 'stalled, without a reason'}`.replace(/\.$/, ''),
      {
        reason: stallReason(kind, words),
        // Sinks start anew every few seconds, and say so in between.
        settled: this.ms >= (isNow ? 1_500 : 3_000),
      },
    )
  }

  tooFar({ maxLagMessages, maxLagMs }: Thresholds): Finding | undefined {
    const { offsets, ms } = this.lag
    if (maxLagMessages !== undefined && offsets !== undefined && offsets > BigInt(maxLagMessages)) {
      return this.found('lagging', `${offsetsText(offsets)} behind Kafka`, {
        reason: 'lag-too-large',
      })
    }
    if (maxLagMs !== undefined && ms !== undefined && ms > maxLagMs) {
      return this.found('lagging', `${secondsText(ms)} behind the server’s clock`, {
        reason: 'lag-too-large',
      })
    }
    return undefined
  }

  tooSilent({ maxSilenceMs }: Thresholds): Finding | undefined {
    const { silenceMs } = this.#evidence
    if (maxSilenceMs === undefined || silenceMs === undefined || silenceMs <= maxSilenceMs) {
      return undefined
    }
    return this.found('idle', `the newest record is ${secondsText(silenceMs)} old`, {
      reason: 'silent-too-long',
    })
  }

  lagText(): string {
    const { offsets, ms } = this.lag
    const parts = [
      ...(offsets === undefined
        ? []
        : [offsets === 0n ? 'level with Kafka' : `${offsetsText(offsets)} behind Kafka`]),
      ...(ms === undefined ? [] : [`complete up to ${secondsText(ms)} ago`]),
    ]
    return parts.join(', ')
  }
}

/** @returns undefined if nothing was seen. */
export function watch(evidence: Evidence): Watch | undefined {
  const first = evidence.moments[0]
  const last = evidence.moments.at(-1)
  return first && last ? new Watch(evidence, { first, last }) : undefined
}

function lagOf({ progress, watermarks, frontier, now }: Moment): Lag {
  const lag: Lag = {}
  if (progress && watermarks) lag.offsets = behind(watermarks, progress)
  if (frontier !== undefined && frontier > 0n) lag.ms = Math.max(0, Number(now - frontier))
  return lag
}

/** Offsets between what was read and the watermarks, over all partitions. */
export function behind(watermarks: PartitionOffset[], progress: PartitionOffset[]): bigint {
  const next = new Map(progress.map(({ partition, offset }) => [partition, offset]))
  let sum = 0n
  for (const { partition, offset } of watermarks) {
    const gap = offset - (next.get(partition) ?? 0n)
    if (gap > 0n) sum += gap
  }
  return sum
}

/** Whether any partition went on. */
export function wentOn(
  before: PartitionOffset[] | undefined,
  after: PartitionOffset[] | undefined,
): boolean {
  if (!before || !after) return false
  const past = new Map(before.map(({ partition, offset }) => [partition, offset]))
  return after.some(({ partition, offset }) => offset > (past.get(partition) ?? 0n))
}

export function offsetsText(offsets: bigint): string {
  return `${String(offsets)} offset${offsets === 1n ? '' : 's'}`
}

export function secondsText(ms: number): string {
  const seconds = ms / 1000
  return `${seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds))} s`
}
