import { shownType, typeOid } from './column-types.ts'
import type { Environment } from './environment.ts'
import { unknownHere } from './errors.ts'
import { keyFormat } from './format-encodings.ts'
import { brokers, progressTopic } from './kafka-connection.ts'
import type { Cluster, Item, SinkItem, SourceItem, TableItem, ViewItem } from './model.ts'
import { isRelation } from './model.ts'
import { onOneLine, Printer, type Spelling } from './print.ts'
import { aclItem, aclText } from './privileges.ts'
import { quotedString } from './keywords.ts'
import { SIZES } from './replica-sizes.ts'
import { statusRows } from './status-rows.ts'
import { SYSTEM_RELATIONS } from './system-relations.ts'

export type Cells = Record<string, unknown>
type Maker = (environment: Environment) => Cells[]

/** The rows of one of Materialize's own relations at this moment. */
export function systemRows(environment: Environment, name: string): Cells[] {
  const maker = MAKERS[name] ?? statusRows(name)
  if (maker === undefined) throw unknownHere(`the rows of ${name}`)
  return maker(environment)
}

export function items<T extends Item['type']>(
  environment: Environment,
  type: T,
): Extract<Item, { type: T }>[] {
  return [...environment.catalog.items.values()].filter(
    (item): item is Extract<Item, { type: T }> => item.type === type,
  )
}

function common(item: Item): Cells {
  return {
    id: item.id,
    oid: item.oid,
    schema_id: item.schemaId,
    name: item.name,
    owner_id: item.ownerId,
    privileges: aclText(item.acl),
  }
}

export function definitionOf(environment: Environment, item: Item, spelling: Spelling): string {
  const printer = new Printer(environment.catalog, spelling)
  switch (item.type) {
    case 'connection':
      return onOneLine(printer.connection(item))
    case 'source':
      return item.subtype === 'progress' ? printer.progress(item) : onOneLine(printer.source(item))
    case 'sink':
      return onOneLine(printer.sink(item))
    case 'table':
      return onOneLine(printer.table(item))
    case 'view':
    case 'materialized-view':
      return viewDefinition(printer, item)
    case 'secret':
      return `CREATE SECRET ${printer.path(item)} AS ${quotedString('********')}`
  }
}

/** The query stands as its author wrote it; Materialize would have resolved the names within it. */
function viewDefinition(printer: Printer, item: ViewItem): string {
  const cluster = item.type === 'view' ? '' : ` IN CLUSTER ${printer.cluster(item.clusterId)}`
  const kind = item.type === 'view' ? 'VIEW' : 'MATERIALIZED VIEW'
  return `CREATE ${kind} ${printer.path(item)}${cluster} AS ${item.definition}`
}

function definitions(environment: Environment, item: Item): Cells {
  return {
    create_sql: definitionOf(environment, item, 'internal'),
    redacted_create_sql: definitionOf(environment, item, 'redacted'),
  }
}

function clusterRow(cluster: Cluster): Cells {
  return {
    id: cluster.id,
    name: cluster.name,
    owner_id: cluster.ownerId,
    privileges: aclText(cluster.acl),
    managed: true,
    size: cluster.size,
    replication_factor: cluster.replicas.length,
    disk: true,
    availability_zones: null,
    introspection_debugging: false,
    introspection_interval: '00:00:01',
  }
}

export function sourceFormats(item: SourceItem | TableItem): Cells {
  const { format, envelope } = item.statement ?? {}
  if (format === undefined) return { envelope_type: null, key_format: null, value_format: null }
  return {
    envelope_type:
      envelope?.is === 'upsert-inline' ? 'upsert-value-err-inline' : (envelope?.is ?? 'none'),
    key_format: keyFormat(format)?.is ?? null,
    value_format: format.value?.is ?? null,
  }
}

function sinkFormats(item: SinkItem): Cells {
  const { format, envelope, key } = item.statement
  const value = format!.value!.is
  const keyFormat = key === undefined ? null : (format!.key?.is ?? value)
  const isOne = keyFormat === null || keyFormat === value
  return {
    envelope_type: envelope!,
    format: isOne ? value : `key-${keyFormat}-value-${value}`,
    key_format: keyFormat,
    value_format: value,
  }
}

function clusterIdOf(item: Item): string | null {
  return 'clusterId' in item ? (item.clusterId ?? null) : null
}

