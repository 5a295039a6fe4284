import { DecodeFailure } from './decode-failure.ts'
import { utf8, type Encoding } from './encoding.ts'
import type { SourceRecord } from './engine-port.ts'
import { planError, unknownHere } from './errors.ts'
import { encodingsOf, type Encodings, type RegistryOf } from './format-encodings.ts'
import type { Column, Decoding } from './model.ts'
import { recordFields, recordType } from './nested-types.ts'
import { includeColumn, included } from './source-includes.ts'
import { readRecord, recordText, type Cell } from './text-forms.ts'

/** What one record became: cells of the key's columns, of the value's, and of what INCLUDE adds. */
export interface Decoded {
  key: Cell[] | null
  /** Absent for a record that takes its key back. */
  value: Cell[] | null
  includes: Cell[]
}

/** How records make rows: the relation's columns, and which of them are the key's. */
export interface Layout {
  columns: Column[]
  /** Names of the columns that are unique together. */
  keys: string[][]
  /** How many columns stand before the value's, for the key and for an inline error. */
  keyWidth: number
  hasError: boolean
  valueWidth: number
  /** Whether a record without a value makes a row. */
  takesTombstones?: boolean
  decode(record: SourceRecord): Promise<Decoded>
}

/** Records that replace those of the same key. */
export function isUpsert(of: Decoding): boolean {
  const envelope = of.envelope?.is
  return envelope === 'upsert' || envelope === 'upsert-inline' || envelope === 'debezium'
}

/** The relation that a source's clauses make, or why they make none. */
export function layoutOf(of: Decoding, registryOf: RegistryOf): Layout {
  const layout = layoutBefore(of, registryOf)
  rename(layout, of.columns ?? [])
  const seen = new Set<string>()
  for (const { name } of layout.columns) {
    if (seen.has(name)) throw planError(`column ${JSON.stringify(name)} specified more than once`)
    seen.add(name)
  }
  return layout
}

/** With the names that it has of itself. */
function layoutBefore(of: Decoding, registryOf: RegistryOf): Layout {
  if (of.format === undefined) return unformatted(of)
  const encodings = encodingsOf(of.format, registryOf)
  return of.envelope?.is === 'debezium' ? debezium(of, encodings) : plain(of, encodings)
}

/** A table without FORMAT has the bytes of keys and values. */
function unformatted(of: Decoding): Layout {
  if (of.envelope !== undefined && of.envelope.is !== 'none') {
    throw unknownHere('an envelope without FORMAT')
  }
  if (of.include.some(({ is }) => is === 'KEY')) throw unknownHere('INCLUDE KEY without FORMAT')
  const bytes = (name: string): Column => ({ name, type: 'bytea', nullable: true })
  const cell = (value: Buffer | null) => (value === null ? null : `\\x${value.toString('hex')}`)
  return {
    columns: [bytes('key'), bytes('value'), ...of.include.flatMap(includeColumn)],
    keys: [],
    keyWidth: 1,
    hasError: false,
    valueWidth: 1,
    takesTombstones: true,
    decode: async (record) => ({
      key: [cell(record.key)],
      value: [cell(record.value)],
      includes: of.include.flatMap((one) => included(one, record)),
    }),
  }
}

function rename(layout: Layout, names: string[]): void {
  if (names.length > layout.columns.length) {
    throw unknownHere('how Materialize refuses more column names than there are columns')
  }
  const before = new Map<string, string>()
  names.forEach((name, index) => {
    before.set(layout.columns[index]!.name, name)
    layout.columns[index]!.name = name
  })
  layout.keys = layout.keys.map((key) => key.map((name) => before.get(name) ?? name))
}

