import { named } from './catalog.ts'
import { type Failure, type Reason, toFailure } from './core/failure.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { PartitionOffset } from './core/model.ts'
import type { ObservedObject } from './core/observed.ts'
import { readProgress } from './core/proof.ts'
import { firstRows, qualified, statement, type Statement } from './core/sql.ts'
import type { Evidence } from './core/verdicts.ts'
import type { Clock, Kafka, KafkaView, MaterializeSession, ResultSet } from './ports.ts'
import type { Reader } from './reader.ts'
import { sideBySide } from './side-by-side.ts'
import { readFrontiers, readStalls, readStatuses, RECENT_MS, type StallRow } from './statuses.ts'
import { serverTime } from './wait.ts'

/** A source or sink that is watched. */
export interface Subject {
  kind: 'source' | 'sink'
  object: ObservedObject
  /** Ids of the Kafka sources that a sink is made from, directly or by views. */
  upstream: string[]
  /** Where a source’s progress can be read. */
  progress?: QualifiedName
  /** The topic’s Kafka as the runner sees it, if it does. */
  kafka?: KafkaSide
  /** Filled by each look. */
  evidence: Evidence
}

/** A Kafka as the runner sees it: what it last showed, or why it cannot be seen. */
export interface KafkaSide {
  kafka: Kafka
  view?: KafkaView
  failure?: Failure
}

export interface Sightings {
  session: MaterializeSession
  clock: Clock
  /** One for each lane: relations that may not answer are read through them. */
  readers: Reader[]
}

/**
 * Looks once at every subject: Kafka’s watermarks first, then seven reads however many there are, then
 * the progress of each source, side by side. What is held against the watermarks is younger than they.
 */
export async function lookAt(subjects: Subject[], edges: Sightings): Promise<void> {
  const { session, clock } = edges
  const sides = [...new Set(subjects.flatMap((subject) => subject.kafka ?? []))]
  await Promise.all(sides.map((side) => lookAtTopics(side, subjects)))
  const now = await serverTime(session)
  const ids = (kind: Subject['kind']): string[] =>
    subjects.filter((subject) => subject.kind === kind).map((subject) => subject.object.id)
  const frontiers = await readFrontiers(session, [...ids('source'), ...ids('sink')])
  for (const kind of ['source', 'sink'] as const) {
    const of = subjects.filter((subject) => subject.kind === kind)
    if (of.length === 0) continue
    const statuses = await readStatuses(session, { kind, ids: ids(kind) })
    const sinceMs = Number(now) - RECENT_MS
    const stalls = await readStalls(session, { kind, ids: ids(kind), sinceMs })
    for (const { object, evidence, kafka } of of) {
      const row = statuses.get(object.id) ?? { status: 'created', hints: [] }
      const frontier = frontiers.get(object.id)
      const topic = (object.source ?? object.sink)?.topic
      const seen = kafka?.view?.topics.find((one) => one.name === topic)
      const marks = seen && watermarksIn(seen)
      evidence.moments.push({
        atMs: clock.now(),
        now,
        ...row,
        ...(frontier === undefined ? {} : { frontier }),
        ...(marks ? { watermarks: marks } : {}),
      })
      // The first and the newest are what is compared.
      if (evidence.moments.length > 2) evidence.moments.splice(1, 1)
      countStalls(
        evidence,
        stalls.filter((stall) => stall.id === object.id),
        Number(now),
      )
    }
  }
  const sources = subjects.filter((subject) => subject.kind === 'source')
  await sideBySide(sources, edges.readers.length, async (source, lane) => {
    const reader = edges.readers[lane]
    if (reader) await readSource(source, reader)
  })
}

async function lookAtTopics(side: KafkaSide, subjects: Subject[]): Promise<void> {
  const topics = subjects
    .filter((subject) => subject.kafka === side)
    .flatMap(({ object }) => (object.source ?? object.sink)?.topic ?? [])
  try {
    side.view = await side.kafka.look([...new Set(topics)])
    delete side.failure
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (['cancelled', 'internal', 'deadline'].includes(failure.reason)) throw failure
    side.failure = failure
    delete side.view
  }
}

