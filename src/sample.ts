import type { Deadline } from './core/deadline.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { TopicMessage } from './core/model.ts'
import { bytesValue, parseExact, type Row, rowObject } from './core/rows.ts'
import { cursor, firstRows } from './core/sql.ts'
import type { MaterializeSession, RawMessage, ResultSet } from './ports.ts'

/** Above this many rows Materialize builds a dataflow for a SELECT with LIMIT. */
const FAST_PATH = 24
/** UTF-16 units of sampled rows to hold at most: what is above could not be handed on anyway. */
const MOST_TEXT = 8_000_000

/**
 * Waits until a relation has as many rows as asked for, or time is up. Materialize sends the number
 * once and then each change, so that nothing is counted twice.
 * @returns how many rows there were last.
 */
export async function waitForRows(
  of: { relation: QualifiedName; minRows: number },
  session: MaterializeSession,
  deadline: Deadline,
): Promise<number> {
  let count = 0n
  await session.query(cursor.begin)
  await session.query(cursor.ofCounts(of.relation))
  try {
    while (count < BigInt(of.minRows) && deadline.remainingMs() > 0) {
      // Not longer than a second, so that a cancelled run need not wait for the server.
      const seconds = Math.min(1, Math.ceil(deadline.remainingMs() / 100) / 10)
      count += countIn(await session.query(cursor.one(seconds)))
      count += countIn(await session.query(cursor.ready))
    }
  } finally {
    await session.query(cursor.rollback).catch(() => undefined)
  }
  return Number(count)
}

function countIn(answer: ResultSet): bigint {
  const diff = answer.fields.findIndex((field) => field.name === 'mz_diff')
  return answer.rows.reduce((sum, row) => sum + BigInt(row[diff] ?? '0'), 0n)
}

export interface Sample {
  rows: Row[]
  /** Whether the relation has more rows than these. */
  more: boolean
}

/** Up to `limit` rows of a relation, in no order. */
export async function sampleRows(
  of: { relation: QualifiedName; limit: number },
  session: MaterializeSession,
): Promise<Sample> {
  // One more than asked for tells whether there are more.
  const wanted = of.limit + 1
  const rows: Row[] = []
  let cutOff = false
  if (wanted <= FAST_PATH) {
    const answer = await session.query(firstRows(of.relation, wanted))
    rows.push(...objects(answer))
  } else {
    await session.query(cursor.begin)
    try {
      await session.query(cursor.ofRows(of.relation, wanted))
      let size = 0
      while (rows.length < wanted && size < MOST_TEXT) {
        const answer = await session.query(cursor.next(FAST_PATH))
        if (answer.rows.length === 0) break
        rows.push(...objects(answer))
        size += sizeOf(answer)
      }
      cutOff = size >= MOST_TEXT
    } finally {
      await session.query(cursor.rollback).catch(() => undefined)
    }
  }
  return { rows: rows.slice(0, of.limit), more: cutOff || rows.length > of.limit }
}

function objects(answer: ResultSet): Row[] {
  return answer.rows.map((row) => rowObject(answer.fields, row))
}

function sizeOf(answer: ResultSet): number {
  return answer.rows.flat().reduce((sum, value) => sum + (value?.length ?? 0), 0)
}

/** A message of a topic with what it holds as JSON where it is JSON, else as text or base64. */
export function decodeMessage(raw: RawMessage): TopicMessage {
  const values = new Map<string, string[]>()
  for (const [name, value] of raw.headers) {
    values.set(name, [...(values.get(name) ?? []), value?.toString('utf8') ?? ''])
  }
  // fromEntries, since a header may be called __proto__. One that comes twice is a list.
  const headers = Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]),
  )
  return {
    partition: raw.partition,
    offset: raw.offset,
    timestamp: raw.timestamp,
    headers,
    key: decode(raw.key),
    value: decode(raw.value),
  }
}

function decode(bytes: Buffer | null): unknown {
  if (bytes === null) return null
  const text = bytesValue(bytes)
  return typeof text === 'string' ? parseExact(text) : text
}
