import type { SourceRecord } from './engine-port.ts'
import { planError, unknownHere } from './errors.ts'
import { JsonError, readJson } from './json-reader.ts'
import type { Column, Decoding } from './model.ts'
import type { Format, Include } from './statements.ts'

/** A value as PostgreSQL reads it. */
export type Cell = string | null

/** What one record became: cells of the key, of the value, and of what INCLUDE adds. */
export interface Decoded {
  key: Cell[] | null
  /** Absent for a tombstone. */
  value: Cell[] | null
  includes: Cell[]
}

export class DecodeFailure extends Error {
  readonly key: Cell[] | null

  constructor(message: string, key: Cell[] | null = null) {
    super(message)
    this.key = key
  }
}

export function isUpsert(of: Decoding): boolean {
  return of.envelope?.is === 'upsert' || of.envelope?.is === 'upsert-inline'
}

/** Columns of the relation and the keys known to be unique. */
export function decodedColumns(of: Decoding): { columns: Column[]; keys: string[][] } {
  const { format, envelope } = of
  if (format?.value === undefined) return { columns: [], keys: [] }
  const upsert = isUpsert(of)
  const includeKey = of.include.find((include) => include.is === 'KEY')
  if (envelope?.is === 'debezium' || (upsert && format.key === undefined)) {
    if (format.key === undefined) {
      throw planError('ENVELOPE [DEBEZIUM] UPSERT requires that KEY FORMAT be specified')
    }
    throw unknownHere('ENVELOPE DEBEZIUM without Avro')
  }
  if (includeKey !== undefined && format.key === undefined) {
    throw planError('INCLUDE KEY requires specifying KEY FORMAT .. VALUE FORMAT, got bare FORMAT')
  }
  const inline = envelope?.is === 'upsert-inline'
  const value = formatColumns(format.value, 'value').map((column) =>
    inline ? { ...column, nullable: true } : column,
  )
  let key: Column[] = []
  if (format.key !== undefined && (upsert || includeKey !== undefined)) {
    key = formatColumns(format.key, 'key').map((column) => ({ ...column, nullable: !upsert }))
    if (includeKey?.alias !== undefined && key.length === 1) key[0]!.name = includeKey.alias
  }
  const error: Column[] = inline
    ? [{ name: envelope.alias ?? 'error', type: 'record', nullable: true }]
    : []
  const columns = [...key, ...error, ...value, ...of.include.flatMap(includeColumn)]
  of.columns?.forEach((name, index) => {
    if (columns[index] !== undefined) columns[index].name = name
  })
  const keys = upsert ? [columns.slice(0, key.length).map((column) => column.name)] : []
  return { columns, keys }
}

function formatColumns(format: Format, side: 'key' | 'value'): Column[] {
  const one = (name: string, type: string): Column[] => [
    { name: side === 'key' ? 'key' : name, type, nullable: false },
  ]
  const text = (name: string, nullable: boolean): Column => ({ name, type: 'text', nullable })
  switch (format.is) {
    case 'bytes':
      return one('data', 'bytea')
    case 'text':
      return one('text', 'text')
    case 'json':
      return one('data', 'jsonb')
    case 'csv': {
      const names =
        format.header ?? Array.from({ length: format.columns ?? 0 }, (_, at) => `column${at + 1}`)
      return names.map((name) => text(name, false))
    }
    case 'regex': {
      const names = captureNames(format.pattern)
      return names.map((name, at) => text(name ?? `column${at + 1}`, true))
    }
    default:
      throw unknownHere(`FORMAT ${format.is.toUpperCase()}`)
  }
}

