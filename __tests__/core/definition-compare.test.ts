import { describe, expect, test } from '@jest/globals'
import type { Options, Value } from '../../src/core/definition.ts'
import {
  optionsDiffer,
  readDefinition,
  sameDefinition,
  sameOption,
  sameQuery,
  sameReference,
} from '../../src/core/definition.ts'

/** Options as they are read from text. */
function options(text: string): Options {
  const definition = readDefinition(`CREATE CONNECTION c TO KAFKA (${text})`)
  return definition?.is === 'connection' ? definition.options : {}
}

function value(text: string): Value | undefined {
  return options(`X = ${text}`)['X']
}

describe('sameOption', () => {
  test.each([
    ['SASL MECHANISMS', `'scram-sha-256'`, `'SCRAM-SHA-256'`],
    ['SECURITY PROTOCOL', 'sasl_ssl', `'SASL_SSL'`],
    ['COMPRESSION TYPE', `'GZIP'`, 'gzip'],
    ['TOPIC', `'a'`, 'a'],
    ['TOPIC', `'A'`, '"A"'],
    ['SNAPSHOT', 'TRUE', `'true'`],
    ['TOPIC PARTITION COUNT', '2', `'2'`],
    ['BROKERS', `('a:1')`, `'a:1'`],
    ['BROKERS', `('a:1', 'b:2')`, `['b:2', 'a:1']`],
    ['START OFFSET', '(3)', '[3]'],
    ['VALUE DECODING ERRORS', 'INLINE', '(INLINE)'],
    ['TIMESTAMP INTERVAL', `INTERVAL '1s'`, `'1s'`],
    ['TOPIC CONFIG', `MAP['a' => '1', 'b' => '2']`, `MAP['b' => '2', 'a' => '1']`],
    ['SASL PASSWORD', 'SECRET [u18 AS "m"."p"."kp"]', 'SECRET m.p.kp'],
    ['SASL PASSWORD', 'SECRET [u18 AS "m"."p"."kp"]', 'SECRET [u99 AS "m"."p"."kp"]'],
    ['SASL PASSWORD', 'SECRET m.p.kp', 'SECRET kp'],
    ['SSH TUNNEL', '[u5 AS "m"."p"."t"]', 't'],
    ['AWS PRIVATELINK', '[u5 AS "m"."p"."t"] (PORT 9)', 't.t2 (PORT = 9)', false],
    ['AWS PRIVATELINK', '[u5 AS "m"."p"."t"] (PORT 9)', 'p.t (PORT = 8)', false],
    ['AWS PRIVATELINK', '[u5 AS "m"."p"."t"] (PORT 9)', 'p.t (PORT = 9)'],
    ['BROKER', `'a' USING SSH TUNNEL [u1 AS "x"."y"]`, `'a' USING SSH TUNNEL y`],
    ['PARTITION BY', 'mz_catalog.seahash(k::[s46 AS pg_catalog.text])', 'seahash("k" :: text)'],
    ['TOPIC', `'a'`, `'A'`, false],
    ['TOPIC', `'a b'`, `'a  b'`, false],
    ['BROKERS', `('a:1', 'b:2')`, `('a:1', 'a:1')`, false],
    ['BROKERS', `('a:1')`, `('a:1', 'b:2')`, false],
    ['START OFFSET', '(3, 4)', '(4, 3)', false],
    ['TOPIC CONFIG', `MAP['a' => '1']`, `MAP['a' => '2']`, false],
    ['TOPIC CONFIG', `MAP['a' => '1']`, `MAP['a' => '1', 'b' => '2']`, false],
    ['TOPIC CONFIG', `MAP['a' => '1']`, `MAP['__proto__' => '1']`, false],
    ['SASL PASSWORD', 'SECRET m.p.kp', 'SECRET m.q.kp', false],
    ['SASL USERNAME', 'SECRET ku', `'ku'`, false],
    ['BROKER', `'a' USING SSH TUNNEL t`, `'a'`, false],
    ['BROKER', `'a' USING SSH TUNNEL t`, `'a' USING SSH TUNNEL u`, false],
    ['BROKER', `'a' USING SSH TUNNEL t`, `'a' USING AWS PRIVATELINK t`, false],
    ['PARTITION BY', 'n + 1', 'n + 2', false],
  ])('%s: %s and %s', (...row) => {
    const [option, one, other, same = true] = row
    expect(sameOption(option, value(one), value(other))).toBe(same)
    expect(sameOption(option, value(other), value(one))).toBe(same)
  })

  test('what is left out is not what is given', () => {
    expect(sameOption('TOPIC', undefined, value(`'a'`))).toBe(false)
    expect(sameOption('TOPIC', undefined, undefined)).toBe(true)
    expect(sameOption('SNAPSHOT', { is: 'none' }, value('true'))).toBe(true)
  })
})

