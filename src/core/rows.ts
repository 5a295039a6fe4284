import { listValue, mapValue, recordValue } from './rows-nested.ts'

/** Rows of an answer as JSON values, exact: nothing is rounded on its way to the next step. */

/** PostgreSQL and Materialize type numbers of values that have several spellings. */
export const TYPES = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  json: 114,
  float4: 700,
  float8: 701,
  numeric: 1700,
  jsonb: 3802,
  uint2: 16460,
  uint4: 16462,
  uint8: 16464,
} as const

/** Materialize’s own, and PostgreSQL’s record. */
const NESTED = { record: 2249, list: 16384, map: 16385 } as const

/** PostgreSQL’s arrays, and what they hold. */
const ARRAYS: ReadonlyMap<number, number> = new Map([
  ...([
    [1000, 16],
    [1001, 17],
    [1005, 21],
    [1007, 23],
    [1009, 25],
    [1014, 1042],
  ] as const),
  ...([
    [1015, 1043],
    [1016, 20],
    [1021, 700],
    [1022, 701],
    [1028, 26],
    [1115, 1114],
  ] as const),
  ...([
    [1182, 1082],
    [1183, 1083],
    [1185, 1184],
    [1187, 1186],
    [1231, 1700],
    [2951, 2950],
  ] as const),
  ...([
    [3807, 3802],
    [16459, 16460],
    [16461, 16462],
    [16463, 16464],
  ] as const),
])

const INTEGERS: ReadonlySet<number> = new Set([
  TYPES.int2,
  TYPES.int4,
  TYPES.int8,
  TYPES.uint2,
  TYPES.uint4,
  TYPES.uint8,
])
const FLOATS: ReadonlySet<number> = new Set([TYPES.float4, TYPES.float8])

export type Row = Record<string, unknown>

/** Bytes that are not UTF-8 text: the form says that base64 was used. */
export interface Base64 {
  base64: string
}

/** One row as an object named by column; a name that comes twice gets a number behind it. */
export function rowObject(
  fields: readonly { name: string; type: number }[],
  values: readonly (string | null)[],
): Row {
  const row: Row = {}
  const names = columnNames(fields)
  fields.forEach((field, index) => {
    // defineProperty: a column may be called __proto__.
    Object.defineProperty(row, names[index] ?? '', {
      value: jsonValue(field.type, values[index] ?? null),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  })
  return row
}

/** The columns’ names, no two alike. */
export function columnNames(fields: readonly { name: string }[]): string[] {
  const names = new Set<string>()
  for (const field of fields) {
    let name = field.name
    for (let n = 2; names.has(name); n++) name = `${field.name}_${String(n)}`
    names.add(name)
  }
  return [...names]
}

/** A value in text form as JSON; what JSON has no form for stays text. */
export function jsonValue(type: number, text: string | null): unknown {
  if (text === null) return null
  if (type === TYPES.bool) return text === 't' || text === 'true'
  if (type === TYPES.bytea) return bytesValue(fromHex(text))
  if (INTEGERS.has(type)) return exactNumber(text)
  if (FLOATS.has(type)) return Number.isFinite(Number(text)) ? Number(text) : text
  if (type === TYPES.json || type === TYPES.jsonb) return parseExact(text)
  if (type === NESTED.record) return recordValue(text) ?? text
  if (type === NESTED.list) return listValue(text, (leaf) => leaf) ?? text
  if (type === NESTED.map) return mapValue(text, (leaf) => leaf) ?? text
  const inner = ARRAYS.get(type)
  if (inner !== undefined) return listValue(text, (leaf) => jsonValue(inner, leaf)) ?? text
  return text
}

/** Bytes as text where they are UTF-8, else as base64. */
export function bytesValue(bytes: Uint8Array): string | Base64 {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: base64(bytes) }
  }
}

/** JSON text with numbers that a double cannot hold kept to the digit; other text as it is. */
export function parseExact(text: string): unknown {
  try {
    return (JSON as unknown as ExactJson).parse(text, (_key, value, context) =>
      typeof value === 'number' && context?.source !== undefined
        ? exactNumber(context.source)
        : value,
    )
  } catch {
    return text
  }
}

/** Not yet in TypeScript’s own library; Node 24 has both. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): unknown
}

function exactNumber(source: string): unknown {
  const number = Number(source)
  return String(number) === source ? number : (JSON as unknown as ExactJson).rawJSON(source)
}

/** The bytes of `\x` and hexadecimal digits. */
export function fromHex(text: string): Uint8Array {
  const digits = text.startsWith('\\x') ? text.slice(2) : ''
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  }
  return bytes
}

/**
 * The headers of a record, which Materialize gives as a list of records, as key and value; undefined
 * where the value is none.
 */
export function headersValue(value: unknown): { key: string; value: unknown }[] | undefined {
  if (!Array.isArray(value)) return undefined
  const headers = value.map((one) => {
    const [key, held, ...more] = (typeof one === 'string' ? recordValue(one) : undefined) ?? []
    return typeof key === 'string' && held !== undefined && more.length === 0
      ? { key, value: jsonValue(TYPES.bytea, held) }
      : undefined
  })
  return headers.every((one) => one !== undefined) ? headers : undefined
}

/** What a message holds in Avro: nothing here can read it without the schema of that id. */
export interface AvroMessage {
  avro: { schema: number } & Base64
}

/** Bytes that begin as every message with a schema of a registry does: a zero and the schema’s id. */
export function avroValue(bytes: Uint8Array): AvroMessage | undefined {
  if (bytes.length < 5 || bytes[0] !== 0) return undefined
  const schema = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  return { avro: { schema, base64: base64(bytes.subarray(5)) } }
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
