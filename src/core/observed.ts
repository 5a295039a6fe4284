import type { Marker } from './marker.ts'
import type { QualifiedName } from './model.ts'

/** What Materialize’s catalog showed: only what the spec’s names concern. */
export interface Observed {
  /** The role of the session. */
  role: string
  /** The cluster that a source or sink without one of its own would run in. */
  sessionCluster: string
  databases: string[]
  schemas: { id: string; database: string; name: string }[]
  clusters: { id: string; name: string; replicas: number }[]
  objects: ObservedObject[]
}

export interface ObservedObject {
  id: string
  name: QualifiedName
  /** As mz_objects says it: secret, connection, source, sink, table, materialized-view, view … */
  type: string
  comment?: string
  /** Present when this action made the object. */
  marker?: Marker
  connection?: { type: string; brokers: string[] }
  source?: ObservedSource
  sink?: ObservedSink
}

export interface ObservedSource {
  type: string
  topic?: string
  connectionId?: string
  envelope?: string
  keyFormat?: string
  valueFormat?: string
  cluster?: string
}

export interface ObservedSink extends ObservedSource {
  /** Ids of what it depends on: its relation and its connection among them. */
  dependsOn: string[]
}

export function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.schema === b.schema && a.database === b.database
}

export function findObject(observed: Observed, name: QualifiedName): ObservedObject | undefined {
  return observed.objects.find((object) => sameName(object.name, name))
}
