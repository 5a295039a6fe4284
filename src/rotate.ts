import { apply, type ApplyEdges, dropAll, send } from './apply.ts'
import { sendAskedCanaries } from './canary.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { Inputs, Spec } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import type { Plan } from './core/plan.ts'
import { fail, type Report } from './core/report.ts'
import {
  canarySpec,
  restartRefusals,
  restartsOf,
  rotationRefusals,
  rotationSpec,
  stepsOf,
  trialOf,
} from './core/rotation.ts'
import { qualified } from './core/sql.ts'
import { teardown } from './core/teardown.ts'
import { lastly } from './lastly.ts'
import { note, observe } from './observe.ts'
import { plannerOf } from './planning.ts'
import type { MaterializeSession } from './ports.ts'
import { restartAll, takeBackRestarts } from './restart.ts'
import { combine, type Edges, type Planned, type Sights } from './work.ts'

export interface Rotating {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  sights: Sights
  /** A further session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
}

/**
 * Gives the secrets of the spec’s connections the values of the inputs. Kafka was asked before whether
 * it takes them; a connection made for the purpose shows that Materialize can use them, too. Until then
 * nothing of the old is touched.
 */
export async function rotate(of: Rotating): Promise<void> {
  const { inputs, report, edges } = of
  const spec = rotationSpec(inputs.spec)
  const names = spec.connections.map(({ name }) => qualified(name))
  const trials = spec.connections.filter(({ validate }) => validate !== false).map(trialOf)
  const whole = { ...spec, connections: [...spec.connections, ...trials] }
  let observed = await lookAt(whole, of)
  if (await takeBackRestarts(spec.connections, observed, of)) observed = await lookAt(whole, of)
  const planned = planOf(spec, observed, of)
  const steps = stepsOf(planned, spec.connections)
  const restarts = inputs.restartReplicas ? restartsOf(spec.connections, observed) : []
  const refusals = [
    ...rotationRefusals(steps, spec, observed),
    ...restartRefusals(restarts),
    ...planned.refusals,
  ]
  if (refusals[0]) throw combine(refusals)
  if (trials.length > 0) await tryOut({ spec: whole, trials, observed }, of)
  edges.log.group('Writing the new secrets')
  await apply({ ...planned, steps }, applying(of, report))
  const result = trials.length > 0 ? ('validated, not proven' as const) : ('not validated' as const)
  report.rotation = { connections: names, result, restarts: [] }
  if (!inputs.restartReplicas) {
    note(
      'What runs already may keep the old credential until its replicas start anew; restart-replicas does that, and shows that everything goes on.',
      of,
    )
  }
  const hasRestarted = inputs.restartReplicas && (await restart(restarts, { ...of, spec }))
  if (report.failure) return
  await sendAskedCanaries({ ...of, inputs: withCanaries(inputs) })
  if (hasRestarted && !hasFailed(report)) report.rotation.result = 'proven'
}

/** @returns whether everything that goes by the connections has started anew, and went on. */
async function restart(
  restarts: ReturnType<typeof restartsOf>,
  of: Rotating & { spec: Spec },
): Promise<boolean> {
  const { connections } = of.spec
  const failure = await restartAll(restarts, {
    ...of,
    connections,
    observed: await lookAt(of.spec, of),
  })
  if (failure) fail(of.report, failure)
  else if (restarts.length === 0) {
    note('No source or sink goes by the connection: there was nothing to restart.', of)
  }
  return !failure && restarts.length > 0
}

function withCanaries(inputs: Inputs): Inputs {
  return { ...inputs, spec: canarySpec(inputs.spec, inputs.canary.way) }
}

function hasFailed({ failure }: Report): boolean {
  return failure !== undefined
}

function lookAt(spec: Spec, { inputs, session, sights }: Rotating): Promise<Observed> {
  return observe({ ...inputs, spec }, session, sights)
}

function planOf(spec: Spec, observed: Observed, { inputs, edges }: Rotating): Planned {
  return plannerOf({ ...inputs, spec }, edges, { isPart: true })(observed)
}

/** For steps whose changes are to stand in that report. */
function applying(of: Rotating, report: Report): ApplyEdges {
  return {
    ...of.edges,
    session: of.session,
    report,
    open: (purpose) => of.open(purpose),
    maxParallel: 1,
    makeTopics: async () => undefined,
  }
}

interface Trial {
  /** The connections and their trials: the mark of a connection that is there notes what is made. */
  spec: Spec
  trials: ConnectionSpec[]
  observed: Observed
}

/** Makes a connection of the new credential beside each, has Materialize check it, and drops it again. */
async function tryOut({ spec, trials, observed }: Trial, of: Rotating): Promise<void> {
  of.edges.log.group('Trying the new credential')
  const planned = planOf(spec, observed, of)
  const steps = stepsOf(planned, trials)
  const foreign = steps.find((step) => step.ownership === 'foreign')
  if (foreign) {
    throw new Failure({
      reason: 'not-ours',
      message: `The ${foreign.kind} ${qualified(foreign.name)} has the name under which the new credential would be tried.`,
    })
  }
  // What is made only to be dropped is no change of the run.
  const scratch: Report = { ...of.report, changes: [], objects: [] }
  let refused: Failure | undefined
  try {
    await apply({ ...planned, steps, after: [] }, applying(of, scratch))
  } catch (thrown) {
    refused = toFailure(thrown)
  }
  const leave = (by: Rotating) => dropTrials({ trials, after: planned.after }, by)
  if (!refused) return leave(of)
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
  { trials, after }: { trials: ConnectionSpec[]; after: Plan['after'] },
  of: Rotating,
): Promise<void> {
  const { session, edges, report } = of
  const scratch: Report = { ...report, changes: [], objects: [] }
  const sending = { ...edges, session, report: scratch }
  const spec = { ...rotationSpec(of.inputs.spec), connections: trials }
  const left = teardown(spec, await lookAt(spec, of), {
    repository: edges.repository,
    dropDependents: false,
  })
  for (const one of left.before) await send(one, sending)
  await dropAll(left, sending)
  for (const one of after) await send(one, sending)
}
