import { openRunner } from './adapters/github.ts'
import { startDeadline } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import { fail, startReport } from './core/report.ts'
import { intoEnvironment } from './environment.ts'
import { asksForJob, type Environment, readInputs, secretsIn } from './inputs.ts'
import { publishRemoval } from './outputs.ts'
import { cancelOn, endSoon, start } from './start.ts'

/** Under which a step keeps the name of the environment that its post removes. */
export const STATE_ENVIRONMENT = 'environment'

/** A cancelled job has five minutes for the posts of all its steps. */
const REMOVAL_MS = 3 * 60_000

/**
 * The step’s post: removes what it has made for its job alone, as mode teardown would, and does nothing
 * for a step that has made nothing of the kind. Sets the exit code; never rejects.
 */
export async function afterJob(process: NodeJS.Process): Promise<void> {
  const env: Environment = process.env
  const runner = openRunner(env)
  const name = runner.state(STATE_ENVIRONMENT)
  if (name === undefined) {
    if (asksForJob(env)) runner.info('Nothing was made for this job: there is nothing to remove.')
    return
  }
  // Masks end with the step that sets them.
  runner.mask(secretsIn(env))
  const cancel = cancelOn(process)
  const report = startReport(new Date().toISOString(), 'auto')
  report.mode = 'teardown'
  try {
    const { inputs, environment } = readInputs(env)
    if (!environment) throw changed()
    const { repository } = runner.context
    const asked = { ...environment, name }
    const found = intoEnvironment(inputs, asked, { repository, now: Date.now() })
    report.environment = found.names
    const removing = { ...found.inputs, mode: 'teardown' as const }
    const now = (): number => Date.now()
    const deadline = startDeadline({ timeoutMs: REMOVAL_MS, now, signal: cancel })
    await start(removing, { runner, report, deadline })
  } catch (thrown) {
    fail(report, toFailure(thrown))
  }
  process.exitCode = report.status === 'healthy' ? 0 : 1
  publishRemoval(report, runner, name)
  endSoon(process, cancel)
}

function changed(): Failure {
  return new Failure({
    reason: 'input-invalid',
    message: 'The inputs are not those with which the step has made it.',
    inputs: ['lifetime'],
  })
}
