import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readAvro } from './stand-in-avro-writer.ts'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** Avro sinks, read back by the schemas that the registry then has. */

const bench = new StandInBench()
beforeAll(() => bench.open({ registry: true }), 120_000)
afterAll(() => bench.close())

const AVRO = 'AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION r'
const written = (topic: string, count: number) => bench.written(topic, count)
const table = (columns: string, ...values: string[]) => bench.table(columns, ...values)
const sink = (from: string, clauses: string, options = '') => bench.sink(from, clauses, options)

const schemaOf = async (subject: string) =>
  JSON.parse((await bench.registry.latest(subject))!.schema) as unknown

const TYPES =
  'b bool NOT NULL, i2 smallint, i4 int, i8 bigint, u2 uint2, u4 uint4, u8 uint8, f4 real, f8 double precision, ' +
  'n numeric, n2 numeric(38,2), t text, y bytea, d date, ti time, ts timestamp, tz timestamptz, iv interval, ' +
  'j jsonb, u uuid, l int list, a text[], m map[text=>int]'
const VALUES =
  "(true, -1, 2147483647, 9223372036854775807, 258, 1, 18446744073709551615, 1.5, -0.25, 12.5, -0.1, E'a\\n\"é', " +
  "'\\x00ff', '2022-01-08', '03:04:05.678', '1969-12-31 23:59:59.999999', '2026-01-02 03:04:05+02', " +
  "'1 year 2 days 03:04:05', '{\"b\": [1, null]}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', LIST[1,2], ARRAY['x', NULL], '{k=>1}')"

