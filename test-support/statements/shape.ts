/** Statements by what they are, whatever their names and values. */

/** Text, names and numbers; `:'name'` is how psql writes a value that it is given. */
const VALUES = /:?'(?:[^']|'')*'|"(?:[^"]|"")*"|\b\d+\b/g

/** Lists as long as they like count as one value. NULL stands for an empty one. */
export function shapeOf(text: string): string {
  return text
    .replace(VALUES, (value) => (value.endsWith('"') ? '"…"' : value.endsWith("'") ? "'…'" : '0'))
    .replace(/'…'(?:, '…')+/g, "'…'")
    .replace(/"…"(?:, "…")+/g, '"…"')
    .replaceAll('IN (NULL)', "IN ('…')")
    .replace(/\s+/g, ' ')
    .trim()
}

/** What differs from one run to the next, as it is in every file. */
export function steady(text: string): string {
  return text
    .replace(/'[us]\d+'/g, "'u1'")
    .replace(/'u1'(?:, 'u1')+/g, "'u1'")
    .replaceAll('IN (NULL)', "IN ('u1')")
    .replace(/'\d{4}-\d\d-\d\dT[\d:.]+Z'/g, "'2026-01-01T00:00:00.000Z'")
    .replace(/\b(mka-canary-[0-9a-f]{16})-[0-9a-z]+-[0-9a-f]{12}/g, '$1-1')
    .replace(/\b(mka-canary|canary:)-?[0-9a-f]{12}/g, '$1-1')
    .replace(/\b(rotation|restarting)_[0-9a-f]{16}/g, '$1_1')
    .replace(/"until":"[^"]*"/g, '"until":"2026-01-01T00:00:00.000Z"')
    .replace(/^(FETCH .*)'\d+s'\)$/, "$1'1s')")
}

/** Statements that need each other: one alone, or a transaction from its beginning to its end. */
export type Unit = string[]

const CREATES =
  /^CREATE (?:CLUSTER|SECRET|CONNECTION|SOURCE|TABLE|MATERIALIZED VIEW|SINK) ("(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*)/

/** Statements of which each shape comes once, and again only where a later one needs its object. */
export class Sheet {
  readonly texts: string[] = []
  readonly #shapes = new Set<string>()
  readonly #made = new Set<string>()

  /** Takes what is new of statements in their order, and what that needs of them. */
  take(texts: string[]): void {
    for (const text of texts) {
      if (!this.#shapes.has(shapeOf(text))) this.#add(text, texts)
    }
  }

  /** Takes them, new or not. */
  takeAll(texts: string[]): void {
    for (const text of texts) this.#add(text, texts)
  }

  /** A transaction, whole, if anything in it is new; before it what it needs of those. */
  takeUnit(unit: Unit, among: string[] = []): void {
    if (unit.every((text) => this.#shapes.has(shapeOf(text)))) return
    for (const text of unit) this.#addNeeds(text, among)
    for (const text of unit) {
      this.#shapes.add(shapeOf(text))
      this.texts.push(text)
      const own = CREATES.exec(text)?.[1]
      // What is rolled back is not there afterwards.
      if (own !== undefined && unit.at(-1) === 'COMMIT') this.#made.add(own)
    }
  }

  #add(text: string, among: string[]): void {
    const own = CREATES.exec(text)?.[1]
    if (own !== undefined && this.#made.has(own)) return
    if (own !== undefined) this.#made.add(own)
    this.#addNeeds(text, among)
    const of = /^COMMENT ON [A-Z ]+ (".*?") IS/.exec(text)?.[1]
    const commented = among.find((other) => of !== undefined && CREATES.exec(other)?.[1] === of)
    if (commented !== undefined) this.#add(commented, among)
    this.#shapes.add(shapeOf(text))
    this.texts.push(text)
  }
  #addNeeds(text: string, among: string[]): void {
    // Marks name what is about to be made; they do not need it.
    if (text.startsWith('COMMENT')) return
    const own = CREATES.exec(text)?.[1]
    for (const other of among) {
      const name = CREATES.exec(other)?.[1]
      const isNeeded = name !== undefined && name !== own && text.includes(name)
      if (isNeeded && !this.#made.has(name)) this.#add(other, among)
    }
  }
}
