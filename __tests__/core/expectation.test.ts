import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Answer, expectationFailure, judge, rowsToDecide } from '../../src/core/expectation.ts'
import type { Cell, Expected, ExpectedRow } from '../../src/core/model-expectation.ts'
import type { ExpectationReport } from '../../src/core/report.ts'
import { TYPES } from '../../src/core/rows.ts'

const TEXT = 25

/** What comes of a query with these columns, as far as it is read. */
function answer(
  columns: Record<string, number>,
  rows: Cell[][],
  more: Partial<Answer> = {},
): Answer {
  const fields = Object.entries(columns).map(([name, type]) => ({ name, type }))
  return { fields, rows, count: rows.length, tooLarge: false, ...more }
}

const rows = (all: ExpectedRow[], ordered = false): Expected => ({ is: 'rows', rows: all, ordered })
const count = (from: number, to?: number): Expected => ({
  is: 'count',
  from,
  ...(to !== undefined && { to }),
})

const two = { region: TEXT, n: TYPES.int8 }
const columns = (of: Record<string, Cell>): ExpectedRow => new Map(Object.entries(of))

describe('what is expected, and what comes', () => {
  const cases: [string, Expected, Answer, string | true][] = [
    [
      'the same',
      rows([
        ['eu', '2'],
        ['us', '1'],
      ]),
      answer(two, [
        ['us', '1'],
        ['eu', '2'],
      ]),
      true,
    ],
    [
      'by name, whatever the order of names',
      rows([columns({ n: '2', region: 'eu' })]),
      answer(two, [['eu', '2']]),
      true,
    ],
    [
      'names and orders mixed',
      rows([columns({ n: '2', region: 'eu' }), ['us', null]]),
      answer(two, [
        ['us', null],
        ['eu', '2'],
      ]),
      true,
    ],
    [
      'null is not the text null',
      rows([['null', '1']]),
      answer(two, [[null, '1']]),
      '1 row came, of 1 expected: 1 missing, 1 not expected',
    ],
    ['nothing', rows([['eu', '2']]), answer(two, []), 'no rows came, of 1 expected: 1 missing'],
    [
      'one missing',
      rows([
        ['eu', '2'],
        ['us', '1'],
      ]),
      answer(two, [['eu', '2']]),
      '1 row came, of 2 expected: 1 missing',
    ],
    [
      'another value',
      rows([
        ['eu', '2'],
        ['us', '1'],
      ]),
      answer(two, [
        ['eu', '3'],
        ['us', '1'],
      ]),
      '2 rows came, of 2 expected: 1 missing, 1 not expected',
    ],
    [
      'one row twice',
      rows([
        ['eu', '2'],
        ['us', '1'],
      ]),
      answer(two, [
        ['eu', '2'],
        ['eu', '2'],
      ]),
      '2 rows came, of 2 expected: 1 missing, 1 not expected',
    ],
    [
      'more than can be right',
      rows([['eu', '2']]),
      answer(two, [
        ['eu', '2'],
        ['us', '1'],
      ]),
      'more than 1 row came, and no more are expected',
    ],
    [
      'in order',
      rows(
        [
          ['eu', '2'],
          ['us', '1'],
        ],
        true,
      ),
      answer(two, [
        ['eu', '2'],
        ['us', '1'],
      ]),
      true,
    ],
    [
      'in another order',
      rows(
        [
          ['a', '1'],
          ['eu', '2'],
          ['us', '1'],
        ],
        true,
      ),
      answer(two, [
        ['a', '1'],
        ['us', '1'],
        ['eu', '2'],
      ]),
      'the rows came in another order, from row 2 on',
    ],
    ['none, and none come', rows([]), answer(two, []), true],
    [
      'none, and one comes',
      rows([]),
      answer(two, [['eu', '2']]),
      'rows came, and none are expected',
    ],
    [
      'numbers beyond doubles',
      rows([['eu', '9007199254740993']]),
      answer(two, [['eu', '9007199254740992']]),
      '1 row came, of 1 expected: 1 missing, 1 not expected',
    ],
    [
      'another spelling',
      rows([['t', '1.50']]),
      answer({ a: TYPES.bool, b: TYPES.numeric }, [['t', '1.5']]),
      true,
    ],
    [
      'JSON',
      rows([['{"a": 1, "b": [2]}']]),
      answer({ data: TYPES.jsonb }, [['{"b":[2],"a":1}']]),
      true,
    ],
    [
      'too much to compare',
      rows([['eu', '2']]),
      answer(two, [['eu', '2']], { tooLarge: true }),
      'the answer is larger than what is compared',
    ],
    [
      'a count',
      count(2, 2),
      answer(two, [
        ['eu', '2'],
        ['us', '1'],
      ]),
      true,
    ],
    ['too few', count(3, 3), answer(two, [['eu', '2']]), '1 row came, and 3 are expected'],
    [
      'too many',
      count(1, 1),
      answer(two, [
        ['eu', '2'],
        ['us', '1'],
      ]),
      'more than 1 row came, and 1 is expected',
    ],
    ['a range, at its start', count(1, 3), answer(two, [['eu', '2']]), true],
    ['a range, at its end', count(1, 3), answer(two, [], { count: 3 }), true],
    ['below a range', count(1, 3), answer(two, []), '0 rows came, and 1 to 3 are expected'],
    [
      'above a range',
      count(1, 3),
      answer(two, [], { count: 4 }),
      'more than 3 rows came, and 1 to 3 are expected',
    ],
    ['at least', count(2), answer(two, [], { count: 2 }), true],
    [
      'less than at least',
      count(2),
      answer(two, [], { count: 1 }),
      '1 row came, and at least 2 are expected',
    ],
    [
      'columns of one name',
      rows([columns({ a: '1', a_2: '2' })]),
      {
        ...answer({}, [['1', '2']]),
        fields: [
          { name: 'a', type: TEXT },
          { name: 'a', type: TEXT },
        ],
      },
      true,
    ],
    [
      'a column called __proto__',
      rows([new Map([['__proto__', '1']])]),
      { ...answer({}, [['1']]), fields: [{ name: '__proto__', type: TEXT }] },
      true,
    ],
  ]
  test.each(cases)('%s', (_, ...[expected, came, because]) => {
    const judged = judge(expected, came)
    expect(judged.holds).toBe(because === true)
    if (!judged.holds) {
      expect(judged.because).toBe(because)
      expect(judged.isWrong).toBe(false)
    }
  })
})

