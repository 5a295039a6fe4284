import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2.js'
import { Failure } from '../core/failure.ts'
import type { Acknowledged, OutgoingRecord } from '../ports.ts'
import type { Metadata, TopicMetadata } from './kafka-cluster.ts'
import { answerFailure } from './kafka-faults.ts'
import type { Access } from './kafka-lag.ts'
import type { Produced, ProduceArgs } from './kafka-produce-request.ts'
import { encodeBatch, sizeOf } from './kafka-record-batch.ts'
import { pause } from './kafka-waiting.ts'

/** Brokers take a megabyte at once unless they are told otherwise. */
const BATCH_BYTES = 512 * 1024
/** What one request may hold, over all its partitions. */
const REQUEST_BYTES = 4 * 1024 * 1024
/** How long the copies of a record may take, by the broker’s own limit. */
const COPY_MS = 10_000
/** For how long what time may better is tried again, and the pauses. */
const TRY_MS = 30_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

const LEADER_NOT_AVAILABLE = 5
const TOPIC_UNKNOWN = 3
/** Taken by the leader and not yet by enough copies; another time the same batch is a second one. */
const RETRIED = new Set([
  TOPIC_UNKNOWN,
  2,
  LEADER_NOT_AVAILABLE,
  6,
  7,
  9,
  13,
  14,
  19,
  20,
  56,
  74,
  75,
])

/** Records for one partition that are sent and acknowledged together. */
interface Batch {
  partition: number
  /** Where its records stand in what was given. */
  indexes: number[]
  encoded: Buffer
  /** When it was first sent; by performance.now(). */
  begun?: number
}

interface Writing extends Access {
  topic: string
  metadata: Metadata
}

/** Why a batch is not written yet, and whether it may be tried again. */
interface Refusal {
  batch: Batch
  failure: Failure
  retried: boolean
}

/**
 * Writes records and waits until all copies in sync have them; see the port. At least once: a batch
 * whose acknowledgement was lost is sent again. Of one partition, the order is kept.
 */
export async function produce(
  topic: string,
  records: OutgoingRecord[],
  access: Access,
): Promise<Acknowledged[]> {
  if (records.length === 0) return []
  const metadata = await knownTopic(topic, access)
  const seen = metadata.topicMetadata.find((one) => one.topic === topic)
  const partitions = (seen?.partitionMetadata ?? [])
    .map(({ partitionId }) => partitionId)
    .sort(byNumber)
  const writing: Writing = { ...access, topic, metadata }
  const done: Acknowledged[] = []
  const waiting = batchesOf(records, placesOf(topic, records, partitions))
  while (waiting.length > 0) await writeRound(nextRound(waiting), writing, done)
  return done
}

/** Which partition each record goes to: its own, that of its key, or one after another. */
function placesOf(topic: string, records: OutgoingRecord[], partitions: number[]): number[] {
  let turn = 0
  return records.map(({ key, partition }) => {
    if (partition !== undefined) {
      if (partitions.includes(partition)) return partition
      throw new Failure({
        reason: 'input-invalid',
        message: `Topic ${topic} has no partition ${partition}: it has ${partitions.length}.`,
        hint: 'Partitions are counted from 0. Nothing was written.',
      })
    }
    const choice = key === null ? turn++ : murmur2(key) & 0x7fffffff
    return partitions[choice % partitions.length] ?? 0
  })
}

function batchesOf(records: OutgoingRecord[], places: number[]): Batch[] {
  const open = new Map<number, { indexes: number[]; bytes: number }>()
  const closed: { partition: number; indexes: number[] }[] = []
  for (const [index, record] of records.entries()) {
    const partition = places[index] ?? 0
    const bytes = sizeOf(record)
    const last = open.get(partition)
    if (last && last.bytes + bytes <= BATCH_BYTES) {
      last.indexes.push(index)
      last.bytes += bytes
    } else {
      const begun = { indexes: [index], bytes }
      open.set(partition, begun)
      closed.push({ partition, indexes: begun.indexes })
    }
  }
  return closed.map(({ partition, indexes }) => ({
    partition,
    indexes,
    encoded: encodeBatch(
      indexes.flatMap((index) => records[index] ?? []),
      Date.now(),
    ),
  }))
}

/** One batch of each partition at most, so that none overtakes another of its own. */
function nextRound(waiting: Batch[]): Batch[] {
  const round: Batch[] = []
  let bytes = 0
  for (const batch of [...waiting]) {
    if (round.some(({ partition }) => partition === batch.partition)) continue
    bytes += batch.encoded.length
    if (bytes > REQUEST_BYTES && round.length > 0) break
    round.push(batch)
    waiting.splice(waiting.indexOf(batch), 1)
  }
  return round
}

