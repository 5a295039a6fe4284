import type { QualifiedName } from './model-object.ts'
import type { Spec } from './model.ts'
import { findObject, type Observed, type ObservedObject, sameName } from './observed.ts'
import { dependenciesOf } from './spec-sql.ts'

/** Something that data is in or goes through. A topic has the database and schema of its connection. */
export interface FlowEnd {
  kind: 'topic' | 'source' | 'table' | 'view' | 'sink' | 'relation'
  name: QualifiedName
  /** Of a topic: the connection’s name, which tells it from one of that name in another Kafka. */
  connection?: string
}

/** Data goes from one to the other. */
export interface Flow {
  from: FlowEnd
  to: FlowEnd
}

/** What flows where once everything is as the spec says. */
export function flowsOf(spec: Spec): Flow[] {
  const own: FlowEnd[] = [
    ...spec.sources.map(({ name }) => ({ kind: 'source' as const, name })),
    ...spec.tables.map(({ name }) => ({ kind: 'table' as const, name })),
    ...spec.views.map(({ name }) => ({ kind: 'view' as const, name })),
  ]
  const relation = (name: QualifiedName): FlowEnd =>
    own.find((one) => sameName(one.name, name)) ?? { kind: 'relation', name }
  const names = new Set(own.map(({ name }) => name.name))
  return [
    ...spec.sources.map(({ name, topic, connection }) => ({
      from: topicOf(topic, connection),
      to: { kind: 'source' as const, name },
    })),
    ...spec.tables.map(({ name, source }) => ({
      from: relation(source),
      to: { kind: 'table' as const, name },
    })),
    ...spec.views.flatMap((view) =>
      dependenciesOf(view, names).map((read) => ({
        from: relation({ ...view.name, name: read }),
        to: { kind: 'view' as const, name: view.name },
      })),
    ),
    ...spec.sinks.flatMap(({ name, from, topic, connection }) => {
      const sink = { kind: 'sink' as const, name }
      return [
        { from: relation(from), to: sink },
        { from: sink, to: topicOf(topic, connection) },
      ]
    }),
  ]
}

function topicOf(topic: string, connection: QualifiedName): FlowEnd {
  return { kind: 'topic', name: { ...connection, name: topic }, connection: connection.name }
}

/** What flows through sources and sinks that the catalog shows, back from each sink to its sources. */
export function flowsSeen(names: readonly QualifiedName[], observed: Observed): Flow[] {
  const byId = new Map(observed.objects.map((object) => [object.id, object]))
  const flows: Flow[] = []
  const seen = new Set<ObservedObject>()
  const visit = (object: ObservedObject): FlowEnd | undefined => {
    const kind = kindOf(object)
    if (kind === undefined) return undefined
    const end = { kind, name: object.name }
    if (seen.has(object)) return end
    seen.add(object)
    const kafka = object.source ?? object.sink
    const connection = byId.get(kafka?.connectionId ?? '')?.name
    const topic =
      kafka?.topic !== undefined && connection ? topicOf(kafka.topic, connection) : undefined
    if (kind === 'source') {
      if (topic) flows.push({ from: topic, to: end })
      return end
    }
    for (const id of object.dependsOn) {
      const other = byId.get(id)
      const from = other && visit(other)
      if (from) flows.push({ from, to: end })
    }
    if (kind === 'sink' && topic) flows.push({ from: end, to: topic })
    return end
  }
  for (const name of names) {
    const object = findObject(observed, name)
    if (object) visit(object)
  }
  return flows
}

function kindOf({ type, source }: ObservedObject): FlowEnd['kind'] | undefined {
  if (type === 'materialized-view' || type === 'view') return 'view'
  if (type === 'source') return source?.type === 'progress' ? undefined : 'source'
  return type === 'table' || type === 'sink' ? type : undefined
}
