import type {
  ClusterSpec,
  ConnectionSpec,
  Grant,
  Keeping,
  Privilege,
  QualifiedName,
  SinkSpec,
  SourceSpec,
  Spec,
  TopicSpec,
  ViewSpec,
} from './model.ts'
import type { Surroundings } from './names.ts'
import type { Faults } from './spec-faults.ts'
import { connectionOf } from './spec-kafka.ts'
import type { Content, Spot } from './spec-read.ts'
import {
  checkDistinct,
  feedbackOf,
  orderViews,
  relationNamed,
  unknownName,
  type NamedObject,
} from './spec-references.ts'
import { PRIVILEGES_ON, type FILE } from './spec-schema.ts'

/** What holds where the file’s defaults say nothing. */
export interface Fallbacks {
  database: string
  schema: string
  cluster?: string
}

type File = Content<typeof FILE>
type Grants = NonNullable<NonNullable<File['defaults']>['value']['grants']>

/** What an object of the file may say of its keeping; each kind has its own list of privileges. */
interface Kept {
  comment?: Spot<string> | undefined
  owner?: Spot<string> | undefined
  grants?: Grants | undefined
}

interface Fit {
  fit: readonly Privilege[]
  /** Then it is not the file’s own, and the defaults are not meant for it. */
  onlyUsed?: boolean
}

type Entry<S extends keyof File> =
  NonNullable<File[S]> extends Spot<ReadonlyMap<string, infer O>> ? O : never

/** Turns what was read into the Spec, and checks what one key alone cannot tell. */
export class SpecBuilder {
  /** Where the spec’s own objects lie. */
  readonly within: Surroundings
  readonly #file: File
  readonly #faults: Faults
  readonly #cluster: string | undefined
  /** Names of the spec’s own relations. */
  readonly #relations: ReadonlySet<string>
  /** Where sinks stand, for faults found when everything is built. */
  readonly #sinks: { spec: SinkSpec; read: Entry<'sinks'> }[] = []

  constructor(file: File, { given, faults }: { given: Fallbacks; faults: Faults }) {
    const defaults = file.defaults?.value
    this.#file = file
    this.#faults = faults
    this.within = {
      database: defaults?.database?.value ?? given.database,
      schema: defaults?.schema?.value ?? given.schema,
    }
    this.#cluster = defaults?.cluster?.value ?? given.cluster
    this.#checkRoles(defaults?.grants)
    this.#relations = new Set([...keysOf(file.sources), ...keysOf(file.views)])
  }

