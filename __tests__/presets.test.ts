import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../src/core/failure.ts'
import { PRESETS, type Provider, PROVIDERS } from '../src/core/presets.ts'
import { parseSpec } from '../src/core/spec-parse.ts'
import { readInputs } from '../src/inputs.ts'
import { env, refusal, whole } from './inputs-env.ts'

/** What each provider’s preset resolves to, by the inputs and in the spec file, and its limits. */

const EVENT_HUBS_PASSWORD = 'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKey=x='

const given = {
  file: 'spec.yml',
  database: 'materialize',
  schema: 'public',
  secret: (reference: { env: string } | { file: string }) =>
    'env' in reference && reference.env === 'SAS' ? EVENT_HUBS_PASSWORD : 'pw',
}

interface Resolved {
  brokers: string[]
  protocol: string
  mechanism: string
  username: string
  /** Of a topic that says nothing of it. */
  replicas: number
  /** Of a sink that says nothing of it. */
  compression: string | undefined
}

const TABLE: Record<Provider, Resolved> = {
  upstash: row({ mechanism: 'SCRAM-SHA-256' }),
  'confluent-cloud': row({ mechanism: 'PLAIN', replicas: 3 }),
  'redpanda-cloud': row({ mechanism: 'SCRAM-SHA-256' }),
  'redpanda-serverless': row({ mechanism: 'SCRAM-SHA-256', replicas: 3 }),
  redpanda: row({ mechanism: 'SCRAM-SHA-256' }),
  aiven: row({ mechanism: 'SCRAM-SHA-256', brokers: ['b:12691'] }),
  warpstream: row({ mechanism: 'PLAIN' }),
  'msk-scram': row({ mechanism: 'SCRAM-SHA-512', brokers: ['b:9096'] }),
  'event-hubs': row({
    mechanism: 'PLAIN',
    brokers: ['b:9093'],
    username: '$ConnectionString',
    compression: 'none',
  }),
  'self-managed': row({ mechanism: 'SCRAM-SHA-256' }),
}

function row(of: Partial<Resolved> & Pick<Resolved, 'mechanism'>): Resolved {
  return {
    brokers: ['b:9092'],
    protocol: 'SASL_SSL',
    username: 'me',
    replicas: -1,
    compression: undefined,
    ...of,
  }
}

test('every provider has a row here and one in README', () => {
  expect(Object.keys(TABLE)).toEqual(PROVIDERS)
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  for (const provider of PROVIDERS) {
    const [line = ''] = readme.split('\n').filter((one) => one.startsWith(`| \`${provider}\` |`))
    expect(line).toContain(PRESETS[provider].mechanism)
  }
})

describe.each(PROVIDERS)('%s', (provider) => {
  const asked = TABLE[provider]
  const broker = provider === 'aiven' ? 'b:12691' : 'b'
  const ownName = asked.username === 'me'

  test('in the spec file', () => {
    const username = ownName ? 'username: me, ' : ''
    const { spec, notes } = parseSpec(
      `connections: { k: { kafka: { provider: ${provider}, brokers: ["${broker}"], ${username}password: { env: SAS } } } }
topics: { t: { connection: k } }
sources: { s: { connection: k, topic: t } }
sinks: { o: { from: s, connection: k, topic: o } }`,
      given,
    )
    const kafka = spec.connections[0]?.kafka
    expect({
      brokers: kafka?.brokers,
      protocol: kafka?.protocol,
      mechanism: kafka?.sasl?.mechanism,
      username: kafka?.sasl?.username,
      replicas: spec.topics[0]?.replicationFactor,
      compression: spec.sinks[0]?.compression,
    }).toEqual(asked)
    expect(notes).toEqual('note' in PRESETS[provider] ? [PRESETS[provider].note] : [])
  })

  test('by the inputs', () => {
    const { inputs, notes } = readInputs(
      env({
        ...whole,
        provider,
        'kafka-brokers': broker,
        'kafka-username': ownName ? 'me' : '',
        'kafka-password': EVENT_HUBS_PASSWORD,
        'create-topic': 'true',
        'topic-replication-factor': '-1',
      }),
    )
    const { spec } = inputs
    const kafka = spec.connections[0]?.kafka
    expect({
      brokers: kafka?.brokers,
      protocol: kafka?.protocol,
      mechanism: kafka?.sasl?.mechanism,
      username: kafka?.sasl?.username,
      replicas: spec.topics[0]?.replicationFactor,
      compression: spec.sinks[0]?.compression,
    }).toEqual(asked)
    expect(notes.join()).toBe('note' in PRESETS[provider] ? PRESETS[provider].note : '')
  })
})