/** Sends until every batch is acknowledged, or one is refused for good. */
async function writeRound(round: Batch[], writing: Writing, done: Acknowledged[]): Promise<void> {
  const end = performance.now() + TRY_MS
  let left = round
  for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    const refusals = await send(left, writing, done)
    const final = refusals.find(({ retried }) => !retried) ?? refusals[0]
    if (!final) return
    const isOver =
      performance.now() + ms > end || writing.deadline.remainingMs() <= ms || !final.retried
    if (isOver) throw partly(final.failure, done.filter(Boolean).length)
    await pause(ms, writing.deadline)
    left = refusals.map(({ batch }) => batch)
    writing.metadata = await writing.cluster.metadata([writing.topic])
  }
}

/** One request to each broker that leads a partition of these. */
async function send(round: Batch[], writing: Writing, done: Acknowledged[]): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  const byLeader = new Map<number, Batch[]>()
  for (const batch of round) {
    batch.begun ??= performance.now()
    const { leader, errorCode } = leaderOf(writing, batch.partition)
    if (errorCode !== 0) refusals.push(refusal(batch, { errorCode, words: null }, writing))
    else byLeader.set(leader, [...(byLeader.get(leader) ?? []), batch])
  }
  const sent = [...byLeader].map(([leader, batches]) => sendTo(leader, batches, { writing, done }))
  return [...refusals, ...(await Promise.all(sent)).flat()]
}

async function sendTo(
  leader: number,
  batches: Batch[],
  { writing, done }: { writing: Writing; done: Acknowledged[] },
): Promise<Refusal[]> {
  const { cluster, metadata, topic, deadline } = writing
  const args: ProduceArgs = {
    topic,
    timeout: Math.max(1, Math.min(COPY_MS, Math.floor(deadline.remainingMs()))),
    partitions: batches.map(({ partition, encoded }) => ({ partition, batch: encoded })),
  }
  let answers: Produced[]
  try {
    answers = (await cluster.askNode(metadata, leader, { api: 'Produce', args })) as Produced[]
  } catch (failure) {
    if (!(failure instanceof Failure) || !failure.retriable) throw failure
    return batches.map((batch) => ({ batch, failure, retried: true }))
  }
  const now = performance.now()
  return batches.flatMap((batch) => {
    const answer = answers.find(({ partition }) => partition === batch.partition)
    if (answer?.errorCode !== 0) {
      return [refusal(batch, answer ?? { errorCode: -1, words: null }, writing)]
    }
    for (const [index, at] of batch.indexes.entries()) {
      done[at] = {
        partition: batch.partition,
        offset: answer.baseOffset + BigInt(index),
        ackMs: Math.round(now - (batch.begun ?? now)),
      }
    }
    return []
  })
}

function refusal(
  batch: Batch,
  { errorCode, words }: Pick<Produced, 'errorCode' | 'words'>,
  { topic }: Writing,
): Refusal {
  const subject = `topic ${topic}, partition ${batch.partition}`
  const failure = answerFailure(errorCode, { subject, right: `WRITE on topic ${topic}` }, words)
  return { batch, failure, retried: RETRIED.has(errorCode) }
}

/** A topic made a moment ago is not known to every broker at once; one that is not there stays so. */
async function knownTopic(topic: string, access: Access): Promise<Metadata> {
  const end = performance.now() + LONGEST_PAUSE_MS
  for (;;) {
    const metadata = await access.cluster.metadata([topic])
    const seen = metadata.topicMetadata.find((one) => one.topic === topic)
    const errorCode = codeOf(seen)
    if (errorCode === 0) return metadata
    if (!RETRIED.has(errorCode) || performance.now() > end) {
      throw answerFailure(errorCode, {
        subject: `topic ${topic}`,
        right: `WRITE on topic ${topic}`,
      })
    }
    await pause(FIRST_PAUSE_MS, access.deadline)
  }
}

function codeOf(seen: TopicMetadata | undefined): number {
  if (seen === undefined) return TOPIC_UNKNOWN
  if (seen.topicErrorCode !== 0) return seen.topicErrorCode
  return seen.partitionMetadata.length === 0 ? LEADER_NOT_AVAILABLE : 0
}

function leaderOf(
  { metadata, topic }: Writing,
  partition: number,
): { leader: number; errorCode: number } {
  const seen = metadata.topicMetadata.find((one) => one.topic === topic)
  const leader = seen?.partitionMetadata.find((one) => one.partitionId === partition)?.leader ?? -1
  if (seen && seen.topicErrorCode !== 0) return { leader, errorCode: seen.topicErrorCode }
  return { leader, errorCode: leader < 0 ? LEADER_NOT_AVAILABLE : 0 }
}

/** What is on a topic stays there, whatever became of the rest. */
function partly(failure: Failure, written: number): Failure {
  if (written === 0) return failure
  return new Failure({
    reason: failure.reason,
    message: `${failure.message} Before that, ${written} record(s) were written.`,
    hint: failure.hint,
    retriable: failure.retriable,
    cause: failure,
  })
}

function byNumber(a: number, b: number): number {
  return a - b
}
