import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import type { Cell, Expected, ExpectationSpec } from '../../src/core/model-expectation.ts'
import { parsed, said } from './spec-fixture.ts'

const expectations = (text: string): ExpectationSpec[] => parsed(text).spec.expectations ?? []

/** What one expectation, whose keys stand in a map in one line, is read to. */
function expected(keys: string): Expected | undefined {
  return expectations(`expect:\n  e: { sql: SELECT 1, ${keys} }\n`)[0]?.expected
}

const rows = (...all: Extract<Expected, { is: 'rows' }>['rows']): Expected => ({
  is: 'rows',
  rows: all,
  ordered: false,
})

describe('what is expected', () => {
  const cases: [string, string, Expected][] = [
    ['rows by position', 'rows: [[eu, 2], [us, 1]]', rows(['eu', '2'], ['us', '1'])],
    [
      'rows by name',
      'rows: [{ region: eu, n: 2 }]',
      rows(
        new Map([
          ['region', 'eu'],
          ['n', '2'],
        ]),
      ),
    ],
    ['both', 'rows: [[1], { a: 2 }]', rows(['1'], new Map([['a', '2']]))],
    ['equal rows and values', 'rows: [[1, 1], [1, 1]]', rows(['1', '1'], ['1', '1'])],
    ['null', 'rows: [[null, ~, "null", ""]]', rows([null, null, 'null', ''])],
    ['truth', 'rows: [[true, False, yes]]', rows(['true', 'false', 'yes'])],
    [
      'numbers to the digit',
      'rows: [[12345678901234567890, 1.50, -0.1e-7]]',
      rows(['12345678901234567890', '1.50', '-0.1e-7']),
    ],
    [
      'numbers of YAML alone',
      'rows: [[0x10, 0o17, .inf, -.inf, .nan]]',
      rows(['16', '15', 'Infinity', '-Infinity', 'NaN']),
    ],
    [
      'dates',
      'rows: [[2024-01-01, 2024-01-01 10:00:00]]',
      rows(['2024-01-01', '2024-01-01 10:00:00']),
    ],
    [
      'JSON',
      'rows: [[{ a: [1.50, ~, "x"], b: {} }, []]]',
      rows(['{"a":[15e-1,null,"x"],"b":{}}', '[]']),
    ],
    [
      'JSON beyond doubles',
      'rows: [[{ a: 12345678901234567891 }]]',
      rows(['{"a":12345678901234567891}']),
    ],
    ['rows in order', 'rows: [[1]], ordered: true', { is: 'rows', rows: [['1']], ordered: true }],
    ['no rows', 'rows: []', rows()],
    ['empty', 'empty: true', rows()],
    ['a count', 'count: 5', { is: 'count', from: 5, to: 5 }],
    ['no count', 'count: 0', { is: 'count', from: 0, to: 0 }],
    ['a range', 'count: { from: 1, to: 10 }', { is: 'count', from: 1, to: 10 }],
    ['a start', 'count: { from: 1 }', { is: 'count', from: 1 }],
    ['an end', 'count: { to: 10 }', { is: 'count', from: 0, to: 10 }],
  ]
  test.each(cases)('%s', (_, keys, asked) => {
    expect(expected(keys)).toEqual(asked)
  })
})

test('an expectation has the place, the cluster and the time that the file gives it', () => {
  const [plain, own] = expectations(`defaults: { database: db, schema: my.schema, cluster: c }
expect:
  plain: { sql: SELECT 1;, empty: true }
  'the ''own'' one': { sql: { file: totals.sql }, empty: true, within: 1m30s, cluster: d }
`)
  const within = { database: 'db', schema: 'my.schema' }
  const none = rows()
  expect(plain).toEqual({ name: 'plain', within, sql: 'SELECT 1', cluster: 'c', expected: none })
  expect(own).toEqual({
    name: "the 'own' one",
    within,
    sql: 'SELECT region FROM orders',
    cluster: 'd',
    expected: none,
    withinMs: 90_000,
  })
})

test.each([
  'SELECT 1',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'VALUES (1)',
  'TABLE t',
  'SHOW SOURCES',
  '(SELECT 1)',
  "SELECT ';' -- ; all",
])('%s is a query', (sql) => {
  expect(expectations(JSON.stringify({ expect: { e: { sql, empty: true } } }))[0]?.sql).toBe(sql)
})

