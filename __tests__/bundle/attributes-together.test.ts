import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runSql, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type ChangeOut, changesOf, healthy } from '../../test-support/pipeline/spec-runs.ts'
import {
  type Here,
  named,
  openKafka,
  REFERRED,
  type TogetherRow,
  TOPIC,
  type Value,
} from './together-row.ts'
import { TOGETHER } from './together-rows.ts'

/**
 * Attributes of the spec, each of an object of its own, all in the same few runs. Changed by hand: the
 * plan names it, and nothing else of that object, and a run puts it right. Changed in the spec: it is
 * altered or replaced as planned. After either there is nothing left to plan. attributes.test.ts tries
 * others one by one.
 */

let services: Services
beforeAll(async () => {
  services = await startServices({ listeners: [{ internal: true }] })
  const connectionString = `postgres://mz_system@127.0.0.1:${String(services.standIn.ports[1])}/materialize`
  await runSql({ connectionString }, [
    'ALTER SYSTEM SET max_aws_privatelink_connections = 5',
    'ALTER SYSTEM SET enable_create_table_from_source = true',
    'ALTER SYSTEM SET enable_kafka_sink_headers = true',
    "ALTER SYSTEM SET max_timestamp_interval = '5s'",
  ])
  await services.kafka.createTopic(TOPIC)
  await services.kafka.produce(
    TOPIC,
    ['1', '2', '3'].map((value) => ({ key: 'a', value })),
  )
  await services.sql(
    ...['etl', 'ops'].flatMap((role) => [`CREATE ROLE ${role}`, `GRANT ${role} TO materialize`]),
    ...REFERRED,
    'CREATE TABLE pairs (k text, n int)',
    "INSERT INTO pairs VALUES ('a', 1)",
    'CREATE MATERIALIZED VIEW totals AS SELECT k, max(n) AS n FROM pairs GROUP BY k',
    'CREATE TABLE words (w text)',
    "INSERT INTO words VALUES ('w')",
    'CREATE TABLE tagged (k text, h map[text=>text], h2 map[text=>text])',
    "INSERT INTO tagged VALUES ('a', '{a=>b}', '{a=>b}')",
  )
})
afterAll(() => services.stop())

const rows = TOGETHER.map((row, at) => ({ ...row, name: `${row.kind}_${String(at)}` }))
type NamedRow = (typeof rows)[number]

const hereOf = ({ name }: NamedRow): Here => ({ name, services })

/** What the entry of a kind has at least. */
const LEAST: Record<TogetherRow['kind'], (name: string) => object> = {
  connection: () => ({}),
  source: () => ({ connection: 'kc', topic: TOPIC, format: 'text' }),
  table: () => ({ source: 'base', format: 'text' }),
  sink: (name) => ({
    from: 'totals',
    connection: 'kc',
    topic: name,
    envelope: 'upsert',
    key: ['k'],
  }),
}

function entries(kind: TogetherRow['kind'], isChanged: boolean): Record<string, object> {
  return Object.fromEntries(
    rows
      .filter((row) => row.kind === kind)
      .map((row) => [
        row.name,
        {
          ...LEAST[kind](row.name),
          ...row.first?.(hereOf(row)),
          ...(isChanged && row.inSpec?.keys(hereOf(row))),
        },
      ]),
  )
}

const specOf = (isChanged: boolean) => ({
  connections: { kc: { kafka: openKafka(services) }, ...entries('connection', isChanged) },
  sources: {
    base: { connection: 'kc', topic: TOPIC },
    base2: { connection: 'kc', topic: TOPIC },
    ...entries('source', isChanged),
  },
  // A source from which no table is made has rows of its own.
  tables: { kept: { source: 'base2', format: 'text' }, ...entries('table', isChanged) },
  sinks: entries('sink', isChanged),
})

async function run(isChanged: boolean, inputs: Record<string, string> = {}): Promise<BundleRun> {
  const { 'materialize-url': url = '' } = services.inputs()
  const { users, caPem, client } = services.kafka
  return runBundle(
    {
      'materialize-url': url,
      spec: JSON.stringify(specOf(isChanged)),
      timeout: '180s',
      'sample-rows': '0',
      ...inputs,
    },
    {
      env: {
        KAFKA_USERNAME: users.full.username,
        KAFKA_PASSWORD: users.full.password,
        KAFKA_CA: caPem,
        CLIENT_CERTIFICATE: client.certPem,
        CLIENT_KEY: client.keyPem,
      },
    },
  )
}

