import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { type BundleRun, NODE, runBundle } from '../test-support/runner/run-bundle.ts'

/** What one process did, by its probe. */
export interface Figures {
  /** From the start of the process until the last DDL was answered; 0 without DDL. */
  madeMs: number
  /** From the start of the process until its end. */
  wholeMs: number
  sessions: number
  /** Round trips of SQL, without those of logging in. */
  statements: number
  /** Those of them that make, change, mark or check something. */
  ddl: number
  /** Largest resident set. */
  peakBytes: number
}

export interface Asked {
  spec: string
  inputs: Record<string, string>
  env: Record<string, string>
}

/** No run of a bench should take longer. */
const WITHIN_MS = 3_600_000
const probe = new URL('./probe.mjs', import.meta.url).href
const bare = fileURLToPath(new URL('./bare.mjs', import.meta.url))

/** The bundle, as the runner starts it. It fails if the run does. */
export async function bundle(asked: Asked): Promise<{ figures: Figures; run: BundleRun }> {
  const options = { withinMs: WITHIN_MS }
  const inputs = { ...asked.inputs, spec: asked.spec, 'sample-rows': '0', timeout: '1h' }
  let run: BundleRun | undefined
  const figures = await probed(async (env) => {
    run = await runBundle(inputs, { ...options, env: { ...asked.env, ...env } })
    if (run.exitCode !== 0) throw new Error(`the bundle failed:\n${run.stdout}${run.stderr}`)
    return run.milliseconds
  })
  if (!run) throw new Error('the bundle was not run')
  return { figures, run }
}

/** Bare pg, in a process of its own as the bundle is. */
export async function barePg(config: pg.ClientConfig, statements: string[]): Promise<Figures> {
  return probed(async (env) => {
    const begun = performance.now()
    const child = spawn(NODE, [bare], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    child.stdin.end(JSON.stringify({ config, statements }))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`bare pg ended with ${String(code)}`)
    return performance.now() - begun
  })
}

/** @param run starts the process with these variables and gives its milliseconds. */
async function probed(run: (env: Record<string, string>) => Promise<number>): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'mka-bench-'))
  const file = join(folder, 'probe.json')
  try {
    const wholeMs = await run({ NODE_OPTIONS: `--import=${probe}`, BENCH_PROBE: file })
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Figures, 'wholeMs'>), wholeMs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds until the bundle has refused a wrong input, and of a Node that does nothing. */
export async function startUp(times: number): Promise<{ bundle: number[]; node: number[] }> {
  const all = { bundle: [] as number[], node: [] as number[] }
  for (let time = 0; time < times; time++) {
    const run = await runBundle({ mode: 'nonsense' })
    if (run.outputs['failure-reason'] !== 'input-invalid') throw new Error(run.stdout)
    all.bundle.push(run.milliseconds)
    const begun = performance.now()
    await once(spawn(NODE, ['-e', '0'], { stdio: 'ignore' }), 'close')
    all.node.push(performance.now() - begun)
  }
  return all
}

/** As the bundle takes its inputs: TLS with everything checked, unless the server is on this host. */
export function pgConfig(inputs: Record<string, string>): pg.ClientConfig {
  const url = new URL(inputs['materialize-url'] ?? '')
  const given = inputs['materialize-sslmode'] || url.searchParams.get('sslmode')
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)
  const sslmode = given ?? (isLocal ? 'disable' : 'verify-full')
  url.search = ''
  const config: pg.ClientConfig & { scramMaxIterations: number } = {
    connectionString: url.href,
    options: '--welcome_message=off',
    ssl: sslmode === 'disable' ? false : { rejectUnauthorized: sslmode === 'verify-full' },
    // Self-managed Materialize asks for more than pg allows by itself.
    scramMaxIterations: 1_000_000,
  }
  return config
}
