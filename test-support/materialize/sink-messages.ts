import type { SinkMessage } from './engine-port.ts'
import type { Column } from './model.ts'
import { mapValueType } from './nested-types.ts'
import { seahash } from './seahash.ts'
import type { SinkEncoders } from './sink-encoders.ts'
import type { CreateSink } from './statements.ts'
import { readMap } from './text-forms.ts'

export type Row = (string | null)[]

export interface Change {
  row: Row
  /** How many times it came, or went if negative. */
  count: number
}

export interface SinkShape {
  statement: CreateSink
  columns: Column[]
  encoders: SinkEncoders
  /** Of rows whose partition an expression decides, that expression's value by row. */
  partition?: (row: Row) => bigint | undefined
}

/** What changed between two states of a relation, as a multiset. */
export function difference(before: Map<string, number>, after: Map<string, number>): Change[] {
  const changes: Change[] = []
  for (const [key, count] of before) {
    const rest = (after.get(key) ?? 0) - count
    if (rest < 0) changes.push({ row: JSON.parse(key) as Row, count: rest })
  }
  for (const [key, count] of after) {
    const more = count - (before.get(key) ?? 0)
    if (more > 0) changes.push({ row: JSON.parse(key) as Row, count: more })
  }
  return changes
}

export function counted(rows: Row[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const key = JSON.stringify(row)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** The records one moment's changes make. */
export function messages(shape: SinkShape, changes: Change[], timestampMs: number): SinkMessage[] {
  const gone = changes.filter((change) => change.count < 0).flatMap(repeated)
  const come = changes.filter((change) => change.count > 0).flatMap(repeated)
  const make = (pair: {
    key: Row | null
    value: string | Buffer | null
    row: Row
  }): SinkMessage => {
    const key = pair.key === null ? null : shape.encoders.key(pair.key)
    const message: SinkMessage = {
      key,
      value: pair.value,
      headers: { ...headersOf(shape, pair.row), 'materialize-timestamp': String(timestampMs) },
    }
    const chosen = shape.partition?.(pair.row)
    if (chosen !== undefined) message.partitionHash = chosen
    else if (key !== null) message.partitionHash = seahash(Buffer.from(key))
    return message
  }
  const pairs = paired(shape, gone, come)
  if (shape.statement.envelope === 'upsert') {
    return pairs.map(({ key, before, after }) =>
      make({
        key,
        value: after === null ? null : shape.encoders.value(after),
        row: (after ?? before)!,
      }),
    )
  }
  return pairs.map(({ key, before, after }) =>
    make({ key, value: shape.encoders.envelope(before, after), row: (after ?? before)! }),
  )
}

function repeated(change: Change): Row[] {
  return Array.from({ length: Math.abs(change.count) }, () => change.row)
}

interface Pair {
  key: Row | null
  before: Row | null
  after: Row | null
}

/** With a key an update is one record, without one it is two. */
function paired(shape: SinkShape, gone: Row[], come: Row[]): Pair[] {
  const { key } = shape.statement
  if (key === undefined) {
    return [
      ...gone.map((row): Pair => ({ key: null, before: row, after: null })),
      ...come.map((row): Pair => ({ key: null, before: null, after: row })),
    ]
  }
  const indexes = keyIndexes(shape)
  const keyOf = (row: Row) => indexes.map((index) => row[index]!)
  const pairs: Pair[] = gone.map((row) => ({ key: keyOf(row), before: row, after: null }))
  for (const row of come) {
    const id = JSON.stringify(keyOf(row))
    const match = pairs.find(
      (pair) => pair.before !== null && pair.after === null && JSON.stringify(pair.key) === id,
    )
    if (match === undefined) pairs.push({ key: keyOf(row), before: null, after: row })
    else match.after = row
  }
  return pairs
}

function keyIndexes(shape: SinkShape): number[] {
  return (shape.statement.key?.columns ?? []).map((name) =>
    shape.columns.findIndex((column) => column.name === name),
  )
}

/** Of the column that HEADERS names; names that begin as Materialize's own do are left out. */
function headersOf(shape: SinkShape, row: Row): SinkMessage['headers'] {
  const { headers: name } = shape.statement
  const at = shape.columns.findIndex((column) => column.name === name)
  const text = row[at]
  if (name === undefined || text === undefined || text === null) return {}
  const isBytes = mapValueType(shape.columns[at]!.type) === 'bytea'
  const entries = readMap(text)
    .filter(([key]) => !key.startsWith('materialize-'))
    .map(([key, value]) => [
      key,
      value !== null && isBytes ? Buffer.from(value.slice(2), 'hex') : value,
    ])
  return Object.fromEntries(entries) as SinkMessage['headers']
}
