import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { expire, schemaMark } from '../../test-support/pipeline/environments.ts'
import { kafkaLeft } from '../../test-support/pipeline/kafka-left.ts'
import { allThings } from '../../test-support/pipeline/left-behind.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { changesOf, healthy, logOf } from '../../test-support/pipeline/spec-runs.ts'
import {
  type BundleOptions,
  type BundleRun,
  commandsIn,
  leaksIn,
  runBundle,
  runPost,
} from '../../test-support/runner/run-bundle.ts'

/** What is made for a job alone, and what is left of it once the job is over, however it ended. */

const env = { GITHUB_JOB: 'check', GITHUB_RUN_ATTEMPT: '3' }

let services: Services
let materialize = ''
beforeAll(async () => {
  services = await startServices()
  const [row] = await services.sql('SELECT mz_environment_id() AS id')
  materialize = String(row?.['id'])
  await services.kafka.createTopic('life-in')
  await services.kafka.produce('life-in', ['one', 'two'])
})
afterAll(async () => {
  await services.stop()
})

async function everything(): Promise<string[]> {
  const { groups } = await kafkaLeft(services.kafka, new RegExp(`life-|${materialize}`))
  return [...(await allThings(services, 'life-')), ...groups]
}

const inputs = (more: Record<string, string> = {}) => ({
  ...services.inputs(),
  ...{ lifetime: 'job', connection: 'c', source: 'lines', topic: 'life-in', format: 'text' },
  ...{ sink: 'lines_out', 'sink-topic': 'life-out', 'sample-rows': '0', ...more },
})

const step = (more: Record<string, string> = {}, options: BundleOptions = {}) =>
  runBundle(inputs(more), { env, ...options })

async function post(run: BundleRun, more: Record<string, string> = {}): Promise<BundleRun> {
  const after = await runPost({ inputs: inputs(more), state: run.state }, { env })
  expect(leaksIn(after, [services.kafka.users.full.password])).toEqual([])
  expect(JSON.stringify(run.state)).not.toContain(services.kafka.users.full.password)
  expect(after.outputs).toEqual({})
  return after
}

/** The run, ended by a signal at its nth statement that changes something. */
async function stopped(signal: NodeJS.Signals, at: number): Promise<BundleRun> {
  let kill: (() => void) | undefined
  let seen = 0
  services.onStatement = (text) => {
    if (ddlIn([text]).length > 0 && ++seen === at) kill?.()
  }
  const run = await step({}, { watch: (_printed, by) => (kill = () => by(signal)) })
  services.onStatement = undefined
  return run
}

describe('what is made for a job is gone after it', () => {
  const endings: [string, () => Promise<BundleRun>, Partial<BundleRun> & { reason?: string }][] = [
    ['that went well', () => step(), { exitCode: 0, reason: '' }],
    [
      'whose records do not fit',
      () => step({ format: 'json', timeout: '12s' }),
      { exitCode: 1, reason: 'sink-not-proven' },
    ],
    [
      'that ran out of time',
      () => step({ 'min-rows': '9', timeout: '8s' }),
      { exitCode: 1, reason: 'rows-missing' },
    ],
    ['that was cancelled', () => stopped('SIGTERM', 9), { exitCode: 1, reason: 'cancelled' }],
    ['whose step was killed early', () => stopped('SIGKILL', 2), { signal: 'SIGKILL' }],
    ['whose step was killed late', () => stopped('SIGKILL', 12), { signal: 'SIGKILL' }],
  ]
  test.each(endings)('of a job %s', async (_what, run, { reason, ...ended }) => {
    const before = await everything()
    const made = await run()
    expect(made).toMatchObject(ended)
    if (reason !== undefined) expect(made.outputs['failure-reason']).toBe(reason)
    expect(made.state['environment']).toMatch(/^run-4711-3-check-[0-9a-f]{8}$/)
    expect(await everything()).not.toEqual(before)
    const after = await post(made)
    expect(logOf(after)).not.toContain('::error')
    expect(after.exitCode).toBe(0)
    expect(await everything()).toEqual(before)
    expect(after.summary).toContain('## 🧹 Removed after the job')
  })

  test('of each leg of a matrix its own', async () => {
    const before = await everything()
    const legs = await Promise.all([step(), step()])
    const [one, other] = legs.map((leg) => healthy(leg))
    expect(one?.state).not.toEqual(other?.state)
    const schema = (leg: BundleRun | undefined) =>
      (JSON.parse(leg?.outputs['environment'] ?? '') as { schema: string }).schema
    expect(await schemaMark(services, schema(one))).toMatchObject(one?.state ?? {})
    const first = await post(one as BundleRun)
    expect(first.exitCode).toBe(0)
    expect((await everything()).filter((line) => line.includes(schema(one)))).toEqual([])
    expect(await schemaMark(services, schema(other))).toMatchObject(other?.state ?? {})
    // A second time there is nothing left to do.
    const [again, last] = [await post(one as BundleRun), await post(other as BundleRun)]
    expect(again.exitCode).toBe(0)
    expect(again.summary).toContain('Nothing was there any more.')
    expect(last.exitCode).toBe(0)
    expect(await everything()).toEqual(before)
  })
})

