import { Failure } from '../core/failure.ts'
import type { RawMessage, TailRequest, TopicTail } from '../ports.ts'
import type { Cluster, Metadata } from './kafka-cluster.ts'
import { answerFailure, textOf } from './kafka-faults.ts'
import { lastOf, newest, owned } from './kafka-newest.ts'
import { listOffsets } from './kafka-offsets.ts'
import { decodeFetched, readRecords, type FetchedPartition, type Range } from './kafka-records.ts'
import { pause, type Deadline } from './kafka-waiting.ts'

/** What one answer may bring, unless a single batch is larger. */
const FETCH_BYTES = 1024 * 1024
/** How long a broker waits for a record before it answers that there is none yet. */
const FETCH_WAIT_MS = 500
/** Partitions read side by side: each may hold an answer's bytes and what they unpack to. */
const SIDE_BY_SIDE = 4
/** How often a partition is asked again after an answer that time may better, and the pause. */
const TRIES = 10
const RETRY_MS = 200
/** Each further look back is this much longer than the last, up to a bound on what is read. */
const WIDEN = 8n
const LOOK_BACK_BYTES = 32 * 1024 * 1024

/** Answers that a newer view of the cluster, or a moment, betters. */
const STALE_VIEW = new Set([3, 5, 6, 9, 56, 74, 75])
const OFFSET_OUT_OF_RANGE = 1
const LEADER_NOT_AVAILABLE = 5

export interface TailOptions {
  cluster: Cluster
  deadline: Deadline
}

/** What a fetch needs; a newer view of the cluster is put in place. */
export interface Fetching extends TailOptions {
  topic: string
  metadata: Metadata
}

interface Reading extends Fetching {
  limit: number
  keep: (messages: RawMessage[]) => void
}

/**
 * The newest committed messages below the given watermarks. Reads each partition from shortly before
 * its watermark on, and looks further back where markers and aborted records took the place of
 * messages. Holds a few answers and the messages kept, however long the topic is. When time runs out
 * it gives what it has.
 */
export async function tailTopic(request: TailRequest, options: TailOptions): Promise<TopicTail> {
  const { topic, limit } = request
  const lows = new Map(request.lows.map(({ partition, offset }) => [partition, offset]))
  const ranges = request.upTo
    .map(({ partition, offset }) => ({ partition, from: lows.get(partition) ?? 0n, to: offset }))
    .filter(({ from, to }) => from < to)
  if (ranges.length === 0 || limit <= 0) return { messages: [], complete: true }

  let kept: RawMessage[] = []
  const keep = (messages: RawMessage[]): void => {
    kept = newest([...kept, ...messages], limit)
  }
  try {
    const metadata = await options.cluster.metadata([topic])
    await readAll({ ...options, topic, limit, metadata, keep }, ranges)
    return { messages: kept, complete: true }
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'deadline') throw error
    return { messages: kept, complete: false }
  }
}

/** Reads a few ranges at a time; after a failure no further one is begun. */
async function readAll(reading: Reading, ranges: Range[]): Promise<void> {
  const waiting = [...ranges]
  const work = async (): Promise<void> => {
    try {
      for (let range = waiting.shift(); range; range = waiting.shift()) {
        await readNewest(reading, range)
      }
    } finally {
      waiting.length = 0
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, work))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}

/** Reads a range from its end backwards, piece by piece, until enough messages were found. */
async function readNewest(reading: Reading, range: Range): Promise<void> {
  // Twice as many as wanted: a message in a transaction of its own comes with a marker.
  let length = BigInt(reading.limit) * 2n + 2n
  let { to } = range
  let missing = reading.limit
  let bytes = 0
  while (to > range.from && missing > 0 && bytes < LOOK_BACK_BYTES) {
    const from = to - length > range.from ? to - length : range.from
    const read = await readPiece(reading, { partition: range.partition, from, to })
    missing -= read.count
    bytes += read.bytes
    to = from
    length *= WIDEN
  }
}

