import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { allThings } from '../../test-support/pipeline/left-behind.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { changesOf, healthy, runSpec } from '../../test-support/pipeline/spec-runs.ts'
import { mixedSpec } from './mixed-spec.ts'

/** One spec under the names of several environments, beside itself. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.sql('CREATE ROLE etl', 'CREATE ROLE analysts', 'GRANT etl TO materialize')
})
afterAll(async () => {
  await services.stop()
})

const everything = () => allThings(services, 'env-')

interface Names {
  name: string
  tag: string
  schema: string
  clusters: Record<string, string>
  topics: Record<string, string>
}

const namesOf = (run: BundleRun) => JSON.parse(run.outputs['environment'] ?? '') as Names

const run = (own: string, environment: string, inputs: Record<string, string> = {}) =>
  runSpec(services, mixedSpec(services, own), { inputs: { environment, ...inputs } })

describe('a spec in an environment', () => {
  test('is made, planned, checked and taken away beside the spec itself and another environment', async () => {
    const own = 'env-mixed'
    await services.sql(`CREATE SCHEMA "${own}"`)
    healthy(await runSpec(services, mixedSpec(services, own)))
    const before = await everything()
    const made = [healthy(await run(own, 'a-b')), healthy(await run(own, 'a_b'))]
    const [one, other] = made.map(namesOf)
    expect(one?.schema).toMatch(/^env-mixed_a_b_[0-9a-f]{16}$/)
    expect(one?.topics[`${own}-out1`]).toMatch(/^env-mixed-out1-a-b-[0-9a-f]{16}$/)
    expect(one?.clusters[own]).toMatch(/^env-mixed_a_b_[0-9a-f]{16}$/)
    expect(one?.schema).not.toBe(other?.schema)
    expect(changesOf(made[0] as BundleRun)[0]).toMatchObject({ kind: 'schema', action: 'create' })
    const plan = healthy(await run(own, 'a-b', { mode: 'plan' }))
    expect(plan.outputs).toMatchObject({ 'has-changes': 'false', changes: '[]' })
    const verify = await run(own, 'a-b', { mode: 'verify' })
    expect(verify.outputs['failure-reason']).toBe('')
    // What the spec no longer holds belongs to the environment all the same.
    const { k1: _k1, ...sinks } = mixedSpec(services, own).sinks ?? {}
    const less = { ...mixedSpec(services, own), sinks }
    const inputs = { environment: 'a-b', mode: 'teardown' }
    const gone = healthy(await runSpec(services, less, { inputs }))
    expect(changesOf(gone).every(({ action }) => action === 'drop')).toBe(true)
    expect((await everything()).filter((line) => line.includes(one?.tag ?? ''))).toEqual([])
    expect((await everything()).filter((line) => line.includes(one?.schema ?? ''))).toEqual([])
    healthy(await run(own, 'a_b', { mode: 'teardown' }))
    expect(await everything()).toEqual(before)
    expect(changesOf(healthy(await run(own, 'a_b', { mode: 'teardown' })))).toEqual([])
  })

  test('is kept apart from the spec itself: prune leaves it, and it leaves what it did not make', async () => {
    const own = 'env-prune'
    const path = 'spec.yaml'
    await services.sql(`CREATE SCHEMA "${own}"`)
    const whole = mixedSpec(services, own)
    const names = namesOf(
      healthy(await runSpec(services, whole, { path, inputs: { environment: 'pr-1' } })),
    )
    const before = await everything()
    const pruned = await runSpec(services, whole, { path, inputs: { prune: 'true' } })
    expect(changesOf(healthy(pruned)).filter(({ action }) => action === 'drop')).toEqual([])
    const after = new Set(await everything())
    expect(before.filter((line) => !after.has(line))).toEqual([])
    // What a person has put there stops the teardown before the first drop.
    await services.sql(`CREATE VIEW "${names.schema}".by_hand AS SELECT 1 AS one`)
    services.statements.splice(0)
    const inputs = { environment: 'pr-1', mode: 'teardown' }
    const refused = await runSpec(services, whole, { path, inputs })
    expect(refused.outputs['failure-reason']).toBe('dependents-exist')
    expect(refused.stdout).toContain('by_hand')
    expect(ddlIn(services.statements)).toEqual([])
    const dropped = { ...inputs, 'drop-dependents': 'true' }
    healthy(await runSpec(services, whole, { path, inputs: dropped }))
    expect((await everything()).filter((line) => line.includes(names.tag))).toEqual([])
    healthy(await runSpec(services, whole, { path, inputs: { mode: 'teardown' } }))
  })

  test('is marked with the time it may stay, which each provision sets anew', async () => {
    const own = 'env-until'
    const inputs = { 'expires-in': '3d' }
    const { schema } = namesOf(healthy(await run(own, 'pr-2', inputs)))
    const until = async (): Promise<number> => {
      const rows = await services.sql(
        `SELECT comment FROM mz_internal.mz_comments c JOIN mz_schemas s ON s.id = c.id
         WHERE c.object_type = 'schema' AND s.name = '${schema}'`,
      )
      const mark = JSON.parse(String(rows[0]?.['comment'])) as Record<string, string>
      expect(mark).toMatchObject({ repository: 'acme/shop', environment: 'pr-2' })
      return Date.parse(mark['until'] ?? '')
    }
    const first = await until()
    expect(first - Date.now()).toBeGreaterThan(3 * 86_400_000 - 120_000)
    expect(first - Date.now()).toBeLessThan(3 * 86_400_000)
    services.statements.splice(0)
    const again = healthy(await run(own, 'pr-2', inputs))
    expect(again.outputs['changed']).toBe('false')
    expect(await until()).toBeGreaterThan(first)
    const comments = ddlIn(services.statements).filter((text) => text.startsWith('COMMENT'))
    expect(comments).toHaveLength(1)
    healthy(await run(own, 'pr-2', { mode: 'teardown' }))
  })

  test('goes on in a schema that a killed run has made and not marked', async () => {
    const before = await everything()
    const plan = healthy(await run('env-killed', 'pr-3', { mode: 'plan' }))
    const { schema } = namesOf(plan)
    await services.sql(`CREATE SCHEMA "${schema}"`)
    healthy(await run('env-killed', 'pr-3', { mode: 'teardown' }))
    expect(await everything()).toEqual(before)
    await services.sql(`CREATE SCHEMA "${schema}"`)
    healthy(await run('env-killed', 'pr-3'))
    healthy(await run('env-killed', 'pr-3', { mode: 'teardown' }))
    expect(await everything()).toEqual(before)
  })

  test('is one pipeline of inputs, too, over a topic that is shared', async () => {
    const topic = 'env-shared'
    await services.kafka.createTopic(topic)
    await services.kafka.produce(topic, ['one', 'two'])
    const before = await everything()
    const inputs = {
      ...services.inputs(),
      ...{ environment: 'feature/it\'s-"quoted"', connection: 'c', source: 'hello', topic },
      ...{ format: 'text', sink: 'hello_out', 'sink-topic': 'env-shared-out', 'min-rows': '2' },
    }
    const made = healthy(await runBundle(inputs))
    expect(made.outputs['row-count']).toBe('2')
    expect(Object.keys(namesOf(made).topics)).toEqual(['env-shared-out'])
    healthy(await runBundle({ ...inputs, mode: 'teardown' }))
    expect(await everything()).toEqual(before)
  })
})
