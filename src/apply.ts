import type { Deadline } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import { isMade, type Plan, statementsOf, type Step, waves } from './core/plan.ts'
import { type Report, stepReport } from './core/report.ts'
import { cursor, statement, type Statement, targetName } from './core/sql.ts'
import { sameTarget } from './core/targets.ts'
import { sideBySide } from './side-by-side.ts'
import type { Clock, Log, MaterializeSession, ResultSet } from './ports.ts'

export interface ApplyEdges {
  session: MaterializeSession
  /** A further session, for what is done side by side. */
  open(purpose: string): Promise<MaterializeSession>
  /** How many steps are taken at once, at most. */
  maxParallel: number
  clock: Clock
  log: Log
  deadline: Deadline
  report: Report
  /** Called once, before the first step that reads or writes a topic. */
  makeTopics(): Promise<void>
}

/** What one statement needs. */
type Sending = Pick<ApplyEdges, 'session' | 'clock' | 'log' | 'deadline' | 'report'>

/**
 * Takes the plan’s steps in the order of their dependencies and notes each as it is done, so that
 * what was done before a failure is in the report and the next run goes on from there.
 * @returns whether another run made some of it at the same time.
 */
export async function apply(plan: Plan, edges: ApplyEdges): Promise<{ raced: boolean }> {
  for (const one of plan.before) await send(one, edges)
  await dropAll(plan, edges)
  const isBase = ([step]: Step[]): boolean =>
    step !== undefined && ['schema', 'cluster', 'secret', 'connection'].includes(step.kind)
  const all = waves(plan)
  const lanes = lanesOf(edges)
  let raced = false
  const takeWave = async (wave: Step[]): Promise<void> => {
    const made = await createTogether(newSources(wave), edges)
    const taken = wave.map((step) => ({ step, ...nothingYet(), isMade: made.has(step) }))
    try {
      await sideBySide(taken, edges.maxParallel, async (one, lane) => {
        const isIdle = statementsOf(one.step).length === 0
        await take(one, { ...edges, session: isIdle ? edges.session : await lanes(lane) })
      })
    } finally {
      // In the plan’s order, whichever was done first.
      for (const { changes, objects } of taken) {
        edges.report.changes.push(...changes)
        edges.report.objects.push(...objects)
      }
    }
    raced ||= taken.some((one) => one.raced)
  }
  for (const wave of all.filter(isBase)) await takeWave(wave)
  await edges.makeTopics()
  for (const wave of all.filter((one) => !isBase(one))) await takeWave(wave)
  await dropAll({ drops: plan.dropsAfter, steps: [] }, edges)
  for (const one of plan.after) await send(one, edges)
  return { raced }
}

/** The session of each lane, opened when it is first needed; the first is the run’s own. */
function lanesOf(edges: ApplyEdges): (lane: number) => Promise<MaterializeSession> {
  const opened = [Promise.resolve(edges.session)]
  return (lane) => (opened[lane] ??= edges.open(`side ${String(lane)}`))
}

/** Drops one by one, dependents first. What is made anew afterwards is no change of its own. */
/** What is not there any more, or lay in what is not. */
const GONE: ReadonlySet<string> = new Set(['relation-unknown', 'schema-unknown', 'cluster-unknown'])

export async function dropAll(plan: Pick<Plan, 'drops' | 'steps'>, edges: Sending): Promise<void> {
  for (const { target, statement: drop } of plan.drops) {
    const object = targetName(target)
    const isMadeAnew = plan.steps.some(
      (step) => step.action === 'replace' && sameTarget(step, target),
    )
    edges.log.info(`Dropping ${target.kind} ${object}`)
    try {
      await send(drop, edges)
    } catch (thrown) {
      const failure = toFailure(thrown)
      // Another run was quicker.
      if (!GONE.has(failure.reason)) throw failure
      continue
    }
    if (!isMadeAnew) edges.report.changes.push({ object, kind: target.kind, action: 'drop' })
  }
}

