import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { runHere } from '../../test-support/pipeline/run-here.ts'
import { logOf } from '../../test-support/pipeline/spec-runs.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/** That no row of an inline canary stays in a source of the newest values, however the run ended. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

function inputs(topic: string, count: string): Record<string, string> {
  return {
    ...services.inputs(),
    ...{ connection: `k_${topic}`, source: topic, topic, 'create-topic': 'true', format: 'text' },
    ...{ 'key-format': 'text', envelope: 'upsert', canary: 'inline', 'canary-count': count },
    ...{ produce: '{"key":"mine","value":"kept"}' },
  }
}

async function killed(topic: string, by: NodeJS.Signals): Promise<BundleRun> {
  let isSent = false
  const run = await runBundle(inputs(topic, '100'), {
    watch: (printed, kill) => {
      if (isSent || !printed.includes('Canary 3 of 100')) return
      isSent = true
      kill(by)
    },
  })
  if (!isSent) throw new Error(logOf(run))
  return run
}

const rowsOf = (topic: string) => services.sql(`SELECT * FROM ${topic}`)
const MINE = [{ key: 'mine', text: 'kept' }]

test('SIGTERM: the run itself takes the row away, and says what it wrote', async () => {
  const run = await killed('ended', 'SIGTERM')
  expect(run.outputs['failure-reason']).toBe('cancelled')
  const [canary] = JSON.parse(run.outputs['canaries'] ?? '') as {
    written: { offset: string; tombstone?: true }[]
  }[]
  const lying = await services.kafka.read('ended')
  expect(lying.at(-1)).toMatchObject({ value: null, offset: canary?.written.at(-1)?.offset })
  expect(canary?.written.at(-1)?.tombstone).toBe(true)
  // All of it but the record that is the user’s own.
  expect(canary?.written).toHaveLength(lying.length - 1)
  expect(run.summary).toContain('wrote a tombstone to topic')
  expect(await rowsOf('ended')).toEqual(MINE)
}, 60_000)

test('SIGKILL: another run takes the row away, once the time that its key tells is over', async () => {
  await killed('slain', 'SIGKILL')
  expect(await rowsOf('slain')).toHaveLength(2)
  const again = { ...inputs('slain', '1'), produce: '' }
  const soon = await runBundle(again)
  expect(soon.outputs['status']).toBe('healthy')
  // The run may still be under way, for all that others know.
  expect(await rowsOf('slain')).toHaveLength(2)
  const { report } = await runHere(again, { ahead: 3_600_000 })
  expect(report.status).toBe('healthy')
  expect(await rowsOf('slain')).toEqual(MINE)
}, 60_000)
