import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compressions } from '../test-support/kafka/codecs.ts'
import { fresh, StandInBench, texts, until } from './stand-in-bench.ts'

/** What sinks of every other format than Avro write, read back by a plain client. */

const bench = new StandInBench()
/** The sinks of table rows, made together, since each takes most of a second to write its first record. */
const made = new Map<string, string>()

beforeAll(async () => {
  await bench.open()
  for (const [of, clauses] of FORMATS) {
    made.set(of, await sink(await table('k text, v text', "('a', '1')"), clauses))
  }
  const from = await table('t text', "('a')")
  for (const compression of compressions) {
    const option = `, COMPRESSION TYPE '${compression}'`
    made.set(compression, await sink(from, 'FORMAT JSON ENVELOPE DEBEZIUM', option))
  }
}, 120_000)
afterAll(() => bench.close())

const written = (topic: string, count: number) => bench.written(topic, count)
const table = (columns: string, ...values: string[]) => bench.table(columns, ...values)
const sink = (from: string, clauses: string, options = '') => bench.sink(from, clauses, options)

const FORMATS: [of: string, clauses: string, records: (string | null)[][]][] = [
  [
    'JSON with its key, upserted',
    'KEY (k) NOT ENFORCED FORMAT JSON ENVELOPE UPSERT',
    [['{"k":"a"}', '{"k":"a","v":"1"}']],
  ],
  [
    'JSON in an envelope',
    'FORMAT JSON ENVELOPE DEBEZIUM',
    [[null, '{"before":null,"after":{"k":"a","v":"1"}}']],
  ],
  [
    'a text key and a JSON value',
    'KEY (k) NOT ENFORCED KEY FORMAT TEXT VALUE FORMAT JSON ENVELOPE UPSERT',
    [['a', '{"k":"a","v":"1"}']],
  ],
]

describe('a sink of another format', () => {
  test.each(FORMATS.map(([of, , records]) => ({ of, records })))('$of', async ({ of, records }) => {
    expect(texts(await written(made.get(of)!, 1))).toEqual(records)
  })

  test('one column as text or as bytes', async () => {
    const text = await sink(await table('t text', "('é')"), 'FORMAT TEXT ENVELOPE DEBEZIUM')
    const bytes = await sink(
      await table('y bytea', "('\\x00ff')"),
      'KEY (y) NOT ENFORCED FORMAT BYTES ENVELOPE UPSERT',
    )
    expect(texts(await written(text, 1))).toEqual([[null, '(é)']])
    expect((await written(bytes, 1))[0]!.value).toEqual(Buffer.from('00ff', 'hex'))
  })

  test('records within a list, of a source or of a view of it, as JSON', async () => {
    const topic = fresh('f')
    await bench.kafka.createTopic(topic)
    await bench.kafka.produce(topic, [{ value: 'v', headers: { h: 'x' } }])
    await bench.sql(
      `CREATE SOURCE ${topic} FROM KAFKA CONNECTION k (TOPIC '${topic}') FORMAT TEXT INCLUDE HEADERS`,
    )
    const direct = await sink(topic, 'FORMAT JSON ENVELOPE DEBEZIUM')
    await bench.sql(`CREATE MATERIALIZED VIEW ${topic}_v AS SELECT headers FROM ${topic}`)
    const viewed = await sink(`${topic}_v`, 'FORMAT JSON ENVELOPE DEBEZIUM')
    const headers = '"headers":[{"key":"h","value":[120]}]'
    expect(texts(await written(direct, 1))).toEqual([
      [null, `{"before":null,"after":{"text":"v",${headers}}}`],
    ])
    expect(texts(await written(viewed, 1))).toEqual([
      [null, `{"before":null,"after":{${headers}}}`],
    ])
  })
})

