import { parseError, type SqlError } from './errors.ts'
import { KEYWORDS } from './keywords.ts'
import { describeToken, positionOf, tokenize, type Token } from './lexer.ts'
import type { Name, Option, OptionValue } from './statements.ts'

/** Words that begin the next clause, so that they cannot name anything without quotes. */
const NEVER_NAMES = new Set('as from select where with union order group having limit'.split(' '))

/** Reading position in one query string, with the questions every part of the grammar asks. */
export class TokenStream {
  readonly sql: string
  readonly tokens: Token[]
  at = 0

  constructor(sql: string) {
    this.sql = sql
    this.tokens = tokenize(sql)
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.at++
    return token
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'word' && token.value === word.toLowerCase()
  }

  /** Takes all the words, or none. */
  accept(...words: string[]): boolean {
    if (!words.every((word, index) => this.isWord(word, index))) return false
    this.at += words.length
    return true
  }

  acceptOperator(operator: string): boolean {
    const token = this.peek()
    if (token.kind !== 'operator' || token.value !== operator) return false
    this.at++
    return true
  }

  isOperator(operator: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'operator' && token.value === operator
  }

  expect(...words: string[]): void {
    for (const word of words) {
      if (!this.accept(word)) throw this.expected(word.toUpperCase())
    }
  }

  expectOperator(operator: string): void {
    if (this.acceptOperator(operator)) return
    throw this.expected(describeToken({ kind: 'operator', value: operator, start: 0, end: 0 }))
  }

  expected(what: string): SqlError {
    const token = this.peek()
    return parseError(
      `Expected ${what}, found ${describeToken(token)}`,
      positionOf(this.sql, token.start),
    )
  }

  /** The alternatives of a choice between keywords, in Materialize's wording. */
  expectedOneOf(words: string[]): SqlError {
    return this.expected(words.length === 1 ? words[0]! : `one of ${words.join(' or ')}`)
  }

  atEnd(): boolean {
    const token = this.peek()
    return token.kind === 'end' || (token.kind === 'operator' && token.value === ';')
  }

  identifier(): string {
    const token = this.peek()
    if (token.kind === 'identifier') {
      if (token.value === '') {
        throw parseError('zero-length delimited identifier', positionOf(this.sql, token.start))
      }
      this.at++
      return token.value
    }
    if (token.kind === 'word' && !NEVER_NAMES.has(token.value)) {
      this.at++
      return token.value
    }
    throw this.expected('identifier')
  }

  name(): Name {
    const parts = [this.identifier()]
    while (this.acceptOperator('.')) parts.push(this.identifier())
    return { parts }
  }

  names(): Name[] {
    return this.separated(() => this.name())
  }

  separated<T>(one: () => T): T[] {
    const all = [one()]
    while (this.acceptOperator(',')) all.push(one())
    return all
  }

  parenthesised<T>(one: () => T): T[] {
    this.expectOperator('(')
    if (this.acceptOperator(')')) return []
    const all = this.separated(one)
    this.expectOperator(')')
    return all
  }

  string(): string {
    if (this.peek().kind !== 'string') throw this.expected('literal string')
    return this.next().value
  }

  integer(): number {
    const token = this.peek()
    if (token.kind !== 'number' || !/^\d+$/.test(token.value))
      throw this.expected('literal integer')
    this.at++
    return Number(token.value)
  }

  ifNotExists(): boolean {
    if (!this.isWord('if')) return false
    this.expect('if', 'not', 'exists')
    return true
  }

  ifExists(): boolean {
    if (!this.isWord('if')) return false
    this.expect('if', 'exists')
    return true
  }

  /** Text of the query from a token to the end of the statement. */
  restOfStatement(): { text: string; start: number } {
    const start = this.peek().start
    let depth = 0
    let end = start
    while (this.peek().kind !== 'end') {
      const token = this.peek()
      if (token.kind === 'operator' && token.value === ';' && depth === 0) break
      if (token.kind === 'operator' && token.value === '(') depth++
      if (token.kind === 'operator' && token.value === ')') depth--
      end = token.end
      this.at++
    }
    return { text: this.sql.slice(start, end), start }
  }

