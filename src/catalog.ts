import { readDefinition } from './core/definition.ts'
import { readComment } from './core/marker.ts'
import type { Grant, Privilege, QualifiedName } from './core/model-object.ts'
import { connectionsUsed } from './core/model-connection.ts'
import type { SchemaSpec, Spec } from './core/model.ts'
import {
  type Observed,
  type ObservedCluster,
  type ObservedKeeping,
  type ObservedObject,
  type ObservedSource,
  type ReplicaSize,
  sameName,
} from './core/observed.ts'
import { literal, literals, statement } from './core/sql.ts'
import type { MaterializeSession, ResultSet } from './ports.ts'

export type Read = Record<string, string | null>
type ReadAll = (text: string) => Promise<Read[]>

/**
 * What is there under the spec’s names, what depends on it or runs in a cluster of ours, and what else
 * this action made. Twenty reads, one more where the spec makes clusters and one where its sinks write
 * relations of others, however many objects there are, each of one relation: Materialize answers a join
 * of three some twenty-eight times slower than one relation.
 */
export async function readCatalog(
  session: MaterializeSession,
  selection: Selection,
): Promise<Observed> {
  const read: ReadAll = async (text) => named(await session.query(statement(text)))
  const [role] = await read('SELECT current_user AS role')
  const [cluster] = await read('SHOW cluster')
  const roles = namesById(await read('SELECT id, name FROM mz_catalog.mz_roles'))
  const databases = await read('SELECT id, name FROM mz_catalog.mz_databases')
  const schemas = await read(
    'SELECT id, name, database_id, owner_id, privileges::text AS privileges FROM mz_catalog.mz_schemas WHERE database_id IS NOT NULL',
  )
  const comments = await read(
    "SELECT id, object_type, comment FROM mz_internal.mz_comments WHERE object_sub_id IS NULL AND id LIKE 'u%'",
  )
  const edges = await read(
    "SELECT object_id, referenced_object_id FROM mz_internal.mz_object_dependencies WHERE object_id LIKE 'u%'",
  )
  const databaseNames = namesById(databases)
  const keeping = keepingOf(roles, comments)
  const places = schemas.map((row) => ({
    id: row['id'] ?? '',
    database: databaseNames.get(row['database_id']) ?? '',
    name: row['name'] ?? '',
    ...keeping(row, 'schema'),
  }))
  const clusters = await readClusters(read, keeping)
  const sizes = selection.sizes ? await readSizes(read) : undefined

  // Ids are unique within a kind of thing only: a cluster may have the id of an object.
  const ours = comments.filter(
    (row) => !CONTAINERS.includes(row['object_type'] ?? '') && readComment(row['comment']).marker,
  )
  const columns = 'id, schema_id, name, type, owner_id, cluster_id, privileges::text AS privileges'
  const ourClusters = clusters.filter((one) => one.marker).map((one) => one.id)
  const found = await read(
    `SELECT ${columns} FROM mz_catalog.mz_objects WHERE name IN ${literals(selection.names)} OR id IN ${literals(ours.map((row) => row['id'] ?? ''))} OR cluster_id IN ${literals(ourClusters)}${wholeSchema(selection, places)}`,
  )
  const ids = new Set(found.map((row) => row['id'] ?? ''))
  const dependents = reached(ids, edges, 'up')
  const made = selection.upstream ? reached(new Set([...ids, ...dependents]), edges, 'down') : []
  const others = await read(
    `SELECT ${columns} FROM mz_catalog.mz_objects WHERE id IN ${literals([...dependents, ...made])}`,
  )
  const objects: ObservedObject[] = []
  const clusterOf = (id: string | null | undefined): { cluster?: string } => {
    const cluster = clusters.find((candidate) => candidate.id === id)
    return cluster ? { cluster: cluster.name } : {}
  }
  for (const row of [...found, ...others]) {
    const place = places.find((schema) => schema.id === row['schema_id'])
    // What has no schema in a database is the system’s own.
    if (!place || !row['id']?.startsWith('u')) continue
    objects.push({
      id: row['id'],
      name: { database: place.database, schema: place.name, name: row['name'] ?? '' },
      type: row['type'] ?? '',
      ...clusterOf(row['cluster_id']),
      dependsOn: edges
        .filter((edge) => edge['object_id'] === row['id'])
        .map((edge) => edge['referenced_object_id'] ?? ''),
      ...keeping(row, row['type'] ?? ''),
    })
  }
  await readDetails(read, objects)
  await readColumns(read, objects, selection)
  return {
    role: role?.['role'] ?? '',
    sessionCluster: cluster?.['cluster'] ?? '',
    databases: databases.map((row) => row['name'] ?? ''),
    schemas: places,
    clusters,
    ...(sizes && { sizes }),
    objects,
    topics: [],
  }
}

