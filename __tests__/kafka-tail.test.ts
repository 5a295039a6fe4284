import { describe, expect, test } from '@jest/globals'
import type { Producer, Transaction } from 'kafkajs'
import { KEPT_BYTES } from '../src/adapters/kafka-newest.ts'
import type { Failure } from '../src/core/failure.ts'
import type { Kafka, RawMessage, TailRequest, TopicTail } from '../src/ports.ts'
import { compressions } from '../test-support/kafka/codecs.ts'
import { broker, deleteRecords, open, relay, settings, uniqueName } from './kafka-opened.ts'

/** Reads as the runner does: up to what a look has just seen. */
async function tailOf(topic: string, limit: number, kafka?: Kafka): Promise<TopicTail> {
  const reader = kafka ?? open(settings({ user: 'reader' }))
  return reader.tail({ ...(await requestFor(topic, reader)), limit })
}

async function requestFor(topic: string, kafka: Kafka): Promise<TailRequest> {
  const { topics } = await kafka.look([topic])
  const { watermarks, lows } = topics[0] ?? {}
  if (!watermarks || !lows) throw new Error(`no offsets of ${topic}`)
  return { topic, upTo: watermarks, lows, limit: 10 }
}

/** Recent, since the broker’s retention goes by the records’ own time. */
const begin = Date.now()

const textsOf = ({ messages }: TopicTail): string[] => messages.map(({ value }) => String(value))

async function newTopic(stem: string, partitions = 1): Promise<string> {
  const topic = uniqueName(stem)
  await broker.createTopic(topic, { partitions })
  return topic
}

describe('the newest messages', () => {
  test.each(compressions)('compressed by %s, whole', async (compression) => {
    const topic = await newTopic(compression)
    const messages = Array.from({ length: 40 }, (_, i) => ({
      key: i % 2 === 0 ? `key ${i}` : null,
      value: i === 39 ? null : `${compression} ${i} `.repeat(300),
      timestamp: String(begin + i),
      headers: { one: 'a', more: ['b', 'c'] },
    }))
    await broker.produce(topic, messages, { compression })

    const tail = await tailOf(topic, 3)
    expect(tail.complete).toBe(true)
    expect(tail.messages).toEqual(
      [37, 38, 39].map((i) => ({
        partition: 0,
        offset: String(i),
        timestamp: String(begin + i),
        key: i % 2 === 0 ? Buffer.from(`key ${i}`) : null,
        value: i === 39 ? null : Buffer.from(`${compression} ${i} `.repeat(300)),
        headers: [
          ['one', Buffer.from('a')],
          ['more', Buffer.from('b')],
          ['more', Buffer.from('c')],
        ],
      })),
    )
  })

  test('over all partitions by time, in order of partition and offset', async () => {
    const topic = await newTopic('spread', 6)
    const at = (partition: number, time: number) => ({
      partition,
      value: `${partition}@${time}`,
      timestamp: String(begin + time),
    })
    await broker.produce(topic, [at(5, 1), at(5, 9), at(0, 8), at(0, 2), at(3, 7), at(1, 3)])
    // Partition 0's later offset says 2, and what a producer says of time is what counts.
    expect(textsOf(await tailOf(topic, 3))).toEqual(['0@8', '3@7', '5@9'])
    expect(textsOf(await tailOf(topic, 100))).toEqual(['0@8', '0@2', '1@3', '3@7', '5@1', '5@9'])
  })

  test('none of an empty topic', async () => {
    expect(await tailOf(await newTopic('empty', 3), 5)).toEqual({ messages: [], complete: true })
  })

  test('none where retention took all, and those that it left', async () => {
    const topic = await newTopic('retained', 2)
    await broker.produce(
      topic,
      ['a', 'b', 'c'].map((value) => ({ value, partition: 0 })),
    )
    await broker.produce(
      topic,
      ['d', 'e'].map((value) => ({ value, partition: 1 })),
    )
    await deleteRecords({ topic, partition: 0, before: '3' })
    await deleteRecords({ topic, partition: 1, before: '1' })
    expect(textsOf(await tailOf(topic, 5))).toEqual(['e'])
  })

  test('those left by a retention that came after the look', async () => {
    const topic = await newTopic('shrinking')
    await broker.produce(topic, ['a', 'b', 'c'])
    const kafka = open(settings())
    const request = await requestFor(topic, kafka)
    await deleteRecords({ topic, partition: 0, before: '2' })
    expect(textsOf(await kafka.tail(request))).toEqual(['c'])
    await deleteRecords({ topic, partition: 0, before: '3' })
    expect(await kafka.tail(request)).toEqual({ messages: [], complete: true })
  })

  test('up to the watermarks and no further', async () => {
    const topic = await newTopic('bounded')
    await broker.produce(topic, ['a', 'b'])
    const kafka = open(settings())
    const request = await requestFor(topic, kafka)
    await broker.produce(topic, ['late'])
    expect(textsOf(await kafka.tail(request))).toEqual(['a', 'b'])
    // The watermark may fall into a batch, as after a compaction.
    const upTo = [{ partition: 0, offset: 1n }]
    expect(textsOf(await kafka.tail({ ...request, upTo }))).toEqual(['a'])
  })
})

