import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { DOMParser } from '@xmldom/xmldom'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'

/** What the spec expects of queries: it comes to hold while the run waits, or the run fails. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('expect-in')
})
afterAll(async () => {
  await services.stop()
})

const pipeline = () => `connections:
  expect:
    kafka:
      brokers: ['${services.kafka.brokers.SASL_SSL}']
      username: { env: KAFKA_USERNAME }
      password: { env: KAFKA_PASSWORD }
      ca: { env: KAFKA_CA }
sources:
  expect_in: { connection: expect, topic: expect-in, format: json }
views:
  expect_totals: { sql: "SELECT data->>'region' AS region, count(*) AS n FROM expect_in GROUP BY data->>'region'" }
`

interface Options {
  inputs?: Record<string, string>
  event?: unknown
  watch?: (printed: string) => void
}

async function runWith(expectations: string, options: Options = {}): Promise<BundleRun> {
  const { kafka } = services
  const { 'materialize-url': url = '' } = services.inputs()
  const user = kafka.users.full
  const run = await runBundle(
    {
      'materialize-url': url,
      spec: `${pipeline()}expect:\n${expectations}`,
      timeout: '40s',
      ...options.inputs,
    },
    {
      env: { KAFKA_USERNAME: user.username, KAFKA_PASSWORD: user.password, KAFKA_CA: kafka.caPem },
      ...(options.event !== undefined && { event: options.event }),
      ...(options.watch && { watch: options.watch }),
    },
  )
  expect(leaksIn(run, [user.password])).toEqual([])
  return run
}

interface Told {
  name: string
  held: boolean
  because: string
  asked: number
  seen?: unknown[]
  missing?: unknown[]
}

const told = (run: BundleRun) => JSON.parse(run.outputs['expectations'] ?? '') as Told[]

/** Failures that a reader of the JUnit file finds, by the names of their cases. */
function failuresIn(run: BundleRun): Record<string, string> {
  const document = new DOMParser().parseFromString(run.junit, 'text/xml')
  return Object.fromEntries(
    [...document.getElementsByTagName('failure')].map((failure) => [
      (failure.parentElement ?? failure).getAttribute('name'),
      failure.getAttribute('message'),
    ]),
  ) as Record<string, string>
}

test('it comes to hold once a record is produced while the run waits', async () => {
  let produced: Promise<void> | undefined
  const run = await runWith(
    `  totals: { sql: SELECT * FROM expect_totals, rows: [{ n: 2, region: eu }, [us, 1]] }
  no_others: { sql: "SELECT 1 FROM expect_in WHERE data->>'region' IS NULL", empty: true }
  exact: { sql: "SELECT data FROM expect_in WHERE data->>'id' = '1'", rows: [[{ region: eu, id: 1, big: 12345678901234567890 }]] }
  some: { sql: TABLE expect_in, count: { from: 3 } }
  listed: { sql: SHOW SOURCES, count: { from: 1, to: 100 } }
`,
    {
      watch: (printed) => {
        if (!printed.includes('Expectation "totals" does not hold yet: no rows came')) return
        produced ??= services.kafka.produce('expect-in', [
          '{"id": 1, "region": "eu", "big": 12345678901234567890}',
          '{"id": 2, "region": "eu"}',
          '{"id": 3, "region": "us"}',
        ])
      },
    },
  )
  await produced
  expect(produced).toBeDefined()
  expect(run.outputs).toMatchObject({ status: 'healthy', 'failure-reason': '' })
  expect(told(run).map(({ name, held }) => [name, held])).toEqual(
    ['totals', 'no_others', 'exact', 'some', 'listed'].map((name) => [name, true]),
  )
  expect(told(run)[0]?.asked).toBeGreaterThan(1)
  expect(told(run)[1]?.asked).toBe(1)
  // The rows are read afterwards, so that they are those that were expected.
  expect(run.outputs['row-count']).toBe('3')
  expect(failuresIn(run)).toEqual({})
  expect(run.junit).toContain('<testcase classname="expectation" name="totals"')
  expect(run.summary).toContain('### Expectations')
  const ddl = services.statements.filter((text) => /^(CREATE|DROP|ALTER)/.test(text)).length
  expect(ddl).toBeGreaterThan(0)
})

const failing = `  totals: { sql: SELECT * FROM expect_totals ORDER BY region, rows: [[eu, 2], [us, 7]], within: 2s }
  holds: { sql: SELECT count(*) FROM expect_in, rows: [[3]] }
  too_many: { sql: SELECT * FROM expect_in, count: 2, within: 2s }
`

