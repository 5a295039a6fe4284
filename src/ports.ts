import type { Acl } from './core/acl.ts'
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
  /** False: the brokers have no transactions. */
  transactions?: boolean
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

/** A piece of a partition: from an offset up to but without another. */
export interface HeadRequest {
  topic: string
  partition: number
  from: bigint
  to: bigint
  /** At most so many messages; an answer may bring fewer though there are more. */
  limit: number
}

export interface TopicHead {
  /** None only if there is none up to the end. */
  messages: RawMessage[]
  /** Where to go on. */
  next: bigint
}

export interface TopicTail {
  messages: RawMessage[]
  /** False when time ran out before every partition reached its watermark. */
  complete: boolean
}

/** What the credential may do, in Kafka’s words (READ, WRITE …); what the broker does not tell is absent. */
export interface KafkaRights {
  topics: Map<string, string[]>
  groups: Map<string, string[]>
  cluster?: string[]
  /** Whether it may see a transactional id (DESCRIBE); of more than that no broker tells. */
  transactions?: Map<string, boolean>
  /** Of topics of which the broker does not tell: whether it may read them, by reading no byte of one. */
  readable?: Map<string, boolean>
}

/** A record to be written. */
export interface OutgoingRecord {
  /** Absent: by the key’s murmur2 as Java’s clients do, and without a key one after another. */
  partition?: number
  key: Buffer | null
  /** Null: a tombstone. */
  value: Buffer | null
  headers: [string, Buffer | null][]
  /** Milliseconds since the epoch, decimal; absent: now. */
  timestamp?: string
}

/** Where a record lies, once all copies in sync have it. */
export interface Acknowledged {
  partition: number
  offset: bigint
  /** From its first sending to its acknowledgement, in milliseconds. */
  ackMs: number
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
    /** Settings of the topic, by Kafka’s names; a topic that was there keeps its own. */
    config?: Record<string, string>
  }): Promise<boolean>
  /** Asks the broker what the credential may do to these; changes nothing. */
  rights(of: {
    topics: string[]
    groups: string[]
    transactions?: string[]
    /** Finds out by harmless attempts what the broker does not tell. */
    attempt?: true
  }): Promise<KafkaRights>
  /** The newest messages of a topic, read committed, in order of partition and offset. */
  tail(request: TailRequest): Promise<TopicTail>
  /** The oldest messages of a piece of a partition, read committed, in order; about a megabyte of them. */
  head(request: HeadRequest): Promise<TopicHead>
  /**
   * Writes records to a topic that is there, at least once each and in order of each partition. The
   * answers stand in the order of the records. What was written before a Failure stays written.
   */
  produce(topic: string, records: OutgoingRecord[]): Promise<Acknowledged[]>
  /** Ends every connection and removes the consumer group, if one was made; never rejects. */
  close(): Promise<void>
}

/** A setting of a topic that is in force. */
export interface TopicSetting {
  /** As the broker writes it, blanks and spellings made even; absent if it is kept secret. */
  value?: string
  /** `topic`: set on the topic itself; `default`: from anywhere else, so not the topic’s own. */
  source: 'topic' | 'default'
}

/** A topic as it would be written in a spec. */
export interface TopicDescription {
  name: string
  /** False: the broker says there is no such topic. */
  exists: boolean
  partitions: number
  /** Copies of the first partition; 0 where the topic cannot be seen. */
  replicationFactor: number
  /** Every setting in force, by Kafka’s names; absent if the credential may not see them. */
  config?: Record<string, TopicSetting>
  /** Why something of the topic could not be seen. */
  failure?: Failure
}

export interface ConfigChange {
  /** The topic. */
  name: string
  /** Values to be in force; one that already is, by default or not, is left as it is. */
  set: Record<string, string>
  /** Settings that are to have their default again, but for those that are set. */
  remove: string[]
}

export interface TopicDeletion {
  name: string
  /** False: it was not there, or there is a failure. */
  deleted: boolean
  failure?: Failure
}

/** Consumer groups by name, or all whose names begin alike. */
export type GroupSelection = { ids: string[] } | { prefix: string }

