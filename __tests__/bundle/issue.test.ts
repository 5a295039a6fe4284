import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Item } from '../../test-support/github/model.ts'
import { RUNNER_LOGIN, RUNNER_TOKEN } from '../../test-support/github/stand-in.ts'
import { leaksIn } from '../../test-support/runner/run-bundle.ts'
import { startTold, type Told } from './told.ts'

/** A health check that keeps an issue: one for each check, found again, and closed. */

let told: Told
beforeAll(async () => {
  told = await startTold('issue_watched')
})
afterAll(async () => {
  await told.stop()
})
beforeEach(async () => {
  await told.anew()
})

const missing = { issue: 'true', sources: 'issue_missing' }
const onlyIssue = (): Item => {
  const [issue, ...more] = told.issues()
  expect(more).toEqual([])
  if (!issue) throw new Error('there is no issue')
  return structuredClone(issue)
}

test('open, update, two more failures, recovery: one issue, right comments, closed', async () => {
  const names = { issue: 'true', sources: 'issue_watched, issue_later', sinks: 'issue_sink' }
  const ends: string[] = []
  const step = async (id: number): Promise<Item> => {
    const { outputs, exitCode } = await told.run(names, { id })
    ends.push(`${outputs['status'] ?? ''} ${String(exitCode)}`)
    return onlyIssue()
  }
  const opened = await step(1)
  expect(opened.title).toBe(
    'Materialize Kafka pipeline not well: materialize.public.issue_later, materialize.public.issue_watched, materialize.public.issue_sink',
  )
  expect(opened.body).toContain('https://github.example/acme/shop/actions/runs/1/attempts/1')
  expect(opened.body).toContain('object-missing')
  const again = await step(2)
  expect(again.body).toContain('https://github.example/acme/shop/actions/runs/2/attempts/1')
  expect(again.comments).toEqual([])

  await told.services.sql(told.source('issue_later'))
  const changed = await step(3)
  expect(changed.comments).toHaveLength(1)
  expect(changed.comments[0]?.body).toMatch(/issue&#95;later.*missing.*→ no longer/)
  expect((await step(4)).comments).toHaveLength(1)

  await told.services.sql(told.sink('issue_sink'))
  const closed = await step(5)
  expect(closed).toMatchObject({ state: 'closed', state_reason: 'completed' })
  expect(closed.comments).toHaveLength(2)
  expect(closed.comments[1]?.body).toMatch(
    /\*\*Well again, after (\d+ min ?)?(\d+ s)?\.\*\* Seen by \[run 5\]/,
  )
  expect(ends).toEqual([...Array<string>(4).fill('failed 1'), 'healthy 0'])

  // Well, and no issue is open: GitHub is asked, and told nothing.
  const before = told.github.writes().length
  expect((await told.run(names)).exitCode).toBe(0)
  expect(told.github.writes()).toHaveLength(before)
}, 120_000)

test('the legs of a matrix at the same time: an issue each', async () => {
  await Promise.all(
    ['issue_missing', 'issue_gone'].map((sources) => told.run({ issue: 'true', sources })),
  )
  expect(
    told
      .issues()
      .map(({ title }) => title)
      .sort(),
  ).toEqual([
    'Materialize Kafka pipeline not well: materialize.public.issue_gone',
    'Materialize Kafka pipeline not well: materialize.public.issue_missing',
  ])
})

test('two runs of one check at the same time leave one issue open', async () => {
  await Promise.all([told.run(missing, { id: 1 }), told.run(missing, { id: 2 })])
  await told.run(missing, { id: 3 })
  const open = told.issues().filter(({ state }) => state === 'open')
  expect(open.map(({ number }) => number)).toEqual([1])
  for (const { state, state_reason: why } of told.issues().slice(1)) {
    expect([state, why]).toEqual(['closed', 'not_planned'])
  }
}, 60_000)

test('check-name tells checks of the same thing apart', async () => {
  for (const name of ['nightly', 'hourly']) await told.run({ ...missing, 'check-name': name })
  expect(told.issues().map(({ title }) => title)).toEqual([
    'Materialize Kafka pipeline not well: nightly',
    'Materialize Kafka pipeline not well: hourly',
  ])
})

test('what fail-on lets pass opens none, and closes one that is open', async () => {
  await told.run(missing)
  const passed = await told.run({ ...missing, 'fail-on': 'never' })
  expect(passed.exitCode).toBe(0)
  expect(onlyIssue().state).toBe('closed')
})

test('a check that reaches no Materialize opens one', async () => {
  const run = await told.run({
    ...missing,
    'materialize-url': 'postgres://me@127.0.0.1:1/x',
    timeout: '10s',
  })
  expect(onlyIssue().body).toContain(run.outputs['failure-reason'])
  expect(run.outputs['failure-reason']).toBe('materialize-unreachable')
})

describe('what is not ours', () => {
  test('a stranger’s issue with the very same text is left alone', async () => {
    await told.run(missing)
    const { title, body } = onlyIssue()
    await told.anew()
    told.github.repository.add({ kind: 'issue', title, body, author: 'mallory' })
    await told.run(missing)
    const [theirs, ours, ...more] = told.issues()
    expect(more).toEqual([])
    expect([theirs?.author, theirs?.body === body, theirs?.state]).toEqual([
      'mallory',
      true,
      'open',
    ])
    expect(ours?.author).toBe(RUNNER_LOGIN)
  })

  test('what somebody has made of our first lines: no comment, and whole again', async () => {
    await told.run(missing)
    const [issue] = told.issues()
    if (!issue) throw new Error('there is no issue')
    const [mark = ''] = issue.body.split('\n')
    issue.body = `${mark}\n<!-- now=%E0%A4%A -->\nmine`
    await told.run(missing, { id: 8 })
    expect(onlyIssue().comments).toEqual([])
    expect(onlyIssue().body).toContain('actions/runs/8/')
  })
})

describe('what GitHub does not take', () => {
  test('a token that may only read: the check says what it says, and which permission is missing', async () => {
    told.github.tokens.set(RUNNER_TOKEN, { login: RUNNER_LOGIN, issues: 'read' })
    const run = await told.run(missing)
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'object-missing' })
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toMatch(
      /::warning::The issue is not up to date: The token may not open an issue: that takes the permission issues: write\./,
    )
    expect(run.summary).toContain('issues&#58; write')
    expect(leaksIn(run, [RUNNER_TOKEN])).toEqual([])
  })

  test('a well check stays well', async () => {
    told.github.tokens.clear()
    const run = await told.run({ issue: 'true', sources: 'issue_watched' })
    expect(run.outputs['status']).toBe('healthy')
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toMatch(/::warning::.*GitHub said \(401\): Bad credentials/)
  })

  test('a limit, once: it is waited for', async () => {
    told.github.disturb('GET /repos', 'secondary limit')
    told.github.disturb('POST /repos', 'primary limit')
    const run = await told.run(missing)
    expect(onlyIssue().state).toBe('open')
    expect(run.stdout).not.toContain('::warning::')
  })

  test('an API that never answers: over by the deadline, with the check’s own result', async () => {
    told.github.disturb('GET /repos', 'silent', 'silent', 'silent', 'silent')
    const run = await told.run({ ...missing, timeout: '15s' })
    expect(run.outputs['failure-reason']).toBe('object-missing')
    expect(run.stdout).toMatch(/::warning::The issue is not up to date: GitHub did not answer/)
    expect(run.milliseconds).toBeLessThan(18_000)
  }, 30_000)

  test('a Materialize that takes all the time leaves some to open the issue', async () => {
    const silent = await import('node:net').then(({ createServer }) =>
      createServer(() => undefined),
    )
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const url = `postgres://me@127.0.0.1:${String(port)}/x?sslmode=disable`
    const run = await told.run({ ...missing, 'materialize-url': url, timeout: '6s' })
    silent.close()
    expect(run.exitCode).toBe(1)
    expect(onlyIssue().body).toContain(run.outputs['failure-reason'])
  })
})

test('GitHub Enterprise Server, whose API has a path', async () => {
  await told.anew({ basePath: '/api/v3' })
  await told.run(missing)
  await told.run(missing)
  expect(onlyIssue().author).toBe(RUNNER_LOGIN)
  expect(told.github.requests.filter(({ status }) => status >= 400)).toEqual([])
})

test('neither token nor password is in anything', async () => {
  const { password } = told.services.kafka.users.full
  const run = await told.run({ ...missing, 'kafka-password': password })
  expect(leaksIn(run, [RUNNER_TOKEN, password])).toEqual([])
  expect(JSON.stringify(told.issues())).not.toContain(RUNNER_TOKEN)
})
