import type { Deadline } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { Plan, Step } from './core/plan.ts'
import type { Change, Report } from './core/report.ts'
import { qualified, type Statement } from './core/sql.ts'
import type { Clock, Log, MaterializeSession, ResultSet } from './ports.ts'

interface Edges {
  session: MaterializeSession
  clock: Clock
  log: Log
  deadline: Deadline
  report: Report
}

/**
 * Takes the plan’s steps in their order, one statement at a time, and notes each as it is done.
 * @returns whether another run made some of it at the same time.
 */
export async function apply(plan: Plan, edges: Edges): Promise<{ raced: boolean }> {
  let raced = false
  for (const statement of plan.before) await send(statement, edges)
  for (const step of plan.steps) raced = (await take(step, edges)) || raced
  for (const statement of plan.after) await send(statement, edges)
  return { raced }
}

/** @returns whether another run was quicker. */
async function take(step: Step, edges: Edges): Promise<boolean> {
  const { report, log } = edges
  const object = qualified(step.name)
  const [first, ...others] = step.statements
  if (first) {
    log.info(`${words[step.action]} ${step.kind} ${object}`)
    try {
      await send(first, edges)
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (step.action !== 'create' || failure.reason !== 'name-taken') throw explain(step, failure)
      // Another run made it since the catalog was read; it marks what it makes.
      report.notes.push(`Another run made the ${step.kind} ${object} at the same time.`)
      record(report, { ...step, action: 'keep' })
      return true
    }
    if (step.action === 'create') {
      const change: Change = { object, kind: step.kind, action: 'create' }
      report.changes.push(change)
    }
    for (const statement of others) await send(statement, edges)
  }
  record(report, step)
  return false
}

function record(report: Report, step: Step): void {
  const { kind, name, action, ours } = step
  report.objects.push({ kind, name, action, ours, status: '', verdict: '', because: '' })
}

const words = {
  create: 'Creating',
  write: 'Writing the value of',
  validate: 'Validating',
  keep: 'Keeping',
}

/**
 * Materialize serialises some DDL and hears of a new topic a little later than its maker: such
 * refusals are tried again, for a few seconds and never past the deadline.
 */
async function send(statement: Statement, edges: Edges): Promise<ResultSet> {
  const { session, clock, deadline, report } = edges
  const pauses = [100, 200, 400, 800, 1_600]
  for (;;) {
    report.statements.push(statement.shown)
    try {
      return await session.query(statement)
    } catch (thrown) {
      const failure = toFailure(thrown)
      const pause = pauses.shift()
      if (!failure.retriable || pause === undefined || pause > deadline.remainingMs()) throw failure
      edges.log.debug(`Trying again after: ${failure.message}`)
      await clock.sleep(pause, deadline.signal)
    }
  }
}

/** A refusal in the words of the step that met it. */
function explain(step: Step, failure: Failure): Failure {
  const kept = ['deadline', 'cancelled', 'materialize-lost', 'materialize-privilege', 'internal']
  if (kept.includes(failure.reason)) return failure
  const subject = `${step.kind} ${qualified(step.name)}`
  if (step.kind === 'connection' && failure.reason !== 'name-taken') {
    const made = step.action === 'create' ? `could not make ${subject}` : `could not use ${subject}`
    return new Failure({
      reason: failure.reason === 'materialize-refused' ? 'connection-refused' : failure.reason,
      inputs: failure.inputs,
      message: `Materialize ${made}: ${failure.message}`,
      hint: `This is Materialize’s view of Kafka. ${failure.hint}`,
      cause: failure,
    })
  }
  const gone = failure.reason === 'relation-unknown'
  return new Failure({
    reason: failure.reason,
    inputs: failure.inputs,
    message: `Materialize refused to ${step.action} ${subject}: ${failure.message}`,
    hint: gone
      ? 'It was there a moment ago: another run may have dropped it. Run again.'
      : failure.reason === 'kafka-authorization'
        ? 'Grant the user Describe and Read on the topic.'
        : failure.hint,
    cause: failure,
  })
}
