import { readCatalog } from './catalog.ts'
import { Failure, hintFor, type Reason, toFailure } from './core/failure.ts'
import { flowsSeen } from './core/flows.ts'
import { concludeHealth } from './core/health.ts'
import type { Inputs } from './core/model.ts'
import { type Observed, type ObservedTopic, sameName } from './core/observed.ts'
import type { Step } from './core/plan.ts'
import type { TopicStep } from './core/topics.ts'
import { type ObjectReport, type Report, stepReport } from './core/report.ts'
import { targetName } from './core/sql.ts'
import { VERDICTS } from './core/verdicts.ts'
import { sendAskedCanaries } from './canary.ts'
import { checkRows } from './enough-rows.ts'
import { describeTopics, note } from './observe.ts'
import { checkExpectations } from './expect.ts'
import { within } from './kafka-sight.ts'
import type { MaterializeSession } from './ports.ts'
import type { Subject } from './sightings.ts'
import type { Explained } from './two-sides.ts'
import { selected, subjectsOf, type Target, targetsOf } from './verify-targets.ts'
import { watchAll } from './watching.ts'
import type { Edges } from './work.ts'

interface Verifying {
  inputs: Inputs
  edges: Edges
  report: Report
  /** A session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
  /** In what the spec’s objects and topics are not as it says; of names alone there are none. */
  drift(observed: Observed): { steps: Step[]; topics: TopicStep[] }
}

/**
 * Says of each source and sink how it does, by looking at it several times. Nothing that it sends changes
 * anything, but for the canaries that are asked for.
 */
export async function verify(of: Verifying): Promise<void> {
  const { inputs, edges, report } = of
  edges.log.group('Looking at what is there')
  const session = await of.open('verify')
  report.materializeVersion = session.version
  const observed = await readCatalog(session, selected(inputs))
  checkCluster(inputs, observed)
  const targets = targetsOf(inputs, observed)
  if (inputs.names)
    report.flows = flowsSeen(
      targets.map(({ name }) => name),
      observed,
    )
  const subjects = subjectsOf(targets, { ...of, observed })
  const found = await watchAll(subjects, { ...of, session, observed })
  report.rows.count = (await checkRows(found, { ...of, session, observed })).counted
  observed.topics.push(...(await seeTopics(subjects, of)))
  const drift = of.drift(observed)
  const steps = drift.steps.map(byItself)
  for (const target of targets) {
    const subject = subjects.find((one) => one.object === target.object)
    const step = steps.find((one) => one.kind === target.kind && sameName(one.name, target.name))
    report.objects.push(
      objectReport(target, { subject, step, found: subject && found.get(subject) }),
    )
  }
  report.objects.push(...othersDrifted(steps), ...topicsDrifted(drift.topics, observed))
  tellKafka(subjects, of)
  tellUnseen(subjects, { ...of, observed })
  concludeHealth(report, inputs.checks.failOn)
  for (const object of report.objects) {
    edges.log.info(`${object.kind} ${targetName(object)}: ${object.verdict}, ${object.because}`)
  }
  await checkExpectations(of)
  await sendAskedCanaries(of)
}

/** Setting one that is not there is accepted, and every SELECT then fails. */
function checkCluster({ cluster }: Inputs, observed: Observed): void {
  if (cluster === undefined || observed.clusters.some((one) => one.name === cluster)) return
  throw new Failure({
    reason: 'cluster-unknown',
    message: `There is no cluster ${cluster}.`,
    inputs: ['cluster'],
  })
}

/** What the runner saw of Kafka; that it saw nothing is no fault of the pipeline. */
function tellKafka(subjects: Subject[], { report, edges, inputs }: Verifying): void {
  const topics = new Set<string>()
  for (const { view, failure } of new Set(subjects.flatMap(({ kafka }) => kafka ?? []))) {
    if (failure && inputs.kafkaCheck === 'always') throw failure
    if (failure) note(`This runner did not see Kafka: ${failure.message}`, { edges, report })
    if (!view) continue
    report.kafka.seen = true
    report.kafka.brokers.push(...view.brokers)
    for (const { name, exists, partitions } of view.topics) {
      if (!topics.has(name)) report.kafka.topics.push({ name, exists, partitions })
      topics.add(name)
    }
  }
}

