/**
 * Lists, maps, records and arrays in text form as JSON. The text does not say what its leaves are:
 * they stay text, except where the caller knows better.
 */

export type Nested = string | null | Nested[] | { [key: string]: Nested }
type Leaf<T> = (text: string) => T

/** `{a,"b c",{d}}`; undefined where the text is none. */
export function listValue<T>(text: string, leaf: Leaf<T>): unknown[] | undefined {
  const read = readAll(text, (scan) => braces(scan, leaf))
  return Array.isArray(read) ? read : undefined
}

/** `{a=>1,"b c"=>{2}}` */
export function mapValue<T>(text: string, leaf: Leaf<T>): Record<string, unknown> | undefined {
  if (text === '{}') return {}
  const read = readAll(text, (scan) => braces(scan, leaf))
  return typeof read === 'object' && read !== null && !Array.isArray(read)
    ? (read as Record<string, unknown>)
    : undefined
}

/** `(a,"b ""c""",)`: its fields, of which the text has no names. */
export function recordValue(text: string): (string | null)[] | undefined {
  return readAll(text, fields)
}

interface Scan {
  text: string
  at: number
}

class Broken extends Error {}

function readAll<T>(text: string, read: (scan: Scan) => T): T | undefined {
  const scan = { text, at: 0 }
  try {
    const value = read(scan)
    return scan.at === text.length ? value : undefined
  } catch (error) {
    if (error instanceof Broken) return undefined
    throw error
  }
}

function take(scan: Scan, symbol: string): boolean {
  if (!scan.text.startsWith(symbol, scan.at)) return false
  scan.at += symbol.length
  return true
}

/** A list, or a map where its entries have keys. */
function braces<T>(scan: Scan, leaf: Leaf<T>): unknown {
  if (!take(scan, '{')) throw new Broken()
  if (take(scan, '}')) return []
  const values: unknown[] = []
  const keys: string[] = []
  do {
    const from = scan.at
    const value = element(scan, leaf)
    if (!take(scan, '=>')) {
      values.push(value)
      continue
    }
    scan.at = from
    keys.push(String(element(scan, String)))
    take(scan, '=>')
    values.push(element(scan, leaf))
  } while (take(scan, ','))
  if (!take(scan, '}')) throw new Broken()
  if (keys.length === 0) return values
  if (keys.length !== values.length) throw new Broken()
  const map: Record<string, unknown> = {}
  keys.forEach((key, index) => {
    // defineProperty: a key may be called __proto__.
    Object.defineProperty(map, key, {
      value: values[index],
      enumerable: true,
      configurable: true,
      writable: true,
    })
  })
  return map
}

function element<T>(scan: Scan, leaf: Leaf<T>): unknown {
  if (scan.text[scan.at] === '{') return braces(scan, leaf)
  if (scan.text[scan.at] === '"') return leaf(quoted(scan))
  const from = scan.at
  while (scan.at < scan.text.length && !/[,{}"]/.test(scan.text[scan.at] ?? '')) {
    if (scan.text.startsWith('=>', scan.at)) break
    scan.at += 1
  }
  const bare = scan.text.slice(from, scan.at)
  if (bare === '') throw new Broken()
  return bare === 'NULL' ? null : leaf(bare)
}

/** In lists and maps a backslash stands before what it keeps from meaning something. */
function quoted(scan: Scan): string {
  let value = ''
  scan.at += 1
  while (!take(scan, '"')) {
    if (scan.text[scan.at] === '\\') scan.at += 1
    const letter = scan.text[scan.at]
    if (letter === undefined) throw new Broken()
    value += letter
    scan.at += 1
  }
  return value
}

/** In records a quote is doubled, and so is a backslash. */
function fields(scan: Scan): (string | null)[] {
  if (!take(scan, '(')) throw new Broken()
  if (take(scan, ')')) return []
  const values: (string | null)[] = []
  do values.push(field(scan))
  while (take(scan, ','))
  if (!take(scan, ')')) throw new Broken()
  return values
}

function field(scan: Scan): string | null {
  if (!take(scan, '"')) {
    const from = scan.at
    while (scan.at < scan.text.length && !/[,()"]/.test(scan.text[scan.at] ?? '')) scan.at += 1
    return scan.at === from ? null : scan.text.slice(from, scan.at)
  }
  let value = ''
  for (;;) {
    const letter = scan.text[scan.at]
    if (letter === undefined) throw new Broken()
    scan.at += 1
    if (letter === '"' && !take(scan, '"')) return value
    if (letter === '\\') take(scan, '\\')
    value += letter
  }
}
