import { describe, expect, test } from '@jest/globals'
import { dependenciesOf, queryFault } from '../../src/core/spec-sql.ts'

const NAMES = new Set(['orders', 'totals', 'Big One', 'x'])

function reads(sql: string): string[] {
  return dependenciesOf(
    { name: { database: 'db', schema: 'sc', name: 'view' }, sql },
    NAMES,
  ).toSorted()
}

describe('what a query reads', () => {
  test.each([
    ['SELECT * FROM orders', ['orders']],
    ['select * from ORDERS o join "Big One" using (id)', ['Big One', 'orders']],
    ['SELECT * FROM "ORDERS"', []],
    ['SELECT * FROM sc.orders, db.sc.totals', ['orders', 'totals']],
    ['SELECT * FROM other.orders, other.sc.totals', []],
    ['SELECT orders, totals.x AS x FROM a', []],
    ['SELECT 1 AS orders FROM a WHERE x = 1 ORDER BY a, totals', []],
    ['SELECT (SELECT max(n) FROM totals), x FROM a', ['totals']],
    ['SELECT * FROM a WHERE id IN (SELECT id FROM orders)', ['orders']],
    ['SELECT * FROM (orders CROSS JOIN x)', ['orders', 'x']],
    ['SELECT * FROM a AS t (p, x), orders', ['orders']],
    ['SELECT * FROM a JOIN b ON f(a, x) = 1, orders', ['orders']],
    ['SELECT * FROM a, LATERAL (SELECT * FROM orders) AS x', ['orders']],
    ['SELECT * FROM orders(1), totals', ['totals']],
    ['SELECT extract(day FROM x), trim(both from totals) FROM a', []],
    ['SELECT a IS DISTINCT FROM x FROM orders', ['orders']],
    ['SELECT * FROM a UNION ALL SELECT x, totals FROM orders', ['orders']],
    ['(SELECT 1) UNION (TABLE orders)', ['orders']],
    ["SELECT 'FROM orders', $$ FROM x $$, E'\\' FROM totals' FROM a", []],
    ['SELECT 1 -- FROM orders\n/* FROM /* x */ totals */ FROM a', []],
    ['SELECT 1::timestamp with time zone FROM orders AS o', ['orders']],
    ['WITH totals AS (SELECT * FROM orders) SELECT * FROM totals', ['orders']],
    ['WITH orders AS (SELECT * FROM orders) SELECT * FROM orders', ['orders']],
    ['WITH a AS (SELECT 1), x (p, q) AS (SELECT * FROM a) SELECT * FROM x, orders', ['orders']],
    [
      'WITH MUTUALLY RECURSIVE (RETURN AT RECURSION LIMIT 9) x (n int) AS (SELECT * FROM totals), totals (n int) AS (SELECT * FROM x) SELECT * FROM orders',
      ['orders'],
    ],
    ['SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) y JOIN x ON true', ['x']],
    ['SELECT (', []],
  ])('%s', (sql, names) => {
    expect(reads(sql)).toEqual(names)
  })
})

describe('what is one query', () => {
  test.each([
    'SELECT 1',
    'with a as (select 1) select * from a',
    '(VALUES (1))',
    'TABLE orders',
    "SELECT ';' -- ;",
    '/* ; */ SELECT 1',
  ])('%s', (sql) => {
    expect(queryFault(sql)).toBeUndefined()
  })

  test.each([
    ['', 'holds no query'],
    ['-- SELECT 1', 'holds no query'],
    ['CREATE VIEW v AS SELECT 1', 'is not a query'],
    ['SELECT 1; DROP TABLE t', 'has a semicolon in it'],
    ["SELECT 'a", 'is no SQL'],
    ['SELECT "a', 'is no SQL'],
    ['SELECT 1 /* a', 'is no SQL'],
    ['SELECT (1', 'is no SQL'],
    ['SELECT 1) AS SELECT (2', 'is no SQL'],
  ])('not %s', (sql, fault) => {
    expect(queryFault(sql)).toMatch(fault)
  })
})
