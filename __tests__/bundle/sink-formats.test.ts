import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { COMPRESSIONS } from '../../src/core/model-sink.ts'
import { readAvro } from '../stand-in-avro-writer.ts'
import { expectSettled, healthy, openSpecPlace, type SpecPlace } from './spec-place.ts'

/** Every format, envelope and compression of a sink: what a plain client reads, field by field. */

let place: SpecPlace
beforeAll(async () => {
  place = await openSpecPlace({ registry: true })
  await place.services.sql(
    'CREATE TABLE pairs (k text, n int)',
    "INSERT INTO pairs VALUES ('a', 1), ('b', NULL)",
    'CREATE TABLE words (w text)',
    "INSERT INTO words VALUES ('plain'), ('12')",
    'CREATE TABLE blobs (y bytea)',
    "INSERT INTO blobs VALUES ('\\x00ff')",
    `CREATE TABLE types (b bool, i8 bigint, u8 uint8, f8 double precision, n numeric, t text, y bytea, ts timestamp, j jsonb, l int list, m map[text=>int])`,
    `INSERT INTO types VALUES (true, 9223372036854775807, 18446744073709551615, 1.5, 12345678901234567890.123456789, E'a\\n"é', '\\x00ff', '2026-01-02 03:04:05.678901', '{"a": [1, null]}', LIST[1,2], '{k=>1}')`,
    'CREATE MATERIALIZED VIEW totals AS SELECT k, max(n) AS n FROM pairs GROUP BY k',
    'CREATE TABLE tagged (k text, h map[text=>text])',
    "INSERT INTO tagged VALUES ('a', '{trace=>x}')",
  )
}, 120_000)
afterAll(() => place.stop())

interface Message {
  key: unknown
  value: unknown
}

/** How the test reads one side of a message. */
type Side = 'json' | 'text' | 'avro' | 'bytes'

async function side(bytes: Buffer | null, as: Side): Promise<unknown> {
  if (bytes === null) return null
  if (as === 'avro') return readAvro(place.registry, bytes)
  if (as === 'bytes') return bytes.toString('hex')
  const text = bytes.toString('utf8')
  return as === 'json' ? JSON.parse(text) : text
}