const planned = async (isChanged: boolean) =>
  changesOf(healthy(await run(isChanged, { mode: 'plan' })))

/** What a run may not do unless it is told, and then nothing was done. */
async function refused(isChanged: boolean): Promise<void> {
  const { outputs } = await run(isChanged)
  expect(outputs).toMatchObject({
    status: 'failed',
    'failure-reason': 'definition-differs',
    changed: 'false',
  })
}

/** By name of the row’s object. */
type Changes = Map<string, ChangeOut>

function byRow(changes: ChangeOut[]): Changes {
  const all = new Map(changes.map((change) => [change.object, change]))
  return new Map(
    rows.flatMap(({ name }) => all.get(named(name)) ?? []).map((one) => [one.object, one]),
  )
}

/** What each run said. */
const said: Record<'handPlanned' | 'mended' | 'specPlanned' | 'done', Changes> = {
  handPlanned: new Map(),
  mended: new Map(),
  specPlanned: new Map(),
  done: new Map(),
}
const permitted = { adopt: 'true', 'allow-replace': 'all' }

test('all are made, changed by hand, and put right', async () => {
  healthy(await run(false))
  expect(await planned(false)).toEqual([])
  const touched = rows.filter((row) => row.byHand)
  for (const row of touched) await services.sql(...(row.byHand?.do(hereOf(row)) ?? []))
  const changes = await planned(false)
  expect(changes.map(({ object }) => object).sort()).toEqual(
    touched.map(({ name }) => named(name)).sort(),
  )
  said.handPlanned = byRow(changes)
  await refused(false)
  said.mended = byRow(changesOf(healthy(await run(false, permitted))))
  expect(await planned(false)).toEqual([])
}, 300_000)

test('all are changed in the spec, and made so', async () => {
  const touched = rows.filter((row) => row.inSpec)
  const changes = await planned(true)
  const kinds = ['connection', 'source', 'table', 'sink']
  expect(
    changes
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ object }) => object)
      .sort(),
  ).toEqual(touched.map(({ name }) => named(name)).sort())
  said.specPlanned = byRow(changes)
  await refused(true)
  said.done = byRow(changesOf(healthy(await run(true, permitted))))
  expect(await planned(true)).toEqual([])
}, 300_000)

function valueIn(value: Value, here: Here): unknown {
  if (value instanceof RegExp) return expect.stringMatching(value)
  return typeof value === 'function' ? value(here) : value
}

const titled = rows.map((row) => ({ title: row.key ?? `${row.kind} ${row.attribute}`, row }))

describe('changed by hand', () => {
  test.each(titled.filter(({ row }) => row.byHand))('$title', ({ row }) => {
    const { value, mend, foreign } = row.byHand!
    const here = hereOf(row)
    const [there, asked] = [valueIn(value, here), valueIn(row.value, here)]
    expect(said.handPlanned.get(named(row.name))).toMatchObject({
      kind: row.kind,
      action: foreign ? 'keep' : mend,
      differences: [{ attribute: row.attribute, there, asked, means: mend }],
    })
    expect(said.mended.get(named(row.name))?.action).toBe(mend)
  })
})

describe('changed in the spec', () => {
  test.each(titled.filter(({ row }) => row.inSpec))('$title', ({ row }) => {
    const { value, way, also = [] } = row.inSpec!
    const here = hereOf(row)
    const [there, asked] = [valueIn(row.value, here), valueIn(value, here)]
    const change = said.specPlanned.get(named(row.name))
    expect(change).toMatchObject({ kind: row.kind, action: way })
    expect(change?.differences?.map(({ attribute }) => attribute).sort()).toEqual(
      [row.attribute, ...also].sort(),
    )
    const { attribute } = row
    expect(change?.differences).toContainEqual({ attribute, there, asked, means: way })
    expect(said.done.get(named(row.name))?.action).toBe(way)
  })
})
