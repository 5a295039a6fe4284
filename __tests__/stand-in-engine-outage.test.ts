import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { EngineBench, message, newName } from '../test-support/materialize/kafka/bench.ts'
import { createKafkaEngine } from '../test-support/materialize/kafka/engine.ts'
import { until, watchedSource } from '../test-support/materialize/kafka/watched.ts'

jest.setTimeout(60_000)

const bench = new EngineBench()

beforeAll(() => bench.open({ ownBroker: true }))
afterEach(() => bench.takeBackGrants())
afterAll(() => bench.close())

describe('when the broker goes away', () => {
  test('source and sink stall, and go on when it is back', async () => {
    const topic = await bench.newTopic('before')
    const source = bench.startSource(topic)
    const sink = bench.startSink(newName())
    await sink.write([message('1')], 1)
    await until(() => source.offsetOf(0) === 1n, 'the first record')

    const restarted = bench.ownKafka.restart()
    const lost = 'BrokerTransportFailure (Local: Broker transport failure)'
    await until(() => source.statuses.at(-1)!.endsWith(lost), 'the stall of the source')
    await until(() => sink.statuses.at(-1)!.endsWith(lost), 'the stall of the sink')
    const written = sink.write([message('2')], 2)
    await restarted
    await bench.kafka.produce(topic, ['after'])
    await written
    await until(() => source.offsetOf(0) === 2n, 'the second record')
    await until(() => source.statuses.at(-1) === 'running', 'the source running')
    expect(source.statuses.filter((status) => status === 'starting')).toHaveLength(1)
    expect((await bench.kafka.read(sink.topic)).map(({ value }) => String(value))).toEqual([
      '1',
      '2',
    ])
    await source.stop()
    await sink.stop()
  })

  test('closing does not wait for one that answers nothing', async () => {
    const own = createKafkaEngine()
    const source = watchedSource(own, {
      connection: bench.as('full'),
      topic: await bench.newTopic('a'),
      groupId: 'g-u7',
      startOffsets: [],
      metadataRefreshMs: 1_000,
    })
    await until(() => source.records.length === 1, 'the record')
    await bench.ownKafka.pause()
    try {
      const began = Date.now()
      await own.close()
      expect(Date.now() - began).toBeLessThan(1_000)
    } finally {
      await bench.ownKafka.resume()
    }
  })
})