/** Reads a range forwards, keeping its newest messages. What it has at the deadline is kept too. */
async function readPiece(
  reading: Reading,
  range: Range,
): Promise<{ count: number; bytes: number }> {
  const { limit, keep } = reading
  let messages: RawMessage[] = []
  let bytes = 0
  let { from } = range
  try {
    while (from < range.to) {
      const { fetched, start } = await fetchFrom(reading, { ...range, from })
      const { messages: found, next = start } = await records(reading, fetched, {
        ...range,
        from: start,
      })
      bytes += fetched.batches.length
      messages = lastOf([...messages, ...lastOf(found, limit).map(owned)], limit)
      from = next > start ? next : start
    }
  } finally {
    keep(messages)
  }
  return { count: messages.length, bytes }
}

/** Rejects with a Failure if a batch cannot be read. */
export async function records(
  { topic }: Fetching,
  fetched: FetchedPartition,
  range: Range,
): Promise<Awaited<ReturnType<typeof readRecords>>> {
  try {
    return await readRecords(fetched, range)
  } catch (cause) {
    throw new Failure({
      reason: 'kafka-refused',
      message: `Topic ${topic}, partition ${range.partition}, cannot be read: ${textOf(cause)}.`,
      hint: 'The records there are damaged, or written in a way that this action does not read.',
      cause,
    })
  }
}

/** One answer with batches or without, from the range's start or, if that is gone, after it. */
export async function fetchFrom(
  reading: Fetching,
  range: Range,
): Promise<{ fetched: FetchedPartition; start: bigint }> {
  const { topic, deadline } = reading
  const { partition } = range
  let start = range.from
  for (let attempt = 1; ; attempt += 1) {
    const fetched = await fetchOnce(reading, { ...range, from: start })
    const { errorCode } = fetched
    if (errorCode === 0) return { fetched, start }
    if (attempt < TRIES && errorCode === OFFSET_OUT_OF_RANGE) {
      // Retention took records away since the lows were asked for.
      start = await lowOf(reading, range)
      if (start >= range.to) return { fetched: { ...fetched, aborted: [] }, start }
    } else if (attempt < TRIES && STALE_VIEW.has(errorCode)) {
      await pause(RETRY_MS, deadline)
      reading.metadata = await reading.cluster.metadata([topic])
    } else {
      const subject = `topic ${topic}, partition ${partition}`
      throw answerFailure(errorCode, { subject, right: `READ on topic ${topic}` })
    }
  }
}

async function fetchOnce(reading: Fetching, range: Range): Promise<FetchedPartition> {
  const { cluster, metadata, topic } = reading
  const { partition, from } = range
  const { leader, errorCode } = leaderOf(metadata, topic, partition)
  if (errorCode !== 0) return nothing(errorCode)
  const answer = await cluster.askNode(metadata, leader, {
    api: 'Fetch',
    args: {
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: 1,
      topics: [
        { topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: FETCH_BYTES }] },
      ],
    },
    decode: decodeFetched,
  })
  return (answer as FetchedPartition | undefined) ?? nothing(0)
}

function nothing(errorCode: number): FetchedPartition {
  return { errorCode, aborted: [], batches: Buffer.alloc(0) }
}

/** The node to ask, or the code of why there is none. */
function leaderOf(
  metadata: Metadata,
  topic: string,
  partition: number,
): { leader: number; errorCode: number } {
  const seen = metadata.topicMetadata.find((candidate) => candidate.topic === topic)
  const leader =
    seen?.partitionMetadata.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
  if (seen && seen.topicErrorCode !== 0) return { leader, errorCode: seen.topicErrorCode }
  return { leader, errorCode: leader < 0 ? LEADER_NOT_AVAILABLE : 0 }
}

async function lowOf({ cluster, metadata, topic }: Fetching, range: Range): Promise<bigint> {
  const { lows, failure } = (await listOffsets(cluster, metadata, [topic])).get(topic) ?? {}
  if (failure) throw failure
  return lows?.find(({ partition }) => partition === range.partition)?.offset ?? range.to
}
