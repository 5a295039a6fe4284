import type { PartitionOffset } from './core/model.ts'
import type { Failure } from './core/failure.ts'
import type { Statement } from './core/sql.ts'

/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after the time or rejects as soon as the signal aborts, with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Lines for the person who reads the job. Text is made safe and redacted by the adapter. */
export interface Log {
  group(title: string): void
  info(text: string): void
  notice(text: string): void
  warning(text: string): void
  debug(text: string): void
}

/** A column of a result: its name and PostgreSQL type number. */
export interface Field {
  name: string
  type: number
}

/** An answer in text form, as the server sent it. */
export interface ResultSet {
  fields: Field[]
  rows: (string | null)[][]
}

/** One session with Materialize. One statement at a time; every call ends by the run's deadline. */
export interface MaterializeSession {
  /** mz_version, for instance `v26.24.0`; as the server reported it at start. */
  readonly version: string
  /** Runs one statement; rejects with a Failure. `withinMs` shortens the run's deadline. */
  query(statement: Statement, withinMs?: number): Promise<ResultSet>
  /** Ends the session; never rejects, never hangs. */
  close(): Promise<void>
}

/** Opens sessions with the Materialize of the inputs. */
export interface Materialize {
  open(purpose: string): Promise<MaterializeSession>
}

/** What Kafka showed of one topic. */
export interface TopicView {
  name: string
  /** False: the broker says there is no such topic. */
  exists: boolean
  partitions: number
  /** High watermarks (last stable offsets) by partition; absent if the credential may not see them. */
  watermarks?: PartitionOffset[]
  /** The earliest readable offsets by partition. */
  lows?: PartitionOffset[]
  /** Why something of the topic could not be seen. */
  failure?: Failure
}

/** What Kafka showed to the runner. */
export interface KafkaView {
  /** host:port of the brokers, by the cluster's own word. */
  brokers: string[]
  topics: TopicView[]
}

export interface TailRequest {
  topic: string
  /** Watermarks to read up to, by partition. */
  upTo: PartitionOffset[]
  lows: PartitionOffset[]
  /** How many of the newest messages to keep, over all partitions. */
  limit: number
}

/** A message as it lies on the topic. */
export interface RawMessage {
  partition: number
  offset: string
  /** Milliseconds since the epoch, decimal. */
  timestamp: string
  headers: [string, Buffer | null][]
  key: Buffer | null
  value: Buffer | null
}

export interface TopicTail {
  messages: RawMessage[]
  /** False when time ran out before every partition reached its watermark. */
  complete: boolean
}

/** Kafka as the runner sees it. Every call ends by the run's deadline and rejects with a Failure. */
export interface Kafka {
  /** TLS, SASL, broker list, and for each topic its partitions and watermarks. Creates nothing. */
  look(topics: string[]): Promise<KafkaView>
  /** True if it was created, false if it was there. Waits until every partition has a leader. */
  createTopic(topic: {
    name: string
    partitions: number
    replicationFactor: number
  }): Promise<boolean>
  /** The newest messages of a topic, read committed, in order of partition and offset. */
  tail(request: TailRequest): Promise<TopicTail>
  /** Ends every connection and removes the consumer group, if one was made; never rejects. */
  close(): Promise<void>
}