  spec(): Spec {
    const connections = entries(this.#file.connections).map((entry) => this.#connection(entry))
    const sources = entries(this.#file.sources).map((entry) => this.#source(entry))
    const written = entries(this.#file.views).map((entry) => this.#view(entry))
    const { views, cycles } = orderViews(written)
    for (const cycle of cycles) this.#loop(cycle)
    const spec = {
      clusters: entries(this.#file.clusters).map((entry) => this.#clusterSpec(entry)),
      connections,
      topics: entries(this.#file.topics).map((entry) => this.#topic(entry)),
      sources,
      views,
      sinks: entries(this.#file.sinks).map((entry) => this.#sink(entry)),
    }
    checkDistinct(this.#named(connections), this.#faults)
    for (const { spec: sink, read } of this.#sinks) this.#checkSink(sink, { read, spec })
    return spec
  }

  #connection([name, read]: [string, Entry<'connections'>]): ConnectionSpec {
    const path = this.#path('connections', name)
    return {
      ...connectionOf(this.#own(name), read, { faults: this.#faults, path }),
      ...this.#keeping(read.value, {
        fit: PRIVILEGES_ON.connection,
        onlyUsed: !read.given.has('kafka'),
      }),
    }
  }

  #clusterSpec([name, read]: [string, Entry<'clusters'>]): ClusterSpec {
    const factor = read.value['replication-factor']?.value
    return {
      name,
      size: read.value.size?.value ?? '',
      ...(factor !== undefined && { replicationFactor: factor }),
      ...this.#keeping(read.value, { fit: PRIVILEGES_ON.cluster }),
    }
  }

  #topic([name, { value }]: [string, Entry<'topics'>]): TopicSpec {
    const config = [...(value.config?.value ?? [])].map(([key, spot]) => [key, spot.value] as const)
    return {
      name,
      connection: this.#connectionNamed(value.connection, this.#path('topics', name)),
      partitions: value.partitions.value,
      replicationFactor: value['replication-factor'].value,
      config: Object.fromEntries(config),
    }
  }

  #source([name, { value }]: [string, Entry<'sources'>]): SourceSpec {
    return {
      name: this.#own(name),
      connection: this.#connectionNamed(value.connection, this.#path('sources', name)),
      topic: value.topic?.value ?? '',
      format: value.format.value,
      ...this.#clusterOf(value),
      ...this.#keeping(value, { fit: PRIVILEGES_ON.source }),
    }
  }

  #view([name, { value }]: [string, Entry<'views'>]): ViewSpec {
    return {
      name: this.#own(name),
      sql: value.sql?.value ?? '',
      ...this.#clusterOf(value),
      ...this.#keeping(value, { fit: PRIVILEGES_ON.view }),
    }
  }

  #sink([name, read]: [string, Entry<'sinks'>]): SinkSpec {
    const { value } = read
    const path = this.#path('sinks', name)
    const key = value.key?.value.map((column) => column.value) ?? []
    if (value.envelope.value === 'upsert' && key.length === 0 && !refusedKey(read)) {
      this.#faults.add(
        read.given.get('key') ?? read.keyAt,
        `${path}.key ${value.key ? 'is empty' : 'is missing'}, and the envelope upsert needs it`,
      )
    }
    const spec: SinkSpec = {
      name: this.#own(name),
      from: this.#relationNamed(value.from, path),
      connection: this.#connectionNamed(value.connection, path),
      topic: value.topic?.value ?? '',
      format: value.format.value,
      envelope: value.envelope.value,
      key,
      ...this.#clusterOf(value),
      ...this.#keeping(value, { fit: [] }),
    }
    this.#sinks.push({ spec, read })
    return spec
  }

