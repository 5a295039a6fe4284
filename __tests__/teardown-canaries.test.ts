import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { canaryName } from '../src/core/canary-names.ts'
import { type RunHere, runHere } from '../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../test-support/pipeline/services.ts'

/** An isolated canary of a run that was killed is no dependent that others made. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

async function pipeline(name: string, mode: string): Promise<RunHere> {
  await services.kafka.createTopic(name).catch(() => undefined)
  const place = { connection: `${name}_c`, source: name, topic: name, 'sample-rows': '0' }
  return runHere({ ...services.inputs(), ...place, mode })
}

const named = (name: string) =>
  services.sql(`SELECT name FROM mz_catalog.mz_objects WHERE name IN ('${name}', '${name}_c')`)

/** What a run left that was killed a moment ago. */
async function leave(repository: string, connection: string): Promise<string> {
  const until = Date.now() + 600_000
  const name = canaryName(repository, { id: '0123456789ab', until }, 'in')
  await services.kafka.createTopic(name)
  await services.sql(
    `CREATE SOURCE "${name}" FROM KAFKA CONNECTION ${connection} (TOPIC '${name}') FORMAT JSON`,
  )
  return name
}

test('it goes first, however new, with its topic', async () => {
  await pipeline('swept', 'provision')
  const canary = await leave('acme/shop', 'swept_c')
  const { report } = await pipeline('swept', 'teardown')
  expect(report).toMatchObject({ status: 'healthy', notes: [] })
  expect([...(await named('swept')), ...(await named(canary))]).toEqual([])
  await expect(services.kafka.read(canary)).rejects.toThrow()
})

test('that of another repository stops the teardown, and stays', async () => {
  await pipeline('others', 'provision')
  const canary = await leave('acme/other', 'others_c')
  const { report } = await pipeline('others', 'teardown')
  expect(report.failure?.reason).toBe('dependents-exist')
  expect(await named('others')).toHaveLength(2)
  expect(await named(canary)).toHaveLength(1)
})
