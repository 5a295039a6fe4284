import type { Marker } from './marker.ts'
import { commentText } from './marker.ts'
import type {
  ClusterSpec,
  ConnectionSpec,
  Privilege,
  QualifiedName,
  SecretSpec,
  SinkSpec,
  SourceSpec,
  ViewSpec,
} from './model.ts'

/**
 * The only place where SQL is made. Materialize takes no parameters in DDL, so every name and value
 * is quoted here.
 */

/** One statement: what is sent, and what may be shown of it (the same, secrets apart). */
export interface Statement {
  text: string
  shown: string
}

/** The kinds of object this action makes, as COMMENT ON and DROP name them. */
export type ObjectKind = 'cluster' | 'secret' | 'connection' | 'source' | 'view' | 'sink'

/** How statements name a kind. A view of ours is always materialized: others cannot be sunk. */
const WORDS: Record<ObjectKind, string> = {
  cluster: 'CLUSTER',
  secret: 'SECRET',
  connection: 'CONNECTION',
  source: 'SOURCE',
  view: 'MATERIALIZED VIEW',
  sink: 'SINK',
}

/** An object as statements name it. A cluster belongs to no schema: its name stands alone. */
export interface Target {
  kind: ObjectKind
  name: QualifiedName
}

/** The object’s name in a statement. */
export function targetName(of: Target): string {
  return of.kind === 'cluster' ? ident(of.name.name) : qualified(of.name)
}

/** A cluster’s name in the form that all others have. */
export function clusterName(name: string): QualifiedName {
  return { database: '', schema: '', name }
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

function withSecret(verb: string, secret: SecretSpec): Statement {
  const head = `${verb} SECRET ${qualified(secret.name)} AS `
  return { text: head + secretLiteral(secret.value), shown: `${head}'********'` }
}

export function createSecret(secret: SecretSpec): Statement {
  return withSecret('CREATE', secret)
}

export function alterSecret(secret: SecretSpec): Statement {
  return withSecret('ALTER', secret)
}

export function createConnection(spec: ConnectionSpec): Statement {
  const { kafka, secrets } = spec
  const [first = '', ...others] = kafka.brokers
  const options = [
    others.length === 0
      ? `BROKER ${literal(first)}`
      : `BROKERS (${kafka.brokers.map(literal).join(', ')})`,
    `SECURITY PROTOCOL = ${literal(kafka.protocol)}`,
  ]
  if (kafka.sasl) options.push(`SASL MECHANISMS = ${literal(kafka.sasl.mechanism)}`)
  const secret = (option: string, of: SecretSpec | undefined): void => {
    if (of) options.push(`${option} = SECRET ${qualified(of.name)}`)
  }
  secret('SASL USERNAME', secrets.username)
  secret('SASL PASSWORD', secrets.password)
  secret('SSL CERTIFICATE AUTHORITY', secrets.ca)
  return statement(`CREATE CONNECTION ${qualified(spec.name)} TO KAFKA (${options.join(', ')})`)
}

/** Logs in to Kafka with the connection as it is now; changes nothing. */
export function validateConnection(name: QualifiedName): Statement {
  return statement(`VALIDATE CONNECTION ${qualified(name)}`)
}

function inCluster(cluster: string | undefined): string {
  return cluster === undefined ? '' : ` IN CLUSTER ${ident(cluster)}`
}

export function createSource(spec: SourceSpec): Statement {
  // Without FORMAT, Materialize makes a source that has no rows of its own: it is always given.
  return statement(
    `CREATE SOURCE ${qualified(spec.name)}${inCluster(spec.cluster)}` +
      ` FROM KAFKA CONNECTION ${qualified(spec.connection)} (TOPIC ${literal(spec.topic)})` +
      ` FORMAT ${spec.format.toUpperCase()}`,
  )
}

export function createSink(spec: SinkSpec): Statement {
  const key = spec.key.length === 0 ? '' : ` KEY (${spec.key.map(ident).join(', ')})`
  return statement(
    `CREATE SINK ${qualified(spec.name)}${inCluster(spec.cluster)} FROM ${qualified(spec.from)}` +
      ` INTO KAFKA CONNECTION ${qualified(spec.connection)} (TOPIC ${literal(spec.topic)})${key}` +
      ` FORMAT ${spec.format.toUpperCase()} ENVELOPE ${spec.envelope.toUpperCase()}`,
  )
}

export function createView(spec: ViewSpec): Statement {
  return statement(
    `CREATE MATERIALIZED VIEW ${qualified(spec.name)}${inCluster(spec.cluster)} AS ${spec.sql}`,
  )
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

/** @param clauses each as `SET (OPTION = value)` or `DROP (OPTION)`; all take effect together. */
export function alterConnection(name: QualifiedName, clauses: string[]): Statement {
  // Checking would hold up everybody else’s DDL; it is done by VALIDATE CONNECTION afterwards.
  return statement(
    `ALTER CONNECTION ${qualified(name)} ${clauses.join(', ')} WITH (VALIDATE = false)`,
  )
}

export function alterSinkFrom(sink: QualifiedName, from: QualifiedName): Statement {
  return statement(`ALTER SINK ${qualified(sink)} SET FROM ${qualified(from)}`)
}

export function ownerTo(of: Target, role: string): Statement {
  return statement(`ALTER ${WORDS[of.kind]} ${targetName(of)} OWNER TO ${ident(role)}`)
}

export function grant(of: Target, to: { privileges: Privilege[]; role: string }): Statement {
  // Sources and views are tables to GRANT.
  const word = of.kind === 'source' || of.kind === 'view' ? 'TABLE' : WORDS[of.kind]
  return statement(
    `GRANT ${to.privileges.join(', ').toUpperCase()} ON ${word} ${targetName(of)} TO ${ident(to.role)}`,
  )
}

/** Never with CASCADE: what depends on the object and is not ours must stop us. */
export function drop(of: Target): Statement {
  return statement(`DROP ${WORDS[of.kind]} ${targetName(of)}`)
}

/** Marks an object as ours, with the user’s own words above the mark. */
export function commentOn(of: Target, comment: { own: string; marker: Marker }): Statement {
  return statement(
    `COMMENT ON ${WORDS[of.kind]} ${targetName(of)} IS ${literal(commentText(comment.own, comment.marker))}`,
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
}
