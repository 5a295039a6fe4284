import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openShop, type Shop, stepOf } from '../../test-support/act/shop.ts'

/** The example that tries a view, run as it stands by a real workflow runner. */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
}, 600_000)
afterAll(() => shop.stop())

/** What is in Materialize and Kafka beside what was there from the beginning. */
async function left(): Promise<unknown[]> {
  const objects = await shop.services.sql(
    `SELECT name FROM mz_objects WHERE id LIKE 'u%'
     UNION ALL SELECT name FROM mz_schemas WHERE name LIKE 'public\\_%'`,
  )
  const topics = await shop.services.kafka.withAdmin((admin) => admin.listTopics())
  return [...objects, ...topics.filter((topic) => topic.startsWith('orders'))]
}

test('a right view: its rows are compared, and everything goes again', async () => {
  const run = await shop.run('test-a-view', { event: 'push', env: { GITHUB_RUN_ID: '41' } })
  expect(run.jobs).toEqual({ test: 'success' })
  const { outputs, summary } = stepOf(run, 'test')
  expect(outputs).toMatchObject({ status: 'healthy', 'row-count': '3', 'failure-reason': '' })
  expect(JSON.parse(outputs['environment'] ?? '')).toMatchObject({
    name: expect.stringContaining('41'),
  })
  expect(JSON.parse(outputs['expectations'] ?? '')).toMatchObject([
    { name: 'totals_by_region', held: true },
  ])
  expect(summary).toContain('Materialize Kafka pipeline: healthy')
  expect(summary).toContain('### Expectations')
  expect(summary).toContain('Removed after the job')
  expect(run.log).toContain('totals_by_region: 2 rows came, as expected')
  expect(run.steps.map(({ result }) => result)).toEqual(Array(3).fill('success'))
  expect(await left()).toEqual([])
})

test('a wrong view, on a pull request: the job fails, and everything goes all the same', async () => {
  shop.put('totals.sql', (text) => text.replace('count(*)', 'count(*) + 1'))
  shop.put('test.yml', (text) => text.replace('within: 60s', 'within: 2s'))
  const pull = { number: 7, base: { ref: 'main' }, head: { ref: 'more' } }
  const run = await shop.run('test-a-view', {
    event: 'pull_request',
    payload: { action: 'opened', number: 7, pull_request: pull },
  })
  expect(run.jobs).toEqual({ test: 'failure' })
  const { outputs, summary, result } = stepOf(run, 'test')
  expect([result, outputs['failure-reason']]).toEqual(['failure', 'expectation-failed'])
  expect(summary).toContain('totals&#95;by&#95;region')
  expect(summary).toContain('Removed after the job')
  expect(run.steps.map((step) => step.result)).toEqual(['success', 'failure', 'success'])
  expect(await left()).toEqual([])
})
