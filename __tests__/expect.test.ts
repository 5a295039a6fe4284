import { describe, expect, test } from '@jest/globals'
import { startDeadline } from '../src/core/deadline.ts'
import { Failure, type Reason } from '../src/core/failure.ts'
import type { ExpectationSpec } from '../src/core/model-expectation.ts'
import { fail, type Report, startReport } from '../src/core/report.ts'
import type { Statement } from '../src/core/sql.ts'
import { checkExpectations } from '../src/expect.ts'
import type { MaterializeSession, ResultSet } from '../src/ports.ts'
import type { Work } from '../src/work.ts'
import { fakeEdges, fakeInputs } from './fakes/edges.ts'

/** What a query answers the n-th time, from 1: rows, a refusal, or never. */
type Server = (query: string, n: number) => (string | null)[][] | Failure | 'hang'

const failure = (reason: Reason, message = `told ${reason}`, retriable = false) =>
  new Failure({ reason, message, retriable })

interface Ran {
  report: Report
  /** Every statement, with the number of its session before it. */
  sent: string[]
  opened: number
  closed: number
  logged: string[]
  /** Milliseconds of the fake clock. */
  took: number
}

async function check(
  specs: Partial<ExpectationSpec>[],
  server: Server,
  more: {
    timeoutMs?: number
    maxParallel?: number
    before?: Failure
    /** The failure of before is one that fail-on lets pass. */
    tolerated?: true
    cancelAt?: number
  } = {},
): Promise<Ran> {
  const timeoutMs = more.timeoutMs ?? 60_000
  const edges = fakeEdges({ timeoutMs })
  const controller = new AbortController()
  let time = 0
  const pass = (ms: number): void => {
    time += ms
    if (more.cancelAt !== undefined && time >= more.cancelAt) controller.abort(failure('cancelled'))
  }
  const { signal } = controller
  edges.deadline = startDeadline({ timeoutMs, now: () => time, signal })
  // Sleepers wake in the order of their times, and time goes on only when all others wait.
  const sleepers: { until: number; wake: () => void }[] = []
  edges.clock = {
    now: () => time,
    sleep: (ms) =>
      new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          if (signal.aborted) reject(signal.reason as Error)
          else resolve()
        }
        sleepers.push({ until: time + ms, wake })
      }),
  }
  const asked = new Map<string, number>()
  const ran: Ran = {
    report: startReport('', 'auto'),
    sent: [],
    opened: 0,
    closed: 0,
    logged: edges.logged,
    took: 0,
  }
  const open = (): Promise<MaterializeSession> => {
    const number = ++ran.opened
    let rows: (string | null)[][] = []
    const query = async (statement: Statement, withinMs = Infinity): Promise<ResultSet> => {
      ran.sent.push(`${String(number)} ${statement.text}`)
      await edges.clock.sleep(1, signal)
      const declared = /^DECLARE c CURSOR FOR (.*)$/s.exec(statement.text)?.[1]
      const own = declared ?? (statement.text.startsWith('SHOW') ? statement.text : undefined)
      if (own !== undefined) {
        const n = (asked.get(own) ?? 0) + 1
        asked.set(own, n)
        const answer = server(own, n)
        if (answer instanceof Failure) throw answer
        if (answer === 'hang') {
          await edges.clock.sleep(withinMs, signal)
          throw failure('deadline')
        }
        rows = [...answer]
      }
      const fetched = /^FETCH (\d+) c$/.exec(statement.text)?.[1]
      const taken =
        fetched === undefined
          ? declared === undefined
            ? rows
            : []
          : rows.splice(0, Number(fetched))
      return { fields: [{ name: 'a', type: 25 }], rows: taken }
    }
    const close = (): Promise<void> => {
      ran.closed++
      return Promise.resolve()
    }
    return Promise.resolve({ version: 'v26', query, close })
  }
  const within = { database: 'db', schema: 'my schema' }
  const expectations = specs.map((spec, n) => ({
    name: `e${String(n)}`,
    within,
    sql: `SELECT ${String(n)}`,
    expected: { is: 'rows' as const, rows: [['yes']], ordered: false },
    ...spec,
  }))
  const inputs = fakeInputs({ maxParallel: more.maxParallel ?? 2 })
  inputs.spec.expectations = expectations
  const { report } = ran
  if (more.before) fail(report, more.before)
  if (more.tolerated) report.tolerated = true
  const work = { inputs, edges, report, open } as unknown as Work
  const checking = checkExpectations(work).then(() => 'ended' as const)
  let state: 'ended' | 'open' = 'open'
  const settled = checking.then(
    () => (state = 'ended'),
    () => (state = 'ended'),
  )
  while ((state as string) === 'open') {
    // Whatever can go on without time does so first.
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    const next = sleepers.sort((a, b) => a.until - b.until).shift()
    if (!next) break
    pass(Math.max(0, next.until - time))
    next.wake()
  }
  await settled
  ran.took = time
  await checking
  return ran
}

