import { describe, expect, test } from '@jest/globals'
import { INPUTS } from '../src/core/input-table.ts'
import type { Inputs } from '../src/core/model.ts'
import { readInputs, type ReadInputs } from '../src/inputs.ts'
import { certificate, env, kafka, refusal, url, whole, type Given } from './inputs-env.ts'

function read(inputs: Given, variables?: Record<string, string>): ReadInputs {
  return readInputs(env(inputs, variables))
}

test('the example is read whole', () => {
  const connection = { database: 'db', schema: 'public', name: 'upstash' }
  const expected: Inputs = {
    mode: 'provision',
    allowed: { adopt: false, prune: false, dropDependents: false, replace: [] },
    failOnChanges: false,
    checks: { thresholds: {}, failOn: 'degraded' },
    planCheck: 'none',
    restartReplicas: false,
    maxParallel: 4,
    deleteTopics: false,
    canary: { count: 1 },
    materialize: {
      host: 'mz.example',
      port: 6875,
      user: 'me',
      password: 'pw',
      database: 'db',
      sslmode: 'verify-full',
    },
    schema: 'public',
    kafkaCheck: 'auto',
    spec: {
      connections: [
        {
          name: connection,
          kafka: {
            brokers: ['kafka.example:9093'],
            protocol: 'SASL_SSL',
            sasl: { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'secret' },
          },
          secrets: {
            username: { name: { ...connection, name: 'upstash_username' }, value: 'user' },
            password: { name: { ...connection, name: 'upstash_password' }, value: 'secret' },
          },
        },
      ],
      clusters: [],
      tables: [],
      views: [],
      topics: [],
      sources: [
        { name: { ...connection, name: 'hello' }, connection, topic: 'hello', format: 'bytes' },
      ],
      sinks: [
        {
          name: { ...connection, name: 'hello_out' },
          from: { ...connection, name: 'hello' },
          connection,
          topic: 'hello-out',
          format: 'json',
          envelope: 'debezium',
          key: [],
        },
      ],
    },
    sampleRows: 10,
    minRows: 0,
    timeoutMs: 300_000,
  }
  expect(read(whole)).toEqual({ inputs: expected, notes: [], warnings: [] })
})

test('everything at once', () => {
  const { inputs } = read({
    'materialize-host': 'mz.example',
    'materialize-port': '16875',
    'materialize-user': 'me',
    'materialize-database': 'my.db',
    'materialize-sslmode': 'verify-full',
    'materialize-ca': certificate,
    cluster: 'my "cluster".x',
    schema: 'my.schema',
    'kafka-brokers': 'a\nb:1',
    'kafka-username': 'u',
    'kafka-password': 'p',
    'kafka-sasl-mechanism': 'plain',
    'kafka-security-protocol': 'sasl-ssl',
    'kafka-ca': certificate,
    'kafka-check': 'always',
    connection: '"c.d"',
    source: 'other.src',
    topic: 'in',
    'create-topic': 'true',
    'topic-partitions': '3',
    'topic-replication-factor': '2',
    format: 'json',
    'key-format': 'text',
    envelope: 'upsert',
    include: 'key,\npartition, headers',
    'start-offsets': '7, 0, 9007199254740991',
    sink: 'Sink',
    'sink-topic': 'out',
    'sink-envelope': 'upsert',
    'sink-key': 'partition, "key"',
    'show-rows': 'none',
    'sample-rows': '0',
    'min-rows': '1',
    timeout: '90s',
  })
  const home = { database: 'my.db', schema: 'my.schema' }
  expect(inputs).toMatchObject({
    materialize: { port: 16875, database: 'my.db', sslmode: 'verify-full', ca: certificate },
    cluster: 'my "cluster".x',
    schema: 'my.schema',
    kafkaCheck: 'always',
    showRows: 'none',
    sampleRows: 0,
    minRows: 1,
    timeoutMs: 90_000,
  })
  const [connection] = inputs.spec.connections
  expect(connection?.kafka).toMatchObject({
    brokers: ['a:9092', 'b:1'],
    sasl: { mechanism: 'PLAIN' },
    ca: certificate,
  })
  expect(connection?.secrets.ca).toEqual({ name: { ...home, name: 'c.d_ca' }, value: certificate })
  const name = { database: 'my.db', schema: 'other', name: 'src' }
  const cluster = 'my "cluster".x'
  expect(inputs.spec.sources).toEqual([
    {
      name,
      connection: { ...home, name: 'c.d' },
      topic: 'in',
      format: 'json',
      keyFormat: 'text',
      envelope: 'upsert',
      include: [{ kind: 'key' }, { kind: 'partition' }, { kind: 'headers' }],
      startOffsets: [7, 0, 9_007_199_254_740_991],
      cluster,
    },
  ])
  expect(inputs.spec.topics).toMatchObject([{ name: 'in', partitions: 3, replicationFactor: 2 }])
  expect(inputs.spec.sinks).toMatchObject([
    {
      name: { ...home, name: 'Sink' },
      from: name,
      key: ['partition', 'key'],
      envelope: 'upsert',
      cluster,
    },
  ])
})

