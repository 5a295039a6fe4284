import type { Deadline } from './core/deadline.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { SinkFormat } from './core/model-format.ts'
import type { SinkSpec } from './core/model-sink.ts'
import type { TopicMessage } from './core/model.ts'
import {
  avroValue,
  bytesValue,
  headersValue,
  parseExact,
  type Row,
  rowObject,
} from './core/rows.ts'
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
  of: { relation: QualifiedName; minRows: number; counted?(count: bigint): void },
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
      of.counted?.(count)
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

/** Up to `limit` rows of a relation, in no order. @param of.headers a column of records’ headers. */
export async function sampleRows(
  of: { relation: QualifiedName; limit: number; headers?: string },
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
  for (const row of rows) readHeaders(row, of.headers)
  return { rows: rows.slice(0, of.limit), more: cutOff || rows.length > of.limit }
}

function objects(answer: ResultSet): Row[] {
  return answer.rows.map((row) => rowObject(answer.fields, row))
}

function readHeaders(row: Row, column: string | undefined): void {
  const headers = column === undefined ? undefined : headersValue(row[column])
  if (column !== undefined && headers) row[column] = headers
}

function sizeOf(answer: ResultSet): number {
  return answer.rows.flat().reduce((sum, value) => sum + (value?.length ?? 0), 0)
}

/** How a sink writes its messages. */
export type Written = Pick<SinkSpec, 'format' | 'keyFormat'>

/**
 * A message of a topic by the sink’s formats: JSON as what it holds, else text, or base64 where it is
 * none; of Avro the schema’s id and the rest as base64.
 */
export function decodeMessage(raw: RawMessage, written: Written): TopicMessage {
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
    key: decode(raw.key, written.keyFormat ?? written.format),
    value: decode(raw.value, written.format),
  }
}

function decode(bytes: Buffer | null, format: SinkFormat): unknown {
  if (bytes === null) return null
  if (typeof format !== 'string') return avroValue(bytes) ?? bytesValue(bytes)
  const text = bytesValue(bytes)
  return format === 'json' && typeof text === 'string' ? parseExact(text) : text
}
