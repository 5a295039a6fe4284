import net from 'node:net'
import { describe, expect, jest, test } from '@jest/globals'
import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2.js'
import type { Cluster, PartitionMetadata } from '../src/adapters/kafka-cluster.ts'
import { produce } from '../src/adapters/kafka-produce.ts'
import { Failure, type Reason } from '../src/core/failure.ts'
import type { OutgoingRecord, RawMessage } from '../src/ports.ts'
import type { UserName } from '../test-support/kafka/users.ts'
import { broker, listen, open, relay, settings, uniqueName } from './kafka-opened.ts'
import { allow, existing, failureOf } from './kafka-upkeep.ts'

const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))

function record(value: string | null, more: { key?: string; partition?: number } = {}) {
  const { key = null, ...place } = more
  return { key: bytes(key), value: bytes(value), headers: [], ...place } satisfies OutgoingRecord
}

async function lying(topic: string): Promise<RawMessage[]> {
  const kafka = open(settings())
  const { watermarks = [], lows = [] } = (await kafka.look([topic])).topics[0] ?? {}
  return (await kafka.tail({ topic, upTo: watermarks, lows, limit: 10_000 })).messages
}

describe('what is written lies there', () => {
  test.each<{ name: string; given: Omit<OutgoingRecord, 'partition'> }>([
    { name: 'text', given: { key: bytes('k'), value: bytes('v'), headers: [] } },
    { name: 'no key', given: { key: null, value: bytes('v'), headers: [] } },
    { name: 'a tombstone', given: { key: bytes('k'), value: null, headers: [] } },
    { name: 'empty ones', given: { key: bytes(''), value: bytes(''), headers: [] } },
    {
      name: 'bytes that are no text',
      given: { key: Buffer.from([0, 255, 254]), value: Buffer.from([0x80, 0]), headers: [] },
    },
    {
      name: 'headers in their order, twice the same name, without a value, a name that is a number',
      given: {
        key: null,
        value: bytes('v'),
        headers: [
          ['z', bytes('1')],
          ['7', bytes('2')],
          ['z', null],
          ['', bytes('')],
          ['é', bytes('ü')],
        ],
      },
    },
  ])('$name', async ({ given }) => {
    const topic = await existing()
    const kafka = open(settings())
    const [first, second] = await kafka.produce(topic, [given, given])
    expect(first).toMatchObject({ partition: 0, offset: 0n })
    expect(second).toMatchObject({ partition: 0, offset: 1n })
    expect(first?.ackMs).toBeGreaterThanOrEqual(0)
    expect(first?.ackMs).toBeLessThan(30_000)
    const seen = await lying(topic)
    expect(seen).toMatchObject([given, given])
    expect(Math.abs(Date.now() - Number(seen[0]?.timestamp))).toBeLessThan(60_000)
  })

  test('none takes no request', async () => {
    const kafka = open({ brokers: ['127.0.0.1:1'], protocol: 'PLAINTEXT' })
    expect(await kafka.produce('t', [])).toEqual([])
  })

  test('keys go where Java’s clients and kafkajs put them, others one after another', async () => {
    const topic = await existing({ partitions: 7 })
    const other = await existing({ partitions: 7 })
    const keys = Array.from({ length: 60 }, (_, i) => `key ${'é'.repeat(i % 5)} ${i}`)
    const kafka = open(settings())
    const written = await kafka.produce(
      topic,
      keys.map((key) => record(key, { key })),
    )
    await broker.produce(
      other,
      keys.map((key) => ({ key, value: key })),
    )
    const placed = new Map((await lying(other)).map((one) => [String(one.key), one.partition]))
    expect(written.map(({ partition }) => partition)).toEqual(keys.map((key) => placed.get(key)))
    expect(new Set(placed.values()).size).toBe(7)

    const dealt = await kafka.produce(
      topic,
      Array.from({ length: 8 }, () => record('x')),
    )
    expect(dealt.map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 4, 5, 6, 0])
    expect(await kafka.produce(topic, [record('x', { key: 'k', partition: 5 })])).toMatchObject([
      { partition: 5 },
    ])
  })

  // The values of Kafka’s own test of its hash.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('the hash of %s', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  test('more than a batch and more than a request holds, in order of each partition', async () => {
    const topic = await existing({ partitions: 12 })
    const records = Array.from({ length: 60 }, (_, i) =>
      record(`${String(i)} ${'x'.repeat(200_000)}`, { partition: i % 12 }),
    )
    const written = await open(settings()).produce(topic, records)
    expect(written.map(({ partition, offset }) => [partition, offset])).toEqual(
      records.map((_, i) => [i % 12, BigInt(Math.floor(i / 12))]),
    )
    expect(written).toHaveLength(60)
  })

  test('through a user who may write and nothing else', async () => {
    const topic = await existing()
    await allow('none', topic, ['write'])
    const kafka = open(settings({ user: 'none' }))
    expect(await kafka.produce(topic, [record('x')])).toMatchObject([{ offset: 0n }])
  })
})