describe('columns that the query does not have can never come', () => {
  test.each([
    [
      'too few values',
      ['eu'],
      'row 2 gives 1 value(s) for 2 column(s); the query has "region", "n"',
    ],
    [
      'too many values',
      ['eu', '1', '2'],
      'row 2 gives 3 value(s) for 2 column(s); the query has "region", "n"',
    ],
    [
      'an unknown name',
      columns({ region: 'eu', m: '1' }),
      'row 2 gives a column "m" that does not come; the query has "region", "n"',
    ],
    [
      'a column left out',
      columns({ region: 'eu' }),
      'row 2 says nothing of the column "n"; the query has "region", "n"',
    ],
  ])('%s', (_, row, because) => {
    const judged = judge(rows([['eu', '2'], row]), answer(two, []))
    expect(judged).toMatchObject({ holds: false, isWrong: true, because })
  })
})

test('the rows that differ are told, the first of them, and no value stands in the reason', () => {
  const wanted = Array.from({ length: 20 }, (_, n) => [`want-${String(n)}`, '1'])
  const came = Array.from({ length: 20 }, (_, n) => [`came-${String(n)}`, '1'])
  const judged = judge(rows(wanted), answer(two, came))
  if (judged.holds) throw new Error('held')
  expect(judged.because).toBe('20 rows came, of 20 expected: 20 missing, 20 not expected')
  expect(judged.missing).toHaveLength(5)
  expect(judged.seen).toHaveLength(5)
  expect(judged.missing[0]).toEqual({ region: 'want-0', n: '1' })
  expect(judged.seen[0]).toEqual({ region: 'came-0', n: 1 })
})

