import { parseDurationMs, showDuration } from './durations.ts'
import { SqlError, unknownHere } from './errors.ts'

export const MZ_VERSION = 'v26.24.0-dev.0 (e7ac38b33)'

/** Reported to the client when the session starts, and again whenever they change. */
export const REPORTED = [
  'application_name',
  'client_encoding',
  'DateStyle',
  'integer_datetimes',
  'server_version',
  'standard_conforming_strings',
  'TimeZone',
  'IntervalStyle',
  'cluster',
  'cluster_replica',
  'default_cluster_replication_factor',
  'database',
  'search_path',
  'mz_version',
] as const

type Kind = 'text' | 'switch' | 'duration' | 'fixed' | 'system'

/** Session variables and the system's, which a session only shows. */
const DEFINITIONS: [string, string, Kind][] = [
  ['application_name', '', 'text'],
  ['auto_route_catalog_queries', 'on', 'switch'],
  ['client_encoding', 'UTF8', 'text'],
  ['client_min_messages', 'notice', 'text'],
  ['cluster', 'quickstart', 'text'],
  ['cluster_replica', '', 'text'],
  ['current_object_missing_warnings', 'on', 'switch'],
  ['database', 'materialize', 'text'],
  ['DateStyle', 'ISO, MDY', 'text'],
  ['default_cluster_replication_factor', '1', 'system'],
  ['emit_introspection_query_notice', 'on', 'switch'],
  ['emit_timestamp_notice', 'off', 'switch'],
  ['emit_trace_id_notice', 'off', 'switch'],
  ['enable_rbac_checks', 'on', 'system'],
  ['enable_session_rbac_checks', 'off', 'switch'],
  ['extra_float_digits', '3', 'text'],
  ['force_source_table_syntax', 'off', 'system'],
  ['idle_in_transaction_session_timeout', '2 min', 'duration'],
  ['integer_datetimes', 'on', 'fixed'],
  ['IntervalStyle', 'postgres', 'text'],
  ['is_superuser', 'off', 'fixed'],
  ['max_aws_privatelink_connections', '0', 'system'],
  ['max_clusters', '25', 'system'],
  ['max_connections', '5000', 'system'],
  ['max_credit_consumption_rate', '1024', 'system'],
  ['max_databases', '1000', 'system'],
  ['max_identifier_length', '255', 'fixed'],
  ['max_kafka_connections', '1000', 'system'],
  ['max_materialized_views', '500', 'system'],
  ['max_objects_per_schema', '1000', 'system'],
  ['max_query_result_size', '1GB', 'text'],
  ['max_replicas_per_cluster', '5', 'system'],
  ['max_result_size', '1GB', 'system'],
  ['max_roles', '1000', 'system'],
  ['max_schemas_per_database', '1000', 'system'],
  ['max_secrets', '100', 'system'],
  ['max_sinks', '1000', 'system'],
  ['max_sources', '200', 'system'],
  ['max_tables', '200', 'system'],
  ['mz_version', MZ_VERSION, 'fixed'],
  ['real_time_recency', 'off', 'switch'],
  ['search_path', 'public', 'text'],
  ['server_version', '9.5.0', 'fixed'],
  ['server_version_num', '90500', 'fixed'],
  ['sql_safe_updates', 'off', 'switch'],
  ['standard_conforming_strings', 'on', 'text'],
  ['statement_timeout', '1 min', 'duration'],
  ['TimeZone', 'UTC', 'text'],
  ['transaction_isolation', 'strict serializable', 'text'],
  ['welcome_message', 'on', 'switch'],
  // What only ALTER SYSTEM touches.
  ['enable_create_table_from_source', 'off', 'system'],
  ['enable_kafka_broker_matching_rules', 'off', 'system'],
  ['enable_kafka_sink_headers', 'off', 'system'],
  ['max_timestamp_interval', '1 s', 'system'],
  ['min_timestamp_interval', '1 s', 'system'],
]

interface Definition {
  name: string
  initial: string
  kind: Kind
}

const BY_NAME = new Map<string, Definition>(
  DEFINITIONS.map(([name, initial, kind]) => [name.toLowerCase(), { name, initial, kind }]),
)

function unrecognized(name: string): SqlError {
  return new SqlError('42704', `unrecognized configuration parameter "${name}"`)
}

export function definition(name: string): Definition {
  const key = name.toLowerCase() === 'schema' ? 'search_path' : name.toLowerCase()
  const found = BY_NAME.get(key)
  if (found === undefined) throw unrecognized(name)
  return found
}

function checked(of: Definition, values: string[]): string {
  const text = values.join(', ')
  switch (of.kind) {
    case 'switch': {
      const lower = text.toLowerCase()
      if (['on', 'true', '1', 'yes', 't'].includes(lower)) return 'on'
      if (['off', 'false', '0', 'no', 'f'].includes(lower)) return 'off'
      throw new SqlError('22023', `parameter "${of.name}" requires a "boolean" value`)
    }
    case 'duration': {
      const ms = parseDurationMs(text)
      if (ms === undefined) {
        throw new SqlError('22023', `parameter "${of.name}" requires a "duration" value`)
      }
      return showDuration(ms)
    }
    case 'fixed':
      throw new SqlError('55P02', `parameter "${of.name}" cannot be changed`)
    default:
      if (of.name === 'transaction_isolation') return text.toLowerCase()
      return text
  }
}

/** One session's variables over the system's. */
export class Variables {
  private readonly own = new Map<string, string>()
  private readonly defaults = new Map<string, string>()
  private readonly system: Map<string, string>

  constructor(system: Map<string, string>) {
    this.system = system
  }

  get(name: string): string {
    const of = definition(name)
    return (
      this.own.get(of.name) ?? this.defaults.get(of.name) ?? this.system.get(of.name) ?? of.initial
    )
  }

  /** Gives the proper name of what was set. */
  set(name: string, values: string[]): string {
    const of = definition(name)
    if (of.kind === 'system') throw unknownHere(`SET of the system variable ${of.name}`)
    this.own.set(of.name, checked(of, values))
    return of.name
  }

  /** What the connection asked for is what RESET goes back to. */
  setDefault(name: string, values: string[]): void {
    const of = definition(name)
    if (of.kind !== 'system') this.defaults.set(of.name, checked(of, values))
  }

  reset(name: string): string {
    const of = definition(name)
    this.own.delete(of.name)
    return of.name
  }

  resetAll(): void {
    this.own.clear()
  }

  durationMs(name: string): number {
    return parseDurationMs(this.get(name)) ?? 0
  }
}

export function setSystemVariable(
  system: Map<string, string>,
  name: string,
  values: string[],
): void {
  const of = definition(name)
  const isSwitch = of.initial === 'on' || of.initial === 'off'
  system.set(
    of.name,
    checked(isSwitch ? { ...of, kind: 'switch' } : { ...of, kind: 'text' }, values),
  )
}
