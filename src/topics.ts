import { sameName } from './core/observed.ts'
import type { TopicStep } from './core/topics.ts'
import { note } from './observe.ts'
import type { Planned, Work } from './work.ts'

/** Creates and changes the spec’s topics, once the marks of their connections list those to be made. */
export async function makeTopics(planned: Planned, work: Work): Promise<void> {
  for (const connection of work.inputs.spec.connections) {
    const changing = planned.topics.filter(
      (step) => sameName(step.connection, connection.name) && step.action !== 'keep',
    )
    const kafka = work.sights.of(connection.name)?.keeper
    if (changing.length === 0) continue
    if (!kafka) {
      const names = changing.map((step) => step.spec.name).join(', ')
      note(`Topics were not looked for, since this runner does not see Kafka: ${names}.`, work)
      continue
    }
    for (const step of changing) {
      const { name, replicationFactor, config } = step.spec
      const partitions = partitionsOf(step, work)
      if (step.action === 'create') {
        work.edges.log.info(`Creating topic ${name}`)
        // False: another run was quicker.
        if (!(await kafka.createTopic({ name, partitions, replicationFactor, config }))) continue
      } else {
        work.edges.log.info(`Changing topic ${name}`)
        await alter(step, kafka)
      }
      const action = step.action === 'create' ? 'create' : 'alter'
      work.report.changes.push({ object: name, kind: 'topic', action })
      if (step.action === 'create') showEmpty(work, step)
    }
  }
}

/** A copy has as many as the topic that it is a copy of. */
function partitionsOf({ spec, connection }: TopicStep, { sights }: Work): number {
  const { topics } = sights.of(connection)?.view ?? { topics: [] }
  const original = topics.find((topic) => topic.name === spec.copyOf?.topic)
  return original?.partitions ?? spec.partitions
}

async function alter(
  step: TopicStep,
  kafka: NonNullable<ReturnType<Work['sights']['of']>>['kafka'],
): Promise<void> {
  const { name, partitions } = step.spec
  const changed = (prefix: string): string[] =>
    step.differences.map((one) => one.attribute).filter((one) => one.startsWith(prefix))
  if (changed('partitions').length > 0) await kafka.addPartitions({ name, to: partitions })
  const keys = changed('config.').map((key) => key.slice('config.'.length))
  if (keys.length === 0) return
  const set = Object.fromEntries(keys.map((key) => [key, step.spec.config[key] ?? '']))
  await kafka.alterTopicConfig({ name, set, remove: [] })
}

/** A topic made a moment ago is empty: that is what the source is held against. */
function showEmpty(work: Work, step: TopicStep): void {
  const seen = work.sights
    .of(step.connection)
    ?.view.topics.find((topic) => topic.name === step.spec.name)
  if (!seen) return
  seen.exists = true
  seen.partitions = partitionsOf(step, work)
  seen.watermarks = Array.from({ length: seen.partitions }, (_, partition) => ({
    partition,
    offset: 0n,
  }))
}
