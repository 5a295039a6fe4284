import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  byteLength,
  parseColumns,
  parseIdentifier,
  parseName,
  parseTopic,
} from '../src/core/names.ts'
import type { Parsed } from '../src/core/parse.ts'
import { ident, qualified } from '../src/core/sql.ts'

const within = { database: 'db', schema: 'sc' }

function outcome(parsed: Parsed<unknown>): unknown {
  return 'value' in parsed ? parsed.value : `refused: ${parsed.refusal.fault}`
}

/** Whatever Materialize takes as an identifier. */
const identifier = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => !text.includes('\0') && byteLength(text) <= 255)

describe('names of objects', () => {
  test.each([
    ['hello', ['db', 'sc', 'hello']],
    ['Hello World', ['db', 'sc', 'Hello World']],
    ['it"s', ['db', 'sc', 'it"s']],
    ['s.n', ['db', 's', 'n']],
    ['d.s.n', ['d', 's', 'n']],
    ['"a.b"', ['db', 'sc', 'a.b']],
    ['"d"."s"."n"', ['d', 's', 'n']],
    ['d."s.t"."n ""x"""', ['d', 's.t', 'n "x"']],
    ['" n "', ['db', 'sc', ' n ']],
    ['"line\nbreak"', ['db', 'sc', 'line\nbreak']],
    ['größe.日本', ['db', 'größe', '日本']],
    ["o'clock; DROP", ['db', 'sc', "o'clock; DROP"]],
  ])('%s', (text, [database, schema, name]) => {
    expect(outcome(parseName(text, within))).toEqual({ database, schema, name })
  })

  test.each([
    ['', 'has an empty name'],
    ['""', 'has an empty name'],
    ['a.', 'has an empty name'],
    ['.a', 'has an empty name'],
    ['a..b', 'has an empty name'],
    ['a.b.c.d', 'has more than three parts'],
    ['"a', 'has a double quote that is not closed'],
    ['"a"b', 'goes on after a closing quote'],
    ['"a" .b', 'goes on after a closing quote'],
    ['a. b', 'has a blank beside a dot'],
    ['a\nb', 'has a blank beside a dot, or a line break'],
    ['a\0b', 'holds a NUL'],
    ['é'.repeat(128), 'has a name of 256 bytes'],
  ])('%p: %s', (text, fault) => {
    expect(outcome(parseName(text, within))).toMatch(`refused: ${fault}`)
  })

  test('of 255 bytes are taken', () => {
    const name = 'é'.repeat(127) + 'x'
    expect(outcome(parseName(name, within))).toMatchObject({ name })
  })

  test('are read as SQL writes them, all three parts', () => {
    fc.assert(
      fc.property(identifier, identifier, identifier, (database, schema, name) => {
        const full = { database, schema, name }
        expect(outcome(parseName(qualified(full), within))).toEqual(full)
      }),
    )
  })

  test('bare or quoted are the same, where no dot, quote or blank end is in them', () => {
    const plain = identifier.filter((text) => !/[."\r\n]/.test(text) && text.trim() === text)
    fc.assert(
      fc.property(plain, (name) => {
        expect(parseName(name, within)).toEqual(parseName(ident(name), within))
      }),
    )
  })

  test('never throw, and their parts keep the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '.', 'a', ' ', '\n', '\0') }), (text) => {
        const parsed = parseName(text, within)
        if ('value' in parsed) {
          for (const part of Object.values(parsed.value)) {
            expect(outcome(parseIdentifier(part))).toBe(part)
          }
        }
      }),
    )
  })
})

describe('literal names', () => {
  test.each(['a.b', '"quoted"', 'Capital', 'a b'])('%s stays as it is', (text) => {
    expect(outcome(parseIdentifier(text))).toBe(text)
  })
})

describe('columns of a key', () => {
  test.each([
    ['id', ['id']],
    ['id, name', ['id', 'name']],
    ['id\nname', ['id', 'name']],
    ['id,\n\nname', ['id', 'name']],
    ['"a,b", c d', ['a,b', 'c d']],
    ['"a""b"\nc"d', ['a"b', 'c"d']],
    ['"a\nb"', ['a\nb']],
  ])('%p', (text, expected) => {
    expect(outcome(parseColumns(text))).toEqual(expected)
  })

  test.each([
    ['', 'has an empty entry'],
    ['a,', 'has an empty entry'],
    [',a', 'has an empty entry'],
    ['a,,b', 'has an empty entry'],
    ['a,a', 'names a column twice'],
    ['"a', 'has a double quote out of place'],
    ['"a"b', 'has a double quote out of place'],
    ['"a" "b"', 'has a double quote out of place'],
    ['""', 'has an empty name'],
    ['x'.repeat(256), 'has a name of 256 bytes'],
  ])('%p: %s', (text, fault) => {
    expect(outcome(parseColumns(text))).toBe(`refused: ${fault}`)
  })

  test('quoted give back what was joined', () => {
    const separator = fc.constantFrom(',', '\n', ', ', ',\r\n', '\n\n')
    fc.assert(
      fc.property(fc.uniqueArray(identifier, { minLength: 1 }), separator, (columns, by) => {
        expect(outcome(parseColumns(columns.map(ident).join(by)))).toEqual(columns)
      }),
    )
  })

  test('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', 'a', ' ', '\n') }), (text) => {
        const parsed = parseColumns(text)
        if ('value' in parsed) {
          expect(parsed.value.length).toBeGreaterThan(0)
          expect(parsed.value).not.toContain('')
        }
      }),
    )
  })
})

describe('topics', () => {
  test.each(['hello', 'a', 'A.b_c-1', '...', 'x'.repeat(249)])('%s is taken', (text) => {
    expect(outcome(parseTopic(text))).toBe(text)
  })

  test.each(['', '.', '..', 'a b', 'a/b', 'größe', 'a\n', 'x'.repeat(250)])(
    '%p is refused',
    (text) => {
      expect(outcome(parseTopic(text))).toBe('refused: is not a topic name')
    },
  )
})
