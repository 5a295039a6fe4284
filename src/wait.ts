import { named } from './catalog.ts'
import { type Deadline, QUIET_MS, waitText } from './core/deadline.ts'
import { Failure } from './core/failure.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { PartitionOffset } from './core/model.ts'
import {
  type Health,
  sinkVerdict,
  sourceVerdict,
  type SourceExpectation,
  type Verdict,
} from './core/proof.ts'
import { withoutRecord } from './core/record-words.ts'
import { firstRows, literal, literals, qualified, statement } from './core/sql.ts'
import type { Clock, Log, MaterializeSession } from './ports.ts'
import type { Reader } from './reader.ts'
import { hintsIn, progressIn, progressOf, readFrontiers, RECENT_MS } from './statuses.ts'

export interface WatchedSource {
  kind: 'source'
  id: string
  name: QualifiedName
  /** Where its rows are: itself, or the tables made from it. */
  rows: QualifiedName[]
  /** Where its progress can be read; undefined if it has no such relation that we can see. */
  progressRelation?: QualifiedName
  expected: SourceExpectation
}

export interface WatchedSink {
  kind: 'sink'
  id: string
  name: QualifiedName
}

export type Watched = WatchedSource | WatchedSink

export interface Outcome {
  watched: Watched
  verdict: Verdict
  /** Materialize’s own word. */
  status: string
}

interface Edges {
  session: MaterializeSession
  clock: Clock
  log: Log
  deadline: Deadline
  /** Reads the sources' relations, which may not answer. */
  reader: Reader
}

/** mz_now(): the server’s clock, milliseconds since the epoch. */
export async function serverTime(session: MaterializeSession): Promise<bigint> {
  const [row] = named(await session.query(statement('SELECT mz_now()::text AS now')))
  return BigInt(row?.['now'] ?? '0')
}

/**
 * Looks again and again until every object is proven or one is broken, or time is up. Each round is
 * a fixed number of reads, and one of progress for each source not yet proven.
 * @param since the server’s time when the run began; @param after its time after the last change.
 */
export async function waitForProof(
  watched: Watched[],
  times: { since: bigint; after: bigint },
  edges: Edges,
): Promise<Outcome[]> {
  const { clock, deadline, log } = edges
  const begun = clock.now()
  let nextWord = begun + QUIET_MS
  let pause = 150
  // What a sink has written while its source was still reading proves nothing of the rest.
  let after = watched.some((object) => object.kind === 'source') ? undefined : times.after
  for (;;) {
    const watchedMs = clock.now() - begun
    const { since } = times
    const outcomes = await lookOnce(watched, { since, watchedMs, after }, edges)
    const sources = outcomes.filter((outcome) => outcome.watched.kind === 'source')
    if (after === undefined && sources.every((outcome) => outcome.verdict.state === 'proven')) {
      after = await serverTime(edges.session)
    }
    const waiting = outcomes.filter((outcome) => outcome.verdict.state === 'waiting')
    const broken = outcomes.some((outcome) => outcome.verdict.state === 'broken')
    if (waiting.length === 0 || broken) return outcomes
    if (deadline.remainingMs() < pause) return outcomes
    if (clock.now() >= nextWord) {
      nextWord = clock.now() + QUIET_MS
      for (const outcome of waiting.slice(0, MOST_NAMED)) {
        log.info(waitingText(outcome, waitText(watchedMs, deadline.remainingMs())))
      }
      const more = waiting.length - MOST_NAMED
      if (more > 0) log.info(`Waiting for ${String(more)} more`)
    }
    await clock.sleep(pause, deadline.signal)
    pause = Math.min(1_000, pause * 1.4)
  }
}

/** How many of those waited for get a line each. */
const MOST_NAMED = 5

function waitingText(outcome: Outcome, time: string): string {
  const why = outcome.verdict.state === 'waiting' ? outcome.verdict.why : ''
  return `Waiting for ${outcome.watched.kind} ${qualified(outcome.watched.name)} (${time}): ${why}`
}

