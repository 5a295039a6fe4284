import { readMarker } from './core/marker.ts'
import type { QualifiedName, Spec } from './core/model.ts'
import type { Observed, ObservedObject, ObservedSource } from './core/observed.ts'
import { literals, statement } from './core/sql.ts'
import type { MaterializeSession, ResultSet } from './ports.ts'

type Read = Record<string, string | null>

/**
 * What is there under the spec’s names. Thirteen reads, however many objects there are, each of one
 * relation: Materialize answers a join of three some twenty-eight times slower than one relation.
 */
export async function readCatalog(session: MaterializeSession, spec: Spec): Promise<Observed> {
  const read = async (text: string): Promise<Read[]> => named(await session.query(statement(text)))

  const [role] = await read('SELECT current_user AS role')
  const [cluster] = await read('SHOW cluster')
  const databases = await read('SELECT id, name FROM mz_catalog.mz_databases')
  const schemas = await read(
    'SELECT id, name, database_id FROM mz_catalog.mz_schemas WHERE database_id IS NOT NULL',
  )
  const clusters = await read('SELECT id, name FROM mz_catalog.mz_clusters')
  const replicas = await read('SELECT cluster_id FROM mz_catalog.mz_cluster_replicas')

  const databaseNames = new Map(databases.map((row) => [row['id'], row['name'] ?? '']))
  const places = schemas.map((row) => ({
    id: row['id'] ?? '',
    database: databaseNames.get(row['database_id'] ?? '') ?? '',
    name: row['name'] ?? '',
  }))
  const wanted = namesOf(spec)
  const found = await read(
    `SELECT id, schema_id, name, type FROM mz_catalog.mz_objects WHERE name IN ${literals(new Set(wanted.map((name) => name.name)))}`,
  )
  const objects: ObservedObject[] = []
  for (const row of found) {
    const place = places.find((schema) => schema.id === row['schema_id'])
    if (!place) continue
    const name = { database: place.database, schema: place.name, name: row['name'] ?? '' }
    objects.push({ id: row['id'] ?? '', name, type: row['type'] ?? '' })
  }
  const clusterNames = new Map(clusters.map((row) => [row['id'], row['name'] ?? '']))
  await readDetails(read, { objects, clusterNames })
  return {
    role: role?.['role'] ?? '',
    sessionCluster: cluster?.['cluster'] ?? '',
    databases: databases.map((row) => row['name'] ?? ''),
    schemas: places,
    clusters: clusters.map((row) => ({
      id: row['id'] ?? '',
      name: row['name'] ?? '',
      replicas: replicas.filter((replica) => replica['cluster_id'] === row['id']).length,
    })),
    objects,
  }
}