  #own(name: string): QualifiedName {
    return { ...this.within, name }
  }

  #path(section: keyof File, name: string): string {
    return `${section}.${this.#faults.part(name)}`
  }

  #connectionNamed(spot: Spot<string> | undefined, path: string): QualifiedName {
    if (!spot) return this.#own('')
    const show = (text: string) => this.#faults.show(text)
    const unknown = unknownName(spot.value, keysOf(this.#file.connections), show)
    if (unknown !== undefined) {
      this.#faults.add(
        spot.at,
        `${path}.connection ${show(spot.value)} is not among connections; ${unknown}`,
      )
    }
    return this.#own(spot.value)
  }

  #relationNamed(spot: Spot<string> | undefined, path: string): QualifiedName {
    if (!spot) return this.#own('')
    const parsed = relationNamed(spot.value, this.#relations, this.within)
    if ('value' in parsed) return parsed.value
    this.#faults.refuse(spot.at, `${path}.from`, { ...parsed.refusal, quote: spot.value })
    return this.#own('')
  }

  #clusterOf({ cluster }: { cluster: Spot<string> | undefined }): { cluster?: string } {
    const name = cluster?.value ?? this.#cluster
    return name === undefined ? {} : { cluster: name }
  }

  /** Of the grants of the defaults those count that fit the kind. */
  #keeping(kept: Kept, { fit, onlyUsed }: Fit): Keeping {
    const defaults = onlyUsed ? undefined : this.#file.defaults?.value
    this.#checkRoles(kept.grants)
    const owner = kept.owner?.value ?? defaults?.owner?.value
    const grants = grantsOf(kept.grants) ?? fitting(grantsOf(defaults?.grants), fit)
    return {
      ...(kept.comment && { comment: kept.comment.value }),
      ...(owner !== undefined && { owner }),
      ...(grants && { grants }),
    }
  }

  #checkRoles(grants: Grants | undefined): void {
    const seen = new Set<string>()
    for (const { value } of grants?.value ?? []) {
      if (!value.to) continue
      const role = value.to.value
      if (seen.has(role)) {
        this.#faults.add(
          value.to.at,
          `the role ${this.#faults.show(role)} has grants twice in one list; give it all its privileges at once`,
        )
      }
      seen.add(role)
    }
  }

  #loop(cycle: string[]): void {
    const [first = ''] = cycle
    const at = this.#file.views?.value.get(first)?.value.sql?.at ?? 0
    const names = cycle.map((name) => this.#faults.part(name)).join(' reads ')
    this.#faults.add(at, `${this.#path('views', first)}.sql reads from itself: ${names}`)
  }

  /** What takes a name in the schema, in the order of the file’s own sections. */
  #named(connections: readonly ConnectionSpec[]): NamedObject[] {
    const places = this.#file.connections?.value
    const secrets = connections.flatMap(({ name, secrets: all }) =>
      Object.values(all).map((secret) => ({
        what: `a secret of ${this.#path('connections', name.name)}`,
        name: secret.name,
        at: places?.get(name.name)?.keyAt ?? 0,
      })),
    )
    const objects = (['connections', 'sources', 'views', 'sinks'] as const).flatMap((section) =>
      [...(this.#file[section]?.given ?? [])].map(([name, at]) => ({
        what: this.#path(section, name),
        name: this.#own(name),
        at,
      })),
    )
    // The first of a name is the one that is not complained of.
    return [...secrets, ...objects].sort((a, b) => a.at - b.at)
  }

  /** What can be told of a sink only when everything else is known. */
  #checkSink(sink: SinkSpec, { read, spec }: { read: Entry<'sinks'>; spec: Spec }): void {
    const { from, topic } = read.value
    const path = this.#path('sinks', sink.name.name)
    const { database, schema, name } = sink.from
    const here = database === this.within.database && schema === this.within.schema
    const taken = (['connections', 'sinks'] as const).find((section) =>
      this.#file[section]?.given.has(name),
    )
    if (from && here && taken && !this.#relations.has(name)) {
      this.#faults.add(
        from.at,
        `${path}.from is ${this.#path(taken, name)}, which has no rows to write; name a source, table or materialized view`,
      )
    }
    const source = topic && feedbackOf(sink, spec)
    if (source) {
      this.#faults.add(
        topic.at,
        `${path}.topic is the topic that ${this.#path('sources', source.name.name)} reads, which the sink’s rows come from, so that every message would beget another; give another topic`,
      )
    }
  }
}

/** Whether a key was given and could not be read, of which enough has been said. */
function refusedKey(read: Entry<'sinks'>): boolean {
  return read.given.has('key') && !read.value.key
}

function entries<T>(spot: Spot<ReadonlyMap<string, T>> | undefined): [string, T][] {
  return [...(spot?.value ?? [])]
}

function keysOf(spot: Spot<unknown> | undefined): string[] {
  return [...(spot?.given.keys() ?? [])]
}

function grantsOf(spot: Grants | undefined): Grant[] | undefined {
  return spot?.value.map(({ value: { to, privileges } }) => ({
    to: to?.value ?? '',
    privileges: privileges?.value.map((privilege) => privilege.value) ?? [],
  }))
}

/** Nothing if nothing fits: defaults are no reason to take away what a kind cannot be granted. */
function fitting(
  grants: readonly Grant[] | undefined,
  fit: readonly Privilege[],
): Grant[] | undefined {
  const fitted = (grants ?? [])
    .map(({ to, privileges }) => ({
      to,
      privileges: privileges.filter((one) => fit.includes(one)),
    }))
    .filter(({ privileges }) => privileges.length > 0)
  return fitted.length > 0 ? fitted : undefined
}
