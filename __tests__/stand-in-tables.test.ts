import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** CREATE TABLE … FROM SOURCE, and what WITH says of sources. */

const bench = new StandInBench()
beforeAll(() => bench.open(), 60_000)
afterAll(() => bench.close())

const flag = (on: boolean) =>
  bench.system(`ALTER SYSTEM SET enable_create_table_from_source = ${String(on)}`)

async function source(clauses = '', options = ''): Promise<string> {
  const name = fresh('x')
  await bench.kafka.createTopic(name)
  await bench.kafka.produce(name, [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
    { key: 'a', value: null },
  ])
  await bench.sql(
    `CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}'${options}) ${clauses}`,
  )
  return name
}

test('several tables read one source, each in its own way, while the flag is on', async () => {
  const name = await source('', ', START OFFSET (0)')
  const create = (table: string, clauses: string, reference = ` (REFERENCE "${name}")`) =>
    bench.sql(`CREATE TABLE ${name}_${table} FROM SOURCE ${name}${reference} ${clauses}`)
  expect(
    await bench.refusal(
      `CREATE TABLE ${name}_no FROM SOURCE ${name} (REFERENCE "${name}") FORMAT TEXT`,
    ),
  ).toEqual({
    code: 'XX000',
    message: 'CREATE TABLE ... FROM SOURCE is not supported',
  })
  await flag(true)
  await create('text', 'FORMAT TEXT INCLUDE OFFSET')
  await create('json', 'KEY FORMAT TEXT VALUE FORMAT JSON INCLUDE KEY AS k ENVELOPE UPSERT', '')
  await create('raw', "WITH (RETAIN HISTORY = FOR '1h')")
  await flag(false)

  expect(await bench.rows(`SELECT * FROM ${name}_text`, 2)).toEqual([
    ['1', '0'],
    ['2', '1'],
  ])
  expect(await bench.rows(`SELECT * FROM ${name}_json`, 1)).toEqual([['b', '2']])
  expect(await bench.rows(`SELECT * FROM ${name}_raw`, 3)).toEqual([
    ['\\x61', '\\x31'],
    ['\\x61', null],
    ['\\x62', '\\x32'],
  ])
  expect(
    await bench.sql(
      `SELECT t.name, k.topic, k.envelope_type, k.key_format, k.value_format FROM mz_internal.mz_kafka_source_tables k
       JOIN mz_tables t ON t.id = k.id WHERE t.name LIKE '${name}%' ORDER BY 1`,
    ),
  ).toEqual([
    [`${name}_json`, name, 'upsert', 'text', 'json'],
    [`${name}_raw`, name, null, null, null],
    [`${name}_text`, name, 'none', null, 'text'],
  ])
  expect(await bench.sql(`SHOW CREATE TABLE ${name}_raw`)).toEqual([
    [
      `materialize.public.${name}_raw`,
      `CREATE TABLE materialize.public.${name}_raw\nFROM SOURCE materialize.public.${name} (REFERENCE = ${name})\n` +
        "WITH (RETAIN HISTORY = FOR '1h', DETAILS = '2200');",
    ],
  ])
  await bench.kafka.produce(name, [{ key: 'c', value: '3' }])
  expect(await bench.rows(`SELECT * FROM ${name}_json`, 2)).toEqual([
    ['b', '2'],
    ['c', '3'],
  ])
  expect((await bench.refusal(`DROP SOURCE ${name}`)).message).toMatch(/^cannot drop source/)
})

test('a source keeps what WITH says of it, and ALTER changes that', async () => {
  const name = await source("FORMAT TEXT WITH (TIMESTAMP INTERVAL '1s', RETAIN HISTORY FOR '1h')")
  const shown = async () =>
    (await bench.sql(`SHOW CREATE SOURCE ${name}`))[0]![1]!.split('\n').at(-1)
  expect(await shown()).toBe("WITH (TIMESTAMP INTERVAL = '1s', RETAIN HISTORY = FOR '1h');")
  await bench.sql(`ALTER SOURCE ${name} SET (RETAIN HISTORY = FOR '2h')`)
  expect(await shown()).toBe("WITH (TIMESTAMP INTERVAL = '1s', RETAIN HISTORY = FOR '2h');")
  await bench.sql(`ALTER SOURCE ${name} RESET (RETAIN HISTORY)`)
  expect(await shown()).toBe("WITH (TIMESTAMP INTERVAL = '1s');")
  const set = `ALTER SOURCE ${name} SET (TIMESTAMP INTERVAL '1500ms')`
  expect((await bench.refusal(set)).message).toBe(
    'invalid timestamp interval of 1500ms, must be in the range [1000ms, 1000ms]',
  )
  expect(await shown()).toBe("WITH (TIMESTAMP INTERVAL = '1s');")
})

test('a source names its group and its progress as it is told', async () => {
  const name = await source('FORMAT TEXT EXPOSE PROGRESS AS far', ", GROUP ID PREFIX 'mine-'")
  await bench.rows(`SELECT * FROM ${name}`, 2)
  const [[group]] = (await bench.sql(
    `SELECT k.group_id_prefix FROM mz_kafka_sources k JOIN mz_sources s ON s.id = k.id WHERE s.name = '${name}'`,
  )) as [[string]]
  expect(group).toMatch(/^mine-materialize-/)
  const progress = async () =>
    bench.sql(`SELECT partition::text, "offset"::text FROM far ORDER BY 1`)
  expect(await progress()).toEqual([
    ['(0,)', '0'],
    ['[0,0]', '3'],
  ])
})
