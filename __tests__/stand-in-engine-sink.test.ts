import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { compressions } from '../test-support/kafka/codecs.ts'
import { EngineBench, message, newName } from '../test-support/materialize/kafka/bench.ts'
import { until } from '../test-support/materialize/kafka/watched.ts'

jest.setTimeout(60_000)

const bench = new EngineBench()

beforeAll(() => bench.open())
afterEach(() => bench.takeBackGrants())
afterAll(() => bench.close())

describe('a sink', () => {
  test.each(compressions)('writes with %s what a plain consumer reads', async (compression) => {
    const topic = newName()
    // Kafka takes the 70,000 bytes only compressed.
    const topicConfig: Record<string, string> =
      compression === 'none' ? {} : { 'max.message.bytes': '10000' }
    const sink = bench.startSink(topic, { compression, topicConfig })
    await sink.write(
      [message('x'.repeat(70_000)), message('b', { key: 'k', headers: { h: 'v' } })],
      5,
    )
    await sink.write([{ key: 'k', value: null, headers: {} }], 6)
    const read = await bench.kafka.read(topic)
    expect(read.map(({ key, value }) => [key, value].map((one) => one && String(one)))).toEqual([
      [null, 'x'.repeat(70_000)],
      ['k', 'b'],
      ['k', null],
    ])
    expect(String(read[0]!.headers['materialize-timestamp'])).toBe('5')
    expect(String(read[1]!.headers['h'])).toBe('v')
    expect(sink.statuses).toEqual(['starting', 'running'])
    expect(read[2]!.offset).toBe('3')
    expect(sink.statistics()).toMatchObject({ messagesStaged: 3, messagesCommitted: 3 })
    await sink.stop()
  })

  test('makes its topics as it was told, and a record of progress with each write', async () => {
    const topic = newName()
    const sink = bench.startSink(topic, {
      partitionCount: 3,
      topicConfig: { 'retention.ms': '7200000' },
    })
    await sink.write([message('a')], 1)
    expect(await bench.engine.describeTopic(bench.as('reader'), topic)).toEqual({ partitions: 3 })
    const configs = await bench.kafka.withAdmin(async (admin) => {
      const names = [topic, `${topic}-progress`]
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({ type: 2, name })),
      })
      return resources.map(({ configEntries }) =>
        Object.fromEntries(configEntries.map((entry) => [entry.configName, entry.configValue])),
      )
    })
    expect(configs[0]).toMatchObject({ 'retention.ms': '7200000', 'cleanup.policy': 'delete' })
    expect(configs[1]).toMatchObject({ 'cleanup.policy': 'compact', 'segment.bytes': '134217728' })
    const [progress] = await bench.kafka.read(`${topic}-progress`)
    expect(String(progress!.key)).toBe('mz-sink-u8')
    expect(JSON.parse(String(progress!.value))).toEqual({ frontier: [2], version: 0 })
    await sink.stop()
  })

  test('chooses partitions by hash, by key, and the first without a key', async () => {
    const topic = newName()
    await bench.kafka.createTopic(topic, { partitions: 4 })
    await bench.kafka.produce(topic, [{ key: 'some key', value: 'theirs' }])
    const sink = bench.startSink(topic)
    await sink.write(
      [
        message('hashed', { key: 'k', partitionHash: 18446744073709551615n }),
        message('keyed', { key: 'some key' }),
        message('keyless'),
      ],
      1,
    )
    const places = new Map(
      (await bench.kafka.read(topic)).map((r) => [String(r.value), r.partition]),
    )
    expect(places.get('hashed')).toBe(3)
    expect(places.get('keyed')).toBe(places.get('theirs'))
    expect(places.get('keyless')).toBe(0)
    await sink.stop()
  })

  test('moves its frontier when healthy, about a second behind', async () => {
    const sink = bench.startSink(newName())
    await until(() => sink.frontiers.length === 3, 'three beats')
    expect(Date.now() - sink.frontiers.at(-1)!).toBeLessThan(4_000)
    expect(Date.now() - sink.frontiers.at(-1)!).toBeGreaterThanOrEqual(1_000)
    await sink.stop()
  })

  const coordinator = () => {
    const what =
      `Failed to find transaction coordinator: sasl_ssl://${bench.kafka.brokers.SASL_SSL}/1: Broker: ` +
      'Transactional Id authorization failed: Transactional Id authorization failed.'
    return `stalled kafka: Transaction error: ${what}: ${what}`
  }

  test('that may not write says running all the same, and heals once it may', async () => {
    const topic = newName()
    const sink = bench.startSink(topic, { connection: bench.as('none') })
    const written = sink.write([message('a')], 1)
    await until(() => sink.statuses.length === 6, 'two rounds')
    const round = ['starting', 'running', coordinator()]
    expect(sink.statuses).toEqual([...round, ...round])
    expect(sink.frontiers).toEqual([])
    await bench.grant('transactionalId', `${topic}-u8`, ['write', 'describe'])
    await bench.grant('topic', topic, ['write', 'describe', 'create'])
    await bench.grant('topic', `${topic}-progress`, ['read', 'write', 'describe', 'create'])
    await written
    expect((await bench.kafka.read(topic)).map(({ value }) => String(value))).toEqual(['a'])
    await until(() => sink.frontiers.length > 0, 'a frontier')
    expect(sink.statuses.at(-1)).toBe('running')
    await sink.stop()
  })

  const noTopic = 'TopicAuthorizationFailed (Broker: Topic authorization failed)'
  test.each<[string, (topic: string) => Promise<void>, (topic: string) => string]>([
    [
      'to make the progress topic',
      async () => undefined,
      (topic) =>
        'error registering kafka progress topic for sink: Error creating topic ' +
        `${topic}-progress for sink: Admin operation error: ${noTopic}`,
    ],
    [
      'to make its topic',
      (topic) => bench.grant('topic', `${topic}-progress`, ['all']),
      (topic) => `Error creating topic ${topic} for sink: Admin operation error: ${noTopic}`,
    ],
    [
      'the group it reads its progress with',
      async (topic) => {
        await bench.grant('topic', `${topic}-progress`, ['all'])
        await bench.kafka.createTopic(`${topic}-progress`)
        await bench.kafka.produce(`${topic}-progress`, ['another sink'])
      },
      () =>
        'failed to fetch progress message Message consumption error: GroupAuthorizationFailed ' +
        '(Broker: Group authorization failed)',
    ],
  ])('without the right %s says so', async (_, prepare, words) => {
    const topic = newName()
    await bench.grant('transactionalId', `${topic}-u8`, ['write', 'describe'])
    await prepare(topic)
    const sink = bench.startSink(topic, { connection: bench.as('none') })
    await until(() => sink.statuses.length === 3, 'the stall')
    expect(sink.statuses[2]).toBe(`stalled kafka: ${words(topic)}`)
    await sink.stop()
  })

  test('whose right to write is taken stands still, and its write waits for the right', async () => {
    const topic = await bench.newTopic()
    await bench.grant('transactionalId', `${topic}-u8`, ['write', 'describe'])
    await bench.grant('group', `${topic}-group`, ['read'])
    await bench.grant('topic', `${topic}-progress`, ['all'])
    await bench.grant('topic', topic, ['write'])
    const sink = bench.startSink(topic, { connection: bench.as('none') })
    await sink.write([message('a')], 1)
    await bench.revoke('topic', topic)
    await bench.grant('topic', topic, ['describe'])
    const written = sink.write([message('b')], 2)
    await until(() => sink.statuses.length === 3, 'the stall')
    const what =
      `Failed to add partition(s) to transaction on broker sasl_ssl://${bench.kafka.brokers.SASL_SSL}/1: ` +
      'Broker: Topic authorization failed (after N ms)'
    expect(sink.statuses[2]!.replaceAll(/after \d+ ms/g, 'after N ms')).toBe(
      `stalled kafka: Transaction error: ${what}: ${what}`,
    )
    await bench.grant('topic', topic, ['write'])
    await written
    expect((await bench.kafka.read(topic)).map(({ value }) => String(value))).toEqual(['a', 'b'])
    await sink.stop()
  })

  test('with more replicas than brokers stalls on that', async () => {
    const topic = newName()
    const sink = bench.startSink(topic, { replicationFactor: 3 })
    await until(() => sink.statuses.length === 3, 'the stall')
    expect(sink.statuses[2]).toBe(
      `stalled kafka: Error creating topic ${topic} for sink: Admin operation error: ` +
        'InvalidReplicationFactor (Broker: Invalid replication factor)',
    )
    await sink.stop()
  })

  test('rejects what it has not written when it is stopped', async () => {
    const sink = bench.startSink(newName(), { replicationFactor: 3 })
    const waiting = expect(sink.write([message('a')], 1)).rejects.toThrow('the sink is stopped')
    await sink.stop()
    await waiting
    await expect(sink.write([message('a')], 1)).rejects.toThrow('the sink is stopped')
  })
})