function objectRows({ catalog }: Environment, onlyRelations: boolean): Cells[] {
  const system = SYSTEM_RELATIONS.map((relation) => ({
    id: relation.id,
    oid: relation.oid,
    schema_id: [...catalog.schemas.values()].find((one) => one.name === relation.schema)!.id,
    name: relation.name,
    type: relation.type,
    owner_id: 's1',
    cluster_id: null,
    privileges: relation.restricted === true ? '{s1=r/s1,g1=r/s1}' : '{s1=r/s1,=r/s1}',
  }))
  const user = [...catalog.items.values()]
    .filter((item) => !onlyRelations || isRelation(item))
    .map((item) => ({
      ...common(item),
      type: item.type,
      cluster_id: clusterIdOf(item),
      privileges: item.type === 'sink' ? null : aclText(item.acl),
    }))
  return [...system, ...user]
}

function columnRows({ catalog }: Environment): Cells[] {
  const relations = [
    ...SYSTEM_RELATIONS,
    ...[...catalog.items.values()].filter((item) => isRelation(item)),
  ]
  return relations.flatMap((relation) =>
    relation.columns.map((column, index) => ({
      id: relation.id,
      name: column.name,
      position: index + 1,
      nullable: column.nullable,
      type: shownType(column.type),
      default: column.default ?? null,
      type_oid: typeOid(column.type),
      type_mod: -1,
    })),
  )
}

function commentRows({ catalog }: Environment): Cells[] {
  const row = (id: string, type: string, of: { comment: string; position?: number }) => ({
    id,
    object_type: type,
    object_sub_id: of.position ?? null,
    comment: of.comment,
  })
  const ofContainers: [string, Iterable<{ id: string; comment?: string }>][] = [
    ['cluster', catalog.clusters.values()],
    ['schema', catalog.schemas.values()],
    ['database', catalog.databases.values()],
  ]
  return [
    ...ofContainers.flatMap(([type, all]) =>
      [...all].flatMap((one) =>
        one.comment === undefined ? [] : [row(one.id, type, { comment: one.comment })],
      ),
    ),
    ...[...catalog.items.values()].flatMap((item) =>
      [...item.comments].map(([position, text]) =>
        row(item.id, item.type, position === 0 ? { comment: text } : { comment: text, position }),
      ),
    ),
  ]
}

function dependencyRows(environment: Environment): Cells[] {
  const rows = [...environment.catalog.items.values()].flatMap((item) => {
    const system =
      item.type === 'source' &&
      (item.subtype === 'progress' || item.statement?.format === undefined)
        ? ['s70', 's80']
        : []
    return [...item.uses, ...system].map((id) => ({ object_id: item.id, referenced_object_id: id }))
  })
  return rows
}

function subtypeOf(item: Item): string | null {
  switch (item.type) {
    case 'source':
      return item.subtype
    case 'connection':
      return item.connectionType
    case 'sink':
      return 'kafka'
    default:
      return null
  }
}

function showRows(
  environment: Environment,
  type: 'source' | 'sink' | 'connection' | 'secret',
): Cells[] {
  const { catalog } = environment
  return items(environment, type).map((item) => {
    const clusterId = clusterIdOf(item)
    const subtype = subtypeOf(item)
    return {
      id: item.id,
      schema_id: item.schemaId,
      name: item.name,
      ...(subtype === null ? {} : { type: subtype }),
      cluster: clusterId === null ? null : catalog.clusters.get(clusterId)!.name,
      cluster_id: clusterId,
      comment: item.comments.get(0) ?? '',
    }
  })
}