function plain(of: Decoding, encodings: Encodings): Layout {
  const { envelope } = of
  const upsert = isUpsert(of)
  const include = of.include.find(({ is }) => is === 'KEY')
  if (upsert && encodings.key === undefined) {
    throw planError('ENVELOPE [DEBEZIUM] UPSERT requires that KEY FORMAT be specified')
  }
  if (include !== undefined && encodings.key === undefined) {
    throw planError('INCLUDE KEY requires specifying KEY FORMAT .. VALUE FORMAT, got bare FORMAT')
  }
  const inline = envelope?.is === 'upsert-inline'
  const value = encodings.value.columns.map((column) => ({
    ...column,
    nullable: column.nullable || inline,
  }))
  const withKey = upsert || include !== undefined
  const key = withKey ? keyColumns(encodings.key!, include?.alias, !upsert) : []
  const error: Column[] = inline
    ? [{ name: envelope.alias ?? 'error', type: ERROR_TYPE, nullable: true }]
    : []
  const isPacked = key.length === 1 && (encodings.key?.columns.length ?? 0) > 1
  return {
    columns: [...key, ...error, ...value, ...of.include.flatMap(includeColumn)],
    keys: upsert ? [key.map(({ name }) => name)] : [],
    keyWidth: key.length,
    hasError: inline,
    valueWidth: value.length,
    decode: async (record) => {
      const cells = withKey ? await keyCells(encodings.key!, record) : null
      const key = cells !== null && isPacked ? [recordText(cells)] : cells
      return {
        key,
        value: await valueCells(encodings.value, { record, key }),
        includes: of.include.flatMap((one) => included(one, record)),
      }
    },
  }
}

const ERROR_TYPE = recordType([{ name: 'description', type: 'text', nullable: false }])

/** A key of several columns is one of record type if it is given one name. */
function keyColumns(key: Encoding, alias: string | undefined, nullable: boolean): Column[] {
  const columns = key.columns.map((column) => ({
    ...column,
    nullable: column.nullable || nullable,
  }))
  if (alias === undefined) {
    return key.isUnnamed ? columns.map((column) => ({ ...column, name: 'key' })) : columns
  }
  if (columns.length === 1) return [{ ...columns[0]!, name: alias }]
  return [{ name: alias, type: recordType(key.columns), nullable }]
}

/** The value is an envelope of its own: `after` is the row, and the record's key says which. */
function debezium(of: Decoding, encodings: Encodings): Layout {
  if (encodings.key === undefined) {
    throw planError('ENVELOPE [DEBEZIUM] UPSERT requires that KEY FORMAT be specified')
  }
  if (of.include.some(({ is }) => is === 'KEY')) {
    throw unknownHere('INCLUDE KEY with ENVELOPE DEBEZIUM')
  }
  const { columns: envelope } = encodings.value
  const at = envelope.findIndex(({ name }) => name === 'after')
  if (at === -1) throw planError("'after' column missing from debezium input")
  const before = envelope.find(({ name }) => name === 'before')
  const after = envelope[at]!
  if (before !== undefined && recordFields(before.type) === undefined) {
    throw planError("'before' column must be of type record")
  }
  if (before !== undefined && before.type !== after.type) {
    throw planError("'before' type differs from 'after' column")
  }
  const row = recordFields(after.type) ?? []
  const key = encodings.key.columns.map(({ name }) => name)
  const missing = key.find((name) => !row.some((column) => column.name === name))
  if (missing !== undefined) {
    throw planError(`Value schema missing primary key column: ${missing}`)
  }
  return {
    columns: [...row, ...of.include.flatMap(includeColumn)],
    keys: [key],
    keyWidth: 0,
    hasError: false,
    valueWidth: row.length,
    decode: async (record) => {
      const cells = await keyCells(encodings.key!, record)
      const value = await valueCells(encodings.value, { record, key: cells })
      const text = value?.[at] ?? null
      return {
        key: cells,
        value: text === null ? null : readRecord(text),
        includes: of.include.flatMap((one) => included(one, record)),
      }
    },
  }
}

async function keyCells(encoding: Encoding, record: SourceRecord): Promise<Cell[] | null> {
  return record.key === null ? null : wholly(encoding, record.key)
}

async function valueCells(
  encoding: Encoding,
  of: { record: SourceRecord; key: Cell[] | null },
): Promise<Cell[] | null> {
  if (of.record.value === null) return null
  try {
    return await wholly(encoding, of.record.value)
  } catch (error) {
    throw error instanceof DecodeFailure ? new DecodeFailure(error.message, of.key) : error
  }
}

/** The error names the bytes it could not read, as text too where they are text. */
async function wholly(encoding: Encoding, bytes: Buffer): Promise<Cell[]> {
  try {
    return await encoding.decode(bytes)
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error
    const text = utf8(bytes)?.replaceAll('\0', 'NULL')
    const original = text === undefined ? '' : `original text: ${text}, `
    throw new DecodeFailure(
      `${error.message} (${original}original bytes: "${bytes.toString('hex')}")`,
    )
  }
}
