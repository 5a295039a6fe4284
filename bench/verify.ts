/**
 * How often mode verify calls something well that is not ill, and what it costs: a hundred checks of
 * pipelines that work, then one of two hundred sources of which one is broken. Run by `npm run
 * verify-bench`, with the number of checks as an argument; needs a built dist.
 */
import { Bench } from '../test-support/pipeline/set-ups.ts'
import { startSharedKafka, stopSharedKafka } from '../test-support/kafka/shared.ts'
import { type State, startHealthy, STATES } from '../test-support/pipeline/healthy.ts'
import { makeMany } from '../test-support/pipeline/many.ts'
import { startServices } from '../test-support/pipeline/services.ts'
import { runBundle } from '../test-support/runner/run-bundle.ts'

const RUNS = Number(process.argv[2] ?? 100)
const SOURCES = Number(process.argv[3] ?? 200)
const SIDE_BY_SIDE = 3

interface Check {
  state: State
  milliseconds: number
  status: string
  verdicts: string[]
  text: string
}

function middle(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) =>
    ((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) / 1000).toFixed(1)
  return `${at(0)} / ${at(0.5)} / ${at(1)} s`
}

async function alarms(bench: Bench): Promise<void> {
  const healthy = await startHealthy(bench)
  const checks: Check[] = []
  const numbers = Array.from({ length: RUNS }, (_, n) => n)
  const lane = async (): Promise<void> => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
      const state = STATES[n % STATES.length] ?? 'idle'
      const { report, milliseconds } = await healthy.look(state, n)
      const verdicts = report.objects.map((one) => one.verdict)
      const text = report.failure?.message ?? ''
      checks.push({ state, milliseconds, status: report.status, verdicts, text })
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane))
  await healthy.stop()
  for (const state of STATES) {
    const own = checks.filter((check) => check.state === state)
    const counts = new Map<string, number>()
    for (const verdict of own.flatMap(({ verdicts }) => verdicts)) {
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    }
    const told = [...counts].map(([verdict, n]) => `${verdict} ${String(n)}`).join(', ')
    const times = middle(own.map(({ milliseconds }) => milliseconds))
    console.log(
      `${state}: ${String(own.length)} checks, ${told}; shortest / middle / longest ${times}`,
    )
  }
  const wrong = checks.filter(({ status }) => status !== 'healthy')
  for (const { state, text } of wrong) console.log(`FALSE ALARM in ${state}: ${text}`)
  console.log(`${String(checks.length)} checks, ${String(wrong.length)} false alarm(s)`)
  if (wrong.length > 0) process.exitCode = 1
}

async function many(bench: Bench): Promise<void> {
  const begun = Date.now()
  const inputs = await makeMany(bench, SOURCES)
  console.log(`${String(SOURCES)} sources made in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
  bench.services.statements.splice(0)
  const exit = `process.on('exit',()=>console.error('maxRSS',process.resourceUsage().maxRSS))`
  const run = await runBundle(inputs, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(exit)}` },
    withinMs: 180_000,
  })
  const sent = bench.services.statements
  const reads = sent.filter((text) => /FROM "/.test(text)).length
  const verdicts = JSON.parse(run.outputs['verdicts'] ?? '[]') as { verdict: string }[]
  const bad = verdicts.filter(({ verdict }) => !['idle', 'flowing'].includes(verdict))
  console.log(
    [
      `${String(verdicts.length)} verdicts, not well: ${JSON.stringify(bad)}`,
      `${String(sent.length - reads)} statements to the catalog, ${String(reads)} reads of relations`,
      `${(run.milliseconds / 1000).toFixed(1)} s`,
      `${(Number(/maxRSS (\d+)/.exec(run.stderr)?.[1]) / 1024).toFixed(0)} MB at most`,
    ].join('; '),
  )
}

await startSharedKafka()
const bench = new Bench(await startServices())
try {
  await alarms(bench)
  await many(bench)
} finally {
  await bench.services.stop()
  await stopSharedKafka()
}
process.exit()
