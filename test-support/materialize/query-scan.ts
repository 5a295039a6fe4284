import { unknownHere } from './errors.ts'
import { tokenize, type Token } from './lexer.ts'
import type { Name } from './statements.ts'

export interface Reference {
  name: Name
  start: number
  end: number
  /** The statement gives it another name, or none can follow. */
  aliased: boolean
}

export interface Call {
  name: string[]
  start: number
  /** After the closing parenthesis. */
  end: number
  /** Arguments, if all of them are string literals. */
  strings: string[] | undefined
}

export interface Scan {
  references: Reference[]
  calls: Call[]
  /** `current_user` and its like, which SQL writes without parentheses. */
  /** `LIST[…]`, from its word to its closing bracket. */
  lists: { start: number; open: number; end: number }[]
  bareFunctions: { name: string; start: number; end: number }[]
  asOf: boolean
}

const words = (text: string) => new Set(text.split(' '))
const AFTER_TABLE = words(
  'where group order having limit offset union except intersect join inner left right full cross natural on using ' +
    'fetch for window set values returning default select with',
)
const ENDS_FROM = words(
  'where group order having limit offset union except intersect window select set returning',
)
const FROM_INSIDE = words('extract substring trim overlay position')
const NOT_FUNCTIONS = words(
  'in values exists and or not as on using from where select by any all some when then else case over filter array ' +
    'within with distinct like ilike between is union except intersect having limit offset into set join lateral ' +
    'varchar char numeric decimal bpchar float time timestamp interval key',
)
const BARE_FUNCTIONS = words('current_user session_user current_schema')

interface Level {
  inFrom: boolean
  /** Name of the function whose arguments these are. */
  call?: Call
  function?: string
}

class Scanner {
  readonly found: Scan = { references: [], calls: [], bareFunctions: [], lists: [], asOf: false }
  private readonly tokens: Token[]
  private readonly ctes: Set<string>
  private readonly levels: Level[] = [{ inFrom: false }]
  private expectTable = false
  private at = 0

  constructor(sql: string) {
    this.tokens = tokenize(sql)
    this.ctes = commonTableNames(this.tokens)
  }

  scan(): Scan {
    while (this.token().kind !== 'end') this.step()
    return this.found
  }

  private token(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!
  }

  private level(): Level {
    return this.levels.at(-1)!
  }

  private step(): void {
    const token = this.token()
    if (token.kind === 'operator') this.operator(token)
    else if (token.kind === 'word' || token.kind === 'identifier') this.nameOrWord(token)
    else this.at++
  }

  private operator(token: Token): void {
    this.at++
    if (token.value === '(') {
      const next = this.token()
      if (!['select', 'values', 'with'].includes(next.value)) {
        // A parenthesis around joins: tables are still expected within.
        this.levels.push({ inFrom: this.expectTable })
        return
      }
      this.expectTable = false
      this.levels.push({ inFrom: false })
    } else if (token.value === ')') {
      const level = this.levels.length > 1 ? this.levels.pop() : undefined
      if (level?.call !== undefined) level.call.end = token.end
      this.expectTable = false
    } else if (token.value === ',' && this.level().inFrom) this.expectTable = true
  }

  private nameOrWord(token: Token): void {
    if (token.kind === 'word' && this.keyword(token.value)) {
      this.at++
      return
    }
    if (token.value === 'list' && this.token(1).value === '[') {
      this.list(token)
      return
    }
    const first = this.at
    const parts = [this.tokens[this.at++]!]
    while (
      this.token().value === '.' &&
      this.token().kind === 'operator' &&
      ['word', 'identifier'].includes(this.token(1).kind)
    ) {
      parts.push(this.token(1))
      this.at += 2
    }
    const name = parts.map((part) => part.value)
    const open = this.token()
    if (open.kind === 'operator' && open.value === '(') {
      if (this.isColumnList(first, name)) return
      if (token.kind === 'identifier' || !NOT_FUNCTIONS.has(token.value)) this.call(first, name)
    } else if (this.expectTable) this.reference(parts)
    else if (parts.length === 1 && token.kind === 'word' && BARE_FUNCTIONS.has(token.value)) {
      this.found.bareFunctions.push({ name: token.value, start: token.start, end: token.end })
    }
  }

