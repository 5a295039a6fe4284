import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { catalog, pipeline, rotation, run } from './rotate-place.ts'

/**
 * A rotation ended in its midst. Killed after each of its statements in turn and run again, it ends as
 * one that nobody ended; asked to end, it puts back at once what it took away for a while.
 */

let services: Services
let steps: string[] = []
const restarting = { 'restart-replicas': 'true' }
beforeAll(async () => {
  services = await startServices()
  await pipeline(services, { of: 'cut', user: 'quotes' })
  const done = await run(services, rotation('cut', 'dollar', { inputs: restarting }))
  expect(done.outputs).toMatchObject({ status: 'healthy', rotation: 'proven' })
  steps = done.ddl
}, 60_000)
afterAll(() => services.stop())

/** A rotation that is sent a signal once the server has that statement. */
async function ended(signal: NodeJS.Signals, at: (text: string, nth: number) => boolean) {
  let send: (() => void) | undefined
  let nth = 0
  services.onStatement = (text) => {
    if (ddlIn([text]).length > 0 && at(text, ++nth)) send?.()
  }
  const watch = (_: string, by: (signal: NodeJS.Signals) => void) => {
    send = () => by(signal)
  }
  try {
    return await run(
      services,
      rotation('cut', 'semicolon', { inputs: restarting, options: { watch } }),
    )
  } finally {
    services.onStatement = undefined
  }
}

test('killed after any of its statements, it is put right by the next', async () => {
  const whole = await catalog(services, 'cut')
  // The trial, three secrets, and a cluster without replicas and with them again.
  expect(steps.length).toBeGreaterThan(15)
  expect(steps.filter((text) => text.startsWith('ALTER CLUSTER'))).toHaveLength(2)
  const wrong: string[] = []
  for (const [index, step] of steps.entries()) {
    const killed = await ended('SIGKILL', (_, nth) => nth === index + 1)
    expect(killed.signal).toBe('SIGKILL')
    const again = await run(services, rotation('cut', 'dollar', { inputs: restarting }))
    const left = await catalog(services, 'cut')
    const isRight = JSON.stringify(left) === JSON.stringify(whole)
    if (again.outputs['rotation'] !== 'proven' || !isRight) {
      wrong.push(`${step.slice(0, 100)}: ${again.stdout.slice(-600)} ${JSON.stringify(left)}`)
    }
  }
  expect(wrong).toEqual([])
}, 300_000)

test.each([
  { name: 'while the new credential is tried', at: /^VALIDATE|^CREATE CONNECTION .*rotation_/ },
  { name: 'while the cluster has no replicas', at: /^ALTER CLUSTER .*FACTOR 0/ },
])('asked to end $name, it leaves nothing behind', async ({ at }) => {
  const whole = await catalog(services, 'cut')
  const done = await ended('SIGTERM', (text) => at.test(text))
  expect(done.exitCode).toBe(1)
  expect(done.outputs).toMatchObject({ 'failure-reason': 'cancelled' })
  expect(done.milliseconds).toBeLessThan(15_000)
  expect(await catalog(services, 'cut')).toEqual(whole)
})
