import { type BundleRun, runBundle } from '../runner/run-bundle.ts'
import type { Bench } from './set-ups.ts'

/**
 * As many sources as asked for in a schema of their own, of one topic and two connections. The last
 * one’s password is wrong. @returns the inputs that check them all.
 */
export async function makeMany(
  bench: Bench,
  { schema, count }: { schema: string; count: number },
): Promise<Record<string, string>> {
  await bench.sql(`CREATE SCHEMA ${schema}`)
  await bench.kafka.createTopic(schema)
  await bench.kafka.produce(schema, ['one', 'two'])
  await bench.connection(`${schema}_well`)
  await bench.connection(`${schema}_ill`)
  const make = (n: number, connection: string) =>
    `CREATE SOURCE ${schema}.${nameOf(n)} FROM KAFKA CONNECTION ${connection} (TOPIC '${schema}') FORMAT TEXT`
  const well = Array.from({ length: count - 1 }, (_, n) => make(n, `${schema}_well`))
  await bench.sql(...well, make(count - 1, `${schema}_ill`))
  await bench.secret(`${schema}_ill_pw`, 'wrong')
  await bench.alter(`${schema}_ill`, `SET (SASL PASSWORD SECRET ${schema}_ill_pw)`)
  const inputs = bench.inputs({ schema, 'all-in-schema': 'true' }, { blind: true })
  return { ...inputs, timeout: '3m' }
}

function nameOf(n: number): string {
  return `s${String(n).padStart(3, '0')}`
}

interface Verdict {
  object: string
  verdict: string
  status: string
  reason: string
}

export interface LookAtMany {
  run: BundleRun
  verdicts: Verdict[]
  /** Those that are not well. */
  ill: Verdict[]
  /** How many statements went to the catalog. */
  catalog: number
  /** How many reads of the sources and of their progress relations. */
  reads: number
  /** How many sessions it had at once. */
  sessions: number
  /** Of the bundle’s process. */
  peakBytes: number
}

/** A check by the bundle, with what it asked of the server and what it took of the machine. */
export async function lookAtMany(
  bench: Bench,
  inputs: Record<string, string>,
): Promise<LookAtMany> {
  const { services } = bench
  const before = services.statements.length
  let sessions = 0
  services.onStatement = () => {
    sessions = Math.max(sessions, services.standIn.environment.sessions.size)
  }
  // Not resourceUsage(), in which a process that is started has the peak of the one that starts it.
  const tell = `import{readFileSync}from'node:fs';process.on('exit',()=>console.error(/VmHWM.*/.exec(readFileSync('/proc/self/status','utf8'))[0]))`
  const run = await runBundle(inputs, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` },
    withinMs: 180_000,
  })
  services.onStatement = undefined
  const sent = services.statements.slice(before)
  const reads = sent.filter((text) => text.includes(`."${inputs['schema'] ?? ''}"."`)).length
  const verdicts = JSON.parse(run.outputs['verdicts'] || '[]') as Verdict[]
  return {
    ...{ run, verdicts, reads, sessions, catalog: sent.length - reads },
    ill: verdicts.filter(({ status }) => status !== 'healthy'),
    peakBytes: Number(/VmHWM:\s*(\d+)/.exec(run.stderr)?.[1]) * 1024,
  }
}