test('what does not hold fails the run, with what differs', async () => {
  const run = await runWith(failing)
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'expectation-failed' })
  expect(run.stdout).toMatch(
    /::error.*2 of 3 expectation\(s\) did not hold: "totals": 2 rows came, of 2 expected: 1 missing, 1 not expected \(asked \d+ times in \d\.\d s\); "too_many": more than 2 rows came, and 2 are expected/,
  )
  expect(told(run)[0]).toMatchObject({
    held: false,
    seen: [{ region: 'us', n: 1 }],
    missing: [{ region: 'us', n: '7' }],
  })
  expect(told(run)[1]).toMatchObject({ held: true, asked: 1 })
  expect(Object.keys(failuresIn(run))).toEqual(['totals', 'too_many'])
  expect(run.summary).toMatch(/totals.*misses.*7/)
})

test.each([
  [
    'public',
    { event: { repository: { private: false } }, inputs: {} },
    { output: true, summary: false },
  ],
  ['none', { inputs: { 'show-rows': 'none' } }, { output: false, summary: false }],
  ['private', { inputs: {} }, { output: true, summary: true }],
])('rows that differ are shown like other rows: %s', async (_, options, shown) => {
  const run = await runWith(
    `  e: { sql: "SELECT 'telling' AS a", rows: [['expected-row']], within: 1s }\n`,
    { ...options, inputs: { ...options.inputs, 'sample-rows': '0' } },
  )
  expect(run.outputs['failure-reason']).toBe('expectation-failed')
  for (const row of [/"a":"telling"/, /"a":"expected-row"/]) {
    expect(row.test(run.outputs['expectations'] ?? '')).toBe(shown.output)
    expect(row.test(run.report)).toBe(shown.output)
  }
  expect(/saw <code>/.test(run.summary)).toBe(shown.summary)
  expect(run.summary.includes('expected-row')).toBe(shown.summary)
  expect(run.junit).not.toMatch(/telling|expected-row/)
})

test('a query that hangs ends with its time', async () => {
  await services.sql(
    "CREATE CLUSTER expect_paused (SIZE '25cc', REPLICATION FACTOR 0)",
    "CREATE SOURCE expect_hung IN CLUSTER expect_paused FROM KAFKA CONNECTION expect (TOPIC 'expect-in') FORMAT JSON",
  )
  const run = await runWith(`  hung: { sql: SELECT * FROM expect_hung, empty: true, within: 7s }
  holds: { sql: SELECT count(*) FROM expect_in, rows: [[3]] }
`)
  expect(run.outputs['failure-reason']).toBe('expectation-failed')
  expect(told(run)[0]).toMatchObject({
    held: false,
    because: expect.stringMatching(/^no answer within/),
  })
  expect(told(run)[1]).toMatchObject({ held: true })
  expect(run.milliseconds).toBeGreaterThan(7_000)
  expect(run.milliseconds).toBeLessThan(20_000)
})

test.each([
  ['a relation that is not there', 'SELECT * FROM nosuch', /unknown catalog item 'nosuch'/],
  ['no SQL', 'SELECT FROM WHERE', /42601/],
  ['an unknown column', 'SELECT nosuch FROM expect_in', /nosuch/],
])('wrong SQL fails at once, in Materialize’s words: %s', async (_, sql, words) => {
  const run = await runWith(
    `  wrong: { sql: ${sql}, empty: true }\n  late: { sql: TABLE expect_in, empty: true }\n`,
  )
  expect(run.outputs['failure-reason']).toBe('expectation-failed')
  expect(told(run)[0]).toMatchObject({
    held: false,
    because: expect.stringMatching(words),
    asked: 1,
  })
  expect(run.milliseconds).toBeLessThan(20_000)
})

test('names are looked up in the schema of the spec, and a query cannot write', async () => {
  await services.sql(
    'CREATE SCHEMA "my schema"',
    'CREATE TABLE "my schema".expect_in (a int)',
    'INSERT INTO "my schema".expect_in VALUES (42)',
  )
  const { 'materialize-url': url = '' } = services.inputs()
  const run = await runBundle({
    'materialize-url': url,
    spec: 'defaults: { schema: my schema }\nsources: {}\nexpect: { e: { sql: TABLE expect_in, rows: [[42]] } }',
    'sample-rows': '0',
  })
  expect(run.outputs['status']).toBe('healthy')
  const refused = await runBundle({
    'materialize-url': url,
    spec: 'expect:\n  e: { sql: INSERT INTO expect_in VALUES (1), empty: true }\n',
  })
  expect(refused.outputs['failure-reason']).toBe('input-invalid')
  expect(refused.stdout).toContain('spec:2:13: expect.e.sql is not a query')
  const begun = services.statements.filter((text) => text.startsWith('BEGIN'))
  expect(begun.filter((text) => text !== 'BEGIN READ ONLY' && text !== 'BEGIN')).toEqual([])
})