async function lookOnce(
  watched: Watched[],
  times: { since: bigint; after: bigint | undefined; watchedMs: number },
  edges: Edges,
): Promise<Outcome[]> {
  const sources = watched.filter((object) => object.kind === 'source')
  const sinks = watched.filter((object) => object.kind === 'sink')
  const outcomes: Outcome[] = []
  if (sources.length > 0) {
    const health = await readHealth('source', sources, { ...times, session: edges.session })
    for (const source of sources) {
      const healthy = healthOf(health, source, times.watchedMs)
      // A source that is stalled or paused may leave its readers without an answer.
      const silent = ['stalled', 'paused'].includes(healthy.status)
      const sight = { ...healthy, ...(silent ? {} : await readProgressOf(source, edges.reader)) }
      // What was there before records came is what later progress is held against.
      if (sight.progress && !source.expected.firstProgress) {
        source.expected.firstProgress = sight.progress
      }
      const rowsCount = !source.expected.watermarks || !sight.progress
      if (rowsCount && sight.status === 'running' && !source.expected.rowsSeen) {
        source.expected.rowsSeen = await anyRow(source, edges.reader)
      }
      const verdict = sourceVerdict(source.expected, sight)
      outcomes.push({ watched: source, verdict, status: sight.status })
    }
  }
  if (sinks.length > 0) {
    const frontiers = await readFrontiers(
      edges.session,
      sinks.map((sink) => sink.id),
    )
    const health = await readHealth('sink', sinks, { ...times, session: edges.session })
    for (const sink of sinks) {
      const writeFrontier = frontiers.get(sink.id)
      const sight = {
        ...healthOf(health, sink, times.watchedMs),
        ...(typeof writeFrontier === 'bigint' && { writeFrontier }),
      }
      outcomes.push({
        watched: sink,
        verdict: sinkVerdict(times.after, sight),
        status: sight.status,
      })
    }
  }
  return outcomes
}

async function anyRow({ rows }: WatchedSource, reader: Reader): Promise<boolean> {
  const [relation] = rows
  const answer = relation && (await reader.read(firstRows(relation, 1)))
  return answer !== undefined && 'rows' in answer && answer.rows.length > 0
}

interface Progress {
  progress?: PartitionOffset[]
  blind?: string
}

async function readProgressOf(source: WatchedSource, reader: Reader): Promise<Progress> {
  if (!source.progressRelation) return { blind: 'its progress relation is not to be seen' }
  const answer = await reader.read(progressIn(source.progressRelation))
  return 'blind' in answer ? answer : { progress: progressOf(answer) }
}

type HealthFacts = Omit<Health, 'label' | 'watchedMs'>

async function readHealth(
  kind: 'source' | 'sink',
  objects: Watched[],
  of: { since: bigint; session: MaterializeSession },
): Promise<Map<string, HealthFacts>> {
  const ids = literals(objects.map((object) => object.id))
  // Whole milliseconds, as the server’s clock has them; the history is of the run only.
  const since = literal(new Date(Number(of.since)).toISOString())
  const recently = literal(new Date(Number(of.since) - RECENT_MS).toISOString())
  const statuses = named(
    await of.session.query(
      statement(
        `SELECT id, status, error, details::text AS details, (last_status_change_at >= ${since}::timestamptz)::text AS new FROM mz_internal.mz_${kind}_statuses WHERE id IN ${ids}`,
      ),
    ),
  )
  const history = named(
    await of.session.query(
      statement(
        `SELECT ${kind}_id AS id, replica_id, error, (occurred_at >= ${since}::timestamptz)::text AS new FROM mz_internal.mz_${kind}_status_history WHERE status = 'stalled' AND occurred_at >= ${recently}::timestamptz AND ${kind}_id IN ${ids}`,
      ),
    ),
  )
  const facts = new Map<string, HealthFacts>()
  for (const row of statuses) {
    const stalls = new Map<string | null | undefined, number>()
    let recentStalls = 0
    let error = row['error'] ?? undefined
    for (const event of history) {
      if (event['id'] !== row['id']) continue
      recentStalls++
      if (!isTrue(event['new'])) continue
      stalls.set(event['replica_id'], (stalls.get(event['replica_id']) ?? 0) + 1)
      error ??= event['error'] ?? undefined
    }
    facts.set(row['id'] ?? '', {
      status: row['status'] ?? 'unknown',
      hints: hintsIn(row['details']),
      stalls: Math.max(0, ...stalls.values()),
      recentStalls,
      statusIsNew: isTrue(row['new']),
      ...(error === undefined ? {} : { error: withoutRecord(error) }),
    })
  }
  return facts
}

function isTrue(text: string | null | undefined): boolean {
  return text === 'true' || text === 't'
}

function healthOf(facts: Map<string, HealthFacts>, of: Watched, watchedMs: number): Health {
  const found = facts.get(of.id) ?? {
    status: 'created',
    hints: [],
    stalls: 0,
    recentStalls: 0,
    statusIsNew: false,
  }
  return { ...found, label: qualified(of.name), watchedMs }
}

/** What an outcome says of the run, if it says anything against it. */
export function failureOf(outcome: Outcome): Failure | undefined {
  const { verdict, watched } = outcome
  if (verdict.state === 'broken') return verdict.failure
  if (verdict.state === 'proven') return undefined
  return new Failure({
    reason: watched.kind === 'source' ? 'source-not-proven' : 'sink-not-proven',
    message: `Time ran out before the ${watched.kind} ${qualified(watched.name)} was shown to work: ${verdict.why}.`,
  })
}
