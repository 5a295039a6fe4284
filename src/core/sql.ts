import type { Marker } from './marker.ts'
import { markerText } from './marker.ts'
import type { ConnectionSpec, QualifiedName, SecretSpec, SinkSpec, SourceSpec } from './model.ts'

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
export type ObjectKind = 'secret' | 'connection' | 'source' | 'sink'

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

/** Marks an object as ours. */
export function commentOn(
  kind: ObjectKind,
  of: { name: QualifiedName; marker: Marker },
): Statement {
  return statement(
    `COMMENT ON ${kind.toUpperCase()} ${qualified(of.name)} IS ${literal(markerText(of.marker))}`,
  )
}

export function setCluster(cluster: string): Statement {
  return statement(`SET cluster = ${ident(cluster)}`)
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
