import { hex } from './sql.ts'

/** Shorter pieces would blank ordinary words; a whole secret is masked whatever its length. */
const SHORTEST_PIECE = 4

/**
 * Every form in which a secret could come back to us: as it is, each of its lines, quoted for SQL,
 * as the hexadecimal form it is sent in, in a URL, in JSON and as Rust prints strings.
 */
export function secretForms(secret: string): string[] {
  if (secret.trim() === '') return []
  const forms = new Set([secret])
  const pieces = [
    ...secret.split(/\r?\n/).map((line) => line.trim()),
    secret.replaceAll("'", "''"),
    secret.replaceAll('\\', '\\\\'),
    hex(secret),
    `\\x${hex(secret)}`,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replaceAll("'", "''"),
    ...urlForms(secret),
  ]
  for (const piece of pieces) if (piece.length >= SHORTEST_PIECE) forms.add(piece)
  // Longest first, so that no form is left half shown by one that is part of it.
  return [...forms].sort((a, b) => b.length - a.length)
}

function urlForms(secret: string): string[] {
  try {
    const encoded = encodeURIComponent(secret)
    const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
    return [encoded, lower, encodeURI(secret), encoded.replaceAll('%20', '+')]
  } catch {
    // Half a surrogate pair has no URL form.
    return []
  }
}

/** Replaces every form of every secret by three asterisks. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(secretForms))].sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((safe, form) => safe.replaceAll(form, '***'), text)
}

/** A value of JSON’s kinds from strangers, with every text in it redacted, names of members too. */
export function redactDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((part) => redactDeep(part, redact))
  // What JSON.rawJSON made holds a number and is frozen.
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, of]) => [redact(name), redactDeep(of, redact)]))
}

/** Control characters, line separators, and marks that turn the direction of text. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/**
 * Text from strangers as one line that a runner reads as nothing but text: no line breaks, no
 * `::command::` at its start and no `##[command]` anywhere.
 */
export function oneLine(text: string, limit = 2_000): string {
  const flat = text
    .replace(/\r?\n/g, ' ')
    .replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', '# #[')
    .replace(/^(\s*):(?=:)/, '$1: ')
  return cut(flat, limit)
}

/** Text cut to a number of UTF-16 units, with a word on how much was cut; no character is halved. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) ? limit - 1 : limit
  return `${text.slice(0, end)}… (${String(text.length - end)} more characters cut)`
}
