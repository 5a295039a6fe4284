import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { openPlace, type Place } from '../../test-support/pipeline/place.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { nastyUsers } from '../../test-support/kafka/users.ts'

/**
 * The main job, by the committed bundle, against a real Kafka and the stand-in; with MATERIALIZE_URL
 * set, against the real Materialize that it names.
 */

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(async () => {
  await place.stop()
})

/** Names of this run alone, since a real server keeps what earlier runs made. */
const tag = Date.now().toString(36)

function expectHealthy(run: BundleRun): void {
  if (run.outputs['status'] !== 'healthy') throw new Error(`${run.stdout}\n${run.stderr}`)
  expect(run.exitCode).toBe(0)
  expect(run.stderr).toBe('')
  expect(leaksIn(run, place.secrets)).toEqual([])
}

const json = (run: BundleRun, output: string): unknown => JSON.parse(run.outputs[output] ?? '')

describe('the guide’s path', () => {
  let first: BundleRun
  const inputs = () => ({
    ...place.inputs(),
    connection: `upstash_${tag}`,
    source: `hello_${tag}`,
    topic: `hello-${tag}`,
    format: 'bytes',
    sink: `hello_out_${tag}`,
    'sink-from': `hello_${tag}`,
    'sink-topic': `hello-out-${tag}`,
    'min-rows': '3',
  })

  test('from nothing to rows in the outputs and messages on the sink’s topic', async () => {
    await place.createTopic(`hello-${tag}`)
    await place.produce(`hello-${tag}`, ['hello', 'world', 'again'])
    const run = await runBundle(inputs())
    expectHealthy(run)
    first = run
    expect(run.outputs).toMatchObject({
      changed: 'true',
      'row-count': '3',
      'rows-truncated': 'false',
      'failure-reason': '',
    })
    const data = (json(run, 'rows') as { data: string }[]).map((row) => row.data)
    expect(data.sort()).toEqual(['again', 'hello', 'world'])
    const values = (json(run, 'sink-rows') as { value: unknown }[]).map((m) =>
      JSON.stringify(m.value),
    )
    // A JSON sink writes bytes as an array of numbers.
    expect(values).toContain('{"before":null,"after":{"data":[104,101,108,108,111]}}')
    const kinds = (json(run, 'changes') as { kind: string }[]).map((change) => change.kind)
    expect(kinds.filter((kind) => kind !== 'secret')).toEqual(['connection', 'source', 'sink'])
    expect(await place.read(`hello-out-${tag}`, 3)).toHaveLength(3)
    expect(run.summary).toContain('healthy')
  })

  test('again: nothing changes, and no DDL is sent but ALTER SECRET', async () => {
    place.sent(first)
    const run = await runBundle(inputs())
    expectHealthy(run)
    expect(run.outputs['changed']).toBe('false')
    expect(json(run, 'changes')).toEqual([])
    for (const text of ddlIn(place.sent(run))) expect(text).toMatch(/^ALTER SECRET /)
  })

  test('records produced in between are in the next run’s rows', async () => {
    await place.produce(`hello-${tag}`, ['newer'])
    const run = await runBundle({ ...inputs(), 'min-rows': '4' })
    expectHealthy(run)
    expect(JSON.stringify(json(run, 'rows'))).toContain('newer')
  })
})

describe('names are taken literally', () => {
  const names = [
    { name: 'capitals', source: `Hello${tag}`, sink: `HelloOut${tag}`, connection: `Kafka${tag}` },
    {
      name: 'quotes and a statement',
      source: `a"; DROP TABLE x; --${tag}`,
      sink: `it's${tag}`,
      connection: `q"c${tag}`,
    },
    {
      name: 'spaces',
      source: `my source ${tag}`,
      sink: `my sink ${tag}`,
      connection: `my connection ${tag}`,
    },
    {
      name: 'a dot',
      source: `"dot.ted${tag}"`,
      sink: `"out.put${tag}"`,
      connection: `"c.d${tag}"`,
    },
    {
      name: 'another schema',
      source: `other_${tag}.here`,
      sink: `"other_${tag}"."there"`,
      connection: `other_${tag}.k`,
    },
  ]
  beforeAll(async () => {
    await place.sql(`CREATE SCHEMA IF NOT EXISTS other_${tag}`)
    await place.createTopic(`names-${tag}`)
    await place.produce(`names-${tag}`, ['x'])
  })
  test.each(names)('$name: made, found again, left alone', async ({ source, sink, connection }) => {
    const inputs = {
      ...place.inputs(),
      connection,
      source,
      topic: `names-${tag}`,
      format: 'text',
      sink,
      'sink-topic': `names-out-${tag}-${String(names.findIndex((row) => row.source === source))}`,
    }
    const first = await runBundle(inputs)
    expectHealthy(first)
    expect(first.outputs['changed']).toBe('true')
    place.sent(first)
    expect(json(first, 'rows')).toEqual([{ text: 'x' }])
    const second = await runBundle(inputs)
    expectHealthy(second)
    expect(second.outputs['changed']).toBe('false')
    const ddl = ddlIn(place.sent(second))
    expect(ddl.filter((text) => !text.startsWith('ALTER SECRET'))).toEqual([])
  })
})

test('Upstash’s walk-through: a table’s row on the output topic', async () => {
  const [input, output] = [`materialize_input_${tag}`, `materialize_output_${tag}`]
  const connection = `upstash_kafka_${tag}`
  await place.createTopic(input)
  await place.produce(input, ['from the console'])
  const source = await runBundle({
    ...place.inputs(),
    connection,
    source: `upstash_source_${tag}`,
    topic: input,
    'min-rows': '1',
  })
  expectHealthy(source)
  expect(json(source, 'rows')).toEqual([{ data: 'from the console' }])

  await place.sql(
    `CREATE TABLE mytable_${tag} (name text, age int)`,
    `INSERT INTO mytable_${tag} VALUES ('Noah', 1)`,
  )
  const sink = await runBundle({
    ...place.inputs(),
    connection,
    sink: `upstash_sink_${tag}`,
    'sink-from': `mytable_${tag}`,
    'sink-topic': output,
    'sink-envelope': 'debezium',
  })
  expectHealthy(sink)
  expect(json(sink, 'rows')).toEqual([{ name: 'Noah', age: 1 }])
  expect(await place.read(output, 1)).toEqual(['{"before":null,"after":{"name":"Noah","age":1}}'])
  expect(json(sink, 'sink-rows')).toMatchObject([
    { value: { before: null, after: { name: 'Noah', age: 1 } } },
  ])
})

describe('passwords arrive as they are', () => {
  let services: Services
  beforeAll(async () => {
    services = await startServices()
  })
  afterAll(async () => {
    await services.stop()
  })
  test.each(nastyUsers.map((user) => ({ user })))('$user', async ({ user }) => {
    const topic = `password-${user}`
    await services.kafka.createTopic(topic)
    await services.kafka.produce(topic, ['x'])
    const run = await runBundle({
      ...services.inputs(user),
      connection: `c_${user}`,
      source: `s_${user}`,
      topic,
      'min-rows': '1',
    })
    expectHealthy(run)
    const again = await runBundle({
      ...services.inputs(user),
      'kafka-sasl-mechanism': 'SCRAM-SHA-512',
      connection: `c_${user}`,
      source: `s_${user}`,
      topic,
    })
    expectHealthy(again)
  })
})
