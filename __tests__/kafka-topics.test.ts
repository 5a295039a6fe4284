import net from 'node:net'
import { describe, expect, test } from '@jest/globals'
import type { Reason } from '../src/core/failure.ts'
import { startKafka } from '../test-support/kafka/broker.ts'
import type { UserName } from '../test-support/kafka/users.ts'
import { listen, open, uniqueName } from './kafka-opened.ts'
import {
  afterwards,
  allow,
  by,
  countRequests,
  existing,
  existingMany,
  failureOf,
  ownConfig,
  type Adapter,
} from './kafka-upkeep.ts'

describe('creating a topic with settings', () => {
  test('they are there from the start; another one’s are left alone', async () => {
    const kafka = by('full')
    const name = uniqueName('configured')
    const config = { 'cleanup.policy': 'compact', 'segment.ms': '3600000' }
    const wanted = { name, partitions: 1, replicationFactor: -1 }

    expect(await kafka.createTopic({ ...wanted, config })).toBe(true)
    expect(await ownConfig(name)).toEqual(config)
    expect(await kafka.createTopic({ ...wanted, config: { 'segment.ms': '7200000' } })).toBe(false)
    expect(await ownConfig(name)).toEqual(config)
  })

  test.each<{ name: string; config: Record<string, string>; reason: Reason; words: string }>([
    {
      name: 'a value of another type',
      config: { 'retention.ms': 'a week' },
      reason: 'kafka-refused',
      words: 'Invalid value a week for configuration retention.ms',
    },
    {
      name: 'an unknown name',
      config: { 'retention.msec': '1' },
      reason: 'kafka-refused',
      words: 'Unknown topic config name: retention.msec (INVALID_CONFIG)',
    },
    {
      name: 'a text that no request holds',
      config: { 'cleanup.policy': 'é'.repeat(16_384) },
      reason: 'input-invalid',
      words: '32768 bytes',
    },
  ])('$name is refused and makes nothing', async ({ config, reason, words }) => {
    const kafka = by('full')
    const name = uniqueName('refused')
    const failure = await failureOf(
      kafka.createTopic({ name, partitions: 1, replicationFactor: 1, config }),
    )
    expect(failure).toMatchObject({ reason })
    expect(failure.message).toContain(words)
    expect((await kafka.look([name])).topics).toMatchObject([{ exists: false }])
  })
})

describe('adding partitions', () => {
  test('true when added and led, false when there', async () => {
    const kafka = by('full')
    const name = await existing()
    expect(await kafka.addPartitions({ name, to: 4 })).toBe(true)
    expect((await kafka.look([name])).topics).toMatchObject([{ partitions: 4 }])
    const counts = countRequests()
    expect(await by('full').addPartitions({ name, to: 4 })).toBe(false)
    expect(counts).toEqual({ Metadata: 1 })
  })

  test('two at the same time agree, and one of them did it', async () => {
    const name = await existing()
    const runs = [by('full'), by('full'), by('full')]
    const added = await Promise.all(runs.map((kafka) => kafka.addPartitions({ name, to: 5 })))
    expect(added.filter(Boolean)).toHaveLength(1)
  })

  test.each<{ name: string; user?: UserName; to: number; reason: Reason; words: string }>([
    {
      name: 'fewer',
      to: 1,
      reason: 'kafka-refused',
      words: '2 partition(s); 1 would not be an increase',
    },
    { name: 'none', to: 0, reason: 'kafka-refused', words: '0 would not be an increase' },
    {
      name: 'more than a request may add',
      to: 10_003,
      reason: 'input-invalid',
      words: '10000 at a time',
    },
    {
      name: 'no right',
      user: 'reader',
      to: 3,
      reason: 'kafka-authorization',
      words: 'right ALTER on topic upkeep-',
    },
    {
      name: 'no right at all',
      user: 'none',
      to: 3,
      reason: 'kafka-authorization',
      words: 'right ALTER on topic upkeep-',
    },
  ])('$name: refused, nothing changed', async ({ user = 'full', to, reason, words }) => {
    const name = await existing({ partitions: 2 })
    const failure = await failureOf(by(user).addPartitions({ name, to }))
    expect(failure).toMatchObject({ reason })
    expect(failure.message).toContain(words)
    expect((await by('full').look([name])).topics).toMatchObject([{ partitions: 2 }])
  })

  test('of a topic that is not there', async () => {
    const failure = await failureOf(by('full').addPartitions({ name: uniqueName('no'), to: 2 }))
    expect(failure).toMatchObject({ reason: 'topic-unknown' })
  })

  test('the right on this topic is enough', async () => {
    const name = await existing()
    await allow('none', name, ['alter'])
    expect(await by('none').addPartitions({ name, to: 2 })).toBe(true)
  })
})