describe('an Avro sink', () => {
  test('writes every type there is, by a schema of its columns', async () => {
    const from = await table(TYPES, VALUES)
    const name = await sink(from, `KEY (t, i4) NOT ENFORCED FORMAT ${AVRO} ENVELOPE UPSERT`)
    const [one] = await written(name, 1)
    expect(await readAvro(bench.registry, one!.key!)).toEqual({
      t: { string: 'a\n"é' },
      i4: { int: 2147483647 },
    })
    const bytes = (hex: string) => ({ type: 'Buffer', data: [...Buffer.from(hex, 'hex')] })
    const wide = (125n * 10n ** 38n).toString(16).padStart(66, '0')
    expect(await readAvro(bench.registry, one!.value!)).toEqual({
      ...{
        b: true,
        i2: { int: -1 },
        i4: { int: 2147483647 },
        i8: { long: '9223372036854775807n' },
      },
      u2: { 'com.materialize.sink.uint2': bytes('0102') },
      u4: { 'com.materialize.sink.uint4': bytes('00000001') },
      u8: { 'com.materialize.sink.uint8': bytes('ffffffffffffffff') },
      ...{ f4: { float: 1.5 }, f8: { double: -0.25 }, n: { bytes: bytes(wide) } },
      n2: { bytes: bytes('f6'.padStart(34, 'f')) },
      ...{ t: { string: 'a\n"é' }, y: { bytes: bytes('00ff') }, d: { int: 19000 } },
      ...{ ti: { long: '11045678000n' }, ts: { long: '-1n' }, tz: { long: '1767315845000000n' } },
      iv: { 'com.materialize.sink.interval': bytes('0c000000020000004053559202000000') },
      j: { string: '{"b":[1,null]}' },
      u: { string: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' },
      ...{ l: { array: [{ int: 1 }, { int: 2 }] }, a: { array: [{ string: 'x' }, null] } },
      m: { map: { k: { int: 1 } } },
    })
    expect(await schemaOf(`${name}-key`)).toEqual({
      type: 'record',
      name: 'row',
      fields: [
        { name: 't', type: ['null', 'string'] },
        { name: 'i4', type: ['null', 'int'] },
      ],
    })
  })

  test('wraps rows in a Debezium envelope', async () => {
    const from = await table('id int NOT NULL, "tricky-name" text', "(1, 'a')")
    const name = await sink(from, `KEY (id) FORMAT ${AVRO} ENVELOPE DEBEZIUM`)
    await written(name, 1)
    await bench.sql(`UPDATE ${from} SET "tricky-name" = NULL`)
    await written(name, 2)
    await bench.sql(`DELETE FROM ${from}`)
    const records = await written(name, 3)
    const row = (text: string | null) => ({
      row: { id: 1, tricky_name: text === null ? null : { string: text } },
    })
    expect(await Promise.all(records.map((one) => readAvro(bench.registry, one.value!)))).toEqual([
      { before: null, after: row('a') },
      { before: row('a'), after: row(null) },
      { before: row(null), after: null },
    ])
    expect(await readAvro(bench.registry, records[2]!.key!)).toEqual({ id: 1 })
    expect(await schemaOf(`${name}-value`)).toEqual({
      type: 'record',
      name: 'envelope',
      fields: [
        {
          name: 'before',
          type: [
            'null',
            {
              type: 'record',
              name: 'row',
              fields: [
                { name: 'id', type: 'int' },
                { name: 'tricky_name', type: ['null', 'string'] },
              ],
            },
          ],
        },
        { name: 'after', type: ['null', 'row'] },
      ],
    })
  })

  test('names, documents and defaults its schemas as its options say, and sets how they may change', async () => {
    const from = await table('id int NOT NULL, v text', "(1, 'a')")
    await bench.sql(`COMMENT ON TABLE ${from} IS 'a table'`)
    await bench.sql(`COMMENT ON COLUMN ${from}.v IS 'a comment'`)
    const options =
      "AVRO KEY FULLNAME 'some.ns.k', AVRO VALUE FULLNAME 'v', NULL DEFAULTS, KEY DOC ON COLUMN " +
      `${from}.id 'the key', DOC ON COLUMN ${from}.id 'the id', VALUE COMPATIBILITY LEVEL 'FULL'`
    const name = await sink(
      from,
      `KEY (id) NOT ENFORCED FORMAT ${AVRO} (${options}) ENVELOPE UPSERT`,
    )
    await written(name, 1)
    expect(await schemaOf(`${name}-key`)).toEqual({
      type: 'record',
      name: 'k',
      namespace: 'some.ns',
      doc: 'a table',
      fields: [{ name: 'id', type: 'int', doc: 'the key' }],
    })
    expect(await schemaOf(`${name}-value`)).toEqual({
      type: 'record',
      name: 'v',
      doc: 'a table',
      fields: [
        { name: 'id', type: 'int', doc: 'the id' },
        { name: 'v', type: ['null', 'string'], default: null, doc: 'a comment' },
      ],
    })
    expect(await bench.registry.compatibility(`${name}-value`)).toBe('FULL')
    const [[sql]] = (await bench.sql(`SELECT create_sql FROM mz_sinks WHERE name = '${name}'`)) as [
      [string],
    ]
    expect(sql.replace(/\[u\d+ /g, '[u# ')).toContain(
      'CONNECTION [u# AS "materialize"."public"."r"] (AVRO KEY FULLNAME = \'some.ns.k\', AVRO VALUE FULLNAME = \'v\', ' +
        "NULL DEFAULTS, VALUE COMPATIBILITY LEVEL = 'FULL', " +
        `KEY DOC ON COLUMN [u# AS "materialize"."public"."${from}"]."id" = 'the key', `,
    )
    expect(
      await bench.sql(
        `SELECT envelope_type, format, key_format, value_format FROM mz_sinks WHERE name = '${name}'`,
      ),
    ).toEqual([['upsert', 'avro', 'avro', 'avro']])
  })

  test('stalls while the registry refuses its schema', async () => {
    const from = await table('id int NOT NULL', '(1)')
    const name = fresh('s')
    await bench.registry.publish(`${name}-value`, { schema: '"string"' })
    await fetch(`${bench.registry.url}/config/${name}-value`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"compatibility":"FULL"}',
    })
    await bench.sql(
      `CREATE SINK ${name} FROM ${from} INTO KAFKA CONNECTION k (TOPIC '${name}') FORMAT ${AVRO} ENVELOPE DEBEZIUM`,
    )
    const [[, error]] = (await bench.rows(
      `SELECT status, error FROM mz_internal.mz_sink_statuses WHERE name = '${name}' AND status = 'stalled'`,
      1,
    )) as [[string, string]]
    expect(error).toMatch(
      /^kafka: error publishing kafka schemas for sink: unable to publish value schema to registry in kafka sink: server error 409/,
    )
  })
})

describe('a sink is refused', () => {
  test.each([
    [
      'a key’s name without a key',
      `FORMAT ${AVRO} (AVRO KEY FULLNAME 'a') ENVELOPE DEBEZIUM`,
      'Cannot specify AVRO KEY FULLNAME without a corresponding KEY field',
    ],
    [
      'one name of two',
      `KEY (a) NOT ENFORCED FORMAT ${AVRO} (AVRO VALUE FULLNAME 'a') ENVELOPE UPSERT`,
      'Must specify both AVRO KEY FULLNAME and AVRO VALUE FULLNAME when specifying generated schema names',
    ],
    [
      'a name that Avro cannot have',
      `FORMAT ${AVRO} (AVRO VALUE FULLNAME 'bad-name') ENVELOPE DEBEZIUM`,
      'Invalid name. Must start with [A-Za-z_] and subsequently only contain [A-Za-z0-9_]. Found: bad-name',
    ],
    [
      'a source’s format',
      'FORMAT CSV WITH 1 COLUMNS ENVELOPE DEBEZIUM',
      'sink format csv not yet supported',
    ],
  ])('for %s', async (_name, clauses, message) => {
    const from = await table('a int')
    await expect(sink(from, clauses)).rejects.toMatchObject({ code: 'XX000', message })
  })
})
