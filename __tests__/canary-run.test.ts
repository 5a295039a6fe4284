import { expect, test } from '@jest/globals'
import { type CanaryPath, sendCanaries } from '../src/canary-run.ts'
import type { Failure } from '../src/core/failure.ts'
import type { CanaryReport } from '../src/core/report-sent.ts'
import type { Kafka, MaterializeSession, ResultSet } from '../src/ports.ts'
import { fakeEdges } from './fakes/edges.ts'

/** What comes through changed, late or twice, which no server that works can be made to do. */

const at = (name: string) => ({ database: 'd', schema: 's', name })

const EARLIER = 5
/** More than is read at once. */
const MANY = 600

interface Way {
  /** The row that comes of a text; undefined: none. */
  row: (key: string, text: string) => (string | null)[] | undefined
  /** The message that comes of it. */
  message: (key: string, text: string) => string | undefined
}

async function send(way: Way, more: { count?: number; ms?: number } = {}) {
  const rows: (string | null)[][] = [['1', 't', null, null, null]]
  // What lies there already, and is not to be read again.
  const messages = Array.from({ length: EARLIER }, () => 'earlier')
  const answer = (of: (string | null)[][]): ResultSet => ({ fields: [], rows: of })
  const session: MaterializeSession = {
    version: 'v',
    query: async ({ text }) => {
      if (text.startsWith('FETCH 1 ')) {
        if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
        return answer(rows.splice(0, 1))
      }
      if (text.startsWith('FETCH')) return answer(rows.splice(0))
      // A look at source and sink takes longer than time does to run out.
      await new Promise((resolve) => setTimeout(resolve, 100))
      return answer([])
    },
    close: () => Promise.resolve(),
  }
  const watermark = () => [{ partition: 0, offset: BigInt(messages.length) }]
  const kafka = {
    produce: async (_topic: string, [record]: { key: Buffer; value: Buffer }[]) => {
      const [key, text] = [String(record?.key), String(record?.value)]
      const row = way.row(key, text)
      // A row that goes and one of another canary come first.
      rows.push(['2', 'f', '-1', key, text], ['2', 'f', '1', key, `${text}x`])
      if (row) rows.push(['2', 'f', '1', ...row])
      const others = Array.from({ length: MANY }, () => '{"after":{"text":"of others"}}')
      messages.push(...others, way.message(key, text) ?? 'nothing', ...others)
      return [{ partition: 0, offset: 7n, ackMs: 3 }]
    },
    look: async () => ({ brokers: [], topics: [{ name: 't', watermarks: watermark() }] }),
    tail: async ({ lows, upTo, limit }: Parameters<Kafka['tail']>[0]) => ({
      complete: expect(Number(lows[0]?.offset)).toBeGreaterThanOrEqual(EARLIER) === undefined,
      messages: messages
        .slice(Number(lows[0]?.offset), Number(upTo[0]?.offset))
        .slice(-limit)
        .map((value) => ({ key: null, value: Buffer.from(value) })),
    }),
  } as unknown as Kafka
  const path: CanaryPath = {
    ...{ topic: 't', source: at('in'), relation: at('in'), key: 'k', kafka, partitions: 1 },
    decoding: { format: 'text', keyFormat: 'text', envelope: 'upsert' },
    sink: {
      kafka,
      spec: {
        ...{ name: at('out'), from: at('in'), connection: at('c'), topic: 'out', key: [] },
        ...{ format: 'json', envelope: 'debezium' },
      },
    },
  }
  const report: CanaryReport = {
    ...{ way: 'inline', id: 'ab', connection: '', relation: '"in"', asked: 1, held: false },
    ...{ because: '', times: [], spread: {}, written: [], left: [] },
  }
  const end = Date.now() + (more.ms ?? 10_000)
  const clock = {
    now: () => Date.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 50))),
  }
  const { signal } = new AbortController()
  const deadline = { timeoutMs: 10_000, signal, remainingMs: () => Math.max(0, end - Date.now()) }
  const edges = { ...fakeEdges({}), clock, deadline, open: async () => session }
  const asking = { count: more.count ?? 1, warmUp: false }
  const failure = await sendCanaries(path, asking, { edges, report }).then(
    () => undefined,
    (thrown: unknown) => thrown as Failure,
  )
  return { failure, report, path }
}

const row = (key: string, text: string): string[] => [key, text]
const message = (key: string, text: string): string => JSON.stringify({ after: { key, text } })

test('all as it was sent', async () => {
  const { failure, report, path } = await send({ row, message }, { count: 3 })
  expect(failure).toBeUndefined()
  expect(report.times).toHaveLength(3)
  for (const { acknowledged, total } of report.times) {
    expect(acknowledged).toBe(3)
    expect(total).toBeGreaterThanOrEqual(3)
  }
  expect(report.written).toEqual(
    Array.from({ length: 3 }, () => ({ topic: 't', partition: 0, offset: '7' })),
  )
  expect(path.isSent).toBe(true)
})

test.each<{ name: string; way: Way; ms?: number; reason: string; says: string }>([
  {
    name: 'another key in the row',
    way: { row: (_, text) => ['K', text], message },
    reason: 'canary-differs',
    says: 'the row of "d"."s"."in" holds something else in key',
  },
  {
    name: 'another key in the message',
    way: { row, message: (_, text) => message('K', text) },
    reason: 'canary-differs',
    says: 'the message on the sink’s topic out holds something else in key',
  },
  {
    name: 'no row',
    way: { row: () => undefined, message },
    ms: 1_500,
    reason: 'canary-not-ingested',
    says: 'was acknowledged by Kafka and did not come out of "d"."s"."in"',
  },
  {
    name: 'no message',
    way: { row, message: () => undefined },
    ms: 1_500,
    reason: 'canary-not-sunk',
    says: 'came out of "d"."s"."in" and did not reach the sink’s topic out',
  },
])('$name', async ({ way, ms, reason, says }) => {
  const { failure, report } = await send(way, ms === undefined ? {} : { ms })
  expect(failure).toMatchObject({ reason })
  expect(failure?.message).toContain(says)
  expect(failure?.message).toContain('topic t, partition 0, offset 7')
  expect(report.times[0]).not.toHaveProperty('total')
})
