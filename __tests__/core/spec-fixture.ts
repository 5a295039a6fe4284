import { Failure } from '../../src/core/failure.ts'
import { parseSpec, type ParsedSpec } from '../../src/core/spec-parse.ts'
import type { Reference } from '../../src/core/spec-read.ts'

export const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

/** What files of the tests find outside of themselves. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  KAFKA_USERNAME: 'etl-user',
  KAFKA_PASSWORD: 'correct horse\n',
  EMPTY: '',
  TWO_LINES: 'a\nb',
  NO_PEM: 'sesame',
  CA: PEM,
  'ca.pem': `${PEM}\n`,
  'totals.sql': 'SELECT region FROM orders;\n',
  'bad.sql': "SELECT 'region FROM orders",
}

export function look(reference: Reference): string | undefined {
  return OUTSIDE['env' in reference ? reference.env : reference.file]
}

export const GIVEN = {
  file: 'spec.yml',
  database: 'materialize',
  schema: 'public',
  secret: look,
  text: look,
}

export function parsed(text: string): ParsedSpec {
  return parseSpec(text, GIVEN)
}

/** The failure that a text is refused with; anything else thrown is a defect. */
export function refusal(text: string, given: Parameters<typeof parseSpec>[1] = GIVEN): Failure {
  try {
    parseSpec(text, given)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('was not refused')
}

/** What is said of a text, line by line, without the file’s name. */
export function said(text: string): string[] {
  const lines = refusal(text).message.split('\n')
  return lines.map((line) => line.replace(/^spec\.yml:/, ''))
}

/** The example of the issue. Its query has a comma in it, and so it needs quotes within { }. */
export const EXAMPLE = `connections:
  upstash:
    kafka: { brokers: [b1:9092, b2:9092], username: { env: KAFKA_USERNAME }, password: { env: KAFKA_PASSWORD }, mechanism: SCRAM-SHA-256 }   # ca: PEM text, { env: … } or { file: … }
clusters: { ingest: { size: 25cc } }
topics:  { orders: { connection: upstash, partitions: 6, replication-factor: 3, config: { cleanup.policy: compact } } }
sources:
  orders: { connection: upstash, topic: orders, format: json, cluster: ingest, comment: Orders from the shop }
views:
  totals: { sql: "SELECT region, count(*) AS n FROM orders GROUP BY region", cluster: ingest }
sinks:
  totals_out: { from: totals, connection: upstash, topic: totals, format: json, envelope: upsert, key: [region] }
defaults: { database: materialize, schema: public, cluster: ingest, owner: etl, grants: [{ to: analysts, privileges: [select] }] }
`
