import type { Query } from './definition-model.ts'
import { TokenReader } from './definition-reader.ts'
import type { Token } from './definition-tokens.ts'
import { tokenText, tokenize } from './definition-tokens.ts'
import { ident } from './sql.ts'

/** A token of a query; a name with its dots is one. */
export interface Part {
  text: string
  /** The parts of a name. */
  path?: string[]
  /** A single name given in quotes, which is no keyword. */
  quoted?: true
  literal?: true
}

function takeReference(reader: TokenReader): Part | undefined {
  // `[` may as well begin a subscript.
  if (reader.peek(2)?.text !== 'as') return undefined
  const reference = reader.reference()
  if (reference?.id === undefined || reference.name === undefined) return undefined
  const { database, schema, name } = reference.name
  const path = [database, schema, name].filter((part) => part !== undefined)
  return { text: `[${reference.id} AS ${path.map(ident).join('.')}]`, path, quoted: true }
}

function takePath(reader: TokenReader): Part | undefined {
  const start = reader.at
  const isQuoted = reader.is('quoted')
  const first = reader.takeName()
  if (first === undefined) return undefined
  const path = [first]
  while (reader.is('symbol', '.') && /^(?:word|quoted)$/.test(reader.peek(1)?.is ?? '')) {
    reader.at += 1
    path.push(reader.takeName() ?? '')
  }
  const text = reader.tokens.slice(start, reader.at).map(tokenText).join('')
  return { text, path, ...(isQuoted && { quoted: true }) }
}

function takePart(reader: TokenReader): Part {
  const part = reader.is('symbol', '[') ? takeReference(reader) : takePath(reader)
  if (part !== undefined) return part
  const token = reader.peek()
  const isLiteral = token?.is === 'string' || token?.is === 'hex'
  return { text: reader.takeText(), ...(isLiteral && { literal: true }) }
}

function takeParts(reader: TokenReader): Part[] {
  const parts: Part[] = []
  while (!reader.done) parts.push(takePart(reader))
  return parts
}

/** The rest as a query’s tokens. */
export function queryTokens(reader: TokenReader): Query {
  return takeParts(reader).map((part) => part.text)
}

/** A query’s text as tokens and names; undefined when it is no SQL. */
export function queryParts(sql: string): Part[] | undefined {
  const tokens = tokenize(sql)
  if (tokens === undefined) return undefined
  return takeParts(new TokenReader({ tokens, nameOf: undefined }, 0, lengthWithoutEnd(tokens)))
}

/** The tokens up to the semicolons that end the text. */
export function lengthWithoutEnd(tokens: Token[]): number {
  return tokens.findLastIndex((token) => token.is !== 'symbol' || token.text !== ';') + 1
}

/** A query as people write it; undefined when it is no SQL. */
export function readQuery(sql: string): Query | undefined {
  return queryParts(sql)?.map((part) => part.text)
}