describe('a sink’s options', () => {
  test.each(compressions)(
    'records compressed by %s are read by a plain client',
    async (compression) => {
      expect(texts(await written(made.get(compression)!, 1))).toEqual([
        [null, '{"before":null,"after":{"t":"a"}}'],
      ])
    },
  )

  test('the topic is made as they say', async () => {
    const from = await table('n int', '(0)', '(1)', '(2)')
    const name = await sink(
      from,
      'KEY (n) NOT ENFORCED FORMAT JSON ENVELOPE UPSERT',
      ", PARTITION BY n, TOPIC PARTITION COUNT 3, TOPIC REPLICATION FACTOR 1, TOPIC CONFIG MAP['retention.ms' => '7200000']",
    )
    const records = await written(name, 3)
    expect(records.map(({ partition, key }) => [partition, key!.toString()])).toEqual([
      [0, '{"n":0}'],
      [1, '{"n":1}'],
      [2, '{"n":2}'],
    ])
  })

  test('what was there before is left out on demand', async () => {
    const from = await table('n int', '(1)')
    const name = await sink(from, 'FORMAT JSON ENVELOPE DEBEZIUM WITH (SNAPSHOT = false)')
    await bench.rows(
      `SELECT 1 FROM mz_internal.mz_sink_statuses WHERE name = '${name}' AND status = 'running'`,
      1,
    )
    await bench.sql(`INSERT INTO ${from} VALUES (2)`)
    expect(texts(await written(name, 1))).toEqual([[null, '{"before":null,"after":{"n":2}}']])
  })

  test('a column of headers becomes headers, where the server’s flag allows', async () => {
    const from = await table('k text, h map[text=>text]', "('a', '{x=>1,materialize-x=>2}')")
    const clauses = 'KEY (k) NOT ENFORCED HEADERS h FORMAT JSON ENVELOPE UPSERT'
    await bench.system('ALTER SYSTEM SET enable_kafka_sink_headers = true')
    const name = await sink(from, clauses)
    const [one] = await written(name, 1)
    expect(String(one!.headers['x'])).toBe('1')
    expect(Object.keys(one!.headers).sort()).toEqual(['materialize-timestamp', 'x'])
    await bench.system('ALTER SYSTEM SET enable_kafka_sink_headers = false')
    await expect(sink(from, clauses)).rejects.toMatchObject({
      message: 'Enable the HEADERS option for Kafka sinks is not available',
    })
  })

  test('two megabytes at once go into one transaction', async () => {
    const from = await table('n int, t text')
    const name = await sink(from, 'FORMAT JSON ENVELOPE DEBEZIUM', ", COMPRESSION TYPE 'none'")
    await bench.sql(
      `INSERT INTO ${from} SELECT n, repeat('x', 20000) FROM generate_series(1, 100) AS n`,
    )
    const records = await written(name, 100)
    expect(records).toHaveLength(100)
    expect(new Set(records.map((one) => String(one.headers['materialize-timestamp']))).size).toBe(1)
  })
})

test('a sink that waits for its source does not claim to have followed it', async () => {
  await bench.system("CREATE CLUSTER asleep (SIZE '25cc', REPLICATION FACTOR 0)")
  await bench.system('GRANT ALL ON CLUSTER asleep TO materialize')
  const topic = fresh('f')
  await bench.kafka.createTopic(topic)
  await bench.sql(
    `CREATE SOURCE ${topic} IN CLUSTER asleep FROM KAFKA CONNECTION k (TOPIC '${topic}') FORMAT TEXT`,
  )
  const name = await sink(topic, 'FORMAT JSON ENVELOPE DEBEZIUM')
  const frontier = async (of = name) =>
    Number(
      (
        await bench.sql(
          `SELECT f.write_frontier::text FROM mz_internal.mz_frontiers f JOIN mz_sinks s ON s.id = f.object_id WHERE s.name = '${of}'`,
        )
      )[0]![0],
    )
  await bench.rows(
    `SELECT 1 FROM mz_internal.mz_sink_statuses WHERE name = '${name}' AND status = 'running'`,
    1,
  )
  const before = await frontier()
  // Another sink's frontier shows that enough time has gone by for this one's to have moved.
  const other = await sink(await table('n int', '(1)'), 'FORMAT JSON ENVELOPE DEBEZIUM')
  const start = await frontier(other)
  await until(async () => (await frontier(other)) > start + 2_000)
  expect(await frontier()).toBe(before)
  await bench.system('ALTER CLUSTER asleep SET (REPLICATION FACTOR 1)')
  await until(async () => (await frontier()) > before)
})
