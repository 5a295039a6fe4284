import { setTimeout as delay } from 'node:timers/promises'
import { Bench } from './set-ups.ts'
import { type RunHere, runHere } from './run-here.ts'

/** A pipeline that works, in all the states in which one may be looked at. */

export const STATES = ['load', 'idle', 'snapshot', 'behind', 'transactions', 'compacted'] as const
export type State = (typeof STATES)[number]

export interface Healthy {
  /** One check of the pipeline in a state; a new source for each snapshot. */
  look(state: State, n: number): Promise<RunHere>
  stop(): Promise<void>
}

/** How many records a snapshot has, so that it takes longer than a look. */
const SNAPSHOT = 300_000
/** How many come while one looks that is behind. */
const BURST = 40_000
/** A request to Kafka has a limit. */
const PIECE = 20_000

export async function startHealthy(bench: Bench): Promise<Healthy> {
  const { kafka } = bench
  let running = true
  // One for all: a connection for each piece is more than a busy machine can take.
  const producer = kafka.connect({ retries: 30 }).producer()
  await producer.connect()
  const send = async (topic: string, values: string[]): Promise<void> => {
    await producer.send({ topic, messages: values.map((value) => ({ value })) })
  }
  const piece = Array.from({ length: PIECE }, (_, n) => `record ${String(n)}`)
  const produceMany = async (topic: string, count: number): Promise<void> => {
    for (let done = 0; done < count; done += PIECE) await send(topic, piece)
  }
  const sink = (name: string) =>
    bench.sql(
      `CREATE SINK ${name}_out FROM ${name} INTO KAFKA CONNECTION ${name}_c (TOPIC '${name}_out') FORMAT JSON ENVELOPE DEBEZIUM`,
    )
  for (const name of ['load', 'idle', 'behind']) {
    await bench.source(name)
    await sink(name)
  }
  await bench.source('transactions', { records: [] })
  await kafka.produce('transactions', ['a', 'b'], { transaction: 'commit' })
  await kafka.produce('transactions', ['c'], { transaction: 'abort' })
  await kafka.createTopic('compacted', {
    config: { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0' },
  })
  await bench.connection('compacted_c')
  const keyed = Array.from({ length: 50 }, (_, n) => ({ key: 'k', value: String(n) }))
  for (const record of keyed) await kafka.produce('compacted', [record])
  await bench.sql(
    `CREATE SOURCE compacted FROM KAFKA CONNECTION compacted_c (TOPIC 'compacted') KEY FORMAT TEXT VALUE FORMAT TEXT ENVELOPE UPSERT`,
  )
  await kafka.createTopic('snapshot')
  await produceMany('snapshot', SNAPSHOT)
  await bench.connection('snapshot_c')
  for (const name of ['load', 'idle', 'behind', 'transactions', 'compacted']) {
    await bench.isRead(name)
  }
  const producing = (async () => {
    while (running) {
      await send('load', ['under', 'load'])
      await delay(20)
    }
  })()
  return {
    look: async (state, n) => {
      const sources = state === 'snapshot' ? `snapshot${String(n)}` : state
      if (state === 'snapshot') {
        await bench.sql(
          `CREATE SOURCE ${sources} FROM KAFKA CONNECTION snapshot_c (TOPIC 'snapshot') FORMAT TEXT`,
        )
      }
      const burst = state === 'behind' ? produceMany('behind', BURST) : undefined
      const withSink = ['load', 'idle', 'behind'].includes(state)
      const names = { sources, ...(withSink && { sinks: `${state}_out` }) }
      const run = await runHere({ ...bench.inputs(names), 'fail-on': 'degraded' })
      await burst
      if (state === 'snapshot') await bench.sql(`DROP SOURCE ${sources}`)
      return run
    },
    stop: async () => {
      running = false
      await producing
      await producer.disconnect()
    },
  }
}
