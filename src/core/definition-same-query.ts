import type { Query } from './definition-model.ts'
import type { Part } from './definition-query.ts'
import { queryParts } from './definition-query.ts'
import { literal } from './sql.ts'

/**
 * Compares queries by what the server keeps of them: it puts names in full and types by id, turns
 * `!=`, LIKE, CAST, typed literals and EXTRACT into other forms, and writes every optional AS.
 * Anything else that differs counts, were it only brackets.
 */

/** Where names without a database or schema are looked up. */
export interface QueryContext {
  database: string
  schema: string
}

/** What is found without naming its schema. */
const SYSTEM_SCHEMAS = ['pg_catalog', 'mz_catalog']

const TYPES: Partial<Record<string, string>> = {
  int: 'int4',
  integer: 'int4',
  smallint: 'int2',
  bigint: 'int8',
  boolean: 'bool',
  real: 'float4',
  float: 'float8',
  'double precision': 'float8',
  decimal: 'numeric',
  dec: 'numeric',
  char: 'bpchar',
  character: 'bpchar',
  'character varying': 'varchar',
  string: 'text',
  json: 'jsonb',
  bytes: 'bytea',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time without time zone': 'time',
}
const LITERAL_TYPES = new Set(
  'bool boolean bytea date float8 int int4 int8 json jsonb numeric text time timestamp timestamptz uuid'.split(
    ' ',
  ),
)
/** Bare, these are values; in quotes, names. */
const VALUES = new Set(
  'true false null current_date current_timestamp current_user user'.split(' '),
)

/** Words before a bracket that call no function. */
const NO_FUNCTIONS = new Set(
  `all and any between by case distinct else except filter from having in intersect is limit not
  offset on or over select some then union using values when where`.split(/\s+/),
)

/** How a comma is spelled in the arguments of functions that have words of their own. */
const COMMAS: Partial<Record<string, string[]>> = {
  position: ['in'],
  substring: ['from', 'for'],
}

const symbol = (text: string): Part => ({ text })
const name = (text: string): Part => ({ text, path: [text] })

function word(part: Part | undefined): string | undefined {
  return part?.path?.length === 1 && part.quoted !== true ? part.path[0] : undefined
}

function isSymbol(part: Part | undefined, text: string): boolean {
  return part !== undefined && part.path === undefined && part.text === text
}

/** What an opening bracket belongs to. */
interface Frame {
  of: string
  /** A cast whose AS has been passed. */
  isCast?: true
}

/** Turns a query’s parts, from left to right, into the forms that the server prints. */
class Rewriter {
  private readonly parts: Part[]
  private readonly out: Part[] = []
  private readonly frames: Frame[] = []

  constructor(parts: Part[]) {
    this.parts = parts
  }

  all(): Part[] {
    for (let at = 0; at < this.parts.length;) at += this.one(at)
    return this.out
  }

  /** Answers how many parts it has taken. */
  private one(at: number): number {
    const part = this.parts[at]
    if (part === undefined) return 1
    const bare = word(part)
    if (bare === undefined) return this.bracket(part)
    const next = this.parts[at + 1]
    if (isSymbol(next, '(')) return this.call(at, bare)
    if (bare === 'as') return this.as()
    if (bare === 'like' || bare === 'ilike') return this.like(at, bare)
    if (next?.literal === true && LITERAL_TYPES.has(bare)) {
      this.out.push(next, symbol('::'), part)
      return 2
    }
    const isNoise =
      ((bare === 'inner' || bare === 'outer') && word(next) === 'join') ||
      (bare === 'distinct' && /^(?:union|except|intersect)$/.test(word(this.out.at(-1)) ?? ''))
    if (isNoise) return 1
    const commas = COMMAS[this.frames.at(-1)?.of ?? '']
    this.out.push(commas?.includes(bare) ? symbol(',') : part)
    return 1
  }

  private bracket(part: Part): number {
    if (isSymbol(part, '(') || isSymbol(part, '[')) this.frames.push({ of: part.text })
    const isEnd = isSymbol(part, ')') || isSymbol(part, ']')
    const frame = isEnd ? this.frames.pop() : undefined
    // The bracket of a cast was closed at its AS.
    if (frame?.isCast !== true) this.out.push(part)
    return 1
  }

  private call(at: number, bare: string): number {
    this.frames.push({ of: bare })
    if (bare !== 'cast') this.out.push(name(bare))
    this.out.push(symbol('('))
    const field = this.parts[at + 2]
    if (bare !== 'extract' || word(this.parts[at + 3]) !== 'from' || field === undefined) return 2
    this.out.push({ text: field.path ? literal(field.text) : field.text, literal: true })
    this.out.push(symbol(','))
    return 4
  }

  private as(): number {
    const frame = this.frames.at(-1)
    if (frame?.of === 'cast' && frame.isCast === undefined) {
      frame.isCast = true
      this.out.push(symbol(')'), symbol('::'))
    }
    return 1
  }

  private like(at: number, bare: string): number {
    const isNegated = word(this.out.at(-1)) === 'not'
    if (isNegated) this.out.pop()
    this.out.push(symbol(`${isNegated ? '!' : ''}~~${bare === 'ilike' ? '*' : ''}`))
    const [pattern, escape, character] = this.parts.slice(at + 1, at + 4)
    if (word(escape) !== 'escape' || pattern === undefined || character === undefined) return 1
    this.out.push(name('like_escape'), symbol('('), pattern, symbol(','), character, symbol(')'))
    return 4
  }
}

