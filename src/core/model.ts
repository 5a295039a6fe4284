import type { CanaryAsked, ProduceAsked } from './model-canary.ts'
import type { Checks, Names } from './checks.ts'
import type { ConnectionSpec, KafkaConnection } from './model-connection.ts'
import type { Environment } from './environment.ts'
import type { ExpectationSpec } from './model-expectation.ts'
import type { GrantsInputs } from './model-grants.ts'
import type { Keeping, QualifiedName } from './model-object.ts'
import type { Provider } from './presets.ts'
import type { SinkSpec } from './model-sink.ts'
import type { SourceSpec, TableSpec } from './model-source.ts'

/**
 * The words of this action.
 *
 * broker: a Kafka server. watermark: the offset after a partition's last readable record. A source
 * reads a topic into Materialize, a sink writes a relation to a topic; a cluster runs both.
 * Progress: the next offset a source will read, for each partition.
 */

export interface TopicSpec {
  name: string
  /** The connection whose Kafka it lies in. */
  connection: QualifiedName
  partitions: number
  /** -1 leaves it to the broker. */
  replicationFactor: number
  /** It has as many partitions as this topic, and begins with its first records. */
  copyOf?: { topic: string; first: number }
  /** Settings of the topic, by Kafka’s names. */
  config: Record<string, string>
}

/** A cluster that the spec makes; others are only named. */
export interface ClusterSpec extends Keeping {
  name: string
  size: string
  replicationFactor?: number
}

/** A materialized view. */
export interface ViewSpec extends Keeping {
  name: QualifiedName
  /** The query, whose names are looked up in the spec’s own schema first. */
  sql: string
  cluster?: string
}

/** A schema that is made; others are only named. */
export interface SchemaSpec extends Keeping {
  database: string
  name: string
}

/** What should be there. Topics are only those that may be created. */
export interface Spec {
  /** Only those of an environment: a spec names its schema, and makes none. */
  schemas?: SchemaSpec[]
  clusters: ClusterSpec[]
  connections: ConnectionSpec[]
  topics: TopicSpec[]
  sources: SourceSpec[]
  tables: TableSpec[]
  views: ViewSpec[]
  sinks: SinkSpec[]
  /** What queries should return; absent: nothing is asked. */
  expectations?: ExpectationSpec[]
}

/** A spec of these parts and nothing else. */
export function specOf(parts: Partial<Spec>): Spec {
  const nothing: Spec = {
    clusters: [],
    connections: [],
    topics: [],
    sources: [],
    tables: [],
    views: [],
    sinks: [],
  }
  return { ...nothing, ...parts }
}

export const SHOW_ROWS = ['summary', 'output', 'none'] as const
export type ShowRows = (typeof SHOW_ROWS)[number]

export const KAFKA_CHECKS = ['auto', 'always', 'never'] as const
export type KafkaCheck = (typeof KAFKA_CHECKS)[number]

export const SSL_MODES = ['verify-full', 'disable', 'no-verify'] as const
export type SslMode = (typeof SSL_MODES)[number]

export interface MaterializeSettings {
  host: string
  port: number
  user: string
  /** Absent for the emulator and other servers that ask for none. */
  password?: string
  database: string
  sslmode: SslMode
  /** PEM text. */
  ca?: string
}

export const MODES = ['provision', 'plan', 'verify', 'rotate', 'teardown', 'sweep'] as const
export type Mode = (typeof MODES)[number]

export const PLAN_CHECKS = ['none', 'server'] as const
export type PlanCheck = (typeof PLAN_CHECKS)[number]

/** How long what is made stays, where it is not to stay. */
export const LIFETIMES = ['job'] as const

/** What a run may do to what is there already. */
export interface Allowed {
  /** Takes foreign objects of the spec’s names into our keeping. */
  adopt: boolean
  /** Drops what is ours and no longer in the spec. */
  prune: boolean
  /** At teardown: drops what others made from what is dropped, too. */
  dropDependents: boolean
  /** What may be dropped and made anew: all, kinds such as `sources`, or names. */
  replace: string[]
}

/** Everything the inputs say, parsed and checked together. */
export interface Inputs {
  mode: Mode
  allowed: Allowed
  /** The spec file’s path from the root of the checkout, if the spec is a file. */
  specFile?: string
  /** Of mode plan: ends the run as failed if anything is not as the spec says. */
  failOnChanges: boolean
  /** Of mode plan: has Materialize try new sources in a transaction that is rolled back. */
  planCheck: PlanCheck
  /** How many steps that do not need each other are taken at once. */
  maxParallel: number
  /** Of mode rotate: starts the replicas anew of the clusters that use the connection. */
  restartReplicas: boolean
  /** Of mode sweep: only says what it would remove. */
  dryRun?: true
  /** Of mode teardown: deletes topics that this action made, too. */
  deleteTopics: boolean
  /** Of mode verify. */
  checks: Checks
  /** Of mode verify: what to check by name alone, with how to reach its Kafka, if that was given. */
  names?: Names & { kafka?: KafkaConnection }
  /** The environment under whose names all of the spec is. */
  environment?: Environment
  materialize: MaterializeSettings
  /** The cluster named for all objects, which reading uses too. */
  cluster?: string
  /** The schema in which names without one are looked up. */
  schema: string
  kafkaCheck: KafkaCheck
  provider?: Provider
  /** Absent: rights in Kafka are left alone. */
  grants?: GrantsInputs
  spec: Spec
  /** Undefined: summary in a private repository, output in a public one or where it is not known. */
  showRows?: ShowRows
  /** Of mode provision: records to write before rows are looked at. */
  produce?: ProduceAsked
  /** Of modes provision and verify. */
  canary: CanaryAsked
  sampleRows: number
  minRows: number
  timeoutMs: number
}

/** A partition and an offset in it, as decimal text turned to bigint: offsets pass 2^53. */
export interface PartitionOffset {
  partition: number
  offset: bigint
}

/** A message read from a sink's topic. */
export interface TopicMessage {
  partition: number
  offset: string
  timestamp: string
  headers: Record<string, string | string[]>
  key: unknown
  value: unknown
}