test.each([3, 6, 9, 12])(
  'a runner killed at statement %d leaves what a sweep finds once its day is over',
  async (at) => {
    const before = await everything()
    await stopped('SIGKILL', at)
    const left = await services.sql(`SELECT name FROM mz_schemas WHERE name LIKE 'public_run%'`)
    expect(left).toHaveLength(1)
    const schema = String(left[0]?.['name'])
    const { until } = await schemaMark(services, schema)
    expect(Date.parse(String(until)) - Date.now()).toBeGreaterThan(86_400_000 - 120_000)
    const sweep = { ...services.inputs(), mode: 'sweep' }
    expect(changesOf(healthy(await runBundle(sweep)))).toEqual([])
    await expire(services, schema)
    healthy(await runBundle(sweep))
    expect(await everything()).toEqual(before)
  },
)

describe('a post that removes nothing', () => {
  test('of a step that makes what is to stay: says nothing', async () => {
    const after = await runPost({ inputs: inputs({ lifetime: '' }), state: {} })
    expect(after).toMatchObject({ exitCode: 0, stdout: '', stderr: '', summary: '' })
  })

  test.each([
    ['whose inputs were wrong', { 'min-rows': 'many' }, 'input-invalid'],
    ['that could not log in', { 'kafka-password': 'not-it' }, 'kafka-login'],
  ])('of a step %s: says so', async (_what, wrong, reason) => {
    const before = await everything()
    const run = await step(wrong)
    expect(run.outputs['failure-reason']).toBe(reason)
    expect(run.state).toEqual({})
    services.statements.splice(0)
    const after = await post(run, wrong)
    expect(after).toMatchObject({ exitCode: 0, summary: '' })
    expect(logOf(after)).toContain('there is nothing to remove')
    expect(services.statements).toEqual([])
    expect(await everything()).toEqual(before)
  })

  test('of a step cancelled before it had kept anything: makes nothing', async () => {
    services.statements.splice(0)
    const after = await runPost({ inputs: inputs(), state: {} })
    expect(after.exitCode).toBe(0)
    expect(services.statements).toEqual([])
  })

  test('where nobody would call it, nothing is made', async () => {
    const before = await everything()
    const run = await step({}, { env: { GITHUB_STATE: '' } })
    expect(run.outputs['failure-reason']).toBe('input-invalid')
    expect(run.stdout).toContain('GITHUB_STATE is not set')
    expect(await everything()).toEqual(before)
  })
})

test('what somebody else has put there stays, and the job says so and fails', async () => {
  const before = await everything()
  const made = healthy(await step())
  const { schema } = JSON.parse(made.outputs['environment'] ?? '') as { schema: string }
  await services.sql(`CREATE VIEW ${schema}.by_hand AS SELECT 1 AS one`)
  const refused = await post(made)
  expect(refused.exitCode).toBe(1)
  const errors = commandsIn(refused.stdout).filter(({ name }) => name === 'error')
  expect(errors).toHaveLength(1)
  expect(errors[0]?.text).toMatch(new RegExp(`by_hand.*${schema}: mode sweep removes it`))
  expect(refused.summary).toMatch(/❌ Not all was removed.*\*\*dependents-exist\*\*/s)
  const whole = await post(made, { 'drop-dependents': 'true' })
  expect(whole.exitCode).toBe(0)
  expect(await everything()).toEqual(before)
})

test('a spec that is gone when the job ends is a failure that says what stays', async () => {
  const spec = { spec: 'preview.yaml', connection: '', source: '', sink: '', topic: '' }
  const state = { environment: 'run-4711-1-check-00000000' }
  const after = await runPost({ inputs: { ...services.inputs(), ...spec, lifetime: 'job' }, state })
  expect(after.exitCode).toBe(1)
  const [error] = commandsIn(after.stdout).filter(({ name }) => name === 'error')
  expect(error?.text).toMatch(/preview\.yaml.*run-4711-1-check-00000000 may stay/)
})

test('a post that is cancelled ends at once and says what stays', async () => {
  const before = await everything()
  const made = healthy(await step())
  services.onStatement = (text) => {
    if (text.startsWith('DROP')) kill?.()
  }
  let kill: (() => void) | undefined
  const watch: BundleOptions['watch'] = (_printed, by) => (kill = () => by('SIGTERM'))
  const cut = await runPost({ inputs: inputs(), state: made.state }, { env, watch })
  services.onStatement = undefined
  expect(cut.exitCode).toBe(1)
  expect(logOf(cut)).toMatch(/::error.*cancelled.*may stay in part/)
  expect(cut.milliseconds).toBeLessThan(10_000)
  expect((await post(made)).exitCode).toBe(0)
  expect(await everything()).toEqual(before)
})
