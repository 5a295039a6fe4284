import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { openGitHubApi } from '../src/adapters/github-api.ts'
import { Failure } from '../src/core/failure.ts'
import type { PullRequests } from '../src/ports.ts'
import { type GitHubStandIn, RUNNER_TOKEN, startGitHub } from '../test-support/github/stand-in.ts'
import { expire, schemaMark } from '../test-support/pipeline/environments.ts'
import { allThings } from '../test-support/pipeline/left-behind.ts'
import { type OpenPulls, type RunHere, runHere } from '../test-support/pipeline/run-here.ts'
import { ddlIn, type Services, startServices } from '../test-support/pipeline/services.ts'
import { healthy } from '../test-support/pipeline/spec-runs.ts'
import { runBundle } from '../test-support/runner/run-bundle.ts'

/** What was made for a pull request goes once GitHub says that it is closed. */

const BLIND = 'ghs_blind'

let services: Services
let github: GitHubStandIn
beforeAll(async () => {
  services = await startServices()
  github = await startGitHub()
  github.tokens.set(BLIND, { login: 'github-actions[bot]' })
  await services.kafka.createTopic('pulls-in')
  await services.kafka.produce('pulls-in', ['one'])
})
afterAll(async () => {
  await github.stop()
  await services.stop()
})
beforeEach(() => {
  github.requests.splice(0)
})

const everything = () => allThings(services, 'pulls-')

/** A new pull request of the repository, by its number. */
function opened(): number {
  return github.repository.add({ kind: 'pull request', title: 't', body: '', author: 'a' }).number
}

function set(number: number, state: 'open' | 'closed'): void {
  const item = github.repository.item(number)
  if (item) item.state = state
}

async function provision(
  environment: string,
  of: { pull?: number; repository?: string; expires?: string } = {},
): Promise<string> {
  const { pull, repository = 'acme/shop', expires = '' } = of
  const inputs = {
    ...{ ...services.inputs(), environment, connection: 'c', source: 'lines', topic: 'pulls-in' },
    ...{ format: 'text', sink: 'lines_out', 'sink-topic': 'pulls-out', 'sample-rows': '0' },
    'expires-in': expires,
  }
  const of_ = { private: true, full_name: repository }
  const event = {
    repository: of_,
    ...(pull !== undefined && { pull_request: { number: pull, head: { repo: of_ } } }),
  }
  const run = healthy(await runBundle(inputs, { event, env: { GITHUB_REPOSITORY: repository } }))
  return (JSON.parse(run.outputs['environment'] ?? '') as { schema: string }).schema
}

/** GitHub by the adapter, as the run’s own deadline has it. */
const by =
  (token: string): OpenPulls =>
  ({ log, deadline }) =>
    openGitHubApi({ token, apiUrl: github.url, repository: 'acme/shop', log, deadline })

function sweep(pulls?: OpenPulls, inputs: Record<string, string> = {}): Promise<RunHere> {
  return runHere({ ...services.inputs(), mode: 'sweep', ...inputs }, pulls ? { pulls } : {})
}

async function schemas(): Promise<string[]> {
  const rows = await services.sql("SELECT name FROM mz_schemas WHERE name LIKE 'public_%'")
  return rows.map((row) => String(row['name']))
}

test('closed, it goes; open, or of another repository, it stays', async () => {
  const [closed, open] = [opened(), opened()]
  const before = await everything()
  const kept = [
    await provision('open', { pull: open }),
    await provision('none'),
    // The same number, elsewhere.
    await provision('closed', { pull: closed, repository: 'acme/stock' }),
  ]
  const gone = await provision('closed', { pull: closed })
  expect(await schemaMark(services, gone)).toMatchObject({ pull: closed, environment: 'closed' })
  expect((await sweep(by(RUNNER_TOKEN))).report.changes).toEqual([])
  set(closed, 'closed')
  const listed = await sweep(by(RUNNER_TOKEN), { 'dry-run': 'true' })
  expect(listed.report.plannedChanges.map(({ object }) => object)).toContain(
    `"materialize"."${gone}"."lines"`,
  )
  expect(new Set(await schemas())).toEqual(new Set([...kept, gone]))
  github.requests.splice(0)
  const swept = await sweep(by(RUNNER_TOKEN))
  expect(swept.report).toMatchObject({ status: 'healthy', notes: [] })
  expect(swept.lines).toContain(`Closed: pull request ${String(closed)}`)
  expect(new Set(await schemas())).toEqual(new Set(kept))
  // Once each, and once more before something is dropped.
  expect(github.requests.map(({ path }) => path).sort()).toEqual(
    [closed, closed, open].map((number) => `/repos/acme/shop/pulls/${String(number)}`).sort(),
  )
  const [one = '', other = '', third = ''] = kept
  set(open, 'closed')
  await sweep(by(RUNNER_TOKEN))
  expect(new Set(await schemas())).toEqual(new Set([other, third]))
  for (const [environment, repository] of [
    ['none', 'acme/shop'],
    ['closed', 'acme/stock'],
  ] as const) {
    const inputs = {
      ...{ ...services.inputs(), environment, connection: 'c', source: 'lines' },
      ...{ topic: 'pulls-in', format: 'text', sink: 'lines_out', 'sink-topic': 'pulls-out' },
    }
    const env = { GITHUB_REPOSITORY: repository }
    healthy(await runBundle({ ...inputs, mode: 'teardown' }, { env }))
  }
  expect(one).not.toBe('')
  expect(await everything()).toEqual(before)
}, 120_000)