export interface GroupDeletion {
  id: string
  /** in-use: it has members, and was kept. */
  outcome: 'deleted' | 'absent' | 'in-use' | 'failed'
  /** Why, for in-use and failed. */
  failure?: Failure
}

/**
 * Changes of topics and what belongs to them. Repeating a call changes nothing; every call waits
 * until the broker that it asked shows the change, ends by the run's deadline and rejects with a
 * Failure.
 */
export interface KafkaUpkeep {
  /** Names of topics that begin so, of those that the credential may see. */
  listTopics(prefix: string): Promise<string[]>
  /** One request for the topics and one for their settings, however many. Creates nothing. */
  describeTopics(names: string[]): Promise<TopicDescription[]>
  /** True if partitions were added, false if there were as many. Fewer are refused. */
  addPartitions(topic: { name: string; to: number }): Promise<boolean>
  /** True if something changed. Settings that are not named stay as they are. */
  alterTopicConfig(change: ConfigChange): Promise<boolean>
  /** What became of each topic, one by one; rejects only if the brokers cannot be asked. */
  deleteTopics(names: string[]): Promise<TopicDeletion[]>
  /**
   * What became of each group, one by one: those with members are kept. A prefix finds only groups
   * that the credential may see, and rejects if it may see none of that name.
   */
  deleteGroups(selection: GroupSelection): Promise<GroupDeletion[]>
}

/**
 * Rules of the authorizer, or why they cannot be listed. not-offered: by this Kafka’s protocol there are
 * none. refused: the credential lacks the right. no-authorizer: everybody may do everything.
 */
export type AclListing =
  { acls: Acl[] } | { unlisted: 'not-offered' | 'refused' | 'no-authorizer'; failure: Failure }

/**
 * Rules of Kafka’s authorizer (ACLs). Repeating a call changes nothing; every change waits until all
 * brokers show it. Every call ends by the run's deadline and rejects with a Failure.
 */
export interface KafkaAcls {
  /** Of these principals, or of all; of the authorizer's own groups and super users nothing is told. */
  listAcls(principals?: string[]): Promise<AclListing>
  /** @returns those that were not there. */
  createAcls(acls: Acl[]): Promise<Acl[]>
  /** Removes these and nothing that is only like them. @returns those that were there. */
  deleteAcls(acls: Acl[]): Promise<Acl[]>
}

/** An issue or a comment of GitHub’s that the token’s own user wrote. */
export interface Post {
  /** Of an issue its number, of a comment its id. */
  id: number
  body: string
}

/** What a post is to say. Its mark is the first line of its body, and tells it from all others. */
export interface NewPost {
  mark: string
  body: string
}

/**
 * Issues and comments of the repository, by GitHub’s REST API. Only what the token’s own user wrote is
 * found: anybody can write a mark. Every call ends by its deadline and rejects with a Failure
 * (github-permission, github-refused, github-unavailable). Nothing is posted twice, even where GitHub
 * answers a post that it took with a failure.
 */
export interface GitHubApi {
  /** Open issues whose body begins so, oldest first. */
  openIssues(mark: string): Promise<Post[]>
  createIssue(issue: NewPost & { title: string }): Promise<Post>
  /** Closed as not planned where it is of no more use, else as completed. */
  updateIssue(
    number: number,
    change: { body?: string; close?: 'completed' | 'not_planned' },
  ): Promise<void>
  /** Comments of an issue or pull request whose body begins so, oldest first. */
  comments(on: Commented, mark: string): Promise<Post[]>
  comment(on: Commented, post: NewPost): Promise<Post>
  updateComment(on: Commented, comment: Post): Promise<void>
  /** unknown: there is none of that number, or the token may not see it. */
  pullRequestState(number: number): Promise<'open' | 'closed' | 'unknown'>
}

/** Where a comment stands, for GitHub has different permissions for the two. */
export interface Commented {
  kind: 'issue' | 'pull request'
  number: number
}

/** All of GitHub’s that a sweep asks for. */
export type PullRequests = Pick<GitHubApi, 'pullRequestState'>
