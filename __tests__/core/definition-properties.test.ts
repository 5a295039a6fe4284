import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Definition } from '../../src/core/definition.ts'
import {
  optionsDiffer,
  printDefinition,
  readDefinition,
  readQuery,
  sameDefinition,
  sameQuery,
} from '../../src/core/definition.ts'
import { definition, options, query } from './definition-arbitrary.ts'
import { shownTexts } from './definition-texts.ts'

const context = { database: 'd', schema: 's' }
const runs = { numRuns: 1000 }

describe('definitions of any names and strings', () => {
  test('read back as they were printed', () => {
    fc.assert(
      fc.property(definition, (one) => {
        const printed = printDefinition(one)
        const read = readDefinition(printed)
        const expected =
          one.is === 'connection' && read?.is === 'connection'
            ? { ...one, brokers: read.brokers }
            : one
        expect([printed, read]).toEqual([printed, expected])
      }),
      runs,
    )
  })

  test('are the same as themselves, whatever their ids', () => {
    fc.assert(
      fc.property(definition, (one) => {
        const printed = printDefinition(one)
        const renumbered = JSON.parse(JSON.stringify(one), (_, held: unknown) => {
          const isNamed =
            typeof held === 'object' && held !== null && 'id' in held && 'name' in held
          return isNamed ? { ...held, id: 'u12345' } : held
        }) as Definition
        expect([printed, sameDefinition(one, renumbered, context)]).toEqual([printed, true])
      }),
      runs,
    )
  })

  test('differ by what was put in or taken out', () => {
    fc.assert(
      fc.property(options, options, (there, asked) => {
        const found = optionsDiffer(there, asked).map(({ option }) => option)
        expect(found).toEqual([...found].sort())
        for (const name of Object.keys({ ...there, ...asked })) {
          if (!(name in there) || !(name in asked)) expect(found).toContain(name)
        }
        expect(optionsDiffer(asked, there).map(({ option }) => option)).toEqual(found)
      }),
      runs,
    )
  })

  test('a query is the same as itself in other dress, and as no shorter one', () => {
    fc.assert(
      fc.property(query, (one) => {
        expect(sameQuery(one, one.join(' /* x */\n '), context)).toBe(true)
        expect(readQuery(one.join(' '))).toEqual(one)
        expect(sameQuery(one, [...one, ',', 'b'], context)).toBe(false)
      }),
      runs,
    )
  })
})

describe('any text', () => {
  test('is read or not, but never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (one) => {
        readDefinition(one)
        readDefinition(`CREATE SINK ${one}`)
        readQuery(one)
        sameQuery(one, `select ${one}`, context)
      }),
      runs,
    )
  })

  test('made of the server’s words in disorder is read, printed and read again', () => {
    const pieces = shownTexts.flatMap(
      ({ text: shown }) => shown.match(/"[^"]*"|'[^']*'|\w+|\S/g) ?? [],
    )
    fc.assert(
      fc.property(
        fc.constantFrom('CONNECTION', 'SOURCE', 'SINK', 'TABLE', 'MATERIALIZED VIEW', 'CLUSTER'),
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }),
        (kind, parts) => {
          const one = readDefinition(`CREATE ${kind} x ${parts.join(' ')}`)
          if (one === undefined) return
          sameDefinition(one, one, context)
          expect(readDefinition(printDefinition(one))).toBeDefined()
        },
      ),
      runs,
    )
  })
})

test('what begins with a dot is no clause', () => {
  expect(readDefinition('CREATE TABLE x ENVELOPE CREATE .')).toBeUndefined()
})

describe('long texts', () => {
  test.each<[string, (length: number) => string]>([
    [
      'a schema',
      (length) =>
        `CREATE SOURCE s FROM KAFKA CONNECTION c FORMAT AVRO USING SCHEMA '${`{"a''": [1]} `.repeat(length / 13)}' ENVELOPE NONE`,
    ],
    [
      'brackets',
      (length) => `CREATE CLUSTER c (X = ${'('.repeat(length / 2)}${')'.repeat(length / 2)})`,
    ],
    [
      'brackets with options',
      (length) =>
        `CREATE CLUSTER c (X = ${'"a"(PORT='.repeat(length / 11)}1${')'.repeat(length / 11)})`,
    ],
    [
      'maps',
      (length) =>
        `CREATE CLUSTER c (X = ${"MAP['a'=>".repeat(length / 10)}1${']'.repeat(length / 10)})`,
    ],
    ['options', (length) => `CREATE CLUSTER c (${'ABC = 1, '.repeat(length / 9)} X = 2)`],
    [
      'WITH in WITH',
      (length) => `CREATE SINK s ${'WITH ('.repeat(length / 7)}${')'.repeat(length / 7)}`,
    ],
    [
      'casts',
      (length) =>
        `CREATE MATERIALIZED VIEW v AS SELECT ${'CAST('.repeat(length / 13)}a${' AS int)'.repeat(length / 13)}`,
    ],
    [
      'columns',
      (length) => `CREATE MATERIALIZED VIEW v AS SELECT ${'a.b, '.repeat(length / 5)} x FROM "y"`,
    ],
    ['one word', (length) => `CREATE SINK ${'a'.repeat(length)}`],
    ['words', (length) => `CREATE SINK s ${'key '.repeat(length / 4)}`],
    ['signs', (length) => `CREATE MATERIALIZED VIEW v AS SELECT 1 ${'+'.repeat(length)} 1`],
    [
      'a comment',
      (length) => `CREATE SINK s ${'/*'.repeat(length / 4)}${'*/'.repeat(length / 4)} FROM t`,
    ],
    ['a name', (length) => `CREATE SINK "${'""'.repeat(length / 2)}" FROM t`],
    ['an escaped string', (length) => `CREATE CLUSTER c (X = E'${"\\n''".repeat(length / 4)}')`],
    ['strings over lines', (length) => `CREATE CLUSTER c (X = 'a'${"\n'a'".repeat(length / 4)})`],
    ['dots', (length) => `CREATE MATERIALIZED VIEW v AS SELECT a${'.a'.repeat(length / 2)}`],
  ])('of %s take time by their length and no stack', (_, sql) => {
    const start = performance.now()
    expect(readDefinition(sql(1_000_000))).toBeDefined()
    // Ten times what it takes on a slow machine, a tenth of what a square of the length would.
    expect(performance.now() - start).toBeLessThan(20_000)
    const shorter = readDefinition(sql(100_000))
    if (shorter === undefined) throw new Error('not read')
    expect(sameDefinition(shorter, shorter, context)).toBe(true)
    expect(readDefinition(printDefinition(shorter))).toBeDefined()
  })
})
