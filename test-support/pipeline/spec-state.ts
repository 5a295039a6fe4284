import type { Services } from './services.ts'

interface Thing {
  type: string
  name: string
  id: string
  /** Owner, grants, cluster or shape, comment with its mark, definition. */
  cells: string[]
}

/**
 * All that there is of a spec whose schema, clusters and topics begin with a name of their own: one
 * line for each object, with its owner, grants, cluster, comment, mark and definition, and one for
 * each topic. The name reads `*` and ids read `u`, so that two specs that differ by it alone leave
 * the same.
 */
export async function stateOf(services: Services, own: string): Promise<string[]> {
  const objects = (await thingsOf(services, own)).map(({ type, name, cells }) =>
    [type, name, ...cells].join(' | '),
  )
  const topics = await services.kafka.withAdmin(async (admin) => {
    const names = (await admin.listTopics()).filter((name) => name.startsWith(`${own}-`))
    if (names.length === 0) return []
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names })
    return found.map(({ name, partitions }) => `topic | ${name} | ${String(partitions.length)}`)
  })
  return [...objects, ...topics]
    .map((text) => text.replaceAll(own, '*').replace(/\bu\d+\b/g, 'u'))
    .sort()
}

/** What there is of it in Materialize, with ids: what stays keeps its own. */
export async function idsOf(services: Services, own: string): Promise<string[]> {
  return (await thingsOf(services, own)).map(({ type, name, id }) => `${type} ${name} ${id}`)
}

type Row = Record<string, unknown>
const namesOf = (rows: Row[]) => new Map(rows.map((row) => [row['id'], String(row['name'])]))

async function thingsOf(services: Services, own: string): Promise<Thing[]> {
  const roles = namesOf(await services.sql('SELECT id, name FROM mz_roles'))
  const clusters = await services.sql(
    `SELECT id, name, 'cluster' AS type, size, replication_factor, owner_id,
       privileges::text AS privileges FROM mz_clusters`,
  )
  const objects = await services.sql(
    `SELECT o.id, o.name, o.type, o.owner_id, o.cluster_id, o.privileges::text AS privileges
     FROM mz_objects o JOIN mz_schemas s ON s.id = o.schema_id WHERE s.name = '${own}'`,
  )
  const definitions = new Map<unknown, string>()
  for (const relation of ['mz_sources', 'mz_sinks', 'mz_connections', 'mz_materialized_views']) {
    for (const row of await services.sql(`SELECT id, create_sql FROM ${relation}`)) {
      definitions.set(row['id'], String(row['create_sql']))
    }
  }
  const comments = await services.sql(
    'SELECT id, object_type, comment FROM mz_internal.mz_comments WHERE object_sub_id IS NULL',
  )
  const clusterNames = namesOf(clusters)
  const thing = (row: Row): Thing => {
    const { id, type } = row
    // A cluster may have the id of an object.
    const isCluster = type === 'cluster'
    const comment = comments.find(
      (one) => one['id'] === id && (one['object_type'] === 'cluster') === isCluster,
    )
    const place = isCluster
      ? `${String(row['size'])} × ${String(row['replication_factor'])}`
      : (clusterNames.get(row['cluster_id']) ?? '')
    return {
      type: String(type),
      name: String(row['name']),
      id: String(id),
      cells: [
        roles.get(row['owner_id']) ?? '',
        String(row['privileges']).replace(/\bu\d+\b/g, (role) => roles.get(role) ?? role),
        place,
        String(comment?.['comment'] ?? ''),
        isCluster ? '' : (definitions.get(id) ?? ''),
      ],
    }
  }
  return [...clusters.filter((row) => row['name'] === own), ...objects].map(thing)
}
