import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { expire } from '../../test-support/pipeline/environments.ts'
import { allThings } from '../../test-support/pipeline/left-behind.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { changesOf, healthy } from '../../test-support/pipeline/spec-runs.ts'

/** Environments of two repositories on one Materialize and one Kafka, swept by both at once. */

const REPOSITORIES = ['acme/shop', 'acme/stock']
const HOSTILE = [
  ...['a-b', 'a_b', 'A-B', 'a/b', 'a--b', "it's", 'say "hi"', 'ünïcode/🙂', '日本', '$(reboot)'],
  ...['..', "'; DROP SCHEMA public; --", '::error::x', 'x'.repeat(255), `${'x'.repeat(254)}y`],
]
const PAST = '2026-01-01T00:00:00.000Z'

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('sweep-in')
  await services.kafka.produce('sweep-in', ['one'])
})
afterAll(async () => {
  await services.stop()
})

function run(repository: string, inputs: Record<string, string>): Promise<BundleRun> {
  return runBundle(
    { ...services.inputs(), timeout: '120s', ...inputs },
    { env: { GITHUB_REPOSITORY: repository } },
  )
}

/** A connection with its secrets, a source of a topic that is shared, and a sink. */
const provision = (repository: string, environment: string) =>
  run(repository, {
    ...{ environment, 'expires-in': '3d', connection: 'c', source: 'lines', topic: 'sweep-in' },
    ...{ format: 'text', sink: 'lines_out', 'sink-topic': 'sweep-out', 'sample-rows': '0' },
  })

const everything = () => allThings(services, 'sweep-')

const schemaOf = ({ outputs }: BundleRun) =>
  (JSON.parse(outputs['environment'] ?? '') as { schema: string }).schema

async function each<T>(all: T[], work: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all]
  const lane = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await work(one)
  }
  await Promise.all([lane(), lane(), lane()])
}

const [shop = '', stock = ''] = REPOSITORIES

test('what is past its time goes, by each repository its own, and nothing else', async () => {
  // What must stay: environments with time left or without any, unmarked schemas of the same look.
  for (const repository of REPOSITORIES) healthy(await provision(repository, 'still-open'))
  await services.sql('CREATE SCHEMA public_a_b_0123456789abcdef', 'CREATE SCHEMA by_hand')
  await services.sql(`COMMENT ON SCHEMA by_hand IS '{"environment":"a-b","until":"${PAST}"}'`)
  const before = await everything()
  const all = REPOSITORIES.flatMap((repository) => HOSTILE.map((name) => ({ repository, name })))
  const schemas: string[] = []
  await each(all, async ({ repository, name }) => {
    schemas.push(schemaOf(healthy(await provision(repository, name))))
  })
  expect(new Set(schemas).size).toBe(all.length)
  for (const schema of schemas) await expire(services, schema)

  services.statements.splice(0)
  const listed = healthy(await run(shop, { mode: 'sweep', 'dry-run': 'true' }))
  expect(ddlIn(services.statements)).toEqual([])
  const kinds = Object.groupBy(changesOf(listed), ({ kind }) => kind)
  const counts = Object.entries(kinds).map(([kind, changes = []]) => [kind, changes.length])
  const n = HOSTILE.length
  expect(Object.fromEntries(counts)).toEqual({
    ...{ schema: n, connection: n, source: n, sink: n, topic: n, secret: 3 * n },
  })
  expect(listed.outputs).toMatchObject({ changed: 'false', 'has-changes': 'true' })

  const swept = await Promise.all(
    REPOSITORIES.map((repository) => run(repository, { mode: 'sweep' })),
  )
  for (const one of swept) healthy(one)
  expect(await everything()).toEqual(before)
  const again = healthy(await run(stock, { mode: 'sweep' }))
  expect(changesOf(again)).toEqual([])
}, 600_000)

test('one that cannot be removed is named and stays whole, and the others go', async () => {
  const [kept, gone] = [
    schemaOf(await provision(shop, 'kept')),
    schemaOf(await provision(shop, 'gone')),
  ]
  for (const schema of [kept, gone]) await expire(services, schema)
  await services.sql(`CREATE VIEW ${kept}.by_hand AS SELECT 1 AS one`)
  const inKept = async () => (await everything()).filter((line) => line.includes('lines')).length
  const refused = await run(shop, { mode: 'sweep' })
  expect(refused.outputs['failure-reason']).toBe('dependents-exist')
  expect(refused.stdout).toMatch(/The environment "kept" stays: .*by_hand/)
  const left = await services.sql('SELECT name FROM mz_schemas')
  expect(left.map((row) => row['name'])).toContain(kept)
  expect(left.map((row) => row['name'])).not.toContain(gone)
  const count = await inKept()
  await services.sql(`DROP VIEW ${kept}.by_hand`)
  // Without a way to Kafka the marks would go and the topics stay.
  const blind = await run(shop, { mode: 'sweep', 'kafka-check': 'never' })
  expect(blind.outputs['failure-reason']).toBe('input-invalid')
  expect(blind.stdout).toMatch(/this run has no way to the Kafka of/)
  expect(await inKept()).toBe(count)
  // Two at once of one repository do not trip over each other.
  const both = await Promise.all([run(shop, { mode: 'sweep' }), run(shop, { mode: 'sweep' })])
  for (const one of both) healthy(one)
  expect((await everything()).filter((line) => line.includes(kept))).toEqual([])
}, 300_000)
