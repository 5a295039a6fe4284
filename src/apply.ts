import type { Deadline } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import { type Plan, statementsOf, type Step } from './core/plan.ts'
import { type Report, stepReport } from './core/report.ts'
import { cursor, statement, type Statement, targetName } from './core/sql.ts'
import type { Clock, Log, MaterializeSession, ResultSet } from './ports.ts'

export interface ApplyEdges {
  session: MaterializeSession
  clock: Clock
  log: Log
  deadline: Deadline
  report: Report
  /** Called once, before the first step that reads or writes a topic. */
  makeTopics(): Promise<void>
}

/**
 * Takes the plan’s steps in their order and notes each as it is done, so that what was done before a
 * failure is in the report and the next run goes on from there.
 * @returns whether another run made some of it at the same time.
 */
export async function apply(plan: Plan, edges: ApplyEdges): Promise<{ raced: boolean }> {
  let raced = false
  for (const one of plan.before) await send(one, edges)
  for (const { target, statement: drop } of plan.drops) {
    edges.log.info(`Dropping ${target.kind} ${targetName(target)}`)
    await send(drop, edges)
    const again = plan.steps.some(
      (step) => step.action === 'replace' && targetName(step) === targetName(target),
    )
    if (again) continue
    edges.report.changes.push({ object: targetName(target), kind: target.kind, action: 'drop' })
  }
  const isBase = (step: Step): boolean => ['cluster', 'secret', 'connection'].includes(step.kind)
  const rest = plan.steps.filter((step) => !isBase(step))
  for (const step of plan.steps.filter(isBase)) raced = (await take(step, edges)) || raced
  await edges.makeTopics()
  const together = await createTogether(newSources(rest), edges)
  for (const step of rest) raced = (await take(step, edges, together.has(step))) || raced
  for (const one of plan.after) await send(one, edges)
  return { raced }
}

function newSources(steps: Step[]): Step[] {
  return steps.filter(
    (step) => step.kind === 'source' && (step.action === 'create' || step.action === 'replace'),
  )
}

/**
 * Several new sources in one transaction, all or none: Materialize makes them four times faster so.
 * If it does not want to, they are made one by one, which names the one that fails.
 * @returns the sources that were made.
 */
async function createTogether(sources: Step[], edges: ApplyEdges): Promise<Set<Step>> {
  if (sources.length < 2) return new Set()
  const { log } = edges
  try {
    await send(cursor.begin, edges)
    for (const source of sources) {
      for (const one of source.statements) await sendOnce(one, edges)
    }
    await sendOnce(statement('COMMIT'), edges)
    log.info(`Created ${String(sources.length)} sources in one transaction`)
    return new Set(sources)
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (['cancelled', 'deadline', 'materialize-lost'].includes(failure.reason)) throw failure
    log.debug(`One by one instead: ${failure.message}`)
    await send(cursor.rollback, edges)
    return new Set()
  }
}

/** @returns whether another run was quicker. */
async function take(step: Step, edges: ApplyEdges, isMade = false): Promise<boolean> {
  const { report, log } = edges
  const object = targetName(step)
  const making = step.action === 'create' || step.action === 'replace'
  const statements = statementsOf(step).slice(isMade ? step.statements.length : 0)
  if (!isMade && step.action !== 'drop') log.info(`${words[step.action]} ${step.kind} ${object}`)
  const [first, ...others] = statements
  if (first) {
    try {
      await send(first, edges)
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (!making || isMade || failure.reason !== 'name-taken') throw explain(step, failure)
      // It marks what it makes; whether that is what was asked for is looked at afterwards.
      report.notes.push(`Another run made the ${step.kind} ${object} at the same time.`)
      report.objects.push(stepReport({ ...step, action: 'keep' }))
      return true
    }
  }
  if (step.action !== 'keep' && step.action !== 'write' && step.action !== 'drop') {
    report.changes.push({ object, kind: step.kind, action: step.action })
  } else if (step.ownership === 'adopted') {
    report.changes.push({ object, kind: step.kind, action: 'adopt' })
  }
  for (const one of others) {
    try {
      await send(one, edges)
    } catch (thrown) {
      throw explain(step, toFailure(thrown))
    }
  }
  report.objects.push(stepReport(step))
  return false
}

const words = {
  create: 'Creating',
  write: 'Writing the value of',
  alter: 'Changing',
  replace: 'Making anew',
  keep: 'Keeping',
  drop: 'Dropping',
}

/**
 * Materialize serialises some DDL and hears of a new topic a little later than its maker: such
 * refusals are tried again, for a few seconds and never past the deadline.
 */
export async function send(statement: Statement, edges: ApplyEdges): Promise<ResultSet> {
  const { clock, deadline } = edges
  const pauses = [100, 200, 400, 800, 1_600]
  for (;;) {
    try {
      return await sendOnce(statement, edges)
    } catch (thrown) {
      const failure = toFailure(thrown)
      const pause = pauses.shift()
      if (!failure.retriable || pause === undefined || pause > deadline.remainingMs()) throw failure
      edges.log.debug(`Trying again after: ${failure.message}`)
      await clock.sleep(pause, deadline.signal)
    }
  }
}

async function sendOnce(statement: Statement, edges: ApplyEdges): Promise<ResultSet> {
  edges.report.statements.push(statement.shown)
  return edges.session.query(statement)
}

/** A refusal in the words of the step that met it. */
function explain(step: Step, failure: Failure): Failure {
  const kept = ['deadline', 'cancelled', 'materialize-lost', 'materialize-privilege', 'internal']
  if (kept.includes(failure.reason)) return failure
  const subject = `${step.kind} ${targetName(step)}`
  const { inputs } = failure
  if (step.kind === 'connection' && failure.reason !== 'name-taken') {
    const made = step.action === 'create' ? `could not make ${subject}` : `could not use ${subject}`
    return new Failure({
      reason: failure.reason === 'materialize-refused' ? 'connection-refused' : failure.reason,
      inputs,
      message: `Materialize ${made}: ${failure.message}`,
      hint: `This is Materialize’s view of Kafka. ${failure.hint}`,
      cause: failure,
    })
  }
  const hints: Partial<Record<Failure['reason'], string>> = {
    'relation-unknown': 'It was there a moment ago: another run may have dropped it. Run again.',
    'kafka-authorization': 'Grant the user Describe and Read on the topic.',
  }
  return new Failure({
    reason: failure.reason,
    inputs,
    message: `Materialize refused to ${step.action} ${subject}: ${failure.message}`,
    hint: hints[failure.reason] ?? failure.hint,
    cause: failure,
  })
}