describe('deleting topics', () => {
  test('true when deleted and gone, false when not there, each by itself', async () => {
    const [first, second, missing] = [await existing(), await existing(), uniqueName('no')]
    const kafka = by('full')
    const names = [first, missing, second, first]
    expect(await kafka.deleteTopics(names)).toEqual([
      { name: first, deleted: true },
      { name: missing, deleted: false },
      { name: second, deleted: true },
      { name: first, deleted: true },
    ])
    expect((await kafka.look([first, second])).topics.map(({ exists }) => exists)).toEqual([
      false,
      false,
    ])
    expect(await kafka.deleteTopics(names)).toEqual(names.map((name) => ({ name, deleted: false })))
    expect(await kafka.createTopic({ name: first, partitions: 1, replicationFactor: 1 })).toBe(true)
  })

  test('fifty take the requests of one, none take none', async () => {
    const names = await existingMany(50)
    const counts = countRequests()
    const kafka = by('full')
    expect(await kafka.deleteTopics([])).toEqual([])
    expect(counts).toEqual({})
    expect((await kafka.deleteTopics(names)).every(({ deleted }) => deleted)).toBe(true)
    expect(counts).toMatchObject({ DeleteTopics: 1 })
    expect(counts['Metadata']).toBeLessThan(12)
  })

  test.each<{ user: UserName; absent: object }>([
    { user: 'reader', absent: { deleted: false } },
    { user: 'none', absent: { deleted: false, failure: { reason: 'kafka-authorization' } } },
  ])('$user lacks DELETE; the topics with the right go', async ({ user, absent }) => {
    const [mine, other, missing] = [await existing(), await existing(), uniqueName('no')]
    await allow(user, mine, ['delete'])
    const results = await by(user).deleteTopics([other, mine, missing])

    expect(results[0]).toMatchObject({ deleted: false, failure: { reason: 'kafka-authorization' } })
    expect(results[0]?.failure?.message).toContain(`right DELETE on topic ${other} (`)
    expect(results[1]).toEqual({ name: mine, deleted: true })
    expect(results[2]).toMatchObject(absent)
    if (user === 'reader') expect(results[2]).not.toHaveProperty('failure')
    const { topics } = await by('full').look([other, mine])
    expect(topics).toMatchObject([{ exists: true }, { exists: false }])
  })

  test('where brokers delete none', async () => {
    const strict = await startKafka({ properties: { 'delete.topic.enable': 'false' } })
    afterwards.push(() => strict.stop())
    await strict.createTopic('kept')
    const given = { brokers: [strict.brokers.PLAINTEXT], protocol: 'PLAINTEXT' as const }
    const kafka = open(given) as Adapter
    const [result] = await kafka.deleteTopics(['kept'])
    expect(result).toMatchObject({ deleted: false, failure: { reason: 'kafka-refused' } })
    expect(result?.failure?.message).toContain('TOPIC_DELETION_DISABLED')

    // No group was ever made here, so there is not even the topic that groups are kept in.
    expect(await kafka.deleteGroups({ prefix: 'materialize-' })).toEqual([])
    expect(await kafka.deleteGroups({ ids: ['none'] })).toEqual([{ id: 'none', outcome: 'absent' }])
    expect(await strict.withAdmin((admin) => admin.listTopics())).toEqual(['kept'])
  })
})

describe('time', () => {
  const calls: { name: string; call: (kafka: Adapter) => Promise<unknown> }[] = [
    { name: 'describeTopics', call: (kafka) => kafka.describeTopics(['t']) },
    { name: 'addPartitions', call: (kafka) => kafka.addPartitions({ name: 't', to: 2 }) },
    {
      name: 'alterTopicConfig',
      call: (kafka) => kafka.alterTopicConfig({ name: 't', set: {}, remove: [] }),
    },
    { name: 'deleteTopics', call: (kafka) => kafka.deleteTopics(['t']) },
    { name: 'deleteGroups', call: (kafka) => kafka.deleteGroups({ prefix: 't' }) },
  ]

  test.each(calls)('$name ends at the deadline, at a silent broker', async ({ call }) => {
    const brokers = [await listen(net.createServer())]
    const kafka = open({ brokers, protocol: 'PLAINTEXT' }, { ms: 300 }) as Adapter
    expect(await failureOf(call(kafka))).toMatchObject({ reason: 'deadline' })
  })

  test.each(calls)('$name ends with the cancellation', async ({ call }) => {
    const cancel = new AbortController()
    const brokers = [await listen(net.createServer())]
    const kafka = open({ brokers, protocol: 'PLAINTEXT' }, { signal: cancel.signal }) as Adapter
    setTimeout(() => cancel.abort(), 50)
    expect(await failureOf(call(kafka))).toMatchObject({ reason: 'cancelled' })
  })
})
