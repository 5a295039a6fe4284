import net from 'node:net'
import { afterAll, describe, expect, test } from '@jest/globals'
import { Failure, type Reason } from '../src/core/failure.ts'
import { startKafka } from '../test-support/kafka/broker.ts'
import { nastyUsers, type UserName } from '../test-support/kafka/users.ts'
import {
  broker,
  deleteRecords,
  listen,
  open,
  settings,
  uniqueName,
  type Entrance,
} from './kafka-opened.ts'

const afterwards: (() => Promise<void>)[] = []

afterAll(async () => {
  await Promise.all(afterwards.map((step) => step()))
})

const ignore = (): void => undefined

describe('a look through every door', () => {
  const doors: { name: string; entrance: Entrance }[] = [
    { name: 'PLAINTEXT', entrance: { protocol: 'PLAINTEXT' } },
    { name: 'SSL', entrance: { protocol: 'SSL' } },
    ...(['SASL_SSL', 'SASL_PLAINTEXT'] as const).flatMap((protocol) =>
      (['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) => ({
        name: `${protocol} by ${mechanism}`,
        entrance: { protocol, mechanism },
      })),
    ),
    ...nastyUsers.map((user) => ({ name: `the password of ${user}`, entrance: { user } })),
  ]

  test.each(doors)('$name', async ({ entrance }) => {
    const view = await open(settings(entrance)).look([])
    expect(view).toEqual({
      brokers: [broker.brokers[entrance.protocol ?? 'SASL_SSL']],
      topics: [],
      transactions: true,
    })
  })
})

describe('what a look sees of topics', () => {
  test('partitions, first offsets and last stable offsets, in the order asked for', async () => {
    const [full, empty, missing] = ['full', 'empty', 'missing'].map(uniqueName) as [
      string,
      string,
      string,
    ]
    await broker.createTopic(full, { partitions: 2 })
    await broker.createTopic(empty)
    await broker.produce(full, [{ value: 'a', partition: 1 }], { transaction: 'commit' })
    await deleteRecords({ topic: full, partition: 1, before: '1' })

    const { topics } = await open(settings({ user: 'reader' })).look([missing, full, empty, full])

    const seen = {
      name: full,
      exists: true,
      partitions: 2,
      watermarks: [
        { partition: 0, offset: 0n },
        { partition: 1, offset: 2n },
      ],
      lows: [
        { partition: 0, offset: 0n },
        { partition: 1, offset: 1n },
      ],
    }
    expect(topics).toEqual([
      { name: missing, exists: false, partitions: 0 },
      seen,
      expect.objectContaining({ name: empty, watermarks: [{ partition: 0, offset: 0n }] }),
      seen,
    ])
  })

  test('an open transaction is not below the watermark', async () => {
    const topic = uniqueName('open')
    await broker.createTopic(topic)
    await broker.produce(topic, ['before'])
    const producer = broker.connect().producer({ transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'open' }] })
    const { topics } = await open(settings()).look([topic])
    await transaction.abort()
    await producer.disconnect()

    expect(topics[0]?.watermarks).toEqual([{ partition: 0, offset: 1n }])
  })

  test('a user without rights learns which one is missing, of this topic alone', async () => {
    const topic = uniqueName('hidden')
    await broker.createTopic(topic)
    const view = await open(settings({ user: 'none' })).look([topic])

    expect(view.topics[0]).toMatchObject({
      exists: true,
      failure: { reason: 'kafka-authorization' },
    })
    expect(view.topics[0]?.failure?.message).toContain(`DESCRIBE on topic ${topic}`)
    expect(view.topics[0]).not.toHaveProperty('watermarks')
  })

  test('a name that cannot be a topic’s is that topic’s failure', async () => {
    const { topics } = await open(settings()).look(['a b'])
    expect(topics).toMatchObject([{ exists: false, failure: { reason: 'topic-invalid' } }])
  })

  test('looking for a topic does not make it, where the broker makes any that is asked for', async () => {
    const eager = await startKafka({ properties: { 'auto.create.topics.enable': 'true' } })
    afterwards.push(() => eager.stop())
    const topic = uniqueName('not-made')
    const given = { brokers: [eager.brokers.PLAINTEXT], protocol: 'PLAINTEXT' as const }
    const kafka = open(given, { ms: 5_000 })
    const view = await kafka.look([topic])
    await kafka
      .tail({ topic, upTo: [{ partition: 0, offset: 1n }], lows: [], limit: 1 })
      .catch(ignore)

    expect(view.topics).toEqual([{ name: topic, exists: false, partitions: 0 }])
    expect(await eager.withAdmin((admin) => admin.listTopics())).not.toContain(topic)
  })
})

