import { setTimeout as delay } from 'node:timers/promises'
import { type BundleRun, runBundle } from '../runner/run-bundle.ts'
import { type Bench, until } from './set-ups.ts'

/** Pipelines that work, each in one of the states in which one may be looked at. */

export const STATES = ['under load', 'idle', 'snapshot running', 'behind'] as const
export type State = (typeof STATES)[number]

/** What is true in each state; anything else is a false alarm. */
const TRUE: Record<State, { source: string[]; sink: string[]; status: string }> = {
  'under load': { source: ['flowing'], sink: ['flowing'], status: 'healthy' },
  idle: { source: ['idle'], sink: ['idle'], status: 'healthy' },
  'snapshot running': { source: ['snapshotting'], sink: ['snapshotting'], status: 'healthy' },
  // By its lag, which the inputs give a limit.
  behind: { source: ['lagging'], sink: ['lagging'], status: 'degraded' },
}

export interface Look {
  state: State
  /** As `source idle`. */
  verdicts: string[]
  milliseconds: number
  /** What of it is not true, in its own words. */
  alarm?: string
}

export interface Healthy {
  /** Has the bundle check the pipeline that is in a state. */
  look(state: State): Promise<Look>
  stop(): Promise<void>
}

/** How many records a snapshot has, and how many of them are read in a second: a minute, at least. */
const SNAPSHOT = { records: 20_000, perSecond: 100 }
/** What a pipeline that is behind has before it; more comes than it takes. */
const BEHIND = { records: 2_000, perSecond: 10, most: 500 }
/** One record to each topic that is written. */
const EVERY_MS = 100

/** One producer for all, since each connection is work for a busy machine. */
export async function startHealthy(bench: Bench): Promise<Healthy> {
  const { kafka, services } = bench
  const { paces } = services.standIn.environment.ingestions
  const producer = kafka.connect({ retries: 30 }).producer()
  await producer.connect()
  const send = (topic: string, count: number) =>
    producer.send({
      topic,
      messages: Array.from({ length: count }, (_, n) => ({ value: `record ${String(n)}` })),
    })
  const make = (name: string, of = { connection: `${name}_c`, topic: name }) =>
    bench.sql(
      `CREATE SOURCE ${name} FROM KAFKA CONNECTION ${of.connection} (TOPIC '${of.topic}') FORMAT TEXT`,
      `CREATE SINK ${name}_out FROM ${name} INTO KAFKA CONNECTION ${of.connection} (TOPIC '${name}_out') FORMAT JSON ENVELOPE DEBEZIUM`,
    )
  for (const name of ['loaded', 'idle', 'behind', 'long']) {
    await kafka.createTopic(name)
    await bench.connection(`${name}_c`)
    await send(name, 2)
    if (name !== 'long') await make(name)
  }
  // The last offsets are those of markers and of records that do not count.
  await kafka.produce('idle', ['more'], { transaction: 'commit' })
  await kafka.produce('idle', ['taken back'], { transaction: 'abort' })
  for (const name of ['loaded', 'idle', 'behind']) {
    await bench.isRead(name)
    await until(`${name} is written`, async () => (await kafka.read(`${name}_out`)).length > 0)
  }
  paces.limit('long', SNAPSHOT.perSecond)
  paces.limit('behind', BEHIND.perSecond)
  await send('long', SNAPSHOT.records)
  await send('behind', BEHIND.records)
  let running = true
  const producing = (async () => {
    while (running) {
      await Promise.all([send('loaded', 1), send('behind', 2)])
      await delay(EVERY_MS)
    }
  })()
  // Whoever waits for it in the end hears of it.
  producing.catch(() => undefined)
  let snapshots = 0
  const check = async (state: State, names: { sources: string; sinks: string }): Promise<Look> => {
    const limit = state === 'behind' ? { 'max-lag-messages': String(BEHIND.most) } : {}
    const run = await runBundle({ ...bench.inputs(names), ...limit })
    return told(state, run)
  }
  return {
    look: async (state) => {
      if (state !== 'snapshot running') {
        const sources = state === 'under load' ? 'loaded' : state
        return check(state, { sources, sinks: `${sources}_out` })
      }
      const sources = `long${String(snapshots++)}`
      await make(sources, { connection: 'long_c', topic: 'long' })
      const look = await check(state, { sources, sinks: `${sources}_out` })
      await bench.sql(`DROP SINK ${sources}_out`, `DROP SOURCE ${sources}`)
      return look
    },
    stop: async () => {
      running = false
      await producing
      await producer.disconnect()
    },
  }
}

function told(state: State, { outputs, exitCode, milliseconds, stdout }: BundleRun): Look {
  const objects = JSON.parse(outputs['verdicts'] || '[]') as {
    kind: 'source' | 'sink'
    verdict: string
    because: string
  }[]
  const wrong = objects.filter(({ kind, verdict }) => !TRUE[state][kind].includes(verdict))
  const isWhole = objects.length === 2 && exitCode === 0 && outputs['status'] === TRUE[state].status
  // What the one is may explain what the other is taken for.
  const words =
    wrong.length > 0 ? objects.map((one) => `${one.kind} ${one.verdict}: ${one.because}`) : []
  return {
    ...{ state, milliseconds },
    verdicts: objects.map(({ kind, verdict }) => `${kind} ${verdict}`),
    ...(words.length > 0 && { alarm: words.join('; ') }),
    ...(words.length === 0 &&
      !isWhole && {
        alarm: `status ${outputs['status'] ?? ''}, exit code ${String(exitCode)}\n${stdout}`,
      }),
  }
}
