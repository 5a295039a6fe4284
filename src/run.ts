import { Failure, toFailure } from './core/failure.ts'
import type { ConnectionSpec, Inputs } from './core/model.ts'
import { sameName } from './core/observed.ts'
import { hasChanges, planSql } from './core/plan.ts'
import { plan } from './core/planner.ts'
import { fail, type Report, stepReport } from './core/report.ts'
import { lookIn, setCluster, type Target } from './core/sql.ts'
import { teardown } from './core/teardown.ts'
import { topicSteps } from './core/topics.ts'
import { lookAtKafka, note, observe } from './observe.ts'
import type { Kafka, KafkaUpkeep, MaterializeSession } from './ports.ts'
import { provision } from './provision.ts'
import { takeDown } from './take-down.ts'
import { combine, type Edges, type Planned, type Work } from './work.ts'

/**
 * Does what the inputs’ mode says. Never rejects: what went wrong is in the report, beside what was
 * done until then.
 */
export async function run(inputs: Inputs, edges: Edges, report: Report): Promise<void> {
  const sessions: MaterializeSession[] = []
  const kafkas = new Map<ConnectionSpec, Kafka & KafkaUpkeep>()
  const begun = edges.clock.now()
  const shared: Edges = {
    ...edges,
    kafka: (connection) => {
      const kafka = kafkas.get(connection) ?? edges.kafka(connection)
      if (kafka) kafkas.set(connection, kafka)
      return kafka
    },
  }
  try {
    await work(inputs, shared, { report, sessions })
    if (!report.failure) report.status = 'healthy'
  } catch (thrown) {
    // The first thing that went wrong is the one to report.
    if (!report.failure) fail(report, toFailure(thrown))
  } finally {
    const ends = [...sessions, ...kafkas.values()]
    await Promise.all(ends.map((end) => end.close()))
    report.durationMs = edges.clock.now() - begun
  }
}

async function work(
  inputs: Inputs,
  edges: Edges,
  of: { report: Report; sessions: MaterializeSession[] },
): Promise<void> {
  const { report, sessions } = of
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
  const sights = await lookAtKafka(inputs, edges, report)
  edges.log.group('Materialize')
  const session = await edges.materialize.open(inputs.mode)
  sessions.push(session)
  report.materializeVersion = session.version
  edges.log.info(`Materialize ${session.version}`)
  const observed = await observe(inputs, session, sights)
  const options = {
    ...inputs.allowed,
    mayReplace: ({ kind, name }: Target) =>
      ['all', `${kind}s`, name.name].some((word) => inputs.allowed.replace.includes(word)),
    repository: edges.repository,
    ...(inputs.specFile === undefined ? {} : { specFile: inputs.specFile }),
  }
  const work: Work = {
    inputs,
    edges,
    report,
    session,
    observed,
    sights,
    open,
    plan: (now) => {
      const topics = topicSteps(inputs.spec, now)
      const planned = plan(inputs.spec, now, {
        ...options,
        newTopics: (connection) =>
          topics.steps
            .filter((step) => step.action === 'create' && step.ours)
            .filter((step) => sameName(step.connection, connection))
            .map((step) => step.spec.name),
      })
      planned.refusals.push(...topics.refusals.map((facts) => new Failure(facts)))
      return { ...planned, topics: topics.steps }
    },
  }
  const planned: Planned =
    inputs.mode === 'teardown'
      ? { ...teardown(inputs.spec, observed, options), topics: [] }
      : work.plan(observed)
  for (const text of planned.notes) note(text, work)
  tellPlan(planned, work)
  if (inputs.mode === 'plan') return endPlan(planned, work)
  if (planned.refusals.length > 0) throw combine(planned.refusals)
  // Only now, since the catalog has shown that there are a schema and a cluster of those names.
  await settle(session)
  if (inputs.mode === 'teardown') await takeDown(planned, work)
  else await provision(planned, work)
}

/** The plan, for people and machines. */
function tellPlan(planned: Planned, { report, edges }: Work): void {
  report.hasChanges = hasChanges(planned) || planned.topics.some((step) => step.action !== 'keep')
  report.planSql = planSql(planned)
  for (const step of planned.steps) {
    for (const { attribute, there, asked } of step.differences) {
      edges.log.info(`${step.kind} ${step.name.name}: ${attribute} is ${there}, asked is ${asked}`)
    }
  }
  for (const { spec, differences } of planned.topics) {
    for (const { attribute, there, asked } of differences) {
      edges.log.info(`topic ${spec.name}: ${attribute} is ${there}, asked is ${asked}`)
    }
  }
}

function endPlan(planned: Planned, work: Work): void {
  const { report, inputs } = work
  report.objects.push(...planned.steps.map(stepReport))
  const refused = planned.refusals.filter(
    ({ reason }) => reason === 'definition-differs' || reason === 'dependents-exist',
  )
  if (refused.length < planned.refusals.length) throw combine(planned.refusals)
  for (const refusal of refused) {
    note(`Provisioning this would be refused: ${refusal.message} ${refusal.hint}`, work)
  }
  report.plannedChanges = planned.steps
    .filter((step) => step.differences.length > 0 || !['keep', 'write'].includes(step.action))
    .map(({ kind, name, action, differences }) => ({
      object: kind === 'cluster' ? name.name : `${name.database}.${name.schema}.${name.name}`,
      kind,
      action,
      differences,
    }))
  report.plannedChanges.push(
    ...planned.topics
      .filter((step) => step.action !== 'keep')
      .map(({ spec, action, differences }) => ({
        object: spec.name,
        kind: 'topic' as const,
        action,
        differences,
      })),
  )
  if (inputs.failOnChanges && report.hasChanges) {
    throw new Failure({
      reason: 'changes-found',
      message: `${String(report.plannedChanges.length)} thing(s) are not as the spec says.`,
    })
  }
}
