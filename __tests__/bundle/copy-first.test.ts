import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { allThings } from '../../test-support/pipeline/left-behind.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  healthy,
  runSpec,
  secureKafka,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/** The first records of a shared topic in a topic of an environment’s own. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(async () => {
  await services.stop()
})

const everything = () => allThings(services, 'copy-')

interface Seen {
  partition: number
  key: string | null
  value: string | null
  headers: unknown
  timestamp: string
}

/** The committed records of a topic, in order of partition and offset. */
async function recordsOf(topic: string, count: number): Promise<Seen[]> {
  const consumer = new kafkajs.Kafka(services.kafka.kafkaConfig()).consumer({
    groupId: `copy-reader-${topic}-${String(Date.now())}`,
  })
  const seen: (Seen & { offset: string })[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve) => {
    if (count === 0) resolve()
    void consumer.run({
      eachMessage: ({ partition, message }) => {
        const { key, value, headers, timestamp, offset } = message
        seen.push({
          ...{ partition, timestamp, offset, headers: JSON.stringify(headers) },
          key: key && key.toString('hex'),
          value: value && value.toString('hex'),
        })
        if (seen.length === count) resolve()
        return Promise.resolve()
      },
    })
  })
  await consumer.disconnect()
  return seen
    .sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset))
    .map(({ offset: _offset, ...rest }) => rest)
}

async function ends(topic: string): Promise<number[]> {
  const offsets = await services.kafka.withAdmin((admin) => admin.fetchTopicOffsets(topic))
  return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high))
}

const copyIn = (run: BundleRun, topic: string): string =>
  (JSON.parse(run.outputs['environment'] ?? '') as { topics: Record<string, string> }).topics[
    topic
  ] ?? ''

const copied = (run: BundleRun) => (JSON.parse(run.report) as { copied: unknown }).copied

/** Records that are easily changed on the way: no key, no value, bytes, headers, old times. */
async function produceOdd(topic: string): Promise<void> {
  const kafka = new kafkajs.Kafka(services.kafka.kafkaConfig())
  const producer = kafka.producer({ idempotent: true, transactionalId: `${topic}-writer` })
  await producer.connect()
  const old = Date.parse('2019-05-06T07:08:09.123Z')
  const message = (n: number) => ({
    partition: n % 2,
    key: n % 3 === 0 ? null : Buffer.from([n, 0, 255]),
    value: n % 5 === 0 ? null : Buffer.from([255, n, 10]),
    headers: { a: Buffer.from([n]), b: '' },
    timestamp: String(old - n * 1000),
  })
  const write = async (from: number, end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.transaction()
    await transaction.send({
      topic,
      messages: Array.from({ length: 6 }, (_, n) => message(from + n)),
    })
    await transaction[end]()
  }
  await write(0, 'abort')
  await write(10, 'commit')
  await write(20, 'abort')
  await write(30, 'commit')
  await producer.disconnect()
}

function spec(topic: string, first: number): SpecFile {
  return {
    connections: { c: { kafka: secureKafka(services) } },
    sources: { lines: { connection: 'c', topic, format: 'bytes', 'copy-first': first } },
  }
}

const run = (topic: string, first: number, inputs: Record<string, string> = {}) =>
  runSpec(services, spec(topic, first), { inputs: { environment: topic, ...inputs } })

