import { describe, expect, test } from '@jest/globals'
import { readDefinition } from '../../src/core/definition.ts'

const clusterNames: Record<string, string> = { u1: 'quickstart' }
const nameOf = (id: string): string | undefined => clusterNames[id]

describe('readDefinition', () => {
  test('a connection', () => {
    const text = `CREATE CONNECTION "materialize"."public"."kc" TO KAFKA (BROKERS = ('a:1', 'b:2' USING SSH TUNNEL [u5 AS "materialize"."public"."ssh"], 'c:3' USING AWS PRIVATELINK "pl" (AVAILABILITY ZONE = 'use1', PORT = 9)), SASL MECHANISMS = 'scram-sha-256', SASL PASSWORD = SECRET [u18 AS "materialize"."public"."kp"], SECURITY PROTOCOL = sasl_ssl) WITH (VALIDATE = false)`
    expect(readDefinition(text)).toEqual({
      is: 'connection',
      name: { database: 'materialize', schema: 'public', name: 'kc' },
      type: 'kafka',
      brokers: ['a:1', 'b:2', 'c:3'],
      options: {
        BROKERS: {
          is: 'list',
          values: [
            { is: 'string', value: 'a:1' },
            {
              is: 'broker',
              address: 'b:2',
              through: 'ssh tunnel',
              tunnel: {
                id: 'u5',
                name: { database: 'materialize', schema: 'public', name: 'ssh' },
              },
            },
            {
              is: 'broker',
              address: 'c:3',
              through: 'aws privatelink',
              tunnel: { name: { name: 'pl' } },
              options: {
                'AVAILABILITY ZONE': { is: 'string', value: 'use1' },
                PORT: { is: 'number', value: '9' },
              },
            },
          ],
        },
        'SASL MECHANISMS': { is: 'string', value: 'scram-sha-256' },
        'SASL PASSWORD': {
          is: 'secret',
          reference: { id: 'u18', name: { database: 'materialize', schema: 'public', name: 'kp' } },
        },
        'SECURITY PROTOCOL': { is: 'word', value: 'sasl_ssl' },
      },
      with: { VALIDATE: { is: 'boolean', value: false } },
      other: [],
    })
  })

  test('options without equals signs, and with words for values', () => {
    const text = `create connection K.c to confluent schema registry (url 'http://r', username u, password secret S, ssh tunnel "T", Newer Thing 5, other secret "x"."y")`
    expect(readDefinition(text)).toMatchObject({
      is: 'connection',
      name: { schema: 'k', name: 'c' },
      type: 'confluent schema registry',
      options: {
        URL: { is: 'string', value: 'http://r' },
        USERNAME: { is: 'word', value: 'u' },
        PASSWORD: { is: 'secret', reference: { name: { name: 's' } } },
        'SSH TUNNEL': { is: 'reference', reference: { name: { name: 'T' } } },
        'NEWER THING': { is: 'number', value: '5' },
        OTHER: { is: 'secret', reference: { name: { schema: 'x', name: 'y' } } },
      },
      other: [],
    })
  })

  test('a source', () => {
    const text = `CREATE SOURCE "s" ("a", b) IN CLUSTER [u1] FROM KAFKA CONNECTION [u20 AS "m"."p"."kc"] (TOPIC = 'opt', START OFFSET = (0, 3), GROUP ID PREFIX = 'my-') KEY FORMAT CSV WITH HEADER ("h1", h2) DELIMITED BY ';' VALUE FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION [u9 AS "m"."p"."csr"] (NULL DEFAULTS = true) KEY STRATEGY LATEST VALUE STRATEGY ID 5 SEED KEY SCHEMA '"a"' VALUE SCHEMA '"b"' INCLUDE KEY AS "k", HEADER 'h' AS hh BYTES, OFFSET ENVELOPE UPSERT (VALUE DECODING ERRORS = (INLINE AS "bad")) EXPOSE PROGRESS AS [u8 AS "m"."p"."s_progress"] WITH (RETAIN HISTORY = FOR '1h', TIMESTAMP INTERVAL '1s')`
    expect(readDefinition(text, nameOf)).toEqual({
      is: 'source',
      name: { name: 's' },
      columns: ['a', 'b'],
      cluster: { id: 'u1', name: { name: 'quickstart' } },
      from: {
        type: 'kafka',
        connection: { id: 'u20', name: { database: 'm', schema: 'p', name: 'kc' } },
        options: {
          TOPIC: { is: 'string', value: 'opt' },
          'START OFFSET': {
            is: 'list',
            values: [
              { is: 'number', value: '0' },
              { is: 'number', value: '3' },
            ],
          },
          'GROUP ID PREFIX': { is: 'string', value: 'my-' },
        },
      },
      keyFormat: {
        name: 'csv',
        parameters: {
          HEADER: {
            is: 'list',
            values: [
              { is: 'string', value: 'h1' },
              { is: 'string', value: 'h2' },
            ],
          },
          'DELIMITED BY': { is: 'string', value: ';' },
        },
      },
      valueFormat: {
        name: 'avro',
        registry: { id: 'u9', name: { database: 'm', schema: 'p', name: 'csr' } },
        options: { 'NULL DEFAULTS': { is: 'boolean', value: true } },
        parameters: {
          'KEY STRATEGY': { is: 'word', value: 'latest' },
          'VALUE STRATEGY': { is: 'expression', text: 'id 5' },
        },
        seed: {
          'KEY SCHEMA': { is: 'string', value: '"a"' },
          'VALUE SCHEMA': { is: 'string', value: '"b"' },
        },
      },
      includes: [
        { kind: 'key', alias: 'k' },
        { kind: 'header', header: 'h', alias: 'hh', bytes: true },
        { kind: 'offset' },
      ],
      envelope: {
        name: 'upsert',
        options: {
          'VALUE DECODING ERRORS': {
            is: 'list',
            values: [{ is: 'expression', text: 'inline as "bad"' }],
          },
        },
      },
      progress: { id: 'u8', name: { database: 'm', schema: 'p', name: 's_progress' } },
      with: {
        'RETAIN HISTORY': { is: 'expression', text: "for '1h'" },
        'TIMESTAMP INTERVAL': { is: 'string', value: '1s' },
      },
      other: [],
    })
  })

  test.each([
    ['BYTES', { name: 'bytes', parameters: {} }],
    ['JSON ARRAY', { name: 'json', parameters: { ARRAY: { is: 'none' } } }],
    ['CSV WITH 2 COLUMNS', { name: 'csv', parameters: { COLUMNS: { is: 'number', value: '2' } } }],
    ['CSV WITH HEADER', { name: 'csv', parameters: { HEADER: { is: 'none' } } }],
    [
      `REGEX '(?P<w>[a-z]),''\\d'`,
      { name: 'regex', parameters: { PATTERN: { is: 'string', value: `(?P<w>[a-z]),'\\d` } } },
    ],
    [
      `AVRO USING SCHEMA '{}' (CONFLUENT WIRE FORMAT = false)`,
      {
        name: 'avro',
        parameters: { SCHEMA: { is: 'string', value: '{}' } },
        options: { 'CONFLUENT WIRE FORMAT': { is: 'boolean', value: false } },
      },
    ],
    [
      `PROTOBUF MESSAGE 'shop.Order' USING SCHEMA '\\x0a94'`,
      {
        name: 'protobuf',
        parameters: {
          MESSAGE: { is: 'string', value: 'shop.Order' },
          SCHEMA: { is: 'string', value: '\\x0a94' },
        },
      },
    ],
  ])('FORMAT %s', (format, expected) => {
    const text = `CREATE SOURCE s FROM KAFKA CONNECTION c (TOPIC 't') FORMAT ${format} ENVELOPE NONE`
    const definition = readDefinition(text)
    expect(definition).toMatchObject({ format: expected, envelope: { name: 'none' }, other: [] })
  })

  test('a sink', () => {
    const text = `CREATE SINK k IN CLUSTER big FROM [u80 AS "m"."p"."mv"] INTO KAFKA CONNECTION c (TOPIC = 't', PARTITION BY = "mz_catalog"."seahash"("k"::[s46 AS "pg_catalog"."text"]), TOPIC CONFIG = MAP['cleanup.policy' => 'compact'], COMPRESSION TYPE gzip) KEY ("k", "Odd ""one""") NOT ENFORCED HEADERS h FORMAT JSON ENVELOPE UPSERT WITH (SNAPSHOT = false, VERSION = 1)`
    expect(readDefinition(text)).toEqual({
      is: 'sink',
      name: { name: 'k' },
      cluster: { name: { name: 'big' } },
      from: { id: 'u80', name: { database: 'm', schema: 'p', name: 'mv' } },
      into: {
        type: 'kafka',
        connection: { name: { name: 'c' } },
        options: {
          TOPIC: { is: 'string', value: 't' },
          'PARTITION BY': {
            is: 'expression',
            text: '"mz_catalog"."seahash" ( "k" :: [s46 AS "pg_catalog"."text"] )',
          },
          'TOPIC CONFIG': {
            is: 'map',
            entries: [['cleanup.policy', { is: 'string', value: 'compact' }]],
          },
          'COMPRESSION TYPE': { is: 'word', value: 'gzip' },
        },
      },
      key: { columns: ['k', 'Odd "one"'], notEnforced: true },
      headers: 'h',
      format: { name: 'json', parameters: {} },
      envelope: { name: 'upsert', options: {} },
      with: { SNAPSHOT: { is: 'boolean', value: false }, VERSION: { is: 'number', value: '1' } },
      other: [],
    })
  })

  test('a materialized view', () => {
    const text = `CREATE MATERIALIZED VIEW "m"."p"."v" ("a") IN CLUSTER [u1] WITH (ASSERT NOT NULL = "a", ASSERT NOT NULL = "b", REFRESH = ON COMMIT) AS SELECT "x"."n" AS "a" /* why */ FROM [u9 AS "m"."p"."hello"] AS "x" -- the end\n AS OF 123`
    expect(readDefinition(text)).toEqual({
      is: 'materialized-view',
      name: { database: 'm', schema: 'p', name: 'v' },
      columns: ['a'],
      cluster: { id: 'u1' },
      with: {
        'ASSERT NOT NULL': {
          is: 'repeated',
          values: [
            { is: 'reference', reference: { name: { name: 'a' } } },
            { is: 'reference', reference: { name: { name: 'b' } } },
          ],
        },
        REFRESH: { is: 'expression', text: 'on commit' },
      },
      query: ['select', '"x"."n"', 'as', '"a"', 'from', '[u9 AS "m"."p"."hello"]', 'as', '"x"'],
      other: ['as', 'of', '123'],
    })
  })

  test('a table from a source, whose topic is a name', () => {
    const text =
      'CREATE TABLE t FROM SOURCE [u3 AS "m"."p"."s"] (REFERENCE = "Opt") FORMAT TEXT INCLUDE PARTITION'
    expect(readDefinition(text)).toMatchObject({
      is: 'table',
      source: { id: 'u3', name: { database: 'm', schema: 'p', name: 's' } },
      options: { REFERENCE: { is: 'reference', reference: { name: { name: 'Opt' } } } },
      includes: [{ kind: 'partition' }],
    })
  })

  test('a cluster', () => {
    const text = `CREATE CLUSTER "pr_12" (INTROSPECTION INTERVAL = INTERVAL '00:00:01', MANAGED = true, REPLICATION FACTOR = 1, SIZE = '25cc', SCHEDULE = MANUAL)`
    expect(readDefinition(text)).toEqual({
      is: 'cluster',
      name: { name: 'pr_12' },
      options: {
        'INTROSPECTION INTERVAL': { is: 'interval', value: '00:00:01' },
        MANAGED: { is: 'boolean', value: true },
        'REPLICATION FACTOR': { is: 'number', value: '1' },
        SIZE: { is: 'string', value: '25cc' },
        SCHEDULE: { is: 'word', value: 'manual' },
      },
      other: [],
    })
  })

  test('keeps the clauses and options of a newer server', () => {
    const text = `CREATE SINK s FROM t FROBNICATE 'x' (y) INTO KAFKA CONNECTION c (TOPIC = 't', SOMETHING NEW = ARRAY['a']) FORMAT XML ENVELOPE UPSERT GO AWAY`
    expect(readDefinition(text)).toMatchObject({
      into: {
        options: { 'SOMETHING NEW': { is: 'expression', text: "array [ 'a' ]" } },
      },
      format: { name: 'xml' },
      envelope: { name: 'upsert' },
      other: ['frobnicate', "'x'", '(', 'y', ')', 'go', 'away'],
    })
  })

  test('keeps what is no list of names and no option', () => {
    const text = 'CREATE SINK s FROM t KEY (a b) WITH (SNAPSHOT =) ENVELOPE UPSERT'
    const other = ['key', '(', 'a', 'b', ')', 'with', '(', 'snapshot', '=', ')']
    expect(readDefinition(text)).toEqual({
      is: 'sink',
      name: { name: 's' },
      from: { name: { name: 't' } },
      envelope: { name: 'upsert', options: {} },
      with: {},
      other,
    })
  })

  test('takes no clause from inside of brackets', () => {
    const definition = readDefinition('CREATE SINK s GIVEN (ENVELOPE UPSERT) FROM t')
    expect(definition).toMatchObject({ other: ['given', '(', 'envelope', 'upsert', ')'] })
    expect(definition).not.toHaveProperty('envelope')
  })

  test('formats in either order', () => {
    const text = `CREATE SINK s FROM t VALUE FORMAT AVRO USING SCHEMA '{}' KEY FORMAT TEXT WITH (SNAPSHOT = false)`
    expect(readDefinition(text)).toMatchObject({
      valueFormat: { name: 'avro', parameters: { SCHEMA: { is: 'string', value: '{}' } } },
      keyFormat: { name: 'text' },
      other: [],
    })
  })

  test('an expression with an equals sign, after none', () => {
    const text = 'CREATE SINK s FROM t INTO KAFKA CONNECTION c (PARTITION BY a = b)'
    expect(readDefinition(text)).toMatchObject({
      into: { options: { 'PARTITION BY': { is: 'expression', text: 'a = b' } } },
    })
  })

  test.each([
    ['nothing', ''],
    ['name of four parts', 'CREATE SINK a.b.c.d FROM t'],
    ['no statement', 'hello'],
    ['another statement', `CREATE SECRET s AS 'x'`],
    ['two statements', 'CREATE TABLE x1 (a int); CREATE TABLE x2 (a int)'],
    ['an end too early', 'CREATE SINK'],
    ['a view without a query', 'CREATE MATERIALIZED VIEW v AS'],
    ['an open string', `CREATE SINK s FROM t INTO 'KAFKA`],
    ['an open name', `CREATE SINK "s`],
    ['an open comment', 'CREATE SINK s /* /* */ FROM t'],
    ['an open dollar string', 'CREATE SINK s $a$ x $b$'],
    ['an open bracket', 'CREATE CLUSTER c (SIZE 1'],
    ['crossed brackets', 'CREATE CLUSTER c (SIZE [1)]'],
    ['no character of SQL', 'CREATE CLUSTER c \\'],
    ['an octal escape', `CREATE CLUSTER c (SIZE = E'\\101')`],
  ])('understands no %s', (_, text) => {
    expect(readDefinition(text)).toBeUndefined()
  })

  test.each([
    [`'it''s'`, `it's`],
    [`'a\\b'`, 'a\\b'],
    [`E'a\\'b\\\\\\n\\u00e9\\U0001F642\\q'`, `a'b\\\né🙂q`],
    [`$$a'b$$`, `a'b`],
    [`$t$a$$b$t$`, 'a$$b'],
    [`'a'\n  'b'`, 'ab'],
    [`/* 'c' /* */ */ 'a' -- 'b'`, 'a'],
    [`'-- /* ] AS '`, '-- /* ] AS '],
  ])('the string %s', (text, value) => {
    expect(readDefinition(`CREATE CLUSTER c (SIZE = ${text}\n)`)).toMatchObject({
      options: { SIZE: { is: 'string', value } },
    })
  })
})
