import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openGitHubApi } from '../src/adapters/github-api.ts'
import { uncutDeadline } from '../src/core/deadline.ts'
import { Failure } from '../src/core/failure.ts'
import type { Token } from '../test-support/github/model.ts'
import {
  type GitHubStandIn,
  RUNNER_LOGIN,
  RUNNER_TOKEN,
  startGitHub,
  type Trouble,
} from '../test-support/github/stand-in.ts'

/** GitHub’s API as the action uses it, against a stand-in that refuses what GitHub refuses. */

let github: GitHubStandIn
beforeAll(async () => {
  github = await startGitHub()
})
afterAll(async () => {
  await github.stop()
})

const said: string[] = []
const log = {
  group: () => undefined,
  info: (text: string) => void said.push(text),
  notice: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
}
const open = (of: { token?: string; ms?: number; apiUrl?: string } = {}) =>
  openGitHubApi({
    token: of.token ?? RUNNER_TOKEN,
    apiUrl: of.apiUrl ?? github.url,
    repository: 'acme/shop',
    log,
    deadline: uncutDeadline(of.ms ?? 20_000, Date),
  })
let marks = 0
const newMark = () => `<!-- test ${String(++marks)} -->`
const withToken = (token: Token): string => {
  const text = `ghs_${String(github.tokens.size)}`
  github.tokens.set(text, token)
  return text
}
const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Failure)
  return thrown as Failure
}

describe('issues', () => {
  test('one is opened, found, changed and closed', async () => {
    const mark = newMark()
    const api = open()
    expect(await api.openIssues(mark)).toEqual([])
    const made = await api.createIssue({ mark, title: 'broken', body: `${mark}\none` })
    await api.updateIssue(made.id, { body: `${mark}\ntwo` })
    expect(await api.openIssues(mark)).toEqual([{ id: made.id, body: `${mark}\ntwo` }])
    await api.updateIssue(made.id, { close: 'completed' })
    expect(await api.openIssues(mark)).toEqual([])
    expect(github.repository.item(made.id)).toMatchObject({
      state: 'closed',
      state_reason: 'completed',
      author: RUNNER_LOGIN,
    })
  })

  test('what others wrote, pull requests and a mark further down are not ours', async () => {
    const mark = newMark()
    const add = (kind: 'issue' | 'pull request', author: string, body: string) =>
      github.repository.add({ kind, title: 'x', author, body })
    add('issue', 'mallory', `${mark}\n`)
    add('issue', RUNNER_LOGIN, `quoting ${mark}`)
    add('pull request', RUNNER_LOGIN, `${mark}\n`)
    const ours = add('issue', RUNNER_LOGIN, `${mark}\n`)
    expect(await open().openIssues(mark)).toEqual([{ id: ours.number, body: `${mark}\n` }])
  })

  test('beyond the first page', async () => {
    const mark = newMark()
    for (let n = 0; n < 130; n++) {
      github.repository.add({ kind: 'issue', title: 'x', author: RUNNER_LOGIN, body: 'other' })
    }
    const ours = github.repository.add({
      kind: 'issue',
      title: 'x',
      author: RUNNER_LOGIN,
      body: mark,
    })
    expect(await open().openIssues(mark)).toEqual([{ id: ours.number, body: mark }])
  })

  test('a token of a user: that user’s are ours', async () => {
    const mark = newMark()
    const token = withToken({ login: 'carol', issues: 'write' })
    const { id } = await open({ token }).createIssue({ mark, title: 'x', body: mark })
    expect(await open({ token }).openIssues(mark)).toEqual([{ id, body: mark }])
    expect(await open().openIssues(mark)).toEqual([])
  })
})

describe('comments', () => {
  test('one is written, found and changed', async () => {
    const mark = newMark()
    const pull = github.repository.add({
      kind: 'pull request',
      title: 'x',
      author: 'dave',
      body: '',
    })
    const on = { kind: 'pull request', number: pull.number } as const
    github.repository.comment(pull, { author: 'mallory', body: mark })
    const { id } = await open().comment(on, { mark, body: `${mark}\none` })
    await open().updateComment(on, { id, body: `${mark}\ntwo` })
    expect(await open().comments(on, mark)).toEqual([{ id, body: `${mark}\ntwo` }])
    expect(await open().pullRequestState(pull.number)).toBe('open')
    pull.state = 'closed'
    expect(await open().pullRequestState(pull.number)).toBe('closed')
    expect(await open().pullRequestState(99_999)).toBe('unknown')
  })
})

