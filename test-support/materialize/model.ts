import type {
  ColumnDefinition,
  CreateSink,
  CreateSource,
  CreateTableFromSource,
  FormatClause,
  Include,
  Option,
  SourceEnvelope,
} from './statements.ts'

export interface Column {
  name: string
  /** Materialize's name of the type, see column-types.ts. */
  type: string
  nullable: boolean
  default?: string
  /** Digits after the point, of a numeric that was declared with them. */
  scale?: number
}

export interface Grant {
  /** Role id, `p` for PUBLIC. */
  grantee: string
  grantor: string
  privileges: Set<string>
}

export interface Role {
  id: string
  oid: number
  name: string
  canLogin: boolean
  /** Materialize shows it only of roles that log in with a password. */
  superuser: boolean | null
  isSuperuser: boolean
  password: string | null
  memberOf: Set<string>
}

export interface Database {
  id: string
  oid: number
  name: string
  ownerId: string
  acl: Grant[]
  comment?: string
}

export interface Schema {
  id: string
  oid: number
  databaseId: string | null
  name: string
  ownerId: string
  acl: Grant[]
  comment?: string
}

export interface Replica {
  id: string
  name: string
}

export interface Cluster {
  id: string
  name: string
  ownerId: string
  acl: Grant[]
  size: string
  replicas: Replica[]
  comment?: string
}

interface ItemBase {
  id: string
  oid: number
  schemaId: string
  name: string
  ownerId: string
  acl: Grant[]
  /** Ids of what it needs: dropping one of them needs CASCADE. */
  uses: string[]
  comments: Map<number, string>
}

export interface SecretItem extends ItemBase {
  type: 'secret'
  value: Buffer
}

export interface ConnectionItem extends ItemBase {
  type: 'connection'
  connectionType: 'kafka' | 'confluent-schema-registry' | 'ssh-tunnel' | 'aws' | 'aws-privatelink'
  /** Secrets by id; sorted by name, as Materialize keeps them. */
  options: Option[]
}

export interface SourceItem extends ItemBase {
  type: 'source'
  subtype: 'kafka' | 'progress'
  columns: Column[]
  clusterId?: string
  connectionId?: string
  progressId?: string
  /** Of a progress relation: the source it belongs to. */
  parentId?: string
  statement?: CreateSource
  topic?: string
  groupId?: string
  keys: string[][]
}

export interface SinkItem extends ItemBase {
  type: 'sink'
  clusterId: string
  connectionId: string
  fromId: string
  topic: string
  statement: CreateSink
  version: number
}

export interface TableItem extends ItemBase {
  type: 'table'
  columns: Column[]
  definitions: ColumnDefinition[]
  keys: string[][]
  sourceId?: string
  statement?: CreateTableFromSource
}

interface ViewBase extends ItemBase {
  columns: Column[]
  /** The query as written. */
  definition: string
  keys: string[][]
}

export interface PlainViewItem extends ViewBase {
  type: 'view'
}

export interface MaterializedViewItem extends ViewBase {
  type: 'materialized-view'
  clusterId: string
}

export type ViewItem = PlainViewItem | MaterializedViewItem
export type Item = SecretItem | ConnectionItem | SourceItem | SinkItem | TableItem | ViewItem
export type RelationItem = SourceItem | TableItem | ViewItem

/** What turns Kafka records into rows: a source's own clauses or those of a table from it. */
export interface Decoding {
  format?: FormatClause
  include: Include[]
  envelope?: SourceEnvelope
  columns?: string[]
}

/** A relation of Materialize's own, read-only. */
export interface SystemRelation {
  id: string
  oid: number
  schema: string
  name: string
  type: 'table' | 'view' | 'source' | 'materialized-view'
  columns: Column[]
  /** Not readable by everyone. */
  restricted?: boolean
}

export function isRelation(item: Item): item is RelationItem {
  return (
    item.type === 'source' ||
    item.type === 'table' ||
    item.type === 'view' ||
    item.type === 'materialized-view'
  )
}

/** How messages spell a kind. */
export function kindInCapitals(kind: string): string {
  return kind.replaceAll('-', ' ').toUpperCase()
}
