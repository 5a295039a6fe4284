import {
  type SentColumn,
  holdsText,
  messageDifferences,
  rowDifferences,
} from './core/canary-shape.ts'
import { Failure } from './core/failure.ts'
import type { PartitionOffset } from './core/model.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { SinkSpec } from './core/model-sink.ts'
import { subscribeTo } from './core/sql-canary.ts'
import { cursor } from './core/sql.ts'
import type { Deadline } from './core/deadline.ts'
import type { Kafka, MaterializeSession, RawMessage, ResultSet } from './ports.ts'

/** What a canary’s record has to get through: rows of a relation, messages of a sink. */

/** No longer, so that a cancelled run need not wait for the server. */
const FETCH_S = 1
const POLL_MS = 100
/** How many offsets of a partition are read at once: as many as are surely kept. */
const STEP = 500n
/** mz_timestamp, mz_progressed and mz_diff stand before a subscription’s columns. */
const HEAD = 3

export interface Waiting {
  deadline: Deadline
  /** Throws what makes further waiting useless. */
  check(): void
}

export interface RowLeg {
  /** Waits for a record’s row; gives the names of columns that are not as sent. */
  wait(columns: readonly SentColumn[], waiting: Waiting): Promise<string[]>
  close(): Promise<void>
}

/**
 * Subscribes to the rows of canaries and waits until the subscription has begun, so that no row of a
 * record that is sent from then on is missed.
 */
export async function openRowLeg(
  of: { relation: QualifiedName; telling: SentColumn; texts: readonly string[] },
  session: MaterializeSession,
  waiting: Waiting,
): Promise<RowLeg> {
  await session.query(cursor.begin)
  await session.query(subscribeTo(of.relation, of.telling, of.texts))
  const seen: (string | null)[][] = []
  const fetch = async (): Promise<boolean> => {
    const first = await session.query(cursor.one(FETCH_S))
    const rest = await session.query(cursor.ready)
    seen.push(...rowsAdded(first), ...rowsAdded(rest))
    return first.rows.length > 0
  }
  // The first word of progress.
  while (!(await fetch())) goOn(waiting)
  return {
    wait: async (columns, within) => {
      const telling = columns.find(({ at }) => at === of.telling.at) ?? of.telling
      for (;;) {
        const row = seen.find((one) => rowDifferences([telling], one).length === 0)
        if (row) return rowDifferences(columns, row)
        goOn(within)
        await fetch()
      }
    },
    close: async () => {
      await session.query(cursor.rollback).catch(() => undefined)
    },
  }
}

/** Rows that came, without words of progress and rows that went. */
function rowsAdded(answer: ResultSet): (string | null)[][] {
  return answer.rows
    .filter(([, progressed, diff]) => !isTrue(progressed) && Number(diff) > 0)
    .map((row) => row.slice(HEAD))
}

function isTrue(text: string | null | undefined): boolean {
  return text === 't' || text === 'true'
}

export interface SinkLeg {
  /** Waits for a record’s message; names of columns as above, undefined where none can be compared. */
  wait(
    columns: readonly SentColumn[],
    text: string,
    waiting: Waiting,
  ): Promise<string[] | undefined>
}

/** Reads a sink’s topic, committed messages alone, from where it ends now. */
export async function openSinkLeg(
  sink: SinkSpec,
  kafka: Kafka,
  sleep: (ms: number) => Promise<void>,
): Promise<SinkLeg> {
  const from = new Map<number, bigint>()
  const look = async (): Promise<PartitionOffset[]> => {
    const [topic] = (await kafka.look([sink.topic])).topics
    if (topic?.failure) throw topic.failure
    return topic?.watermarks ?? []
  }
  // A topic that is not there yet is read from its start.
  for (const { partition, offset } of await look()) from.set(partition, offset)
  const next = async (): Promise<RawMessage[]> => {
    const upTo = (await look())
      .map(({ partition, offset }) => {
        const most = (from.get(partition) ?? 0n) + STEP
        return { partition, offset: offset < most ? offset : most }
      })
      .filter(({ partition, offset }) => offset > (from.get(partition) ?? 0n))
    if (upTo.length === 0) return []
    const lows = upTo.map(({ partition }) => ({ partition, offset: from.get(partition) ?? 0n }))
    const limit = Number(STEP) * upTo.length
    const { messages, complete } = await kafka.tail({ topic: sink.topic, upTo, lows, limit })
    if (complete) for (const { partition, offset } of upTo) from.set(partition, offset)
    return messages
  }
  return {
    wait: async (columns, text, waiting) => {
      for (;;) {
        const messages = await next()
        const found = messages.find(
          ({ key, value }) => holdsText(value, text) || holdsText(key, text),
        )
        if (found) return messageDifferences(columns, found.value, sink)
        goOn(waiting)
        await sleep(POLL_MS)
      }
    },
  }
}

/** Throws at the end of the time or as soon as waiting is of no use. */
function goOn({ deadline, check }: Waiting): void {
  check()
  if (deadline.remainingMs() > 0) return
  throw new Failure({ reason: 'deadline', message: 'Time ran out.' })
}
