import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { canaryName } from '../src/core/canary-names.ts'
import type { Reason } from '../src/core/failure.ts'
import { commentText } from '../src/core/marker.ts'
import type { AclRule } from '../test-support/kafka/acls.ts'
import { runHere } from '../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../test-support/pipeline/services.ts'
import { stalledSink } from '../test-support/pipeline/stalled-sink.ts'

/** Which leg a canary does not get through and why, what asks for canaries, and what forbids them. */

let services: Services
let url = ''
beforeAll(async () => {
  services = await startServices()
  url = services.inputs()['materialize-url'] ?? ''
})
afterAll(() => services.stop())

const open = (): object => ({
  kafka: { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' },
})
const inputsOf = (spec: object, more: Record<string, string> = {}): Record<string, string> => ({
  ...{ 'materialize-url': url, spec: stringify(spec), timeout: '30s', 'sample-rows': '0' },
  ...more,
})

test('inline, to a sink that is stalled: the sink’s leg, with Materialize’s words', async () => {
  const inputs = await stalledSink(services)
  const { report, milliseconds } = await runHere({ ...inputs, canary: 'inline' })
  const [canary] = report.canaries
  expect(canary).toMatchObject({ held: false, reason: 'canary-not-sunk' })
  expect(canary?.because).toMatch(
    /^The canary at topic stalled, partition 0, offset \d+ came out of .*stalled_in" and did not reach the sink’s topic stalled-out within [\d.ms]+: The sink .* is stalled: .*Transactional Id authorization failed\.$/,
  )
  expect(canary?.times.map((times) => Object.keys(times))).toEqual([['acknowledged', 'ingested']])
  expect(report).toMatchObject({ status: 'failed' })
  // Not the time that was left, but as soon as it is sure.
  expect(milliseconds).toBeLessThan(25_000)
}, 60_000)

test('inline, through a source whose Kafka no longer lets it read: the source’s leg', async () => {
  const rule: AclRule = {
    ...{ user: 'none', resource: 'topic', name: 'unread', operations: ['read', 'describe'] },
  }
  await services.kafka.createTopic('unread')
  await services.kafka.setAcls([
    rule,
    { ...rule, resource: 'group', operations: ['read'], pattern: 'prefixed' },
  ])
  process.env['UNREAD_PASSWORD'] = services.kafka.users.none.password
  const bound = {
    ...{ brokers: [services.kafka.brokers.SASL_PLAINTEXT], protocol: 'SASL_PLAINTEXT' },
    ...{ username: { text: 'none' }, password: { env: 'UNREAD_PASSWORD' } },
    mechanism: 'SCRAM-SHA-256',
  }
  const source = { topic: 'unread', format: 'text', 'group-id-prefix': 'unread' }
  const spec = (connections: object, connection: string): object => ({
    connections,
    sources: { unread: { connection, ...source } },
  })
  const made = await runHere(inputsOf(spec({ unread_k: { kafka: bound } }, 'unread_k')))
  expect([made.report.failure, made.report.status]).toEqual([undefined, 'healthy'])
  await services.kafka.removeAcls([{ ...rule, operations: ['read'] }])
  // The runner’s login may write; Materialize keeps its own.
  const other = { ...bound, username: { text: 'full' }, password: { env: 'FULL_PASSWORD' } }
  process.env['FULL_PASSWORD'] = services.kafka.users.full.password
  const { report } = await runHere(
    inputsOf(spec({ unread_k: { kafka: other } }, 'unread_k'), {
      ...{ mode: 'verify', canary: 'inline', 'fail-on': 'never' },
    }),
  )
  const [canary] = report.canaries
  expect(canary).toMatchObject({ held: false, reason: 'canary-not-ingested' })
  expect(canary?.because).toContain('did not come out of "materialize"."public"."unread"')
}, 60_000)

describe('what asks for canaries', () => {
  test('the spec’s keys: a connection, sources, each isolated one once', async () => {
    for (const topic of ['asked-a', 'asked-b', 'asked-c']) await services.kafka.createTopic(topic)
    const source = { connection: 'asked_k', format: 'json' }
    const spec = {
      connections: { asked_k: { ...open(), canary: 'isolated' } },
      sources: {
        asked_a: { ...source, topic: 'asked-a', canary: 'inline' },
        asked_b: { ...source, topic: 'asked-b', canary: 'isolated' },
        asked_c: { ...source, topic: 'asked-c' },
      },
    }
    const { report } = await runHere(inputsOf(spec))
    expect(report.canaries).toMatchObject([
      { way: 'isolated', held: true, connection: '"materialize"."public"."asked_k"' },
      { way: 'inline', held: true, relation: '"materialize"."public"."asked_a"' },
    ])
    expect(report.changes.map(({ object }) => object).join()).not.toContain('mka-canary')
    // Looking on, and nothing is as if it had been changed.
    const checked = await runHere(inputsOf(spec, { mode: 'verify', 'canary-count': '2' }))
    expect(checked.report).toMatchObject({ status: 'healthy', changes: [] })
    expect(checked.report.canaries.map(({ times }) => times.length)).toEqual([2, 2])
    expect(checked.report.canaries[1]?.written.map(({ offset }) => offset)).toEqual(['1', '2'])
  }, 60_000)

  test('max-latency: all are sent, and the run fails', async () => {
    await services.kafka.createTopic('tardy')
    const spec = {
      connections: { late_k: open() },
      sources: { tardy: { connection: 'late_k', topic: 'tardy', format: 'text' } },
    }
    const more = { canary: 'inline', 'canary-count': '3', 'max-latency': '1ms' }
    const { report } = await runHere(inputsOf(spec, more))
    expect(report).toMatchObject({
      failure: { reason: 'latency-too-large' },
      canaries: [{ held: false, times: [{}, {}, {}] }],
    })
    expect(report.failure?.message).toMatch(
      /^3 of 3 canaries .* longer than max-latency \(1ms\): up to \d+ ms\.$/,
    )
  }, 60_000)
})

test('another run’s canary is none of the things that a whole schema’s check looks at', async () => {
  await services.kafka.createTopic('crowd')
  await services.sql('CREATE SCHEMA crowd')
  const inputs = { ...services.inputs(), schema: 'crowd', connection: 'crowd_k' }
  await runHere({ ...inputs, source: 'crowd', topic: 'crowd' })
  const name = canaryName('acme/shop', { id: '0123456789ab', until: 0 }, 'in')
  const mark = commentText('', { repository: 'acme/shop', key: 'canary:0123456789ab' })
  await services.sql(
    `CREATE SOURCE crowd."${name}" FROM KAFKA CONNECTION crowd.crowd_k (TOPIC 'crowd') FORMAT TEXT`,
    `COMMENT ON SOURCE crowd."${name}" IS '${mark}'`,
  )
  const looked = await runHere({ ...inputs, mode: 'verify', 'all-in-schema': 'true' })
  expect(looked.report.objects.map((one) => one.name.name)).toEqual(['crowd'])
}, 60_000)

describe('what forbids a canary, in one sentence and before anything is written', () => {
  test.each<{
    name: string
    spec: () => object
    more: Record<string, string>
    reason?: Reason
    said: string
  }>([
    {
      name: 'a connection of which only the name is known',
      spec: () => ({
        connections: { forbidden_k: {} },
        sources: { forbidden: { connection: 'forbidden_k', topic: 'forbidden', format: 'text' } },
      }),
      more: { canary: 'isolated' },
      said: 'this runner does not see its Kafka (the inputs do not say how to reach its Kafka)',
    },
    {
      name: 'a runner that is not to look at Kafka',
      spec: () => ({
        connections: { forbidden_k: open() },
        sources: { forbidden: { connection: 'forbidden_k', topic: 'forbidden', format: 'text' } },
      }),
      more: { canary: 'inline', 'kafka-check': 'never' },
      said: 'this runner does not see its Kafka (kafka-check is never)',
    },
    {
      name: 'a user who may not create topics',
      spec: () => ({
        connections: {
          forbidden_r: {
            kafka: {
              ...{ brokers: [services.kafka.brokers.SASL_PLAINTEXT], protocol: 'SASL_PLAINTEXT' },
              ...{ username: { text: 'reader' }, password: { env: 'READER_PASSWORD' } },
              mechanism: 'SCRAM-SHA-256',
            },
          },
        },
        sources: {
          forbidden_in: { connection: 'forbidden_r', topic: 'forbidden', format: 'text' },
        },
      }),
      more: { canary: 'isolated' },
      said: 'An isolated canary needs topics of its own, and the Kafka user may not create them: The Kafka user lacks the right CREATE',
    },
  ])(
    '$name',
    async ({ spec, more, said }) => {
      process.env['READER_PASSWORD'] = services.kafka.users.reader.password
      const topics = () => services.kafka.withAdmin((admin) => admin.listTopics())
      if (!(await topics()).includes('forbidden')) {
        await services.kafka.createTopic('forbidden')
        await services.kafka.produce('forbidden', ['x'])
      }
      const made = {
        connections: { forbidden_k: open() },
        sources: { forbidden: { connection: 'forbidden_k', topic: 'forbidden', format: 'text' } },
      }
      expect((await runHere(inputsOf(made))).report).toMatchObject({ status: 'healthy' })
      const { report } = await runHere(inputsOf(spec(), more))
      expect(report.canaries).toMatchObject([{ held: false, reason: 'canary-unfit', written: [] }])
      expect(report.failure?.message).toContain(said)
      expect(await services.kafka.read('forbidden')).toHaveLength(1)
      expect((await topics()).filter((name) => name.startsWith('mka-canary'))).toEqual([])
    },
    60_000,
  )

  test.each([
    [
      'a plan',
      { mode: 'plan', canary: 'inline' },
      'canary can only be given with mode provision or verify',
    ],
    [
      'names alone',
      { mode: 'verify', sources: 'a', canary: 'isolated' },
      'canary needs the inputs for one pipeline or a spec',
    ],
  ])('%s', async (_, more, said) => {
    const { report } = await runHere({ 'materialize-url': url, ...more })
    expect(report.failure).toMatchObject({ reason: 'input-invalid' })
    expect(report.failure?.message).toContain(said)
  })
})
