import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunHere, runHere } from '../test-support/pipeline/run-here.ts'
import { runSql, type Services, startServices } from '../test-support/pipeline/services.ts'
import { stringify } from 'yaml'

/** Canaries through each kind of source that can carry one, and what is said of the others. */

let services: Services
beforeAll(async () => {
  services = await startServices({ listeners: [{ internal: true }] })
  const { host, ports } = services.standIn
  const system = { host, port: ports[1] ?? 0, user: 'mz_system', database: 'materialize' }
  await runSql(system, ['ALTER SYSTEM SET enable_create_table_from_source = true'])
})
afterAll(() => services.stop())

function well(run: RunHere): RunHere {
  if (run.report.status === 'healthy') return run
  const { failure, notes, canaries } = run.report
  throw new Error(`${JSON.stringify({ failure, notes, canaries })}\n${run.lines.join('\n')}`)
}

const valuesOn = async (topic: string): Promise<(string | null)[]> =>
  (await services.kafka.read(topic)).map(({ value }) => value && value.toString('utf8'))

/** Inputs of a spec with one connection, `k`, to the test’s Kafka. */
function specOf(sections: Record<string, unknown>): Record<string, string> {
  const { 'materialize-url': url = '' } = services.inputs()
  const kafka = { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' }
  const spec = stringify({ connections: { k: { kafka } }, ...sections })
  return { 'materialize-url': url, spec, timeout: '60s', 'sample-rows': '0' }
}

interface Fitting {
  name: string
  source: Record<string, unknown>
  sink?: Record<string, unknown>
  partitions?: number
  config?: Record<string, string>
  /** What is on the topic then, the id of the canary as *. */
  sent: (string | null)[]
  /** Makes the rows’ relation a table of the source. */
  table?: true
}

const CSV = { csv: { columns: 3, delimiter: 'a' } }
const json = '{"mka_canary":"mka-canary-*-001"}'
const text = 'mka-canary-*-001'
const FITTING: Fitting[] = [
  { name: 'bytes', source: { format: 'bytes' }, sink: { format: 'json' }, sent: [text] },
  {
    name: 'bytes, sunk as bytes',
    source: { format: 'bytes' },
    sink: { format: 'bytes' },
    sent: [text],
  },
  { name: 'text', source: { format: 'text' }, sink: { format: 'text' }, sent: [text] },
  { name: 'json', source: { format: 'json' }, sink: { format: 'json' }, sent: [json] },
  {
    name: 'json, sunk as text',
    source: { format: 'json' },
    sink: { format: 'text' },
    sent: [json],
  },
  {
    name: 'csv with a delimiter that is a letter of the text',
    source: { format: CSV },
    sink: { format: 'json' },
    sent: [`"${text}"aa`],
  },
  {
    name: 'renamed columns and every include',
    source: {
      ...{ 'key-format': 'bytes', 'value-format': 'text' },
      include: ['key', 'partition', 'offset', 'timestamp', 'headers'],
      columns: ['the key', 'the "text"'],
    },
    sink: { format: 'json' },
    sent: [text],
  },
  {
    name: 'upsert by text',
    source: { 'key-format': 'text', 'value-format': 'json', envelope: 'upsert' },
    sink: { format: 'json', envelope: 'upsert', key: ['key'] },
    sent: [json, null],
  },
  {
    name: 'upsert by json, several partitions, compacted',
    source: { 'key-format': 'json', 'value-format': 'text', envelope: 'upsert' },
    partitions: 5,
    config: { 'cleanup.policy': 'compact' },
    sent: [text, null],
  },
  {
    name: 'upsert by bytes with errors in line',
    source: {
      ...{ 'key-format': 'bytes', 'value-format': CSV },
      envelope: { upsert: { 'decoding-errors': 'inline' } },
    },
    sent: [`"${text}"aa`, null],
  },
  {
    name: 'a table of a source',
    source: { format: 'text' },
    table: true,
    sink: { format: 'json' },
    sent: [text],
  },
]

describe('a canary gets through, inline', () => {
  test.each(FITTING.map((one, n) => ({ ...one, n })))('$name', async (one) => {
    const topic = `fit-${String(one.n)}`
    await services.kafka.createTopic(topic, {
      partitions: one.partitions ?? 1,
      config: one.config ?? {},
    })
    const place = { connection: 'k', topic }
    const own = `s${String(one.n)}`
    const run = well(
      await runHere({
        ...specOf({
          sources: { [own]: one.table ? place : { ...place, ...one.source } },
          ...(one.table && { tables: { [`${own}_t`]: { source: own, ...one.source } } }),
          ...(one.sink && {
            sinks: {
              [`o${own}`]: {
                ...{ connection: 'k', from: one.table ? `${own}_t` : own, topic: `${topic}-out` },
                ...one.sink,
              },
            },
          }),
        }),
        canary: 'inline',
      }),
    )
    const [canary] = run.report.canaries
    expect(canary).toMatchObject({ way: 'inline', held: true, asked: 1, left: [] })
    expect(canary?.times).toHaveLength(1)
    const { acknowledged = -1, ingested = -1, sunk, total = -1 } = canary?.times[0] ?? {}
    expect(acknowledged).toBeGreaterThanOrEqual(0)
    expect(ingested).toBeGreaterThanOrEqual(acknowledged)
    expect(total).toBeGreaterThanOrEqual(sunk ?? ingested)
    expect(sunk !== undefined).toBe(one.sink !== undefined)
    const sent = one.sent.map((value) => value && value.replace('*', canary?.id ?? ''))
    expect(await valuesOn(topic)).toEqual(sent)
    expect(canary?.written.map(({ tombstone = false }) => tombstone)).toEqual(
      sent.map((value) => value === null),
    )
    // A tombstone that takes nothing away would leave the row.
    const left = await services.sql(
      `SELECT count(*)::text AS n FROM ${one.table ? `${own}_t` : own}`,
    )
    expect(left).toEqual([{ n: one.sent.includes(null) ? '0' : '1' }])
  })
})

describe('a canary that does not fit is not sent, and the sentence says why', () => {
  const avro = {
    avro: {
      schema: '{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}',
      'wire-format': false,
    },
  }
  test.each<{ name: string; source: Record<string, unknown>; said: string }>([
    {
      name: 'regex',
      source: { format: { regex: '(?P<a>x)' } },
      said: 'it reads values as regex, and a record that fits cannot be made up',
    },
    {
      name: 'avro',
      source: { format: avro },
      said: 'it reads values as avro, and a record that fits cannot be made up',
    },
    {
      name: 'csv with a header',
      source: { format: { csv: { header: ['a', 'b'] } } },
      said: 'it takes only CSV records that repeat its header',
    },
    {
      name: 'a key in csv',
      source: { 'key-format': { csv: { columns: 1 } }, 'value-format': 'text', include: ['key'] },
      said: 'it reads keys as csv, and a key that fits cannot be made up',
    },
    {
      name: 'a start beyond the end',
      source: { format: 'text', 'start-offsets': [9] },
      said: 'it begins behind the last record',
    },
  ])('$name', async ({ name, source, said }) => {
    const topic = `unfit-${name.replaceAll(' ', '-')}`
    await services.kafka.createTopic(topic)
    const { report } = await runHere({
      ...specOf({ sources: { [topic]: { connection: 'k', topic, canary: 'inline', ...source } } }),
      timeout: '15s',
    })
    expect(report.canaries).toMatchObject([{ held: false, reason: 'canary-unfit', written: [] }])
    expect(report.canaries[0]?.because).toContain(said)
    expect(report.failure?.reason).toBe('canary-unfit')
    expect(await valuesOn(topic)).toEqual([])
  })
})
