import { unknownHere } from './errors.ts'
import type { Column } from './model.ts'

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
  const element = /^(.*)(?:\[\]| list)$/.exec(type)?.[1]
  if (element !== undefined) {
    return `[${arrayElements(text)
      .map((one) => jsonValue(element, one))
      .join(',')}]`
  }
  const held = /^map\[(.*)\]$/.exec(type)?.[1]
  if (held !== undefined) return jsonMap(held, text)
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

/** Of `{k=>v,…}`. */
function jsonMap(type: string, text: string): string {
  const pattern =
    /(?:"((?:[^"\\]|\\.)*)"|([^",{}=]+))=>(?:"((?:[^"\\]|\\.)*)"|([^",{}]+))(?=[,}])/gs
  const unquoted = (quoted: string | undefined) => quoted?.replace(/\\(.)/gs, '$1')
  const members = [...text.matchAll(pattern)].map(([, quotedKey, key, quoted, bare]) => {
    const value = unquoted(quoted) ?? (bare === 'NULL' ? null : bare!)
    return `${JSON.stringify(unquoted(quotedKey) ?? key)}:${jsonValue(type, value)}`
  })
  return `{${members.join(',')}}`
}

/** Elements of PostgreSQL's `{…}`, one level deep. */
function arrayElements(text: string): (string | null)[] {
  const elements: (string | null)[] = []
  const pattern = /(?:"((?:[^"\\]|\\.)*)"|([^",{}]+))(?=[,}])/gs
  for (const [, quoted, bare] of text.matchAll(pattern)) {
    if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/gs, '$1'))
    else elements.push(bare === 'NULL' ? null : bare!)
  }
  return elements
}