async function readDetails(
  read: (text: string) => Promise<Read[]>,
  of: { objects: ObservedObject[]; clusterNames: Map<string | null | undefined, string> },
): Promise<void> {
  if (of.objects.length === 0) return
  const ids = literals(of.objects.map((object) => object.id))
  const byId = new Map(of.objects.map((object) => [object.id, object]))
  const each = async (text: string, take: (object: ObservedObject, row: Read) => void) => {
    for (const row of await read(text)) {
      const object = byId.get(row['id'] ?? '')
      if (object) take(object, row)
    }
  }
  await each(
    `SELECT id, comment FROM mz_internal.mz_comments WHERE object_sub_id IS NULL AND id IN ${ids}`,
    (object, row) => {
      object.comment = row['comment'] ?? ''
      const marker = readMarker(row['comment'])
      if (marker) object.marker = marker
    },
  )
  await each(`SELECT id, type FROM mz_catalog.mz_connections WHERE id IN ${ids}`, (object, row) => {
    object.connection = { type: row['type'] ?? '', brokers: [] }
  })
  await each(
    `SELECT id, brokers FROM mz_catalog.mz_kafka_connections WHERE id IN ${ids}`,
    (object, row) => {
      if (object.connection) object.connection.brokers = textArray(row['brokers'] ?? '{}')
    },
  )
  const columns = 'id, type, connection_id, envelope_type, key_format, value_format, cluster_id'
  const definition = (row: Read): ObservedSource => {
    const definition: ObservedSource = { type: row['type'] ?? '' }
    if (row['connection_id']) definition.connectionId = row['connection_id']
    if (row['envelope_type']) definition.envelope = row['envelope_type']
    if (row['key_format']) definition.keyFormat = row['key_format']
    if (row['value_format']) definition.valueFormat = row['value_format']
    const cluster = of.clusterNames.get(row['cluster_id'])
    if (cluster !== undefined) definition.cluster = cluster
    return definition
  }
  await each(`SELECT ${columns} FROM mz_catalog.mz_sources WHERE id IN ${ids}`, (object, row) => {
    object.source = definition(row)
  })
  await each(`SELECT ${columns} FROM mz_catalog.mz_sinks WHERE id IN ${ids}`, (object, row) => {
    object.sink = { ...definition(row), dependsOn: [] }
  })
  const topic = (object: ObservedObject, row: Read): void => {
    const kafka = object.source ?? object.sink
    if (kafka) kafka.topic = row['topic'] ?? ''
  }
  await each(`SELECT id, topic FROM mz_catalog.mz_kafka_sources WHERE id IN ${ids}`, topic)
  await each(`SELECT id, topic FROM mz_catalog.mz_kafka_sinks WHERE id IN ${ids}`, topic)
  await each(
    `SELECT object_id AS id, referenced_object_id AS on_id FROM mz_internal.mz_object_dependencies WHERE object_id IN ${ids}`,
    (object, row) => {
      object.sink?.dependsOn.push(row['on_id'] ?? '')
    },
  )
}

/** The answer’s rows, named by column. */
export function named(answer: ResultSet): Read[] {
  return answer.rows.map((row) =>
    Object.fromEntries(answer.fields.map((field, index) => [field.name, row[index] ?? null])),
  )
}

function namesOf(spec: Spec): QualifiedName[] {
  const secrets = spec.connections.flatMap((connection) => Object.values(connection.secrets))
  return [
    ...secrets.map((secret) => secret.name),
    ...spec.connections.map((connection) => connection.name),
    ...spec.sources.map((source) => source.name),
    ...spec.sinks.flatMap((sink) => [sink.name, sink.from]),
  ]
}

/** The elements of an array in PostgreSQL’s text form. */
export function textArray(text: string): string[] {
  const elements: string[] = []
  const inner = text.replace(/^\{|\}$/g, '')
  for (const match of inner.matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/g)) {
    elements.push(match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? '')
  }
  return elements
}

/** By source id, the relation in which its progress can be read. Two reads, whatever their number. */
export async function progressRelations(
  session: MaterializeSession,
  sourceIds: string[],
  observed: Observed,
): Promise<Map<string, QualifiedName>> {
  const relations = new Map<string, QualifiedName>()
  if (sourceIds.length === 0) return relations
  const edges = named(
    await session.query(
      statement(
        `SELECT object_id, referenced_object_id FROM mz_internal.mz_object_dependencies WHERE object_id IN ${literals(sourceIds)}`,
      ),
    ),
  )
  const referenced = new Set(edges.map((edge) => edge['referenced_object_id'] ?? ''))
  const progress = named(
    await session.query(
      statement(
        `SELECT id, schema_id, name FROM mz_catalog.mz_sources WHERE type = 'progress' AND id IN ${literals(referenced)}`,
      ),
    ),
  )
  for (const edge of edges) {
    const found = progress.find((row) => row['id'] === edge['referenced_object_id'])
    const place = observed.schemas.find((schema) => schema.id === found?.['schema_id'])
    if (!found || !place) continue
    relations.set(edge['object_id'] ?? '', {
      database: place.database,
      schema: place.name,
      name: found['name'] ?? '',
    })
  }
  return relations
}
