import { Failure } from './failure.ts'
import { tokenize } from './definition-tokens.ts'
import { ownIdentifier, ownPrefix, ownTopic } from './environment-names.ts'
import {
  type ConnectionSpec,
  isDefined,
  type KafkaConnection,
  type Route,
} from './model-connection.ts'
import { type SinkFormat, type SourceFormat } from './model-format.ts'
import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import type { Decoding, SourceSpec, TableSpec } from './model-source.ts'
import type { SchemaSpec, Spec, TopicSpec } from './model.ts'
import type { Surroundings } from './names.ts'
import { sameName } from './observed.ts'
import { relationsRead } from './spec-sql-relations.ts'
import { sameKafka } from './spec-references.ts'
import { literal, qualified } from './sql.ts'

/** An environment whose names are known. */
export interface Environment {
  /** As the input says it. */
  name: string
  /** What its names end with. */
  tag: string
  /** The ISO time after which a sweep removes it. */
  until?: string
  /** The number of the pull request whose end lets a sweep remove it, too. */
  pull?: number
}

/** What an environment’s things are called, by the names that the spec gives them. */
export interface EnvironmentNames {
  name: string
  tag: string
  /** The schema that stands for the spec’s own. */
  schema: string
  clusters: Record<string, string>
  topics: Record<string, string>
}

/**
 * A spec under names of an environment’s own. What the spec makes in a schema is made, by the same name,
 * in a schema of the environment, so that queries need not change; clusters and topics that it makes,
 * topics of sinks, and prefixes of groups and transactional ids end with the tag. What it only names,
 * topics that are there among it, is shared.
 * @param within the spec’s own schema.
 * Throws a Failure where a query names something of the spec by its schema: it would read the original.
 */
export function inEnvironment(
  spec: Spec,
  of: { environment: Environment; within: Surroundings },
): { spec: Spec; names: EnvironmentNames } {
  const moving = new Moving(spec, of.environment.tag)
  refuseQualified(spec, moving)
  const moved = moving.moved(of.within)
  const { name, tag } = of.environment
  return {
    spec: moved,
    names: {
      ...{ name, tag, schema: moving.place(of.within).schema },
      clusters: Object.fromEntries(
        spec.clusters.map((one) => [one.name, moving.cluster(one.name)]),
      ),
      topics: moving.topics(),
    },
  }
}

/** The topics of an environment that lie in the Kafka of a connection: all of them end with the tag. */
export function environmentTopics(spec: Spec, tag: string, connection: QualifiedName): string[] {
  const all = [
    ...spec.topics.filter((one) => sameName(one.connection, connection)).map((one) => one.name),
    ...spec.sinks.filter((one) => sameName(one.connection, connection)).map((one) => one.topic),
  ]
  return [...new Set(all)].filter((topic) => topic.endsWith(`-${tag}`))
}

class Moving {
  readonly #spec: Spec
  readonly #tag: string
  /** What the spec makes, by its whole name. */
  readonly #made: ReadonlySet<string>
  readonly #clusters: ReadonlySet<string>

  constructor(spec: Spec, tag: string) {
    this.#spec = spec
    this.#tag = tag
    this.#made = new Set(madeBy(spec).map(qualified))
    this.#clusters = new Set(spec.clusters.map((one) => one.name))
  }

  isMade(name: QualifiedName): boolean {
    return this.#made.has(qualified(name))
  }