/** A type’s own name, and of how many parts it was. */
function typeAt(parts: Part[], at: number): { type: string; taken: number } | undefined {
  const { path = [] } = parts[at] ?? {}
  const own = path.length === 2 && SYSTEM_SCHEMAS.includes(path[0] ?? '') ? path[1] : path[0]
  if (own === undefined || (path.length !== 1 && own !== path[1])) return undefined
  for (let taken = 4; taken > 1; taken -= 1) {
    const words = parts.slice(at, at + taken).map(word)
    const type = words.includes(undefined) ? undefined : TYPES[words.join(' ')]
    if (type !== undefined) return { type, taken }
  }
  return { type: (path.length === 1 ? TYPES[own] : undefined) ?? own, taken: 1 }
}

/** Types by the one name that the server has for them, wherever one must stand. */
function withTypes(parts: Part[]): Part[] {
  const out: Part[] = []
  // Such queries name the types of their columns.
  const isRecursive = parts.slice(0, 3).map(word).join(' ') === 'with mutually recursive'
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at]
    const isType = isSymbol(parts[at - 1], '::') || (isRecursive && word(part) !== undefined)
    const found = isType ? typeAt(parts, at) : undefined
    if (found === undefined) {
      if (part !== undefined) out.push(part)
      continue
    }
    at += found.taken - 1
    const isArray = isSymbol(parts[at + 1], '[') && isSymbol(parts[at + 2], ']')
    if (isArray) at += 2
    out.push(name(isArray ? `_${found.type}` : found.type))
  }
  return out
}

/** For each opening bracket the index of its closing one. */
function pairs(parts: Part[]): Map<number, number> {
  const closes = new Map<number, number>()
  const open: number[] = []
  for (const [at, part] of parts.entries()) {
    if (isSymbol(part, '(') || isSymbol(part, '[')) open.push(at)
    if (isSymbol(part, ')') || isSymbol(part, ']')) closes.set(open.pop() ?? -1, at)
  }
  return closes
}

/** Without the brackets round what `::` would bind to anyway: the server writes some and drops some. */
function withoutCastBrackets(parts: Part[]): Part[] {
  const closes = pairs(parts)
  const dropped = new Set<number>()
  for (const [open, close] of closes) {
    if (!isSymbol(parts[open], '(') || !isSymbol(parts[close + 1], '::')) continue
    if (!isCall(parts[open - 1]) && isOperand(open + 1, close)) dropped.add(open).add(close)
  }
  return parts.filter((_, at) => !dropped.has(at))

  function isCall(before: Part | undefined): boolean {
    return before?.path !== undefined && !NO_FUNCTIONS.has(word(before) ?? '')
  }

  function isOperand(from: number, to: number): boolean {
    const first = isSymbol(parts[from], '-') ? from + 1 : from
    for (let at = first; at < to; at += 1) {
      const part = parts[at]
      const close = closes.get(at)
      const isSuffix = isSymbol(part, '::') || isSymbol(part, '.') || word(part) === 'list'
      const isAfter = isSymbol(parts[at - 1], '::') || isSymbol(parts[at - 1], '.')
      if (at > first && close === undefined && !isSuffix && !isAfter) return false
      if (at === first && isSuffix) return false
      at = close ?? at
    }
    return first < to
  }
}

function normal(sql: string): Part[] | undefined {
  const parts = queryParts(sql)
  return parts && withoutCastBrackets(withTypes(new Rewriter(parts).all()))
}

function withoutSystem(path: string[]): string[] {
  return path.length === 2 && SYSTEM_SCHEMAS.includes(path[0] ?? '') ? path.slice(1) : path
}

function samePart(a: Part, b: Part, context: QueryContext): boolean {
  if (a.path === undefined || b.path === undefined) {
    return a.path === b.path && a.text === b.text
  }
  const [short, long] = [withoutSystem(a.path), withoutSystem(b.path)].sort(
    (one, other) => one.length - other.length,
  )
  if (short === undefined || long === undefined) return false
  const isValue = short.length === 1 && VALUES.has(short[0] ?? '')
  if (isValue && (a.quoted === true) !== (b.quoted === true)) return false
  const around = [context.database, context.schema].slice(
    Math.max(0, 3 - long.length),
    Math.max(0, 3 - short.length),
  )
  const full = [...around, ...short]
  return full.length === long.length && full.every((part, at) => part === long[at])
}

/**
 * Whether two queries say the same, names without a schema being looked up in the context’s. It
 * errs on the side of a difference.
 */
export function sameQuery(a: Query | string, b: Query | string, context: QueryContext): boolean {
  const [one, other] = [a, b].map((query) => (typeof query === 'string' ? query : query.join(' ')))
  const left = normal(one ?? '')
  const right = normal(other ?? '')
  if (left === undefined || right === undefined) return one === other
  return (
    left.length === right.length &&
    left.every((part, at) => {
      const counterpart = right[at]
      return counterpart !== undefined && samePart(part, counterpart, context)
    })
  )
}
