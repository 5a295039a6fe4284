import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { RUNNER_LOGIN, RUNNER_TOKEN } from '../../test-support/github/stand-in.ts'
import { commandsIn, leaksIn } from '../../test-support/runner/run-bundle.ts'
import { startTold, type Told } from './told.ts'

/** The comment of a pull request: one for each check, updated in place. */

let told: Told
let number: number
beforeAll(async () => {
  told = await startTold('comment_watched')
})
afterAll(async () => {
  await told.stop()
})
beforeEach(async () => {
  await told.anew()
  const pull = { kind: 'pull request', title: 'a change', author: 'dave', body: '' } as const
  told.github.repository.add({ ...pull, kind: 'issue' })
  number = told.github.repository.add(pull).number
})

const push = (sha: string, of: { from?: string } = {}) => ({
  repository: { private: true, full_name: 'acme/shop' },
  pull_request: {
    number,
    head: { sha: sha.repeat(40), repo: { full_name: of.from ?? 'acme/shop' } },
  },
})
const comments = () => told.github.repository.item(number)?.comments ?? []
const onlyComment = (): string => {
  const [comment, ...more] = comments()
  expect(more).toEqual([])
  return comment?.body ?? ''
}
const verifying = { comment: 'true', sources: 'comment_watched, comment_later' }