function newSources(steps: Step[]): Step[] {
  return steps.filter((step) => step.kind === 'source' && isMade(step))
}

/**
 * Several new sources in one transaction, all or none: Materialize makes them four times faster so.
 * DDL elsewhere breaks such a transaction, so it is tried again whole; if Materialize still does not
 * want to, they are made one by one, which names the one that fails.
 * @returns the sources that were made.
 */
async function createTogether(sources: Step[], edges: Sending): Promise<Set<Step>> {
  if (sources.length < 2) return new Set()
  const { log, clock, deadline } = edges
  for (const pause of [200, 800, undefined]) {
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
      if (LOST.has(failure.reason)) throw failure
      log.debug(`Not in one transaction: ${failure.message}`)
      await send(cursor.rollback, edges)
      if (!failure.retriable || pause === undefined) break
      await clock.sleep(pause, deadline.signal)
    }
  }
  return new Set()
}

/** With these there is no session to go on with. */
const LOST: ReadonlySet<string> = new Set(['cancelled', 'deadline', 'materialize-lost'])

/** A step, and what became of it. */
interface Taking extends Pick<Report, 'changes' | 'objects'> {
  step: Step
  /** It was made together with others; what follows its making is left to do. */
  isMade: boolean
  /** Another run made it. */
  raced: boolean
}

function nothingYet(): Omit<Taking, 'step' | 'isMade'> {
  return { changes: [], objects: [], raced: false }
}

/** Sends what a step says and notes it. Throws what went wrong, in the words of the step. */
async function take(taking: Taking, edges: Sending): Promise<void> {
  const { step, isMade: isDone } = taking
  const { kind, action } = step
  const object = targetName(step)
  const isMaking = isMade(step) && !isDone
  if (!isDone && action !== 'drop') edges.log.info(`${words[action]} ${kind} ${object}`)
  const [first, ...others] = statementsOf(step).slice(isDone ? step.statements.length : 0)
  if (first) {
    try {
      await send(first, edges)
    } catch (thrown) {
      const failure = toFailure(thrown)
      const isTaken = isMaking && failure.reason === 'name-taken'
      if (!isTaken) throw explain(step, failure, isMaking)
      // It marks what it makes; whether that is what was asked for is looked at afterwards.
      edges.report.notes.push(`Another run made the ${kind} ${object} at the same time.`)
      taking.objects.push(stepReport({ ...step, action: 'keep' }))
      taking.raced = true
      return
    }
  }
  if (action !== 'keep' && action !== 'write' && action !== 'drop') {
    taking.changes.push({ object, kind, action })
  } else if (step.ownership === 'adopted') {
    taking.changes.push({ object, kind, action: 'adopt' })
  }
  try {
    for (const one of others) await send(one, edges)
  } catch (thrown) {
    throw explain(step, toFailure(thrown), false)
  }
  taking.objects.push(stepReport(step))
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
export async function send(statement: Statement, edges: Sending): Promise<ResultSet> {
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

async function sendOnce(statement: Statement, edges: Sending): Promise<ResultSet> {
  edges.report.statements.push(statement.shown)
  return edges.session.query(statement)
}

/** A refusal in the words of the step that met it. */
export function explain(step: Step, failure: Failure, isMaking: boolean): Failure {
  const kept = ['deadline', 'cancelled', 'materialize-lost', 'materialize-privilege', 'internal']
  if (kept.includes(failure.reason)) return failure
  const subject = `${step.kind} ${targetName(step)}`
  const { inputs } = failure
  if (step.kind === 'connection' && failure.reason !== 'name-taken') {
    const made = isMaking ? `could not make ${subject}` : `could not use ${subject}`
    return new Failure({
      reason: failure.reason === 'materialize-refused' ? 'connection-refused' : failure.reason,
      inputs,
      message: `Materialize ${made}: ${failure.message}`,
      hint: `This is Materialize’s view of ${failure.reason.startsWith('registry-') ? 'the schema registry' : 'Kafka'}. ${failure.hint}`,
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