describe('optionsDiffer', () => {
  test('names each option that differs, in the order of their names', () => {
    const there = options(
      `TOPIC = 't', SSL KEY = SECRET k, BROKER = 'a:1', SASL MECHANISMS 'plain'`,
    )
    const asked = options(
      `BROKERS ('a:1'), SASL MECHANISMS = 'PLAIN', TOPIC 'u', GROUP ID PREFIX 'g'`,
    )
    expect(optionsDiffer(there, asked)).toEqual([
      { option: 'GROUP ID PREFIX', there: undefined, asked: { is: 'string', value: 'g' } },
      {
        option: 'SSL KEY',
        there: { is: 'secret', reference: { name: { name: 'k' } } },
        asked: undefined,
      },
      { option: 'TOPIC', there: { is: 'string', value: 't' }, asked: { is: 'string', value: 'u' } },
    ])
    expect(optionsDiffer(there, there)).toEqual([])
    expect(optionsDiffer(undefined, undefined)).toEqual([])
  })
})

describe('sameReference', () => {
  const full = { id: 'u1', name: { database: 'd', schema: 's', name: 'n' } }

  test('goes by name, and by id where there is none', () => {
    expect(sameReference(full, { id: 'u2', name: full.name })).toBe(true)
    expect(sameReference(full, { name: { name: 'n' } })).toBe(true)
    expect(sameReference(full, { name: { database: 'e', schema: 's', name: 'n' } })).toBe(false)
    expect(sameReference(full, { id: 'u1' })).toBe(true)
    expect(sameReference(full, { id: 'u2' })).toBe(false)
    expect(sameReference(full, undefined)).toBe(false)
    expect(sameReference(undefined, undefined)).toBe(true)
  })
})