describe('one comment', () => {
  test('verdicts: updated in place, with what changed since the last push', async () => {
    const first = await told.run(verifying, { event: push('a'), id: 1 })
    expect(first.outputs['failure-reason']).toBe('object-missing')
    expect(onlyComment()).toMatch(/^<!-- materialize-kafka-action comment [0-9a-f]{16} -->\n<!-- /)
    expect(onlyComment()).toContain('🔴 missing')
    expect(onlyComment()).toContain(
      '[run 1](https://github.example/acme/shop/actions/runs/1/attempts/1) of [aaaaaaa](https://github.example/acme/shop/commit/',
    )
    expect(onlyComment()).not.toContain('Since')

    await told.services.sql(told.source('comment_later'))
    await told.run(verifying, { event: push('b'), id: 2 })
    expect(onlyComment()).toMatch(
      /\*\*Since <code>aaaaaaa<\/code>:\*\*\n\n- .*comment&#95;later.*missing.* → .*well/,
    )
    // Another run of the same commit: still compared with the commit before.
    await told.run(verifying, { event: push('b'), id: 3 })
    expect(onlyComment()).toContain('**Since <code>aaaaaaa</code>:**')
    await told.run(verifying, { event: push('c'), id: 4 })
    expect(onlyComment()).toContain('Nothing has changed since <code>bbbbbbb</code>')
  })

  test('a plan, and what provisioning made and teardown took away, in one of their own', async () => {
    const { services } = told
    const pipeline = {
      ...services.inputs(),
      comment: 'true',
      connection: 'comment_made_conn',
      source: 'comment_made',
      topic: 'comment-watched',
    }
    const run = (mode: string, sha: string) => told.run({ ...pipeline, mode }, { event: push(sha) })
    const planned = await run('plan', 'a')
    expect(planned.outputs['status']).toBe('healthy')
    expect(onlyComment()).toMatch(/\| create \| source \| <code>.*comment&#95;made/)
    const made = await run('provision', 'a')
    expect(made.outputs['status']).toBe('healthy')
    expect(comments()).toHaveLength(2)
    expect(comments()[1]?.body).toContain('🟢 proven')
    await run('plan', 'b')
    expect(comments()[0]?.body).toMatch(/Since <code>aaaaaaa.*comment&#95;made.*no longer there/s)
    await run('teardown', 'b')
    expect(comments()).toHaveLength(2)
    expect(comments()[1]?.body).toContain('teardown: healthy')
    expect(leaksIn(planned, [RUNNER_TOKEN, services.kafka.users.full.password])).toEqual([])
    const said = JSON.stringify(comments())
    for (const secret of [RUNNER_TOKEN, services.kafka.users.full.password]) {
      expect(said).not.toContain(secret)
    }
  }, 90_000)

  test('what is made for one job alone, under names that nobody has again: one comment', async () => {
    const pipeline = {
      ...told.services.inputs(),
      ...{ comment: 'true', mode: 'provision', lifetime: 'job' },
      ...{ connection: 'comment_job_conn', source: 'comment_job', topic: 'comment-watched' },
    }
    for (const sha of ['a', 'b']) await told.run(pipeline, { event: push(sha) })
    expect(onlyComment()).toContain('Nothing has changed since <code>aaaaaaa</code>')
  })

  test('a comment on a pull request is an event of it, too', async () => {
    const event = { repository: { private: true }, issue: { number, pull_request: {} } }
    await told.run({ ...verifying, 'check-name': 'asked' }, { event })
    expect(onlyComment()).toContain('<code>asked</code>')
  })

  test('the legs of a matrix at the same time: a comment each', async () => {
    await Promise.all(
      ['comment_watched', 'comment_none'].map((sources) =>
        told.run({ comment: 'true', sources }, { event: push('a') }),
      ),
    )
    expect(comments()).toHaveLength(2)
  })

  test('a stranger’s comment with the very same text is left alone', async () => {
    await told.run(verifying, { event: push('a') })
    const body = onlyComment()
    const item = told.github.repository.item(number)
    if (!item) throw new Error('no pull request')
    item.comments = []
    told.github.repository.comment(item, { author: 'mallory', body })
    await told.run(verifying, { event: push('b') })
    expect(comments().map(({ author }) => author)).toEqual(['mallory', RUNNER_LOGIN])
    expect(comments()[0]?.body).toBe(body)
    expect(comments()[1]?.body).not.toContain('Since')
  })
})

describe('no comment', () => {
  const readOnly = { login: RUNNER_LOGIN, issues: 'read', pullRequests: 'read' } as const
  const notices = (stdout: string) =>
    commandsIn(stdout)
      .filter(({ name }) => name === 'notice')
      .map(({ text }) => text)

  test('a token that may only read: the summary, and one notice that names the permission', async () => {
    told.github.tokens.set(RUNNER_TOKEN, readOnly)
    const run = await told.run(verifying, { event: push('a') })
    expect(comments()).toEqual([])
    expect(notices(run.stdout)).toEqual([
      expect.stringMatching(/^There is no comment, .* takes the permission pull-requests: write/),
    ])
    expect(run.summary).toContain('There is no comment')
    expect(run.stdout).not.toContain('::warning::')
  })

  test('from a fork: the same, and one notice for issue and comment', async () => {
    told.github.tokens.set(RUNNER_TOKEN, readOnly)
    const inputs = { comment: 'true', issue: 'true', sources: 'comment_none' }
    const run = await told.run(inputs, { event: push('a', { from: 'stranger/shop' }) })
    expect(run.exitCode).toBe(1)
    expect(notices(run.stdout)).toEqual([expect.stringMatching(/a pull request from a fork/)])
    expect(run.stdout).not.toContain('::warning::')
  })

  test('from a fork without secrets: nothing is asked of GitHub, and one notice says why', async () => {
    const inputs = { ...verifying, 'materialize-url': '', 'materialize-password': '' }
    const event = push('a', { from: 'stranger/shop' })
    const run = await told.run({ ...inputs, 'materialize-host': 'mz.example' }, { event })
    expect(run.outputs).toMatchObject({ status: 'skipped', 'failure-reason': 'secrets-missing' })
    expect(notices(run.stdout)).toHaveLength(1)
    expect(told.github.requests).toEqual([])
  })

  test('a push is of no pull request', async () => {
    const run = await told.run({ ...verifying, sources: 'comment_watched' })
    expect(run.exitCode).toBe(0)
    expect(notices(run.stdout)).toEqual([
      'There is no comment, since this run is of no pull request.',
    ])
  })
})
