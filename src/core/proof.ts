import { Failure } from './failure.ts'
import type { PartitionOffset } from './model.ts'
import { stallReason } from './stall-words.ts'

/**
 * Whether a source or a sink is shown to work. Materialize’s status `running` is no proof: a sink
 * that may not write is reported starting, running and only then stalled, again and again.
 */
export type Verdict =
  | { state: 'proven'; because: string }
  | { state: 'waiting'; why: string }
  | { state: 'broken'; failure: Failure }

/** What can be seen of an object’s health at one moment. */
export interface Health {
  /** The object’s name as people write it, for sentences. */
  label: string
  /** Newest status: created, starting, running, stalled, paused … */
  status: string
  /** Materialize’s words for a stall, and its hints. */
  error?: string
  hints: string[]
  /** How often it stalled since the run began, by the replica that stalled most. */
  stalls: number
  /** The same over the last minutes before the run as well. */
  recentStalls: number
  /** Whether the newest status is of this run. */
  statusIsNew: boolean
  /** Milliseconds this run has been looking at the object. */
  watchedMs: number
}

export interface SourceSight extends Health {
  /** Next offsets by partition; undefined where they may not be read, with the reason in `blind`. */
  progress?: PartitionOffset[]
  blind?: string
}

export interface SourceExpectation {
  /** High watermarks that the runner saw before the wait; undefined where it cannot see Kafka. */
  watermarks?: PartitionOffset[]
  /** The first progress seen in this run. */
  firstProgress?: PartitionOffset[]
  /** Whether a row could be read. */
  rowsSeen: boolean
}

export function sourceVerdict(expected: SourceExpectation, sight: SourceSight): Verdict {
  const stalled = stall('source', sight)
  const { watermarks } = expected
  if (watermarks && sight.progress) {
    const behind = watermarks.filter(
      (mark) => (offsetOf(sight.progress, mark.partition) ?? 0n) < mark.offset,
    )
    if (behind.length === 0) {
      if (watermarks.some((mark) => mark.offset > 0n)) {
        // Having read everything outweighs stalls of before; a stall of now does not heal by it.
        if (stalled && ['stalled', 'paused'].includes(sight.status)) return stalled
        return { state: 'proven', because: 'it has read up to Kafka’s watermarks' }
      }
      // An empty topic shows nothing but that Materialize holds its partitions and says running,
      // which it says for a while of a source that may not read, too.
      if (sight.status === 'running' && sight.recentStalls === 0) {
        return { state: 'proven', because: 'it runs, and there is nothing to read yet' }
      }
      return (
        stalled ?? {
          state: 'waiting',
          why: `status ${sight.status}, and there is nothing to read yet`,
        }
      )
    }
    return stalled ?? { state: 'waiting', why: behindText(behind, sight.progress) }
  }
  if (stalled) return stalled
  if (expected.rowsSeen) return { state: 'proven', because: 'rows can be read from it' }
  if (advanced(expected.firstProgress, sight.progress)) {
    return { state: 'proven', because: 'its progress went on while this run looked' }
  }
  return {
    state: 'waiting',
    why: sight.blind ?? 'the runner cannot see Kafka’s watermarks, and no record has come yet',
  }
}

export interface SinkSight extends Health {
  /** Milliseconds since the epoch up to which the sink has written everything. */
  writeFrontier?: bigint
}

/**
 * @param after mz_now(), milliseconds since the epoch, noted after the run’s last change and once its
 * sources had read everything; undefined until then.
 */
export function sinkVerdict(after: bigint | undefined, sight: SinkSight): Verdict {
  if (after !== undefined && sight.writeFrontier !== undefined && sight.writeFrontier > after) {
    return { state: 'proven', because: 'it has written everything up to this run’s last change' }
  }
  return (
    stall('sink', sight) ?? {
      state: 'waiting',
      why: `status ${sight.status}, its write frontier has not passed the run’s last change`,
    }
  )
}

/**
 * A stall counts when it is the newest status or came again within the run. A sink’s status from
 * before the run may be on its way out, since sinks start anew every few seconds: it gets three.
 */
function stall(kind: 'source' | 'sink', health: Health): Verdict | undefined {
  if (health.status === 'paused') {
    return {
      state: 'broken',
      failure: new Failure({
        reason: 'cluster-without-replicas',
        message: `The ${kind} ${health.label} is paused: ${health.hints.join(' ') || 'no replica runs it'}.`,
      }),
    }
  }
  const newest = health.status === 'stalled'
  const counts =
    kind === 'source' ? newest : newest && (health.statusIsNew || health.watchedMs > 3_000)
  if (!counts && health.stalls < 2) return undefined
  const words = health.error ?? 'Materialize gives no reason'
  const reason = stallReason(kind, health.error)
  // Its own hints are better than the one for a stall of which nothing is known.
  const own = reason === 'source-stalled' || reason === 'sink-stalled' ? health.hints.join(' ') : ''
  return {
    state: 'broken',
    failure: new Failure({
      reason,
      message: `The ${kind} ${health.label} is stalled: ${words}.`,
      ...(own !== '' && { hint: own }),
    }),
  }
}

function offsetOf(offsets: PartitionOffset[] | undefined, partition: number): bigint | undefined {
  return offsets?.find((entry) => entry.partition === partition)?.offset
}

function advanced(
  first: PartitionOffset[] | undefined,
  now: PartitionOffset[] | undefined,
): boolean {
  if (!first || !now) return false
  return now.some((entry) => entry.offset > (offsetOf(first, entry.partition) ?? 0n))
}

function behindText(behind: PartitionOffset[], progress: PartitionOffset[]): string {
  const shown = behind.slice(0, 3).map((mark) => {
    const at = offsetOf(progress, mark.partition)
    return `partition ${String(mark.partition)} at ${at === undefined ? 'nothing yet' : String(at)} of ${String(mark.offset)}`
  })
  const more = behind.length > 3 ? ` and ${String(behind.length - 3)} more` : ''
  return shown.join(', ') + more
}

/**
 * The progress relation’s rows as offsets: `[3,3]` is partition 3; an open range such as `(3,)`
 * stands for the partitions not seen yet.
 */
export function readProgress(rows: { range: string; offset: string }[]): PartitionOffset[] {
  const offsets: PartitionOffset[] = []
  for (const row of rows) {
    const match = /^\[(\d+),(\d+)[\])]$/.exec(row.range)
    if (match) offsets.push({ partition: Number(match[1]), offset: BigInt(row.offset) })
  }
  return offsets
}
