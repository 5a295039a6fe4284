import { type Selection, selectionOf } from './catalog.ts'
import { Failure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs } from './core/model.ts'
import { findObject, type Observed, type ObservedObject, sameName } from './core/observed.ts'
import type { Report } from './core/report.ts'
import { startOf } from './core/source-differences.ts'
import { qualified } from './core/sql.ts'
import { note } from './observe.ts'
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
  kind: 'source' | 'sink' | 'connection'
  name: QualifiedName
  /** Undefined: there is none of that kind and name. */
  object?: ObservedObject
  /** What else has the name: `table`, for one. */
  taken?: string
}

/** What is to be checked, each once. */
export function targetsOf({ names, spec }: Inputs, observed: Observed): Target[] {
  const targets: Target[] = []
  const add = (kind: Target['kind'], list: QualifiedName[]): void => {
    for (const name of list) {
      if (targets.some((one) => one.kind === kind && sameName(one.name, name))) continue
      const object = findObject(observed, name)
      if (object && kindOf(object) === kind) targets.push({ kind, name, object })
      else targets.push({ kind, name, ...(object && { taken: kindOf(object) }) })
    }
  }
  add('source', names ? names.sources : spec.sources.map(({ name }) => name))
  add('sink', names ? names.sinks : spec.sinks.map(({ name }) => name))
  if (!names) return targets
  const connection = names.connection && findObject(observed, names.connection)
  if (names.connection && !connection) add('connection', [names.connection])
  for (const object of observed.objects) {
    const kafka = object.source ?? object.sink
    if (kafka?.type !== 'kafka' || targets.some((one) => one.object === object)) continue
    // Another run’s canary, which is gone in a moment.
    if (object.marker?.key.startsWith('canary:')) continue
    const { database, schema } = object.name
    const isInSchema = names.schema?.schema === schema && names.schema.database === database
    if (!isInSchema && (connection === undefined || kafka.connectionId !== connection.id)) continue
    targets.push({ kind: object.source ? 'source' : 'sink', name: object.name, object })
  }
  if (targets.length === 0) throw nothingThere(names, observed)
  return targets
}

/** The catalog counts the relations in which sources show their progress among the sources. */
function kindOf({ type, source }: ObservedObject): string {
  return source?.type === 'progress' ? 'progress relation' : type.replaceAll('-', ' ')
}

/** An empty check must not look like a good one. */
function nothingThere(names: NonNullable<Inputs['names']>, observed: Observed): Failure {
  const { schema: place, connection } = names
  const isThere = observed.schemas.some(
    (one) => one.name === place?.schema && one.database === place.database,
  )
  if (place && !isThere) {
    return new Failure({
      reason: 'schema-unknown',
      message: `There is no schema ${place.database}.${place.schema}.`,
      inputs: ['schema'],
    })
  }
  const where = connection ? `uses connection ${qualified(connection)}` : 'is in the schema'
  return new Failure({
    reason: 'nothing-to-check',
    message: `No Kafka source or sink ${where}: there is nothing to check.`,
  })
}

/** What is to be watched for that: a sink stands still because of its source, for one. */
export function subjectsOf(
  targets: Target[],
  of: { inputs: Inputs; edges: Edges; report: Report; observed: Observed },
): Subject[] {
  const { observed } = of
  const watched = targets.flatMap(({ kind, object }) =>
    object && kind !== 'connection' ? [object] : [],
  )
  const objects = new Set(watched)
  for (const object of watched) {
    for (const source of upstreamOf(object, observed).sources) objects.add(source)
  }
  const kafkaOf = kafkaSides([...objects], of)
  return [...objects].map((object): Subject => {
    const { sources, views } = upstreamOf(object, observed)
    const cluster = clusterOf(object, observed)
    const progress = progressOf(object, observed)
    const kafka = kafkaOf((object.source ?? object.sink)?.connectionId)
    return {
      kind: object.source ? 'source' : 'sink',
      object,
      upstream: sources.map(({ id }) => id),
      ...(progress && { progress }),
      ...(kafka && { kafka }),
      evidence: {
        label: qualified(object.name),
        ...(cluster && { cluster }),
        views: views.map((view) => viewOf(view, observed)),
        start: startOf(object),
        moments: [],
        stalls: 0,
        words: [],
        blind: [],
        grants: [],
      },
    }
  })
}

function viewOf(
  view: ObservedObject,
  observed: Observed,
): { id: string; label: string; replicas?: number } {
  const cluster = clusterOf(view, observed)
  return {
    id: view.id,
    label: `view ${qualified(view.name)}`,
    ...(cluster && { replicas: cluster.replicas }),
  }
}

function clusterOf(
  { cluster }: ObservedObject,
  observed: Observed,
): { name: string; replicas: number } | undefined {
  const found = observed.clusters.find((one) => one.name === cluster)
  return found && { name: found.name, replicas: found.replicas }
}

/** Where a source’s progress can be read: in itself, if it was made without a format. */
function progressOf(
  { source, dependsOn, ...object }: ObservedObject,
  observed: Observed,
): ObservedObject | undefined {
  if (!source) return undefined
  const isProgress = (one: ObservedObject): boolean =>
    one.source?.type === 'progress' && dependsOn.includes(one.id)
  const itself = { source, dependsOn, ...object }
  return (
    observed.objects.find(isProgress) ??
    (source.type === 'kafka' && source.valueFormat === undefined ? itself : undefined)
  )
}

/** The Kafka sources that an object is made from, directly or by views, and those views. */
function upstreamOf(
  object: ObservedObject,
  observed: Observed,
): { sources: ObservedObject[]; views: ObservedObject[] } {
  const seen = new Set<string>()
  const sources: ObservedObject[] = []
  const views: ObservedObject[] = []
  const visit = (id: string): void => {
    if (seen.has(id)) return
    seen.add(id)
    const one = observed.objects.find((candidate) => candidate.id === id)
    if (one?.type === 'materialized-view') views.push(one)
    if (one?.source?.type === 'kafka') sources.push(one)
    else for (const below of one?.dependsOn ?? []) visit(below)
  }
  for (const id of object.source ? [] : object.dependsOn) visit(id)
  return { sources, views }
}

/** The topics of a connection to look at: those of its sources and sinks, and what its sinks keep. */
function topicsOf(id: string, objects: ObservedObject[], observed: Observed): string[] {
  const own = objects.filter((one) => (one.source ?? one.sink)?.connectionId === id)
  const progress = observed.objects.find((one) => one.id === id)?.connection?.progressTopic
  return [
    ...new Set([
      ...own.flatMap((one) => (one.source ?? one.sink)?.topic ?? []),
      ...(progress && own.some((one) => one.sink) ? [progress] : []),
    ]),
  ]
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
    if (id === undefined || !kafka || !connection.kafka) return
    sides.set(id, { kafka, settings: connection.kafka, topics: topicsOf(id, objects, observed) })
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