describe('limits, before anything is asked', () => {
  const login = 'username: me, password: { env: P }'
  const kafka = (rest: string) => `connections: { k: { kafka: { ${rest} } } }`
  const rows: [name: string, text: string, says: string][] = [
    [
      'a mechanism that Confluent Cloud refuses',
      kafka(`provider: confluent-cloud, brokers: [b], ${login}, mechanism: SCRAM-SHA-256`),
      'connections.k.kafka.mechanism "SCRAM-SHA-256" is none that Confluent Cloud takes; allowed: PLAIN.',
    ],
    [
      'a protocol that Confluent Cloud refuses',
      kafka(`provider: confluent-cloud, brokers: [b], ${login}, protocol: SASL_PLAINTEXT`),
      'connections.k.kafka.protocol "SASL_PLAINTEXT" is none that Confluent Cloud takes; allowed: SASL_SSL.',
    ],
    [
      'PLAIN at Redpanda Serverless',
      kafka(`provider: redpanda-serverless, brokers: [b], ${login}, mechanism: PLAIN`),
      'connections.k.kafka.mechanism "PLAIN" is none that Redpanda Serverless takes; allowed: SCRAM-SHA-256 or SCRAM-SHA-512.',
    ],
    [
      'the port of MSK that is for IAM',
      kafka(`provider: msk-scram, brokers: ["b:9098"], ${login}`),
      'connections.k.kafka.brokers "b:9098" has the port that is for IAM at Amazon MSK by SCRAM; allowed: 9096, or that of the service’s own page.',
    ],
    [
      'a broker of Aiven without its port',
      kafka(`provider: aiven, brokers: [b], ${login}`),
      'connections.k.kafka.brokers "b" has no port, and each service of Aiven has its own; allowed: host:port.',
    ],
    [
      'another user name at Event Hubs',
      kafka(`provider: event-hubs, brokers: [b], username: me, password: { env: SAS }`),
      'connections.k.kafka.username must be the literal $ConnectionString at Azure Event Hubs, whoever logs in; leave it out, or take care that no shell fills in the $.',
    ],
    [
      'a password at Event Hubs that is none of its own',
      kafka(`provider: event-hubs, brokers: [b], password: { env: P }`),
      'connections.k.kafka.password must be the connection string of the namespace at Azure Event Hubs, which begins with Endpoint=sb://.',
    ],
    [
      'replicas of a topic',
      `${kafka(`provider: confluent-cloud, brokers: [b], ${login}`)}\ntopics: { t: { connection: k, replication-factor: 1 } }`,
      'topics.t.replication-factor is 1, and Confluent Cloud keeps every topic with 3 replicas; give that, or leave it out.',
    ],
    [
      'replicas of a sink’s topic',
      `${kafka(`provider: confluent-cloud, brokers: [b], ${login}`)}\nsinks: { o: { from: s, connection: k, topic: o, topic-replication-factor: 2 } }`,
      'sinks.o.topic-replication-factor is 2, and Confluent Cloud keeps every topic with 3 replicas; give that, or leave it out.',
    ],
    [
      'replicas of the progress topic',
      kafka(
        `provider: redpanda-serverless, brokers: [b], ${login}, progress-topic-replication-factor: 1`,
      ),
      'connections.k.kafka.progress-topic-replication-factor is 1, and Redpanda Serverless keeps every topic with 3 replicas; give that, or leave it out.',
    ],
    [
      'a sink’s compression at Event Hubs',
      `${kafka(`provider: event-hubs, brokers: [b], password: { env: SAS }`)}\nsinks: { o: { from: s, connection: k, topic: o, compression: lz4 } }`,
      'sinks.o.compression lz4 is none that Azure Event Hubs takes; allowed: none or gzip.',
    ],
    [
      'a provider that is none',
      kafka(`provider: confluent, brokers: [b], ${login}`),
      'connections.k.kafka.provider "confluent" is not a word it knows; allowed: upstash, confluent-cloud, redpanda-cloud, redpanda-serverless, redpanda, aiven, warpstream, msk-scram, event-hubs or self-managed.',
    ],
  ]
  test.each(rows)('%s', (_name, text, says) => {
    let message = ''
    try {
      parseSpec(text, given)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      message = error.message.replace(/^spec\.yml:\d+:\d+: /, '')
    }
    expect(message).toBe(says)
  })

  test.each<[name: string, inputs: Record<string, string>, says: string]>([
    [
      'a mechanism',
      { provider: 'msk-scram', 'kafka-sasl-mechanism': 'PLAIN' },
      'kafka-sasl-mechanism "PLAIN" is none that Amazon MSK by SCRAM takes',
    ],
    [
      'a protocol',
      { provider: 'event-hubs', 'kafka-security-protocol': 'SSL' },
      'kafka-security-protocol "SSL" is none that Azure Event Hubs takes',
    ],
    [
      'a port that is missing',
      { provider: 'aiven', 'kafka-brokers': 'b' },
      'kafka-brokers "b" has no port',
    ],
    [
      'replicas of a topic',
      { provider: 'confluent-cloud', 'create-topic': 'true', 'topic-replication-factor': '1' },
      'topic-replication-factor is 1, and Confluent Cloud keeps every topic with 3 replicas',
    ],
  ])('by the inputs: %s', (_name, inputs, says) => {
    const failure = refusal(env({ ...whole, ...inputs }))
    expect(failure.message).toContain(says)
    expect(failure.message).not.toContain('secret')
  })
})
