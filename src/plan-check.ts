import { explain } from './apply.ts'
import { type Failure, toFailure } from './core/failure.ts'
import { type PlanCheck, planChecks } from './core/plan-checks.ts'
import type { Step } from './core/plan.ts'
import { cursor, setCluster, type Statement, targetName } from './core/sql.ts'
import type { Planned, Work } from './work.ts'

export interface Checked {
  step: Step
  result: 'accepted' | 'refused' | 'not checked'
  /** Materialize’s refusal, or why nothing was tried. */
  failure?: Failure
  why?: string
}

/**
 * Has Materialize try what it can of a plan. Each source is made in a transaction of its own that is
 * always rolled back, so that nothing of it stays and one refusal does not hide another.
 */
export async function checkPlan(planned: Planned, work: Work): Promise<Checked[]> {
  const { inputs, session, edges } = work
  if (inputs.cluster !== undefined) await session.query(setCluster(inputs.cluster))
  const results: Checked[] = []
  for (const one of planChecks(inputs.spec, planned)) {
    const checked = await tryOne(one, work)
    results.push(checked)
    const why = checked.failure?.message ?? checked.why
    const { kind } = one.step
    edges.log.info(
      `${kind} ${targetName(one.step)}: ${checked.result}${why === undefined ? '' : `, ${why}`}`,
    )
  }
  return results
}

/** DDL of others breaks such a transaction: then it is tried again. */
async function tryOne({ step, statement, why }: PlanCheck, work: Work): Promise<Checked> {
  const { clock, deadline } = work.edges
  if (!statement) return { step, result: 'not checked', ...(why === undefined ? {} : { why }) }
  for (const pause of [200, 800, 1_600]) {
    const failure = await refusalOf(statement, work)
    if (!failure) return { step, result: 'accepted' }
    if (!failure.retriable) {
      return { step, result: 'refused', failure: explain(step, failure, true) }
    }
    await clock.sleep(Math.min(pause, deadline.remainingMs()), deadline.signal)
  }
  return { step, result: 'not checked', why: 'others keep changing the catalog meanwhile' }
}

async function refusalOf(statement: Statement, { session }: Work): Promise<Failure | undefined> {
  await session.query(cursor.begin)
  try {
    await session.query(statement)
    return undefined
  } catch (thrown) {
    const failure = toFailure(thrown)
    // No answer about the source; without a session there is nothing to roll back either.
    if (['cancelled', 'deadline', 'materialize-lost'].includes(failure.reason)) throw failure
    return failure
  } finally {
    await session.query(cursor.rollback)
  }
}
