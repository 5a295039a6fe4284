import { Failure, type Reason, survived } from './core/failure.ts'
import { grantsToRead, missingGrant } from './core/grants.ts'
import type { Observed, ObservedObject } from './core/observed.ts'
import { firstRows, qualified, type Statement } from './core/sql.ts'
import type { Evidence } from './core/verdicts.ts'
import { type KafkaSide, lookAtTopics, topicIn, watermarksIn } from './kafka-sight.ts'
import type { Clock, MaterializeSession, ResultSet } from './ports.ts'
import type { Reader } from './reader.ts'
import { sideBySide } from './side-by-side.ts'
import {
  progressIn,
  progressOf,
  readFrontiers,
  readStalls,
  readStatistics,
  readStatuses,
  type StallRow,
} from './statuses.ts'
import { serverTime } from './wait.ts'

export type { KafkaSide } from './kafka-sight.ts'

/** A source or sink that is watched. */
export interface Subject {
  kind: 'source' | 'sink'
  object: ObservedObject
  /** Ids of the Kafka sources that a sink is made from, directly or by views. */
  upstream: string[]
  /** Where a source’s progress can be read. */
  progress?: ObservedObject
  /** The topic’s Kafka as the runner sees it, if it does. */
  kafka?: KafkaSide
  /** Filled by each look. */
  evidence: Evidence
}

export interface Sightings {
  session: MaterializeSession
  clock: Clock
  /** One for each lane: relations that may not answer are read through them. */
  readers: Reader[]
  /** What a refusal is held against, for all that is missing. */
  observed: Observed
  /** The runner’s clock, milliseconds: then no further relation is asked. */
  until: number
}

/** Of different words for stalls, the newest. */
const MOST_WORDS = 3
/** How far back stalls are counted, milliseconds. */
const STALLS_MS = 120_000

/**
 * Looks once at every subject: Kafka’s watermarks first, then seven reads however many there are, then
 * the progress of each source, side by side. What is held against the watermarks is younger than they.
 */
export async function lookAt(subjects: Subject[], edges: Sightings): Promise<void> {
  const { session, clock } = edges
  const sides = [...new Set(subjects.flatMap((subject) => subject.kafka ?? []))]
  for (const { evidence } of subjects) {
    // Before Kafka was looked at this time, so that it cannot be ahead by what came in between.
    const progress = evidence.moments.at(-1)?.progress
    if (progress) evidence.readBefore = progress
  }
  await Promise.all(sides.map((side) => lookAtTopics(side, clock)))
  const tell = (why: string): void => {
    for (const { evidence } of subjects) note(evidence, why)
  }
  const now = await serverTime(session)
  const ids = (kind: Subject['kind']): string[] =>
    subjects.filter((subject) => subject.kind === kind).map((subject) => subject.object.id)
  const views = subjects.flatMap(({ evidence }) => evidence.views?.map((view) => view.id) ?? [])
  const frontiers =
    (await orTell(
      () => readFrontiers(session, [...ids('source'), ...ids('sink'), ...new Set(views)]),
      tell,
    )) ?? new Map<string, bigint | null>()
  const statistics = ids('source').length
    ? await orTell(() => readStatistics(session, ids('source')), tell)
    : undefined
  for (const kind of ['source', 'sink'] as const) {
    const of = subjects.filter((subject) => subject.kind === kind)
    if (of.length === 0) continue
    const statuses = await orTell(() => readStatuses(session, { kind, ids: ids(kind) }), tell)
    const sinceMs = Number(now) - STALLS_MS
    const stalls = await orTell(() => readStalls(session, { kind, ids: ids(kind), sinceMs }), tell)
    const byId = Map.groupBy(stalls ?? [], (stall) => stall.id)
    for (const { object, evidence, kafka } of of) {
      const row = statuses?.get(object.id) ?? { status: 'created', hints: [] }
      const frontier = frontiers.get(object.id)
      const seen = topicIn(kafka, (object.source ?? object.sink)?.topic)
      const marks = seen && watermarksIn(seen)
      const figures = statistics?.get(object.id)
      evidence.moments.push({
        ...{ atMs: clock.now(), now, ...row },
        ...(typeof frontier === 'bigint' && { frontier }),
        ...(frontier === null && kind === 'source' && { hasEnded: true as const }),
        ...(marks && { watermarks: marks }),
        ...(seen?.watermarks && { ends: seen.watermarks }),
        ...(figures && { statistics: figures }),
        ...(evidence.views?.length && { views: frontiersOf(evidence.views, frontiers) }),
      })
      // The first and the newest are what is compared.
      if (evidence.moments.length > 2) evidence.moments.splice(1, 1)
      countStalls(evidence, byId.get(object.id) ?? [], Number(now))
    }
  }
  const sources = subjects.filter((subject) => subject.kind === 'source')
  await sideBySide(sources, edges.readers.length, async (source, lane) => {
    const reader = edges.readers[lane]
    if (reader) await readSource(source, { ...edges, reader })
  })
}

function frontiersOf(
  views: NonNullable<Evidence['views']>,
  frontiers: ReadonlyMap<string, bigint | null>,
): Map<string, bigint> {
  return new Map(
    views.flatMap(({ id }) => {
      const frontier = frontiers.get(id)
      return typeof frontier === 'bigint' ? [[id, frontier]] : []
    }),
  )
}