describe('time and cancellation', () => {
  const mute = (): Promise<string> => listen(net.createServer())

  test.each(['SSL', 'PLAINTEXT'] as const)(
    'a silent broker by %s, at the deadline',
    async (protocol) => {
      const kafka = open({ brokers: [await mute()], protocol }, { ms: 300 })
      await expect(kafka.look([])).rejects.toMatchObject({ reason: 'deadline' })
    },
  )

  test.each([
    { name: 'nothing', given: undefined, reason: 'cancelled' },
    { name: 'an error', given: new Error('why'), reason: 'cancelled' },
    {
      name: 'a failure of its own',
      given: new Failure({ reason: 'deadline', message: 'Over.' }),
      reason: 'deadline',
    },
  ])('a cancellation with $name', async ({ given, reason }) => {
    const cancel = new AbortController()
    const kafka = open(
      { brokers: [await mute()], protocol: 'PLAINTEXT' },
      { signal: cancel.signal },
    )
    const looking = kafka.look([])
    setTimeout(() => cancel.abort(given), 50)
    await expect(looking).rejects.toMatchObject({ reason })
  })

  test('a look after close is refused', async () => {
    const kafka = open(settings())
    await kafka.close()
    await expect(kafka.look([])).rejects.toBeInstanceOf(Failure)
  })
})

describe('creating a topic', () => {
  test('true when made, false when there, with the partitions asked for', async () => {
    const name = uniqueName('made')
    const kafka = open(settings())
    const wanted = { name, partitions: 3, replicationFactor: -1 }

    expect(await kafka.createTopic(wanted)).toBe(true)
    expect(await kafka.createTopic(wanted)).toBe(false)
    expect((await kafka.look([name])).topics).toMatchObject([{ exists: true, partitions: 3 }])
  })

  test.each<{ name: string; topic: object; user?: UserName; reason: Reason; words: string }>([
    {
      name: 'more copies than brokers',
      topic: { replicationFactor: 3 },
      reason: 'kafka-refused',
      words: 'only 1 broker(s) are registered',
    },
    {
      name: 'no partitions',
      topic: { partitions: 0 },
      reason: 'kafka-refused',
      words: 'non-positive',
    },
    {
      name: 'a name with a blank',
      topic: { name: 'a b' },
      reason: 'topic-invalid',
      words: 'ASCII alphanumerics',
    },
    {
      name: 'a user who may only read',
      topic: {},
      user: 'reader',
      reason: 'kafka-authorization',
      words: 'CREATE on topic',
    },
    {
      name: 'a user without rights',
      topic: {},
      user: 'none',
      reason: 'kafka-authorization',
      words: 'CREATE on topic',
    },
  ])('$name', async ({ topic, user = 'full', reason, words }) => {
    const wanted = { name: uniqueName('refused'), partitions: 1, replicationFactor: 1, ...topic }
    const thrown: unknown = await open(settings({ user }))
      .createTopic(wanted)
      .catch((error: unknown) => error)
    expect(thrown).toMatchObject({ reason })
    expect((thrown as Failure).message).toContain(words)
  })
})
