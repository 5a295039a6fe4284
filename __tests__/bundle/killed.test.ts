import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { BundleRun } from '../../test-support/runner/run-bundle.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { changesOf, healthy, logOf, runSpec } from '../../test-support/pipeline/spec-runs.ts'
import { idsOf, stateOf } from '../../test-support/pipeline/spec-state.ts'
import { mixedSpec } from './mixed-spec.ts'

/**
 * A spec’s first run, killed after each of its statements in turn, then run again: it ends as the run
 * that nobody killed, with nothing made twice and nothing left over.
 */

/** Servers on which kills are tried at once, each on its own: DDL elsewhere would change the run. */
const LANES = 3
const lanes: Services[] = []
/** The run that nobody killed: what it left, and its statements up to the last that changes something. */
let whole: { state: string[]; steps: string[] }

beforeAll(async () => {
  for (let lane = 0; lane < LANES; lane++) {
    const services = await startServices()
    lanes.push(services)
    await services.sql('CREATE ROLE etl', 'CREATE ROLE analysts', 'GRANT etl TO materialize')
  }
  const [services] = lanes
  if (!services) throw new Error('no lane')
  await services.sql('CREATE SCHEMA whole')
  services.statements.splice(0)
  services.onStatement = slowToBegin()
  healthy(await runSpec(services, mixedSpec(services, 'whole')))
  services.onStatement = undefined
  const steps = services.statements.filter(isStep)
  whole = { state: await stateOf(services, 'whole'), steps }
}, 60_000)
afterAll(async () => {
  await Promise.all(lanes.map((services) => services.stop()))
})

/** What a run can be killed after: whatever is no reading. */
const isStep = (text: string): boolean =>
  ddlIn([text]).length > 0 || /^\s*(BEGIN|COMMIT|VALIDATE)/i.test(text)

/** A server that takes its time for the first object: long enough to make others beside it. */
function slowToBegin(): (text: string) => Promise<void> | undefined {
  let begun = false
  return (text) => {
    if (begun || !isStep(text)) return undefined
    begun = true
    return delay(1_000)
  }
}

/** When to kill: after a statement, by its number among the steps, or at a line of the log. */
type Moment = { step: number } | { line: string }

async function killedRun(services: Services, own: string, moment: Moment): Promise<BundleRun> {
  let kill: (() => void) | undefined
  let seen = 0
  // The server has the statement and runs it; who sent it hears nothing of that.
  services.onStatement = (text) => {
    if ('step' in moment && isStep(text) && ++seen === moment.step) kill?.()
  }
  const run = await runSpec(services, mixedSpec(services, own), {
    bundle: {
      watch: (printed, by) => {
        kill = () => by('SIGKILL')
        if ('line' in moment && printed.includes(moment.line)) kill()
      },
    },
  })
  services.onStatement = undefined
  return run
}

const without = (lines: string[], others: string[]): string[] =>
  lines.filter((line) => !others.includes(line))

/** Tries one kill. Throws if anything is not as after the whole run. */
async function tryKill(services: Services, own: string, moment: Moment): Promise<void> {
  await services.sql(`CREATE SCHEMA ${own}`)
  const spec = mixedSpec(services, own)
  const killed = await killedRun(services, own, moment)
  expect(killed.signal).toBe('SIGKILL')
  const there = await idsOf(services, own)

  const again = healthy(await runSpec(services, spec))
  if ('step' in moment && moment.step === 1) {
    // The first object of all, before its mark: nothing tells that it is ours but who adopts it.
    expect(logOf(again)).toContain(`The cluster "${own}" was not made by this action`)
    const adopted = healthy(await runSpec(services, spec, { inputs: { adopt: 'true' } }))
    expect(changesOf(adopted)).toEqual([{ object: `"${own}"`, kind: 'cluster', action: 'adopt' }])
  }
  const state = await stateOf(services, own)
  expect(without(state, whole.state)).toEqual([])
  expect(without(whole.state, state)).toEqual([])
  const ids = await idsOf(services, own)
  expect(without(there, ids)).toEqual([])

  services.statements.splice(0)
  const third = healthy(await runSpec(services, spec))
  expect(third.outputs).toMatchObject({ changed: 'false', 'has-changes': 'false', changes: '[]' })
  const ddl = ddlIn(services.statements)
  expect(ddl.filter((text) => !text.startsWith('ALTER SECRET'))).toEqual([])
  expect(await idsOf(services, own)).toEqual(ids)
  await services.sql(`DROP SCHEMA ${own} CASCADE`, `DROP CLUSTER ${own}`)
}

/** Each moment on the next server that is free; those that failed, with what was sent or printed last. */
async function tryAll(moments: Moment[]): Promise<{ at: string; problem: string }[]> {
  const failed: { at: string; problem: string }[] = []
  const waiting = moments.map((moment, n) => ({ moment, own: `killed${String(n)}` }))
  await Promise.all(
    lanes.map(async (services) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { moment, own } = next
        try {
          await tryKill(services, own, moment)
        } catch (thrown) {
          const at =
            'step' in moment
              ? `${String(moment.step)}: ${whole.steps[moment.step - 1] ?? ''}`
              : moment.line
          failed.push({ at: at.slice(0, 120), problem: String(thrown).slice(0, 2_000) })
        }
      }
    }),
  )
  return failed
}

describe('a run that was killed, run again, ends as one that was not, and a third changes nothing', () => {
  test('nothing is made beside the first object until that tells what else will be', () => {
    const [first, second] = whole.steps
    expect(first).toMatch(/^CREATE/)
    expect(second).toMatch(/^COMMENT ON .*"making":\[/)
  })

  test('after any of its statements', async () => {
    // Secrets, connections, a transaction of sources, view, sinks, their marks, grants and owners.
    expect(whole.steps.length).toBeGreaterThan(25)
    expect(whole.steps).toContain('COMMIT')
    const moments = whole.steps.map((_, index) => ({ step: index + 1 }))
    const begun = Date.now()
    expect(await tryAll(moments)).toEqual([])
    const seconds = ((Date.now() - begun) / 1000).toFixed(0)
    process.stdout.write(
      `killed after each of ${String(moments.length)} statements in ${seconds} s\n`,
    )
  }, 400_000)

  test.each(['1', '2'])('at the making of topic %s', async (n) => {
    const own = `topic${n}`
    const [services] = lanes
    await tryKill(services!, own, { line: `Creating topic ${own}-${n}` })
  })
})
