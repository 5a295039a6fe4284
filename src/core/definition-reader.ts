import type { PartialName, Reference } from './definition-model.ts'
import type { Token } from './definition-tokens.ts'
import { tokenText } from './definition-tokens.ts'

/** Names an object that a text gives only by its id, as clusters are. */
export type NameOf = (id: string) => string | undefined

/** Walks over a stretch of tokens; what cannot be taken leaves the place as it was. */
export class TokenReader {
  readonly tokens: Token[]
  readonly nameOf: NameOf | undefined
  at: number
  readonly end: number

  constructor(of: { tokens: Token[]; nameOf: NameOf | undefined }, at: number, end: number) {
    this.tokens = of.tokens
    this.nameOf = of.nameOf
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  get left(): number {
    return this.end - this.at
  }

  peek(ahead = 0): Token | undefined {
    return this.at + ahead < this.end ? this.tokens[this.at + ahead] : undefined
  }

  is(kind: Token['is'], text?: string): boolean {
    const token = this.peek()
    return token?.is === kind && (text === undefined || token.text === text)
  }

  /** Whether these bare words are next, given in lower case. */
  sees(...words: string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.peek(ahead)
      return token?.is === 'word' && token.text === word
    })
  }

  takeWords(...words: string[]): boolean {
    if (!this.sees(...words)) return false
    this.at += words.length
    return true
  }

  takeSymbol(symbol: string): boolean {
    if (!this.is('symbol', symbol)) return false
    this.at += 1
    return true
  }

  /** The text of the next token, if it is of that kind. */
  take(kind: Token['is']): string | undefined {
    if (!this.is(kind)) return undefined
    const text = this.peek()?.text
    this.at += 1
    return text
  }

  takeName(): string | undefined {
    return this.take('word') ?? this.take('quoted')
  }

  /** The words up to something else, or up to one of these. */
  wordsUpTo(...stops: string[]): string {
    const words: string[] = []
    while (this.is('word') && !stops.some((stop) => this.sees(stop))) {
      words.push(this.take('word') ?? '')
    }
    return words.join(' ')
  }

  /** Any next token as SQL. */
  takeText(): string {
    const token = this.peek()
    this.at += 1
    return token === undefined ? '' : tokenText(token)
  }

  /** What a bracket that opens here holds. */
  group(open: '(' | '['): TokenReader | undefined {
    const close = this.is('symbol', open) ? this.peek()?.close : undefined
    if (close === undefined || close >= this.end) return undefined
    const inside = new TokenReader(this, this.at + 1, close)
    this.at = close + 1
    return inside
  }

  /** The parts between commas, brackets left whole; none of an empty stretch. */
  items(): TokenReader[] {
    const items: TokenReader[] = []
    let from = this.at
    for (let at = this.at; at < this.end; at += 1) {
      const token = this.tokens[at]
      if (token?.close !== undefined) {
        at = token.close
      } else if (token?.is === 'symbol' && token.text === ',') {
        items.push(new TokenReader(this, from, at))
        from = at + 1
      }
    }
    if (this.at < this.end) items.push(new TokenReader(this, from, this.end))
    this.at = this.end
    return items
  }

  /** Names between commas in brackets, and nothing else. */
  names(): string[] | undefined {
    const start = this.at
    const names = this.group('(')
      ?.items()
      .map((item) => (item.left === 1 ? item.takeName() : undefined))
    if (names?.every((name) => name !== undefined)) return names
    this.at = start
    return undefined
  }

  /** A name in up to three parts. */
  partialName(): PartialName | undefined {
    const start = this.at
    const parts: string[] = []
    do {
      const part = this.takeName()
      if (part === undefined || parts.length === 3) {
        this.at = start
        return undefined
      }
      parts.push(part)
    } while (this.takeSymbol('.'))
    const [name = '', schema, database] = parts.reverse()
    return {
      ...(database !== undefined && { database }),
      ...(schema !== undefined && { schema }),
      name,
    }
  }

  /** `[u7 AS "a"."b"."c"]`, `[u1]` or a name. */
  reference(): Reference | undefined {
    if (!this.is('symbol', '[')) {
      const name = this.partialName()
      return name && { name }
    }
    const start = this.at
    const inside = this.group('[')
    const id = inside?.take('word')
    if (inside !== undefined && id !== undefined) {
      if (inside.done) {
        const name = this.nameOf?.(id)
        return { id, ...(name !== undefined && { name: { name } }) }
      }
      const name = inside.takeWords('as') ? inside.partialName() : undefined
      // A table may be given with the version of its columns.
      if (inside.takeWords('version')) inside.take('number')
      if (name !== undefined && inside.done) return { id, name }
    }
    this.at = start
    return undefined
  }
}
