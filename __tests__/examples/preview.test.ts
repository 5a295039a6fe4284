import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Item } from '../../test-support/github/model.ts'
import { openShop, type Shop, stepOf } from '../../test-support/act/shop.ts'

/** A pull request from its opening to its end, by the example as it stands and a real workflow runner. */

let shop: Shop
let pull: Item
beforeAll(async () => {
  shop = await openShop()
  await shop.provision()
  const { repository } = shop.github
  pull = repository.add({ kind: 'pull request', title: 'More', body: '', author: 'ann' })
}, 600_000)
afterAll(() => shop.stop())

const preview = (action: 'opened' | 'synchronize' | 'closed', secrets?: Record<string, string>) => {
  const { number } = pull
  const heads = { base: { ref: 'main' }, head: { ref: 'more' } }
  return shop.run('preview', {
    event: 'pull_request',
    payload: { action, number, pull_request: { number, ...heads } },
    ...(secrets && { secrets }),
  })
}

/** What is there beside production. */
async function beside(): Promise<string[]> {
  const rows = await shop.services.sql(
    `SELECT name FROM mz_schemas WHERE name LIKE 'public\\_%' UNION ALL SELECT name FROM mz_clusters WHERE name LIKE 'shop%' AND name <> 'shop'`,
  )
  const topics = await shop.services.kafka.withAdmin((admin) => admin.listTopics())
  return [...rows.map(({ name }) => String(name)), ...topics.filter((name) => /pr-1/.test(name))]
}

test('opened: a pipeline of its own is made, and a comment says so', async () => {
  const run = await preview('opened')
  expect(run.jobs).toEqual({ make: 'success' })
  const { outputs, summary } = stepOf(run, 'preview')
  expect(outputs).toMatchObject({ status: 'healthy', 'row-count': '3' })
  const names = JSON.parse(outputs['environment'] ?? '') as { name: string; schema: string }
  expect(names.name).toBe('pr-1')
  expect(run.log).toContain(`"schema":"${names.schema}"`)
  expect(summary).toContain('Materialize Kafka pipeline: healthy')
  expect(
    await shop.services.sql(`SELECT region, n::text FROM "${names.schema}".totals ORDER BY 1`),
  ).toEqual([
    { region: 'eu', n: '2' },
    { region: 'us', n: '1' },
  ])
  // Production has none of these records.
  expect(await shop.services.sql('SELECT * FROM public.totals')).toEqual([])
  expect(pull.comments).toHaveLength(1)
  expect(pull.comments[0]).toMatchObject({ author: 'github-actions[bot]' })
  expect(pull.comments[0]?.body).toContain('healthy')
})

test('a push that breaks the view: the job fails, and the same comment says why', async () => {
  shop.put('totals.sql', (text) => text.replace('region', 'no_such_column').replace('data', 'dta'))
  const run = await preview('synchronize')
  expect(run.jobs).toEqual({ make: 'failure' })
  expect(stepOf(run, 'preview').outputs).toMatchObject({ status: 'failed' })
  expect(pull.comments).toHaveLength(1)
  expect(pull.comments[0]?.body).toContain(stepOf(run, 'preview').outputs['failure-reason'])
})

test('closed: all of it goes, production stays', async () => {
  shop.put('totals.sql')
  expect(await beside()).not.toEqual([])
  const run = await preview('closed')
  expect(run.jobs).toEqual({ remove: 'success' })
  expect(await beside()).toEqual([])
  expect(
    await shop.services.sql(`SELECT name FROM mz_sinks WHERE name = 'totals_out'`),
  ).toHaveLength(1)
  expect(pull.comments).toHaveLength(1)
  expect(pull.comments[0]?.body).not.toContain('failed')
})

test('from a fork there are no secrets: nothing is made, and the job ends well', async () => {
  const none = { MATERIALIZE_URL: '', KAFKA_USERNAME: '', KAFKA_PASSWORD: '' }
  const run = await preview('opened', none)
  expect(run.jobs).toEqual({ make: 'success' })
  expect(stepOf(run, 'preview').outputs).toMatchObject({ status: 'skipped' })
  expect(await beside()).toEqual([])
})
