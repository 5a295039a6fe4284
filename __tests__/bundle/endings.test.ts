import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'

/** How a run ends when it is cut: by its own deadline, by the runner, by force. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(async () => {
  await services.stop()
})

test('an empty topic and min-rows: ends at the deadline, degraded, with what was seen', async () => {
  await services.kafka.createTopic('empty')
  const run = await runBundle({
    ...services.inputs(),
    source: 'empty',
    topic: 'empty',
    'min-rows': '1',
    timeout: '10s',
  })
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({
    status: 'degraded',
    'failure-reason': 'rows-missing',
    'source-status': 'running',
    rows: '[]',
    'row-count': '0',
    changed: 'true',
  })
  expect(run.milliseconds).toBeLessThan(13_000)
})

describe('a signal in the middle', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: ends soon, with outputs', async (signal) => {
    const topic = `signal-${signal}`
    await services.kafka.createTopic(topic)
    let sentAt = 0
    const run = await runBundle(
      { ...services.inputs(), connection: `k-${topic}`, source: topic, topic, 'min-rows': '1' },
      {
        watch: (printed, kill) => {
          if (sentAt > 0 || !printed.includes('Waiting for 1 row')) return
          sentAt = Date.now()
          kill(signal)
        },
      },
    )
    if (sentAt === 0) throw new Error(run.stdout)
    expect(Date.now() - sentAt).toBeLessThan(4_000)
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'cancelled',
      changed: 'true',
    })
    expect(run.summary).toContain('cancelled')
  })
})

describe('killed at any statement that changes something, then run again', () => {
  // Secrets, their marks, the connection, source and sink and theirs, and the note taken away.
  const statements = Array.from({ length: 13 }, (_, n) => n + 1)
  test.each(statements)('statement %i', async (n) => {
    const topic = `killed-${String(n)}`
    await services.kafka.createTopic(topic)
    await services.kafka.produce(topic, ['x'])
    const inputs = {
      ...services.inputs(),
      connection: topic,
      source: `source-${String(n)}`,
      topic,
      sink: `sink-${String(n)}`,
      'sink-topic': `${topic}-out`,
    }
    let killed = false
    let seen = 0
    const run = await new Promise<BundleRun>((resolve, reject) => {
      let kill: (() => void) | undefined
      services.onStatement = (text) => {
        if (ddlIn([text]).length === 0 || ++seen !== n) return
        killed = true
        kill?.()
      }
      runBundle(inputs, { watch: (_printed, by) => (kill = () => by('SIGKILL')) }).then(
        resolve,
        reject,
      )
    })
    services.onStatement = undefined
    expect(killed).toBe(true)
    expect(run.signal).toBe('SIGKILL')

    const again = await runBundle(inputs)
    expect(again.outputs).toMatchObject({ status: 'healthy', 'failure-reason': '' })
    const before = services.statements.length
    const third = await runBundle(inputs)
    expect(third.outputs).toMatchObject({ status: 'healthy', changed: 'false' })
    // Nothing twice, nothing left over, and all of it ours; the very first object may be unmarked.
    const ddl = ddlIn(services.statements.slice(before))
    expect(ddl.filter((text) => !text.startsWith('ALTER SECRET'))).toEqual([])
    expect(ddl).toHaveLength(n <= 2 ? ddl.length : 3)
    const comments = await services.sql(
      `SELECT comment FROM mz_internal.mz_comments WHERE comment LIKE '%${topic}%' AND comment LIKE '%making%'`,
    )
    expect(comments).toEqual([])
  })
})

test('two runs started together end in one state, and both tell the truth', async () => {
  await services.kafka.createTopic('at-once')
  await services.kafka.produce('at-once', ['x'])
  const inputs = {
    ...services.inputs(),
    connection: 'together',
    source: 'together_in',
    topic: 'at-once',
    sink: 'together_out',
    'sink-topic': 'at-once-out',
  }
  const runs = await Promise.all([runBundle(inputs), runBundle(inputs)])
  for (const run of runs) expect(run.outputs).toMatchObject({ status: 'healthy' })
  const made = runs.flatMap(
    (run) => JSON.parse(run.outputs['changes'] ?? '') as { object: string }[],
  )
  expect(made.map((change) => change.object).sort()).toEqual(
    [...new Set(made.map((change) => change.object))].sort(),
  )
  expect(made).toHaveLength(6)
})