describe('transactions', () => {
  test('each message with a marker of its own behind it', async () => {
    const topic = await newTopic('markers')
    const producer = await transactional()
    for (let i = 0; i < 20; i += 1) {
      await within(producer, 'commit', (transaction) => send(transaction, topic, [`row ${i}`]))
    }
    await producer.disconnect()
    expect(textsOf(await tailOf(topic, 4))).toEqual(['row 16', 'row 17', 'row 18', 'row 19'])
  })

  test('what was aborted is looked past, however much it is', async () => {
    const topic = await newTopic('aborted')
    await broker.produce(topic, ['first', 'second', 'third'], { transaction: 'commit' })
    const taken = Array.from({ length: 400 }, (_, i) => `taken back ${i}`)
    await broker.produce(topic, taken, { transaction: 'abort', compression: 'lz4' })
    const tail = await tailOf(topic, 2)
    expect(textsOf(tail)).toEqual(['second', 'third'])
    expect(tail.complete).toBe(true)
  })

  test('that run into each other are told apart', async () => {
    const topic = await newTopic('interleaved')
    const [kept, dropped] = await Promise.all([transactional(), transactional()])
    // A record's key like an abort marker's does not end its transaction.
    const marker = Buffer.from([0, 0, 0, 0])
    await within(kept, 'commit', async (keeping) => {
      await within(dropped, 'abort', async (dropping) => {
        await send(dropping, topic, ['dropped 1'])
        await send(keeping, topic, ['kept 1'])
        await dropping.send({ topic, messages: [{ key: marker, value: 'dropped 2' }] })
        await send(keeping, topic, ['kept 2'])
        await send(dropping, topic, ['dropped 3'])
      })
      await send(keeping, topic, ['kept 3'])
    })
    await within(dropped, 'commit', (transaction) => send(transaction, topic, ['kept 4']))
    await Promise.all([kept.disconnect(), dropped.disconnect()])

    expect(textsOf(await tailOf(topic, 10))).toEqual(['kept 1', 'kept 2', 'kept 3', 'kept 4'])
    expect(textsOf(await tailOf(topic, 2))).toEqual(['kept 3', 'kept 4'])
  })

  async function transactional(): Promise<Producer> {
    const producer = broker.connect().producer({
      transactionalId: uniqueName('tx'),
      maxInFlightRequests: 1,
    })
    await producer.connect()
    return producer
  }

  async function within(
    producer: Producer,
    end: 'commit' | 'abort',
    work: (transaction: Transaction) => Promise<unknown>,
  ): Promise<void> {
    const transaction = await producer.transaction()
    await work(transaction)
    await transaction[end]()
  }

  function send(transaction: Transaction, topic: string, values: string[]): Promise<unknown> {
    return transaction.send({ topic, messages: values.map((value) => ({ value })) })
  }
})

