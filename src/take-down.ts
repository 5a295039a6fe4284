import { dropAll, send } from './apply.ts'
import { clearIsolated } from './canary-isolated.ts'
import { environmentOf } from './catalog.ts'
import { readCanaryName } from './core/canary-names.ts'
import { type Leavings, leavings } from './core/leavings.ts'
import { describeFailure, type Failure, survived } from './core/failure.ts'
import { findObject, type Observed } from './core/observed.ts'
import { note } from './observe.ts'
import { removeAcls } from './remove-acls.ts'
import type { GroupSelection, KafkaUpkeep } from './ports.ts'
import type { Planned, Work } from './work.ts'

/**
 * Drops what this action made: sinks, views and sources first, then, if asked for, what of them is in
 * Kafka, and only then the connections, whose marks say which topics and rules those are.
 */
export async function takeDown(planned: Planned, work: Work): Promise<void> {
  const { edges, session, report } = work
  const sending = { ...edges, session, report }
  const isBase = ({ target }: Planned['drops'][number]): boolean =>
    ['connection', 'secret', 'cluster', 'schema'].includes(target.kind)
  const drop = (drops: Planned['drops']): Promise<void> =>
    dropAll({ drops, steps: planned.steps }, sending)
  for (const one of planned.before) await send(one, sending)
  await drop(planned.drops.filter((one) => !isBase(one)))
  await removeAcls(work)
  if (work.inputs.deleteTopics) await sweepKafka(planned, work)
  await drop(planned.drops.filter(isBase))
}

/**
 * Removes canaries that a killed run has left on the spec’s connections, which could not be dropped
 * otherwise. @returns whether there were any.
 */
export async function clearCanaries(
  observed: Observed,
  of: Pick<Work, 'inputs' | 'edges' | 'report'>,
): Promise<boolean> {
  const { inputs, edges } = of
  const { repository, deadline } = edges
  const canaries = observed.objects.filter(
    ({ name, marker }) =>
      readCanaryName(repository, name.name) && (marker?.repository ?? repository) === repository,
  )
  const held = inputs.spec.connections.filter(({ name }) => {
    const connection = findObject(observed, name)
    return (
      connection?.marker?.repository === repository &&
      canaries.some((one) => (one.source ?? one.sink)?.connectionId === connection.id)
    )
  })
  for (const connection of held) {
    edges.log.info(`Removing canaries of killed runs on ${connection.name.name}`)
    for (const left of await clearIsolated({ inputs, edges, connection, deadline })) {
      note(`An earlier canary’s leavings stay: ${left}`, of)
    }
  }
  return held.length > 0
}

async function sweepKafka(planned: Planned, work: Work): Promise<void> {
  const { inputs, observed, edges, session } = work
  const left = leavings(inputs.spec, {
    observed,
    drops: planned.drops,
    repository: edges.repository,
    environment: await environmentOf(session),
    ...(inputs.environment && { tag: inputs.environment.tag }),
  })
  for (const one of left) {
    const all = [...one.topics, ...one.groups, one.progressTopic ?? []].flat()
    const kafka = work.sights.of(one.connection)?.keeper
    if (kafka) await sweep(one, kafka, work)
    else if (all.length > 0) {
      note(`This runner does not see Kafka: there stay ${all.join(', ')}.`, work)
    }
  }
}

/** A topic of ours that cannot be deleted fails the run; what Materialize left there is noted. */
async function sweep(left: Leavings, kafka: KafkaUpkeep, work: Work): Promise<void> {
  const { report } = work
  const failures: Failure[] = []
  const topics = left.topics.length === 0 ? [] : await kafka.deleteTopics(left.topics)
  for (const { name, deleted, failure } of topics) {
    if (deleted) report.changes.push({ object: name, kind: 'topic', action: 'drop' })
    if (failure) failures.push(failure)
  }
  if (left.progressTopic !== undefined) {
    for (const { name, deleted, failure } of await kafka.deleteTopics([left.progressTopic])) {
      if (deleted) report.changes.push({ object: name, kind: 'topic', action: 'drop' })
      if (failure) note(`The progress topic stays: ${describeFailure(failure)}`, work)
    }
  }
  await sweepGroups(left, kafka, work)
  if (failures[0]) throw failures[0]
}

/** Groups without members expire by themselves: that one stays is worth a word and no more. */
async function sweepGroups(left: Leavings, kafka: KafkaUpkeep, work: Work): Promise<void> {
  const selections: GroupSelection[] = [{ ids: left.groups }]
  if (left.groupPrefix !== undefined) selections.push({ prefix: left.groupPrefix })
  for (const selection of selections) {
    try {
      for (const { id, outcome, failure } of await kafka.deleteGroups(selection)) {
        if (outcome === 'deleted') {
          work.report.changes.push({ object: id, kind: 'consumer-group', action: 'drop' })
        }
        if (failure) note(`The consumer group ${id} stays: ${describeFailure(failure)}`, work)
      }
    } catch (thrown) {
      const failure = survived(thrown)
      note(`Consumer groups may stay: ${describeFailure(failure)}`, work)
    }
  }
}
