import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { openMaterialize } from '../src/adapters/materialize.ts'
import { startDeadline } from '../src/core/deadline.ts'
import { Failure } from '../src/core/failure.ts'
import type { MaterializeSettings } from '../src/core/model.ts'
import { statement } from '../src/core/sql.ts'
import { createServerIdentity } from '../test-support/kafka/certificates.ts'
import { Connection } from '../test-support/materialize/connection.ts'
import { createMemoryEngine } from '../test-support/materialize/memory-engine.ts'
import { MemoryKafka } from '../test-support/materialize/memory-kafka.ts'
import { type StandIn, startMaterialize } from '../test-support/materialize/stand-in.ts'

/** A statement that is not waited for any more is stopped on the server, too. */

let standIn: StandIn
let ca: string
/** The connections by which cancelling was asked for, each as the session it was about. */
const asked = jest.spyOn(
  Connection.prototype as unknown as { cancel(id: number, key: number): void },
  'cancel',
)

beforeAll(async () => {
  const identity = await createServerIdentity()
  ca = identity.caPem
  standIn = await startMaterialize({
    engine: createMemoryEngine(new MemoryKafka()),
    onStatement: (text) => (text === HANGS.text ? new Promise(() => undefined) : undefined),
    listeners: [{ tls: identity }],
  })
})
afterAll(async () => {
  asked.mockRestore()
  await standIn.stop()
})

const HANGS = statement('SELECT 42')
const log = { group() {}, info() {}, notice() {}, warning() {}, debug() {} }

function open(settings: Partial<MaterializeSettings>, signal = new AbortController().signal) {
  const deadline = startDeadline({ timeoutMs: 20_000, now: () => Date.now(), signal })
  const materialize = openMaterialize({
    settings: {
      host: 'localhost',
      port: standIn.port,
      user: 'materialize',
      database: 'materialize',
      sslmode: 'disable',
      ...settings,
    },
    applicationName: 'test',
    log,
    deadline,
  })
  return materialize.open('test')
}

describe('a statement that is cut off is cancelled', () => {
  const cases = [
    { name: 'without TLS', settings: () => ({}) },
    {
      name: 'with TLS, where the session had it',
      settings: () => ({ port: standIn.ports[1]!, sslmode: 'verify-full' as const, ca }),
    },
  ]
  test.each(cases)('$name', async ({ settings }) => {
    asked.mockClear()
    const session = await open(settings())
    await expect(session.query(HANGS, 300)).rejects.toMatchObject({ reason: 'deadline' })
    await session.close()
    expect(asked).toHaveBeenCalledTimes(1)
  })

  test('by the end of the run', async () => {
    asked.mockClear()
    const run = new AbortController()
    const session = await open({}, run.signal)
    const running = session.query(HANGS)
    run.abort(new Failure({ reason: 'cancelled', message: 'over' }))
    await expect(running).rejects.toMatchObject({ reason: 'cancelled' })
    await session.close()
    expect(asked).toHaveBeenCalledTimes(1)
  })

  test('and one that was answered is not', async () => {
    asked.mockClear()
    const session = await open({})
    await session.query(statement('SELECT 1'))
    await session.close()
    expect(asked).not.toHaveBeenCalled()
  })
})
