/** What the parser hands to the rest: one object a statement. */

export interface Name {
  parts: string[]
}

export type OptionValue =
  | { is: 'string'; value: string }
  | { is: 'number'; value: string }
  | { is: 'word'; value: string }
  | { is: 'boolean'; value: boolean }
  | { is: 'secret'; name: Name }
  /** A secret once its name is resolved. */
  | { is: 'secret-id'; id: string }
  /** Another connection, with what stands in parentheses behind it. */
  | { is: 'object'; name: Name; options?: Option[] }
  | { is: 'object-id'; id: string; options?: Option[] }
  | { is: 'broker'; broker: Broker }
  /** `FOR '1h'`, of RETAIN HISTORY. */
  | { is: 'for'; value: string }
  | { is: 'list'; values: OptionValue[] }
  | { is: 'map'; entries: [string, OptionValue][] }
  | { is: 'expression'; sql: string }
  | { is: 'null' }

export interface Option {
  name: string
  value?: OptionValue
}

/** An address, or a pattern of addresses, and the way there. */
export interface Broker {
  address: string
  matching: boolean
  using?: { is: 'SSH TUNNEL' | 'AWS PRIVATELINK'; connection: OptionValue; options: Option[] }
}

/** Which schema of a subject a source reads by. */
export type Strategy =
  { by: 'latest' } | { by: 'id'; id: number } | { by: 'inline'; schema: string }

/** What a DOC ON option documents: a relation, or a column of one. */
export interface DocTarget {
  of: 'all' | 'key' | 'value'
  on: 'TYPE' | 'COLUMN'
  relation: Name
  /** Of the relation, once resolved. */
  relationId?: string
  column?: string
  text: string
}

export interface RegistryUse {
  connection: Name
  /** Of the connection, once resolved. */
  connectionId?: string
  options: Option[]
  docs: DocTarget[]
  keyStrategy?: Strategy
  valueStrategy?: Strategy
}

/** The schemas that a registry held at the creation. */
export interface AvroSeed {
  key?: string
  value: string
  /** Schemas that those refer to, each before the one that names it. */
  references: { key: string[]; value: string[] }
}

export interface ProtobufSeed {
  key?: ProtobufSchema
  value: ProtobufSchema
}

export interface ProtobufSchema {
  message: string
  /** A FileDescriptorSet in hexadecimal digits after `\\x`. */
  schema: string
}

export type AvroFormat =
  | { is: 'avro'; from: 'schema'; schema: string; wireFormat?: boolean }
  | { is: 'avro'; from: 'registry'; registry: RegistryUse; seed?: AvroSeed }
export type ProtobufFormat =
  | ({ is: 'protobuf'; from: 'schema' } & ProtobufSchema)
  | { is: 'protobuf'; from: 'registry'; registry: RegistryUse; seed?: ProtobufSeed }

export type Format =
  | { is: 'bytes' | 'text' | 'json' }
  | { is: 'csv'; columns?: number; header?: string[]; delimiter?: string }
  | { is: 'regex'; pattern: string }
  | AvroFormat
  | ProtobufFormat

export type IncludeKind = 'KEY' | 'PARTITION' | 'OFFSET' | 'TIMESTAMP' | 'HEADERS' | 'HEADER'

export interface Include {
  is: IncludeKind
  alias?: string
  header?: string
  bytes?: boolean
}

export type SourceEnvelope =
  { is: 'none' | 'debezium' | 'upsert' } | { is: 'upsert-inline'; alias?: string }

export interface FormatClause {
  key?: Format
  value?: Format
  /** FORMAT f, as against KEY FORMAT … VALUE FORMAT …. */
  bare: boolean
}

export interface CreateSource {
  kind: 'create-source'
  name: Name
  ifNotExists: boolean
  columns?: string[]
  cluster?: string
  connection: Name
  options: Option[]
  format?: FormatClause
  include: Include[]
  envelope?: SourceEnvelope
  progress?: Name
  with: Option[]
}

export interface CreateTableFromSource {
  kind: 'create-table-from-source'
  name: Name
  ifNotExists: boolean
  columns?: string[]
  source: Name
  with: Option[]
  reference?: Name
  format?: FormatClause
  include: Include[]
  envelope?: SourceEnvelope
}

export interface CreateSink {
  kind: 'create-sink'
  name?: Name
  ifNotExists: boolean
  cluster?: string
  from: Name
  connection: Name
  options: Option[]
  key?: { columns: string[]; notEnforced: boolean }
  headers?: string
  format?: FormatClause
  envelope?: 'upsert' | 'debezium'
  with: Option[]
}

export interface CreateConnection {
  kind: 'create-connection'
  name: Name
  ifNotExists: boolean
  type: string
  options: Option[]
  with: Option[]
}