describe('blanks', () => {
  test('count as absent, also where there is a default', () => {
    const blank = Object.fromEntries(INPUTS.map((row) => [row.name, ' \n'])) as Given
    expect(read({ ...blank, ...whole })).toEqual(read(whole))
  })

  test('round a value are dropped', () => {
    const padded = Object.entries(whole).map(([name, text]) => [name, ` ${text}\n`])
    const all = { ...Object.fromEntries(padded), 'kafka-password': 'secret' } as Given
    expect(read(all)).toEqual(read(whole))
  })

  test('of a password stay, apart from one line break at its end', () => {
    const passwords = (text: string, variables?: Record<string, string>) => {
      const { inputs } = read(
        {
          ...whole,
          'materialize-url': 'postgres://me@mz.example',
          'materialize-password': variables ? '' : text,
          'kafka-password': text,
        },
        variables,
      )
      return [inputs.materialize.password, inputs.spec.connections[0]?.kafka?.sasl?.password]
    }
    expect(passwords(' a b \n')).toEqual([' a b ', ' a b '])
    expect(passwords('a\r\n')).toEqual(['a', 'a'])
    expect(passwords('\na\n\n')).toEqual(['\na\n', '\na\n'])
    expect(passwords('x', { MZ_PASSWORD: ' y \n' })).toEqual([' y ', 'x'])
  })
})

describe('Kafka without TLS or login', () => {
  const bare: Given = { ...whole, 'kafka-username': '', 'kafka-password': '' }

  test.each(['PLAINTEXT', 'SSL'])('%s needs no login and makes no secrets', (protocol) => {
    const [connection] = read({ ...bare, 'kafka-security-protocol': protocol }).inputs.spec
      .connections
    expect(connection?.kafka).toEqual({ brokers: ['kafka.example:9093'], protocol })
    expect(connection?.secrets).toEqual({})
  })

  test('a password in clear text is warned of, unless on this machine', () => {
    const open: Given = {
      ...whole,
      'kafka-security-protocol': 'SASL_PLAINTEXT',
      'kafka-sasl-mechanism': 'PLAIN',
    }
    expect(read(open).warnings.join()).toContain('clear text')
    expect(read({ ...open, 'kafka-brokers': 'localhost:1,127.0.0.1:2' }).warnings).toEqual([])
    expect(read({ ...open, 'kafka-sasl-mechanism': 'SCRAM-SHA-512' }).warnings).toEqual([])
  })

  test('no brokers at all: the connection must be there already', () => {
    const [connection] = read({ ...bare, 'kafka-brokers': '' }).inputs.spec.connections
    expect(connection?.kafka).toBeUndefined()
    expect(connection?.secrets).toEqual({})
  })
})

describe('source and sink', () => {
  const none: Given = { 'materialize-url': url, ...kafka }

  test('one of them will do', () => {
    const source = read({ ...none, source: 's', topic: 't' }).inputs.spec
    expect([source.sources.length, source.sinks.length]).toEqual([1, 0])
    const sink = read({ ...none, sink: 'k', 'sink-from': 't', 'sink-topic': 't' }).inputs.spec
    expect([sink.sources.length, sink.sinks.length]).toEqual([0, 1])
  })

  test('a sink reads the source, if nothing else is named', () => {
    const { spec } = read({ ...whole, 'sink-from': '', source: 's2' }).inputs
    expect(spec.sinks[0]?.from).toEqual(spec.sources[0]?.name)
  })

  test('a debezium sink may have a key', () => {
    expect(read({ ...whole, 'sink-key': 'data' }).inputs.spec.sinks[0]?.key).toEqual(['data'])
  })

  test('without a sink, what only a sink needs does not matter', () => {
    const { spec } = read({ ...none, source: 's', topic: 't', 'sink-envelope': 'upsert' }).inputs
    expect(spec.sinks).toEqual([])
  })

  test('topics may be the same, unless the sink feeds its own source', () => {
    expect(
      read({ ...whole, 'sink-from': 't', 'sink-topic': 'hello' }).inputs.spec.sinks,
    ).toHaveLength(1)
    expect(refusal(env({ ...whole, 'sink-topic': 'hello' })).inputs).toEqual([
      'topic',
      'sink-topic',
    ])
  })
})
