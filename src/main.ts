import { openRunner, type Runner } from './adapters/github.ts'
import { type Deadline, startDeadline, workingPart } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { Inputs, ShowRows } from './core/model.ts'
import { fail, type Report, startReport } from './core/report.ts'
import { openEdges } from './edges.ts'
import { intoEnvironment } from './environment.ts'
import {
  emptySecretInputs,
  type Environment,
  ownSecrets,
  publicValues,
  type ReadInputs,
  readInputs,
  secretsIn,
} from './inputs.ts'
import { publish } from './outputs.ts'
import { run } from './run.ts'
import { tellGitHub } from './tell-github.ts'
import { VERSION } from './version.ts'

/** How long a run that is to end may take to close its connections and write what it has. */
const GRACE_MS = 1_500

/** Reads, masks, connects the adapters, runs, and writes. Sets the exit code; never rejects. */
export async function main(process: NodeJS.Process): Promise<void> {
  const env: Environment = process.env
  const runner = openRunner(env)
  const secrets = secretsIn(env)
  // Before anything can be logged, be it by a library.
  runner.mask(secrets)
  const cancel = cancelOn(process)
  const report = startReport(new Date().toISOString(), 'auto')
  let showRows: ShowRows = 'output'
  let tell: (() => Promise<void>) | undefined
  try {
    const read = readInputs(env)
    const { inputs, notes, warnings } = read
    for (const note of notes) runner.info(note)
    for (const warning of warnings) runner.warning(warning)
    report.mode = inputs.mode
    report.kafka.check = inputs.kafkaCheck
    showRows = shownRows(inputs, runner)
    const { timeoutMs } = inputs
    const deadline = startDeadline({ timeoutMs, now: () => Date.now(), signal: cancel })
    const its = placed(read, { runner, report })
    const { telling } = read
    if (telling) tell = () => tellGitHub(report, { telling, inputs: its, runner, deadline })
    await start(its, { runner, report, deadline: telling ? workingPart(deadline) : deadline })
  } catch (thrown) {
    fail(report, toFailure(thrown))
  }
  const own = { secrets: ownSecrets(env), empty: emptySecretInputs(env) }
  skipWithoutSecrets(report, { runner, ...own })
  // Before anything is written: what fails to be written must not make a failed run look well.
  const isWell = ['healthy', 'skipped'].includes(report.status) || report.tolerated === true
  process.exitCode = isWell ? 0 : 1
  // Before the summary, which says what GitHub could not be told.
  await tell?.()
  const perhapsMasked = publicValues(env).map((found) => found.value)
  if (!publish(report, runner, { showRows, secrets, perhapsMasked })) process.exitCode = 1
  endSoon(process, cancel)
}

/** The inputs, with the spec in its environment if there is one. */
function placed(read: ReadInputs, of: { runner: Runner; report: Report }): Inputs {
  if (!read.environment) return read.inputs
  const { repository } = of.runner.context
  const found = intoEnvironment(read.inputs, read.environment, { repository, now: Date.now() })
  of.report.environment = found.names
  return found.inputs
}

/** A pull request from a fork is given no secrets: what fails for want of them is no fault of its own. */
function skipWithoutSecrets(
  report: Report,
  of: { runner: Runner; secrets: string[]; empty: string[] },
): void {
  if (!of.runner.context.fromFork || of.secrets.length > 0) return
  const { failure } = report
  const isLogin = failure?.reason === 'materialize-login' || failure?.reason === 'kafka-login'
  // An input that was meant to be a secret, and not one that is only written wrongly.
  const lacks = failure?.inputs.some((name) => of.empty.includes(name))
  if (!isLogin && !(failure?.reason === 'input-invalid' && lacks)) return
  const skipped = new Failure({
    reason: 'secrets-missing',
    message: 'Nothing was done: a pull request from a fork is given no secrets.',
  })
  fail(report, skipped)
  report.status = 'skipped'
  of.runner.notice(skipped.message)
}

/** On a public repository log and summary are public: rows stay out of them unless asked for. */
function shownRows(inputs: Inputs, runner: Runner): ShowRows {
  if (inputs.showRows !== undefined) return inputs.showRows
  if (runner.context.publicRepository === false) return 'summary'
  runner.notice(
    'Rows are in the outputs only, since this repository is public or not known to be private; show-rows: summary shows them in the summary too.',
  )
  return 'output'
}

async function start(
  inputs: Inputs,
  of: { runner: Runner; report: Report; deadline: Deadline },
): Promise<void> {
  const { runner, report, deadline } = of
  const { repository, runId } = runner.context
  const held: Promise<unknown>[] = []
  const edges = openEdges({
    materialize: inputs.materialize,
    applicationName: `materialize-kafka-action/${VERSION} ${repository} run ${runId}`,
    admin: inputs.grants?.admin,
    ...{ log: runner, deadline, repository },
    hold: (work) => void held.push(work),
  })
  const working = run(inputs, edges, report)
  // An edge that does not keep to the deadline must not keep the job: what was seen is reported.
  await Promise.race([working, overrun(report, { deadline, held })])
}

async function overrun(
  report: Report,
  of: { deadline: Deadline; held: Promise<unknown>[] },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = (): void => {
      setTimeout(resolve, GRACE_MS).unref()
    }
    of.deadline.signal.addEventListener('abort', late, { once: true })
    // A timer holds at most 2^31 ms; inputs allow hours.
    setTimeout(resolve, of.deadline.remainingMs() + 2 * GRACE_MS).unref()
  })
  // What must not be left behind has a limit of its own.
  await Promise.allSettled(of.held)
  if (report.failure) return
  const cancelled = of.deadline.signal.reason as unknown
  fail(
    report,
    cancelled instanceof Failure
      ? cancelled
      : new Failure({ reason: 'deadline', message: 'Time ran out.' }),
  )
}

/** The runner sends SIGINT, then SIGTERM, and kills some seconds later. */
function cancelOn(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      controller.abort(
        new Failure({ reason: 'cancelled', message: `The run was cancelled (${signal}).` }),
      )
    })
  }
  // What a library throws where nobody waits for it ends the run, with a report.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      controller.abort(toFailure(thrown))
    })
  }
  return controller.signal
}

/** The process ends by itself once nothing is open; a library that leaks is not waited for. */
function endSoon(process: NodeJS.Process, cancel: AbortSignal): void {
  const end = (): void => {
    process.exit()
  }
  setTimeout(end, cancel.aborted ? 100 : GRACE_MS).unref()
}
