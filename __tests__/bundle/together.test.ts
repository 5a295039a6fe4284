import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  changesOf,
  healthy,
  logOf,
  runSpec,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'
import { stateOf } from '../../test-support/pipeline/spec-state.ts'
import { mixedSpec } from './mixed-spec.ts'

/** Two runs of one spec at the same time: what they leave is what one leaves, and both say how it is. */

let services: Services
/** What a run by itself leaves, and what it says that it made. */
let alone: { state: string[]; made: string[] }

/** What a run says that it did, the same for every schema. */
const doneBy = (run: Parameters<typeof changesOf>[0], own: string): string[] =>
  changesOf(run).map((one) => `${one.action} ${one.kind} ${one.object.replaceAll(own, '*')}`)

const run = (spec: SpecFile, inputs: Record<string, string> = {}) =>
  runSpec(services, spec, { inputs })

beforeAll(async () => {
  services = await startServices()
  await services.sql(
    ...['etl', 'analysts'].map((role) => `CREATE ROLE ${role}`),
    'GRANT etl TO materialize',
    'CREATE SCHEMA alone',
  )
  const only = healthy(await run(mixedSpec(services, 'alone')))
  alone = { state: await stateOf(services, 'alone'), made: doneBy(only, 'alone').sort() }
})
afterAll(async () => {
  await services.stop()
})

describe('two runs started together end in the state of one, and tell the truth', () => {
  test.each(Array.from({ length: 10 }, (_, n) => ({ n: n + 1 })))('time $n', async ({ n }) => {
    const own = `together${String(n)}`
    await services.sql(`CREATE SCHEMA ${own}`)
    const spec = mixedSpec(services, own)
    const runs = await Promise.all([run(spec), run(spec)])
    for (const one of runs) {
      const { status, changed, 'failure-reason': reason } = one.outputs
      const seen = { status, reason, exitCode: one.exitCode, changed }
      const truth = { exitCode: 0, changed: String(changesOf(one).length > 0) }
      const log = status === 'healthy' ? '' : logOf(one)
      expect({ ...seen, log }).toEqual({ status: 'healthy', reason: '', ...truth, log: '' })
    }
    // Each thing was made by one of them, which says so; the other may have given it its owner.
    const done = runs.flatMap((one) => doneBy(one, own))
    expect(done.filter((text) => text.startsWith('create ')).sort()).toEqual(alone.made)
    for (const text of done) expect(alone.made).toContain(text.replace(/^alter /, 'create '))
    expect(await stateOf(services, own)).toEqual(alone.state)
    const after = healthy(await run(spec, { mode: 'plan' }))
    expect(after.outputs).toMatchObject({ changes: '[]', 'has-changes': 'false' })
    await services.sql(`DROP SCHEMA ${own} CASCADE`, `DROP CLUSTER ${own}`)
  })
})
