import { afterAll, beforeAll, expect, test } from '@jest/globals'
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

/** Every schema, cluster, object and comment there is, each a line. */
async function everything(): Promise<string[]> {
  const reads = [
    'SELECT name FROM mz_schemas',
    'SELECT name FROM mz_clusters',
    "SELECT id, name FROM mz_objects WHERE id LIKE 'u%'",
    'SELECT id, comment FROM mz_internal.mz_comments',
  ]
  const lines: string[] = []
  for (const read of reads) {
    for (const row of await services.sql(read)) lines.push(JSON.stringify(row))
  }
  const topics = await services.kafka.withAdmin((admin) => admin.listTopics())
  return [...lines, ...topics.filter((topic) => topic.startsWith('gone-'))].sort()
}

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