function countStalls(evidence: Evidence, stalls: StallRow[], nowMs: number): void {
  const counts = new Map<string, number>()
  for (const { replica } of stalls) counts.set(replica, (counts.get(replica) ?? 0) + 1)
  evidence.stalls = Math.max(0, ...counts.values())
  const current = evidence.moments.at(-1)?.error
  const words = [...stalls.map((stall) => stall.error), current].flatMap((error) => error ?? [])
  evidence.words = [...new Set([...evidence.words, ...words])].slice(-MOST_WORDS)
  const newest = stalls.toSorted((a, b) => b.atMs - a.atMs)[0]
  if (!newest) delete evidence.lastStall
  else {
    evidence.lastStall = {
      agoMs: Math.max(0, nowMs - newest.atMs),
      ...(newest.error === undefined ? {} : { error: newest.error }),
    }
  }
}

type Reading = Sightings & { reader: Reader }

/** Its progress, and once whether a row of it can be read at all. */
async function readSource(source: Subject, of: Reading): Promise<void> {
  const { evidence, object, progress } = source
  const newest = evidence.moments.at(-1)
  // A source that is stalled or paused may leave its readers without an answer.
  if (!newest || newest.hasEnded || ['stalled', 'paused'].includes(newest.status)) return
  if (evidence.cluster?.replicas === 0) return
  if (of.clock.now() > of.until) {
    note(evidence, 'there was no time left to read it')
    return
  }
  if (progress) {
    const answer = await readOrTell(progress, progressIn(progress.name), of)
    if ('blind' in answer) tellBlind(evidence, answer)
    else newest.progress = progressOf(answer)
    // One that began only now is watched from now on.
    const [first] = evidence.moments
    if (newest.progress && first && !first.progress) evidence.moments = [newest]
  } else if (object.source?.type === 'kafka') {
    note(evidence, 'its progress relation is not to be seen')
  }
  // Of a source whose snapshot is not in yet, a SELECT waits.
  const isReadable = (newest.frontier ?? 0n) > 0n
  if (evidence.reading === undefined && isReadable) await tryRow(source, of)
}

async function tryRow({ object, evidence }: Subject, of: Reading): Promise<void> {
  const answer = await readOrTell(object, firstRows(object.name, 1), of)
  if (!('blind' in answer)) evidence.reading = answer.rows.length > 0 ? 'rows' : 'empty'
  else if (answer.reason === 'rows-undecodable') evidence.reading = 'undecodable'
  else if (answer.reason === 'source-stalled') evidence.reading = 'ended'
  else {
    evidence.reading = 'unseen'
    tellBlind(evidence, answer)
  }
}

interface Unread {
  blind: string
  reason: Reason
  grants: string[]
}

/** What one object refuses must not keep the others from being seen. */
async function readOrTell(
  object: ObservedObject,
  query: Statement,
  { reader, observed }: Reading,
): Promise<ResultSet | Unread> {
  const failed = (failure: Failure, blind: string): Unread => {
    const isRefused = failure.reason === 'materialize-privilege'
    return {
      blind: `${qualified(object.name)} could not be read: ${isRefused ? 'a right is missing' : blind}`,
      reason: failure.reason,
      grants: isRefused ? grantsFor(object, failure, observed) : [],
    }
  }
  try {
    const answer = await reader.read(query)
    return 'blind' in answer ? failed(answer.failure, answer.blind) : answer
  } catch (thrown) {
    const failure = survived(thrown)
    // Without the session nothing more is to be had.
    if (failure.reason === 'materialize-lost') throw failure
    return failed(failure, failure.message)
  }
}

/** What the catalog refuses is said, and the rest goes on. */
async function orTell<T>(
  read: () => Promise<T>,
  tell: (why: string) => void,
): Promise<T | undefined> {
  try {
    return await read()
  } catch (thrown) {
    const failure = survived(thrown)
    // Without the session nothing more is to be had.
    if (failure.reason === 'materialize-lost') throw failure
    tell(`a part of the catalog could not be read: ${failure.message}`)
    return undefined
  }
}

/** What the refusal names, and what by the catalog is missing beside it. */
function grantsFor(object: ObservedObject, refusal: Failure, observed: Observed): string[] {
  const { role } = observed
  const { database, schema } = object.name
  const place = observed.schemas.find((one) => one.name === schema && one.database === database)
  const cluster = observed.clusters.find((one) => one.name === observed.sessionCluster)
  const named = missingGrant(refusal.message, { role, object: object.name })
  const others = grantsToRead({
    role,
    relation: object,
    ...(place?.owner !== undefined &&
      place.grants && { schema: { owner: place.owner, grants: place.grants } }),
    ...(cluster && { cluster }),
  })
  return [...new Set([...(named === undefined ? [] : [named]), ...others])]
}

function tellBlind(evidence: Evidence, { blind, grants }: Unread): void {
  note(evidence, blind)
  evidence.grants = [...new Set([...evidence.grants, ...grants])]
}

function note(evidence: Evidence, words: string): void {
  if (!evidence.blind.includes(words)) evidence.blind.push(words)
}

/** How old the newest record of a source’s topic is; left out where the runner cannot see it. */
export async function readSilence(subject: Subject, clock: Clock): Promise<void> {
  const { kafka, object, evidence } = subject
  const topic = topicIn(kafka, object.source?.topic)
  if (!kafka || !topic?.watermarks || !topic.lows || evidence.silenceMs !== undefined) return
  const { name, watermarks: upTo, lows } = topic
  const { messages } = await kafka.kafka.tail({ topic: name, upTo, lows, limit: 1 })
  const newest = messages.at(-1)
  if (newest) evidence.silenceMs = Math.max(0, clock.now() - Number(newest.timestamp))
}
