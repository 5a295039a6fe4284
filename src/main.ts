import { randomBytes } from 'node:crypto'
import { openRunner, type Runner } from './adapters/github.ts'
import { openGitHubApi } from './adapters/github-api.ts'
import { type Deadline, startDeadline, workingPart } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { Inputs, ShowRows } from './core/model.ts'
import { fail, type Report, startReport } from './core/report.ts'
import { jobEnvironment } from './core/environment-names.ts'
import { STATE_ENVIRONMENT } from './after-job.ts'
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
import type { PullRequests } from './ports.ts'
import { cancelOn, endSoon, start } from './start.ts'
import { tellGitHub } from './tell-github.ts'

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
    const { inputs: its, beforeMaking } = placed(read, { runner, report })
    const { telling } = read
    // Names that are this run’s alone would make a check of its own.
    const environment = read.environment && (read.environment.name ?? 'job')
    const told = { inputs, environment, runner, deadline }
    if (telling) tell = () => tellGitHub(report, { ...told, telling })
    const working = telling ? workingPart(deadline) : deadline
    const pullRequests = askedOf(read, { runner, deadline: working })
    await start(its, { runner, report, deadline: working, beforeMaking, pullRequests })
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
function placed(
  read: ReadInputs,
  of: { runner: Runner; report: Report },
): { inputs: Inputs; beforeMaking?: () => void } {
  const { inputs, environment: asked } = read
  if (!asked) return { inputs }
  const { runner, report } = of
  const { repository, pullRequest } = runner.context
  const pull = pullRequest?.number
  const name = asked.name ?? jobEnvironment(runner.context, randomBytes(4).toString('hex'))
  const found = intoEnvironment(inputs, { ...asked, name }, { repository, pull, now: Date.now() })
  report.environment = found.names
  if (asked.name !== undefined) return { inputs: found.inputs }
  runner.info(`Environment ${name} is this job’s alone, and is removed after it`)
  const beforeMaking = (): void => {
    runner.saveState(STATE_ENVIRONMENT, name)
  }
  return { inputs: found.inputs, beforeMaking }
}

/** A sweep alone asks which pull requests are closed. */
function askedOf(
  { inputs, token }: ReadInputs,
  { runner, deadline }: { runner: Runner; deadline: Deadline },
): PullRequests | undefined {
  if (inputs.mode !== 'sweep' || token === undefined) return undefined
  const { apiUrl, repository } = runner.context
  return openGitHubApi({ token, apiUrl, repository, log: runner, deadline })
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
