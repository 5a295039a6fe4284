import type { SystemRelation } from './model.ts'

/**
 * Columns of the relations a client reads, in order; `?` marks one that may be null. Those that the
 * stand-in has no rows for are listed all the same, since mz_columns tells of them.
 */
const DEFINITIONS = `
table mz_catalog.mz_cluster_replica_sizes: size text, processes uint8, workers uint8, cpu_nano_cores
  uint8, memory_bytes uint8, disk_bytes uint8?, credits_per_hour numeric;
table mz_catalog.mz_cluster_replicas: id text, name text, cluster_id text, size text?,
  availability_zone text?, owner_id text, disk bool?;
table mz_catalog.mz_clusters: id text, name text, owner_id text, privileges mz_aclitem[], managed
  bool, size text?, replication_factor uint4?, disk bool?, availability_zones list?,
  introspection_debugging bool?, introspection_interval interval?;
table mz_catalog.mz_columns: id text, name text, position uint8, nullable bool, type text, default
  text?, type_oid oid, type_mod int4;
table mz_catalog.mz_connections: id text, oid oid, schema_id text, name text, type text, owner_id
  text, privileges mz_aclitem[], create_sql text, redacted_create_sql text;
materialized-view mz_catalog.mz_databases: id text, oid oid, name text, owner_id text, privileges
  mz_aclitem[];
table mz_catalog.mz_default_privileges: role_id text, database_id text?, schema_id text?,
  object_type text, grantee text, privileges text;
table mz_catalog.mz_kafka_connections: id text, brokers text[], sink_progress_topic text;
table mz_catalog.mz_kafka_sinks: id text, topic text;
table mz_catalog.mz_kafka_sources: id text, group_id_prefix text, topic text;
materialized-view mz_catalog.mz_materialized_views: id text, oid oid, schema_id text, name text,
  cluster_id text, definition text, owner_id text, privileges mz_aclitem[], create_sql text,
  redacted_create_sql text;
view mz_catalog.mz_objects: id text, oid oid, schema_id text, name text, type text, owner_id text,
  cluster_id text?, privileges mz_aclitem[]?;
view mz_catalog.mz_relations: id text, oid oid, schema_id text, name text, type text, owner_id text,
  cluster_id text?, privileges mz_aclitem[];
table mz_catalog.mz_roles: id text, oid oid, name text, inherit bool, rolcanlogin bool?, rolsuper
  bool?;
materialized-view mz_catalog.mz_schemas: id text, oid oid, database_id text?, name text, owner_id
  text, privileges mz_aclitem[];
materialized-view mz_catalog.mz_secrets: id text, oid oid, schema_id text, name text, owner_id text,
  privileges mz_aclitem[];
table mz_catalog.mz_sinks: id text, oid oid, schema_id text, name text, type text, connection_id
  text?, size text?, envelope_type text?, format text?, key_format text?, value_format text?,
  cluster_id text, owner_id text, create_sql text, redacted_create_sql text;
table mz_catalog.mz_sources: id text, oid oid, schema_id text, name text, type text, connection_id
  text?, size text?, envelope_type text?, key_format text?, value_format text?, cluster_id text?,
  owner_id text, privileges mz_aclitem[], create_sql text?, redacted_create_sql text?;
table mz_catalog.mz_system_privileges: privileges mz_aclitem;
table mz_catalog.mz_tables: id text, oid oid, schema_id text, name text, owner_id text, privileges
  mz_aclitem[], create_sql text?, redacted_create_sql text?, source_id text?;
table mz_catalog.mz_views: id text, oid oid, schema_id text, name text, definition text, owner_id
  text, privileges mz_aclitem[], create_sql text, redacted_create_sql text;
source mz_internal.mz_cluster_replica_statuses: replica_id text, process_id uint8, status text,
  reason text?, updated_at timestamptz;
table mz_internal.mz_comments: id text, object_type text, object_sub_id int4?, comment text;
source mz_internal.mz_frontiers: object_id text, read_frontier mz_timestamp?, write_frontier
  mz_timestamp?;
view mz_internal.mz_hydration_statuses: object_id text, replica_id text?, hydrated bool?;
table mz_internal.mz_kafka_source_tables: id text, topic text, envelope_type text?, key_format
  text?, value_format text?;
view mz_internal.mz_materialization_lag: object_id text, local_lag interval?, global_lag interval?,
  slowest_local_input_id text, slowest_global_input_id text;
table mz_internal.mz_object_dependencies: object_id text, referenced_object_id text;
view mz_internal.mz_object_fully_qualified_names: id text, name text, object_type text, schema_id
  text, schema_name text, database_id text?, database_name text?, cluster_id text?;
view mz_internal.mz_object_lifetimes: id text?, previous_id text?, object_type text, event_type
  text, occurred_at timestamptz;
view mz_internal.mz_recent_activity_log: execution_id uuid, sample_rate float8, cluster_id text?,
  application_name text, cluster_name text?, database_name text, search_path list,
  transaction_isolation text, execution_timestamp uint8?, transient_index_id text?, params text[],
  mz_version text, began_at timestamptz, finished_at timestamptz?, finished_status text?,
  error_message text?, result_size int8?, rows_returned int8?, execution_strategy text?,
  transaction_id uint8, prepared_statement_id uuid, sql_hash bytea, prepared_statement_name text,
  session_id uuid, prepared_at timestamptz, statement_type text?, throttled_count uint8,
  connected_at timestamptz, initial_application_name text, authenticated_user text, sql text;
table mz_internal.mz_sessions: id uuid, connection_id uint4, role_id text, client_ip text?,
  connected_at timestamptz;
view mz_internal.mz_show_connections: schema_id text, name text, type text, comment text;
view mz_internal.mz_show_secrets: schema_id text, name text, comment text;
view mz_internal.mz_show_sinks: id text, name text, type text, cluster text, schema_id text,
  cluster_id text, comment text;
view mz_internal.mz_show_sources: id text, name text, type text, cluster text?, schema_id text,
  cluster_id text?, comment text;
view mz_internal.mz_sink_statistics: id text, replica_id text?, messages_staged uint8,
  messages_committed uint8, bytes_staged uint8, bytes_committed uint8;
source mz_internal.mz_sink_status_history: occurred_at timestamptz, sink_id text, status text, error
  text?, details jsonb?, replica_id text?;
view mz_internal.mz_sink_statuses: id text, name text, type text, last_status_change_at
  timestamptz?, status text, error text?, details jsonb?;
view mz_internal.mz_source_statistics: id text, replica_id text?, messages_received uint8,
  bytes_received uint8, updates_staged uint8, updates_committed uint8, records_indexed uint8,
  bytes_indexed uint8, rehydration_latency interval?, snapshot_records_known uint8?,
  snapshot_records_staged uint8?, snapshot_committed bool, offset_known uint8?, offset_committed
  uint8?;
view mz_internal.mz_source_statistics_with_history: id text, replica_id text?, messages_received
  uint8, bytes_received uint8, updates_staged uint8, updates_committed uint8, records_indexed uint8,
  bytes_indexed uint8, rehydration_latency interval?, snapshot_records_known uint8?,
  snapshot_records_staged uint8?, snapshot_committed bool, offset_known uint8?, offset_committed
  uint8?;
source mz_internal.mz_source_status_history: occurred_at timestamptz, source_id text, status text,
  error text?, details jsonb?, replica_id text?;
view mz_internal.mz_source_statuses: id text, name text, type text, last_status_change_at
  timestamptz?, status text, error text?, details jsonb?;
view mz_internal.mz_wallclock_global_lag: object_id text, lag interval?;
view mz_internal.mz_wallclock_global_lag_recent_history: object_id text, lag interval?, occurred_at
  timestamptz;
`

/** Only the monitoring roles may read it. */
const RESTRICTED = new Set(['mz_recent_activity_log'])
const FIRST_ID = 400
const FIRST_OID = 16400

export const SYSTEM_RELATIONS: readonly SystemRelation[] = DEFINITIONS.split(';')
  .map((text) => text.trim())
  .filter((text) => text !== '')
  .map((text, index) => {
    const [, type, schema, name, columns] = /^(\S+) (\w+)\.(\w+): ([\s\S]*)$/.exec(text)!
    return {
      id: `s${FIRST_ID + index}`,
      oid: FIRST_OID + index,
      schema: schema!,
      name: name!,
      type: type as SystemRelation['type'],
      columns: columns!.split(',').map((column) => {
        const [columnName, columnType] = column.trim().split(/\s+/) as [string, string]
        return {
          name: columnName,
          type: columnType.replace('?', ''),
          nullable: columnType.endsWith('?'),
        }
      }),
      ...(RESTRICTED.has(name!) ? { restricted: true } : {}),
    }
  })
