import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { logOf } from '../../test-support/pipeline/spec-runs.ts'

/** Records that a run writes itself, from the input or a file, and reads as rows. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

function pipeline(topic: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    ...services.inputs(),
    ...{ connection: `k_${topic}`, source: `s_${topic}`, topic, 'create-topic': 'true' },
    ...more,
  }
}

function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] !== 'healthy') throw new Error(logOf(run))
  return run
}

const json = (of: BundleRun, output: string): unknown => JSON.parse(of.outputs[output] ?? '')

test('from the input, to a topic that the same run makes: the rows hold them', async () => {
  const lines = [
    '{"key":"a","value":{"n":1},"headers":{"trace":"t","none":null}}',
    '{"key":"a","value":{"n":12345678901234567890}}',
    '{"key":"b","value":"true"}',
    '{"key":"b","value":null}',
    '{"key":{"base64":"Yw=="},"value":{"base64":"WzFd"},"partition":1}',
  ]
  const run = healthy(
    await runBundle(
      pipeline('seeded', {
        ...{ format: 'json', 'key-format': 'text', envelope: 'upsert', 'topic-partitions': '3' },
        produce: lines.join('\n'),
      }),
    ),
  )
  const rows = json(run, 'rows') as { key: string; data: unknown }[]
  expect(rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    { key: 'a', data: { n: Number('12345678901234567890') } },
    { key: 'c', data: [1] },
  ])
  expect(run.outputs['rows']).toContain('12345678901234567890')
  const produced = json(run, 'produced') as { topic: string; records: number; partition: number }[]
  expect(produced.reduce((sum, { records }) => sum + records, 0)).toBe(5)
  expect(produced.find(({ partition }) => partition === 1)).toMatchObject({ topic: 'seeded' })
  expect(run.summary).toContain('Records written')
  expect(run.report).toContain('"because":"it has read up to Kafka’s watermarks"')
})

test('from a file, to topics of their own choice, in each run again', async () => {
  await services.kafka.createTopic('filed')
  await services.kafka.createTopic('elsewhere')
  const files = {
    'seed/records.jsonl': ['{"value":"one"}', '{"value":"two","topic":"elsewhere"}'].join('\n'),
  }
  const inputs = pipeline('filed', { format: 'text', produce: 'seed/records.jsonl' })
  expect(json(healthy(await runBundle(inputs, { files })), 'rows')).toEqual([{ text: 'one' }])
  const again = healthy(await runBundle(inputs, { files }))
  expect(json(again, 'rows')).toEqual([{ text: 'one' }, { text: 'one' }])
  expect(json(again, 'produced')).toEqual([
    { topic: 'filed', partition: 0, records: 1, first: '1', last: '1' },
    { topic: 'elsewhere', partition: 0, records: 1, first: '1', last: '1' },
  ])
  expect((await services.kafka.read('elsewhere')).map(({ value }) => String(value))).toEqual([
    'two',
    'two',
  ])
})

describe('nothing is written', () => {
  test.each<{ name: string; topic: string; more: Record<string, string>; said: string }>([
    {
      name: 'where a line is wrong',
      topic: 'wrong-line',
      more: { produce: '{"value":"fine"}\n{"values":1}', 'kafka-brokers': 'nowhere.invalid:1' },
      said: 'line 2 has the unknown member "values"; did you mean value?',
    },
    {
      name: 'by a plan',
      topic: 'planned',
      more: { produce: '{"value":"fine"}', mode: 'plan' },
      said: 'produce can only be given with mode provision',
    },
    {
      name: 'where the runner is not to look at Kafka',
      topic: 'unseen',
      more: { produce: '{"value":"fine"}', 'kafka-check': 'never', 'create-topic': 'false' },
      said: 'Nothing was written to topic unseen: this runner does not see the Kafka of connection',
    },
  ])('$name', async ({ topic, more, said }) => {
    await services.kafka.createTopic(topic)
    const run = await runBundle(pipeline(topic, more))
    expect(run.exitCode).toBe(1)
    expect(logOf(run)).toContain(said)
    expect(await services.kafka.read(topic)).toEqual([])
    expect(run.outputs['produced']).toBe('[]')
  })

  test('by a user who may not: the right is named', async () => {
    await services.kafka.createTopic('unwritable')
    const inputs = { ...pipeline('unwritable'), ...services.inputs('reader') }
    const run = await runBundle({ ...inputs, 'create-topic': 'false', produce: '{"value":"x"}' })
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'kafka-authorization' })
    expect(logOf(run)).toContain('lacks the right WRITE on topic unwritable')
  })
})
