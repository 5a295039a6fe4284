import { execFile } from 'node:child_process'
import net from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from '@jest/globals'
import { broker, listen, settings, uniqueName } from './kafka-opened.ts'

const adapter = fileURLToPath(new URL('../src/adapters/kafka.ts', import.meta.url))
let topic: string

beforeAll(async () => {
  topic = uniqueName('ending')
  await broker.createTopic(topic)
  await broker.produce(topic, ['a', 'b'])
})

/**
 * Runs the adapter in a process of its own, to its natural end. `during` runs between tail and close.
 * Gives what it printed, as JSON, and the milliseconds from close to the end.
 */
async function run(during: string): Promise<{ printed: Record<string, unknown>; leftMs: number }> {
  const program = `
    import { openKafka } from ${JSON.stringify(adapter)}
    const [settings, topic] = JSON.parse(process.env.GIVEN)
    const ignore = () => undefined
    const log = { group: ignore, info: ignore, notice: ignore, warning: ignore, debug: ignore }
    const deadline = { remainingMs: () => 60_000, signal: new AbortController().signal }
    const kafka = openKafka({ settings, clientId: 'ending', log, deadline })
    const printed = {}
    const { topics } = await kafka.look([topic])
    const { watermarks, lows } = topics[0]
    const { messages } = await kafka.tail({ topic, upTo: watermarks, lows, limit: 5 })
    printed.messages = messages.length
    ${during}
    await kafka.close()
    const closed = Date.now()
    process.on('exit', () => console.log(JSON.stringify({ printed, leftMs: Date.now() - closed })))
  `
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', program]
  // The first broker never answers, and is given up when the second has.
  const given = settings()
  given.brokers.unshift(await listen(net.createServer()))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, GIVEN: JSON.stringify([given, topic]), NODE_OPTIONS: '' },
    timeout: 30_000,
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as { printed: Record<string, unknown>; leftMs: number }
}

test('after close the process ends by itself, at once', async () => {
  const { printed, leftMs } = await run('')
  expect(printed['messages']).toBe(2)
  expect(leftMs).toBeLessThan(1_000)
})

test('also in the middle of a request', async () => {
  const { leftMs } = await run(`
    const waiting = { topic, upTo: [{ partition: 0, offset: 99n }], lows, limit: 5 }
    kafka.tail(waiting).catch((error) => (printed.reason = error.reason))
    await new Promise((resolve) => setTimeout(resolve, 100))
  `)
  expect(leftMs).toBeLessThan(1_000)
})

test('a connection that waits arms no timers', async () => {
  const { printed } = await run(`
    let armed = 0
    const { setTimeout: arm } = globalThis
    globalThis.setTimeout = (...args) => ((armed += 1), arm(...args))
    await new Promise((resolve) => arm(resolve, 500))
    printed.armed = armed
  `)
  expect(printed['armed']).toBe(0)
})
