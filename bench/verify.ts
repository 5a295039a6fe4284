/**
 * Whether mode verify raises false alarms, and what it costs: checks of pipelines that work, in each of
 * four states, then one of many sources of which one is broken. Each check is a run of the bundle.
 * `npm run verify-bench -- 25 200` says how many checks of each state and how many sources.
 */
import { Bench } from '../test-support/pipeline/set-ups.ts'
import { startSharedKafka, stopSharedKafka } from '../test-support/kafka/shared.ts'
import { type Look, startHealthy, STATES } from '../test-support/pipeline/healthy.ts'
import { lookAtMany, makeMany } from '../test-support/pipeline/many.ts'
import { startServices } from '../test-support/pipeline/services.ts'
import { megabytes, median, seconds, table } from './figures.ts'

const [RUNS = 25, SOURCES = 200] = process.argv.slice(2).map(Number)

async function alarms(bench: Bench): Promise<void> {
  const healthy = await startHealthy(bench)
  const looks: Look[] = []
  for (let n = 0; n < RUNS; n++) {
    for (const state of STATES) {
      const look = await healthy.look(state)
      looks.push(look)
      if (look.alarm !== undefined) console.log(`FALSE ALARM, ${state}: ${look.alarm}`)
    }
  }
  await healthy.stop()
  const rows = STATES.map((state) => {
    const own = looks.filter((look) => look.state === state)
    const times = own.map(({ milliseconds }) => milliseconds)
    const wrong = own.filter(({ alarm }) => alarm !== undefined)
    return [
      state,
      String(own.length),
      countsOf(own.flatMap(({ verdicts }) => verdicts)),
      String(wrong.length),
      `${seconds(median(times))} / ${seconds(Math.max(...times))}`,
    ]
  })
  console.log(table(['state', 'checks', 'verdicts', 'false alarms', 'median / longest'], rows))
  if (looks.some(({ alarm }) => alarm !== undefined)) process.exitCode = 1
}

function countsOf(verdicts: string[]): string {
  const counts = Map.groupBy(verdicts, (verdict) => verdict)
  return [...counts].map(([verdict, all]) => `${verdict} ${String(all.length)}`).join(', ')
}

async function many(): Promise<void> {
  const rows: string[][] = []
  for (const count of new Set([1, 20, SOURCES])) {
    const { run, ill, catalog, reads, sessions, peakBytes } = await withBench(async (bench) => {
      const inputs = await makeMany(bench, { schema: `many_${String(count)}`, count })
      return lookAtMany(bench, inputs)
    })
    rows.push([
      String(count),
      ill.map(({ object, verdict, reason }) => `${object}: ${verdict}, ${reason}`).join('; '),
      String(catalog),
      String(reads),
      String(sessions),
      seconds(run.milliseconds),
      megabytes(peakBytes),
    ])
  }
  console.log(
    table(['sources', 'not well', 'catalog', 'relations', 'sessions', 'time', 'memory'], rows),
  )
}

/** Each with a server of its own, which has room for 200 sources. */
async function withBench<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
  const services = await startServices()
  try {
    return await work(new Bench(services))
  } finally {
    await services.stop()
  }
}

await startSharedKafka()
try {
  if (RUNS > 0) await withBench(alarms)
  if (SOURCES > 0) await many()
} finally {
  await stopSharedKafka()
}
process.exit()