  place<T extends Surroundings>(of: T): T {
    return { ...of, schema: ownIdentifier(of.schema, this.#tag) }
  }

  name(of: QualifiedName): QualifiedName {
    return this.isMade(of) ? this.place(of) : of
  }

  cluster(name: string): string {
    return this.#clusters.has(name) ? ownIdentifier(name, this.#tag) : name
  }

  /** A topic’s name as the environment has it: its own where the spec makes or writes the topic. */
  topic(name: string, connection: QualifiedName): string {
    return this.#isOwn(name, connection) ? ownTopic(name, this.#tag) : name
  }

  #isOwn(name: string, connection: QualifiedName): boolean {
    return [
      ...this.#spec.topics.map((one) => ({ topic: one.name, connection: one.connection })),
      ...this.#spec.sinks,
    ].some((one) => one.topic === name && sameKafka(one.connection, connection, this.#spec))
  }

  /** What a source reads: what the environment makes or writes itself has nothing to be copied. */
  #reads({ topic, connection, copyFirst }: SourceSpec): string {
    return copyFirst === undefined ? this.topic(topic, connection) : ownTopic(topic, this.#tag)
  }

  /** Copies of topics, each as long as the source that asks for most. */
  #copies(): TopicSpec[] {
    const copies = new Map<string, TopicSpec>()
    for (const { topic, connection, copyFirst } of this.#spec.sources) {
      if (copyFirst === undefined || this.#isOwn(topic, connection)) continue
      const known = copies.get(JSON.stringify([connection, topic]))
      copies.set(JSON.stringify([connection, topic]), {
        name: ownTopic(topic, this.#tag),
        connection: this.name(connection),
        partitions: 0,
        replicationFactor: -1,
        // Records keep their times, which may be long past.
        config: {
          'cleanup.policy': 'delete',
          'message.timestamp.type': 'CreateTime',
          'retention.bytes': '-1',
          'retention.ms': '-1',
        },
        copyOf: { topic, first: Math.max(copyFirst, known?.copyOf?.first ?? 0) },
      })
    }
    return [...copies.values()]
  }

  /** All own topics by the names in the spec. */
  topics(): Record<string, string> {
    const { topics, sinks, sources } = this.#spec
    const all = [
      ...[...topics.map((one) => one.name), ...sinks.map((one) => one.topic)],
      ...sources.filter((one) => one.copyFirst !== undefined).map((one) => one.topic),
    ]
    return Object.fromEntries(all.map((topic) => [topic, ownTopic(topic, this.#tag)]))
  }

  moved(within: Surroundings): Spec {
    const { clusters, connections, topics, sources, tables, views, sinks } = this.#spec
    const { expectations } = this.#spec
    return {
      schemas: this.#schemas(within),
      clusters: clusters.map((one) => ({ ...one, name: this.cluster(one.name) })),
      connections: connections.map((one) => this.#connection(one)),
      topics: [
        ...topics.map((one) => ({
          ...one,
          name: this.topic(one.name, one.connection),
          connection: this.name(one.connection),
        })),
        ...this.#copies(),
      ],
      sources: sources.map((one) => this.#source(one)),
      tables: tables.map((one) => this.#table(one)),
      views: views.map((one) => ({ ...one, name: this.name(one.name), ...this.#in(one) })),
      sinks: sinks.map((one) => this.#sink(one)),
      ...(expectations && {
        expectations: expectations.map((one) => ({
          ...one,
          ...this.#in(one),
          within: this.#holds(one.within, within) ? this.place(one.within) : one.within,
        })),
      }),
    }
  }

  #holds(place: Surroundings, within: Surroundings): boolean {
    return [within, ...madeBy(this.#spec)].some((one) => samePlace(one, place))
  }

  /** Whoever may read something in a schema must be let into it. */
  #schemas(within: Surroundings): SchemaSpec[] {
    const schemas = new Map<string, SchemaSpec>()
    for (const { database, schema } of [within, ...madeBy(this.#spec)]) {
      const { connections, sources, tables, views } = this.#spec
      const roles = [...connections, ...sources, ...tables, ...views]
        .filter((one) => samePlace(one.name, { database, schema }))
        .flatMap((one) => (one.grants ?? []).map(({ to }) => to))
      const name = ownIdentifier(schema, this.#tag)
      schemas.set(JSON.stringify([database, schema]), {
        ...{ database, name },
        grants: [...new Set(roles)].map((to) => ({ to, privileges: ['usage'] })),
      })
    }
    return [...schemas.values()]
  }

  #in(of: { cluster?: string }): { cluster?: string } {
    return of.cluster === undefined ? {} : { cluster: this.cluster(of.cluster) }
  }

  #connection(spec: ConnectionSpec): ConnectionSpec {
    const { kafka, registry } = spec
    const secrets = Object.entries(spec.secrets).map(([what, secret]) => [
      what,
      { ...secret, name: this.name(secret.name) },
    ])
    return {
      ...spec,
      name: this.name(spec.name),
      secrets: Object.fromEntries(secrets) as ConnectionSpec['secrets'],
      ...(kafka && { kafka: this.#kafka(kafka) }),
      ...(registry && { registry: { ...registry, ...this.#way(registry) } }),
    }
  }

  #kafka(kafka: KafkaConnection): KafkaConnection {
    const { routes, matching, aws, progressTopic } = kafka
    return {
      ...kafka,
      ...this.#way(kafka),
      ...(routes && {
        routes: Object.fromEntries(
          Object.entries(routes).map(([broker, route]) => [broker, this.#route(route)]),
        ),
      }),
      ...(matching && {
        matching: matching.map((one) => ({ ...one, route: this.#route(one.route) })),
      }),
      ...(aws && { aws: this.name(aws) }),
      ...(progressTopic !== undefined && { progressTopic: ownTopic(progressTopic, this.#tag) }),
    }
  }

  #way({ route }: { route?: Route }): { route?: Route } {
    return route ? { route: this.#route(route) } : {}
  }

  #route(route: Route): Route {
    return { ...route, connection: this.name(route.connection) }
  }

  #source(spec: SourceSpec): SourceSpec {
    const { groupIdPrefix, progress, format } = spec
    return {
      ...spec,
      ...this.#in(spec),
      ...this.#formats({ ...(format !== undefined && { format }), ...keyFormatOf(spec) }),
      name: this.name(spec.name),
      connection: this.name(spec.connection),
      topic: this.#reads(spec),
      ...(groupIdPrefix !== undefined && { groupIdPrefix: ownPrefix(groupIdPrefix, this.#tag) }),
      ...(progress && { progress: this.name(progress) }),
    }
  }

  #table(spec: TableSpec): TableSpec {
    const source = this.#spec.sources.find((one) => sameName(one.name, spec.source))
    return {
      ...spec,
      ...this.#formats({ format: spec.format, ...keyFormatOf(spec) }),
      name: this.name(spec.name),
      source: this.name(spec.source),
      topic: source ? this.#reads(source) : spec.topic,
    }
  }

  #sink(spec: SinkSpec): SinkSpec {
    const { transactionalIdPrefix: ids, progressGroupIdPrefix: groups, keyFormat } = spec
    return {
      ...spec,
      ...this.#in(spec),
      name: this.name(spec.name),
      from: this.name(spec.from),
      connection: this.name(spec.connection),
      topic: this.topic(spec.topic, spec.connection),
      format: this.#written(spec.format),
      ...(keyFormat !== undefined && { keyFormat: this.#written(keyFormat) }),
      ...(ids !== undefined && { transactionalIdPrefix: ownPrefix(ids, this.#tag) }),
      ...(groups !== undefined && { progressGroupIdPrefix: ownPrefix(groups, this.#tag) }),
    }
  }

  #formats<T extends Partial<Pick<Decoding, 'format' | 'keyFormat'>>>(of: T): T {
    const { format, keyFormat } = of
    return {
      ...of,
      ...(format !== undefined && { format: this.#read(format) }),
      ...(keyFormat !== undefined && { keyFormat: this.#read(keyFormat) }),
    }
  }

  #read(format: SourceFormat): SourceFormat {
    if (typeof format === 'string') return format
    if ('avro' in format && 'registry' in format.avro) {
      return { avro: { ...format.avro, registry: this.name(format.avro.registry) } }
    }
    if ('protobuf' in format && 'registry' in format.protobuf) {
      return { protobuf: { ...format.protobuf, registry: this.name(format.protobuf.registry) } }
    }
    return format
  }

  #written(format: SinkFormat): SinkFormat {
    if (typeof format === 'string') return format
    const docs = format.avro.docs.map((doc) => ({ ...doc, type: this.name(doc.type) }))
    return { avro: { ...format.avro, registry: this.name(format.avro.registry), docs } }
  }
}

function keyFormatOf({ keyFormat }: Partial<Decoding>): Partial<Pick<Decoding, 'keyFormat'>> {
  return keyFormat === undefined ? {} : { keyFormat }
}

/** Everything of the spec that is made in a schema. */
function madeBy(spec: Spec): QualifiedName[] {
  const connections = spec.connections.filter(isDefined)
  return [
    ...connections.map(({ name }) => name),
    ...connections.flatMap(({ secrets }) => Object.values(secrets).map(({ name }) => name)),
    ...spec.sources.flatMap(({ name, progress }) => (progress ? [name, progress] : [name])),
    ...[...spec.tables, ...spec.views, ...spec.sinks].map(({ name }) => name),
  ]
}

function samePlace(a: Surroundings, b: Surroundings): boolean {
  return a.schema === b.schema && a.database === b.database
}

/** Bare names are looked up in the environment’s schema; with a schema, they lead out of it. */
function refuseQualified(spec: Spec, moving: Moving): void {
  const queries = [
    ...spec.views.map(({ name, sql }) => ({ what: `view ${qualified(name)}`, within: name, sql })),
    ...(spec.expectations ?? []).map(({ name, within, sql }) => ({
      ...{ what: `expectation ${literal(name)}`, within, sql },
    })),
  ]
  for (const { what, within, sql } of queries) {
    for (const parts of relationsRead(tokenize(sql) ?? [])) {
      const [name = '', schema, database = within.database] = parts.toReversed()
      if (schema === undefined || !moving.isMade({ database, schema, name })) continue
      throw new Failure({
        reason: 'input-invalid',
        message: `The query of ${what} names ${parts.join('.')} with its schema, so that an environment would read what is outside of it.`,
        hint: `Write ${name} alone: it is looked up in the schema of the spec first, and in an environment in the environment’s.`,
        inputs: ['environment', 'spec'],
      })
    }
  }
}
