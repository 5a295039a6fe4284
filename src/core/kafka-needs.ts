import {
  type AclPattern,
  type AclResource,
  CLUSTER_NAME,
  OWN_ID,
  type Right,
  sameRight,
} from './acl.ts'
import type { CanaryTask } from './canary-tasks.ts'
import type { Reason } from './failure.ts'
import type { ConnectionSpec } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import type { SourceSpec } from './model-source.ts'
import type { Spec } from './model.ts'
import { sameName } from './observed.ts'

/** A right in Kafka that Materialize’s user needs. */
export interface Need extends Right {
  /** What is wrong where it is missing. */
  reason: Reason
  /** What needs it: `source hello`. */
  by: string[]
  /** The same operation on the whole cluster serves as well. */
  orCluster?: true
  /** Whether it is needed is not known: the topic may be there. */
  perhaps?: true
  /** It goes without: Materialize then leaves to the broker what it would have asked for. */
  optional?: true
}

/** What decides the names of things in Kafka, as far as it is known. */
export interface NamingFacts {
  /** Materialize’s own id. */
  environment: string
  /** The catalog’s id; undefined of what is to be made, or made anew. */
  idOf(name: QualifiedName): string | undefined
  /** The consumer group of a source that stays, by the catalog. */
  groupOf(source: QualifiedName): string | undefined
  /** Where the sinks of a connection that stays keep their progress, by the catalog. */
  progressTopicOf(connection: QualifiedName): string | undefined
  /** Whether a topic is there; undefined where that cannot be seen. */
  exists(topic: string): boolean | undefined
  /** What canaries are to be sent, and how the names of the isolated ones’ topics begin. */
  canaries: { tasks: CanaryTask[]; prefix: string }
}

/**
 * The rights that the sources and sinks of a connection need, each once. Names that hold an id which
 * is not known yet are prefixes up to it; the connection’s own id is OWN_ID until it is known.
 */
export function needsOf(connection: ConnectionSpec, spec: Spec, facts: NamingFacts): Need[] {
  const isOn = (one: { connection: QualifiedName }): boolean =>
    sameName(one.connection, connection.name)
  const needs = new Needs(connection, facts)
  for (const source of spec.sources.filter(isOn)) needs.source(source)
  const own = spec.topics.filter(isOn).map(({ name }) => name)
  for (const sink of spec.sinks.filter(isOn)) needs.sink(sink, own)
  for (const task of facts.canaries.tasks) {
    if (task.way === 'inline') needs.inline(task, isOn)
    else if (sameName(task.connection.name, connection.name)) needs.isolated()
  }
  return needs.all
}

/** What needs the rights that only a canary takes. */
const CANARY = 'canary'

/** What is wrong where an isolated canary lacks one. */
const ofCanary = {
  DESCRIBE: 'kafka-read-right',
  READ: 'kafka-read-right',
  WRITE: 'kafka-write-right',
  CREATE: 'kafka-create-right',
  DELETE: 'kafka-create-right',
} as const

class Needs {
  readonly all: Need[] = []
  readonly #connection: ConnectionSpec
  readonly #facts: NamingFacts

  constructor(connection: ConnectionSpec, facts: NamingFacts) {
    this.#connection = connection
    this.#facts = facts
  }

  source({ name, topic, groupIdPrefix = '' }: SourceSpec): void {
    const by = `source ${name.name}`
    for (const operation of ['DESCRIBE', 'READ'] as const) {
      this.#add({ operation, ...literal('topic', topic), reason: 'kafka-read-right' }, by)
    }
    const known = this.#facts.groupOf(name)
    const group = known === undefined ? this.#own(groupIdPrefix, name) : literally(known)
    this.#add({ operation: 'READ', resource: 'group', ...group, reason: 'kafka-group-right' }, by)
  }

  /** @param ownTopics those of the spec, which are there before the sink is. */
  sink(sink: SinkSpec, ownTopics: readonly string[]): void {
    const { name, topic, transactionalIdPrefix = '', progressGroupIdPrefix = '' } = sink
    const by = `sink ${name.name}`
    for (const operation of ['DESCRIBE', 'WRITE'] as const) {
      this.#add({ operation, ...literal('topic', topic), reason: 'kafka-write-right' }, by)
    }
    if (!ownTopics.includes(topic)) {
      this.#creation({ ...literal('topic', topic), reason: 'kafka-create-right' }, by)
    }
    this.#transactions({ name, transactionalIdPrefix, progressGroupIdPrefix }, by)
  }

