import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { nastyUsers } from '../../test-support/kafka/users.ts'

/** The main job, by the committed bundle, against a real Kafka and the stand-in. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(async () => {
  await services.stop()
})

const passwords = () => Object.values(services.kafka.users).map((user) => user.password)

function expectHealthy(run: BundleRun): void {
  if (run.outputs['status'] !== 'healthy') throw new Error(`${run.stdout}\n${run.stderr}`)
  expect(run.exitCode).toBe(0)
  expect(run.stderr).toBe('')
  expect(leaksIn(run, passwords())).toEqual([])
}

const json = (run: BundleRun, output: string): unknown => JSON.parse(run.outputs[output] ?? '')

describe('the guide’s path', () => {
  const inputs = () => ({
    ...services.inputs(),
    connection: 'upstash',
    source: 'hello',
    topic: 'hello',
    format: 'bytes',
    sink: 'hello_out',
    'sink-from': 'hello',
    'sink-topic': 'hello-out',
    'min-rows': '3',
  })

  test('from nothing to rows in the outputs and messages on the sink’s topic', async () => {
    await services.kafka.createTopic('hello')
    await services.kafka.produce('hello', ['hello', 'world', 'again'])
    const run = await runBundle(inputs())
    expectHealthy(run)
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
    expect((json(run, 'changes') as { kind: string }[]).map((change) => change.kind)).toEqual([
      'secret',
      'secret',
      'secret',
      'connection',
      'source',
      'sink',
    ])
    const onTopic = await services.kafka.read('hello-out')
    expect(onTopic).toHaveLength(3)
    expect(run.summary).toContain('healthy')
  })

  test('again: nothing changes, and no DDL is sent but ALTER SECRET', async () => {
    const before = services.statements.length
    const run = await runBundle(inputs())
    expectHealthy(run)
    expect(run.outputs['changed']).toBe('false')
    expect(json(run, 'changes')).toEqual([])
    const ddl = ddlIn(services.statements.slice(before))
    expect(ddl).toHaveLength(3)
    for (const text of ddl) expect(text).toMatch(/^ALTER SECRET "materialize"."public"."upstash_/)
  })

  test('records produced in between are in the next run’s rows', async () => {
    await services.kafka.produce('hello', ['newer'])
    const run = await runBundle({ ...inputs(), 'min-rows': '4' })
    expectHealthy(run)
    expect(JSON.stringify(json(run, 'rows'))).toContain('newer')
  })
})

describe('names are taken literally', () => {
  const names = [
    { name: 'capitals', source: 'Hello', sink: 'HelloOut', connection: 'Kafka' },
    {
      name: 'quotes and a statement',
      source: 'a"; DROP TABLE x; --',
      sink: `it's`,
      connection: 'q"c',
    },
    { name: 'spaces', source: 'my source', sink: 'my sink', connection: 'my connection' },
    { name: 'a dot', source: '"dot.ted"', sink: '"out.put"', connection: '"c.d"' },
    {
      name: 'another schema',
      source: 'other.here',
      sink: '"other"."there"',
      connection: 'other.k',
    },
  ]
  beforeAll(async () => {
    await services.sql('CREATE SCHEMA other')
    await services.kafka.createTopic('names')
    await services.kafka.produce('names', ['x'])
  })
  test.each(names)('$name: made, found again, left alone', async ({ source, sink, connection }) => {
    const inputs = {
      ...services.inputs(),
      connection,
      source,
      topic: 'names',
      format: 'text',
      sink,
      'sink-topic': `names-out-${String(names.findIndex((row) => row.source === source))}`,
    }
    const first = await runBundle(inputs)
    expectHealthy(first)
    expect(json(first, 'changes')).toHaveLength(6)
    expect(json(first, 'rows')).toEqual([{ text: 'x' }])
    const before = services.statements.length
    const second = await runBundle(inputs)
    expectHealthy(second)
    expect(second.outputs['changed']).toBe('false')
    const ddl = ddlIn(services.statements.slice(before))
    expect(ddl.filter((text) => !text.startsWith('ALTER SECRET'))).toEqual([])
  })
})

test('Upstash’s walk-through: a table’s row on the output topic', async () => {
  await services.kafka.createTopic('materialize_input')
  await services.kafka.produce('materialize_input', ['from the console'])
  const source = await runBundle({
    ...services.inputs(),
    connection: 'upstash_kafka',
    source: 'upstash_source',
    topic: 'materialize_input',
    'min-rows': '1',
  })
  expectHealthy(source)
  expect(json(source, 'rows')).toEqual([{ data: 'from the console' }])

  await services.sql(
    'CREATE TABLE mytable (name text, age int)',
    "INSERT INTO mytable VALUES ('Noah', 1)",
  )
  const sink = await runBundle({
    ...services.inputs(),
    connection: 'upstash_kafka',
    sink: 'upstash_sink',
    'sink-from': 'mytable',
    'sink-topic': 'materialize_output',
    'sink-envelope': 'debezium',
  })
  expectHealthy(sink)
  expect(json(sink, 'rows')).toEqual([{ name: 'Noah', age: 1 }])
  const [message] = await services.kafka.read('materialize_output')
  expect(message?.value?.toString()).toBe('{"before":null,"after":{"name":"Noah","age":1}}')
  expect(json(sink, 'sink-rows')).toMatchObject([
    { value: { before: null, after: { name: 'Noah', age: 1 } } },
  ])
})

describe('passwords arrive as they are', () => {
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
