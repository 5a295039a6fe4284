import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ddlIn } from '../../test-support/pipeline/services.ts'
import { openShop, type Shop, stepOf } from '../../test-support/act/shop.ts'

/** The change of a credential, run as it stands by a real workflow runner. */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await shop.provision()
}, 600_000)
afterAll(() => shop.stop())

const rotate = (login: { username: string; password: string }) =>
  shop.run('rotate', {
    event: 'workflow_dispatch',
    secrets: { NEW_KAFKA_USERNAME: login.username, NEW_KAFKA_PASSWORD: login.password },
  })

test('a wrong password: the job fails before anything is touched', async () => {
  shop.services.statements.splice(0)
  const { username } = shop.services.kafka.users.dollar
  const run = await rotate({ username, password: 'wrong-$password' })
  expect(run.jobs).toEqual({ rotate: 'failure' })
  expect(stepOf(run, 'rotate').outputs).toMatchObject({ 'failure-reason': 'kafka-login' })
  expect(stepOf(run, 'rotate').outputs['rotation']).not.toBe('proven')
  expect(ddlIn(shop.services.statements).filter((text) => text.startsWith('ALTER'))).toEqual([])
})

test('a new user: sources and sinks go on with it, which is proven', async () => {
  const run = await rotate(shop.services.kafka.users.dollar)
  expect(run.jobs).toEqual({ rotate: 'success' })
  const { outputs, summary } = stepOf(run, 'rotate')
  expect(outputs).toMatchObject({ status: 'healthy', rotation: 'proven', 'failure-reason': '' })
  expect(Number(outputs['restart-ms'])).toBeGreaterThan(0)
  expect(summary).toContain('Stood still for')
})