  /** What a sink needs beside its topic. */
  #transactions(
    of: { name: QualifiedName; transactionalIdPrefix: string; progressGroupIdPrefix: string },
    by: string,
  ): void {
    const progress = literal('topic', this.#progressTopic())
    for (const operation of ['DESCRIBE', 'READ', 'WRITE'] as const) {
      this.#add({ operation, ...progress, reason: 'kafka-progress-right' }, by)
    }
    this.#creation({ ...progress, reason: 'kafka-progress-right' }, by)
    for (const operation of ['DESCRIBE', 'WRITE'] as const) {
      const id = {
        resource: 'transactional-id',
        ...this.#own(of.transactionalIdPrefix, of.name),
      } as const
      this.#add({ operation, ...id, reason: 'kafka-transaction-right' }, by)
    }
    const group = { resource: 'group', ...this.#own(of.progressGroupIdPrefix, of.name) } as const
    this.#add({ operation: 'READ', ...group, reason: 'kafka-progress-right' }, by)
  }

  /** The runner writes to the source’s topic, and reads the sink’s, by the connection’s user. */
  inline(
    { source, sink }: Extract<CanaryTask, { way: 'inline' }>,
    isOn: (one: { connection: QualifiedName }) => boolean,
  ): void {
    const to = (operation: 'READ' | 'WRITE', topic: string, reason: Reason): void => {
      this.#add({ operation, ...literal('topic', topic), reason }, CANARY)
    }
    if (isOn(source)) to('WRITE', source.topic, 'kafka-write-right')
    if (sink && isOn(sink)) to('READ', sink.topic, 'kafka-read-right')
  }

  /** Its topics are made, written, read and deleted by the runner, its source and sink by Materialize. */
  isolated(): void {
    const { prefix } = this.#facts.canaries
    const topics = { resource: 'topic', name: prefix, pattern: 'prefixed' } as const
    for (const operation of ['DESCRIBE', 'READ', 'WRITE', 'CREATE', 'DELETE'] as const) {
      this.#add({ operation, ...topics, reason: ofCanary[operation] }, CANARY)
    }
    // Nothing has that name, so that its ids are not known.
    const name = { ...this.#connection.name, name: '' }
    this.#transactions({ name, transactionalIdPrefix: '', progressGroupIdPrefix: '' }, CANARY)
    const group = { resource: 'group', ...this.#own('', name) } as const
    this.#add({ operation: 'READ', ...group, reason: 'kafka-group-right' }, CANARY)
  }

  /** Materialize makes the topics of sinks that are not there, and asks for the broker’s defaults then. */
  #creation(of: Omit<Need, 'operation' | 'by'>, by: string): void {
    const exists = this.#facts.exists(of.name)
    if (exists === true) return
    const perhaps = exists === undefined && { perhaps: true as const }
    this.#add({ operation: 'CREATE', ...of, orCluster: true, ...perhaps }, by)
    const cluster = literal('cluster', CLUSTER_NAME)
    this.#add({ operation: 'DESCRIBE_CONFIGS', ...cluster, reason: of.reason, optional: true }, by)
  }

  #add(need: Omit<Need, 'by'>, by: string): void {
    const known = this.all.find((one) => sameRight(one, need))
    if (!known) this.all.push({ ...need, by: [by] })
    else if (!known.by.includes(by)) known.by.push(by)
  }

  /** How Materialize names a consumer group or transactional id of an object of its own. */
  #own(prefix: string, name: QualifiedName): { name: string; pattern: AclPattern } {
    const { environment, idOf } = this.#facts
    const connection = idOf(this.#connection.name)
    const id = idOf(name)
    const begin = `${prefix}materialize-${environment}-${connection ?? OWN_ID}-`
    return connection !== undefined && id !== undefined
      ? literally(begin + id)
      : { name: begin, pattern: 'prefixed' }
  }

  #progressTopic(): string {
    const { environment, idOf, progressTopicOf } = this.#facts
    const { name, kafka } = this.#connection
    const id = idOf(name)
    const standard = `_materialize-progress-${environment}-${id ?? OWN_ID}`
    return (
      (id === undefined ? undefined : progressTopicOf(name)) ?? kafka?.progressTopic ?? standard
    )
  }
}

function literal<Kind extends AclResource>(resource: Kind, name: string) {
  return { resource, ...literally(name) }
}

function literally(name: string): { name: string; pattern: 'literal' } {
  return { name, pattern: 'literal' }
}

const UNKNOWN_ID = /\{\}-?$/

/**
 * The right on all names that a name with an unknown id in it may turn out to be: ids of what users make
 * begin with u. Any other right is left as it is.
 */
export function asKnown<Of extends Right>(right: Of): Of {
  if (!/-\{\}-?$/.test(right.name)) return right
  return { ...right, name: right.name.replace(UNKNOWN_ID, 'u'), pattern: 'prefixed' }
}