/** They have ids of their own, which objects have, too. */
const CONTAINERS = ['cluster', 'schema', 'database']

type Keeper = (row: Read, type: string) => ObservedKeeping

function keepingOf(roles: Map<string | null | undefined, string>, comments: Read[]): Keeper {
  return (row, type) => {
    const kindOf = (word: string | null | undefined) => CONTAINERS.find((one) => one === word)
    const comment = comments.find(
      (one) => one['id'] === row['id'] && kindOf(one['object_type']) === kindOf(type),
    )
    const { own, marker } = readComment(comment?.['comment'])
    return {
      comment: own,
      owner: roles.get(row['owner_id']) ?? row['owner_id'] ?? '',
      grants: readGrants(row['privileges'] ?? '', roles),
      ...(marker ? { marker } : {}),
    }
  }
}

async function readClusters(read: ReadAll, keeping: Keeper): Promise<ObservedCluster[]> {
  const clusters = await read(
    'SELECT id, name, size, replication_factor, owner_id, privileges::text AS privileges FROM mz_catalog.mz_clusters',
  )
  const replicas = await read('SELECT cluster_id FROM mz_catalog.mz_cluster_replicas')
  return clusters.map((row) => ({
    id: row['id'] ?? '',
    name: row['name'] ?? '',
    replicas: replicas.filter((replica) => replica['cluster_id'] === row['id']).length,
    ...(row['size'] ? { size: row['size'] } : {}),
    ...(row['replication_factor'] ? { replicationFactor: Number(row['replication_factor']) } : {}),
    ...keeping(row, 'cluster'),
  }))
}

async function readSizes(read: ReadAll): Promise<ReplicaSize[]> {
  const sizes = await read('SELECT size, credits_per_hour FROM mz_catalog.mz_cluster_replica_sizes')
  return sizes.map((row) => ({
    size: row['size'] ?? '',
    credits: Number(row['credits_per_hour'] ?? 0),
  }))
}

