import { exactJson } from './exact.ts'
import { formatName } from './model-format.ts'
import type { SinkSpec } from './model-sink.ts'
import type { Decoding } from './model-source.ts'
import { fromHex, parseExact } from './rows.ts'
import { columnsOf } from './source-columns.ts'
import { hex } from './sql.ts'

/** The member of a JSON value that holds a canary’s text. */
export const MEMBER = 'mka_canary'

const KEYED = ['bytes', 'text', 'json']

/** Why no record can be made up that a source would read, as the end of a sentence. */
export function unfitShape(decoding: Decoding): string | undefined {
  const { format, keyFormat, envelope } = decoding
  if (envelope === 'debezium')
    return 'its envelope is debezium, which tells of changes to a database'
  const name = formatName(format)
  if (typeof format !== 'string') {
    if (!('csv' in format)) {
      return `it reads values as ${name}, and a record that fits cannot be made up`
    }
    if (typeof format.csv.columns !== 'number') {
      return 'it takes only CSV records that repeat its header'
    }
  }
  const key = keyFormat && formatName(keyFormat)
  if (key !== undefined && !KEYED.includes(key)) {
    return `it reads keys as ${key}, and a key that fits cannot be made up`
  }
  return undefined
}

/** A record’s parts as text. */
export interface CanaryText {
  key: string | null
  value: string
}

/** A record that fits a source’s format, key and envelope. @param of.key the text of its key. */
export function canaryText(decoding: Decoding, of: { key: string; text: string }): CanaryText {
  const { keyFormat, format } = decoding
  const key = keyFormat === undefined ? null : plainText(formatName(keyFormat), of.key)
  if (typeof format === 'string') return { key, value: plainText(format, of.text) }
  return { key, value: 'csv' in format ? csvText(format.csv, of.text) : of.text }
}

function plainText(format: string, text: string): string {
  return format === 'json' ? JSON.stringify({ [MEMBER]: text }) : text
}

function csvText(
  { columns, delimiter = ',' }: { columns: number | string[]; delimiter?: string },
  text: string,
): string {
  const count = typeof columns === 'number' ? columns : columns.length
  // In quotes, since the delimiter may be a letter of it.
  return `"${text}"${delimiter.repeat(Math.max(0, count - 1))}`
}

/** A column that holds what was sent, and what it holds then. */
export interface SentColumn {
  name: string
  at: number
  kind: 'bytes' | 'text' | 'json'
  expected: string
}

/**
 * The columns that hold key and value of a record, by their place in the relation; the first one of
 * the value tells it from all others.
 */
export function sentColumns(
  decoding: Decoding,
  sent: { key: string; text: string },
): { telling: SentColumn; all: SentColumn[] } | undefined {
  const { format, keyFormat, envelope, include = [], inlineErrors } = decoding
  const names = columnsOf(decoding)
  if (!names) return undefined
  const isKeyed = envelope === 'upsert' || include.some(({ kind }) => kind === 'key')
  const column = (at: number, kind: SentColumn['kind'], expected: string): SentColumn => ({
    ...{ name: names[at] ?? '', at, kind, expected },
  })
  const keys = isKeyed && keyFormat !== undefined ? [columnOf(keyFormat, sent.key)] : []
  const first = keys.length + (inlineErrors ? 1 : 0)
  const values =
    typeof format === 'string' ? [columnOf(format, sent.text)] : cells(format, sent.text)
  const [telling, ...others] = values.map(([kind, expected], n) =>
    column(first + n, kind, expected),
  )
  if (!telling) return undefined
  const all = [...keys.map(([kind, expected], n) => column(n, kind, expected)), telling, ...others]
  return { telling, all }
}

type Held = [kind: SentColumn['kind'], expected: string]

function columnOf(format: Decoding['format'], text: string): Held {
  if (format === 'json') return ['json', plainText('json', text)]
  return format === 'bytes' ? ['bytes', text] : ['text', text]
}

function cells(format: Exclude<Decoding['format'], string>, text: string): Held[] {
  if (!('csv' in format)) return []
  const { columns } = format.csv
  const count = typeof columns === 'number' ? columns : columns.length
  return Array.from({ length: count }, (_, n) => ['text', n === 0 ? text : ''])
}

/** The names of columns in which a row is not what was sent. @param row of the relation alone. */
export function rowDifferences(
  columns: readonly SentColumn[],
  row: readonly (string | null)[],
): string[] {
  return columns.filter((one) => !isSame(one, row[one.at] ?? null)).map(({ name }) => name)
}

function isSame({ kind, expected }: SentColumn, cell: string | null): boolean {
  if (cell === null) return false
  if (kind === 'json') return exactJson(cell) === exactJson(expected)
  return kind === 'bytes' ? cell.toLowerCase() === `\\x${hex(expected)}` : cell === expected
}

/** Whether a message’s key or value has a canary’s text in it, be it as its bytes in some form. */
export function holdsText(bytes: Uint8Array | null, text: string): boolean {
  if (!bytes) return false
  const held = new TextDecoder().decode(bytes)
  return [text, hex(text), numbers(text).join(',')].some((form) => held.includes(form))
}

function numbers(text: string): number[] {
  return [...fromHex(`\\x${hex(text)}`)]
}

/**
 * In what a sink’s message is not what was sent: names of columns; undefined where only its schema
 * tells what the message holds.
 */
export function messageDifferences(
  columns: readonly SentColumn[],
  value: Uint8Array | null,
  sink: Pick<SinkSpec, 'format' | 'envelope'>,
): string[] | undefined {
  if (typeof sink.format !== 'string') return undefined
  // These have no room for what was there before: they write the row as a literal.
  if (sink.format !== 'json' && sink.envelope === 'debezium') return undefined
  const text = value === null ? '' : new TextDecoder().decode(value)
  const names = columns.map(({ name }) => name)
  if (sink.format !== 'json') {
    const isThere = columns.some(({ kind, expected }) =>
      kind === 'json' ? exactJson(text) === exactJson(expected) : text === expected,
    )
    return isThere ? [] : names
  }
  const parsed = parseExact(text)
  const whole = isObject(parsed) ? parsed : {}
  const row = sink.envelope === 'debezium' ? whole['after'] : whole
  if (!isObject(row)) return names
  return columns
    .filter(({ name, kind, expected }) => {
      const wanted =
        kind === 'bytes'
          ? JSON.stringify(numbers(expected))
          : kind === 'json'
            ? expected
            : JSON.stringify(expected)
      return exactJson(JSON.stringify(row[name] ?? null)) !== exactJson(wanted)
    })
    .map(({ name }) => name)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
