import { type Answer, rowsToDecide, rowsToKeep } from './core/expectation.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { ExpectationSpec } from './core/model-expectation.ts'
import { withoutRecord } from './core/record-words.ts'
import { isShow } from './core/spec-sql.ts'
import { cursor, setPlace, statement, type Statement } from './core/sql.ts'
import type { Clock, MaterializeSession, ResultSet } from './ports.ts'

/** UTF-16 units of an answer to hold at most. */
const MOST_TEXT = 8_000_000
/** Rows to fetch at once: a few, until they are seen to be short. */
const FEW = 24
const MANY = 1_000
const SHORT = 1_000

/** What became of asking once. */
export type Asked =
  | { answer: Answer }
  /** No answer, for now: why, with no value of a row in it. */
  | { late: string; isSlow: boolean }
  /** Materialize does not take the query. */
  | { refused: Failure }

/** A session, opened when it is first needed, and anew when it is lost. */
export interface Lane {
  session?: MaterializeSession
  /** Where its statements look names up; unlike any place at first. */
  place?: string
}

interface Edges {
  clock: Clock
  signal: AbortSignal
  open(): Promise<MaterializeSession>
}

/**
 * Asks once, in a transaction that can change nothing and is rolled back, for no more rows than
 * decide. Rejects where the run cannot go on: cancelled, Materialize gone, a defect.
 * @param withinMs for the whole of it; what is asked longer is given up with its session.
 */
export async function ask(
  spec: ExpectationSpec,
  of: { lane: Lane; withinMs: number },
  edges: Edges,
): Promise<Asked> {
  const { lane, withinMs } = of
  const { clock } = edges
  lane.session ??= await edges.open()
  const { session } = lane
  const end = clock.now() + withinMs
  const query = (one: Statement): Promise<ResultSet> =>
    // 0 would be no time at all for what is all but answered.
    session.query(one, Math.max(1, end - clock.now()))
  try {
    const place = JSON.stringify([spec.within, spec.cluster ?? null])
    if (lane.place !== place) {
      for (const one of setPlace(spec)) await query(one)
      lane.place = place
    }
    await query(cursor.beginReadOnly)
    const answer = isShow(spec.sql) ? await readAll(spec, query) : await readSome(spec, query)
    await query(cursor.rollback)
    return { answer }
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (edges.signal.aborted || failure.reason === 'internal') throw failure
    if (LOST.has(failure.reason)) {
      await session.close()
      delete lane.session
      delete lane.place
      const isSlow = failure.reason === 'deadline'
      const seconds = String(Math.round(withinMs / 100) / 10)
      return { late: isSlow ? `no answer within ${seconds} s` : failure.message, isSlow }
    }
    await query(cursor.rollback).catch(() => undefined)
    return told(failure)
  }
}

/** With these there is no session to go on with. */
const LOST: ReadonlySet<string> = new Set(['deadline', 'materialize-lost'])

/** What the data decide, and what passes, is asked again. */
function told(failure: Failure): Asked {
  // 57014 is a time limit of the server’s.
  if (failure.retriable || /^Evaluation error: |\(57014\)$/.test(failure.message)) {
    // Its words may quote a value.
    return { late: withoutRecord(failure.message), isSlow: false }
  }
  return { refused: failure }
}

type Query = (one: Statement) => Promise<ResultSet>

async function readAll(spec: ExpectationSpec, query: Query): Promise<Answer> {
  const { fields, rows } = await query(statement(spec.sql))
  const count = Math.min(rows.length, rowsToDecide(spec.expected))
  const kept = Math.min(count, rowsToKeep(spec.expected))
  return { fields, rows: rows.slice(0, kept), count, tooLarge: false }
}

async function readSome(spec: ExpectationSpec, query: Query): Promise<Answer> {
  const limit = rowsToDecide(spec.expected)
  const keep = rowsToKeep(spec.expected)
  const answer: Answer = { fields: [], rows: [], count: 0, tooLarge: false }
  let size = 0
  await query(cursor.of(spec.sql))
  do {
    const isShort = answer.count > 0 && size / answer.count < SHORT
    const left = limit - answer.count
    const { fields, rows } = await query(cursor.next(Math.min(left, isShort ? MANY : FEW)))
    answer.fields = fields
    if (rows.length === 0) break
    answer.count += rows.length
    size += rows.flat().reduce((sum, value) => sum + (value?.length ?? 0), 0)
    answer.rows.push(...rows.slice(0, keep - answer.rows.length))
    // Rows that are only counted take no room.
    answer.tooLarge = size > MOST_TEXT && spec.expected.is === 'rows'
  } while (answer.count < limit && !answer.tooLarge)
  return answer
}