export interface AlterConnection {
  kind: 'alter-connection'
  name: Name
  ifExists: boolean
  actions: ({ do: 'set'; option: Option } | { do: 'drop'; option: string })[]
  with: Option[]
}

export interface ColumnDefinition {
  name: string
  type: string
  /** For PostgreSQL. */
  storedType: string
  /** As Materialize prints it back: schema and name. */
  printedType: string
  nullable: boolean
  default?: string
}

export type ObjectKind =
  | 'secret'
  | 'connection'
  | 'source'
  | 'sink'
  | 'table'
  | 'view'
  | 'materialized-view'
  | 'index'
  | 'cluster'
  | 'schema'
  | 'database'
  | 'role'
  | 'cluster-replica'
  | 'column'

export type Statement =
  | { kind: 'select'; sql: string; start: number }
  | { kind: 'explain'; sql: string }
  | { kind: 'create-secret'; name: Name; ifNotExists: boolean; value: string }
  | { kind: 'alter-secret'; name: Name; ifExists: boolean; value: string }
  | CreateConnection
  | AlterConnection
  | { kind: 'validate-connection'; name: Name }
  | CreateSource
  | CreateTableFromSource
  | CreateSink
  | {
      kind: 'alter-sink'
      name: Name
      ifExists: boolean
      action: { do: 'from'; item: Name } | { do: 'cluster'; cluster: string } | { do: 'options' }
    }
  | {
      kind: 'alter-source'
      name: Name
      ifExists: boolean
      action: { do: 'cluster' } | { do: 'set'; option: Option } | { do: 'reset'; option: string }
    }
  | {
      kind: 'create-table'
      name: Name
      ifNotExists: boolean
      columns: ColumnDefinition[]
      temporary: boolean
    }
  | {
      kind: 'create-view'
      materialized: boolean
      name: Name
      ifNotExists: boolean
      orReplace: boolean
      columns?: string[]
      cluster?: string
      query: string
      queryStart: number
    }
  | { kind: 'create-cluster'; name: string; ifNotExists: boolean; options: Option[] }
  | {
      kind: 'alter-cluster'
      name: string
      ifExists: boolean
      set: Option[]
      reset: string[]
    }
  | { kind: 'create-schema'; name: Name; ifNotExists: boolean }
  | { kind: 'create-database'; name: string; ifNotExists: boolean }
  | { kind: 'create-role'; name: string; attributes: Option[] }
  | { kind: 'alter-role'; name: string; attributes: Option[] }
  | {
      kind: 'drop'
      object: ObjectKind
      names: Name[]
      ifExists: boolean
      cascade: boolean
    }
  | { kind: 'rename'; object: ObjectKind; name: Name; ifExists: boolean; to: string }
  | { kind: 'owner'; object: ObjectKind; name: Name; ifExists: boolean; to: string }
  | {
      kind: 'grant' | 'revoke'
      privileges: string[] | 'all'
      object: ObjectKind | 'system'
      names: Name[]
      roles: string[]
    }
  | { kind: 'grant-role' | 'revoke-role'; role: string; members: string[] }
  | { kind: 'comment'; object: ObjectKind; name: Name; text: string | null }
  | { kind: 'dml'; verb: 'INSERT' | 'UPDATE' | 'DELETE'; table: Name; sql: string; start: number }
  | { kind: 'set'; name: string; value: string[] | 'default'; local: boolean; system: boolean }
  | { kind: 'reset'; name: string; system: boolean }
  | { kind: 'show'; name: string }
  | { kind: 'show-create'; object: ObjectKind; name: Name; redacted: boolean }
  | { kind: 'show-objects'; what: ShowObjects; in?: Name; filter?: string }
  | { kind: 'begin'; modes: string[] }
  | { kind: 'commit' }
  | { kind: 'rollback' }
  | { kind: 'declare'; cursor: string; query: CursorQuery }
  | {
      kind: 'fetch'
      cursor: string
      count: number | 'all'
      timeoutMs: number | undefined
    }
  | { kind: 'close'; cursor: string }
  | { kind: 'deallocate' | 'discard'; what: string }

export type ShowObjects =
  | 'sources'
  | 'sinks'
  | 'secrets'
  | 'connections'
  | 'clusters'
  | 'cluster replicas'
  | 'schemas'
  | 'databases'
  | 'columns'
  | 'tables'
  | 'views'
  | 'materialized views'
  | 'roles'
  | 'objects'

export type CursorQuery =
  | { is: 'select'; sql: string; start: number }
  | {
      is: 'subscribe'
      relation?: Name
      sql?: string
      start: number
      snapshot: boolean
      progress: boolean
    }

export interface Parsed {
  statement: Statement
  /** The statement as sent, without its semicolon. */
  text: string
}
