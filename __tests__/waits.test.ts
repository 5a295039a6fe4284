import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { startDeadline } from '../src/core/deadline.ts'
import { statement } from '../src/core/sql.ts'
import type { Log, MaterializeSession } from '../src/ports.ts'
import { telling, tellingSession, Waits } from '../src/waits.ts'

/** What the log says while an answer does not come. */

let said: string[]
let waits: Waits
beforeEach(() => {
  jest.useFakeTimers({ now: 0 })
  said = []
  const none = () => undefined
  const info = (text: string) => void said.push(`${String(Date.now() / 1000)}: ${text}`)
  const log: Log = { group: none, info, notice: none, warning: none, debug: none }
  const { signal } = new AbortController()
  waits = new Waits({
    log,
    deadline: startDeadline({ timeoutMs: 60_000, now: () => Date.now(), signal }),
  })
})
afterEach(() => {
  jest.useRealTimers()
})

const after = <T>(ms: number, value: T) =>
  new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))

test('nothing for five seconds, then every five what it is, how long and how long yet', async () => {
  const work = waits.during('Kafka to answer', after(12_000, 'answer'))
  await jest.advanceTimersByTimeAsync(4_900)
  expect(said).toEqual([])
  await jest.advanceTimersByTimeAsync(20_000)
  expect(said).toEqual([
    '5: Waiting for Kafka to answer (5 s, at most 55 s more)',
    '10: Waiting for Kafka to answer (10 s, at most 50 s more)',
  ])
  await expect(work).resolves.toBe('answer')
})

test('many at once get one line, with the oldest', async () => {
  for (let n = 0; n < 20; n++) void waits.during(`answer ${String(n)}`, after(7_000, n))
  await jest.advanceTimersByTimeAsync(20_000)
  expect(said).toEqual(['5: Waiting for answer 0 and 19 more (5 s, at most 55 s more)'])
})

test('what fails is waited for no longer', async () => {
  const work = waits.during(
    'it',
    after(6_000, 1).then(() => Promise.reject(new Error('no'))),
  )
  const failing = expect(work).rejects.toThrow('no')
  await jest.advanceTimersByTimeAsync(20_000)
  await failing
  expect(said).toHaveLength(1)
  expect(jest.getTimerCount()).toBe(0)
})

test('a statement is named by its beginning, without its secrets', async () => {
  const session: MaterializeSession = {
    version: 'v1',
    query: () => after(6_000, { fields: [], rows: [] }),
    close: () => Promise.resolve(),
  }
  const told = tellingSession(session, waits)
  expect(told.version).toBe('v1')
  const secret = {
    ...statement(`CREATE SECRET x AS 'hunter2'`),
    shown: "CREATE SECRET\n x AS '***'",
  }
  void told.query(secret)
  await jest.advanceTimersByTimeAsync(10_000)
  expect(said).toEqual([
    "5: Waiting for Materialize to answer: CREATE SECRET x AS '***' (5 s, at most 55 s more)",
  ])
})

test('methods without words are as they were, and all keep their object', async () => {
  class Kafka {
    readonly #topics = ['a']
    look(more: string[]) {
      return after(6_000, [...this.#topics, ...more])
    }
    names() {
      return this.#topics
    }
  }
  const told = telling(new Kafka(), { look: (topics) => `topics ${topics.join()}` }, waits)
  expect(told.names()).toEqual(['a'])
  const looking = told.look(['b'])
  await jest.advanceTimersByTimeAsync(10_000)
  await expect(looking).resolves.toEqual(['a', 'b'])
  expect(said).toEqual(['5: Waiting for topics b (5 s, at most 55 s more)'])
})
