import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { KafkaConnectionConfig } from '../test-support/materialize/engine-port.ts'
import { EngineBench, newName } from '../test-support/materialize/kafka/bench.ts'

jest.setTimeout(60_000)

const bench = new EngineBench()

beforeAll(() => bench.open())
afterEach(() => bench.takeBackGrants())
afterAll(() => bench.close())

describe('validating a connection', () => {
  const disconnected = (broker: string) =>
    `Internal kafka error: [thrd:${broker}/bootstrap]: ${broker}/bootstrap: Disconnected: connection ` +
    'closed by peer: receive 0 after POLLIN (after 0ms in state APIVERSION_QUERY, 1 identical ' +
    'error(s) suppressed)'
  const transport = 'BrokerTransportFailure (Local: Broker transport failure)'

  test('accepts every listener, mechanism and user, also one without any grant', async () => {
    const plain = { ...bench.as('full'), mechanism: 'PLAIN' }
    const sha512 = { ...bench.as('full'), mechanism: 'scram-sha-512' }
    const open = {
      brokers: [bench.kafka.brokers.PLAINTEXT],
      securityProtocol: 'PLAINTEXT' as const,
    }
    const tls = {
      brokers: [bench.kafka.brokers.SSL],
      securityProtocol: 'SSL' as const,
      ca: bench.kafka.caPem,
    }
    for (const connection of [bench.as('admin'), bench.as('none'), plain, sha512, open, tls]) {
      await bench.engine.validate(connection)
    }
  })

  test.each<[string, () => KafkaConnectionConfig, string | ((broker: string) => string)]>([
    [
      'a wrong SCRAM password',
      () => ({ ...bench.as('full'), password: 'x' }),
      'SASL authentication failed',
    ],
    [
      'a wrong PLAIN password',
      () => ({ ...bench.as('full'), mechanism: 'PLAIN', password: 'x' }),
      'Invalid username or password',
    ],
    [
      'an unknown host',
      () => ({ brokers: ['nope.invalid:9092'], securityProtocol: 'PLAINTEXT' }),
      'Failed to resolve hostname',
    ],
    [
      'a port that nobody listens on',
      () => ({ brokers: ['localhost:1'], securityProtocol: 'PLAINTEXT' }),
      'Broker transport failure',
    ],
    [
      'no TLS on a port with TLS',
      () => ({ brokers: [bench.kafka.brokers.SASL_SSL], securityProtocol: 'PLAINTEXT' }),
      disconnected,
    ],
    [
      'TLS on a port without',
      () => ({ brokers: [bench.kafka.brokers.PLAINTEXT], securityProtocol: 'SSL' }),
      'Broker does not support SSL connections',
    ],
    [
      'another CA',
      () => ({ ...bench.as('full'), ca: bench.kafka.wrongCaPem }),
      'Invalid CA certificate',
    ],
    [
      'no CA, where the system knows none',
      () => {
        const connection = bench.as('full')
        delete connection.ca
        return connection
      },
      'Invalid CA certificate',
    ],
    [
      'a mechanism nobody speaks',
      () => ({ ...bench.as('full'), mechanism: 'OAUTHBEARER' }),
      `Meta data fetch error: ${transport}: ${transport}`,
    ],
    [
      'no login where one is asked for',
      () => ({
        brokers: [bench.kafka.brokers.SASL_SSL],
        securityProtocol: 'SSL',
        ca: bench.kafka.caPem,
      }),
      'SASL authentication required',
    ],
    [
      'a login where none is asked for',
      () => ({ ...bench.as('full'), brokers: [bench.kafka.brokers.SSL] }),
      'Unsupported SASL mechanism',
    ],
  ])('refuses %s', async (_, connection, words) => {
    const message = typeof words === 'string' ? words : words(bench.kafka.brokers.SASL_SSL)
    await expect(bench.engine.validate(connection())).rejects.toMatchObject({
      code: '58000',
      message,
    })
  })
})

describe('describing a topic', () => {
  test('counts partitions', async () => {
    const topic = newName()
    await bench.kafka.createTopic(topic, { partitions: 3 })
    expect(await bench.engine.describeTopic(bench.as('reader'), topic)).toEqual({ partitions: 3 })
  })

  const transport =
    'Meta data fetch error: BrokerTransportFailure (Local: Broker transport failure)'
  test.each<[string, () => [KafkaConnectionConfig, string], string]>([
    ['a missing one', () => [bench.as('full'), 'no-such'], 'Topic does not exist'],
    [
      'one without the right',
      () => [bench.as('none'), 'no-such'],
      'TopicAuthorizationFailed (Broker: Topic authorization failed)',
    ],
    ['one without a name', () => [bench.as('full'), ''], 'InvalidTopic (Broker: Invalid topic)'],
    [
      'any with a wrong password',
      () => [{ ...bench.as('full'), password: 'x' }, 'no-such'],
      transport,
    ],
  ])('refuses %s', async (_, args, message) => {
    await expect(bench.engine.describeTopic(...args())).rejects.toMatchObject({
      code: 'XX000',
      message,
    })
  })

  test('finds offsets by time, and the end for a time to come', async () => {
    const topic = newName()
    await bench.kafka.createTopic(topic, { partitions: 2 })
    await bench.kafka.produce(topic, [
      { value: 'old', partition: 0, timestamp: '1000' },
      { value: 'new', partition: 0, timestamp: '2000' },
      { value: 'other', partition: 1, timestamp: '1000' },
    ])
    const at = (timestampMs: number) =>
      bench.engine.offsetsAtTimestamp(bench.as('reader'), { topic, timestampMs })
    expect(await at(1000)).toEqual([0n, 0n])
    expect(await at(1500)).toEqual([1n, 1n])
    expect(await at(9000)).toEqual([2n, 1n])
  })

  test('is asked of a sink too, and wrapped', async () => {
    await bench.engine.checkSink(bench.as('none'))
    await expect(
      bench.engine.checkSink({ ...bench.as('none'), password: 'x' }),
    ).rejects.toMatchObject({
      code: 'XX000',
      message: 'KAFKA sink validation: admin client errored',
      detail: transport,
    })
  })
})
