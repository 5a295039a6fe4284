import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/** How sources and sinks do, said without changing anything. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('watched')
  await services.kafka.produce('watched', ['one', 'two'])
  const made = await runBundle({ ...pipeline(), mode: 'provision', 'sample-rows': '0' })
  if (made.outputs['status'] !== 'healthy') throw new Error(made.stdout)
})
afterAll(async () => {
  await services.stop()
})

const pipeline = (): Record<string, string> => ({
  ...services.inputs(),
  connection: 'watch_conn',
  source: 'watched',
  topic: 'watched',
  sink: 'watched_out',
  'sink-topic': 'watched-out',
  mode: 'verify',
})

interface VerdictOutput {
  object: string
  verdict: string
  status: string
  reason?: string
  because: string
}
const verdicts = (run: BundleRun) =>
  Object.fromEntries(
    (JSON.parse(run.outputs['verdicts'] ?? '[]') as VerdictOutput[]).map((one) => [
      one.object.split('.').at(-1)?.replaceAll('"', ''),
      one.verdict,
    ]),
  )
const byName = (change: Record<string, string>): Record<string, string> => {
  const { 'materialize-url': url = '' } = services.inputs()
  return { 'materialize-url': url, mode: 'verify', timeout: '60s', ...change }
}

describe('mode verify', () => {
  test('a healthy pipeline, by the inputs that describe it: idle, and nothing is sent that changes', async () => {
    const before = services.statements.length
    const run = await runBundle(pipeline())
    expect(verdicts(run)).toEqual({ watched: 'idle', watched_out: 'idle' })
    expect(run.outputs).toMatchObject({ status: 'healthy', 'failure-reason': '', changed: 'false' })
    expect(run.exitCode).toBe(0)
    expect(ddlIn(services.statements.slice(before))).toEqual([])
  })

  test.each([
    ['sources and sinks', { sources: 'watched', sinks: 'watched_out' }],
    ['a connection', { connection: 'watch_conn' }],
    ['a schema', { 'all-in-schema': 'true' }],
  ])('by name: %s', async (_name, inputs) => {
    const run = await runBundle(byName(inputs))
    expect(verdicts(run)).toMatchObject({ watched: 'idle', watched_out: expect.any(String) })
    expect(run.outputs).toMatchObject({ status: 'healthy' })
  })

  test('missing, and which', async () => {
    const run = await runBundle(byName({ sources: 'watched, nowhere' }))
    expect(verdicts(run)).toEqual({ watched: 'idle', nowhere: 'missing' })
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'object-missing' })
    expect(run.exitCode).toBe(1)
  })

  test('fail-on: never', async () => {
    const run = await runBundle(byName({ sources: 'nowhere', 'fail-on': 'never' }))
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'object-missing' })
    expect(run.exitCode).toBe(0)
  })

  test('not as the inputs say: drifted, which only fail-on: drift takes badly', async () => {
    const drifted = { ...pipeline(), format: 'text' }
    const run = await runBundle(drifted)
    expect(verdicts(run)).toMatchObject({ watched: 'drifted', watched_out: 'idle' })
    expect(run.exitCode).toBe(0)
    const strict = await runBundle({ ...drifted, 'fail-on': 'drift' })
    expect(strict.exitCode).toBe(1)
    expect(strict.outputs['failure-reason']).toBe('drifted')
  })

  test('max-silence', async () => {
    const run = await runBundle({ ...pipeline(), 'max-silence': '1s' })
    expect(run.outputs).toMatchObject({ status: 'degraded', 'failure-reason': 'silent-too-long' })
  })
})
