import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Item } from '../../test-support/github/model.ts'
import { openShop, type Shop, stepOf } from '../../test-support/act/shop.ts'

/** What the nightly sweep takes of two previews, by the examples as they stand. */

let shop: Shop
let pulls: Item[]
beforeAll(async () => {
  shop = await openShop()
  const { repository } = shop.github
  pulls = ['One', 'Two'].map((title) =>
    repository.add({ kind: 'pull request', title, body: '', author: 'ann' }),
  )
  for (const { number } of pulls) {
    const heads = { base: { ref: 'main' }, head: { ref: 'more' } }
    const payload = { action: 'opened', number, pull_request: { number, ...heads } }
    const made = await shop.run('preview', { event: 'pull_request', payload })
    if (made.jobs['make'] !== 'success') throw new Error(made.log)
  }
}, 600_000)
afterAll(() => shop.stop())

const previews = async (): Promise<string[]> => {
  const rows = await shop.services.sql(
    `SELECT name FROM mz_schemas WHERE name LIKE 'public\\_pr%' ORDER BY name`,
  )
  return rows.map(({ name }) => String(name).replace(/^public_(pr_\d+)_.*/, '$1'))
}

test('both pull requests are open: nothing goes', async () => {
  const run = await shop.run('sweep', { event: 'schedule' })
  expect(run.jobs).toEqual({ sweep: 'success' })
  expect(stepOf(run, 'sweep').outputs).toMatchObject({ status: 'healthy', changes: '[]' })
  expect(await previews()).toEqual(['pr_1', 'pr_2'])
})

test('one was closed, and its teardown never ran: by hand it is only listed', async () => {
  Object.assign(pulls[0] ?? {}, { state: 'closed' })
  const run = await shop.run('sweep', {
    event: 'workflow_dispatch',
    payload: { inputs: { 'dry-run': 'true' } },
  })
  expect(run.jobs).toEqual({ sweep: 'success' })
  const { outputs } = stepOf(run, 'sweep')
  expect(outputs).toMatchObject({ changed: 'false' })
  expect(outputs['changes']).toContain('public_pr_1_')
  expect(outputs['changes']).not.toContain('public_pr_2_')
  expect(await previews()).toEqual(['pr_1', 'pr_2'])
})

test('what somebody else made from it stops the sweep, which says so', async () => {
  const [schema] = await shop.services.sql(
    `SELECT name FROM mz_schemas WHERE name LIKE 'public\\_pr\\_1\\_%'`,
  )
  await shop.services.sql(
    `CREATE MATERIALIZED VIEW public.of_others AS SELECT * FROM "${String(schema?.['name'])}".totals`,
  )
  const run = await shop.run('sweep', { event: 'schedule' })
  expect(run.jobs).toEqual({ sweep: 'failure' })
  expect(run.log).toContain('of_others')
  expect(await previews()).toEqual(['pr_1', 'pr_2'])
  await shop.services.sql('DROP MATERIALIZED VIEW public.of_others')
})

test('at night it goes, and the other stays', async () => {
  const run = await shop.run('sweep', { event: 'schedule' })
  expect(run.jobs).toEqual({ sweep: 'success' })
  expect(stepOf(run, 'sweep').outputs).toMatchObject({ status: 'healthy', changed: 'true' })
  expect(await previews()).toEqual(['pr_2'])
  const topics = await shop.services.kafka.withAdmin((admin) => admin.listTopics())
  expect(topics.filter((topic) => topic.includes('pr-1-'))).toEqual([])
  expect(topics.filter((topic) => topic.includes('pr-2-'))).not.toEqual([])
})