const yes = [['yes']]
const held = (ran: Ran) => ran.report.expectations.map((one) => one.held)

test('what holds at once is asked once, in a transaction that changes nothing and is rolled back', async () => {
  const ran = await check([{}], () => yes)
  expect(ran.sent).toEqual([
    '1 SET database = "db"',
    '1 SET schema = "my schema"',
    '1 RESET cluster',
    '1 BEGIN READ ONLY',
    '1 DECLARE c CURSOR FOR SELECT 0',
    '1 FETCH 2 c',
    '1 FETCH 1 c',
    '1 ROLLBACK',
  ])
  expect(ran.report.expectations).toEqual([
    {
      name: 'e0',
      held: true,
      because: '1 row came, as expected',
      asked: 1,
      ms: expect.any(Number),
    },
  ])
  expect(ran.report.failure).toBeUndefined()
})

test('a SHOW has no cursor', async () => {
  const ran = await check([{ sql: 'SHOW SOURCES', cluster: 'c' }], () => yes)
  expect(ran.sent.slice(2)).toEqual([
    '1 SET cluster = "c"',
    '1 BEGIN READ ONLY',
    '1 SHOW SOURCES',
    '1 ROLLBACK',
  ])
  expect(held(ran)).toEqual([true])
})

test('it is asked again, ever more rarely, until it holds', async () => {
  const times: number[] = []
  const ran = await check([{}], (_, n) => {
    times.push(n)
    return n < 12 ? [] : yes
  })
  expect(held(ran)).toEqual([true])
  expect(ran.report.expectations[0]?.asked).toBe(12)
  expect(times).toHaveLength(12)
  // 250 ms, half as long again each time, two seconds at most.
  expect(ran.took).toBeGreaterThan(12_000)
  expect(ran.took).toBeLessThan(16_000)
  expect(ran.report.expectations[0]).not.toHaveProperty('seen')
  const said = ran.logged.filter((line) => line.includes('does not hold yet'))
  expect(said.length).toBeGreaterThanOrEqual(2)
  expect(said.length).toBeLessThanOrEqual(4)
})

test('time runs out: what lacked is said, with the rows, and the run fails', async () => {
  const ran = await check([{ withinMs: 10_000 }, {}], (query) =>
    query === 'SELECT 1' ? yes : [['no']],
  )
  expect(held(ran)).toEqual([false, true])
  expect(ran.took).toBeLessThanOrEqual(10_000)
  expect(ran.took).toBeGreaterThan(7_000)
  expect(ran.report.expectations[0]).toMatchObject({
    because: '1 row came, of 1 expected: 1 missing, 1 not expected',
    seen: [{ a: 'no' }],
    missing: [{ a: 'yes' }],
  })
  expect(ran.report.status).toBe('failed')
  expect(ran.report.failure?.reason).toBe('expectation-failed')
  expect(ran.report.failure?.message).toMatch(
    /^1 of 2 expectation\(s\) did not hold: "e0": 1 row came, of 1 expected: 1 missing, 1 not expected \(asked \d+ times in \d+\.\d s\)\.$/,
  )
  expect(ran.logged.join()).not.toMatch(/\bno\b/)
})

