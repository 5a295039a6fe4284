import { toFailure } from './core/failure.ts'
import { flowsOf } from './core/flows.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { Inputs } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import { fail, type Report } from './core/report.ts'
import { withTrials } from './core/rotation.ts'
import { lookIn, setCluster } from './core/sql.ts'
import { teardown } from './core/teardown.ts'
import { endPlan, tellPlan } from './show-plan.ts'
import { checkGrants, type Granting, lookAtGrants, NOT_LOOKED } from './grants.ts'
import { lookAtKafka, note, observe } from './observe.ts'
import { plannerOf } from './planning.ts'
import type { MaterializeSession } from './ports.ts'
import { provision } from './provision.ts'
import { rotate } from './rotate.ts'
import { settled } from './settling.ts'
import { sweep } from './sweep.ts'
import { clearCanaries, takeDown } from './take-down.ts'
import { refuseUncopied } from './copy.ts'
import { verify } from './verify.ts'
import { combine, type Edges, type Planned, type WholeKafka, type Work } from './work.ts'

/**
 * Does what the inputs’ mode says. Never rejects: what went wrong is in the report, beside what was
 * done until then.
 */
export async function run(inputs: Inputs, edges: Edges, report: Report): Promise<void> {
  const sessions: MaterializeSession[] = []
  const kafkas = new Map<ConnectionSpec, WholeKafka>()
  const admins = new Map<ConnectionSpec, WholeKafka>()
  const begun = edges.clock.now()
  const shared: Edges = {
    ...edges,
    kafka: opening(kafkas, edges.kafka),
    kafkaAdmin: opening(admins, edges.kafkaAdmin),
  }
  try {
    await work(inputs, shared, { report, sessions })
    // A health check says itself how things are.
    if (!report.failure && inputs.mode !== 'verify') report.status = 'healthy'
  } catch (thrown) {
    // The first thing that went wrong is the one to report.
    if (!report.failure || report.tolerated) fail(report, toFailure(thrown))
  } finally {
    const ends = [...sessions, ...kafkas.values(), ...admins.values()]
    await Promise.all(ends.map((end) => end.close()))
    report.durationMs = edges.clock.now() - begun
  }
}

/** Opens what each connection leads to once. */
function opening(
  opened: Map<ConnectionSpec, WholeKafka>,
  open: Edges['kafkaAdmin'],
): Edges['kafka'] {
  return (connection) => {
    const kafka = opened.get(connection) ?? open?.(connection)
    if (kafka) opened.set(connection, kafka)
    return kafka
  }
}

/** A sweep looks at nothing beforehand. */
const UNSEEN = { of: () => undefined }

async function work(
  inputs: Inputs,
  edges: Edges,
  of: { report: Report; sessions: MaterializeSession[] },
): Promise<void> {
  const { report, sessions } = of
  report.flows = flowsOf(inputs.spec)
  report.sourceTopic = inputs.spec.sources[0]?.topic ?? ''
  report.sinkTopic = inputs.spec.sinks[0]?.topic ?? ''
  const settle = async (session: MaterializeSession): Promise<void> => {
    const [view] = inputs.spec.views
    for (const one of view ? lookIn(view.name) : []) await session.query(one)
    if (inputs.cluster !== undefined) await session.query(setCluster(inputs.cluster))
  }
  const open = async (purpose: string): Promise<MaterializeSession> => {
    const session = await edges.materialize.open(purpose)
    sessions.push(session)
    await settle(session)
    return session
  }
  const planOf = plannerOf(inputs, edges)
  if (inputs.mode === 'verify') {
    const drift = (now: Observed) => (inputs.names ? { steps: [], topics: [] } : planOf(now))
    await verify({ inputs, edges, report, open, drift })
    return checkGrants({ inputs, edges, report, open })
  }
  if (inputs.mode === 'rotate') return rotate({ inputs, edges, report, open })
  const isSweep = inputs.mode === 'sweep'
  const sights = isSweep ? UNSEEN : await lookAtKafka(inputs, edges, report)
  if (inputs.mode === 'provision' || inputs.mode === 'plan') refuseUncopied(inputs, sights)
  edges.log.group('Materialize')
  const session = await edges.materialize.open(inputs.mode)
  sessions.push(session)
  report.materializeVersion = session.version
  edges.log.info(`Materialize ${session.version}`)
  if (isSweep) return sweep({ inputs, edges, report, session, open })
  const isTeardown = inputs.mode === 'teardown'
  const spec = isTeardown ? withTrials(inputs.spec) : inputs.spec
  const look = () => observe({ ...inputs, spec }, session, sights)
  const found = await look()
  const isCleared = isTeardown && (await clearCanaries(found, { inputs, edges, report }))
  const seen = isCleared ? await look() : found
  const observed = isTeardown ? seen : await settled(seen, { plan: planOf, observe: look, edges })
  const kafkaOf = (connection: ConnectionSpec) => sights.of(connection.name)?.kafka
  const looking = {
    inputs,
    edges,
    report,
    session,
    observed,
    plan: () => planOf(observed),
    kafkaOf,
  }
  const granting: Granting = isTeardown ? NOT_LOOKED : await lookAtGrants(looking)
  // What comes after the look at Kafka’s rights is Materialize’s again.
  if (granting.looked.length > 0) edges.log.group('Materialize')
  const work: Work = {
    ...{ inputs, edges, report, session, observed, sights, granting, open },
    plan: (now) => planOf(now, granting),
  }
  const { dropDependents } = inputs.allowed
  const { environment } = inputs
  const { repository } = edges
  const taking = { repository, dropDependents, ...(environment && { environment }) }
  const planned: Planned = isTeardown
    ? { ...teardown(spec, observed, taking), topics: [], acls: [] }
    : work.plan(observed)
  for (const text of planned.notes) note(text, work)
  tellPlan(planned, work)
  if (inputs.mode === 'plan') {
    await endPlan(planned, work)
    if (granting.failure) throw granting.failure
    return
  }
  if (planned.refusals.length > 0) throw combine(planned.refusals)
  if (granting.failure) throw granting.failure
  // Only now, since the catalog has shown that there are a schema and a cluster of those names.
  await settle(session)
  if (isTeardown) await takeDown(planned, work)
  else await provision(planned, work)
}