const MAKERS: Record<string, Maker | undefined> = {
  mz_cluster_replica_sizes: () =>
    SIZES.map(({ size, workers, cpu, memory, disk, credits }) => ({
      size,
      processes: 1,
      workers,
      cpu_nano_cores: cpu,
      memory_bytes: memory,
      disk_bytes: disk,
      credits_per_hour: credits,
    })),
  mz_clusters: ({ catalog }) => [...catalog.clusters.values()].map(clusterRow),
  mz_cluster_replicas: ({ catalog }) =>
    [...catalog.clusters.values()].flatMap((cluster) =>
      cluster.replicas.map((replica) => ({
        id: replica.id,
        name: replica.name,
        cluster_id: cluster.id,
        size: cluster.size,
        availability_zone: null,
        owner_id: cluster.ownerId,
        disk: true,
      })),
    ),
  mz_databases: ({ catalog }) =>
    [...catalog.databases.values()].map((database) => ({
      id: database.id,
      oid: database.oid,
      name: database.name,
      owner_id: database.ownerId,
      privileges: aclText(database.acl),
    })),
  mz_schemas: ({ catalog }) =>
    [...catalog.schemas.values()].map((schema) => ({
      id: schema.id,
      oid: schema.oid,
      database_id: schema.databaseId,
      name: schema.name,
      owner_id: schema.ownerId,
      privileges: aclText(schema.acl),
    })),
  mz_roles: ({ catalog }) =>
    [...catalog.roles.values()].map((role) => ({
      id: role.id,
      oid: role.oid,
      name: role.name,
      inherit: true,
      rolcanlogin: role.canLogin,
      rolsuper: role.superuser,
    })),
  mz_system_privileges: ({ catalog }) =>
    catalog.systemGrants.map((grant) => ({ privileges: aclItem(grant) })),
  mz_objects: (environment) => objectRows(environment, false),
  mz_relations: (environment) => objectRows(environment, true),
  mz_columns: columnRows,
  mz_comments: commentRows,
  mz_object_dependencies: dependencyRows,
  mz_object_fully_qualified_names: (environment) => {
    const { catalog } = environment
    return [...catalog.items.values()].map((item) => {
      const schema = catalog.schemas.get(item.schemaId)!
      return {
        id: item.id,
        name: item.name,
        object_type: item.type,
        schema_id: schema.id,
        schema_name: schema.name,
        database_id: schema.databaseId,
        database_name: catalog.databases.get(schema.databaseId ?? '')?.name ?? null,
        cluster_id: clusterIdOf(item),
      }
    })
  },
  mz_secrets: (environment) => items(environment, 'secret').map(common),
  mz_connections: (environment) =>
    items(environment, 'connection').map((item) => ({
      ...common(item),
      type: item.connectionType,
      ...definitions(environment, item),
    })),
  mz_kafka_connections: (environment) =>
    items(environment, 'connection')
      .filter((item) => item.connectionType === 'kafka')
      .map((item) => ({
        id: item.id,
        brokers: brokers(item.options),
        sink_progress_topic: progressTopic(environment.catalog, item),
      })),
  mz_sources: (environment) =>
    items(environment, 'source').map((item) => ({
      ...common(item),
      type: item.subtype,
      connection_id: item.connectionId ?? null,
      size: null,
      ...sourceFormats(item),
      cluster_id: item.clusterId ?? null,
      ...definitions(environment, item),
    })),
  mz_kafka_sources: (environment) =>
    items(environment, 'source')
      .filter((item) => item.subtype === 'kafka')
      .map((item) => ({ id: item.id, group_id_prefix: item.groupId, topic: item.topic })),
  mz_kafka_source_tables: (environment) =>
    items(environment, 'table').flatMap((item) => {
      if (item.sourceId === undefined) return []
      const source = environment.catalog.item(item.sourceId) as SourceItem
      return [{ id: item.id, topic: source.topic, ...sourceFormats(item) }]
    }),
  mz_sinks: (environment) =>
    items(environment, 'sink').map((item) => ({
      ...common(item),
      type: 'kafka',
      connection_id: item.connectionId,
      size: null,
      ...sinkFormats(item),
      cluster_id: item.clusterId,
      ...definitions(environment, item),
    })),
  mz_kafka_sinks: (environment) =>
    items(environment, 'sink').map((item) => ({ id: item.id, topic: item.topic })),
  mz_tables: (environment) =>
    items(environment, 'table').map((item) => ({
      ...common(item),
      ...definitions(environment, item),
      source_id: item.sourceId ?? null,
    })),
  mz_views: (environment) =>
    items(environment, 'view').map((item) => ({
      ...common(item),
      definition: `${item.definition};`,
      ...definitions(environment, item),
    })),
  mz_materialized_views: (environment) =>
    items(environment, 'materialized-view').map((item) => ({
      ...common(item),
      cluster_id: item.clusterId,
      definition: `${item.definition};`,
      ...definitions(environment, item),
    })),
  mz_show_sources: (environment) => showRows(environment, 'source'),
  mz_show_sinks: (environment) => showRows(environment, 'sink'),
  mz_show_connections: (environment) => showRows(environment, 'connection'),
  mz_show_secrets: (environment) => showRows(environment, 'secret'),
}