test('without a time of its own it has what the run may wait', async () => {
  const ran = await check([{}], () => [], { timeoutMs: 20_000 })
  // Three seconds are kept for the end of the run.
  expect(ran.took).toBeLessThanOrEqual(17_000)
  expect(ran.took).toBeGreaterThan(14_000)
})

test('a query that hangs is given up with its session, and asked again with more time', async () => {
  const ran = await check([{}], (_, n) => (n < 3 ? 'hang' : yes))
  expect(held(ran)).toEqual([true])
  expect([ran.opened, ran.closed]).toEqual([3, 2])
  expect(ran.sent.filter((text) => text.includes('SET schema'))).toHaveLength(3)
  // 5 s and 10 s, and the pauses.
  expect(ran.took).toBeGreaterThan(15_000)
  expect(ran.took).toBeLessThan(17_000)
})

test('one that never answers ends with the time, and says so', async () => {
  const ran = await check([{ withinMs: 12_000 }], () => 'hang')
  expect(ran.report.expectations[0]).toMatchObject({
    held: false,
    because: expect.stringMatching(/^no answer within \d/),
  })
  expect(ran.took).toBeLessThanOrEqual(12_100)
  expect(ran.report.failure?.reason).toBe('expectation-failed')
})

test('queries that hang do not keep others from coming to hold', async () => {
  const specs = [{}, {}, {}, { withinMs: 20_000 }]
  const ran = await check(specs, (query, n) => (query !== 'SELECT 3' ? 'hang' : n < 8 ? [] : yes))
  expect(held(ran)).toEqual([false, false, false, true])
})

test('many share few sessions', async () => {
  const ran = await check(
    Array.from({ length: 40 }, () => ({})),
    (_, n) => (n < 3 ? [] : yes),
    { maxParallel: 4 },
  )
  expect(held(ran)).toEqual(Array.from({ length: 40 }, () => true))
  expect(ran.opened).toBeLessThanOrEqual(4)
  // Where names are looked up is said once for each session.
  expect(ran.sent.filter((text) => text.includes('SET schema'))).toHaveLength(ran.opened)
})

describe('what Materialize does not take fails at once, in its words', () => {
  test.each([
    ['materialize-refused', 'column "x" does not exist (42703)'],
    ['relation-unknown', "unknown catalog item 'nosuch' (XX000)"],
    ['materialize-privilege', 'permission denied for TABLE "t" (42501)'],
    ['cluster-without-replicas', 'CLUSTER "c" has no replicas available (0A000)'],
    ['rows-undecodable', 'A record does not fit the format.'],
  ] as const)('%s', async (reason, message) => {
    const ran = await check([{}, {}], (query) =>
      query === 'SELECT 0' ? failure(reason, message) : [],
    )
    expect(ran.took).toBeLessThan(3_000)
    expect(ran.report.failure?.reason).toBe('expectation-failed')
    expect(ran.report.failure?.message).toContain(`"e0": ${message} (asked once`)
    expect(ran.report.failure?.message).toContain('"e1": no rows came')
    expect(ran.sent.filter((text) => text.endsWith('ROLLBACK')).length).toBeGreaterThanOrEqual(2)
  })

  test('columns that the query does not have, too', async () => {
    const expected = { is: 'rows' as const, rows: [['a', 'b']], ordered: false }
    const ran = await check([{ expected }], () => [])
    expect(ran.report.expectations[0]).toMatchObject({ asked: 1, held: false })
    expect(ran.report.failure?.message).toContain('row 1 gives 2 value(s) for 1 column(s)')
  })
})

