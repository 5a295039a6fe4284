import { existsSync, readFileSync } from 'node:fs'
import type { Example } from './example.ts'

/** Which tests try an option, as files under __tests__. */

const TESTS = new URL('../../__tests__/', import.meta.url)

/** A row of attributes.test.ts, as far as its name goes. */
export interface Row {
  kind: string
  attribute: string
  key?: string
}

/** @param rows by the file that tries them; it comes first where one is the option’s. */
export function testsOf(
  key: string,
  { test }: Example,
  rows: Readonly<Record<string, readonly Row[]>>,
): string[] {
  const names = namesOf(key)
  const files = Object.keys(rows).filter((file) =>
    rows[file]?.some((row) => names.includes(nameOf(row))),
  )
  return [...new Set([...files, test])]
}

/** The words of an option that its test’s file does not hold; all of them, if there is no file. */
export function unmentioned(key: string, file: string): string[] {
  const path = new URL(file, TESTS)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return wordsOf(key).filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text))
}

function wordsOf(key: string): string[] {
  const [, ...words] = key.split(/\.|: /)
  return words
}

function nameOf({ kind, attribute, key }: Row): string {
  return key ?? `${kind} ${attribute.replace(/^config\..*/, 'config')}`
}

/** What a row of the option may be called. */
function namesOf(key: string): string[] {
  const [section = '', place] = key.split('.')
  const rest = key.slice(section.length + 1)
  const kinds = [section, section.replace(/s$/, '')]
  const own = place === 'kafka' ? rest.slice('kafka.'.length) : rest
  return kinds.map((kind) => `${kind} ${own}`)
}
