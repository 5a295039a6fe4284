import { oneLine } from './redact.ts'

/** Pieces of which the summary is made. */

/** Rows, columns and characters to show: a summary is for reading, the report for keeping. */
export const MOST = { rows: 25, columns: 12, cell: 200 }
/**
 * GitHub takes a mebibyte for each step, counted in bytes of UTF-8, four at most a character: each
 * part of the page has a share of a quarter of that.
 */
export const ROOM = { rows: 60_000, list: 30_000 }

/** As many lines, from the first on, as there is room for; and how many were left out. */
export function within<Line extends string | string[]>(
  lines: Line[],
  room: number,
): { kept: Line[]; left: number } {
  let size = 0
  const kept: Line[] = []
  for (const line of lines) {
    size += typeof line === 'string' ? line.length : line.join('   ').length
    if (size > room) break
    kept.push(line)
  }
  return { kept, left: lines.length - kept.length }
}

/**
 * Text from strangers for Markdown: each character that could mean something, to Markdown, HTML or
 * GitHub’s links and mentions, becomes a character reference, and the whole is set as code.
 */
export function plain(text: string, limit = MOST.cell): string {
  const safe = oneLine(text, limit).replace(
    /[^\p{L}\p{N} ,;=+-]/gu,
    (c) => `&#${String(c.codePointAt(0))};`,
  )
  return `<code>${safe === '' ? '&#32;' : safe}</code>`
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