  /** `v (a, b)` after a table names its columns; only elsewhere is it a call. */
  private isColumnList(first: number, name: string[]): boolean {
    if (name.length > 1) return false
    const before = this.tokens[first - 1]
    if (before?.value === ')' || before?.value === 'as') return true
    if (this.ctes.has(name[0]!) && !this.expectTable) return true
    const followsTable =
      before !== undefined &&
      (before.kind === 'identifier' ||
        (before.kind === 'word' &&
          !AFTER_TABLE.has(before.value) &&
          !NOT_FUNCTIONS.has(before.value)))
    return this.level().inFrom && !this.expectTable && followsTable
  }

  private list(word: Token): void {
    let depth = 0
    let at = this.at + 1
    for (; this.tokens[at]!.kind !== 'end'; at++) {
      if (this.tokens[at]!.kind !== 'operator') continue
      if (this.tokens[at]!.value === '[') depth++
      if (this.tokens[at]!.value === ']' && --depth === 0) break
    }
    this.found.lists.push({
      start: word.start,
      open: this.token(1).start,
      end: this.tokens[at]!.end,
    })
    this.at += 2
  }

  /** Whether the word only steers the reading. */
  private keyword(word: string): boolean {
    const previous = this.tokens[this.at - 1]?.value
    if (previous === '.') return false
    switch (word) {
      case 'from':
        if (FROM_INSIDE.has(this.level().function ?? '')) return true
        if (previous === 'distinct' && this.isPredicate()) return true
        this.level().inFrom = true
        this.expectTable = true
        return true
      case 'join':
      case 'into':
        this.expectTable = true
        return true
      case 'update':
      case 'table':
        if (this.at !== 0) return false
        this.expectTable = true
        return true
      case 'lateral':
      case 'only':
        return this.expectTable
      case 'as':
        if (this.token(1).value === 'of' && this.token(2).value !== ',') this.found.asOf = true
        return true
      case 'recursive':
        if (previous === 'mutually') throw unknownHere('WITH MUTUALLY RECURSIVE')
        return true
      default:
        if (ENDS_FROM.has(word)) this.level().inFrom = false
        return ENDS_FROM.has(word)
    }
  }

  /** `IS [NOT] DISTINCT FROM` names no table. */
  private isPredicate(): boolean {
    const before = [this.tokens[this.at - 2]?.value, this.tokens[this.at - 3]?.value]
    return before.includes('is')
  }

  private call(first: number, name: string[]): void {
    const call: Call = { name, start: this.tokens[first]!.start, end: 0, strings: [] }
    this.found.calls.push(call)
    this.expectTable = false
    for (
      let at = this.at + 1;
      this.tokens[at]!.value !== ')' || this.tokens[at]!.kind !== 'operator';
      at++
    ) {
      const token = this.tokens[at]!
      if (token.kind === 'string') call.strings?.push(token.value)
      else if (token.kind !== 'operator' || token.value !== ',') {
        call.strings = undefined
        break
      }
    }
    this.at++
    this.levels.push({ inFrom: false, function: name.at(-1)!, call })
  }

  private reference(parts: Token[]): void {
    this.expectTable = false
    const name = parts.map((part) => part.value)
    if (name.length === 1 && this.ctes.has(name[0]!)) return
    const next = this.token()
    const asOf = next.value === 'as' && this.token(1).value === 'of'
    const aliased =
      !asOf &&
      (next.kind === 'identifier' || (next.kind === 'word' && !AFTER_TABLE.has(next.value)))
    this.found.references.push({
      name: { parts: name },
      start: parts[0]!.start,
      end: parts.at(-1)!.end,
      aliased,
    })
  }
}

/** Names that WITH gives to queries. */
function commonTableNames(tokens: Token[]): Set<string> {
  const names = new Set<string>()
  tokens.forEach((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'identifier') return
    const before = tokens[index - 1]?.value
    if (before !== 'with' && before !== 'recursive' && before !== ',') return
    let at = index + 1
    if (tokens[at]?.value === '(') {
      while (tokens[at] !== undefined && tokens[at]!.value !== ')') at++
      at++
    }
    if (tokens[at]?.value === 'as' && tokens[at + 1]?.value === '(') names.add(token.value)
  })
  return names
}

export function scanQuery(sql: string): Scan {
  return new Scanner(sql).scan()
}
