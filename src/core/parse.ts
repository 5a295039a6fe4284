/**
 * Text to values, for what every input is made of. A parser never throws and never quotes the whole
 * text it was given: it says what is wrong, and the caller decides what of the text may be shown.
 */

/** Why a text was not taken. Reads on from the input’s name: "timeout has no unit". */
export interface Refusal {
  fault: string
  /** What would have been taken. */
  allowed?: string
  /** The part to blame, where that is not the whole text. Shown only for inputs that are public. */
  piece?: string
}

export type Parsed<T> = { value: T } | { refusal: Refusal }

export function accept<T>(value: T): Parsed<T> {
  return { value }
}

export function refuse(fault: string, more: Omit<Refusal, 'fault'> = {}): { refusal: Refusal } {
  return { refusal: { fault, ...more } }
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.slice(-1).join('')}`
}

/** Letters to insert, delete, replace or swap with their neighbour to turn one text into the other. */
export function distance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1]
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = last
    last = row
  }
  return last[to.length] ?? 0
}

/** The word probably meant, if one is near enough to the text to be worth naming. */
export function nearest(text: string, words: readonly string[]): string | undefined {
  // Nothing this long is a typing error, and the distance takes time that grows with the length.
  if (text.length > 40) return undefined
  const ranked = words
    .map((word) => ({ word, away: distance(text.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.away - b.away)
  const [best] = ranked
  return best && best.away <= Math.min(2, Math.floor(best.word.length / 2)) ? best.word : undefined
}

/** A parser for one of the words, letter for letter. */
export function choice<T extends string>(words: readonly T[]): (text: string) => Parsed<T> {
  return choiceBy(words, (text) => text)
}

/** A parser for one of the words in any case, and with - and _ taken for one another. */
export function looseChoice<T extends string>(words: readonly T[]): (text: string) => Parsed<T> {
  return choiceBy(words, (text) => text.toUpperCase().replaceAll('_', '-'))
}

function choiceBy<T extends string>(
  words: readonly T[],
  fold: (text: string) => string,
): (text: string) => Parsed<T> {
  return (text) => {
    const found = words.find((word) => fold(word) === fold(text))
    if (found !== undefined) return accept(found)
    const meant = nearest(text, words)
    return refuse('is not a word it knows', {
      allowed: alternatives(words) + (meant === undefined ? '' : ` (did you mean ${meant}?)`),
    })
  }
}

/** `true` or `false`, and nothing that merely looks like it. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (text === 'true') return accept(true)
  if (text === 'false') return accept(false)
  return refuse('is neither true nor false', { allowed: 'true or false' })
}

/** Any text that a protocol can carry. */
export function parseText(text: string): Parsed<string> {
  return text.includes('\0') ? refuse('holds a NUL') : accept(text)
}

/** Any text on one line. */
export function parseLine(text: string): Parsed<string> {
  return /[\r\n]/.test(text) ? refuse('holds a line break') : parseText(text)
}

export interface Range {
  from: number
  to: number
  /** One value outside of the range that is taken too, and what it stands for. */
  also?: { value: number; meaning: string }
}

/** A parser for decimal whole numbers without sign, leading zeros or separators. */
export function integer(range: Range): (text: string) => Parsed<number> {
  const also = range.also ? `${range.also.value} (${range.also.meaning}) or ` : ''
  const allowed = `${also}a whole number from ${range.from} to ${range.to}`
  return (text) => {
    if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return refuse('is not a whole number', { allowed })
    const value = Number(text)
    if (value === range.also?.value) return accept(value)
    return value >= range.from && value <= range.to
      ? accept(value)
      : refuse('is out of range', { allowed })
  }
}

/**
 * The entries of a list separated by commas, line breaks or both, trimmed. Blank lines are skipped;
 * nothing between two commas is refused. Quotes mean nothing here.
 */
export function parseList(text: string): Parsed<string[]> {
  const entries: string[] = []
  for (const chunk of text.split(',')) {
    const lines = chunk
      .split(/[\r\n]/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
    if (lines.length === 0) return refuse('has an empty entry', { allowed: listRule })
    entries.push(...lines)
  }
  return accept(entries)
}

const listRule =
  'entries separated by commas or line breaks, no comma before the first or after the last'

const PEM = /^-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/gm

const pemRule =
  'PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, line by line'

const KEY = /^-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----\r?\n[A-Za-z0-9+/=\s]+-----END \1-----\s*$/

const keyRule =
  'PEM text of a private key without a passphrase, from -----BEGIN PRIVATE KEY----- on, line by line'

/** A private key as PEM text, not encrypted: nobody could be asked for its passphrase. */
export function parsePrivateKey(text: string): Parsed<string> {
  const allowed = keyRule
  if (text.includes('ENCRYPTED')) return refuse('is encrypted', { allowed })
  if (text.includes('\\n')) {
    return refuse('has \\n written out where line breaks should be', { allowed })
  }
  if (!text.includes('PRIVATE KEY-----')) return refuse('holds no private key', { allowed })
  return KEY.test(text.trim())
    ? accept(text)
    : refuse('is damaged: line breaks were lost, or its end is missing', { allowed })
}

/** One or more certificates as PEM text. What stands between them is left to TLS to judge. */
export function parseCertificates(text: string): Parsed<string> {
  const allowed = pemRule
  if (text.includes('PRIVATE KEY')) {
    return refuse('holds a private key, which nobody but its owner should have', { allowed })
  }
  if (text.includes('\\n')) {
    return refuse('has \\n written out where line breaks should be', { allowed })
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    return refuse('holds no certificate', { allowed })
  }
  const begun = text.split('-----BEGIN CERTIFICATE-----').length - 1
  if ((text.match(PEM) ?? []).length !== begun) {
    return refuse('is damaged: line breaks were lost, or its end is missing', { allowed })
  }
  return accept(text)
}
