import { ident, literal } from './sql.ts'

/** Materialize’s lexical rules, as far as definitions need them. */

export interface Token {
  is: 'word' | 'quoted' | 'string' | 'hex' | 'number' | 'symbol'
  /** A word in lower case; a name, string or number without its quotes; a symbol as it is. */
  text: string
  /** Of an opening bracket: the index of its closing one. */
  close?: number
}

const SPACE = /[ \t\n\f\r]+/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y
const PARAMETER = /\$\d+/y
const OPERATORS = /[-+*/<>=~!@#%^&|`?]+/y
const COMMENT_EDGE = /\/\*|\*\//g
const UNUSUAL = /[~!@#%^&|`?]/
const ESCAPES: Partial<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** A place in the text; a step answers false where the text is no SQL. */
interface Scan {
  text: string
  at: number
  tokens: Token[]
}

function match(scan: Scan, pattern: RegExp): string | undefined {
  pattern.lastIndex = scan.at
  return pattern.exec(scan.text)?.[0]
}

function push(scan: Scan, is: Token['is'], text: string): void {
  scan.tokens.push({ is, text })
}

function skipComment(scan: Scan): boolean {
  // Block comments nest.
  COMMENT_EDGE.lastIndex = scan.at
  let depth = 0
  for (;;) {
    const edge = COMMENT_EDGE.exec(scan.text)
    if (edge === null) return false
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) break
  }
  scan.at = COMMENT_EDGE.lastIndex
  return true
}

/** The text up to a quote, which is doubled where it is meant; leaves the place after it. */
function quotedText(scan: Scan, quote: string): string | undefined {
  const parts: string[] = []
  let from = scan.at + 1
  for (;;) {
    const end = scan.text.indexOf(quote, from)
    if (end < 0) return undefined
    if (scan.text[end + 1] !== quote) {
      parts.push(scan.text.slice(from, end))
      scan.at = end + 1
      return parts.join('')
    }
    parts.push(scan.text.slice(from, end + 1))
    from = end + 2
  }
}

/** One character of an E'…' literal after its backslash. */
function escaped(scan: Scan): string | undefined {
  const letter = scan.text[scan.at]
  scan.at += 1
  if (letter === undefined || letter === 'x' || /[0-7]/.test(letter)) return undefined
  const digits = letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  if (digits === 0) return ESCAPES[letter] ?? letter
  const code = scan.text.slice(scan.at, scan.at + digits)
  if (!/^[\da-f]+$/i.test(code) || code.length < digits) return undefined
  scan.at += digits
  const point = Number.parseInt(code, 16)
  return point > 0x10ffff ? undefined : String.fromCodePoint(point)
}

function escapedText(scan: Scan): string | undefined {
  const parts: string[] = []
  const edge = /['\\]/g
  scan.at += 1
  for (;;) {
    edge.lastIndex = scan.at
    const found = edge.exec(scan.text)
    if (found === null) return undefined
    parts.push(scan.text.slice(scan.at, found.index))
    scan.at = found.index + 1
    if (found[0] === '\\') {
      const character = escaped(scan)
      if (character === undefined) return undefined
      parts.push(character)
    } else if (scan.text[scan.at] === "'") {
      parts.push("'")
      scan.at += 1
    } else {
      return parts.join('')
    }
  }
}

/** A literal, with those that follow it on further lines: they are one. */
function lexString(scan: Scan, read: (scan: Scan) => string | undefined): string | undefined {
  const parts: string[] = []
  for (;;) {
    const part = read(scan)
    if (part === undefined) return undefined
    parts.push(part)
    const space = match(scan, SPACE) ?? ''
    if (!/[\n\r]/.test(space) || scan.text[scan.at + space.length] !== "'") return parts.join('')
    scan.at += space.length
  }
}

function lexDollar(scan: Scan): boolean {
  const parameter = match(scan, PARAMETER)
  if (parameter !== undefined) {
    push(scan, 'symbol', parameter)
    scan.at += parameter.length
    return true
  }
  const tagEnd = scan.text.indexOf('$', scan.at + 1)
  if (tagEnd < 0) return false
  const tag = scan.text.slice(scan.at, tagEnd + 1)
  const end = scan.text.indexOf(tag, tagEnd + 1)
  if (end < 0) return false
  push(scan, 'string', scan.text.slice(tagEnd + 1, end))
  scan.at = end + tag.length
  return true
}

function lexOperator(scan: Scan, run: string): void {
  const comment = run.slice(1).search(/--|\/\*/)
  const operator = comment < 0 ? run : run.slice(0, comment + 1)
  // `1+-2` is 1 + (-2): an operator of several characters ends with a sign only if it is unusual.
  const kept = UNUSUAL.test(operator)
    ? operator
    : (operator[0] ?? '') + operator.slice(1).replace(/[-+]+$/, '')
  push(scan, 'symbol', kept === '!=' ? '<>' : kept)
  for (const sign of operator.slice(kept.length)) push(scan, 'symbol', sign)
  scan.at += operator.length
}

function lexQuotes(scan: Scan, two: string): boolean {
  const start = two[0] ?? ''
  if (start === '"') {
    const name = quotedText(scan, '"')
    if (name !== undefined) push(scan, 'quoted', name)
    return name !== undefined
  }
  const kind = start.toLowerCase()
  if (kind !== "'") scan.at += 1
  const value = lexString(scan, kind === 'e' ? escapedText : (of) => quotedText(of, "'"))
  if (value !== undefined) push(scan, kind === 'x' ? 'hex' : 'string', value)
  return value !== undefined
}

/** Takes what is next, which is not space. */
function step(scan: Scan): boolean {
  const two = scan.text.slice(scan.at, scan.at + 2)
  if (two === '--') {
    const end = scan.text.indexOf('\n', scan.at)
    scan.at = end < 0 ? scan.text.length : end
    return true
  }
  if (two === '/*') return skipComment(scan)
  if (/^(?:["']|[xe]')/i.test(two)) return lexQuotes(scan, two)
  if (two.startsWith('$')) return lexDollar(scan)
  const word = match(scan, WORD)
  const number = word ?? match(scan, NUMBER)
  if (number !== undefined) {
    push(scan, word === undefined ? 'number' : 'word', number.toLowerCase())
    scan.at += number.length
    return true
  }
  const run = match(scan, OPERATORS)
  if (run !== undefined) {
    lexOperator(scan, run)
    return true
  }
  const symbol = two === '::' ? two : (two[0] ?? '')
  if (!'()[],.:;'.includes(symbol) && symbol !== '::') return false
  push(scan, 'symbol', symbol)
  scan.at += symbol.length
  return true
}

const CLOSING: Partial<Record<string, string>> = { '(': ')', '[': ']' }

/** Notes at each opening bracket where it closes; false when one has no counterpart. */
export function pairBrackets(tokens: Token[]): boolean {
  const open: { token: Token; closing: string }[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.is !== 'symbol') continue
    const closing = CLOSING[token.text]
    if (closing !== undefined) {
      open.push({ token, closing })
    } else if (token.text === ')' || token.text === ']') {
      const last = open.pop()
      if (last?.closing !== token.text) return false
      last.token.close = index
    }
  }
  return open.length === 0
}

/** The tokens of a text; undefined when it is not SQL or its brackets do not match. */
export function tokenize(text: string): Token[] | undefined {
  const scan: Scan = { text, at: 0, tokens: [] }
  for (;;) {
    scan.at += match(scan, SPACE)?.length ?? 0
    if (scan.at >= text.length) break
    if (!step(scan)) return undefined
  }
  return pairBrackets(scan.tokens) ? scan.tokens : undefined
}

/** A token as SQL. */
export function tokenText(token: Token): string {
  switch (token.is) {
    case 'quoted':
      return ident(token.text)
    case 'string':
      return literal(token.text)
    case 'hex':
      return `X${literal(token.text)}`
    default:
      return token.text
  }
}