describe('what may pass is asked again', () => {
  test.each([
    [
      'what the data decide',
      failure('materialize-refused', 'Evaluation error: division by zero (XX000)'),
    ],
    ['a session that was lost', failure('materialize-lost')],
    ['a change of the catalog', failure('materialize-refused', 'try again', true)],
    ['a time limit of the server’s', failure('materialize-refused', 'canceling statement (57014)')],
  ])('%s', async (_, thrown) => {
    const ran = await check([{}], (_query, n) => (n < 3 ? thrown : yes))
    expect(ran.report.expectations[0]).toMatchObject({ held: true, asked: 3 })
  })

  test('and a value that such a refusal quotes is not shown', async () => {
    const message = 'Evaluation error: invalid input syntax for type integer: "a customer" (XX000)'
    const ran = await check([{ withinMs: 2_000 }], () => failure('materialize-refused', message))
    expect(ran.report.failure?.message).toContain(
      'invalid input syntax for type integer: "…" (XX000)',
    )
    expect(JSON.stringify(ran)).not.toContain('a customer')
  })

  test('and what an earlier answer lacked is said rather than that there is none now', async () => {
    const ran = await check([{ withinMs: 8_000 }], (_, n) => (n < 3 ? [['no']] : 'hang'))
    expect(ran.report.expectations[0]?.because).toBe(
      '1 row came, of 1 expected: 1 missing, 1 not expected',
    )
  })
})

test('no more rows are fetched than decide', async () => {
  const many = Array.from({ length: 100_000 }, (_, n) => [String(n)])
  const fetched = (ran: Ran) =>
    ran.sent
      .flatMap((text) => /FETCH (\d+)/.exec(text)?.[1] ?? [])
      .reduce((sum, n) => sum + Number(n), 0)
  const rows = await check([{ withinMs: 1_000 }], () => many)
  expect(fetched(rows)).toBe(2 * (rows.report.expectations[0]?.asked ?? 0))
  const count = await check([{ expected: { is: 'count', from: 3000 } }], () => many)
  expect(held(count)).toEqual([true])
  expect(fetched(count)).toBe(3000)
  // Short rows are fetched many at a time.
  expect(count.sent.filter((text) => text.includes('FETCH'))).toHaveLength(4)
})

test('an answer larger than is held is given up', async () => {
  const wide = Array.from({ length: 100 }, () => ['x'.repeat(1_000_000)])
  const expected = { is: 'rows' as const, rows: wide.map(() => ['y']), ordered: false }
  const ran = await check([{ expected, withinMs: 1_000 }], () => wide)
  expect(ran.report.expectations[0]?.because).toBe('the answer is larger than what is compared')
  const counted = await check([{ expected: { is: 'count', from: 100, to: 100 } }], () => wide)
  expect(held(counted)).toEqual([true])
})

test('after a failure nothing is asked, and that is said', async () => {
  const ran = await check([{}, {}], () => yes, { before: failure('source-stalled') })
  expect(ran.sent).toEqual([])
  expect(ran.report.failure?.reason).toBe('source-stalled')
  expect(ran.report.expectations.map(({ asked, because }) => [asked, because])).toEqual([
    [0, 'not asked, since the run had failed before'],
    [0, 'not asked, since the run had failed before'],
  ])
})

test('after a failure that fail-on lets pass they are asked, and one that does not hold is none', async () => {
  const before = failure('lag-too-large')
  const held = await check([{}], () => yes, { before, tolerated: true })
  expect(held.report.expectations[0]).toMatchObject({ asked: 1, held: true })
  expect(held.report).toMatchObject({ tolerated: true, failure: { reason: 'lag-too-large' } })
  const failed = await check([{ withinMs: 1_000 }], () => [['no']], { before, tolerated: true })
  expect(failed.report.failure?.reason).toBe('expectation-failed')
  expect(failed.report.tolerated).toBeUndefined()
})

test('a run that is cancelled ends, whatever hangs', async () => {
  const cancelled = check([{}, {}], (query) => (query === 'SELECT 0' ? 'hang' : []), {
    cancelAt: 4_000,
  })
  await expect(cancelled).rejects.toMatchObject({ reason: 'cancelled' })
})

test('nothing is expected: nothing is asked', async () => {
  const ran = await check([], () => yes)
  expect([ran.opened, ran.logged.length]).toEqual([0, 0])
})
