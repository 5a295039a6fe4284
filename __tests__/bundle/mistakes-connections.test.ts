import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { isOfConnections, refused } from './mistakes-made.ts'

/**
 * Every mistake with connections and clusters that the transcripts hold, made through the spec: the
 * words are ours, and Materialize is sent nothing that changes anything.
 */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('mistakes')
})
afterAll(async () => {
  await services.stop()
})

interface Mistake {
  /** As Materialize’s transcript has it. */
  statement: string
  spec: () => Record<string, unknown>
  reason: string
  words: string | RegExp
  /** Whether Materialize’s catalog must be read to tell. */
  catalog?: true
}

const kafka = (of: object) => ({ connections: { k: { kafka: of } } })
const secure = () => ({ brokers: [services.kafka.brokers.SASL_SSL], ca: { env: 'CA' } })
const login = { username: { env: 'USER_NAME' }, password: { env: 'PASSWORD' } }

const MISTAKES: Mistake[] = [
  {
    statement: 'CREATE CONNECTION k_plain ',
    spec: () => kafka({ ...secure(), ...login, password: { env: 'WRONG' }, mechanism: 'PLAIN' }),
    reason: 'kafka-login',
    words: /refused the login by PLAIN/,
  },
  {
    statement: 'CREATE CONNECTION k_bad1 ',
    spec: () => kafka({ ...secure(), ...login, mechanism: 'OAUTHBEARER' }),
    reason: 'input-invalid',
    words:
      'connections.k.kafka.mechanism "OAUTHBEARER" is not a word it knows; allowed: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN',
  },
  {
    statement: 'CREATE CONNECTION k_bad2 ',
    spec: () => kafka({ ...secure(), username: { env: 'USER_NAME' } }),
    reason: 'input-invalid',
    words: 'connections.k.kafka.password is missing, and the protocol SASL_SSL needs it',
  },
  {
    statement: 'CREATE CONNECTION k_bad3 ',
    spec: () => kafka({ ...secure(), ...login, password: 'literal' }),
    reason: 'input-invalid',
    words: 'connections.k.kafka.password is written in the file, where others can read it',
  },
  {
    statement: 'CREATE CONNECTION k_bad4 ',
    spec: () => kafka({ ...secure(), ...login, password: { env: 'NO_SUCH' } }),
    reason: 'input-invalid',
    words:
      'connections.k.kafka.password needs the environment variable NO_SUCH, which is not set or empty',
  },
  {
    statement: 'CREATE CONNECTION k_bad5 ',
    spec: () => kafka({ brokers: ['nope.invalid:9092'], protocol: 'PLAINTEXT' }),
    reason: 'kafka-host-unknown',
    words: 'The Kafka host nope.invalid has no address',
  },
  {
    statement: 'CREATE CONNECTION k_bad6 ',
    spec: () => kafka({ brokers: ['localhost:1'], protocol: 'PLAINTEXT' }),
    reason: 'kafka-unreachable',
    words: 'Kafka at localhost:1 refused the connection',
  },
  {
    statement: 'CREATE CONNECTION k_bad7 ',
    spec: () => kafka({ brokers: [services.kafka.brokers.SASL_SSL], protocol: 'PLAINTEXT' }),
    reason: 'kafka-tls-mismatch',
    words: /speaks TLS, and the security protocol asks for plain text/,
  },
  {
    statement: 'CREATE CONNECTION k_bad8 ',
    spec: () => kafka({ brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'SSL' }),
    reason: 'kafka-tls-mismatch',
    words: /speaks plain text, and the security protocol asks for TLS/,
  },
  {
    statement: 'VALIDATE CONNECTION k_unval',
    spec: () => kafka({ brokers: ['nope.invalid:9092'], protocol: 'PLAINTEXT', validate: true }),
    reason: 'kafka-host-unknown',
    words: 'The Kafka host nope.invalid has no address',
  },
  {
    statement: 'ALTER CONNECTION k_unval SET (PROGRESS TOPIC',
    spec: () =>
      kafka({
        brokers: [services.kafka.brokers.PLAINTEXT],
        protocol: 'PLAINTEXT',
        'progress-topic': 'x',
      }),
    reason: 'definition-differs',
    words: `can only be changed by dropping it and making it anew: progress-topic is 'none', not 'x'.`,
    catalog: true,
  },
  {
    statement: 'CREATE SOURCE s_noconn ',
    spec: () => ({ sources: { s: { connection: 'nosuch', topic: 'mistakes' } } }),
    reason: 'input-invalid',
    words: 'sources.s.connection "nosuch" is not among connections',
  },
  {
    statement: 'CREATE SOURCE s_noc ',
    spec: () => ({
      ...kafka({ brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' }),
      sources: { s: { connection: 'k', topic: 'mistakes', cluster: 'nosuch' } },
    }),
    reason: 'cluster-unknown',
    words: 'There is no cluster "nosuch". There are: "quickstart".',
    catalog: true,
  },
  {
    statement: 'CREATE SOURCE s_avro ',
    spec: () => ({
      ...kafka({ brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' }),
      sources: {
        s: { connection: 'k', topic: 'mistakes', format: { avro: { registry: 'nosuch' } } },
      },
    }),
    reason: 'input-invalid',
    words: 'registry "nosuch" is not among connections',
  },
  {
    statement: "CREATE CLUSTER pr_13 (SIZE '3xsmall')",
    spec: () => ({ clusters: { pr_13: { size: '3xsmall' } } }),
    reason: 'cluster-size-unknown',
    words:
      /sizes of that name went from sources and sinks with Materialize v0\.84, .* such as '25cc'/,
    catalog: true,
  },
]

async function make(spec: object): Promise<BundleRun> {
  const { 'materialize-url': url = '' } = services.inputs()
  const { users, caPem } = services.kafka
  return runBundle(
    {
      'materialize-url': url,
      'kafka-check': 'always',
      spec: JSON.stringify(spec, null, 1),
      timeout: '30s',
    },
    {
      env: {
        USER_NAME: users.full.username,
        PASSWORD: users.full.password,
        WRONG: 'not-the-password-9f2c',
        CA: caPem,
      },
    },
  )
}

test.each(MISTAKES)('$statement', async ({ statement, spec, reason, words, catalog }) => {
  if (statement.startsWith('ALTER')) {
    const before = kafka({ brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' })
    expect((await make(before)).outputs).toMatchObject({ status: 'healthy' })
  }
  services.statements.length = 0
  const run = await make(spec())
  expect(run.outputs).toMatchObject({
    status: 'failed',
    'failure-reason': reason,
    changed: 'false',
  })
  if (typeof words === 'string') expect(run.stdout).toContain(words)
  else expect(run.stdout).toMatch(words)
  expect(run.outputs['failure-hint']).not.toBe('')
  const sent = services.statements.filter((text) => !/^(SELECT|SHOW|SET) /.test(text))
  expect(sent).toEqual([])
  if (!catalog) expect(services.statements).toEqual([])
  if (statement.startsWith('ALTER')) await services.sql('DROP CONNECTION k')
})

describe('the transcripts', () => {
  test('hold no refusal of a connection or cluster that has no row', () => {
    const concern = [
      ...refused('options').filter(isOfConnections),
      ...refused('privileges').filter((sql) => /^CREATE CLUSTER .*3xsmall/.test(sql)),
    ]
    expect(concern.length).toBeGreaterThan(10)
    const missing = concern.filter(
      (sql) => !MISTAKES.some(({ statement }) => sql.startsWith(statement)),
    )
    expect(missing).toEqual([])
  })
})