describe('what GitHub refuses', () => {
  const issue = () => {
    const mark = newMark()
    return { mark, title: 'x', body: mark }
  }
  test.each<[string, Token, string]>([
    ['nothing', { login: RUNNER_LOGIN, issues: 'read' }, 'issues: write'],
    [
      'issues only of pull requests',
      { login: RUNNER_LOGIN, pullRequests: 'write' },
      'issues: write',
    ],
  ])('a token that may write %s: the permission is named', async (_name, token, permission) => {
    const failure = await failureOf(open({ token: withToken(token) }).createIssue(issue()))
    expect(failure.reason).toBe('github-permission')
    expect(failure.message).toBe(
      `The token may not open an issue: that takes the permission ${permission}. GitHub said (403): Resource not accessible by integration`,
    )
  })

  test('a token that GitHub does not know', async () => {
    const failure = await failureOf(open({ token: 'ghs_wrong' }).createIssue(issue()))
    expect(failure.reason).toBe('github-permission')
    expect(failure.message).toBe(
      'GitHub does not know the token, so it was not asked to open an issue. GitHub said (401): Bad credentials',
    )
  })

  test('a comment on a pull request takes another permission than one on an issue', async () => {
    const pull = github.repository.add({ kind: 'pull request', title: 'x', author: 'd', body: '' })
    const token = withToken({ login: RUNNER_LOGIN, pullRequests: 'read' })
    const on = { kind: 'pull request', number: pull.number } as const
    const failure = await failureOf(open({ token }).comment(on, issue()))
    expect(failure.message).toContain('the permission pull-requests: write')
  })

  test('a body that is too long, issues switched off, a lock: refused, in GitHub’s words', async () => {
    const long = await failureOf(open().createIssue({ ...issue(), body: 'x'.repeat(65_537) }))
    expect([long.reason, long.message]).toEqual([
      'github-refused',
      'GitHub did not open an issue. GitHub said (422): Validation Failed',
    ])
    github.repository.issuesAreOn = false
    const off = await failureOf(open().createIssue(issue()))
    github.repository.issuesAreOn = true
    expect([off.reason, off.message]).toEqual([
      'github-refused',
      'GitHub did not open an issue. GitHub said (410): Issues has been disabled in this repository.',
    ])
    const locked = github.repository.add({ kind: 'issue', title: 'x', author: 'd', body: '' })
    locked.locked = true
    const on = { kind: 'issue', number: locked.number } as const
    expect((await failureOf(open().comment(on, issue()))).reason).toBe('github-refused')
  })
})

describe('what passes', () => {
  test.each<[Trouble, number]>([
    ['secondary limit', 2],
    ['primary limit', 2],
    ['server error', 2],
    ['taken', 1],
  ])('%s, once: there is one issue after it', async (trouble, posts) => {
    const mark = newMark()
    const before = github.requests.length
    github.disturb('POST /repos', trouble)
    const { id } = await open().createIssue({ mark, title: 'x', body: mark })
    expect(await open().openIssues(mark)).toEqual([{ id, body: mark }])
    const asked = github.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    expect(asked.filter((one) => one === 'POST /repos/acme/shop/issues')).toHaveLength(posts)
  })

  test('a limit that would take longer than there is time: no wait, and it is said', async () => {
    github.disturb('POST /repos', 'secondary limit')
    const mark = newMark()
    const failure = await failureOf(open({ ms: 900 }).createIssue({ mark, title: 'x', body: mark }))
    expect(failure.reason).toBe('github-unavailable')
    expect(failure.message).toMatch(/asks for fewer requests/)
  })

  test('an answer that never comes: over at the deadline', async () => {
    github.disturb('GET /repos', 'silent')
    const begun = Date.now()
    const failure = await failureOf(open({ ms: 700 }).openIssues(newMark()))
    expect(failure.reason).toBe('github-unavailable')
    expect(Date.now() - begun).toBeLessThan(2_000)
  })

  test('a port where nobody listens', async () => {
    const gone = await startGitHub()
    await gone.stop()
    const failure = await failureOf(open({ ms: 8_000, apiUrl: gone.url }).openIssues('x'))
    expect(failure.reason).toBe('github-unavailable')
    expect(failure.message).toMatch(/^GitHub could not be reached to see whose .*ECONNREFUSED/)
  })
})
