import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { BundleRun } from '../../test-support/runner/run-bundle.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  changesOf,
  healthy,
  logOf,
  runSpec,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'
import { idsOf } from '../../test-support/pipeline/spec-state.ts'

/** Objects made by hand as Upstash’s guide does: used, taken into our keeping, changed, taken away. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(async () => {
  await services.stop()
})

const KINDS = ['secret', 'secret', 'connection', 'source', 'sink']

/** A schema with two secrets, a connection, a source of bytes and a Debezium sink, and a topic of three records. */
async function byHand(schema: string, connection: string): Promise<void> {
  const { kafka } = services
  const { username, password } = kafka.users.full
  await kafka.createTopic(`${schema}-in`)
  await kafka.produce(`${schema}-in`, ['one', 'two', 'three'])
  await services.sql(
    `CREATE SCHEMA ${schema}`,
    `SET schema = ${schema}`,
    `CREATE SECRET upstash_username AS '${username}'`,
    `CREATE SECRET upstash_password AS '\\x${Buffer.from(password).toString('hex')}'`,
    `CREATE CONNECTION ${connection} TO KAFKA (
       BROKER '${kafka.brokers.SASL_PLAINTEXT}', SECURITY PROTOCOL = 'SASL_PLAINTEXT',
       SASL MECHANISMS = 'SCRAM-SHA-256', SASL USERNAME = SECRET upstash_username,
       SASL PASSWORD = SECRET upstash_password)`,
    `CREATE SOURCE hello FROM KAFKA CONNECTION ${connection} (TOPIC '${schema}-in') FORMAT BYTES`,
    `CREATE SINK hello_out FROM hello INTO KAFKA CONNECTION ${connection} (TOPIC '${schema}-out')
       FORMAT JSON ENVELOPE DEBEZIUM`,
  )
}

function specOf(schema: string, of: { connection: string; source?: Record<string, unknown> }) {
  const { connection } = of
  const kafka = {
    brokers: [services.kafka.brokers.SASL_PLAINTEXT],
    protocol: 'SASL_PLAINTEXT',
    username: { env: 'KAFKA_USERNAME' },
    password: { env: 'KAFKA_PASSWORD' },
  }
  return {
    connections: { [connection]: { kafka } },
    sources: { hello: { connection, topic: `${schema}-in`, format: 'bytes', ...of.source } },
    sinks: { hello_out: { from: 'hello', connection, topic: `${schema}-out` } },
    defaults: { schema },
  }
}

async function run(
  spec: SpecFile,
  inputs: Record<string, string> = {},
): Promise<{ run: BundleRun; ddl: string[]; done: string[] }> {
  services.statements.splice(0)
  const one = await runSpec(services, spec, { inputs })
  const done = changesOf(one).map(({ action, kind }) => `${action} ${kind}`)
  return { run: one, ddl: ddlIn(services.statements), done }
}

/** Which objects of a schema carry our mark, in the order of their making. */
async function marked(schema: string): Promise<string[]> {
  const rows = await services.sql(
    `SELECT o.name FROM mz_internal.mz_comments c JOIN mz_objects o ON o.id = c.id
     JOIN mz_schemas s ON s.id = o.schema_id
     WHERE s.name = '${schema}' AND c.comment LIKE '%"manager":"materialize-kafka-action"%'`,
  )
  return rows.map((row) => String(row['name'])).sort()
}

