import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openSpecPlace, healthy, type SpecPlace } from './spec-place.ts'

/** What a spec says of topics is held against Kafka, and nothing of it is changed. */

let place: SpecPlace
beforeAll(async () => {
  place = await openSpecPlace({ registry: false })
  const spec = specOf({ partitions: 1, retention: '3600000' })
  healthy(await place.run(spec, { inputs: { 'sample-rows': '0' } }))
})
afterAll(async () => {
  await place.stop()
})

const specOf = (of: { partitions: number; retention: string; more?: string }): string => `
topics:
  held: { connection: k, partitions: ${String(of.partitions)}, config: { retention.ms: '${of.retention}' } }
  ${of.more ?? ''}
sources:
  held: { connection: k, topic: held }
`

interface Verdict {
  object: string
  kind: string
  verdict: string
  because: string
}
const look = async (spec: string, inputs: Record<string, string> = {}) => {
  const run = await place.run(spec, { inputs: { mode: 'verify', 'fail-on': 'drift', ...inputs } })
  const verdicts = JSON.parse(run.outputs['verdicts'] ?? '[]') as Verdict[]
  return { run, topics: verdicts.filter(({ kind }) => kind === 'topic') }
}

test('as it says: no word of it', async () => {
  const { run, topics } = await look(specOf({ partitions: 1, retention: '3600000' }))
  expect(topics).toEqual([])
  expect(run.outputs).toMatchObject({ status: 'healthy' })
})

test.each([
  {
    name: 'more partitions',
    of: { partitions: 3, retention: '3600000' },
    because: 'partitions is 1, not 3',
  },
  {
    name: 'another setting',
    of: { partitions: 1, retention: '7200000' },
    because: 'config.retention.ms is 3600000, not 7200000',
  },
])('$name: drifted, and in what', async ({ of, because }) => {
  const { run, topics } = await look(specOf(of))
  expect(topics).toMatchObject([{ object: 'held', verdict: 'drifted', because }])
  expect(run.outputs).toMatchObject({ 'failure-reason': 'drifted', changed: 'false' })
  expect(run.exitCode).toBe(1)
})

test('a topic that is not there: missing, which fails the run', async () => {
  const more = 'other: { connection: k, partitions: 1 }'
  const { run, topics } = await look(specOf({ partitions: 1, retention: '3600000', more }))
  expect(topics).toMatchObject([{ object: 'other', verdict: 'missing' }])
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'object-missing' })
  expect(run.summary).toContain('other')
})

test('where this runner does not look at Kafka, nothing is said of topics', async () => {
  const spec = specOf({ partitions: 3, retention: '1' })
  const { run, topics } = await look(spec, { 'kafka-check': 'never' })
  expect(topics).toEqual([])
  expect(run.outputs).toMatchObject({ status: 'healthy' })
})