const silent: PullRequests = { pullRequestState: () => Promise.resolve('unknown') }

test.each<[string, OpenPulls | undefined, RegExp]>([
  ['without a token', undefined, /There is no github-token/],
  ['with a token that may not see it', by(BLIND), /takes the permission pull-requests: read/],
  ['with a token that is none', by('ghs_none'), /takes the permission pull-requests: read/],
  ['of a number that is not there', () => silent, /there are none of these numbers/],
])(
  '%s what is closed stays with a notice, and what is past its time goes',
  async (_w, pulls, why) => {
    const before = await everything()
    const pull = opened()
    const kept = await provision('kept', { pull, expires: '3d' })
    const gone = await provision('gone', { pull, expires: '3d' })
    set(pull, 'closed')
    await expire(services, gone)
    const { report } = await sweep(pulls)
    expect(report.failure).toBeUndefined()
    expect(report.notes).toHaveLength(1)
    expect(report.notes[0]).toMatch(why)
    expect(await schemas()).toEqual([kept])
    healthyReport(await sweep(by(RUNNER_TOKEN)))
    expect(await everything()).toEqual(before)
  },
)

test('GitHub out of reach is a notice, and what is past its time goes', async () => {
  const before = await everything()
  const pull = opened()
  const kept = [await provision('a', { pull }), await provision('c', { pull: opened() })]
  const gone = await provision('b', { pull, expires: '3d' })
  await expire(services, gone)
  let asked = 0
  const away: OpenPulls = () => ({
    pullRequestState: () => {
      asked++
      const message = 'GitHub did not answer in time.'
      return Promise.reject(new Failure({ reason: 'github-unavailable', message }))
    },
  })
  const { report } = await sweep(away)
  expect(report).toMatchObject({
    status: 'healthy',
    notes: [expect.stringMatching(/GitHub did not answer/)],
  })
  expect(asked).toBe(1)
  expect(new Set(await schemas())).toEqual(new Set(kept))
  for (const { number } of github.repository.items) set(number, 'closed')
  healthyReport(await sweep(by(RUNNER_TOKEN)))
  expect(await everything()).toEqual(before)
})

test('opened again before the first drop, it stays', async () => {
  const before = await everything()
  const pull = opened()
  const kept = await provision('again', { pull })
  set(pull, 'closed')
  services.statements.splice(0)
  const reopening: OpenPulls = (of) => ({
    pullRequestState: async (number) => {
      const state = await by(RUNNER_TOKEN)(of).pullRequestState(number)
      set(number, 'open')
      return state
    },
  })
  healthyReport(await sweep(reopening))
  expect(ddlIn(services.statements)).toEqual([])
  expect(await schemas()).toEqual([kept])
  set(pull, 'closed')
  healthyReport(await sweep(by(RUNNER_TOKEN)))
  expect(await everything()).toEqual(before)
})

test('provisioned last for no pull request, it is of none', async () => {
  const before = await everything()
  const pull = opened()
  const schema = await provision('both', { pull })
  await provision('both', { pull })
  expect(await schemaMark(services, schema)).toMatchObject({ pull })
  await provision('both')
  expect(await schemaMark(services, schema)).not.toHaveProperty('pull')
  await provision('both', { pull, expires: '1d' })
  set(pull, 'closed')
  healthyReport(await sweep(by(RUNNER_TOKEN)))
  expect(await everything()).toEqual(before)
})

function healthyReport({ report, lines }: RunHere): void {
  if (report.status !== 'healthy')
    throw new Error(lines.join('\n') + JSON.stringify(report.failure))
}
