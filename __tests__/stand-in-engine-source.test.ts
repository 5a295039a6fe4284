import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { compressions } from '../test-support/kafka/codecs.ts'
import { EngineBench, groupOf, newName } from '../test-support/materialize/kafka/bench.ts'
import { until } from '../test-support/materialize/kafka/watched.ts'

jest.setTimeout(60_000)

const bench = new EngineBench()

beforeAll(() => bench.open())
afterEach(() => bench.takeBackGrants())
afterAll(() => bench.close())

describe('a source', () => {
  test('reads what is there and what comes, with keys, headers and nulls', async () => {
    const topic = await bench.newTopic('one')
    const source = bench.startSource(topic)
    await until(() => source.values().length === 1, 'the record that was there')
    await bench.kafka.produce(topic, [
      { key: 'k', value: null, headers: { h: 'v', twice: ['1', '2'] } },
    ])
    await until(() => source.records.length === 2, 'the record that came')

    expect(source.records[0]).toMatchObject({ partition: 0, offset: 0n, key: null, headers: [] })
    expect(source.records[1]).toMatchObject({ offset: 1n, key: Buffer.from('k'), value: null })
    expect(source.records[1]!.headers.map(([name, value]) => `${name}=${value}`)).toEqual([
      'h=v',
      'twice=1',
      'twice=2',
    ])
    expect(source.statuses).toEqual(['starting', 'running'])
    expect(source.progress[0]).toEqual({ partition: 0, offset: 0n })
    await until(() => source.statistics()?.messagesReceived === 2, 'statistics')
    expect(source.statistics()).toMatchObject({ offsetKnown: 2n, offsetCommitted: 2n })
    await source.stop()
  })

  test.each(compressions)('reads records compressed with %s', async (compression) => {
    const topic = newName()
    await bench.kafka.createTopic(topic)
    await bench.kafka.produce(topic, ['x'.repeat(70_000), 'y'], { compression })
    const source = bench.startSource(topic)
    await until(() => source.records.length === 2, 'both records')
    expect(source.values()).toEqual(['x'.repeat(70_000), 'y'])
    await source.stop()
  })

  test('passes aborted records and markers by, and its progress reaches the watermark', async () => {
    const topic = newName()
    await bench.kafka.createTopic(topic)
    await bench.kafka.produce(topic, ['a', 'b'], { transaction: 'commit' })
    await bench.kafka.produce(topic, ['never'], { transaction: 'abort' })
    await bench.kafka.produce(topic, ['c'], { transaction: 'commit' })
    await bench.kafka.produce(topic, ['never either'], { transaction: 'abort' })
    const source = bench.startSource(topic)
    // 2 + marker, 1 + marker, 1 + marker, 1 + marker
    await until(() => source.offsetOf(0) === 9n, 'the watermark')
    expect(source.values()).toEqual(['a', 'b', 'c'])
    await source.stop()
  })

  test('starts at the given offsets, beside another one on the same topic', async () => {
    const topic = newName()
    await bench.kafka.createTopic(topic, { partitions: 2 })
    await bench.kafka.produce(topic, [
      ...['a', 'b', 'c'].map((value) => ({ value, partition: 0 })),
      ...['d', 'e'].map((value) => ({ value, partition: 1 })),
    ])
    const late = bench.startSource(topic, { startOffsets: [2n] })
    const whole = bench.startSource(topic)
    await until(() => late.records.length === 3 && whole.records.length === 5, 'all records')
    expect(late.values().sort()).toEqual(['c', 'd', 'e'])
    expect(late.progress.slice(0, 2)).toEqual([
      { partition: 0, offset: 0n },
      { partition: 1, offset: 0n },
    ])
    await late.stop()
    await whole.stop()
  })

  test('hands over no more while records are being taken', async () => {
    const topic = await bench.newTopic('1')
    const other = bench.startSource(await bench.newTopic('other'))
    const source = bench.startSource(topic)
    const release = source.hold()
    await until(() => source.records.length === 1, 'the first record')
    await bench.kafka.produce(topic, ['2'])
    await bench.kafka.produce(other.topic, ['more'])
    await until(() => other.records.length === 2, 'the other source going on')
    expect(source.records).toHaveLength(1)
    expect(source.offsetOf(0)).toBe(0n)
    release()
    await until(() => source.offsetOf(0) === 2n, 'the rest')
    await source.stop()
    await other.stop()
  })

  test('takes up partitions that are added, and reads them whole', async () => {
    const topic = await bench.newTopic('old')
    const source = bench.startSource(topic)
    await until(() => source.records.length === 1, 'the first partition')
    await bench.kafka.withAdmin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }),
    )
    await bench.kafka.produce(topic, [{ value: 'new', partition: 1 }])
    await until(() => source.offsetOf(1) === 1n, 'the second partition')
    await source.stop()
  })

  test('commits its offsets under exactly its group id', async () => {
    const topic = await bench.newTopic('a', 'b')
    const groupId = `${topic}-group`
    const source = bench.startSource(topic, { groupId })
    await until(() => source.offsetOf(0) === 2n, 'the records')
    await source.stop()
    const [committed] = await bench.kafka.withAdmin((admin) =>
      admin.fetchOffsets({ groupId, topics: [topic] }),
    )
    expect(committed!.partitions).toMatchObject([{ partition: 0, offset: '2' }])
  })

  const notRead = (topic: string, offset: number) =>
    `kafka: error consuming from source: kafka-u7 topic: ${topic}:partition: 0 last processed ` +
    `offset:${offset} : Message consumption error: TopicAuthorizationFailed (Broker: Topic ` +
    'authorization failed)'

  test('that may only describe stalls on the group, then the topic, then lies; heals on grant', async () => {
    const topic = await bench.newTopic('a')
    await bench.grant('topic', topic, ['describe'])
    const source = bench.startSource(topic, { connection: bench.as('none') })
    await until(() => source.statuses.length === 5, 'the five statuses')
    expect(source.statuses).toEqual([
      'starting',
      `stalled kafka: kafka error when polling consumer for source: kafka-u7 topic: ${topic} : ` +
        'Message consumption error: GroupAuthorizationFailed (Broker: Group authorization failed)',
      'running',
      `stalled ${notRead(topic, -1)}`,
      'running',
    ])
    expect(source.records).toEqual([])
    // Another one's whole history takes two looks of a second: the first is not told of it again.
    const second = bench.startSource(topic, { connection: bench.as('none') })
    await until(() => second.statuses.length === 5, 'another one telling the same')
    expect(source.statuses).toHaveLength(5)
    await second.stop()
    await bench.grant('topic', topic, ['read'])
    await until(() => source.offsetOf(0) === 1n, 'the record, without a grant on the group')
    await source.stop()
  })

  test('that loses its rights and regains them does not start again', async () => {
    const topic = await bench.newTopic('a')
    await bench.grant('group', groupOf(topic), ['read'])
    await bench.grant('topic', topic, ['read'])
    const source = bench.startSource(topic, { connection: bench.as('none') })
    await until(() => source.offsetOf(0) === 1n, 'the first record')
    await bench.revoke('topic', topic)
    await until(() => source.statuses.length === 4, 'both stalls')
    const second = bench.startSource(topic, { connection: bench.as('none') })
    await until(() => second.statuses.length === 2, 'another look at the topic')
    await second.stop()
    await bench.grant('topic', topic, ['read'])
    await bench.kafka.produce(topic, ['b'])
    await until(() => source.statuses.length === 5 && source.records.length === 2, 'its healing')
    expect(source.statuses.map((status) => status.split(' ')[0])).toEqual([
      'starting',
      'running',
      'stalled',
      'stalled',
      'running',
    ])
    expect(source.statuses.slice(2, 4).sort()).toEqual([
      'stalled kafka: TopicAuthorizationFailed (Broker: Topic authorization failed)',
      `stalled ${notRead(topic, 0)}`,
    ])
    await source.stop()
  })

  test('whose topic is deleted stays stalled, also when there is such a topic again', async () => {
    const topic = await bench.newTopic('a')
    const source = bench.startSource(topic)
    await until(() => source.records.length === 1, 'the first record')
    await bench.kafka.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    const gone =
      'stalled kafka: source must be dropped and recreated due to failure: topic was deleted'
    await until(() => source.statuses.at(-1) === gone, 'the stall')
    await bench.kafka.createTopic(topic)
    await bench.kafka.produce(topic, ['b'])
    const again = bench.startSource(topic)
    await until(() => again.records.length === 1, 'another source on the new topic')
    expect(source.statuses).toEqual(['starting', 'running', gone])
    expect(source.records).toHaveLength(1)
    await source.stop()
    await again.stop()
  })

  test('tells nothing after its stop', async () => {
    const topic = await bench.newTopic('a')
    const stopped = bench.startSource(topic)
    const going = bench.startSource(topic)
    await stopped.stop()
    await until(() => going.records.length === 1, 'the other one')
    expect(stopped.statuses).toEqual(['starting'])
    expect(stopped.records).toEqual([])
    await going.stop()
  })
})
