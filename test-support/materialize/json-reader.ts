/** JSON as serde_json reads it: its errors with line and column, and numbers kept digit by digit. */
export class JsonError extends Error {}

/** The text in jsonb's form, or JsonError in serde_json's words. */
export function readJson(bytes: Buffer): string {
  return new Reader(bytes.toString('latin1'), bytes).document()
}

class Reader {
  /** One character a byte, because columns count bytes. */
  private readonly text: string
  private readonly bytes: Buffer
  private at = 0

  constructor(text: string, bytes: Buffer) {
    this.text = text
    this.bytes = bytes
  }

  document(): string {
    const value = this.value()
    this.blanks()
    if (this.at < this.text.length) throw this.error('trailing characters', 1)
    return value
  }

  private error(what: string, ahead = 0): JsonError {
    const before = this.text.slice(0, this.at)
    const line = before.split('\n').length
    const column = this.at - (before.lastIndexOf('\n') + 1) + ahead
    return new JsonError(`${what} at line ${line} column ${column}`)
  }

  private blanks(): void {
    while (/[ \n\t\r]/.test(this.text[this.at] ?? '')) this.at++
  }

  private value(): string {
    this.blanks()
    const char = this.text[this.at]
    if (char === undefined) throw this.error('EOF while parsing a value')
    if (char === '{') return this.object()
    if (char === '[') return this.array()
    if (char === '"') return JSON.stringify(this.string())
    if (char === '-' || /\d/.test(char)) return this.number()
    for (const word of ['true', 'false', 'null']) {
      if (char === word[0]) return this.word(word)
    }
    throw this.error('expected value', 1)
  }

  private word(word: string): string {
    for (const char of word) {
      if (this.at >= this.text.length) throw this.error('EOF while parsing a value')
      if (this.text[this.at] !== char) throw this.error('expected ident', 1)
      this.at++
    }
    return word
  }

  private number(): string {
    const match = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(this.text.slice(this.at))
    if (match === null) {
      this.at++
      throw this.error('invalid number', this.at < this.text.length ? 1 : 0)
    }
    this.at += match[0].length
    return match[0]
  }

  private string(): string {
    const start = this.at++
    while (this.text[this.at] !== '"') {
      const char = this.text[this.at]
      if (char === undefined) throw this.error('EOF while parsing a string')
      if (char < ' ') {
        throw this.error('control character (\\u0000-\\u001F) found while parsing a string', 1)
      }
      this.at += char === '\\' ? 2 : 1
    }
    this.at++
    const raw = this.bytes.subarray(start, this.at)
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as string
    } catch {
      throw this.error('invalid escape')
    }
  }

  private array(): string {
    this.at++
    const values: string[] = []
    this.blanks()
    if (this.text[this.at] === undefined) throw this.error('EOF while parsing a list')
    if (this.text[this.at] === ']') {
      this.at++
      return '[]'
    }
    for (;;) {
      values.push(this.value())
      this.blanks()
      const char = this.text[this.at]
      if (char === undefined) throw this.error('EOF while parsing a list')
      this.at++
      if (char === ']') return `[${values.join(',')}]`
      if (char !== ',') {
        this.at--
        throw this.error('expected `,` or `]`', 1)
      }
    }
  }

  private object(): string {
    this.at++
    const entries = new Map<string, string>()
    this.blanks()
    if (this.text[this.at] === '}') {
      this.at++
      return '{}'
    }
    for (;;) {
      this.blanks()
      const char = this.text[this.at]
      if (char === undefined) throw this.error('EOF while parsing an object')
      if (char !== '"') throw this.error('key must be a string', 1)
      const key = this.string()
      this.blanks()
      if (this.text[this.at] !== ':') throw this.error('expected `:`', 1)
      this.at++
      entries.set(key, this.value())
      this.blanks()
      const next = this.text[this.at]
      if (next === undefined) throw this.error('EOF while parsing an object')
      this.at++
      if (next === '}') {
        return `{${[...entries].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
      }
      if (next !== ',') {
        this.at--
        throw this.error('expected `,` or `}`', 1)
      }
    }
  }
}