async function readDetails(read: ReadAll, objects: ObservedObject[]): Promise<void> {
  if (objects.length === 0) return
  const ids = literals(objects.map((object) => object.id))
  const byId = new Map(objects.map((object) => [object.id, object]))
  const each = async (
    from: string,
    take: (object: ObservedObject, row: Read) => void,
  ): Promise<void> => {
    for (const row of await read(`SELECT ${from} WHERE id IN ${ids}`)) {
      const object = byId.get(row['id'] ?? '')
      if (object) take(object, row)
    }
  }
  const define = (object: ObservedObject, row: Read): void => {
    const definition = readDefinition(row['create_sql'] ?? '')
    if (definition) object.definition = definition
  }
  await each('id, type, create_sql FROM mz_catalog.mz_connections', (object, row) => {
    object.connection = { type: row['type'] ?? '', brokers: [] }
    define(object, row)
  })
  const kafka = 'id, brokers, sink_progress_topic FROM mz_catalog.mz_kafka_connections'
  await each(kafka, ({ connection }, row) => {
    if (!connection) return
    connection.brokers = textArray(row['brokers'] ?? '{}')
    connection.progressTopic = row['sink_progress_topic'] ?? ''
  })
  await each('id, create_sql FROM mz_catalog.mz_materialized_views', define)
  await each('id, create_sql FROM mz_catalog.mz_tables', define)
  const columns = 'id, type, connection_id, envelope_type, key_format, value_format, create_sql'
  await each(`${columns} FROM mz_catalog.mz_sources`, (object, row) => {
    object.source = sourceOf(row)
    define(object, row)
  })
  await each(`${columns} FROM mz_catalog.mz_sinks`, (object, row) => {
    object.sink = sourceOf(row)
    define(object, row)
  })
  const topic = (object: ObservedObject, row: Read): void => {
    const kafka = object.source ?? object.sink
    if (kafka) kafka.topic = row['topic'] ?? ''
  }
  await each('id, topic, group_id_prefix FROM mz_catalog.mz_kafka_sources', (object, row) => {
    topic(object, row)
    // By its name a prefix, it holds the whole of the group’s name.
    if (object.source && row['group_id_prefix']) object.source.groupId = row['group_id_prefix']
  })
  await each('id, topic FROM mz_catalog.mz_kafka_sinks', topic)
}

/** Of what sinks of the spec write. */
async function readColumns(
  read: ReadAll,
  objects: ObservedObject[],
  { columnsOf = [] }: Selection,
): Promise<void> {
  const written = objects.filter((object) => columnsOf.some((name) => sameName(name, object.name)))
  if (written.length === 0) return
  const ids = literals(written.map((object) => object.id))
  const rows = await read(
    `SELECT id, name, position::text AS position FROM mz_catalog.mz_columns WHERE id IN ${ids}`,
  )
  const place = (row: Read) => Number(row['position'] ?? '0')
  for (const row of rows.sort((a, b) => place(a) - place(b))) {
    const object = written.find((one) => one.id === row['id'])
    if (object) (object.columns ??= []).push(row['name'] ?? '')
  }
}

function sourceOf(row: Read): ObservedSource {
  const source: ObservedSource = { type: row['type'] ?? '' }
  if (row['connection_id']) source.connectionId = row['connection_id']
  if (row['envelope_type']) source.envelope = row['envelope_type']
  if (row['key_format']) source.keyFormat = row['key_format']
  if (row['value_format']) source.valueFormat = row['value_format']
  return source
}

/** Everything made from these, directly or by others, or (down) everything they are made from. */
function reached(ids: ReadonlySet<string>, edges: Read[], way: 'up' | 'down'): string[] {
  const [from, to] =
    way === 'up'
      ? (['referenced_object_id', 'object_id'] as const)
      : (['object_id', 'referenced_object_id'] as const)
  const all = new Set(ids)
  for (let before = -1; before !== all.size;) {
    before = all.size
    for (const edge of edges) if (all.has(edge[from] ?? '')) all.add(edge[to] ?? '')
  }
  return [...all].filter((id) => !ids.has(id))
}

/** What to read of the catalog; what depends on it is read with it. */
export interface Selection {
  names: ReadonlySet<string>
  /** With the sizes that clusters may have. */
  sizes?: boolean
  /** With the columns of these relations. */
  columnsOf?: QualifiedName[]
  /** With what they are made from. */
  upstream?: true
  /** Everything in it, too. */
  schema?: { database: string; schema: string }
  /** Everything in these, too. */
  schemas?: SchemaSpec[]
}

function wholeSchema({ schema, schemas = [] }: Selection, places: Observed['schemas']): string {
  const whole = places.filter(
    ({ name, database }) =>
      (name === schema?.schema && database === schema.database) ||
      schemas.some((one) => one.name === name && one.database === database),
  )
  const [first, ...others] = whole.map(({ id }) => id)
  if (first === undefined) return ''
  return others.length === 0
    ? ` OR schema_id = ${literal(first)}`
    : ` OR schema_id IN ${literals([first, ...others])}`
}

