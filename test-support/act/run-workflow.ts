import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { NODE } from '../runner/run-bundle.ts'
import { resolveAct } from './act.ts'
import type { Checkout } from './checkout.ts'

/** Runs a workflow by nektos/act on this machine itself, without containers. */

export interface WorkflowOptions {
  /** The workflow's path in the checkout. */
  workflow: string
  event: 'push' | 'pull_request' | 'schedule' | 'workflow_dispatch'
  /** The event's payload, beside the repository. */
  payload?: Record<string, unknown>
  secrets?: Record<string, string>
  vars?: Record<string, string>
  /** What the runner itself would know, such as GITHUB_API_URL. */
  env?: Record<string, string>
  /** Ends a run that hangs; a test then fails on its exit code. */
  withinMs?: number
}

export interface StepRun {
  id: string
  job: string
  outputs: Record<string, string>
  summary: string
  /** success or failure, of the step and of what it does after the job. */
  result: string
}

export interface WorkflowRun {
  /** Null if it was ended. */
  exitCode: number | null
  /** What the runner showed, masked, with what act says itself. */
  log: string
  /** By job: success or failure. */
  jobs: Record<string, string>
  /** Those that ran, in their order. */
  steps: StepRun[]
  milliseconds: number
}

/** A line of act's log in JSON; what it leaves out is not there. */
interface Line {
  msg?: string
  jobID?: string
  stepID?: string[]
  command?: string
  name?: string
  arg?: string
  content?: string
  stepResult?: string
  jobResult?: string
  stage?: string
}

export async function runWorkflow(
  checkout: Checkout,
  options: WorkflowOptions,
): Promise<WorkflowRun> {
  const act = await resolveAct()
  const home = mkdtempSync(join(tmpdir(), 'mka-act-run-'))
  const file = (name: string, text: string): string => {
    const path = join(home, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  // Else act asks which images to take for containers.
  file('.config/act/actrc', '')
  const repository = { full_name: 'acme/shop', name: 'shop', default_branch: 'main', private: true }
  const event = JSON.stringify({ ref: 'refs/heads/main', repository, ...options.payload })
  // As YAML, since act reads `$` in its other form of such files as a variable.
  const text = (of: Record<string, string> = {}): string => JSON.stringify(of)
  const args = [
    ...[options.event, '--json', '--workflows', options.workflow],
    ...['--eventpath', file('event.json', event)],
    ...['--secret-file', file('secrets.yml', text(options.secrets))],
    ...['--var-file', file('vars.yml', text(options.vars))],
    ...['--env-file', file('env.yml', text({ GITHUB_REPOSITORY: 'acme/shop', ...options.env }))],
    ...['--platform', 'ubuntu-latest=-self-hosted', '--use-new-action-cache', '--no-cache-server'],
    ...['--action-cache-path', join(home, 'cache'), '--rm'],
    ...checkout.repositories.flatMap((one) => ['--local-repository', one]),
  ]
  const path = [dirname(NODE), checkout.commands, process.env['PATH'] ?? ''].join(delimiter)
  const begun = Date.now()
  const child = spawn(act, args, {
    cwd: checkout.folder,
    // Nothing else of this machine's environment: act hands all of it to the steps.
    env: { PATH: path, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text))
  // With all that it started.
  const late = setTimeout(
    () => child.pid && process.kill(-child.pid, 'SIGKILL'),
    options.withinMs ?? 120_000,
  )
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(late)
  const milliseconds = Date.now() - begun
  rmSync(home, { recursive: true, force: true })
  return { exitCode, milliseconds, ...readLog(printed) }
}

function readLog(printed: string): Pick<WorkflowRun, 'log' | 'jobs' | 'steps'> {
  const jobs: Record<string, string> = {}
  const steps = new Map<string, StepRun>()
  const log: string[] = []
  for (const text of printed.split('\n')) {
    const line = parseLine(text)
    log.push(line.msg ?? '')
    const { jobID = '', stepID: [id] = [] } = line
    if (line.jobResult !== undefined) jobs[jobID] = line.jobResult
    // What a step does before its turn says nothing of it.
    if (id === undefined || id.startsWith('--') || line.stage === 'Pre') continue
    const key = `${jobID}/${id}`
    const step = steps.get(key) ?? { id, job: jobID, outputs: {}, summary: '', result: '' }
    steps.set(key, step)
    if (line.command === 'set-output') step.outputs[line.name ?? ''] = line.arg ?? ''
    if (line.command === 'summary') step.summary += line.content ?? ''
    if (line.stepResult !== undefined && step.result !== 'failure') step.result = line.stepResult
  }
  return { log: log.join('\n'), jobs, steps: [...steps.values()] }
}

/** Some of what act prints is no JSON, such as its own last error. */
function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return { msg: text }
  }
}
