import type { Definition } from './definition.ts'
import type { Marker } from './marker.ts'
import type { Grant, QualifiedName } from './model-object.ts'

/**
 * What Materialize’s catalog and Kafka showed: the objects under the spec’s names, what depends on
 * them, and whatever else this action made.
 */
export interface Observed {
  /** The role of the session. */
  role: string
  /** The cluster that a source or sink without one of its own would run in. */
  sessionCluster: string
  databases: string[]
  schemas: ObservedSchema[]
  clusters: ObservedCluster[]
  /** What replicas can be had, where the spec makes clusters. */
  sizes?: ReplicaSize[]
  objects: ObservedObject[]
  topics: ObservedTopic[]
}

/** What every object has beside its definition. */
export interface ObservedKeeping {
  /** The user’s own words in the comment. */
  comment: string
  /** Present when this action made the object. */
  marker?: Marker
  /** A role’s name. */
  owner: string
  grants: Grant[]
}

export interface ObservedSchema extends Partial<ObservedKeeping> {
  id: string
  database: string
  name: string
}

export interface ReplicaSize {
  size: string
  /** What a replica of it costs an hour. */
  credits: number
}

export interface ObservedCluster extends ObservedKeeping {
  id: string
  name: string
  replicas: number
  size?: string
  replicationFactor?: number
}

export interface ObservedObject extends ObservedKeeping {
  id: string
  name: QualifiedName
  /** As mz_objects says it: secret, connection, source, sink, table, materialized-view, view … */
  type: string
  /** The catalog’s definition, read; absent where it has none or we cannot read it. */
  definition?: Definition
  connection?: { type: string; brokers: string[]; progressTopic?: string }
  source?: ObservedSource
  sink?: ObservedSource
  cluster?: string
  /** Its columns, of what the spec’s sinks write. */
  columns?: string[]
  /** Ids of what it is made from. */
  dependsOn: string[]
}

export interface ObservedSource {
  type: string
  topic?: string
  /** The consumer group in which a source keeps its offsets. */
  groupId?: string
  connectionId?: string
  envelope?: string
  keyFormat?: string
  valueFormat?: string
}

export interface ObservedTopic {
  /** The connection by which it was looked at. */
  connection: QualifiedName
  name: string
  exists: boolean
  partitions: number
  replicationFactor: number
  /** Settings with their values, those of the broker’s defaults too; undefined if not to be seen. */
  config: ReadonlyMap<string, string> | undefined
}

export function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.schema === b.schema && a.database === b.database
}

export function findObject(observed: Observed, name: QualifiedName): ObservedObject | undefined {
  return observed.objects.find((object) => sameName(object.name, name))
}
