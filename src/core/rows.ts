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
  return text
}

/** Bytes as text where they are UTF-8, else as base64. */
export function bytesValue(bytes: Uint8Array): string | Base64 {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) }
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
