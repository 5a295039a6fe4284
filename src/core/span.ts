const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** How long something lasted, for people: its two largest units, such as `3 h 12 min`. */
export function spanText(ms: number): string {
  let rest = Math.max(0, ms)
  const words: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || words.length > 0) words.push(count > 0 ? `${String(count)} ${unit}` : '')
    if (words.length === 2) break
  }
  const said = words.filter((word) => word !== '').join(' ')
  return said === '' ? 'less than 1 s' : said
}

/** An ISO time for people, to the second. */
export function momentText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}
