import { expect, test } from '@jest/globals'
import type { KafkaSettings } from '../src/core/model-connection.ts'
import { broker, open, relay, settings, withoutProducerIds } from './kafka-opened.ts'

/** Brokers that ask for a certificate of the client’s own, and what they have besides. */

const mutual = (change: Partial<KafkaSettings> = {}): KafkaSettings => ({
  brokers: [broker.brokers.MUTUAL_SSL],
  protocol: 'SSL',
  ca: broker.caPem,
  certificate: broker.client.certPem,
  key: broker.client.keyPem,
  ...change,
})

test('a client that shows its certificate is let in', async () => {
  const view = await open(mutual()).look([])
  expect(view.brokers).toHaveLength(1)
  expect(view.transactions).toBe(true)
})

test.each([
  {
    name: 'no certificate',
    change: () => ({ certificate: undefined, key: undefined }) as never,
    words: /a certificate of the client’s own/,
  },
  {
    name: 'a certificate of an authority that the broker does not know',
    change: () => ({ certificate: broker.stranger.certPem, key: broker.stranger.keyPem }),
    words: /does not trust|a certificate of the client’s own/,
  },
  {
    name: 'the key of another certificate',
    change: () => ({ key: broker.stranger.keyPem }),
    words: /the key is not the one of the certificate/,
  },
  {
    name: 'a key that is none',
    change: () => ({ key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n' }),
    words: /cannot be read/,
  },
])('$name: refused with the client’s side to blame', async ({ change, words }) => {
  const refused = open(mutual(change())).look([])
  await expect(refused).rejects.toMatchObject({
    reason: 'kafka-tls',
    message: expect.stringMatching(words),
    inputs: ['kafka-certificate', 'kafka-key'],
  })
})

test('brokers that offer no producer id have no transactions', async () => {
  const { address } = await relay('PLAINTEXT', withoutProducerIds)
  const given = { ...settings({ protocol: 'PLAINTEXT' }), brokers: [address] }
  expect((await open(given).look([])).transactions).toBe(false)
})