function captureNames(pattern: string): (string | undefined)[] {
  const groups = pattern.replace(/\\./g, '').matchAll(/\((?:\?P?<([A-Za-z_]\w*)>|(?!\?))/g)
  return [...groups].map((match) => match[1])
}

const INCLUDED: Record<Exclude<Include['is'], 'KEY'>, [string, string, boolean]> = {
  PARTITION: ['partition', 'int4', false],
  OFFSET: ['offset', 'uint8', false],
  TIMESTAMP: ['timestamp', 'timestamp', false],
  HEADERS: ['headers', 'list', false],
  HEADER: ['header', 'text', true],
}

function includeColumn(include: Include): Column[] {
  if (include.is === 'KEY') return []
  const [name, type, nullable] = INCLUDED[include.is]
  return [{ name: include.alias ?? name, type: include.bytes === true ? 'bytea' : type, nullable }]
}

export function decodeRecord(of: Decoding, record: SourceRecord): Decoded {
  const { key: keyFormat, value: valueFormat } = of.format!
  let key: Cell[] | null = null
  if (keyFormat !== undefined && record.key !== null) {
    key = decodeWhole(keyFormat, record.key)
  }
  let value: Cell[] | null = null
  if (record.value !== null) {
    try {
      value = decodeWhole(valueFormat!, record.value)
    } catch (error) {
      throw error instanceof DecodeFailure ? new DecodeFailure(error.message, key) : error
    }
  }
  return { key, value, includes: of.include.flatMap((include) => included(include, record)) }
}

/** The error names the bytes it could not read, as text too where they are text. */
function decodeWhole(format: Format, bytes: Buffer): Cell[] {
  try {
    return decode(format, bytes)
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error
    const text = utf8(bytes)
    const original = text === undefined ? '' : `original text: ${text}, `
    throw new DecodeFailure(
      `${error.message} (${original}original bytes: "${bytes.toString('hex')}")`,
    )
  }
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function decode(format: Format, bytes: Buffer): Cell[] {
  switch (format.is) {
    case 'bytes':
      return [`\\x${bytes.toString('hex')}`]
    case 'json':
      try {
        return [readJson(bytes)]
      } catch (error) {
        if (error instanceof JsonError) {
          throw new DecodeFailure(`Failed to decode JSON: ${error.message}`)
        }
        throw error
      }
  }
  const text = utf8(bytes)
  if (text === undefined) throw new DecodeFailure('Failed to decode UTF-8')
  switch (format.is) {
    case 'text':
      return [text]
    case 'csv':
      return csv(format, text)
    case 'regex': {
      const match = new RegExp(format.pattern.replaceAll('(?P<', '(?<'), 'u').exec(text)
      if (match === null) {
        throw new DecodeFailure(`Regex: Regex did not match`)
      }
      return match.slice(1).map((group) => group ?? null)
    }
    default:
      throw unknownHere(`FORMAT ${format.is.toUpperCase()}`)
  }
}

function csv(format: Format & { is: 'csv' }, text: string): Cell[] {
  const fields = csvFields(text, format.delimiter ?? ',')
  const expected = format.header?.length ?? format.columns ?? 0
  if (fields.length !== expected) {
    throw new DecodeFailure(
      `CSV error at record number 1: expected ${expected} columns, got ${fields.length}.`,
    )
  }
  const wrong = format.header?.findIndex((name, index) => name !== fields[index]) ?? -1
  if (wrong >= 0) {
    // Every Kafka record is taken for a file of its own, whose first line must be the header.
    const row = fields.map((field) => `String(<${JSON.stringify(redacted(field))}>)`).join(', ')
    throw new DecodeFailure(
      `source file contains incorrect columns 'Row{[${row}]}', first mismatched column at index ` +
        `${wrong + 1} expected=${format.header![wrong]} actual="${fields[wrong]}"`,
    )
  }
  return fields
}

function redacted(field: string): string {
  return field.replace(/[a-z]/g, 'X').replace(/\d/g, '#')
}

function csvFields(text: string, delimiter: string): string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  const line = text.replace(/\r?\n$/, '')
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (quoted && char === '"' && line[at + 1] === '"') {
      field += '"'
      at++
    } else if (char === '"' && (quoted || field === '')) quoted = !quoted
    else if (char === delimiter && !quoted) {
      fields.push(field)
      field = ''
    } else field += char
  }
  return [...fields, field]
}

function included(include: Include, record: SourceRecord): Cell[] {
  switch (include.is) {
    case 'KEY':
      return []
    case 'PARTITION':
      return [String(record.partition)]
    case 'OFFSET':
      return [String(record.offset)]
    case 'TIMESTAMP':
      return [new Date(record.timestampMs).toISOString().replace('T', ' ').replace('Z', '')]
    case 'HEADERS':
      return [
        listText(
          record.headers.map(([name, value]) =>
            recordText([name, value === null ? null : `\\x${value.toString('hex')}`]),
          ),
        ),
      ]
    case 'HEADER': {
      const found = record.headers.findLast(([name]) => name === include.header)?.[1] ?? null
      if (found === null) return [null]
      return [include.bytes === true ? `\\x${found.toString('hex')}` : found.toString('utf8')]
    }
  }
}

/** A row in text form: fields with special characters within quotes that double what they hold. */
export function recordText(fields: Cell[]): string {
  const written = fields.map((field) => {
    if (field === null) return ''
    if (field !== '' && !/[\s"\\(),]/.test(field)) return field
    return `"${field.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`
  })
  return `(${written.join(',')})`
}

export function listText(elements: Cell[]): string {
  const written = elements.map((element) => {
    if (element === null) return 'NULL'
    if (element !== '' && !/[\s"\\{},()]/.test(element) && element.toUpperCase() !== 'NULL') {
      return element
    }
    return `"${element.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${written.join(',')}}`
}