/** A partition that retention has emptied has nothing to deliver, and no progress to show. */
function watermarksIn(topic: KafkaView['topics'][number]): PartitionOffset[] | undefined {
  return topic.watermarks?.map(({ partition, offset }) => {
    const low = topic.lows?.find((one) => one.partition === partition)?.offset ?? 0n
    return { partition, offset: low >= offset ? 0n : offset }
  })
}

function countStalls(evidence: Evidence, stalls: StallRow[], nowMs: number): void {
  const counts = new Map<string, number>()
  for (const { replica } of stalls) counts.set(replica, (counts.get(replica) ?? 0) + 1)
  evidence.stalls = Math.max(0, ...counts.values())
  const newest = stalls.toSorted((a, b) => b.atMs - a.atMs)[0]
  if (!newest) delete evidence.lastStall
  else {
    evidence.lastStall = {
      agoMs: nowMs - newest.atMs,
      ...(newest.error === undefined ? {} : { error: newest.error }),
    }
  }
}

/** Its progress, and once whether a row of it can be read at all. */
async function readSource(source: Subject, reader: Reader): Promise<void> {
  const { evidence, object, progress } = source
  const newest = evidence.moments.at(-1)
  // A source that is stalled or paused may leave its readers without an answer.
  if (!newest || ['stalled', 'paused'].includes(newest.status)) return
  if (evidence.cluster?.replicas === 0) return
  if (progress) {
    const answer = await readOrTell(
      reader,
      statement(
        `SELECT partition::text AS range, "offset"::text AS next FROM ${qualified(progress)}`,
      ),
    )
    if ('blind' in answer) note(evidence, answer.blind)
    else {
      newest.progress = readProgress(
        named(answer).map((row) => ({ range: row['range'] ?? '', offset: row['next'] ?? '0' })),
      )
    }
  } else note(evidence, 'its progress relation is not to be seen')
  // Of a source whose snapshot is not in yet, a SELECT waits.
  const isReadable = (newest.frontier ?? 0n) > 0n
  if (evidence.reading === undefined && isReadable) await tryRow(object, evidence, reader)
}

async function tryRow(object: ObservedObject, evidence: Evidence, reader: Reader): Promise<void> {
  const answer = await readOrTell(reader, firstRows(object.name, 1))
  if (!('blind' in answer)) evidence.reading = answer.rows.length > 0 ? 'rows' : 'empty'
  else if (answer.reason === 'rows-undecodable') evidence.reading = 'undecodable'
  else {
    evidence.reading = answer.blind.startsWith('no answer') ? 'silent' : 'denied'
    note(evidence, answer.blind)
  }
}

/** What one object refuses must not keep the others from being seen. */
async function readOrTell(
  reader: Reader,
  query: Statement,
): Promise<ResultSet | { blind: string; reason?: Reason }> {
  try {
    return await reader.read(query)
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (['cancelled', 'deadline', 'materialize-lost', 'internal'].includes(failure.reason)) {
      throw failure
    }
    return { blind: failure.message, reason: failure.reason }
  }
}

function note(evidence: Evidence, words: string): void {
  if (!evidence.blind.includes(words)) evidence.blind.push(words)
}

/** How old the newest record of a source’s topic is; left out where the runner cannot see it. */
export async function readSilence(subject: Subject, clock: Clock): Promise<void> {
  const { kafka, object, evidence } = subject
  const topic = kafka?.view?.topics.find((one) => one.name === object.source?.topic)
  if (!kafka || !topic?.watermarks || !topic.lows || evidence.silenceMs !== undefined) return
  const { name, watermarks: upTo, lows } = topic
  const { messages } = await kafka.kafka.tail({ topic: name, upTo, lows, limit: 1 })
  const newest = messages.at(-1)
  if (newest) evidence.silenceMs = Math.max(0, clock.now() - Number(newest.timestamp))
}
