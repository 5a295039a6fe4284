import { progressRelations, type Selection, selectionOf } from './catalog.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs } from './core/model.ts'
import { findObject, type Observed, type ObservedObject, sameName } from './core/observed.ts'
import type { Report } from './core/report.ts'
import { qualified } from './core/sql.ts'
import { note } from './observe.ts'
import type { MaterializeSession } from './ports.ts'
import type { KafkaSide, Subject } from './sightings.ts'
import type { Edges } from './work.ts'

/** What of the catalog the inputs need. */
export function selected({ names, spec }: Inputs): Selection {
  if (!names) return { ...selectionOf(spec), upstream: true }
  const given = [...names.sources, ...names.sinks, ...(names.connection ? [names.connection] : [])]
  return {
    names: new Set(given.map(({ name }) => name)),
    upstream: true,
    ...(names.schema && { schema: names.schema }),
  }
}

export interface Target {
  kind: 'source' | 'sink'
  name: QualifiedName
  /** Undefined: there is none of that name. */
  object?: ObservedObject
}

/** What is to be checked, each once. */
export function targetsOf({ names, spec }: Inputs, observed: Observed): Target[] {
  const named = (kind: Target['kind'], list: QualifiedName[]): Target[] =>
    list.map((name) => {
      const object = observed.objects.find((one) => one.type === kind && sameName(one.name, name))
      return { kind, name, ...(object && { object }) }
    })
  const targets = names
    ? [...named('source', names.sources), ...named('sink', names.sinks)]
    : [
        ...named(
          'source',
          spec.sources.map(({ name }) => name),
        ),
        ...named(
          'sink',
          spec.sinks.map(({ name }) => name),
        ),
      ]
  if (!names) return targets
  const connection = names.connection && findObject(observed, names.connection)
  for (const object of observed.objects) {
    const kafka = object.source ?? object.sink
    if (kafka?.type !== 'kafka' || targets.some((one) => one.object === object)) continue
    const { database, schema } = object.name
    const isInSchema = names.schema?.schema === schema && names.schema.database === database
    if (!isInSchema && (connection === undefined || kafka.connectionId !== connection.id)) continue
    targets.push({ kind: object.source ? 'source' : 'sink', name: object.name, object })
  }
  return targets
}

/** What is to be watched for that: a sink stands still because of its source, for one. */
export async function subjectsOf(
  targets: Target[],
  of: {
    inputs: Inputs
    edges: Edges
    report: Report
    session: MaterializeSession
    observed: Observed
  },
): Promise<Subject[]> {
  const { observed, session } = of
  const objects = new Set(targets.flatMap(({ object }) => object ?? []))
  for (const object of [...objects]) {
    for (const source of upstreamOf(object, observed)) objects.add(source)
  }
  const ids = [...objects].filter((object) => object.source).map((object) => object.id)
  const progress = await progressRelations(session, observed, ids)
  const kafkaOf = kafkaSides([...objects], of)
  return [...objects].map((object): Subject => {
    const cluster = observed.clusters.find((one) => one.name === object.cluster)
    const relation = progress.get(object.id)
    const kafka = kafkaOf((object.source ?? object.sink)?.connectionId)
    return {
      kind: object.source ? 'source' : 'sink',
      object,
      upstream: upstreamOf(object, observed).map(({ id }) => id),
      ...(relation && { progress: relation }),
      ...(kafka && { kafka }),
      evidence: {
        label: qualified(object.name),
        ...(cluster && { cluster: { name: cluster.name, replicas: cluster.replicas } }),
        moments: [],
        stalls: 0,
        blind: [],
      },
    }
  })
}

/** The Kafka sources that an object is made from, directly or by views. */
function upstreamOf(object: ObservedObject, observed: Observed): ObservedObject[] {
  const seen = new Set<string>()
  const found: ObservedObject[] = []
  const visit = (id: string): void => {
    if (seen.has(id)) return
    seen.add(id)
    const one = observed.objects.find((candidate) => candidate.id === id)
    if (one?.source?.type === 'kafka') found.push(one)
    else for (const below of one?.dependsOn ?? []) visit(below)
  }
  for (const id of object.source ? [] : object.dependsOn) visit(id)
  return found
}

/** The runner’s view of a connection’s Kafka: by the spec, or by the inputs where one serves. */
function kafkaSides(
  objects: ObservedObject[],
  of: { inputs: Inputs; edges: Edges; report: Report; observed: Observed },
): (connectionId: string | undefined) => KafkaSide | undefined {
  const { inputs, edges, observed } = of
  const sides = new Map<string, KafkaSide>()
  const add = (connection: ConnectionSpec, id: string | undefined): void => {
    const kafka = edges.kafka(connection)
    if (id !== undefined && kafka) sides.set(id, { kafka })
  }
  const used = new Set(objects.flatMap((one) => (one.source ?? one.sink)?.connectionId ?? []))
  if (inputs.kafkaCheck === 'never') return () => undefined
  if (!inputs.names) {
    for (const connection of inputs.spec.connections) {
      add(connection, findObject(observed, connection.name)?.id)
    }
  } else if (inputs.names.kafka) {
    const { kafka } = inputs.names
    const [id] = used
    const name = observed.objects.find((one) => one.id === id)?.name
    if (used.size === 1 && name) add({ name, kafka, secrets: {} }, id)
    else if (used.size > 1) {
      note(
        'What is checked uses several connections, which kafka-brokers cannot serve all: the runner did not look at Kafka. A spec can say how to reach each.',
        of,
      )
    }
  }
  return (connectionId) => sides.get(connectionId ?? '')
}
