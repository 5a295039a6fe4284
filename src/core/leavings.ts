import { environmentTopics } from './environment.ts'
import type { QualifiedName } from './model-object.ts'
import type { Spec } from './model.ts'
import { findObject, type Observed, type ObservedObject, sameName } from './observed.ts'
import type { Plan } from './plan.ts'

/** What stays in Kafka of what a teardown drops, by the connection through which it came there. */
export interface Leavings {
  connection: QualifiedName
  /** Topics that this action made. */
  topics: string[]
  /** Consumer groups in which dropped sources and sinks kept their offsets. */
  groups: string[]
  /**
   * How the groups of all its sources and sinks begin, if it is dropped itself: also of those that an
   * earlier run had dropped when it was killed.
   */
  groupPrefix?: string
  /** Where the connection’s sinks kept their progress, if nothing else can be using it. */
  progressTopic?: string
}

/**
 * @param facts environment: Materialize’s own id, by which it names groups and progress topics. tag: of
 * the environment that goes, if one does, whose topics are known by it.
 */
export function leavings(
  spec: Spec,
  facts: {
    observed: Observed
    drops: Plan['drops']
    repository: string
    environment: string
    tag?: string
  },
): Leavings[] {
  const { observed, drops, repository, environment, tag } = facts
  const dropped = observed.objects.filter((object) =>
    drops.some(({ target }) => target.kind !== 'cluster' && sameName(target.name, object.name)),
  )
  return spec.connections.map(({ name }) => {
    const found = findObject(observed, name)
    const own = tag === undefined ? [] : environmentTopics(spec, tag, name)
    if (!found) return { connection: name, topics: own, groups: [] }
    const isOurs = found.marker?.repository === repository
    const groups = dropped.flatMap((object) => groupOf(object, found, environment) ?? [])
    const isDropped = dropped.includes(found)
    const groupPrefix = `materialize-${environment}-${found.id}-`
    // Its name holds the ids of Materialize and the connection: no other can have it. One that the
    // user named may serve others that cannot be seen from here.
    const progressTopic = `_materialize-progress-${environment}-${found.id}`
    const progress = found.connection?.progressTopic ?? ''
    const isOwn = progress === progressTopic || (tag !== undefined && progress.endsWith(`-${tag}`))
    return {
      connection: name,
      topics: [...new Set([...own, ...(isOurs ? (found.marker?.topics ?? []) : [])])],
      groups: isDropped ? groups.filter((group) => !group.startsWith(groupPrefix)) : groups,
      ...(isDropped ? { groupPrefix } : {}),
      ...(isDropped && isOwn ? { progressTopic: progress } : {}),
    }
  })
}

/** The consumer group in which a source or sink of a connection keeps its offsets. */
export function groupOf(
  object: ObservedObject,
  connection: ObservedObject,
  environment: string,
): string | undefined {
  if (object.source?.connectionId === connection.id) return object.source.groupId
  if (object.sink?.connectionId !== connection.id) return undefined
  const options = object.definition?.is === 'sink' ? object.definition.into?.options : undefined
  const prefix = options?.['PROGRESS GROUP ID PREFIX']
  const begin = prefix?.is === 'string' ? prefix.value : ''
  return `${begin}materialize-${environment}-${connection.id}-${object.id}`
}