describe('a pipeline made by hand', () => {
  const schema = 'guide'
  const connection = 'upstash'
  const all = ['hello', 'hello_out', 'upstash', 'upstash_password', 'upstash_username']
  let ids: string[]
  beforeAll(async () => {
    await byHand(schema, connection)
    ids = await idsOf(services, schema)
  })

  test('is shown as somebody else’s, with nothing to change', async () => {
    const { run: planned, ddl } = await run(specOf(schema, { connection }), { mode: 'plan' })
    expect(healthy(planned).outputs).toMatchObject({ 'has-changes': 'false', changes: '[]' })
    const { objects } = JSON.parse(planned.report) as {
      objects: { kind: string; action: string; ours: boolean; differences: unknown[] }[]
    }
    expect(objects.map(({ kind }) => kind)).toEqual(KINDS)
    for (const object of objects) {
      expect(object).toMatchObject({ action: 'keep', ours: false, differences: [] })
    }
    expect(ddl).toEqual([])
  })

  test('is used as it is', async () => {
    const { run: used, ddl } = await run(specOf(schema, { connection }), { 'min-rows': '3' })
    expect(healthy(used).outputs).toMatchObject({ changed: 'false', 'row-count': '3' })
    expect(logOf(used)).toMatch(/source .*hello.* was not made by this action/)
    expect(ddl).toEqual([])
    expect(await marked(schema)).toEqual([])
  })

  test('is adopted, and stays the same objects', async () => {
    const spec = specOf(schema, { connection })
    const { run: adopted, done, ddl } = await run(spec, { adopt: 'true' })
    healthy(adopted)
    expect(done).toEqual(KINDS.map((kind) => `adopt ${kind}`))
    for (const text of ddl) expect(text).toMatch(/^(ALTER SECRET|COMMENT ON) /)
    expect(await marked(schema)).toEqual(all)
    expect(await idsOf(services, schema)).toEqual(ids)
    const { done: again, ddl: sent } = await run(spec)
    expect(again).toEqual([])
    expect(sent.map((text) => text.slice(0, 12))).toEqual(['ALTER SECRET', 'ALTER SECRET'])
  })

  test('is changed where it stands: a comment', async () => {
    const spec = specOf(schema, { connection, source: { comment: 'Greetings' } })
    const { run: changed, done } = await run(spec)
    healthy(changed)
    expect(done).toEqual(['alter source'])
    expect(await idsOf(services, schema)).toEqual(ids)
  })

  test('is made anew for another format, with the sink that reads it, if that is allowed', async () => {
    const spec = specOf(schema, { connection, source: { comment: 'Greetings', format: 'text' } })
    const { run: refused, ddl } = await run(spec)
    expect(refused.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'definition-differs',
      changed: 'false',
    })
    expect(ddl).toEqual([])
    const { run: replaced, done } = await run(spec, {
      'allow-replace': 'hello, hello_out',
      'min-rows': '3',
      'sample-rows': '3',
    })
    healthy(replaced)
    expect(done).toEqual(['replace source', 'replace sink'])
    const rows = JSON.parse(replaced.outputs['rows'] ?? '') as { text: string }[]
    expect(rows.map(({ text }) => text).sort()).toEqual(['one', 'three', 'two'])
    expect((await run(spec, { mode: 'plan' })).done).toEqual([])
  })

  test('is taken away; topics and their records, which were there before us, stay', async () => {
    const spec = specOf(schema, { connection, source: { comment: 'Greetings', format: 'text' } })
    const inputs = { mode: 'teardown', 'delete-topics': 'true' }
    const { run: down, done } = await run(spec, inputs)
    healthy(down)
    const dropped = [...KINDS].reverse().map((kind) => `drop ${kind}`)
    expect(done.filter((text) => dropped.includes(text))).toEqual(dropped)
    // In Kafka there may go what Materialize made there for itself.
    for (const { kind, object } of changesOf(down)) {
      if (kind === 'topic') expect(object).toMatch(/^_materialize-progress-/)
    }
    expect(await idsOf(services, schema)).toEqual([])
    const read = async (topic: string) =>
      (await services.kafka.read(topic)).map(({ value }) => String(value))
    expect((await read(`${schema}-in`)).sort()).toEqual(['one', 'three', 'two'])
    // What the first sink wrote, and the snapshot of the one made anew.
    const out = await read(`${schema}-out`)
    expect(out.filter((value) => value.includes('"data"'))).toHaveLength(3)
    expect(out.filter((value) => value.includes('"text"'))).toHaveLength(3)
    expect((await run(spec, inputs)).done).toEqual([])
  })
})

describe('a connection by hand whose secrets have other names', () => {
  const schema = 'guide2'
  const connection = 'upstash_kafka'
  beforeAll(async () => {
    await byHand(schema, connection)
  })
  const named = (name: string) => `"materialize"."${schema}"."${name}"`
  const differences = ['username', 'password'].map((attribute) => ({
    attribute,
    there: named(`upstash_${attribute}`),
    asked: named(`upstash_kafka_${attribute}`),
    means: 'alter',
  }))

  test('differs by them, and is refused', async () => {
    const spec = specOf(schema, { connection })
    const { run: planned } = await run(spec, { mode: 'plan' })
    expect(changesOf(healthy(planned))).toMatchObject([{ kind: 'connection', differences }])
    const { run: refused, ddl } = await run(spec)
    expect(refused.outputs).toMatchObject({ 'failure-reason': 'definition-differs' })
    expect(ddl).toEqual([])
  })

  test('is given ours when adopted, and theirs stay', async () => {
    const spec = specOf(schema, { connection })
    const { run: adopted, done } = await run(spec, { adopt: 'true' })
    healthy(adopted)
    expect(done).toEqual([
      'create secret',
      'create secret',
      'alter connection',
      'adopt source',
      'adopt sink',
    ])
    expect((await run(spec, { mode: 'plan' })).done).toEqual([])
    healthy((await run(spec, { mode: 'teardown' })).run)
    const left = (await idsOf(services, schema)).map((line) => line.replace(/ u\d+$/, ''))
    expect(left.sort()).toEqual(['secret upstash_password', 'secret upstash_username'])
  })
})
