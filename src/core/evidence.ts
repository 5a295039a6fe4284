import type { PartitionOffset } from './model.ts'
import { isForGood, stallReason } from './stall-words.ts'
import {
  type Evidence,
  type Finding,
  FOLLOWS_MS,
  FRESH_MS,
  type Lag,
  type Moment,
  STILL_MS,
  type Thresholds,
} from './verdicts.ts'

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
    if (evidence.unread === false && !wentOn(this.first.progress, this.last.progress)) {
      this.lag.offsets = 0n
    }
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
    // A replica that was added a moment ago takes some seconds to begin.
    const settled = this.ms >= (cluster ? STILL_MS : 0)
    return this.found('paused', words, { reason: 'cluster-without-replicas', settled })
  }

  /** Whether the run could see it work through to the last look, so that a stall of before is over. */
  get followsClock(): boolean {
    return this.goesOn && (this.lag.ms ?? Number.POSITIVE_INFINITY) < FOLLOWS_MS
  }

  /**
   * A stall that lasts, or comes again and again between looks that find it running.
   * @param isOver whether what was seen outweighs one that does not last.
   */
  stalled(kind: 'source' | 'sink', isOver: boolean): Finding | undefined {
    const { lastStall, stalls } = this.#evidence
    const isNow = this.last.status === 'stalled'
    const words = (isNow ? this.last.error : undefined) ?? lastStall?.error ?? this.last.error
    const broken = (settled: boolean): Finding => ({
      ...this.found('broken', `Materialize says: ${words ?? 'stalled, without a reason'}`, {
        reason: stallReason(kind, words),
        settled,
      }),
    })
    if (this.last.hasEnded || (isNow && isForGood(words))) return broken(true)
    if (isOver) return undefined
    if (isNow) return broken(this.ms >= 1_500)
    const isAgain = lastStall !== undefined && lastStall.agoMs < FRESH_MS && stalls > 1
    if (this.halfWell()) return undefined
    // Sinks start anew every few seconds, and say so in between.
    return isAgain ? broken(this.ms >= 3_000) : undefined
  }

  /** A single stall of a moment ago may be the first of many, or over. */
  get isInDoubt(): boolean {
    const { lastStall } = this.#evidence
    return lastStall !== undefined && lastStall.agoMs < STILL_MS && this.ms < STILL_MS
  }

  /** Of several replicas one works, and what Materialize shows is that one. */
  halfWell(): { reason: 'replica-stalled'; because: string } | undefined {
    const { cluster, lastStall, stalls } = this.#evidence
    const works = this.last.status !== 'stalled' && this.followsClock
    if (!works || (cluster?.replicas ?? 0) < 2 || stalls < 2) return undefined
    if (lastStall === undefined || lastStall.agoMs > FRESH_MS) return undefined
    const words = lastStall.error ?? 'it gives no reason'
    return { reason: 'replica-stalled', because: `one of its replicas stalls: ${words}` }
  }

  tooFar({ maxLagMessages, maxLagMs }: Thresholds): Finding | undefined {
    const { offsets, ms } = this.lag
    const because = this.lagText()
    if (maxLagMessages !== undefined && offsets !== undefined && offsets > BigInt(maxLagMessages)) {
      return this.found('lagging', because, { reason: 'lag-too-large' })
    }
    if (maxLagMs !== undefined && ms !== undefined && ms > maxLagMs) {
      return this.found('lagging', because, { reason: 'lag-too-large' })
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
    const { offsets, ms, isOld } = this.lag
    const kafka = offsets === 0n ? 'level with Kafka' : `${offsetsText(offsets ?? 0n)} behind Kafka`
    const parts = [
      ...(offsets === undefined
        ? []
        : [isOld ? `${kafka} by statistics up to a minute old` : kafka]),
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

function lagOf({ progress, watermarks, frontier, now, statistics }: Moment): Lag {
  const lag: Lag = {}
  if (progress && watermarks) lag.offsets = behind(watermarks, progress)
  else if (statistics?.offsetKnown !== undefined && statistics.offsetCommitted !== undefined) {
    const gap = statistics.offsetKnown - statistics.offsetCommitted
    lag.offsets = gap > 0n ? gap : 0n
    lag.isOld = true
  }
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