describe('sameDefinition', () => {
  const base = `CREATE SOURCE m.p.s IN CLUSTER c FROM KAFKA CONNECTION m.p.kc (TOPIC = 't') KEY FORMAT TEXT VALUE FORMAT CSV WITH 2 COLUMNS INCLUDE KEY AS k, OFFSET ENVELOPE UPSERT`
  const sink = `CREATE SINK m.p.s IN CLUSTER c FROM m.p.v INTO KAFKA CONNECTION kc (TOPIC = 't') KEY (a, b) FORMAT JSON ENVELOPE UPSERT`
  const view = `CREATE MATERIALIZED VIEW v IN CLUSTER c AS SELECT 1`

  const same = (one: string, other: string): boolean => {
    const [a, b] = [readDefinition(one), readDefinition(other)]
    if (!a || !b) throw new Error('not read')
    return sameDefinition(a, b, { database: 'm', schema: 'p' })
  }

  test.each([
    [base, 'm.p.s', 'm.p.s2'],
    [base, 'm.p.s', 'm.p.s (a, b)'],
    [base, 'CLUSTER c', 'CLUSTER d'],
    [base, 'm.p.kc', 'm.p.kd'],
    [base, `'t'`, `'T'`],
    [base, 'KEY FORMAT TEXT', 'KEY FORMAT BYTES'],
    [base, '2 COLUMNS', '3 COLUMNS'],
    [base, '2 COLUMNS', `2 COLUMNS DELIMITED BY '|'`],
    [base, 'KEY AS k, OFFSET', 'OFFSET, KEY AS k'],
    [base, 'AS k', 'AS key'],
    [base, 'ENVELOPE UPSERT', 'ENVELOPE NONE'],
    [base, 'ENVELOPE UPSERT', 'ENVELOPE UPSERT (VALUE DECODING ERRORS = INLINE)'],
    [base, 'ENVELOPE UPSERT', 'ENVELOPE UPSERT EXPOSE PROGRESS AS x'],
    [base, 'ENVELOPE UPSERT', `ENVELOPE UPSERT WITH (TIMESTAMP INTERVAL = '1s')`],
    [base, 'ENVELOPE UPSERT', 'ENVELOPE UPSERT NEWLY'],
    [base, 'KEY FORMAT TEXT VALUE FORMAT', 'FORMAT'],
    [sink, 'm.p.v', 'm.p.w'],
    [sink, '(a, b)', '(b, a)'],
    [sink, '(a, b)', '(a, b) NOT ENFORCED'],
    [sink, '(a, b)', '(a, b) HEADERS h'],
    [sink, ' KEY (a, b)', ''],
    [sink, 'JSON', 'TEXT'],
    [sink, 'ENVELOPE UPSERT', 'ENVELOPE DEBEZIUM'],
    [sink, 'ENVELOPE UPSERT', 'ENVELOPE UPSERT WITH (SNAPSHOT = false)'],
    [view, 'SELECT 1', 'SELECT 2'],
    [view, 'CLUSTER c', 'CLUSTER d'],
    [view, 'VIEW v', 'VIEW v (a)'],
    ['CREATE CLUSTER c (SIZE = 1)', 'SIZE = 1', 'SIZE = 2'],
    ['CREATE TABLE t (a int)', 'a int', 'a text'],
    ['CREATE TABLE t FROM SOURCE s (REFERENCE = a)', '= a', '= b'],
  ])('%#: %s with %s as %s', (text, part, instead) => {
    expect(text).toContain(part)
    expect(same(text, text)).toBe(true)
    expect(same(text, text.replace(part, instead))).toBe(false)
  })

  test('one kind is not another', () => {
    expect(same(base, sink)).toBe(false)
  })

  test('a seed that the server took from a registry is not of the definition', () => {
    const avro =
      'CREATE SOURCE s FROM KAFKA CONNECTION c FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION r'
    expect(same(avro, `${avro} SEED KEY SCHEMA '1' VALUE SCHEMA '2'`)).toBe(true)
    expect(same(avro, `${avro} VALUE STRATEGY ID 2`)).toBe(false)
    expect(same(avro, avro.replace('CONNECTION r', 'CONNECTION q'))).toBe(false)
  })
})