  /** Source text up to the comma or parenthesis that ends an expression. */
  expression(): string {
    const start = this.peek().start
    let depth = 0
    let end = start
    for (;;) {
      const token = this.peek()
      if (token.kind === 'end') break
      if (token.kind === 'operator') {
        if (depth === 0 && [',', ')', ']', ';'].includes(token.value)) break
        if (token.value === '(' || token.value === '[') depth++
        if (token.value === ')' || token.value === ']') depth--
      }
      end = token.end
      this.at++
    }
    if (end === start) throw this.expected('an expression')
    return this.sql.slice(start, end)
  }

  /** One of the option names, of which the longest that fits is taken. */
  optionName(names: readonly string[]): string {
    const fitting = names
      .filter((name) => name.split(' ').every((word, index) => this.isWord(word, index)))
      .sort((a, b) => b.length - a.length)[0]
    if (fitting !== undefined) {
      this.at += fitting.split(' ').length
      return fitting
    }
    throw this.noSuchOption(names)
  }

  private noSuchOption(names: readonly string[]): SqlError {
    let candidates = names.map((name) => name.split(' '))
    for (;;) {
      const heads = [...new Set(candidates.map((words) => words[0]!))]
      const here = heads.find((word) => this.isWord(word))
      if (here === undefined) return this.expectedOneOf(heads)
      candidates = candidates
        .filter((words) => words[0] === here)
        .map((words) => words.slice(1))
        .filter((words) => words.length > 0)
      this.at++
      if (candidates.length === 0) return this.expected('end of statement')
    }
  }

  options(names: readonly string[]): Option[] {
    return this.parenthesised(() => this.option(names))
  }

  option(names: readonly string[]): Option {
    const name = this.optionName(names)
    const value = this.optionValue()
    return value === undefined ? { name } : { name, value }
  }

  optionValue(): OptionValue | undefined {
    const equals = this.acceptOperator('=')
    if (!equals && (this.isOperator(',') || this.isOperator(')') || this.atEnd())) return undefined
    return this.value()
  }

  value(): OptionValue {
    const token = this.peek()
    if (token.kind === 'string') return { is: 'string', value: this.next().value }
    if (token.kind === 'number') return { is: 'number', value: this.next().value }
    if (this.acceptOperator('-')) {
      if (this.peek().kind !== 'number') throw this.expected('literal number')
      return { is: 'number', value: `-${this.next().value}` }
    }
    if (this.acceptOperator('(')) return this.list(')')
    if (this.acceptOperator('[')) return this.list(']')
    if (this.isWord('secret') && this.peek(1).kind !== 'operator') {
      this.at++
      return { is: 'secret', name: this.name() }
    }
    if (this.accept('map')) return this.map()
    if (this.accept('null')) return { is: 'null' }
    if (this.accept('true')) return { is: 'boolean', value: true }
    if (this.accept('false')) return { is: 'boolean', value: false }
    if (token.kind === 'word') {
      this.at++
      const upper = token.value.toUpperCase()
      return { is: 'word', value: KEYWORDS.has(upper) ? upper : token.value }
    }
    if (token.kind === 'identifier') return { is: 'word', value: this.next().value }
    throw this.expected('option value')
  }

  private list(close: ')' | ']'): OptionValue {
    if (this.acceptOperator(close)) return { is: 'list', values: [] }
    const values = this.separated(() => this.value())
    this.expectOperator(close)
    return { is: 'list', values }
  }

  private map(): OptionValue {
    this.expectOperator('[')
    const entries: [string, OptionValue][] = []
    if (!this.acceptOperator(']')) {
      entries.push(
        ...this.separated((): [string, OptionValue] => {
          const key = this.string()
          this.expectOperator('=>')
          return [key, this.value()]
        }),
      )
      this.expectOperator(']')
    }
    return { is: 'map', entries }
  }
}
