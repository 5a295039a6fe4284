import { apply, dropAll, send } from './apply.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { Spec } from './core/model.ts'
import type { Plan } from './core/plan.ts'
import type { Report } from './core/report.ts'
import { stepsOf, trialNames, withTrials } from './core/rotation.ts'
import { qualified } from './core/sql.ts'
import { teardown } from './core/teardown.ts'
import { lastly } from './lastly.ts'
import { applying, lookAt, planOf, type Rotating } from './rotating.ts'
import type { Claim } from './rotation-claim.ts'
import { combine } from './work.ts'

interface Trial {
  /** The connections whose credential is tried. */
  spec: Spec
  trials: ConnectionSpec[]
  claimed: Claim
}

/** Makes a connection of the new credential beside each, has Materialize check it, and drops it again. */
export async function tryOut({ spec, trials, claimed }: Trial, of: Rotating): Promise<void> {
  of.edges.log.group('Trying the new credential')
  // With the connections themselves, in whose marks it stands what is made.
  const whole = { ...spec, connections: [...spec.connections, ...trials] }
  const planned = planOf(whole, await lookAt(withTrials(spec), of), of)
  const steps = stepsOf(planned, trials)
  const foreign = steps.find((step) => step.ownership === 'foreign')
  if (foreign) {
    throw new Failure({
      reason: 'not-ours',
      message: `The ${foreign.kind} ${qualified(foreign.name)} has the name under which the new credential would be tried.`,
    })
  }
  if (planned.refusals.length > 0) throw combine(planned.refusals)
  // What is made only to be dropped is no change of the run.
  const scratch: Report = { ...of.report, changes: [], objects: [] }
  const leave = (by: Rotating) => dropTrials({ spec, after: planned.after }, by)
  let refused: Failure | undefined
  try {
    await claimed.check()
    await apply({ ...planned, steps, after: [] }, applying(of, scratch))
    // What another run put into the trial shows nothing of this one’s credential.
    await claimed.check()
  } catch (thrown) {
    refused = toFailure(thrown)
  }
  if (!refused) return leave(of)
  // The one that goes on drops it.
  if (refused.reason === 'rotation-overtaken') throw refused
  await lastly(of.edges, (edges, session) => leave({ ...of, edges, session }))
  throw new Failure({
    reason: refused.reason,
    message: `The new credential was tried by a connection of its own and nothing was changed: ${refused.message}`,
    hint: refused.hint,
    inputs: refused.inputs,
    cause: refused,
  })
}

async function dropTrials(
  { spec, after }: { spec: Spec; after: Plan['after'] },
  of: Rotating,
): Promise<void> {
  const { session, edges, report } = of
  const scratch: Report = { ...report, changes: [], objects: [] }
  const sending = { ...edges, session, report: scratch }
  const trials = { ...spec, connections: trialNames(spec.connections) }
  const left = teardown(trials, await lookAt(withTrials(spec), of), {
    repository: edges.repository,
    dropDependents: false,
  })
  if (left.refusals.length > 0) throw combine(left.refusals)
  for (const one of left.before) await send(one, sending)
  await dropAll(left, sending)
  for (const one of after) await send(one, sending)
}
