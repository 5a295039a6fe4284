import type { WorkedOut } from './worked-out.ts'

/**
 * Whether words of SQL are what the option says: they stand in a statement of the object with it, and
 * the one without it either lacks them or has something else behind them.
 */
export function isSaidBy({ without, made }: Pick<WorkedOut, 'without' | 'made'>, words: string) {
  const differ = made.filter((text) => !without.includes(text))
  // The way it is until it is said otherwise.
  if (words === '') return differ.length > 0
  return differ.some((text) => {
    const like = without.reduce((a, b) => (shared(text, b) > shared(text, a) ? b : a), '')
    if (!like.includes(words)) return text.includes(words)
    const parts = shared(text, like)
    return placesOf(text, words).some((from) => {
      const end = from + words.length
      // A blank, a comma or a bracket may come before them.
      return end > parts ? from <= parts + 3 : isWithin(text, end, parts)
    })
  })
}

/** Whether the place is in the value that begins at the other one. */
function isWithin(text: string, from: number, place: number): boolean {
  return !/[,(]/.test(text.slice(from + 2, place)) && /[^ ,)]/.test(text[place] ?? '')
}

function shared(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

function placesOf(text: string, words: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) places.push(at)
  return places
}
