import type { SourceFormat } from './model-format.ts'
import type { Decoding, Include } from './model-source.ts'

/**
 * Names of the columns that records become, in order; undefined where only a schema or pattern that is
 * read elsewhere tells.
 */
export function columnsOf(decoding: Decoding): string[] | undefined {
  const { format, keyFormat, include = [], envelope, inlineErrors, columns } = decoding
  const value = valueColumns(format)
  const key = include.find((one) => one.kind === 'key')
  const isKeyed = key !== undefined || envelope === 'upsert'
  const keys = isKeyed ? keyColumns(keyFormat, key) : []
  if (!value || !keys) return undefined
  const made = [
    ...keys,
    ...(inlineErrors ? [inlineErrors.as ?? 'error'] : []),
    ...value,
    ...include.filter((one) => one !== key).map((one) => one.as ?? one.kind),
  ]
  return made.map((name, at) => columns?.[at] ?? name)
}

function valueColumns(format: SourceFormat): string[] | undefined {
  if (format === 'text') return ['text']
  if (typeof format === 'string') return ['data']
  if (!('csv' in format)) return undefined
  const { columns } = format.csv
  return typeof columns === 'number'
    ? Array.from({ length: columns }, (_, at) => `column${String(at + 1)}`)
    : columns
}

function keyColumns(
  format: SourceFormat | undefined,
  include: Include | undefined,
): string[] | undefined {
  if (include?.as !== undefined) return [include.as]
  // Of other formats the fields become columns of their own.
  return typeof format === 'string' ? ['key'] : undefined
}

/** The column of a record’s headers, if they are included and it can be told. */
export function headersColumn(decoding: Decoding): string | undefined {
  const headers = decoding.include?.find((one) => one.kind === 'headers')
  if (!headers) return undefined
  const name = headers.as ?? 'headers'
  const { columns, ...unnamed } = decoding
  if (!columns) return name
  const at = columnsOf(unnamed)?.indexOf(name) ?? -1
  return columns[at] ?? (at < 0 ? undefined : name)
}

/**
 * The columns that tell a source’s rows apart: none without an envelope; undefined where only a schema
 * that is read elsewhere tells.
 */
export function uniqueKeyOf(decoding: Decoding): string[] | undefined {
  const { envelope, keyFormat, include = [], columns } = decoding
  if (envelope === undefined || envelope === 'none') return []
  if (envelope === 'debezium') return undefined
  const keys = keyColumns(
    keyFormat,
    include.find((one) => one.kind === 'key'),
  )
  return keys?.map((name, at) => columns?.[at] ?? name)
}