describe('what is refused', () => {
  test.each<{
    name: string
    user?: UserName
    config?: Record<string, string>
    given: OutgoingRecord
    reason: Reason
    words: string
  }>([
    {
      name: 'no right to write',
      user: 'reader',
      given: record('x'),
      reason: 'kafka-authorization',
      words: 'lacks the right WRITE on topic',
    },
    {
      name: 'no right at all',
      user: 'none',
      given: record('x'),
      reason: 'kafka-authorization',
      words: 'lacks the right WRITE on topic',
    },
    {
      name: 'no key on a compacted topic',
      config: { 'cleanup.policy': 'compact' },
      given: record('x'),
      reason: 'kafka-refused',
      words: 'Compacted topic cannot accept message without key',
    },
    {
      name: 'more than the topic takes',
      config: { 'max.message.bytes': '2000' },
      given: record('x'.repeat(5_000)),
      reason: 'kafka-refused',
      words: 'MESSAGE_TOO_LARGE',
    },
    {
      name: 'a partition that is not there',
      given: record('x', { partition: 4 }),
      reason: 'input-invalid',
      words: 'has no partition 4: it has 1',
    },
  ])('$name', async ({ user = 'full', config = {}, given, reason, words }) => {
    const topic = await existing({ config })
    const failure = await failureOf(open(settings({ user })).produce(topic, [given]))
    expect(failure).toMatchObject({ reason })
    expect(failure.message).toContain(words)
    expect(await lying(topic)).toEqual([])
  })

  test('a topic that is not there, which stays so', async () => {
    const topic = uniqueName('nowhere')
    const kafka = open(settings())
    const failure = await failureOf(kafka.produce(topic, [record('x')]))
    expect(failure).toMatchObject({ reason: 'topic-unknown' })
    expect((await kafka.look([topic])).topics).toMatchObject([{ exists: false }])
  })

  test('what was written before is told', async () => {
    const topic = await existing({ config: { 'max.message.bytes': '400000' } })
    const records = [record('small'), record('x'.repeat(600_000))]
    const failure = await failureOf(open(settings()).produce(topic, records))
    expect(failure.message).toContain('MESSAGE_TOO_LARGE')
    expect(failure.message).toContain('1 record(s) were written')
    expect(await lying(topic)).toHaveLength(1)
  })
})

describe('time', () => {
  test('ends at the deadline, at a silent broker', async () => {
    const brokers = [await listen(net.createServer())]
    const kafka = open({ brokers, protocol: 'PLAINTEXT' }, { ms: 300 })
    expect(await failureOf(kafka.produce('t', [record('x')]))).toMatchObject({ reason: 'deadline' })
  })

  test('ends with the cancellation', async () => {
    const cancel = new AbortController()
    const brokers = [await listen(net.createServer())]
    const kafka = open({ brokers, protocol: 'PLAINTEXT' }, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 50)
    expect(await failureOf(kafka.produce('t', [record('x')]))).toMatchObject({
      reason: 'cancelled',
    })
  })

  test('a connection that is lost is opened again', async () => {
    const topic = await existing()
    const [host = '', port] = broker.brokers.PLAINTEXT.split(':')
    const named = Buffer.concat([Buffer.from(host), Buffer.alloc(4)])
    named.writeUInt32BE(Number(port), host.length)
    const front = await relay('PLAINTEXT', (answer) => {
      const at = answer.indexOf(named)
      if (at >= 0) answer.writeUInt32BE(Number(front.address.split(':')[1]), at + host.length)
      return answer
    })
    const kafka = open({ brokers: [front.address], protocol: 'PLAINTEXT' })
    await kafka.produce(topic, [record('a')])
    front.drop()
    expect(await kafka.produce(topic, [record('b')])).toMatchObject([{ partition: 0 }])
    expect(front.count()).toBeGreaterThan(1)
  })
})

