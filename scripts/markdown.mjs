/** Pieces of Markdown, and text between markers. */

/** Text for a cell: what Markdown or HTML would take as its own is escaped. */
export function cell(text) {
  return text.replace(/[|<*\\]/g, (letter) => `\\${letter}`).replaceAll('_', '\\_')
}

export function code(text) {
  return `\`${text}\``
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const body = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
  // Aligned columns would change in every line as soon as one cell grows.
  return `<!-- prettier-ignore-start -->\n${body}\n<!-- prettier-ignore-end -->`
}

/** The text with what stands between its markers replaced; `mark` makes a marker of a word. */
export function fill(text, blocks, mark) {
  return Object.entries(blocks).reduce((filled, [name, block]) => {
    const begin = mark(`begin ${name}`)
    const end = mark(`end ${name}`)
    const from = filled.indexOf(begin)
    const to = filled.indexOf(end)
    if (from === -1 || to < from) throw new Error(`markers ${begin} … ${end} are missing`)
    return filled.slice(0, from + begin.length) + block + filled.slice(to)
  }, text)
}
