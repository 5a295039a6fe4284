import { bytesValue, fromHex, parseExact, TYPES } from './rows.ts'

/** Texts of values in one form each, so that equal values have equal texts and no digit is lost. */

const NUMBERS: ReadonlySet<number> = new Set([
  TYPES.int2,
  TYPES.int4,
  TYPES.int8,
  TYPES.uint2,
  TYPES.uint4,
  TYPES.uint8,
  TYPES.float4,
  TYPES.float8,
  TYPES.numeric,
])

/** A value of a type as the text that all its spellings have in common. */
export function comparable(type: number, text: string): string {
  if (NUMBERS.has(type)) return exactDecimal(text) ?? text
  if (type === TYPES.bool) return BOOLEANS[text] ?? text
  if (type === TYPES.json || type === TYPES.jsonb) return exactJson(text) ?? text
  if (type === TYPES.bytea) return bytesText(text)
  return text
}

const BOOLEANS: Partial<Record<string, string>> = { t: 'true', f: 'false' }

/** `-12.50` as `-125e-1`: the same for every spelling of a number; undefined for anything else. */
export function exactDecimal(text: string): string | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,15}))?$/i.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return '0'
  const kept = withoutEnd(digits, '0')
  const power = Number(exponent) - fraction.length + (digits.length - kept.length)
  return `${sign === '-' ? '-' : ''}${kept}${power === 0 ? '' : `e${String(power)}`}`
}

/** JSON text with its members in order and its numbers exact; undefined for other text. */
export function exactJson(text: string): string | undefined {
  try {
    const value = parseExact(text)
    // What is no JSON comes back as it is; what is, never does, since its texts have quotes.
    return value === text ? undefined : printJson(value)
  } catch {
    // Nested so deep that there is no walking it.
    return undefined
  }
}

function printJson(value: unknown): string {
  if (typeof value === 'number') return exactDecimal(String(value)) ?? String(value)
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  // What JSON.rawJSON made is a number that a double cannot hold.
  if (Object.isFrozen(value)) {
    const raw = JSON.stringify(value)
    return exactDecimal(raw) ?? raw
  }
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, of]) => `${JSON.stringify(key)}:${printJson(of)}`).join(',')}}`
}

/** Bytes that are text as that text, as outputs show them, else as Materialize sends them. */
function bytesText(text: string): string {
  if (!/^\\x(?:[0-9a-f]{2})*$/i.test(text)) return text
  const value = bytesValue(fromHex(text))
  return typeof value === 'string' ? value : text.toLowerCase()
}

/** Not by an expression, which would take long where a text has many such letters in its middle. */
function withoutEnd(text: string, letter: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === letter) end--
  return text.slice(0, end)
}