describe('clusters that no test can have', () => {
  /** Two brokers; leaders and answers one after another, the last for good. */
  function scripted(of: { leaders: number[][]; codes: Record<number, (number | Failure)[]> }) {
    const asked: number[] = []
    const partition = (leader: number, partitionId: number): PartitionMetadata => ({
      ...{ partitionErrorCode: 0, partitionId, leader, replicas: [1, 2] },
    })
    const cluster: Cluster = {
      metadata: async () => {
        const leaders = (of.leaders.length > 1 ? of.leaders.shift() : of.leaders[0]) ?? []
        const topicMetadata = [
          { topicErrorCode: 0, topic: 't', partitionMetadata: leaders.map(partition) },
        ]
        return { brokers: [], controllerId: 1, topicMetadata }
      },
      askNode: async (_, nodeId, { args }) => {
        asked.push(nodeId)
        const list = of.codes[nodeId] ?? []
        const code = (list.length > 1 ? list.shift() : list[0]) ?? 0
        if (code instanceof Failure) throw code
        const { partitions } = args as { partitions: { partition: number }[] }
        return partitions.map((one) => ({
          ...{ partition: one.partition, errorCode: code, words: null },
          baseOffset: code === 0 ? 40n : -1n,
        }))
      },
      offersTransactions: async () => true,
      close: () => undefined,
    }
    const signal = new AbortController().signal
    const end = Date.now() + 5_000
    return { access: { cluster, deadline: { remainingMs: () => end - Date.now(), signal } }, asked }
  }

  const lost = new Failure({ reason: 'kafka-unreachable', message: 'gone', retriable: true })
  const refused = new Failure({ reason: 'kafka-login', message: 'no' })

  test.each<{ name: string; leaders: number[][]; codes: Record<number, (number | Failure)[]> }>([
    { name: 'a leader that moved', leaders: [[1], [2]], codes: { 1: [6] } },
    { name: 'no leader for a moment', leaders: [[-1], [-1], [2]], codes: {} },
    { name: 'too few copies for a moment', leaders: [[2]], codes: { 2: [19, 20, 0] } },
    { name: 'a broker that is gone', leaders: [[1], [2]], codes: { 1: [lost] } },
    { name: 'a broker that is late', leaders: [[2]], codes: { 2: [7, 0] } },
  ])('$name', async ({ leaders, codes }) => {
    const { access, asked } = scripted({ leaders, codes })
    expect(await produce('t', [record('x')], access)).toMatchObject([{ offset: 40n }])
    expect(asked.at(-1)).toBe(2)
  })

  test('only what was not taken is sent again', async () => {
    const { access, asked } = scripted({ leaders: [[1, 2]], codes: { 2: [6, 6, 0] } })
    const written = await produce('t', [record('a'), record('b')], access)
    expect(written.map(({ partition }) => partition)).toEqual([0, 1])
    expect(asked).toEqual([1, 2, 2, 2])
  })

  test.each<{ name: string; code: number | Failure; reason: Reason; words: string }>([
    { name: 'for good', code: 10, reason: 'kafka-refused', words: 'MESSAGE_TOO_LARGE' },
    { name: 'a login', code: refused, reason: 'kafka-login', words: 'no' },
    {
      name: 'for longer than there is time',
      code: 19,
      reason: 'kafka-refused',
      words: 'NOT_ENOUGH_REPLICAS',
    },
  ])('refused $name: the broker’s words', async ({ code, reason, words }) => {
    const { access } = scripted({ leaders: [[1]], codes: { 1: [code] } })
    let now = 0
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 6_000))
    const failure = await failureOf(produce('t', [record('x')], access))
    expect(failure).toMatchObject({ reason })
    expect(failure.message).toContain(words)
  })
})
