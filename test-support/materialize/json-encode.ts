import { unknownHere } from './errors.ts'
import type { Column } from './model.ts'
import { elementType, mapValueType, recordFields } from './nested-types.ts'
import { readList, readMap, readRecord } from './text-forms.ts'

const BARE_NUMBERS = new Set(['int2', 'int4', 'int8', 'uint2', 'uint4', 'uint8', 'oid'])
const TEXTS = new Set([
  'text',
  'varchar',
  'bpchar',
  'uuid',
  'date',
  'time',
  'interval',
  'numeric',
  'mz_timestamp',
  'numrange',
])

/** A row as a JSON sink writes it, from PostgreSQL's text of its cells. */
export function jsonRow(columns: Column[], row: (string | null)[]): string {
  const members = columns.map(
    (column, index) => `${JSON.stringify(column.name)}:${jsonValue(column.type, row[index]!)}`,
  )
  return `{${members.join(',')}}`
}

export function jsonValue(type: string, text: string | null): string {
  if (text === null) return 'null'
  const element = elementType(type)
  if (element !== undefined) {
    return `[${readList(text)
      .map((one) => jsonValue(element, one))
      .join(',')}]`
  }
  const held = mapValueType(type)
  if (held !== undefined) {
    const members = readMap(text).map(
      ([key, value]) => `${JSON.stringify(key)}:${jsonValue(held, value)}`,
    )
    return `{${members.join(',')}}`
  }
  const fields = recordFields(type)
  if (fields !== undefined) return jsonRow(fields, readRecord(text))
  if (BARE_NUMBERS.has(type)) return text
  if (TEXTS.has(type)) return JSON.stringify(text)
  switch (type) {
    case 'bool':
      return text === 't' ? 'true' : 'false'
    case 'float4':
    case 'float8':
      return Number.isFinite(Number(text)) ? String(Number(text)) : 'null'
    case 'bytea':
      return `[${[...Buffer.from(text.slice(2), 'hex')].join(',')}]`
    case 'timestamp':
    case 'timestamptz':
      return JSON.stringify(milliseconds(text))
    case 'jsonb':
      return text
    default:
      throw unknownHere(`how a JSON sink writes the type ${type}`)
  }
}

/** Milliseconds since 1970 with three decimals. */
function milliseconds(text: string): string {
  const [, instant, fraction = ''] = /^(.*?)(?:\.(\d+))?(?:[+-]\d\d(?::?\d\d)?)?$/.exec(text)!
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  const ms = Date.parse(`${instant!.replace(' ', 'T')}Z`) + Number(micros.slice(0, 3))
  return `${ms}.${micros.slice(3)}`
}
