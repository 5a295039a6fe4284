import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { RUNNER_TOKEN } from '../github/stand-in.ts'

/** Starts the committed bundle as GitHub’s runner does and reads what it left behind. */

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Node 24 from npm’s `node` package: what `using: node24` means. */
export const NODE = join(root, 'node_modules', '.bin', 'node')

export interface BundleRun {
  /** Null if a signal ended it. */
  exitCode: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  outputs: Record<string, string>
  summary: string
  /** The report file’s text, or '' if there is none. */
  report: string
  /** The JUnit file’s text, or '' if there is none. */
  junit: string
  milliseconds: number
  /** What the step has kept for its post. */
  state: Record<string, string>
}

export interface BundleOptions {
  /** What else the runner would put into the environment. */
  env?: Record<string, string>
  /** Files of the checkout, by path. */
  files?: Record<string, string>
  /** The event’s payload. By default, a push to a private repository. */
  event?: unknown
  /** Called with everything printed so far, whenever there is more. */
  watch?: (printed: string, kill: (signal: NodeJS.Signals) => void) => void
  /** Ends a run that hangs; a test then fails on its exit code. */
  withinMs?: number
}

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { default?: string }>
  runs: { main: string; post: string }
}

export function runBundle(
  inputs: Record<string, string>,
  options: BundleOptions = {},
): Promise<BundleRun> {
  return runPhase({ script: action.runs.main, inputs, state: {} }, options)
}

/** The post of a step, with what its run has kept for it. */
export function runPost(
  of: { inputs: Record<string, string>; state: Record<string, string> },
  options: BundleOptions = {},
): Promise<BundleRun> {
  return runPhase({ script: action.runs.post, ...of }, options)
}

async function runPhase(
  of: { script: string; inputs: Record<string, string>; state: Record<string, string> },
  options: BundleOptions,
): Promise<BundleRun> {
  const { script, inputs, state } = of
  const folder = mkdtempSync(join(tmpdir(), 'mka-run-'))
  const file = (name: string): string => join(folder, name)
  for (const name of ['output', 'summary', 'state', 'env']) writeFileSync(file(name), '')
  writeFileSync(
    file('event.json'),
    JSON.stringify(options.event ?? { repository: { private: true, full_name: 'acme/shop' } }),
  )
  mkdirSync(file('checkout'))
  for (const [path, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(file('checkout'), path)), { recursive: true })
    writeFileSync(join(file('checkout'), path), text)
  }
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'pipeline',
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/health.yml@refs/heads/main',
    GITHUB_EVENT_PATH: file('event.json'),
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
    GITHUB_STATE: file('state'),
    GITHUB_ENV: file('env'),
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: file('checkout'),
    ...options.env,
  }
  // The runner hands over every declared input, with its default or empty.
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    env[`INPUT_${name.toUpperCase()}`] =
      value === '${{ github.token }}' ? RUNNER_TOKEN : (value ?? '')
  }
  for (const [name, value] of Object.entries(inputs)) env[`INPUT_${name.toUpperCase()}`] = value
  for (const [name, value] of Object.entries(state)) env[`STATE_${name}`] = value

  const begun = Date.now()
  const child = spawn(NODE, [join(root, script)], {
    ...{ cwd: folder, env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const printed = (): void => {
    options.watch?.(stdout + stderr, (signal) => child.kill(signal))
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    printed()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    printed()
  })
  const late = setTimeout(() => child.kill('SIGKILL'), options.withinMs ?? 60_000)
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve) => {
      child.on('close', (code, by) => {
        resolve([code, by])
      })
    },
  )
  clearTimeout(late)
  const milliseconds = Date.now() - begun
  const outputs = readOutputs(readFileSync(file('output'), 'utf8'))
  const textAt = (path = ''): string =>
    path !== '' && existsSync(path) ? readFileSync(path, 'utf8') : ''
  const run: BundleRun = {
    exitCode,
    signal,
    stdout,
    stderr,
    outputs,
    summary: readFileSync(file('summary'), 'utf8'),
    report: textAt(outputs['report']),
    junit: textAt(outputs['junit-path']),
    milliseconds,
    state: readOutputs(readFileSync(file('state'), 'utf8')),
  }
  rmSync(folder, { recursive: true, force: true })
  return run
}

/** The runner’s file of outputs: `name<<delimiter`, the value’s lines, the delimiter. */
export function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const head = /^([^=<]+)<<(.+)$/.exec(lines[at] ?? '')
    if (!head) continue
    const [, name = '', delimiter = ''] = head
    const end = lines.indexOf(delimiter, at + 1)
    outputs[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return outputs
}

/** The commands that the runner would take from the log, as `name` and text. */
export function commandsIn(stdout: string): { name: string; text: string }[] {
  const commands: { name: string; text: string }[] = []
  for (const line of stdout.split(/\r?\n/)) {
    // As the runner reads: after blanks at the start, or the old form anywhere.
    const match = /^\s*::([a-z-]+)[^:]*::(.*)$/.exec(line) ?? /##\[([^\]]+)\](.*)$/.exec(line)
    if (match) commands.push({ name: match[1] ?? '', text: match[2] ?? '' })
  }
  return commands
}

/**
 * Where a secret can be seen in what a run left: log, summary, outputs or report. Lines that ask the
 * runner to mask it do not count: the runner takes them out.
 */
export function leaksIn(run: BundleRun, secrets: string[]): string[] {
  const log = `${run.stdout}\n${run.stderr}`
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
  const places = {
    log,
    summary: run.summary,
    outputs: JSON.stringify(run.outputs),
    report: run.report,
    junit: run.junit,
  }
  const forms = secrets.flatMap((secret) => [
    secret,
    secret.replaceAll("'", "''"),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ])
  return Object.entries(places).flatMap(([place, text]) =>
    forms
      .filter((form) => form.length > 2 && text.includes(form))
      .map((form) => `${place}: ${form}`),
  )
}
