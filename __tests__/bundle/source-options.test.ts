import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ddlIn } from '../../test-support/pipeline/services.ts'
import {
  expectSettled,
  healthy,
  openSpecPlace,
  type Planned,
  rowsOf,
  type SpecPlace,
} from './spec-place.ts'

/** Options of sources and tables: made, changed in the spec, planned, applied, settled. */

let place: SpecPlace
beforeAll(async () => {
  place = await openSpecPlace({ registry: true })
  const { kafka } = place.services
  await kafka.createTopic('options', { partitions: 2 })
  await kafka.produce('options', [
    { key: 'a', value: '1', partition: 0 },
    { key: 'b', value: '2', partition: 0 },
    { key: 'a', value: null, partition: 0 },
  ])
  await kafka.createTopic('bad')
  await kafka.produce('bad', ['not json', '{'])
}, 120_000)
afterAll(() => place.stop())

const flag = (name: string, on: boolean) => place.system(`ALTER SYSTEM SET ${name} = ${String(on)}`)

const changesOf = async (spec: string): Promise<Planned[]> => {
  const run = healthy(await place.run(spec, { inputs: { mode: 'plan' } }))
  return JSON.parse(run.outputs['changes'] ?? '') as Planned[]
}

const BASE = 'key-format: text, value-format: json, include: [offset], envelope: upsert'
const source = (keys: string) => `sources: { it: { connection: k, topic: options, ${keys} } }`

describe('every option that changes in the spec is planned by its name, applied, and settled', () => {
  test.each<[attribute: string, to: string, action: 'alter' | 'replace']>([
    ['format', 'format: bytes', 'replace'],
    ['value-format', BASE.replace('value-format: json', 'value-format: bytes'), 'replace'],
    ['key-format', BASE.replace('key-format: text', 'key-format: bytes'), 'replace'],
    [
      'value-format',
      BASE.replace('value-format: json', "value-format: { csv: { columns: 1, delimiter: '|' } }"),
      'replace',
    ],
    ['include', `${BASE.replace('[offset]', '[offset, { partition: { as: P } }]')}`, 'replace'],
    ['envelope', BASE.replace(', envelope: upsert', ''), 'replace'],
    [
      'envelope.upsert.decoding-errors',
      BASE.replace('upsert', '{ upsert: { decoding-errors: inline } }'),
      'replace',
    ],
    ['columns', `${BASE}, columns: [K]`, 'replace'],
    ['start-offsets', `${BASE}, start-offsets: [1]`, 'replace'],
    ['start-timestamp', `${BASE}, start-timestamp: -2h`, 'replace'],
    ['group-id-prefix', `${BASE}, group-id-prefix: my-`, 'replace'],
    ['metadata-refresh-interval', `${BASE}, metadata-refresh-interval: 10s`, 'replace'],
    ['progress', `${BASE}, progress: it_goes`, 'replace'],
    ['retain-history', `${BASE}, retain-history: 1h`, 'alter'],
  ])(
    '%s',
    async (attribute, to, action) => {
      const replacing = { inputs: { 'allow-replace': 'all' } }
      healthy(await place.run(source(BASE), replacing))
      const [planned] = (await changesOf(source(to))).filter((one) => one.kind === 'source')
      expect(planned?.action).toBe(action)
      expect(planned?.differences?.map((one) => one.attribute)).toContain(attribute)
      healthy(await place.run(source(to), action === 'replace' ? replacing : {}))
      await expectSettled(place, source(to))
      // And back again, which for settings is a RESET.
      const [back] = (await changesOf(source(BASE))).filter((one) => one.kind === 'source')
      expect(back?.action).toBe(action)
      if (action === 'alter') {
        healthy(await place.run(source(BASE)))
        await expectSettled(place, source(BASE))
      }
    },
    90_000,
  )

  test('a start-timestamp is told from another by the mark, and from offsets', async () => {
    const replacing = { inputs: { 'allow-replace': 'all' } }
    healthy(await place.run(source(`${BASE}, start-timestamp: -1h`), replacing))
    await expectSettled(place, source(`${BASE}, start-timestamp: -1h`))
    await expectSettled(place, source(`${BASE}, start-timestamp: -60m`))
    const differences = async (keys: string) =>
      (await changesOf(source(`${BASE}${keys}`)))
        .flatMap((one) => one.differences ?? [])
        .map((one) => `${one.attribute}: ${one.there} -> ${one.asked}`)
    expect(await differences(', start-timestamp: -2h')).toEqual([
      'start-timestamp: -3600000 -> -7200000',
    ])
    expect(await differences(', start-offsets: [3]')).toContainEqual(
      'start-timestamp: -3600000 -> none',
    )
  })

  test('a replaced source with a progress of its own can be tried on the server', async () => {
    const replacing = { inputs: { 'allow-replace': 'all' } }
    healthy(await place.run(source(`${BASE}, progress: it_goes`), replacing))
    const run = healthy(
      await place.run(source(`format: text, progress: it_goes`), {
        inputs: { mode: 'plan', 'plan-check': 'server', 'allow-replace': 'all' },
      }),
    )
    expect(run.stdout).toMatch(/source "materialize"\."public"\."it": accepted/)
  })

  test('a name that is taken by something else is no name for progress', async () => {
    await place.services.sql('CREATE TABLE taken (a int)')
    const before = place.services.statements.length
    const run = await place.run(
      'sources: { other: { connection: k, topic: options, progress: taken } }',
    )
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'name-taken' })
    expect(ddlIn(place.services.statements.slice(before))).toEqual([])
  })
})