test.each([
  'INSERT INTO t VALUES (1)',
  'UPDATE t SET a = 1',
  'DELETE FROM t',
  'CREATE TABLE t (a int)',
  'DROP SOURCE s',
  'SUBSCRIBE t',
  'EXPLAIN SELECT 1',
  'COPY t TO STDOUT',
  'SET cluster = c',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'FETCH ALL c',
  'EXECUTE s',
  'SELECT 1; DROP SOURCE s',
  'SELECT 1;;',
  '-- SELECT 1',
  '/* SELECT */ DROP SOURCE s',
])('%s is refused', (sql) => {
  expect(said(JSON.stringify({ expect: { e: { sql, empty: true } } })).join()).toMatch(
    /^1:23: expect\.e\.sql (is not a query|has a semicolon in it|holds no query); allowed: one query, from SELECT, WITH, VALUES, TABLE, SHOW or \( on\.$/,
  )
})

/** Each with all that is said of it, without the file’s name. */
const BROKEN: [string, string, string[]][] = [
  [
    'nothing to expect, or too much',
    `expect:
  a: { sql: SELECT 1 }
  b: { sql: SELECT 1, empty: true, count: 5 }
  c: { sql: SELECT 1, ordered: true, count: 5 }
  d: { sql: SELECT 1, empty: false }
  e:
`,
    [
      '5 things are wrong with the spec:',
      '2:3: expect.a says not what to expect; give it rows, count or empty.',
      '3:23: expect.b has both count and empty; give one.',
      '4:23: expect.c.ordered has no use without expect.c.rows.',
      '5:30: expect.d.empty can only be true; leave it out, or give count.',
      '6:3: expect.e must be a map, not nothing.',
    ],
  ],
  [
    'counts that are none',
    `expect:
  a: { sql: SELECT 1, count: -1 }
  b: { sql: SELECT 1, count: many }
  c: { sql: SELECT 1, count: { from: 5, to: 2 } }
  d: { sql: SELECT 1, count: {} }
  e: { sql: SELECT 1, count: { from: 0 } }
  f: { sql: SELECT 1, count: { from: x } }
  g: { sql: SELECT 1, count: [1, 2] }
  h: { sql: SELECT 1, count: 100001 }
  i: { sql: SELECT 1, count: ~ }
  j: { sql: SELECT 1, count: { least: 1 } }
`,
    [
      '11 things are wrong with the spec:',
      '2:30: expect.a.count "-1" is out of range; allowed: a whole number from 0 to 100000.',
      '3:30: expect.b.count must be a whole number, not text.',
      '4:45: expect.c.count.to is below from, so that no count fits.',
      '5:30: expect.d.count fits any number of rows; give from, to or both.',
      '6:30: expect.e.count fits any number of rows; give from, to or both.',
      '7:38: expect.f.count.from must be a whole number, not text.',
      '8:30: expect.g.count must be a number from 0 to 100000, or { from: …, to: … }, not a list.',
      '9:30: expect.h.count "100001" is out of range; allowed: a whole number from 0 to 100000.',
      '10:30: expect.i.count must be a number from 0 to 100000, or { from: …, to: … }, not nothing.',
      '11:30: expect.j.count fits any number of rows; give from, to or both.',
      '11:32: expect.j.count.least is no key of a count; allowed: from, to.',
    ],
  ],
  [
    'rows that are none',
    `expect:
  a: { sql: SELECT 1, rows: 5 }
  b: { sql: SELECT 1, rows: [5, [1]] }
  c: { sql: SELECT 1, rows: [[1, 2], [1]] }
  d: { sql: SELECT 1, rows: [{ a: 1 }, { b: 1 }] }
  e: { sql: SELECT 1, rows: [{ a: }, { a: 1 }] }
  f: { sql: SELECT 1, rows: [{ a: [.nan] }] }
  g: { sql: SELECT 1, rows: [{ a: 1, a: 2 }] }
  h: { sql: SELECT 1, rows: [["a\\0b"]] }
`,
    [
      '8 things are wrong with the spec:',
      '2:29: expect.a.rows must be a list, not a number.',
      '3:30: expect.b.rows must be a list of values or a map of columns, not a number.',
      '4:38: expect.c.rows: the columns of row 2 are not those of the rows before it.',
      '5:40: expect.d.rows: the columns of row 2 are not those of the rows before it.',
      "6:32: expect.e.rows.a has nothing here; write null, or '' for an empty text.",
      '7:36: expect.f.rows.a has a number that JSON has not.',
      '8:38: expect.g.rows.a is given twice, first in line 8.',
      '9:31: expect.h.rows holds a NUL, which no value can.',
    ],
  ],
  [
    'times that are none',
    `expect:
  a: { sql: SELECT 1, empty: true, within: 30 }
  b: { sql: SELECT 1, empty: true, within: 30 s }
  c: { sql: SELECT 1, empty: true, within: 0s }
`,
    [
      '3 things are wrong with the spec:',
      '2:44: expect.a.within must be a duration such as 90s, 5m or 1h30m, not a number.',
      '3:44: expect.b.within "30 s" is not a duration; allowed: from 1s to 6h, written like 90s, 5m or 1h30m.',
      '4:44: expect.c.within "0s" is too short or too long; allowed: from 1s to 6h, written like 90s, 5m or 1h30m.',
    ],
  ],
  [
    'keys that are none',
    `expect:
  a: { query: SELECT 1, row: [[1]] }
expects: {}
`,
    [
      '5 things are wrong with the spec:',
      '2:3: expect.a.sql is missing.',
      '2:3: expect.a says not what to expect; give it rows, count or empty.',
      '2:8: expect.a.query is no key of an expectation; allowed: sql, rows, ordered, count, empty, within, cluster.',
      '2:25: expect.a.row is no key of an expectation; did you mean rows?',
      '3:1: expects is no key of the spec; did you mean expect?',
    ],
  ],
]

describe('what is said of a file with', () => {
  test.each(BROKEN)('%s', (_, text, says) => {
    expect(said(text)).toEqual(says)
  })
})

test('rows that are written as YAML come back the same, whatever the style', () => {
  const cell: fc.Arbitrary<Cell> = fc.option(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0')),
      fc.constantFrom(
        'null',
        'true',
        '007',
        '1e3',
        '- a',
        'a: b',
        '#x',
        ' ',
        '{',
        '*a',
        '2024-01-01',
      ),
    ),
    { nil: null },
  )
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }),
    )
  const style = fc.record({
    collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const),
    aliasDuplicateObjects: fc.boolean(),
  })
  fc.assert(
    fc.property(table, style, fc.boolean(), (all, options, byName) => {
      const written = byName
        ? all.map((row) => Object.fromEntries(row.map((one, n) => [`c${String(n)}`, one])))
        : all
      const text = stringify({ expect: { e: { sql: 'SELECT 1', rows: written } } }, options)
      const [read] = expectations(text)
      if (read?.expected.is !== 'rows') throw new Error('no rows')
      const cells = read.expected.rows.map((row) => (Array.isArray(row) ? row : [...row.values()]))
      expect(cells).toEqual(all)
    }),
    { numRuns: 60 },
  )
})