async function messages(topic: string, as: [key: Side, value: Side]): Promise<Message[]> {
  const records = await place.services.kafka.read(topic)
  const all = await Promise.all(
    records.map(async ({ key, value }) => ({
      key: await side(key, as[0]),
      value: await side(value, as[1]),
    })),
  )
  return all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const json: [Side, Side] = ['json', 'json']
const AVRO = 'format: { avro: { registry: r } }'

const CASES: {
  name: string
  from: string
  sink: string
  as: [Side, Side]
  written: Message[]
  /** Of the action’s own report, where it is not the same. */
  reported?: unknown[]
}[] = [
  {
    name: 'json debezium without a key',
    from: 'pairs',
    sink: 'format: json',
    as: json,
    written: [
      { key: null, value: { before: null, after: { k: 'a', n: 1 } } },
      { key: null, value: { before: null, after: { k: 'b', n: null } } },
    ],
  },
  {
    name: 'json debezium with a key',
    from: 'pairs',
    sink: 'format: json, envelope: debezium, key: [k]',
    as: json,
    written: [
      { key: { k: 'a' }, value: { before: null, after: { k: 'a', n: 1 } } },
      { key: { k: 'b' }, value: { before: null, after: { k: 'b', n: null } } },
    ],
  },
  {
    name: 'json upsert',
    from: 'totals',
    sink: 'envelope: upsert, key: [k]',
    as: json,
    written: [
      { key: { k: 'a' }, value: { k: 'a', n: 1 } },
      { key: { k: 'b' }, value: { k: 'b', n: null } },
    ],
  },
  {
    name: 'json of every type',
    from: 'types',
    sink: 'envelope: upsert, key: [t], key-not-enforced: true',
    as: ['json', 'text'],
    written: [
      {
        key: { t: 'a\n"é' },
        value:
          '{"b":true,"i8":9223372036854775807,"u8":18446744073709551615,"f8":1.5,"n":"12345678901234567890.123456789","t":"a\\n\\"é","y":[0,255],"ts":"1767323045678.901","j":{"a":[1,null]},"l":[1,2],"m":{"k":1}}',
      },
    ],
  },
  {
    name: 'text upsert of one column',
    from: 'words',
    sink: 'format: text, envelope: upsert, key: [w], key-not-enforced: true',
    as: ['text', 'text'],
    written: [
      { key: '12', value: '12' },
      { key: 'plain', value: 'plain' },
    ],
  },
  {
    name: 'text debezium of one column',
    from: 'words',
    sink: 'format: text',
    as: ['text', 'text'],
    written: [
      { key: null, value: '(12)' },
      { key: null, value: '(plain)' },
    ],
  },
  {
    name: 'bytes upsert of one column',
    from: 'blobs',
    sink: 'format: bytes, envelope: upsert, key: [y], key-not-enforced: true',
    as: ['bytes', 'bytes'],
    written: [{ key: '00ff', value: '00ff' }],
  },
  {
    name: 'a key as text, a value as json',
    from: 'totals',
    sink: 'key-format: text, value-format: json, envelope: upsert, key: [k]',
    as: ['text', 'json'],
    written: [
      { key: 'a', value: { k: 'a', n: 1 } },
      { key: 'b', value: { k: 'b', n: null } },
    ],
  },
  {
    name: 'avro upsert with names, docs, levels and defaults',
    from: 'totals',
    sink: `format: { avro: { registry: r, key-fullname: shop.Key, value-fullname: shop.Total, null-defaults: true, key-compatibility: FULL, value-compatibility: FORWARD, docs: [{ text: 'it''s a total' }, { column: n, text: the largest, only: value }] } }, envelope: upsert, key: [k]`,
    as: ['avro', 'avro'],
    written: [
      { key: { k: { string: 'a' } }, value: { k: { string: 'a' }, n: { int: 1 } } },
      { key: { k: { string: 'b' } }, value: { k: { string: 'b' }, n: null } },
    ],
  },
  {
    name: 'avro debezium',
    from: 'pairs',
    sink: `${AVRO}, envelope: debezium`,
    as: ['avro', 'avro'],
    written: [
      { key: null, value: { before: null, after: { row: { k: { string: 'a' }, n: { int: 1 } } } } },
      { key: null, value: { before: null, after: { row: { k: { string: 'b' }, n: null } } } },
    ],
  },
]

describe('a sink writes', () => {
  test.each(CASES.map((one, at) => ({ ...one, topic: `written-${String(at)}` })))(
    '$name',
    async ({ from, sink, as, written, topic }) => {
      const spec = `sinks: { ${topic.replace('-', '_')}: { from: ${from}, connection: k, topic: ${topic}, ${sink} } }`
      const run = healthy(await place.run(spec))
      expect(await messages(topic, as)).toEqual(written)
      const reported = JSON.parse(run.outputs['sink-rows'] ?? '') as Message[]
      expect(reported).toHaveLength(written.length)
      for (const { value } of reported) {
        if (as[1] === 'avro') {
          expect(value).toEqual({
            avro: { schema: expect.any(Number), base64: expect.any(String) },
          })
        } else if (as[1] === 'text' && sink.includes('text')) expect(typeof value).toBe('string')
      }
      await expectSettled(place, spec)
    },
    60_000,
  )

  test('with names and docs in its schemas, and levels in the registry', async () => {
    const at = CASES.findIndex((one) => one.name.startsWith('avro upsert with names'))
    const topic = `written-${String(at)}`
    const schema = async (of: string) =>
      JSON.parse((await place.registry.latest(`${topic}-${of}`))?.schema ?? '') as object
    expect(await schema('key')).toMatchObject({
      name: 'Key',
      namespace: 'shop',
      doc: "it's a total",
    })
    expect(await schema('value')).toMatchObject({
      name: 'Total',
      doc: "it's a total",
      fields: [
        { name: 'k', default: null },
        { name: 'n', doc: 'the largest', default: null },
      ],
    })
    expect(await place.registry.compatibility(`${topic}-key`)).toBe('FULL')
    expect(await place.registry.compatibility(`${topic}-value`)).toBe('FORWARD')
  })

  test.each(COMPRESSIONS)('in the compression %s', async (compression) => {
    const topic = `compressed-${compression}`
    const spec = `sinks: { packed_${compression}: { from: totals, connection: k, topic: ${topic}, envelope: upsert, key: [k], compression: ${compression} } }`
    const run = healthy(await place.run(spec))
    const written = [
      { key: { k: 'a' }, value: { k: 'a', n: 1 } },
      { key: { k: 'b' }, value: { k: 'b', n: null } },
    ]
    expect(await messages(topic, json)).toEqual(written)
    const reported = JSON.parse(run.outputs['sink-rows'] ?? '') as Message[]
    expect(reported.map(({ key, value }) => ({ key, value }))).toEqual(
      expect.arrayContaining(written),
    )
    await expectSettled(place, spec)
  })

  test('to a topic of its own making, by an expression, with prefixes', async () => {
    const spec = `sinks: { made: { from: totals, connection: k, topic: made, envelope: upsert, key: [k], partition-by: 'CASE WHEN k = ''a'' THEN 4 ELSE 2 END', topic-partitions: 3, topic-replication-factor: 1, topic-config: { cleanup.policy: compact }, transactional-id-prefix: tx-, progress-group-id-prefix: pg-, metadata-refresh-interval: 10s } }`
    healthy(await place.run(spec))
    const records = await place.services.kafka.read('made')
    expect(
      records.map(({ partition, key }) => [
        partition,
        JSON.parse(key?.toString() ?? '') as unknown,
      ]),
    ).toEqual([
      [1, { k: 'a' }],
      [2, { k: 'b' }],
    ])
    await expectSettled(place, spec)
  })

  test('nothing of what was there, without a snapshot', async () => {
    const spec = `sinks: { later: { from: totals, connection: k, topic: later, envelope: upsert, key: [k], snapshot: false } }`
    const run = healthy(await place.run(spec))
    expect(JSON.parse(run.outputs['sink-rows'] ?? '')).toEqual([])
    await expectSettled(place, spec)
  })

  test('headers from a column, which the server must allow', async () => {
    const spec = `sinks: { tagged_out: { from: tagged, connection: k, topic: tagged-out, envelope: upsert, key: [k], key-not-enforced: true, headers: h } }`
    const run = await place.run(spec)
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'feature-off' })
    expect(run.stdout).toMatch(/enable_kafka_sink_headers/)
    await place.system('ALTER SYSTEM SET enable_kafka_sink_headers = true')
    healthy(await place.run(spec))
    const [record] = await place.services.kafka.read('tagged-out')
    expect(record?.headers['trace']?.toString()).toBe('x')
    await expectSettled(place, spec)
  })
})

describe('a sink that cannot write', () => {
  test.each([
    {
      name: 'a key that is no column',
      sink: 'from: totals, envelope: upsert, key: [K]',
      says: 'key "K" is no column of what the sink writes; there are "k", "n" (did you mean "k"?)',
    },
    {
      name: 'text of several columns',
      sink: 'from: totals, format: text',
      says: 'format text writes one column, and there are "k", "n"',
    },
    {
      name: 'a relation that is not there',
      sink: 'from: total',
      says: 'There is no source, table or materialized view "materialize"."public"."total"',
    },
  ])('$name is refused before anything is sent', async ({ sink, says }) => {
    const before = place.services.statements.length
    const run = await place.run(`sinks: { bad: { connection: k, topic: bad, ${sink} } }`)
    expect(run.outputs).toMatchObject({ status: 'failed', changed: 'false' })
    expect(run.stdout).toContain(says.replaceAll('%', '%25'))
    const sent = place.services.statements.slice(before)
    expect(sent.filter((text) => /^(CREATE|ALTER|COMMENT|DROP)/.test(text))).toEqual([])
  })
})
