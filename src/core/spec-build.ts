import type { ClusterSpec, Spec, TopicSpec, ViewSpec } from './model.ts'
import { type ConnectionSpec, unseen } from './model-connection.ts'
import type { SinkSpec } from './model-sink.ts'
import type { Surroundings } from './names.ts'
import { buildConnection } from './spec-build-connection.ts'
import { buildExpectation } from './spec-build-expectation.ts'
import { buildSink, checkSink } from './spec-build-sink.ts'
import { buildSource, buildTable } from './spec-build-source.ts'
import {
  defaultReplicationFactor,
  presetSink,
  type Provider,
  replicationFault,
  sinkFaults,
} from './presets.ts'
import type { Faults } from './spec-faults.ts'
import type { Spot } from './spec-read.ts'
import { checkDistinct, orderViews, type NamedObject } from './spec-references.ts'
import { entries, SpecScope, type Entry, type Fallbacks, type File } from './spec-scope.ts'
import { PRIVILEGES_ON } from './spec-shape.ts'

/** Turns what was read into the Spec, and checks what one key alone cannot tell. */
export class SpecBuilder {
  readonly #scope: SpecScope
  /** Where sinks stand, for faults found when everything is built. */
  #connections: readonly ConnectionSpec[] = []
  readonly #sinks: { spec: SinkSpec; read: Entry<'sinks'> }[] = []

  constructor(file: File, more: { given: Fallbacks; faults: Faults }) {
    this.#scope = new SpecScope(file, more)
  }

  /** Where the spec’s own objects lie. */
  get within(): Surroundings {
    return this.#scope.within
  }

  spec(): Spec {
    const { file, faults } = this.#scope
    const connections = entries(file.connections).map((entry) =>
      buildConnection(this.#scope, entry),
    )
    this.#connections = connections
    const sources = entries(file.sources).map((entry) => buildSource(this.#scope, entry))
    const tables = entries(file.tables).map((entry) => buildTable(this.#scope, entry))
    const written = entries(file.views).map((entry) => this.#view(entry))
    const { views, cycles } = orderViews(written)
    for (const cycle of cycles) this.#loop(cycle)
    const expectations = entries(file.expect).map((entry) => buildExpectation(this.#scope, entry))
    const spec = {
      clusters: entries(file.clusters).map((entry) => this.#clusterSpec(entry)),
      connections,
      topics: entries(file.topics).map((entry) => this.#topic(entry)),
      sources,
      tables,
      views,
      sinks: entries(file.sinks).map((entry) => this.#sink(entry)),
      ...(expectations.length > 0 && { expectations }),
    }
    checkDistinct(this.#named(connections), faults)
    for (const { spec: sink, read } of this.#sinks) checkSink(this.#scope, sink, { read, spec })
    return spec
  }

  #clusterSpec([name, read]: [string, Entry<'clusters'>]): ClusterSpec {
    const factor = read.value['replication-factor']?.value
    return {
      name,
      size: read.value.size?.value ?? '',
      ...(factor !== undefined && { replicationFactor: factor }),
      ...this.#scope.keeping(read.value, { fit: PRIVILEGES_ON.cluster }),
    }
  }

  #topic([name, { value }]: [string, Entry<'topics'>]): TopicSpec {
    const provider = this.#providerOf(value.connection?.value)
    const factor = value['replication-factor']
    const fault = factor.implied ? undefined : replicationFault(provider, factor.value)
    if (fault !== undefined) {
      const path = this.#scope.path('topics', name)
      this.#scope.faults.add(factor.at, `${path}.replication-factor ${fault}`)
    }
    this.#checkSeen(name, value.connection)
    const config = [...(value.config?.value ?? [])].map(([key, spot]) => [key, spot.value] as const)
    return {
      name,
      connection: this.#scope.connectionNamed(value.connection, this.#scope.path('topics', name)),
      partitions: value.partitions.value,
      replicationFactor: factor.implied ? defaultReplicationFactor(provider) : factor.value,
      config: Object.fromEntries(config),
    }
  }

  /** A topic is made and compared by the runner, which must see its Kafka for that. */
  #checkSeen(topic: string, connection: Spot<string> | undefined): void {
    const kafka = this.#connections.find(({ name }) => name.name === connection?.value)?.kafka
    const why = kafka && unseen(kafka)
    if (why === undefined) return
    const path = this.#scope.path('topics', topic)
    this.#scope.faults.add(
      connection?.at ?? 0,
      `${path}.connection goes by ${why}, so that the runner can neither make nor compare a topic there; leave it out of topics`,
    )
  }

  #providerOf(connection: string | undefined): Provider | undefined {
    return this.#scope.file.connections?.value.get(connection ?? '')?.value.kafka?.value.provider
      ?.value
  }

  #view([name, { value }]: [string, Entry<'views'>]): ViewSpec {
    return {
      name: this.#scope.own(name),
      sql: value.sql?.value ?? '',
      ...this.#scope.clusterOf(value),
      ...this.#scope.keeping(value, { fit: PRIVILEGES_ON.view }),
    }
  }

  #sink([name, read]: [string, Entry<'sinks'>]): SinkSpec {
    const provider = this.#providerOf(read.value.connection?.value)
    const spec = presetSink(buildSink(this.#scope, [name, read]), provider)
    for (const { key, fault } of sinkFaults(spec, provider)) {
      const at = read.given.get(key) ?? read.keyAt
      this.#scope.faults.add(at, `${this.#scope.path('sinks', name)}.${key} ${fault}`)
    }
    this.#sinks.push({ spec, read })
    return spec
  }

  #loop(cycle: string[]): void {
    const [first = ''] = cycle
    const at = this.#scope.file.views?.value.get(first)?.value.sql?.at ?? 0
    const names = cycle.map((name) => this.#scope.faults.part(name)).join(' reads ')
    this.#scope.faults.add(
      at,
      `${this.#scope.path('views', first)}.sql reads from itself: ${names}`,
    )
  }

  /** What takes a name in the schema, in the order of the file’s own sections. */
  #named(connections: readonly ConnectionSpec[]): NamedObject[] {
    const places = this.#scope.file.connections?.value
    const secrets = connections.flatMap(({ name, secrets: all }) =>
      Object.values(all).map((secret) => ({
        what: `a secret of ${this.#scope.path('connections', name.name)}`,
        name: secret.name,
        at: places?.get(name.name)?.keyAt ?? 0,
      })),
    )
    const progress = entries(this.#scope.file.sources).flatMap(([name, { value }]) =>
      value.progress
        ? {
            what: `${this.#scope.path('sources', name)}.progress`,
            name: this.#scope.own(value.progress.value),
            at: value.progress.at,
          }
        : [],
    )
    const objects = (['connections', 'sources', 'tables', 'views', 'sinks'] as const).flatMap(
      (section) =>
        [...(this.#scope.file[section]?.given ?? [])].map(([name, at]) => ({
          what: this.#scope.path(section, name),
          name: this.#scope.own(name),
          at,
        })),
    )
    // The first of a name is the one that is not complained of.
    return [...secrets, ...progress, ...objects].sort((a, b) => a.at - b.at)
  }
}