/** The spec’s topics, where this runner sees their Kafka; that it does not has been said by then. */
async function seeTopics(subjects: Subject[], of: Verifying): Promise<ObservedTopic[]> {
  const { inputs, edges, report } = of
  if (inputs.kafkaCheck === 'never') return []
  const sides = subjects.flatMap(({ kafka }) => kafka ?? [])
  const seen = inputs.spec.connections.map(async (connection): Promise<ObservedTopic[]> => {
    const kafka = edges.kafka(connection)
    if (!kafka || sides.some((side) => side.kafka === kafka && side.failure)) return []
    try {
      return await within(describeTopics(connection.name, inputs, kafka), edges.clock)
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (['cancelled', 'deadline', 'internal'].includes(failure.reason)) throw failure
      note(`The spec’s topics could not be looked at: ${failure.message}`, { edges, report })
      return []
    }
  })
  return (await Promise.all(seen)).flat()
}

/** Each right that is missing once, however many objects lack it. */
function tellUnseen(subjects: Subject[], of: Verifying & { observed: Observed }): void {
  const grants = new Set(subjects.flatMap(({ evidence }) => evidence.grants))
  if (grants.size > 0) {
    note(`The role ${of.observed.role} could see more with: ${[...grants].join('; ')}`, of)
  }
}

/** That something would go with what it is made from is no drift of its own. */
function byItself(step: Step): Step {
  return { ...step, differences: step.differences.filter((one) => one.attribute !== 'made from') }
}

function objectReport(
  { kind, name, object, taken }: Target,
  of: { subject: Subject | undefined; step: Step | undefined; found: Explained | undefined },
): ObjectReport {
  const { found, step, subject } = of
  const base: ObjectReport = {
    ...{ kind, name, action: 'keep' as const, ours: step?.ownership === 'ours' },
    ...{ differences: step?.differences ?? [], status: '', verdict: 'missing', because: '' },
  }
  if (!object) {
    const other = taken === undefined ? '' : `; the name is that of a ${taken}`
    const because = `there is no ${kind} of that name${other}`
    return { ...base, because, ...reasonAndHint('object-missing') }
  }
  if (!found || !subject) return { ...base, verdict: 'unknown', because: 'nothing was seen of it' }
  const { verdict, because, reason, hint, lag } = found.finding
  const { blind, grants, moments } = subject.evidence
  const isWell = VERDICTS[verdict].status === 'healthy' && reason === undefined
  const report: ObjectReport = {
    ...base,
    ...{ verdict, because, status: moments.at(-1)?.status ?? '' },
    ...(reason && reasonAndHint(reason, hint)),
    ...(found.views && { views: found.views }),
    ...(blind.length > 0 && { unseen: [...blind, ...grants] }),
    lag: {
      ...(lag.offsets !== undefined && { offsets: String(lag.offsets) }),
      ...(lag.ms !== undefined && { ms: lag.ms }),
      ...(lag.isOld && { isOld: lag.isOld }),
    },
  }
  if (!isWell || base.differences.length === 0) return report
  return { ...report, verdict: 'drifted', because: driftText(base.differences, because) }
}

/** A reason is never without what to do next. */
function reasonAndHint(reason: Reason, hint = hintFor(reason)) {
  return { reason, hint }
}

function driftText(differences: ObjectReport['differences'], because: string): string {
  const parts = differences.map(
    ({ attribute, there, asked }) => `${attribute} is ${there}, not ${asked}`,
  )
  return [...parts, because].filter((part) => part !== '').join('; ')
}

/** What of the spec is neither source nor sink, and not as it says. */
function othersDrifted(steps: Step[]): ObjectReport[] {
  return steps
    .filter(({ kind }) => kind !== 'source' && kind !== 'sink')
    .flatMap((step): ObjectReport[] => {
      const report = { ...stepReport(step), action: 'keep' as const }
      if (step.action === 'create') {
        return [{ ...report, verdict: 'missing', because: `there is no ${step.kind} of that name` }]
      }
      if (step.differences.length === 0) return []
      return [{ ...report, verdict: 'drifted', because: driftText(step.differences, '') }]
    })
}

/** The spec’s topics that are not as it says, of those that Kafka showed. */
function topicsDrifted(steps: TopicStep[], { topics }: Observed): ObjectReport[] {
  return steps.flatMap(({ connection, spec, action, ours, differences }): ObjectReport[] => {
    const isSeen = topics.some(
      (one) => one.name === spec.name && sameName(one.connection, connection),
    )
    if (!isSeen || action === 'keep') return []
    const name = { ...connection, name: spec.name }
    const base = { kind: 'topic' as const, name, action: 'keep' as const, ours, differences }
    return action === 'create'
      ? [{ ...base, status: '', verdict: 'missing', because: 'there is no topic of that name' }]
      : [{ ...base, status: '', verdict: 'drifted', because: driftText(differences, '') }]
  })
}
