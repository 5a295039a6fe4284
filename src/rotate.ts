import { apply } from './apply.ts'
import { sendAskedCanaries } from './canary.ts'
import { readCatalog, selectionOf } from './catalog.ts'
import { survived } from './core/failure.ts'
import type { Inputs, Spec } from './core/model.ts'
import { fail, type Report } from './core/report.ts'
import {
  canarySpec,
  restartRefusals,
  restartsOf,
  rotationRefusals,
  rotationSpec,
  stepsOf,
  trialOf,
  withTrials,
} from './core/rotation.ts'
import { qualified } from './core/sql.ts'
import { lastly } from './lastly.ts'
import { lookAtKafka, note } from './observe.ts'
import { restartAll, takeBackRestarts } from './restart.ts'
import { applying, lookAt, planOf, type Rotating } from './rotating.ts'
import { checkOwnership, claim } from './rotation-claim.ts'
import { tryOut } from './rotation-trial.ts'
import { combine, type Planned } from './work.ts'

/**
 * Gives the secrets of the spec’s connections the values of the inputs. Kafka is asked first whether it
 * takes them, where the runner sees it, and a connection made for the purpose shows that Materialize can
 * use them, where the spec lets it be checked. Until then nothing of the old is touched.
 */
export async function rotate(given: Omit<Rotating, 'session' | 'sights'>): Promise<void> {
  const { inputs, report, edges } = given
  const spec = rotationSpec(inputs.spec)
  const session = await given.open('rotate')
  report.materializeVersion = session.version
  edges.log.info(`Materialize ${session.version}`)
  const before = await readCatalog(session, selectionOf(spec))
  // First of all: also where the credential given is of no use.
  await takeBackRestarts(spec.connections, before, { ...given, session })
  const sights = await lookAtKafka({ ...inputs, spec }, edges, report)
  const of: Rotating = { ...given, session, sights }
  edges.log.group('Materialize')
  const observed = await lookAt(withTrials(spec), of)
  const planned = planOf(spec, observed, of)
  const steps = stepsOf(planned, spec.connections)
  const restarts = inputs.restartReplicas ? restartsOf(spec.connections, observed) : []
  const refusals = [
    ...rotationRefusals(steps, spec, observed),
    ...restartRefusals(restarts),
    ...planned.refusals,
  ]
  if (refusals[0]) throw combine(refusals)
  await checkOwnership(steps, restarts, { ...of, observed })
  const claimed = await claim(spec.connections, observed, of)
  const trials = spec.connections.filter(({ validate }) => validate !== false).map(trialOf)
  try {
    if (trials.length > 0) await tryOut({ spec, trials, claimed }, of)
    await claimed.check()
  } catch (thrown) {
    await lastly(edges, (late, another) => claimed.release({ ...late, session: another }))
    throw thrown
  }
  edges.log.group('Writing the new secrets')
  const names = spec.connections.map(({ name }) => qualified(name))
  report.rotation = { connections: names, result: 'not validated', restarts: [] }
  await write({ ...planned, steps }, of)
  await claimed.release()
  if (trials.length === spec.connections.length) report.rotation.result = 'validated, not proven'
  if (!inputs.restartReplicas) {
    note(
      'What runs already may keep the old credential until its replicas start anew; restart-replicas does that, and shows that everything goes on.',
      of,
    )
  }
  const hasRestarted = inputs.restartReplicas && (await restart(restarts, { ...of, spec }))
  if (hasFailed(report)) return
  await sendAskedCanaries({ ...of, inputs: withCanaries(inputs) })
  if (hasRestarted && !hasFailed(report)) report.rotation.result = 'proven'
}

/** Two rotations that write at the same time may leave a mixture: written whole again, it is none. */
async function write(planned: Planned, of: Rotating): Promise<void> {
  try {
    await apply(planned, applying(of, of.report))
  } catch (thrown) {
    const failure = survived(thrown)
    if (!MIXED.has(failure.reason)) throw failure
    of.edges.log.info(`Writing them once more after: ${failure.message}`)
    await apply(planned, applying(of, of.report))
  }
}

/** What a login of two halves looks like. */
const MIXED: ReadonlySet<string> = new Set(['kafka-login', 'connection-refused'])

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
