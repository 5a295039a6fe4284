import type { Token } from './definition-tokens.ts'

/** What stands between two parentheses, or all of it. */
interface Level {
  /** Whether FROM means a list of relations here, as it does not in `extract(day FROM t)`. */
  selects: boolean
  /** Whether a comma is followed by another relation. */
  listing: boolean
  /** Whether what comes next is a relation. */
  expecting: boolean
  /** Of WITH: whether names of its own may come next. */
  naming: 'no' | 'plain' | 'recursive'
  /** Where the last WITH stands. */
  since: number
  /** Names given by WITH, from which place on they hide a relation’s. */
  named: { name: string; from: number; to: number }[]
  /** The name whose query is being read. */
  open?: string
}

const NEW_LEVEL = {
  selects: false,
  listing: false,
  expecting: false,
  naming: 'no',
  since: 0,
} as const

/** They end a list of relations. */
const ENDINGS = new Set([
  ...['where', 'group', 'order', 'having', 'limit', 'offset', 'fetch', 'window', 'qualify'],
  ...['union', 'except', 'intersect', 'options'],
])

/** They may stand between FROM or JOIN and the relation. */
const BETWEEN = new Set(['lateral', 'only'])

/** The relations a query reads from, each as its parts, without the names it gives itself. */
export function relationsRead(tokens: readonly Token[]): string[][] {
  const scan = new Scan(tokens)
  for (let at = 0; at < tokens.length;) at = scan.step(at)
  return scan.found()
}

class Scan {
  readonly #tokens: readonly Token[]
  readonly #levels: Level[] = [{ ...NEW_LEVEL, named: [] }]
  readonly #closed: Level[] = []
  readonly #read: { parts: string[]; at: number }[] = []

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  found(): string[][] {
    const named = [...this.#closed, ...this.#levels].flatMap((level) => level.named)
    const hidden = Map.groupBy(named, ({ name }) => name)
    return this.#read
      .filter(
        ({ parts: [name = '', ...more], at }) =>
          more.length > 0 || !hidden.get(name)?.some((where) => where.from <= at && at < where.to),
      )
      .map(({ parts }) => parts)
  }

  /** Takes in the token and what belongs to it; answers where the next one is. */
  step(at: number): number {
    const token = this.#tokens[at]
    const level = this.#levels.at(-1)
    if (!token || !level) return at + 1
    if (token.is === 'symbol') this.#symbol(token.text, level, at)
    else if (token.is !== 'word' && token.is !== 'quoted') level.expecting = false
    else if (this.#isGivenName(level, at)) this.#give(token.text, level)
    else if (token.is === 'word' && this.#keyword(token.text, level, at)) return at + 1
    else if (level.expecting) return this.#relation(level, at)
    return at + 1
  }

  #symbol(text: string, level: Level, at: number): void {
    if (text === '(') {
      this.#levels.push({ ...NEW_LEVEL, expecting: level.expecting, named: [] })
      level.expecting = false
    } else if (text === ')' && this.#levels.length > 1) {
      this.#levels.pop()
      this.#closed.push(level)
      for (const name of level.named) name.to = at
      this.#endGivenName(at)
    } else {
      level.expecting = text === ',' && level.listing
    }
  }

  /** After the query of a name of WITH. Its columns stand in parentheses too, but before AS. */
  #endGivenName(at: number): void {
    const level = this.#levels.at(-1)
    if (level?.open === undefined || this.#isWord(at + 1, 'as')) return
    level.named.push({ name: level.open, from: at, to: Infinity })
    delete level.open
  }

  /** Whether the token is one of the words that matter here, and not a name. */
  #keyword(text: string, level: Level, at: number): boolean {
    if (text === 'with') {
      // Of `timestamp with time zone` it is another one.
      if (!level.selects) Object.assign(level, { naming: 'plain', since: at })
    } else if (text === 'recursive' && level.naming === 'plain') level.naming = 'recursive'
    else if (text === 'select' || text === 'values') {
      Object.assign(level, { ...NEW_LEVEL, selects: text === 'select' })
    } else if (text === 'join' || (text === 'table' && !level.listing)) level.expecting = true
    else if (text === 'from') {
      if (!level.selects || this.#isWord(at - 1, 'distinct')) return true
      level.listing = true
      level.expecting = true
    } else if (ENDINGS.has(text) && !level.expecting) level.listing = false
    else return BETWEEN.has(text) && level.expecting
    return true
  }

  /** `name AS (` or `name (columns) AS (`, after WITH or a comma behind it. */
  #isGivenName(level: Level, at: number): boolean {
    if (level.naming === 'no' || level.open !== undefined) return false
    // `MUTUALLY RECURSIVE (RETURN AT …) a AS (` has its options first.
    if (this.#isWord(at, 'recursive') && this.#isWord(at - 1, 'mutually')) return false
    return this.#isWord(at + 1, 'as') || (this.#isSymbol(at + 1, '(') && !this.#isWord(at, 'as'))
  }

  /** A recursive name is known from WITH on, another one after its own query. */
  #give(name: string, level: Level): void {
    if (level.naming === 'recursive') level.named.push({ name, from: level.since, to: Infinity })
    else level.open = name
  }

  #relation(level: Level, at: number): number {
    const parts = [this.#tokens[at]?.text ?? '']
    let end = at + 1
    while (this.#isSymbol(end, '.')) {
      const next = this.#tokens[end + 1]
      if (next?.is !== 'word' && next?.is !== 'quoted') break
      parts.push(next.text)
      end += 2
    }
    level.expecting = false
    // A function’s name is no relation’s.
    if (!this.#isSymbol(end, '(')) this.#read.push({ parts, at })
    return end
  }

  #isWord(at: number, text: string): boolean {
    const token = this.#tokens[at]
    return token?.is === 'word' && token.text === text
  }

  #isSymbol(at: number, text: string): boolean {
    const token = this.#tokens[at]
    return token?.is === 'symbol' && token.text === text
  }
}
