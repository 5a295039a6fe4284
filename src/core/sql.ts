import type { Marker } from './marker.ts'
import { commentText } from './marker.ts'
import type { ClusterSpec, SchemaSpec, ViewSpec } from './model.ts'
import type { Privilege, QualifiedName } from './model-object.ts'

/**
 * SQL is made only here and in sql-connection, sql-source and sql-sink. Materialize takes no
 * parameters in DDL, so every name and value is quoted here.
 */

/** One statement: what is sent, and what may be shown of it (the same, secrets apart). */
export interface Statement {
  text: string
  shown: string
}

/** The kinds of object this action makes, as COMMENT ON and DROP name them. */
export type ObjectKind =
  'schema' | 'cluster' | 'secret' | 'connection' | 'source' | 'table' | 'view' | 'sink'

/** How statements name a kind. A view of ours is always materialized: others cannot be sunk. */
const WORDS: Record<ObjectKind, string> = {
  schema: 'SCHEMA',
  cluster: 'CLUSTER',
  secret: 'SECRET',
  connection: 'CONNECTION',
  source: 'SOURCE',
  table: 'TABLE',
  view: 'MATERIALIZED VIEW',
  sink: 'SINK',
}

/** An object as statements name it. A cluster belongs to no schema: its name stands alone. */
export interface Target {
  kind: ObjectKind
  name: QualifiedName
}

/** The object’s name in a statement. */
export function targetName(of: Target | { kind: 'topic'; name: QualifiedName }): string {
  if (of.kind === 'topic') return of.name.name
  if (of.kind === 'schema') return `${ident(of.name.database)}.${ident(of.name.name)}`
  return of.kind === 'cluster' ? ident(of.name.name) : qualified(of.name)
}

/** A cluster’s name in the form that all others have. */
export function clusterName(name: string): QualifiedName {
  return { database: '', schema: '', name }
}

/** Likewise a schema’s, which lies in a database. */
export function schemaName({
  database,
  name,
}: Pick<SchemaSpec, 'database' | 'name'>): QualifiedName {
  return { database, schema: '', name }
}

/** A name as a quoted identifier, whatever it holds. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A string literal. A backslash is an ordinary character in Materialize's literals. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** `"database"."schema"."name"` */
export function qualified(name: QualifiedName): string {
  return [name.database, name.schema, name.name].map(ident).join('.')
}

/** A list for IN; an empty one matches nothing. */
export function literals(values: Iterable<string>): string {
  const list = [...values].map(literal)
  return list.length === 0 ? '(NULL)' : `(${list.join(', ')})`
}

/**
 * A secret's value in the hexadecimal form of bytea. As a text literal, a backslash would be read as
 * an escape, and a value that begins with \x as hexadecimal; a refusal would print it back.
 */
export function secretLiteral(value: string): string {
  return `'\\x${hex(value)}'`
}