describe('sameQuery', () => {
  const context = { database: 'materialize', schema: 'public' }
  const hello = '[u9 AS "materialize"."public"."hello"]'

  test.each([
    ['select *  from hello', `SELECT * FROM ${hello}`],
    ['SELECT * FROM public.hello;', `SELECT * FROM ${hello}`],
    ['SELECT * FROM materialize.public.hello', 'SELECT * FROM hello'],
    ['SELECT * FROM hello', 'SELECT * FROM [u9 AS "materialize"."public"."hello" VERSION 1]'],
    [
      `SELECT upper(convert_from(data, 'utf8')) AS word, count(*) n FROM hello GROUP BY 1`,
      `SELECT "pg_catalog"."upper"("pg_catalog"."convert_from"("data", 'utf8')) AS "word", "pg_catalog"."count"(*) AS "n" FROM ${hello} GROUP BY 1`,
    ],
    ['SELECT a -- x\n, /* y */ b FROM hello', 'SELECT "a", "b" FROM hello'],
    [
      'SELECT h.a FROM hello h INNER JOIN x LEFT OUTER JOIN y ON h.a != y.a',
      'SELECT "h"."a" FROM "hello" AS "h" JOIN "x" LEFT JOIN "y" ON "h"."a" <> "y"."a"',
    ],
    ['SELECT CAST(a AS bigint)', 'SELECT "a"::[s1 AS "pg_catalog"."int8"]'],
    ['SELECT CAST(a + 1 AS int)', 'SELECT ("a" + 1)::[s1 AS "pg_catalog"."int4"]'],
    [
      'SELECT CAST(-1 AS int), CAST(f(CAST(a AS text)) AS json)',
      'SELECT -1::int4, f("a"::"pg_catalog"."text")::jsonb',
    ],
    ['SELECT a[1]::int, (a[1])::int', 'SELECT (a[1])::int4, a[1]::int4'],
    [
      'SELECT a::numeric(38, 2), b::int list, c::text[]',
      'SELECT a::"pg_catalog"."numeric"(38,2), b::int4 list, c::"pg_catalog"."_text"',
    ],
    [
      'SELECT a::double precision, b::timestamp with time zone',
      'SELECT a::float8, b::pg_catalog.timestamptz',
    ],
    [
      `SELECT date '2020-01-01', INTERVAL '1 day'`,
      `SELECT '2020-01-01'::pg_catalog.date, INTERVAL '1 day'`,
    ],
    [`SELECT a LIKE 'x%', a NOT ILIKE 'y'`, `SELECT a ~~ 'x%', a !~~* 'y'`],
    [`SELECT a NOT LIKE 'x' ESCAPE '!'`, `SELECT a !~~ like_escape('x', '!')`],
    [
      "SELECT EXTRACT(epoch FROM t), EXTRACT('day' FROM t)",
      `SELECT pg_catalog.extract('epoch', t), pg_catalog.extract('day', t)`,
    ],
    [
      `SELECT position('a' IN b), substring(a FROM 1 FOR 2)`,
      `SELECT position('a', b), substring(a, 1, 2)`,
    ],
    ['SELECT 1 UNION DISTINCT SELECT 2', 'SELECT 1 UNION SELECT 2'],
    [
      'WITH MUTUALLY RECURSIVE r (n int, s text) AS (SELECT 1) SELECT n FROM r',
      'WITH MUTUALLY RECURSIVE "r" ("n" [s1 AS "pg_catalog"."int4"], "s" [s2 AS "pg_catalog"."text"]) AS (SELECT 1) SELECT "n" FROM "r"',
    ],
    ['SELECT 1+-2', 'SELECT 1 + -2'],
    ['SELECT MyColumn', 'SELECT "mycolumn"'],
    ["SELECT 1e3, $1, x'ab'", "SELECT 1E3, $1, X'ab'"],
    [`SELECT 'it''s'`, `SELECT E'it\\'s'`],
  ])('%s and %s', (one, other) => {
    expect(sameQuery(one, other, context)).toBe(true)
    expect(sameQuery(other, one, context)).toBe(true)
  })

  test.each([
    ['SELECT * FROM hello', 'SELECT * FROM [u9 AS "materialize"."other"."hello"]'],
    ['SELECT * FROM hello', 'SELECT * FROM [u9 AS "other"."public"."hello"]'],
    ['SELECT * FROM hello', 'SELECT * FROM "Hello"'],
    ['SELECT a, b', 'SELECT b, a'],
    ['SELECT a AS b', 'SELECT a AS c'],
    [`SELECT 'a'`, `SELECT 'A'`],
    [`SELECT 'a'`, 'SELECT "a"'],
    ['SELECT true', 'SELECT "true"'],
    ['SELECT (a + b)::int', 'SELECT a + b::int'],
    ['SELECT (a)', 'SELECT a'],
    ['SELECT a LEFT JOIN b', 'SELECT a JOIN b'],
    ['SELECT a::int', 'SELECT a::bigint'],
    ['SELECT a UNION SELECT b', 'SELECT a UNION ALL SELECT b'],
    ['SELECT count(DISTINCT a)', 'SELECT count(a)'],
    ['SELECT 1', 'SELECT 1, 2'],
    ['SELECT 1 +2', 'SELECT 1 -2'],
    ['SELECT a LIKE b', 'SELECT a NOT LIKE b'],
    ['SELECT f(a)', 'SELECT g(a)'],
    ['SELECT 1 @+ 2', 'SELECT 1 @ +2'],
    [`SELECT 'a' 'b'`, `SELECT 'ab'`],
    [`SELECT 'open`, `SELECT 'open '`],
  ])('%s and %s differ', (one, other) => {
    expect(sameQuery(one, other, context)).toBe(false)
    expect(sameQuery(other, one, context)).toBe(false)
  })
})
