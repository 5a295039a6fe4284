import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startKafka, type TestKafka } from '../../test-support/kafka/broker.ts'
import type { UserName } from '../../test-support/kafka/users.ts'
import { everything } from '../../test-support/pipeline/left-behind.ts'
import { runHere } from '../../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { logOf } from '../../test-support/pipeline/spec-runs.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/**
 * What is in Materialize and in a Kafka of its own before and after runs with an isolated canary, ended
 * in five ways. CANARY_RUNS says how many of each, 3 if it is not set.
 */

let services: Services
let kafka: TestKafka
let before: string[]
const RUNS = Number(process.env['CANARY_RUNS'] ?? 3)
const ALL = Array.from({ length: RUNS }, (_, n) => n)

beforeAll(async () => {
  kafka = await startKafka()
  services = await startServices()
  services.kafka = kafka
  await kafka.createTopic('kept')
  await kafka.produce('kept', ['x'])
  // All that a source needs, and no right to the transactions of a sink.
  await kafka.setAcls([
    { user: 'none', resource: 'topic', name: '*', operations: ['all'] },
    { user: 'none', resource: 'group', name: '*', operations: ['all'] },
  ])
  for (const user of ['full', 'none'] as const) {
    const more = user === 'full' ? { sink: 'kept_out', 'sink-topic': 'kept-out' } : {}
    const run = await runBundle({ ...inputs(user), ...more })
    if (run.outputs['status'] !== 'healthy') throw new Error(logOf(run))
  }
  // Its sources commit the offsets that they have read a little later.
  const end = Date.now() + 30_000
  do {
    await delay(500)
    before = await everything(services)
  } while (before.filter((one) => one.startsWith('group ')).length < 2 && Date.now() < end)
  expect(before.filter((one) => one.startsWith('group '))).toHaveLength(2)
}, 120_000)

afterAll(async () => {
  await services.stop()
  await kafka.stop()
})

function inputs(user: UserName): Record<string, string> {
  return {
    'materialize-url': services.inputs()['materialize-url'] ?? '',
    'kafka-brokers': kafka.brokers.SASL_SSL,
    'kafka-username': kafka.users[user].username,
    'kafka-password': kafka.users[user].password,
    'kafka-ca': kafka.caPem,
    ...{ connection: `k_${user}`, source: `kept_${user}`, topic: 'kept', timeout: '60s' },
  }
}

const withCanary = (user: UserName = 'full'): Record<string, string> => ({
  ...inputs(user),
  ...{ mode: 'verify', canary: 'isolated', 'canary-count': '3' },
})

/** A server may forget a group, and a broker a topic, a moment after it said so. */
async function expectNothingLeft(): Promise<void> {
  const end = Date.now() + 5_000
  let now = await everything(services)
  while (now.join() !== before.join() && Date.now() < end) {
    await delay(200)
    now = await everything(services)
  }
  expect(now).toEqual(before)
}

/** Kills a run after so many lines of its canary. */
async function killed(by: NodeJS.Signals, lines: number): Promise<{ run: BundleRun; ms: number }> {
  let sentAt = 0
  const run = await runBundle(withCanary(), {
    watch: (printed, kill) => {
      const [, canary] = printed.split('Canaries\n')
      if (sentAt > 0 || canary === undefined || canary.split('\n').length <= lines) return
      sentAt = Date.now()
      kill(by)
    },
  })
  if (sentAt === 0) throw new Error(logOf(run))
  return { run, ms: Date.now() - sentAt }
}

test.each(ALL)(
  'success, run %i',
  async () => {
    const run = await runBundle(withCanary())
    if (run.outputs['status'] !== 'healthy') throw new Error(logOf(run))
    expect(JSON.parse(run.outputs['canaries'] ?? '')).toMatchObject([{ held: true, left: [] }])
    expect(run.outputs).toMatchObject({ changed: 'false', changes: '[]' })
    await expectNothingLeft()
  },
  60_000,
)

test.each(ALL)(
  'failure by a sink that is stalled, run %i',
  async () => {
    const run = await runBundle(withCanary('none'))
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'canary-not-sunk' })
    const [canary] = JSON.parse(run.outputs['canaries'] ?? '') as { because: string }[]
    expect(canary?.because).toMatch(
      /came out of .* and did not reach the sink’s topic .*transactional/i,
    )
    await expectNothingLeft()
  },
  60_000,
)

test.each(ALL)(
  'timeout, run %i',
  async () => {
    // A server that never answers who asks for rows.
    services.onStatement = (text) => (text.startsWith('FETCH') ? delay(20_000) : undefined)
    const run = await runBundle({ ...withCanary(), timeout: '10s' })
    services.onStatement = undefined
    expect(run.exitCode).toBe(1)
    expect(run.outputs['failure-reason']).toBe('canary-not-ingested')
    expect(run.milliseconds).toBeLessThan(13_000)
    await expectNothingLeft()
  },
  60_000,
)

test.each(ALL)(
  'SIGTERM after %i lines',
  async (lines) => {
    const { run, ms } = await killed('SIGTERM', lines)
    expect(run.signal).toBe(null)
    // The runner of GitHub kills 7.5 seconds later.
    expect(ms).toBeLessThan(7_500)
    await expectNothingLeft()
  },
  60_000,
)

test.each(ALL)(
  'SIGKILL after %i lines, then another run',
  async (lines) => {
    const { run } = await killed('SIGKILL', lines)
    expect(run.signal).toBe('SIGKILL')
    const left = (await everything(services)).filter((one) => !before.includes(one))
    // What is not old yet is left alone: its run may be going on.
    await runHere(withCanary())
    const spared = await everything(services)
    expect(left.filter((one) => one.includes('mka-canary') && !spared.includes(one))).toEqual([])
    const next = await runHere(withCanary(), { ahead: 3_600_000 })
    const { failure, canaries } = next.report
    if (failure)
      throw new Error(`${JSON.stringify({ failure, canaries })}\n${next.lines.join('\n')}`)
    expect(canaries).toMatchObject([{ held: true, left: [] }])
    await expectNothingLeft()
  },
  90_000,
)