/** The UTF-8 bytes as lower-case hexadecimal digits. */
export function hex(value: string): string {
  return Array.from(new TextEncoder().encode(value), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** A statement that holds no secret. */
export function statement(text: string): Statement {
  return { text, shown: text }
}

/** The clause of a statement that makes something in a cluster; none: the session’s. */
export function inCluster(cluster: string | undefined): string {
  return cluster === undefined ? '' : ` IN CLUSTER ${ident(cluster)}`
}

export function createView(spec: ViewSpec): Statement {
  return statement(
    `CREATE MATERIALIZED VIEW ${qualified(spec.name)}${inCluster(spec.cluster)} AS ${spec.sql}`,
  )
}

export function createSchema(spec: SchemaSpec): Statement {
  return statement(`CREATE SCHEMA ${targetName({ kind: 'schema', name: schemaName(spec) })}`)
}

export function createCluster(spec: ClusterSpec): Statement {
  const factor =
    spec.replicationFactor === undefined
      ? ''
      : `, REPLICATION FACTOR ${String(spec.replicationFactor)}`
  return statement(`CREATE CLUSTER ${ident(spec.name)} (SIZE ${literal(spec.size)}${factor})`)
}

/** @param settings what to set, each as `SIZE 'x'` or `REPLICATION FACTOR 2`. */
export function alterCluster(name: string, settings: string[]): Statement {
  return statement(`ALTER CLUSTER ${ident(name)} SET (${settings.join(', ')})`)
}

export function ownerTo(of: Target, role: string): Statement {
  return statement(`ALTER ${WORDS[of.kind]} ${targetName(of)} OWNER TO ${ident(role)}`)
}

export function grant(of: Target, to: { privileges: Privilege[]; role: string }): Statement {
  // Sources and views are tables to GRANT.
  const word = ['source', 'view'].includes(of.kind) ? 'TABLE' : WORDS[of.kind]
  return statement(
    `GRANT ${to.privileges.join(', ').toUpperCase()} ON ${word} ${targetName(of)} TO ${ident(to.role)}`,
  )
}

/** Never with CASCADE: what depends on the object and is not ours must stop us. */
export function drop(of: Target): Statement {
  return statement(`DROP ${WORDS[of.kind]} ${targetName(of)}`)
}

/** An object of any type, named as mz_objects does: `materialized-view`, `index` … */
export function dropAny(type: string, name: QualifiedName): Statement {
  return statement(`DROP ${type.replaceAll('-', ' ').toUpperCase()} ${qualified(name)}`)
}

/** Marks an object as ours, with the user’s own words above the mark. */
export function commentOn(of: Target, comment: { own: string; marker: Marker }): Statement {
  return statement(
    `COMMENT ON ${WORDS[of.kind]} ${targetName(of)} IS ${literal(commentText(comment.own, comment.marker))}`,
  )
}

/** Writes the comment that is there, which changes nothing and which only the owner may. */
export function sameComment(of: Target, comment: { own: string; marker?: Marker }): Statement {
  const { own, marker } = comment
  const text = marker ? commentText(own, marker) : own
  return statement(
    `COMMENT ON ${WORDS[of.kind]} ${targetName(of)} IS ${text === '' ? 'NULL' : literal(text)}`,
  )
}

export function setCluster(cluster: string): Statement {
  return statement(`SET cluster = ${ident(cluster)}`)
}

/** Makes a session look up bare names in a schema, as the queries of views expect. */
export function lookIn({ database, schema }: QualifiedName): Statement[] {
  return [
    statement(`SET database = ${ident(database)}`),
    statement(`SET search_path = ${ident(schema)}`),
  ]
}

/** The first rows of a relation. Up to 24 they come without a dataflow (the fast path). */
export function firstRows(relation: QualifiedName, limit: number): Statement {
  return statement(`SELECT * FROM ${qualified(relation)} LIMIT ${String(limit)}`)
}

/** Statements of one transaction that reads a query by and by. */
export const cursor = {
  begin: statement('BEGIN'),
  rollback: statement('ROLLBACK'),
  /** Rows of a relation up to a limit. */
  ofRows(relation: QualifiedName, limit: number): Statement {
    return statement(
      `DECLARE c CURSOR FOR SELECT * FROM ${qualified(relation)} LIMIT ${String(limit)}`,
    )
  },
  /** How many rows a relation has, now and from now on: equal rows come as one with their number. */
  ofCounts(relation: QualifiedName): Statement {
    return statement(
      `DECLARE c CURSOR FOR SUBSCRIBE (SELECT true AS present FROM ${qualified(relation)}) WITH (SNAPSHOT)`,
    )
  },
  /** Waits for one row, no longer than the time given. */
  one(seconds: number): Statement {
    return statement(`FETCH 1 c WITH (TIMEOUT = '${String(seconds)}s')`)
  },
  /** Takes what is ready. */
  ready: statement(`FETCH ALL c WITH (TIMEOUT = '0s')`),
  /** The next rows of a query that has an end. */
  next(rows: number): Statement {
    return statement(`FETCH ${String(rows)} c`)
  },
  /** In such a transaction Materialize refuses whatever would change something. */
  beginReadOnly: statement('BEGIN READ ONLY'),
  /** The rows of a query. A comment may be its end. */
  of(query: string): Statement {
    return statement(`DECLARE c CURSOR FOR ${query}`)
  },
}

/** Where the session’s statements look names up, and which cluster answers: undefined, the role’s. */
export function setPlace(of: {
  within: Pick<QualifiedName, 'database' | 'schema'>
  cluster?: string
}): Statement[] {
  return [
    statement(`SET database = ${ident(of.within.database)}`),
    statement(`SET schema = ${ident(of.within.schema)}`),
    of.cluster === undefined ? statement('RESET cluster') : setCluster(of.cluster),
  ]
}
