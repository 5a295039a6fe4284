import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openShop, type Shop } from '../../test-support/act/shop.ts'
import { ddlIn } from '../../test-support/pipeline/services.ts'

/** A pipeline that breaks and is mended, watched by the example as it stands. */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await shop.provision()
}, 600_000)
afterAll(() => shop.stop())

const health = async () => {
  shop.services.statements.splice(0)
  const run = await shop.run('health', { event: 'schedule' })
  expect(ddlIn(shop.services.statements)).toEqual([])
  const [step] = run.steps.filter(({ outputs }) => 'verdicts' in outputs)
  if (!step) throw new Error(run.log)
  return { jobs: run.jobs, ...step }
}
const issues = () => shop.github.repository.items

test('all is well: the job ends well, and no issue is opened', async () => {
  const { jobs, outputs, summary } = await health()
  expect(jobs).toEqual({ health: 'success' })
  expect(outputs).toMatchObject({ status: 'healthy', 'failure-reason': '' })
  expect(summary).toContain('all is well')
  expect(issues()).toEqual([])
})

test('the sink is gone: the job fails and opens one issue, which the next run keeps', async () => {
  await shop.services.sql('DROP SINK totals_out')
  for (let n = 0; n < 2; n++) {
    const { jobs, outputs, summary } = await health()
    expect(jobs).toEqual({ health: 'failure' })
    expect(outputs).toMatchObject({ status: 'failed', 'failure-reason': 'object-missing' })
    expect(summary).toContain('object-missing')
    expect(issues()).toMatchObject([
      { kind: 'issue', state: 'open', author: 'github-actions[bot]', comments: [] },
    ])
    expect(issues()[0]?.title).toContain('pipeline/materialize.yml')
    expect(issues()[0]?.body).toMatch(/totals&#95;out.*object-missing/)
  }
})

test('mended: the issue is closed, and a comment says how long it took', async () => {
  await shop.provision()
  const { jobs } = await health()
  expect(jobs).toEqual({ health: 'success' })
  expect(issues()).toMatchObject([{ state: 'closed', state_reason: 'completed' }])
  expect(issues()[0]?.comments).toHaveLength(1)
  expect(issues()[0]?.comments[0]?.body).toContain('Well again, after')
})