describe('tables from a source', () => {
  const spec = (more = '') => `sources: { base: { connection: k, topic: options } }
tables:
  base_text: { source: base, format: text, include: [offset, partition], comment: all of it }
  base_now: { source: base, key-format: text, value-format: json, envelope: upsert, include: [{ key: { as: K } }]${more} }
views: { base_view: { sql: 'SELECT count(*) AS n FROM base_text' } }
sinks: { base_out: { from: base_now, connection: k, topic: base-out, envelope: upsert, key: [K] } }
`

  test('are refused in one sentence where the server makes none', async () => {
    await flag('enable_create_table_from_source', false)
    const run = await place.run(spec())
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'feature-off' })
    expect(run.stdout).toMatch(
      /This Materialize makes no tables from sources: its flag enable_create_table_from_source is off\./,
    )
  })

  test('are made after the refusal, marked, filled, and sunk', async () => {
    await flag('enable_create_table_from_source', true)
    const run = healthy(await place.run(spec()))
    const made = (JSON.parse(run.outputs['changes'] ?? '') as Planned[])
      .filter((one) => one.action === 'create')
      .map((one) => `${one.kind} ${one.object}`)
    expect(made).toEqual([
      'table "materialize"."public"."base_text"',
      'table "materialize"."public"."base_now"',
      'view "materialize"."public"."base_view"',
      'sink "materialize"."public"."base_out"',
    ])
    expect(rowsOf(run)).toEqual([
      { text: '1', offset: 0, partition: 0 },
      { text: '2', offset: 1, partition: 0 },
    ])
    const [record] = await place.services.kafka.read('base-out')
    expect([record?.key?.toString(), record?.value?.toString()]).toEqual([
      '{"K":"b"}',
      '{"K":"b","data":2}',
    ])
    const comments = await place.services.sql(
      "SELECT t.name, c.comment FROM mz_internal.mz_comments c JOIN mz_tables t ON t.id = c.id WHERE t.name = 'base_text'",
    )
    expect(comments).toEqual([
      {
        name: 'base_text',
        comment: expect.stringMatching(/^all of it\n\{"manager".*table:base_text/),
      },
    ])
    await expectSettled(place, spec())
  })

  test('differ by their options, and are replaced with what is made from them', async () => {
    const planned = await changesOf(spec(', columns: [Key]').replace('[K]', '[Key]'))
    expect(
      planned.flatMap((one) =>
        (one.differences ?? []).map(({ attribute }) => `${one.kind} ${attribute}`),
      ),
    ).toEqual(['table columns', 'sink key', 'sink made from'])
  })

  test('can be granted and given away, and go with a teardown before their source', async () => {
    await place.services.sql(
      ...['readers', 'writers'].map((role) => `CREATE ROLE ${role}`),
      'GRANT writers TO materialize',
    )
    const kept = ', owner: writers, grants: [{ to: readers, privileges: [select] }]'
    healthy(await place.run(spec(kept)))
    await expectSettled(place, spec(kept))
    // Made by the same connection, which would have to stay for it.
    await place.services.sql('DROP SOURCE it')
    const run = healthy(await place.run(spec(), { inputs: { mode: 'teardown' } }))
    const dropped = (JSON.parse(run.outputs['changes'] ?? '') as Planned[]).map((one) => one.kind)
    const at = (kind: string) => dropped.indexOf(kind)
    expect(dropped.filter((kind) => kind === 'table')).toHaveLength(2)
    expect(at('source')).toBeGreaterThan(dropped.lastIndexOf('table'))
  })
})

test('a source whose every record is broken is told of, though it runs', async () => {
  const spec = 'sources: { broken: { connection: k, topic: bad, format: json } }'
  for (const inputs of [{}, { 'sample-rows': '0' }]) {
    const run = await place.run(spec, { inputs })
    expect(run.outputs['failure-reason']).toBe('rows-undecodable')
    expect(run.stdout).not.toMatch(/not json/)
  }
})

test('more start offsets than partitions are refused before anything is sent', async () => {
  const before = place.services.statements.length
  const run = await place.run(
    'sources: { many: { connection: k, topic: options, start-offsets: [0, 0, 0] } }',
  )
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid' })
  expect(run.stdout).toMatch(
    /start-offsets of the source "many" has 3 offsets, and topic options has 2 partition/,
  )
  expect(ddlIn(place.services.statements.slice(before))).toEqual([])
})

test('a timestamp-interval out of the server’s range is refused in its words, and taken within', async () => {
  const spec = 'sources: { ticking: { connection: k, topic: options, timestamp-interval: 2s } }'
  const run = await place.run(spec)
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid' })
  expect(run.stdout).toContain(
    'invalid timestamp interval of 2000ms, must be in the range [1000ms, 1000ms]',
  )
  await place.system("ALTER SYSTEM SET max_timestamp_interval = '5s'")
  healthy(await place.run(spec))
  await expectSettled(place, spec)
  const [made] = await place.services.sql(
    "SELECT create_sql FROM mz_sources WHERE name = 'ticking'",
  )
  expect(made?.['create_sql']).toMatch(/WITH \(TIMESTAMP INTERVAL = '2s'\)/)
})
