import { describe, expect, test } from '@jest/globals'
import { Failure, type Reason } from '../src/core/failure.ts'
import { startReport, type Report } from '../src/core/report.ts'
import { run as runIt } from '../src/run.ts'
import { type Answer, fakeEdges, fakeInputs, madeServer } from './fakes/edges.ts'

const failure = (reason: Reason, retriable = false) =>
  new Failure({ reason, message: `told ${reason}`, retriable })

async function run(
  of: Parameters<typeof fakeEdges>[0] & { inputs?: Parameters<typeof fakeInputs>[0] },
) {
  const edges = fakeEdges({ ...of, answers: of.answers ?? madeServer })
  const inputs = fakeInputs(of.inputs)
  const report = startReport('2026-11-23T00:00:00Z', inputs.kafkaCheck)
  await runIt(inputs, edges, report)
  return { report, edges }
}
const ddl = (sent: string[]) => sent.filter((text) => /^(CREATE|ALTER|DROP|COMMENT)/.test(text))
const made = (report: Report) => report.changes.map((change) => `${change.kind} ${change.object}`)
const first = (...rows: [RegExp, Answer][]): [RegExp, Answer][] => [...rows, ...madeServer]

describe('a run', () => {
  test('makes, proves, reads and closes', async () => {
    const { report, edges } = await run({})
    expect(report.failure).toBeUndefined()
    expect(report.status).toBe('healthy')
    expect(made(report)).toEqual([
      'connection "materialize"."public"."kafka"',
      'source "materialize"."public"."hello"',
      'sink "materialize"."public"."hello_out"',
    ])
    expect(report.rows).toMatchObject({ sample: [{ data: 'hello' }, { data: 'world' }], count: 2 })
    expect(edges.closed.sort().filter((name) => name !== 'rows')).toEqual(['kafka', 'provision'])
  })

  const looks: {
    name: string
    check: 'auto' | 'always'
    reason: Reason
    status: 'healthy' | 'failed'
  }[] = [
    {
      name: 'unknown host is left to Materialize',
      check: 'auto',
      reason: 'kafka-host-unknown',
      status: 'healthy',
    },
    {
      name: 'refused port is left to Materialize',
      check: 'auto',
      reason: 'kafka-unreachable',
      status: 'healthy',
    },
    {
      name: 'refused port ends it',
      check: 'always',
      reason: 'kafka-unreachable',
      status: 'failed',
    },
    { name: 'wrong password ends it', check: 'auto', reason: 'kafka-login', status: 'failed' },
    { name: 'untrusted certificate ends it', check: 'auto', reason: 'kafka-tls', status: 'failed' },
    {
      name: 'missing right ends it',
      check: 'auto',
      reason: 'kafka-authorization',
      status: 'failed',
    },
  ]
  test.each(looks)('kafka-check $check: $name', async ({ check, reason, status }) => {
    const { report, edges } = await run({
      inputs: { kafkaCheck: check },
      kafka: { look: () => Promise.reject(failure(reason)) },
      answers: first([
        /hello_progress"/,
        (count) => [
          ['range', 'next'],
          ['[0,0]', String(count)],
        ],
      ]),
    })
    expect(report.status).toBe(status)
    if (status === 'failed') {
      expect(report.failure?.reason).toBe(reason)
      // What the runner knows is said before Materialize is asked anything.
      expect(edges.sent).toEqual([])
    } else {
      expect(report.notes.join()).toContain(`told ${reason}`)
    }
  })

  test('a missing topic is refused before Materialize is asked anything', async () => {
    const { report, edges } = await run({
      kafka: {
        look: (topics) =>
          Promise.resolve({
            brokers: [],
            topics: topics.map((name) => ({ name, exists: false, partitions: 0 })),
          }),
      },
    })
    expect(report.failure).toMatchObject({ reason: 'topic-unknown', inputs: ['topic'] })
    expect(edges.sent).toEqual([])
  })

  test.each([
    { name: 'a sink', spec: {}, transactions: false, reason: 'kafka-transactions' },
    { name: 'a source alone', spec: { sinks: [] }, transactions: false, reason: undefined },
    { name: 'a sink, and there are some', spec: {}, transactions: true, reason: undefined },
  ])('a Kafka without transactions: $name', async ({ spec, transactions, reason }) => {
    const { report, edges } = await run({
      inputs: { mode: 'plan', spec: { ...fakeInputs().spec, ...spec } },
      kafka: {
        look: (topics) =>
          Promise.resolve({
            brokers: [],
            transactions,
            topics: topics.map((name) => ({ name, exists: true, partitions: 1 })),
          }),
      },
    })
    expect(report.failure?.reason).toBe(reason)
    if (reason !== undefined) {
      expect(report.failure?.hint).toContain('Event Hubs')
      expect(edges.sent).toEqual([])
    }
  })

  test('what the catalog refuses is all said at once, and nothing is made', async () => {
    const { report, edges } = await run({
      inputs: { spec: { ...fakeInputs().spec, sources: [] }, cluster: 'nope' },
      answers: [[/mz_clusters/, [['id', 'name']]]],
    })
    expect(report.failure?.reason).toBe('cluster-unknown')
    expect(ddl(edges.sent)).toEqual([])
    expect(edges.closed.sort().filter((name) => name !== 'rows')).toEqual(['kafka', 'provision'])
  })

  test('cut in the middle: what was made is listed, the rest is not', async () => {
    const { report } = await run({ answers: first([/^CREATE SINK/, failure('cancelled')]) })
    expect(report.failure?.reason).toBe('cancelled')
    expect(made(report)).toHaveLength(2)
  })

  test('another run made the source a moment before', async () => {
    const { report } = await run({ answers: first([/^CREATE SOURCE/, failure('name-taken')]) })
    expect(report.status).toBe('healthy')
    expect(made(report)).toHaveLength(2)
    expect(report.notes.join()).toContain('Another run made the source')
  })

  test('another run made a different source of that name: that is refused, not used', async () => {
    const { report } = await run({
      answers: first(
        [/^CREATE SOURCE/, failure('name-taken')],
        [
          /mz_kafka_sources/,
          [
            ['id', 'topic'],
            ['u14', 'bye'],
          ],
        ],
      ),
    })
    expect(report).toMatchObject({ status: 'failed', failure: { reason: 'definition-differs' } })
  })

  test('a stalled sink is what is wrong, though the source is late too', async () => {
    const { report } = await run({
      answers: first(
        [/mz_frontiers/, [['id', 'frontier']]],
        [
          /hello_progress"/,
          [
            ['range', 'next'],
            ['[0,0]', '1'],
          ],
        ],
        [
          /mz_sink_statuses/,
          [
            ['id', 'status', 'error', 'details', 'new'],
            ['u15', 'stalled', 'kafka: no', '', 'true'],
          ],
        ],
      ),
    })
    expect(report).toMatchObject({ status: 'failed', failure: { reason: 'sink-stalled' } })
  })

  test('a connection of others to another Kafka is refused: its watermarks would prove nothing', async () => {
    const { report } = await run({
      timeoutMs: 10_000,
      answers: first(
        [
          /mz_objects WHERE name/,
          [
            ['id', 'schema_id', 'name', 'type'],
            ['u12', 'u3', 'kafka', 'connection'],
            ['u14', 'u3', 'hello', 'source'],
            ['u15', 'u3', 'hello_out', 'sink'],
          ],
        ],
        [
          /FROM mz_catalog.mz_connections/,
          [
            ['id', 'type', 'create_sql'],
            [
              'u12',
              'kafka',
              `CREATE CONNECTION "m"."p"."kafka" TO KAFKA (BROKER = 'staging:9092', SECURITY PROTOCOL = 'PLAINTEXT')`,
            ],
          ],
        ],
        [/LIMIT 1$/, [['data']]],
      ),
    })
    expect(report).toMatchObject({ status: 'failed', failure: { reason: 'definition-differs' } })
    expect(report.failure?.message).toContain('staging:9092')
  })

  test('progress that may not be read: a row is the proof', async () => {
    const { report } = await run({
      answers: first([/hello_progress"/, failure('materialize-privilege')]),
    })
    expect(report.status).toBe('healthy')
  })

  test('a refusal that passes is tried again', async () => {
    const { report, edges } = await run({
      answers: first([
        /^CREATE SOURCE/,
        (count) => (count < 3 ? failure('topic-unknown', true) : [[]]),
      ]),
    })
    expect(report.status).toBe('healthy')
    expect(edges.sent.filter((text) => text.startsWith('CREATE SOURCE'))).toHaveLength(3)
  })

  test('a refusal that does not pass is not tried for ever', async () => {
    const { report, edges } = await run({
      answers: first([/^CREATE SOURCE/, () => failure('topic-unknown', true)]),
    })
    expect(report.failure?.reason).toBe('topic-unknown')
    expect(edges.sent.filter((text) => text.startsWith('CREATE SOURCE')).length).toBeLessThan(10)
  })

  test('a connection that Materialize cannot use: its view is named as that', async () => {
    const { report } = await run({
      answers: first([/^CREATE CONNECTION/, failure('connection-refused')]),
    })
    expect(report.failure?.message).toMatch(/^Materialize could not make connection .*told/)
    expect(report.failure?.hint).toMatch(/Materialize’s view/)
  })

  test('a sink that stalls ends the wait, long before the deadline', async () => {
    const { report, edges } = await run({
      answers: first(
        [/mz_frontiers/, [['id', 'frontier']]],
        [
          /mz_sink_statuses/,
          (count) => [
            ['id', 'status', 'error', 'details', 'new'],
            [
              'u15',
              count < 3 ? 'running' : 'stalled',
              'kafka: Transactional Id authorization failed',
              '',
              'true',
            ],
          ],
        ],
      ),
    })
    expect(report).toMatchObject({
      status: 'failed',
      failure: { reason: 'kafka-transaction-right' },
    })
    expect(edges.clock.now()).toBeLessThan(5_000)
    expect(report.objects.map((object) => [object.kind, object.verdict])).toEqual([
      ['connection', ''],
      ['source', 'proven'],
      ['sink', 'broken'],
    ])
  })

  test('time runs out: degraded, with the rows that are there', async () => {
    const { report } = await run({
      timeoutMs: 10_000,
      answers: first([
        /hello_progress"/,
        [
          ['range', 'next'],
          ['[0,0]', '3'],
        ],
      ]),
    })
    expect(report).toMatchObject({
      status: 'degraded',
      failure: { reason: 'source-not-proven' },
      rows: { count: 2 },
    })
    expect(report.failure?.message).toContain('partition 0 at 3 of 4')
  })

  test('too few rows by the deadline: degraded, and how many there were', async () => {
    const { report } = await run({
      timeoutMs: 10_000,
      inputs: { minRows: 5 },
      answers: first([
        /^FETCH 1 /,
        (count) =>
          count === 1
            ? [
                ['mz_timestamp', 'mz_diff', 'present'],
                ['1', '2', 't'],
              ]
            : [['mz_timestamp', 'mz_diff', 'present']],
      ]),
    })
    expect(report).toMatchObject({ status: 'degraded', failure: { reason: 'rows-missing' } })
    expect(report.failure?.message).toContain('2 of 5')
  }, 20_000)

  test('rows that do not decode are a failure of their own', async () => {
    const { report } = await run({
      answers: first([/^SELECT \* FROM/, failure('rows-undecodable')]),
    })
    expect(report).toMatchObject({ status: 'failed', failure: { reason: 'rows-undecodable' } })
  })

  test('a sink’s topic that may not be read is a note', async () => {
    const { report } = await run({
      kafka: { tail: () => Promise.reject(failure('kafka-authorization')) },
    })
    expect(report.status).toBe('healthy')
    expect(report.notes.join()).toContain('told kafka-authorization')
  })

  test('without a look at Kafka, a row is the proof', async () => {
    const { report, edges } = await run({ kafka: null, inputs: { kafkaCheck: 'never' } })
    expect(report.status).toBe('healthy')
    expect(report.objects.find((object) => object.kind === 'source')?.because).toContain(
      'rows can be read',
    )
    expect(edges.closed.sort()).toEqual(['provision', 'rows'])
  })

  test('without a look at Kafka and without a row, the source is not proven', async () => {
    const { report } = await run({
      kafka: null,
      timeoutMs: 10_000,
      inputs: { kafkaCheck: 'never' },
      answers: first([/LIMIT 1$/, [['data']]]),
    })
    expect(report).toMatchObject({ status: 'degraded', failure: { reason: 'source-not-proven' } })
  })

  test('a query that hangs ends with the deadline', async () => {
    const { report, edges } = await run({ answers: first([/^SELECT \* FROM/, () => 'hang']) })
    expect(report).toMatchObject({ status: 'degraded', failure: { reason: 'deadline' } })
    expect(edges.closed.sort().filter((name) => name !== 'rows')).toEqual(['kafka', 'provision'])
  })
})
