/** How PostgreSQL and Materialize write nested values as text, and how they read them back. */

export type Cell = string | null

/** A row in text form: fields with special characters within quotes that double what they hold. */
export function recordText(fields: Cell[]): string {
  const written = fields.map((field) => {
    if (field === null) return ''
    if (field !== '' && !/[\s"\\(),]/.test(field)) return field
    return `"${field.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`
  })
  return `(${written.join(',')})`
}

export function listText(elements: Cell[]): string {
  return `{${elements.map(listElement).join(',')}}`
}

export function mapText(entries: [string, Cell][]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${sorted.map(([key, value]) => `${listElement(key)}=>${listElement(value)}`).join(',')}}`
}

function listElement(element: Cell): string {
  if (element === null) return 'NULL'
  const isPlain = element !== '' && !/[\s"\\{},()=>]/.test(element)
  if (isPlain && element.toUpperCase() !== 'NULL') return element
  return `"${element.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Elements of `{…}`; those that are lists or records themselves come as their text. */
export function readList(text: string): Cell[] {
  return new Reader(text).list().map(({ key }) => key)
}

export function readMap(text: string): [string, Cell][] {
  return new Reader(text).list().map(({ key, value }) => [key ?? '', value ?? null])
}

/** Fields of `(…)`. */
export function readRecord(text: string): Cell[] {
  const fields: Cell[] = []
  let at = 1
  while (at < text.length) {
    let field: Cell = null
    if (text[at] === '"') {
      field = ''
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (text[at] === '"' || text[at] === '\\') at++
        field += text[at] ?? ''
      }
      at++
    } else {
      const end = /[,)]/g
      end.lastIndex = at
      const stop = end.exec(text)?.index ?? text.length
      if (stop > at) field = text.slice(at, stop)
      at = stop
    }
    fields.push(field)
    at++
  }
  return fields
}

interface Entry {
  key: Cell
  value?: Cell
}

class Reader {
  private readonly text: string
  private at = 1

  constructor(text: string) {
    this.text = text
  }

  list(): Entry[] {
    const entries: Entry[] = []
    if (this.text === '{}') return entries
    for (;;) {
      const entry: Entry = { key: this.element() }
      if (this.text.startsWith('=>', this.at)) {
        this.at += 2
        entry.value = this.element()
      }
      entries.push(entry)
      if (this.text[this.at++] !== ',') return entries
    }
  }

  private element(): Cell {
    if (this.text[this.at] === '"') return this.quoted()
    const start = this.at
    let depth = 0
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!
      if (char === '"') {
        this.quoted()
        this.at--
      } else if (char === '{') depth++
      else if (char === '}' && depth-- === 0) break
      else if (depth === 0 && (char === ',' || this.text.startsWith('=>', this.at))) break
    }
    const bare = this.text.slice(start, this.at)
    return bare === 'NULL' ? null : bare
  }

  private quoted(): string {
    let value = ''
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      if (this.text[this.at] === '\\') this.at++
      value += this.text[this.at] ?? ''
    }
    this.at++
    return value
  }
}
