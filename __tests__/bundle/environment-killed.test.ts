import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { allThings } from '../../test-support/pipeline/left-behind.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { healthy, runSpec } from '../../test-support/pipeline/spec-runs.ts'
import { mixedSpec } from './mixed-spec.ts'

/** An environment whose making was killed: its teardown takes what is there, marked or not. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.sql('CREATE ROLE etl', 'CREATE ROLE analysts', 'GRANT etl TO materialize')
})
afterAll(async () => {
  await services.stop()
})

const everything = () => allThings(services, 'gone-')

test.each([1, 2, 3, 4, 5, 7, 9, 12, 16, 20, 24, 28])(
  'killed after statement %d that changes something',
  async (step) => {
    const before = await everything()
    const spec = mixedSpec(services, 'gone')
    const environment = `pr-${String(step)}`
    let kill: (() => void) | undefined
    let seen = 0
    services.onStatement = (text) => {
      if (ddlIn([text]).length > 0 && ++seen === step) kill?.()
    }
    const killed = await runSpec(services, spec, {
      inputs: { environment },
      bundle: {
        watch: (_printed, by) => {
          kill = () => by('SIGKILL')
        },
      },
    })
    services.onStatement = undefined
    expect(killed.signal).toBe('SIGKILL')
    healthy(await runSpec(services, spec, { inputs: { environment, mode: 'teardown' } }))
    expect(await everything()).toEqual(before)
  },
)