/** All that a spec names. */
export function selectionOf(spec: Spec): Selection {
  const secrets = spec.connections.flatMap((connection) => Object.values(connection.secrets))
  const names: QualifiedName[] = [
    ...spec.connections.flatMap(connectionsUsed).map(({ connection }) => connection),
    ...secrets.map((secret) => secret.name),
    ...[...spec.connections, ...spec.sources, ...spec.tables, ...spec.views].map(
      (object) => object.name,
    ),
    ...spec.sources.flatMap((source) => source.progress ?? []),
    ...spec.sinks.flatMap((sink) => [sink.name, sink.from]),
  ]
  // What a sink of ours writes may be about to change, if it is of the spec itself.
  const own = [...spec.sources, ...spec.tables, ...spec.views]
  return {
    names: new Set(names.map((name) => name.name)),
    sizes: spec.clusters.length > 0,
    ...(spec.schemas && { schemas: spec.schemas }),
    columnsOf: spec.sinks
      .map((sink) => sink.from)
      .filter((from) => !own.some((one) => sameName(one.name, from))),
  }
}

const PRIVILEGES: Record<string, Privilege> = {
  r: 'select',
  a: 'insert',
  w: 'update',
  d: 'delete',
  U: 'usage',
  C: 'create',
}

/** `{u2=rw/u1,=U/s1}`: role ids, letters, who granted; no role before the sign means everybody. */
function readGrants(text: string, roles: ReadonlyMap<string | null | undefined, string>): Grant[] {
  return textArray(text).flatMap((item) => {
    const [, id = '', letters = ''] = /^([^=]*)=([^/]*)\//.exec(item) ?? []
    const privileges = [...letters].flatMap((letter) => PRIVILEGES[letter] ?? [])
    return privileges.length === 0 ? [] : [{ to: roles.get(id) ?? (id || 'PUBLIC'), privileges }]
  })
}

function namesById(rows: Read[]): Map<string | null | undefined, string> {
  return new Map(rows.map((row) => [row['id'], row['name'] ?? '']))
}

/** The answer’s rows, named by column. */
export function named(answer: ResultSet): Read[] {
  return answer.rows.map((row) =>
    Object.fromEntries(answer.fields.map((field, index) => [field.name, row[index] ?? null])),
  )
}

/** The elements of an array in PostgreSQL’s text form. */
function textArray(text: string): string[] {
  const elements: string[] = []
  const inner = text.replace(/^\{|\}$/g, '')
  for (const match of inner.matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/g)) {
    elements.push(match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? '')
  }
  return elements
}

/** By source id, the relation in which its progress can be read. One read, whatever their number. */
export async function progressRelations(
  session: MaterializeSession,
  observed: Observed,
  sourceIds: string[],
): Promise<Map<string, QualifiedName>> {
  const relations = new Map<string, QualifiedName>()
  const sources = observed.objects.filter((object) => sourceIds.includes(object.id))
  const referenced = new Set(sources.flatMap((source) => source.dependsOn))
  if (referenced.size === 0) return relations
  const progress = named(
    await session.query(
      statement(
        `SELECT id, schema_id, name FROM mz_catalog.mz_sources WHERE type = 'progress' AND id IN ${literals(referenced)}`,
      ),
    ),
  )
  for (const source of sources) {
    const found = progress.find((row) => source.dependsOn.includes(row['id'] ?? ''))
    const place = observed.schemas.find((schema) => schema.id === found?.['schema_id'])
    if (!found || !place) continue
    relations.set(source.id, {
      database: place.database,
      schema: place.name,
      name: found['name'] ?? '',
    })
  }
  return relations
}

/** Materialize’s own id, by which it names groups, transactional ids and progress topics in Kafka. */
export async function environmentOf(session: MaterializeSession): Promise<string> {
  const [row] = named(await session.query(statement('SELECT mz_environment_id() AS id')))
  return row?.['id'] ?? ''
}
