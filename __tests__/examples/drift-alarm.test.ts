import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ddlIn } from '../../test-support/pipeline/services.ts'
import { openShop, type Shop, stepOf } from '../../test-support/act/shop.ts'

/** The alarm for drift, run as it stands by a real workflow runner. */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await shop.provision()
}, 600_000)
afterAll(() => shop.stop())

test('all is as the spec says: the job ends well', async () => {
  const run = await shop.run('drift-alarm', { event: 'schedule' })
  expect(run.jobs).toEqual({ drift: 'success' })
  const { outputs, summary } = stepOf(run, 'plan')
  expect(outputs).toMatchObject({ status: 'healthy', 'has-changes': 'false', changes: '[]' })
  expect(summary).toContain('Materialize Kafka pipeline: healthy')
})

test('a view was changed by hand: the job fails, says what differs, and changes nothing', async () => {
  await shop.services.sql('DROP SINK totals_out', 'DROP MATERIALIZED VIEW totals')
  await shop.services.sql(
    `CREATE MATERIALIZED VIEW totals IN CLUSTER shop AS SELECT data->>'region' AS region, 1::bigint AS n, 0::numeric AS amount FROM orders`,
  )
  shop.services.statements.splice(0)
  const run = await shop.run('drift-alarm', { event: 'workflow_dispatch' })
  expect(run.jobs).toEqual({ drift: 'failure' })
  const { outputs, summary } = stepOf(run, 'plan')
  expect(outputs).toMatchObject({
    ...{ status: 'failed', 'failure-reason': 'changes-found' },
    ...{ 'has-changes': 'true', changed: 'false' },
  })
  expect(JSON.parse(outputs['changes'] ?? '')).toMatchObject([
    { kind: 'view', differences: [{ attribute: 'sql' }] },
    { kind: 'sink', action: 'create' },
  ])
  expect(summary).toContain('### Differences')
  // The file of the output plan-sql, by the step behind it.
  expect(run.log).toMatch(/^\s*CREATE SINK .*"totals_out"/m)
  expect(ddlIn(shop.services.statements)).toEqual([])
})