describe('whatever comes', () => {
  const types = fc.constantFrom(
    TEXT,
    TYPES.int8,
    TYPES.numeric,
    TYPES.bool,
    TYPES.jsonb,
    TYPES.bytea,
    TYPES.float8,
  )
  const cellOf = (type: number): fc.Arbitrary<Cell> =>
    fc.option(
      type === TYPES.int8
        ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
        : type === TYPES.numeric
          ? fc.stringMatching(/^-?[0-9]{1,20}\.[0-9]{1,19}$/)
          : type === TYPES.bool
            ? fc.constantFrom('t', 'f')
            : type === TYPES.jsonb
              ? fc.json({ maxDepth: 2 })
              : type === TYPES.float8
                ? fc.double().map(String)
                : fc.string({ maxLength: 8 }),
      { nil: null },
    )
  const came = fc
    .array(types, { minLength: 1, maxLength: 4 })
    .chain((all) =>
      fc.tuple(fc.constant(all), fc.array(fc.tuple(...all.map(cellOf)), { maxLength: 8 })),
    )
    .map(([all, cells]) =>
      answer(Object.fromEntries(all.map((type, n) => [`c${String(n)}`, type])), cells),
    )

  test('it holds of itself, in any order and by name, and not with one value changed', () => {
    fc.assert(
      fc.property(came, fc.infiniteStream(fc.nat()), (of, numbers) => {
        const next = (): number => numbers.next().value
        const shuffled = of.rows
          .map((row) => ({ row, at: next() }))
          .sort((a, b) => a.at - b.at)
          .map(({ row }) => row)
        const named = shuffled.map((row) => new Map(row.map((cell, n) => [`c${String(n)}`, cell])))
        expect(judge(rows(shuffled), of).holds).toBe(true)
        expect(judge(rows(named), of).holds).toBe(true)
        expect(judge(rows(of.rows, true), of).holds).toBe(true)
        expect(judge(count(of.rows.length, of.rows.length), of).holds).toBe(true)
        if (of.rows.length === 0) return
        const at = next() % of.rows.length
        const column = next() % of.fields.length
        const changed = shuffled.map((row, n) =>
          n === at ? row.with(column, row[column] === null ? '1' : null) : row,
        )
        expect(judge(rows(changed), of).holds).toBe(false)
        expect(judge(rows(shuffled.slice(1)), of).holds).toBe(false)
        expect(judge(count(of.rows.length + 1, of.rows.length + 1), of).holds).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('one row more than can be right is enough to decide', () => {
    fc.assert(
      fc.property(came, fc.nat(10), (of, n) => {
        for (const expected of [rows(of.rows.slice(0, n)), count(n, n + 1), count(n)]) {
          const read = of.rows.slice(0, rowsToDecide(expected))
          const whole = judge(expected, of).holds
          expect(judge(expected, { ...of, rows: read, count: read.length }).holds).toBe(whole)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('the failure of a run', () => {
  const one = (name: string, change: Partial<ExpectationReport> = {}): ExpectationReport => ({
    name,
    held: false,
    because: 'no rows came',
    asked: 3,
    ms: 1234,
    ...change,
  })
  test('none, if all held', () => {
    expect(expectationFailure([one('a', { held: true })])).toBeUndefined()
  })
  test('names all that did not hold', () => {
    const names = Array.from({ length: 9 }, (_, n) => `e${String(n)}`)
    const failure = expectationFailure([
      one('held', { held: true }),
      ...names.map((name) => one(name)),
    ])
    expect(failure?.reason).toBe('expectation-failed')
    for (const name of names) expect(failure?.message).toContain(`"${name}"`)
    expect(failure?.message).not.toContain('"held"')
    expect(failure?.message).toMatch(
      /^9 of 10 expectation\(s\) did not hold: "e0": no rows came \(asked 3 times in 1\.2 s\); "e1"/,
    )
    expect(failure?.message.match(/no rows came/g)).toHaveLength(5)
  })
  test('a name cannot write a line of its own', () => {
    expect(expectationFailure([one('a\n::error::b')])?.message).not.toContain('\n')
  })
})
