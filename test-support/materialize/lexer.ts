import { parseError } from './errors.ts'
import { KEYWORDS } from './keywords.ts'

export type TokenKind =
  'word' | 'identifier' | 'string' | 'number' | 'operator' | 'parameter' | 'end'

export interface Token {
  kind: TokenKind
  /** Words folded to lower case; strings and quoted identifiers without their quotes. */
  value: string
  start: number
  end: number
}

const MAX_IDENTIFIER_BYTES = 255
const PUNCTUATION: Record<string, string> = {
  '(': 'left parenthesis',
  ')': 'right parenthesis',
  '[': 'left square bracket',
  ']': 'right square bracket',
  ',': 'comma',
  '.': 'dot',
  ';': 'semicolon',
  '=': 'equals sign',
  '*': 'star',
  ':': 'colon',
}

/** PostgreSQL counts positions in characters from one, JavaScript in UTF-16 units from zero. */
export function positionOf(sql: string, index: number): number {
  return [...sql.slice(0, index)].length + 1
}

/** How Materialize names the token that it did not expect. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'word': {
      const upper = token.value.toUpperCase()
      return KEYWORDS.has(upper) ? upper : `identifier ${JSON.stringify(token.value)}`
    }
    case 'identifier':
      return `identifier ${JSON.stringify(token.value)}`
    case 'string':
      return `string literal ${JSON.stringify(token.value)}`
    case 'number':
      return `number ${JSON.stringify(token.value)}`
    case 'parameter':
      return `parameter ${JSON.stringify(token.value)}`
    case 'operator':
      return PUNCTUATION[token.value] ?? `operator ${JSON.stringify(token.value)}`
    case 'end':
      return 'EOF'
  }
}

interface Scan {
  value: string
  end: number
}

export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at = skipBlanks(sql, at)
    if (at >= sql.length) break
    const token = nextToken(sql, at)
    const previous = tokens.at(-1)
    tokens.push(token)
    if (token.kind === 'string' && previous?.kind === 'string' && adjacent(sql, previous, token)) {
      // Two literals with a line break between them are one.
      tokens.splice(-2, 2, { ...previous, value: previous.value + token.value, end: token.end })
    }
    at = token.end
  }
  tokens.push({ kind: 'end', value: '', start: sql.length, end: sql.length })
  return tokens
}

function adjacent(sql: string, first: Token, second: Token): boolean {
  const between = sql.slice(first.end, second.start)
  return sql[first.start] === "'" && sql[second.start] === "'" && between.includes('\n')
}

function skipBlanks(sql: string, from: number): number {
  let at = from
  for (;;) {
    while (at < sql.length && /\s/.test(sql[at]!)) at++
    if (sql.startsWith('--', at)) {
      const newline = sql.indexOf('\n', at)
      at = newline === -1 ? sql.length : newline + 1
    } else if (sql.startsWith('/*', at)) {
      at = skipBlockComment(sql, at)
    } else return at
  }
}

function skipBlockComment(sql: string, from: number): number {
  let depth = 0
  for (let at = from; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++
      at++
    } else if (sql.startsWith('*/', at)) {
      at++
      if (--depth === 0) return at + 1
    }
  }
  throw parseError('unterminated multiline comment', positionOf(sql, from))
}

function nextToken(sql: string, start: number): Token {
  const char = sql[start]!
  const make = (kind: TokenKind, scan: Scan): Token => ({ kind, start, ...scan })
  if (char === "'") return make('string', quoted(sql, { start, open: start, quote: "'" }))
  if (/[eE]/.test(char) && sql[start + 1] === "'") return make('string', escapeString(sql, start))
  if (char === '"') {
    const scan = quoted(sql, { start, open: start, quote: '"' })
    if (Buffer.byteLength(scan.value) > MAX_IDENTIFIER_BYTES) throw tooLong(sql, start)
    return make('identifier', scan)
  }
  const parameter = /^\$\d+/.exec(sql.slice(start, start + 12))
  if (parameter !== null) {
    return make('parameter', { value: parameter[0], end: start + parameter[0].length })
  }
  if (char === '$') return make('string', dollarQuoted(sql, start))
  if (/[\p{L}_]/u.test(char)) {
    const text = /^[\p{L}\p{N}_$]+/u.exec(sql.slice(start))![0]
    if (Buffer.byteLength(text) > MAX_IDENTIFIER_BYTES) throw tooLong(sql, start)
    return make('word', { value: text.toLowerCase(), end: start + text.length })
  }
  if (/\d/.test(char) || (char === '.' && /\d/.test(sql[start + 1] ?? ''))) {
    const text = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/.exec(sql.slice(start))![0]
    return make('number', { value: text, end: start + text.length })
  }
  return make('operator', operator(sql, start))
}

function tooLong(sql: string, start: number): Error {
  return parseError('identifier length exceeds 255 bytes', positionOf(sql, start))
}

function quoted(sql: string, from: { start: number; open: number; quote: string }): Scan {
  let value = ''
  for (let at = from.open + 1; at < sql.length; at++) {
    if (sql[at] !== from.quote) value += sql[at]
    else if (sql[at + 1] === from.quote) {
      value += from.quote
      at++
    } else return { value, end: at + 1 }
  }
  const what = from.quote === '"' ? 'unterminated quoted identifier' : 'unterminated quoted string'
  throw parseError(what, positionOf(sql, from.start))
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function escapeString(sql: string, start: number): Scan {
  let value = ''
  for (let at = start + 2; at < sql.length; at++) {
    const char = sql[at]!
    if (char === "'" && sql[at + 1] !== "'") return { value, end: at + 1 }
    if (char === "'") {
      value += "'"
      at++
    } else if (char === '\\') {
      const code = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/.exec(
        sql.slice(at + 1, at + 10),
      )
      if (code === null) {
        value += ESCAPES[sql[at + 1] ?? ''] ?? sql[at + 1] ?? ''
        at++
      } else {
        const hex = code[1] ?? code[2] ?? code[3]
        value += String.fromCodePoint(
          hex === undefined ? Number.parseInt(code[4]!, 8) : Number.parseInt(hex, 16),
        )
        at += code[0].length
      }
    } else value += char
  }
  throw parseError('unterminated quoted string', positionOf(sql, start))
}

function dollarQuoted(sql: string, start: number): Scan {
  const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(sql.slice(start))?.[0]
  if (tag === undefined)
    throw parseError('unexpected character in input: $', positionOf(sql, start))
  const close = sql.indexOf(tag, start + tag.length)
  if (close === -1) throw parseError('unterminated dollar-quoted string', positionOf(sql, start))
  return { value: sql.slice(start + tag.length, close), end: close + tag.length }
}

function operator(sql: string, start: number): Scan {
  const char = sql[start]!
  if ('(),.;[]'.includes(char)) return { value: char, end: start + 1 }
  const text = /^[-+*/<>=~!@#%^&|`?:]+/.exec(sql.slice(start))?.[0]
  if (text === undefined) {
    throw parseError(`unexpected character in input: ${char}`, positionOf(sql, start))
  }
  // A comment or a closing cast may follow an operator without a blank.
  const comment = /--|\/\*/.exec(text)
  let value = comment === null || comment.index === 0 ? text : text.slice(0, comment.index)
  // As in PostgreSQL, `=-1` is a comparison with a negative number and no operator of its own.
  while (value.length > 1 && /[-+]$/.test(value) && !/[~!@#%^&|`?]/.test(value)) {
    value = value.slice(0, -1)
  }
  return { value, end: start + value.length }
}