describe('copy-first', () => {
  test.each([
    ['more than there are', 100, [6, 6]],
    ['fewer than there are', 5, [3, 2]],
  ])('copies committed records as they are: %s', async (_what, first, counts) => {
    const topic = `copy-odd-${String(first)}`
    await services.kafka.createTopic(topic, { partitions: 2 })
    await produceOdd(topic)
    const [before, high] = [await everything(), await ends(topic)]
    const made = healthy(await run(topic, first))
    const own = copyIn(made, topic)
    expect(own).toMatch(new RegExp(`^${topic}-${topic}-[0-9a-f]{16}$`))
    const total = counts[0]! + counts[1]!
    expect(await ends(own)).toEqual(expect.arrayContaining(counts))
    const all = await recordsOf(topic, 12)
    const kept = (await ends(own)).flatMap((count, partition) =>
      all.filter((one) => one.partition === partition).slice(0, count),
    )
    expect(await recordsOf(own, total)).toEqual(kept)
    expect(copied(made)).toEqual([{ topic: own, from: topic, records: total }])
    expect(made.summary).toContain('### First records copied')
    // What comes later is not copied, and the original is only read.
    const again = healthy(await run(topic, first))
    expect(copied(again)).toEqual([])
    expect(again.outputs['changed']).toBe('false')
    expect((await ends(own)).reduce((a, b) => a + b)).toBe(total)
    expect(await ends(topic)).toEqual(high)
    healthy(await run(topic, first, { mode: 'teardown' }))
    expect(await everything()).toEqual(before)
  })

  test('a run killed while it copies: the next one begins anew', async () => {
    const topic = 'copy-killed'
    await services.kafka.createTopic(topic, { partitions: 3 })
    await services.kafka.produce(
      topic,
      Array.from({ length: 30 }, (_, n) => `record ${String(n)}`),
    )
    const before = await everything()
    const killed = await runSpec(services, spec(topic, 30), {
      inputs: { environment: topic },
      bundle: {
        watch: (printed, kill) => {
          if (printed.includes('Copying up to')) kill('SIGKILL')
        },
      },
    })
    expect(killed.signal).toBe('SIGKILL')
    // Whether or not it had begun to write, something stands in the copy now.
    const left = await services.kafka.withAdmin((admin) => admin.listTopics())
    const own = left.find((name) => name.startsWith('copy-killed-')) ?? ''
    await services.kafka.produce(own, ['half of it'])
    const made = healthy(await run(topic, 30))
    expect(made.stdout).toContain('Emptying topic')
    expect(copyIn(made, topic)).toBe(own)
    expect(await recordsOf(own, 30)).toEqual(await recordsOf(topic, 30))
    healthy(await run(topic, 30, { mode: 'teardown' }))
    expect(await everything()).toEqual(before)
  })

  test('by the inputs of one pipeline, and without an environment it means nothing', async () => {
    const topic = 'copy-flat'
    await services.kafka.createTopic(topic)
    await services.kafka.produce(topic, ['one', 'two', 'three'])
    const before = await everything()
    const inputs = {
      ...{ ...services.inputs(), connection: 'c', source: 'lines', topic, format: 'text' },
      ...{ 'copy-first': '2', 'min-rows': '2', 'sample-rows': '10' },
    }
    const made = healthy(await runBundle({ ...inputs, environment: 'pr-1' }))
    expect(made.outputs['row-count']).toBe('2')
    const plan = healthy(await runBundle({ ...inputs, environment: 'pr-1', mode: 'plan' }))
    expect(plan.outputs['has-changes']).toBe('false')
    const plain = healthy(await runBundle(inputs))
    expect(plain.outputs['row-count']).toBe('3')
    expect(copied(plain)).toEqual([])
    healthy(await runBundle({ ...inputs, mode: 'teardown' }))
    // What is produced goes to the copy.
    const records = { produce: '{"value":"four"}', 'min-rows': '3' }
    const more = healthy(await runBundle({ ...inputs, ...records, environment: 'pr-1' }))
    expect(more.outputs['row-count']).toBe('3')
    expect(await ends(topic)).toEqual([3])
    healthy(await runBundle({ ...inputs, environment: 'pr-1', mode: 'teardown' }))
    expect(await everything()).toEqual(before)
  })

  test.each([
    ['the runner does not look at Kafka', { 'kafka-check': 'never' }, 'kafka-unreachable'],
    ['there is no such topic', { topic: 'copy-absent' }, 'topic-unknown'],
    ['offsets are given, too', { 'start-offsets': '1' }, 'input-invalid'],
    ['more is asked for than is copied', { 'copy-first': '10001' }, 'input-invalid'],
  ])('refused before anything is made: %s', async (_what, wrong, reason) => {
    const before = await everything()
    const refused = await runBundle({
      ...{ ...services.inputs(), environment: 'pr-1', connection: 'c', source: 'lines' },
      ...{ topic: 'copy-refused', format: 'text', 'copy-first': '2', ...wrong },
    })
    expect(refused.outputs['failure-reason']).toBe(reason)
    expect(await everything()).toEqual(before)
  })
})
