/** Letters that JSON leaves alone and a reader cannot see, or that turn the line round. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A public value for a message: short, quoted, on one line, and not at all if one of the secrets, or
 * what looks like a login, may be in it.
 */
export function show(text: string, secrets: readonly string[]): string {
  const suspect = /:.*@/s.test(text) || secrets.some((secret) => text.includes(secret))
  if (suspect) return '(not shown, since it may hold a password)'
  const letters = [...text]
  const short = letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : text
  return JSON.stringify(short).replace(UNSEEN, (letter) =>
    [...letter].map((l) => `\\u{${(l.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  )
}
