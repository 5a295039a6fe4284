import { tokenize, tokenText } from './definition-tokens.ts'
import { duration, printDuration } from './duration.ts'
import { accept, parseLine, parseText, refuse, type Parsed } from './parse.ts'
import { hex } from './sql.ts'

/** Texts that say how records are read and written. */

export function parsePattern(text: string): Parsed<string> {
  return text === '' ? refuse('is empty', { allowed: 'a regular expression' }) : parseText(text)
}

export function parseDelimiter(text: string): Parsed<string> {
  return /^[\u0001-\u007f]$/.test(text)
    ? accept(text)
    : refuse('is not one ASCII character', { allowed: 'one character, for instance ";"' })
}

/** JSON, as far as can be told without knowing Avro. */
export function parseAvroSchema(text: string): Parsed<string> {
  const allowed = 'an Avro schema as JSON'
  try {
    const schema: unknown = JSON.parse(text)
    const isSchema = typeof schema === 'string' || (typeof schema === 'object' && schema !== null)
    return isSchema ? accept(text.trim()) : refuse('is no schema', { allowed })
  } catch {
    return refuse('is not JSON', { allowed })
  }
}

/**
 * A compiled schema as hexadecimal digits, with or without \x before them, or the bytes of a file
 * themselves, which begin with the first field of a FileDescriptorSet.
 */
export function parseDescriptors(text: string): Parsed<string> {
  const digits = /^\s*(?:\\x)?((?:[0-9a-fA-F]{2})+)\s*$/.exec(text)?.[1]
  if (digits !== undefined) return accept(digits.toLowerCase())
  if (/^\n[^\n]/.test(text)) return accept(hex(text))
  return refuse('is no compiled schema', {
    allowed:
      'what protoc --include_imports --descriptor_set_out writes, as a file or as hexadecimal digits',
  })
}

export function parseMessage(text: string): Parsed<string> {
  return /^\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(text)
    ? accept(text)
    : refuse('is not the name of a message', { allowed: 'a name such as shop.Order' })
}

export function parseFullname(text: string): Parsed<string> {
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(text)
    ? accept(text)
    : refuse('is not a name in Avro', { allowed: 'a name such as shop.Order' })
}

export function parseHeader(text: string): Parsed<string> {
  return text === '' ? refuse('is empty', { allowed: 'the key of a header' }) : parseText(text)
}

export function parsePrefix(text: string): Parsed<string> {
  return text === '' ? refuse('is empty', { allowed: 'a prefix, or no such key' }) : parseLine(text)
}

const HOUR = 3_600_000
const UNITS = 'written like 90s, 5m or 1h30m'
/** Hours enough for what a duration’s grammar can say. */
const LONGEST = 876_000 * HOUR

/** Materialize refuses more than an hour, and nothing looks more often than it can. */
export const parseRefresh = normalised(duration({ from: 1_000, to: HOUR }))
export const parseSpan = normalised(duration({ from: 1_000, to: LONGEST }))
export const parseTick = normalised(duration({ from: 1, to: HOUR }))

/** Milliseconds as text, so that every kind of text reads to text. */
function normalised(parse: (text: string) => Parsed<number>) {
  return (text: string): Parsed<string> => {
    const parsed = parse(text)
    return 'value' in parsed ? accept(printDuration(parsed.value)) : parsed
  }
}

/** Milliseconds of a duration that was read before. */
export function millisecondsOf(text: string): number {
  const parsed = duration({ from: 0, to: LONGEST })(text)
  return 'value' in parsed ? parsed.value : 0
}

/** When a source begins to read: to milliseconds since the epoch, negative: before it is made. */
export function parseStart(text: string): Parsed<string> {
  const allowed = `milliseconds since 1970, a time such as 2026-01-02T03:04:05Z, or how long before now, such as -1h, ${UNITS}`
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(text)) {
    return text === '-0' ? accept('0') : accept(text)
  }
  if (text.startsWith('-')) {
    const ago = duration({ from: 1, to: LONGEST })(text.slice(1))
    return 'value' in ago ? accept(`-${String(ago.value)}`) : refuse('is no time', { allowed })
  }
  // Without a zone it would be one time here and another there.
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? refuse('is no time', { allowed }) : accept(String(time))
}

/** An expression that can stand between others of a list without ending it; comments are dropped. */
export function parseExpression(text: string): Parsed<string> {
  const allowed = 'one SQL expression, for instance seahash(region)'
  const tokens = tokenize(text)
  if (!tokens) {
    return refuse(
      'is no SQL: a quote, comment or bracket is not closed, or a letter is out of place',
      { allowed },
    )
  }
  if (tokens.length === 0) return refuse('is empty', { allowed })
  for (let at = 0; at < tokens.length; at = (tokens[at]?.close ?? at) + 1) {
    const token = tokens[at]
    if (token?.is !== 'symbol') continue
    if (token.text === ';') return refuse('has a semicolon in it', { allowed })
    if (token.text === ',') return refuse('has a comma outside of brackets', { allowed })
  }
  return tokens.some((token) => token.is === 'symbol' && token.text === ';')
    ? refuse('has a semicolon in it', { allowed })
    : accept(tokens.map(tokenText).join(' '))
}
