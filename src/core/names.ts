import { accept, refuse, type Parsed } from './parse.ts'
import type { QualifiedName } from './model-object.ts'

/** Materialize’s limit for one identifier. */
export const MAX_NAME_BYTES = 255

const encoder = new TextEncoder()

export function byteLength(text: string): number {
  return encoder.encode(text).length
}

/** A single name, taken literally: cluster, schema, database. */
export function parseIdentifier(text: string): Parsed<string> {
  const allowed = `1 to ${MAX_NAME_BYTES} bytes of UTF-8`
  if (text === '') return refuse('has an empty name', { allowed })
  if (text.includes('\0')) return refuse('holds a NUL', { allowed })
  const bytes = byteLength(text)
  return bytes > MAX_NAME_BYTES
    ? refuse(`has a name of ${bytes} bytes`, { allowed, piece: text })
    : accept(text)
}

/** What a name without database or schema is completed with. */
export type Surroundings = Omit<QualifiedName, 'name'>

const nameRule =
  'name, schema.name or database.schema.name, where a part with a dot in it stands in double quotes'

/** Reads `name`, `schema.name` or `database.schema.name`, each part bare or in double quotes. */
export function parseName(text: string, within: Surroundings): Parsed<QualifiedName> {
  const parts = splitName(text)
  if ('refusal' in parts) return parts
  for (const part of parts.value) {
    const checked = parseIdentifier(part)
    if ('refusal' in checked) return checked
  }
  const [name = '', schema = within.schema, database = within.database, more] =
    parts.value.toReversed()
  return more === undefined
    ? accept({ database, schema, name })
    : refuse('has more than three parts', { allowed: nameRule })
}

function splitName(text: string): Parsed<string[]> {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const item = text[at] === '"' ? quotedAt(text, at) : bareAt(text, at)
    if ('refusal' in item) return item
    parts.push(item.value.text)
    at = item.value.end
    if (at >= text.length) return accept(parts)
    if (text[at] !== '.') return refuse('goes on after a closing quote', { allowed: nameRule })
    at += 1
  }
}

interface Item {
  text: string
  /** Where the text after it begins. */
  end: number
}

const QUOTED = /"((?:[^"]|"")*)"/y

/** A name in double quotes, with "" for a quote in it. */
function quotedAt(text: string, at: number): Parsed<Item> {
  QUOTED.lastIndex = at
  const match = QUOTED.exec(text)
  return match
    ? accept({ text: (match[1] ?? '').replaceAll('""', '"'), end: at + match[0].length })
    : refuse('has a double quote that is not closed', {
        allowed: '"name", with "" for a quote in it',
      })
}

/** A bare name, up to the next dot. Blanks round it are more likely a slip than meant. */
function bareAt(text: string, at: number): Parsed<Item> {
  const dot = text.indexOf('.', at)
  const end = dot === -1 ? text.length : dot
  const bare = text.slice(at, end)
  if (bare.trim() !== bare || /[\r\n]/.test(bare)) {
    return refuse('has a blank beside a dot, or a line break', {
      allowed: 'the same in double quotes, if it is meant',
    })
  }
  return accept({ text: bare, end })
}

const columnsRule = 'column names separated by commas or line breaks, in double quotes where needed'

// Quoted name, comma, line break, blanks, bare name: in this order.
const COLUMN_TOKENS = /("(?:[^"]|"")*")|(,)|([\r\n])|[^\S\r\n]+|([^\s,"][^,\r\n]*)/gy

/**
 * The columns of a key: bare or quoted names, separated by commas, line breaks or both. Blank lines
 * are skipped; nothing between two commas is refused.
 */
export function parseColumns(text: string): Parsed<string[]> {
  const wrong = (fault: string, piece?: string) =>
    refuse(fault, { allowed: columnsRule, ...(piece !== undefined && { piece }) })
  const columns: string[] = []
  let read = 0
  let before: 'start' | 'comma' | 'line' | 'column' = 'start'
  for (const [token, quoted, comma, line, bare] of text.matchAll(COLUMN_TOKENS)) {
    read += token.length
    const column = quoted?.slice(1, -1).replaceAll('""', '"') ?? bare?.trim()
    if (column !== undefined) {
      const checked = parseIdentifier(column)
      if ('refusal' in checked) return checked
      if (before === 'column') return wrong('has a double quote out of place')
      if (columns.includes(column)) return wrong('names a column twice', column)
      columns.push(column)
      before = 'column'
    } else if (comma !== undefined) {
      if (before === 'start' || before === 'comma') return wrong('has an empty entry')
      before = 'comma'
    } else if (line !== undefined && before === 'column') {
      before = 'line'
    }
  }
  if (read < text.length) return wrong('has a double quote out of place')
  return before === 'start' || before === 'comma' ? wrong('has an empty entry') : accept(columns)
}

/** A Kafka topic’s name. */
export function parseTopic(text: string): Parsed<string> {
  return /^[A-Za-z0-9._-]{1,249}$/.test(text) && text !== '.' && text !== '..'
    ? accept(text)
    : refuse('is not a topic name', {
        allowed: '1 to 249 letters, digits, dots, underscores and hyphens, and neither . nor ..',
      })
}