describe('a long topic', () => {
  test('of 100,000 records gives its end and is not held in memory', async () => {
    const topic = await newTopic('long')
    for (let batch = 0; batch < 10; batch += 1) {
      const values = Array.from(
        { length: 10_000 },
        (_, i) => `row ${batch * 10_000 + i} ${'x'.repeat(80)}`,
      )
      await broker.produce(topic, values, { compression: 'zstd' })
    }
    const kafka = open(settings())
    const few = await tailOf(topic, 10, kafka)
    expect(few.messages.map(({ offset }) => Number(offset))).toEqual(
      Array.from({ length: 10 }, (_, i) => 99_990 + i),
    )

    // A message that held on to the answer it came in would have that for its buffer.
    const held = few.messages.map(({ value }) => value?.buffer.byteLength ?? 0)
    expect(Math.max(...held)).toBeLessThanOrEqual(Buffer.poolSize)

    const before = process.memoryUsage().arrayBuffers
    const many = await tailOf(topic, 1_000_000, kafka)
    expect(bytesOf(many.messages)).toBeLessThanOrEqual(KEPT_BYTES)
    expect(many.messages.at(-1)?.offset).toBe('99999')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('of large messages gives as many as memory is set aside for, and one at least', async () => {
    const topic = await newTopic('large')
    const large = 'y'.repeat(900_000)
    for (let i = 0; i < 6; i += 1) await broker.produce(topic, [`${i} ${large}`])
    expect(textsOf(await tailOf(topic, 100)).map((text) => text.slice(0, 1))).toEqual([
      '2',
      '3',
      '4',
      '5',
    ])
  })

  function bytesOf(messages: RawMessage[]): number {
    return messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  }
})

describe('who may not read', () => {
  test.each(['none', 'writer'] as const)('%s is told which right is missing', async (user) => {
    const topic = await newTopic('forbidden')
    const reading = open(settings({ user })).tail({
      topic,
      upTo: [{ partition: 0, offset: 3n }],
      lows: [{ partition: 0, offset: 0n }],
      limit: 1,
    })
    const failure = (await reading.catch((error: unknown) => error)) as Failure
    expect(failure.reason).toBe('kafka-authorization')
    expect(failure.message).toContain(`READ on topic ${topic}`)
  })

  test('no right to a consumer group is needed', async () => {
    const topic = await newTopic('without-group')
    await broker.produce(topic, ['seen'])
    const rule = { user: 'none', resource: 'topic', name: topic, operations: ['read'] } as const
    await broker.setAcls([{ ...rule, operations: [...rule.operations] }])
    expect(textsOf(await tailOf(topic, 1, open(settings({ user: 'none' }))))).toEqual(['seen'])
  })
})

test('reading leaves no consumer group behind', async () => {
  const groups = async (): Promise<string[]> =>
    broker.withAdmin(async (admin) =>
      (await admin.listGroups()).groups.map(({ groupId }) => groupId),
    )
  const before = await groups()
  const topic = await newTopic('groups')
  await broker.produce(topic, ['a'])
  const kafka = open(settings())
  await tailOf(topic, 1, kafka)
  const during = await groups()
  await kafka.close()
  expect([during, await groups()]).toEqual([before, before])
})

describe('an end that does not come', () => {
  const beyond = (topic: string): TailRequest => ({
    topic,
    upTo: [{ partition: 0, offset: 1_000n }],
    lows: [],
    limit: 5,
  })

  test('what there is, at the deadline', async () => {
    const topic = await newTopic('waiting', 2)
    await broker.produce(
      topic,
      ['a', 'b'].map((value) => ({ value, partition: 0 })),
    )
    const kafka = open(settings(), { ms: 1_500 })
    const tail = await kafka.tail({ ...beyond(topic), limit: 1_000 })
    expect(tail.complete).toBe(false)
    expect(textsOf(tail)).toEqual(['a', 'b'])
  })

  test('a rejection, when cancelled', async () => {
    const topic = await newTopic('cancelled')
    const cancel = new AbortController()
    const reading = open(settings(), { signal: cancel.signal }).tail(beyond(topic))
    setTimeout(() => cancel.abort(), 200)
    await expect(reading).rejects.toMatchObject({ reason: 'cancelled' })
  })

  test('a rejection, when the connection is lost', async () => {
    const topic = await newTopic('lost')
    const [host = '', port] = broker.brokers.PLAINTEXT.split(':')
    const named = Buffer.concat([Buffer.from(host), Buffer.alloc(4)])
    named.writeUInt32BE(Number(port), host.length)
    const front = await relay('PLAINTEXT', (bytes) => {
      const at = bytes.indexOf(named)
      if (at >= 0) bytes.writeUInt32BE(Number(front.address.split(':')[1]), at + host.length)
      return bytes
    })
    const kafka = open({ brokers: [front.address], protocol: 'PLAINTEXT' })
    const reading = kafka.tail(beyond(topic))
    setTimeout(() => front.drop(), 300)
    await expect(reading).rejects.toMatchObject({ reason: 'kafka-unreachable', retriable: true })
  })
})
