import { stringify } from 'yaml'
import { parseSpec } from '../../src/core/spec-parse.ts'
import type { Spec } from '../../src/core/model.ts'
import type { ObjectKind } from '../../src/core/sql.ts'
import type { Part } from './example.ts'

/** A small spec with something of each kind, and the object in it that an example is about. */

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

/** What the environment has for it; nothing of it is secret. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  KAFKA_USERNAME: 'kafka user',
  KAFKA_PASSWORD: 'kafka password',
  REGISTRY_PASSWORD: 'registry password',
  CA: CERTIFICATE,
  CERTIFICATE: `${CERTIFICATE}\n${CERTIFICATE}`,
  KEY: CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY'),
}

/** Connections that exist in Materialize, by name, with their types as the catalog has them. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  bastion: 'ssh-tunnel',
  link: 'aws-privatelink',
  link2: 'aws-privatelink',
  aws: 'aws',
}

export const DATABASE = 'materialize'
export const SCHEMA = 'replay'

const LOGIN = { username: { env: 'KAFKA_USERNAME' }, password: { env: 'KAFKA_PASSWORD' } }
const KAFKA = { kafka: { brokers: ['kafka:9092'], ...LOGIN } }
const REGISTRY = { registry: { url: 'http://registry:8081' } }

/** What is there whatever the example. */
export const AROUND: Record<string, Part> = {
  connections: { kc: KAFKA, kc2: KAFKA, sr: REGISTRY },
  clusters: { ingest: { size: '25cc' } },
  topics: { orders: { connection: 'kc' } },
  sources: {
    lines: { connection: 'kc', topic: 'orders', format: 'text' },
    base: { connection: 'kc', topic: 'orders' },
    base2: { connection: 'kc', topic: 'orders' },
  },
  tables: {
    base_lines: { source: 'base', format: 'text' },
    base2_lines: { source: 'base2', format: 'text' },
  },
  views: {
    totals: { sql: 'SELECT text AS region, count(*) AS n FROM lines GROUP BY text' },
    totals2: { sql: 'SELECT text AS region, count(*) AS n FROM lines GROUP BY text' },
    regions: { sql: 'SELECT DISTINCT text AS region FROM lines' },
    with_headers: {
      sql: "SELECT text AS region, count(*) AS n, MAP['from' => 'lines'] AS h FROM lines GROUP BY text",
    },
  },
  sinks: {},
  defaults: {},
}

interface Subject {
  section: string
  kind: ObjectKind | 'topic'
  is: Part
}

const SUBJECTS: Record<string, Subject> = {
  'connections.registry': { section: 'connections', kind: 'connection', is: REGISTRY },
  connections: { section: 'connections', kind: 'connection', is: KAFKA },
  clusters: { section: 'clusters', kind: 'cluster', is: { size: '25cc' } },
  topics: { section: 'topics', kind: 'topic', is: { connection: 'kc' } },
  sources: {
    section: 'sources',
    kind: 'source',
    is: { connection: 'kc', topic: 'orders', format: 'text' },
  },
  tables: { section: 'tables', kind: 'table', is: { source: 'base', format: 'text' } },
  views: { section: 'views', kind: 'view', is: { sql: 'SELECT upper(text) FROM lines' } },
  sinks: {
    section: 'sinks',
    kind: 'sink',
    is: { from: 'totals', connection: 'kc', topic: 'totals' },
  },
}

/** That and no more; or something small of each kind by such a name. */
export function around(name?: string): Spec {
  if (name === undefined) return parsed(stringify(AROUND))
  const { kc } = AROUND['connections'] ?? {}
  const [connection, topic] = [name, 'orders']
  return parsed(
    stringify({
      connections: { [name]: kc },
      clusters: { [name]: { size: '25cc' } },
      sources: { [`${name}_base`]: { connection, topic } },
      tables: { [`${name}_table`]: { source: `${name}_base`, format: 'text' } },
      views: { [`${name}_view`]: { sql: `SELECT text FROM ${name}_table` } },
      sinks: { [`${name}_sink`]: { from: `${name}_view`, connection, topic: `${name}-out` } },
    }),
  )
}

/** What an option’s example is about. Defaults are seen by a source that takes them. */
export function subjectOf(key: string): Subject {
  const [, found] = Object.entries(SUBJECTS).find(([start]) => key.startsWith(start)) ?? []
  return found ?? SUBJECTS['sources']!
}

/** The name of that object; a topic may have it, too. */
export const IT = 'it'

/** The spec in which the object of an option has these keys, too. */
export function specWith(key: string, parts: Part[], name = IT): Spec {
  const { section, is } = subjectOf(key)
  const ofDefaults = key.startsWith('defaults.')
  const merged = parts.reduce<Part>((all, part) => merge(all, part), ofDefaults ? {} : is)
  const spec = structuredClone(AROUND)
  spec[section] = { ...spec[section], [name]: ofDefaults ? is : merged }
  if (ofDefaults) spec['defaults'] = merged
  return parsed(stringify(spec))
}

/** As the action reads it. Throws what it would say. */
export function parsed(text: string): Spec {
  const look = (of: { env: string } | { file: string }) =>
    ENVIRONMENT['env' in of ? of.env : of.file]
  const within = { database: DATABASE, schema: SCHEMA }
  return parseSpec(text, { file: 'spec.yml', ...within, secret: look, text: look }).spec
}

/** Maps key by key; everything else takes the other’s place, and undefined takes the key out. */
export function merge(there: Part, more: Part): Part {
  const merged = { ...there }
  for (const [key, value] of Object.entries(more)) {
    const before = merged[key]
    if (value === undefined) Reflect.deleteProperty(merged, key)
    else merged[key] = isPart(before) && isPart(value) ? merge(before, value) : value
  }
  return merged
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
