import { type Examples, kept } from './example.ts'

const SPEC = 'bundle/spec.test.ts'
const PARSED = 'core/spec-parse.test.ts'
const TOPICS = 'core/topics.test.ts'

/** Clusters, topics, views, and what stands under defaults. */
export const OF_OTHERS: Examples = {
  'clusters.size': {
    set: { size: '50cc' },
    sql: 'SIZE',
    test: 'core/connection-and-size-refusals.test.ts',
  },
  'clusters.replication-factor': {
    base: { 'replication-factor': 1 },
    set: { 'replication-factor': 2 },
    sql: 'REPLICATION FACTOR',
    test: 'core/plan.test.ts',
  },
  ...kept('clusters', 'core/plan.test.ts', 'usage'),
  'topics.connection': { set: { connection: 'kc2' }, test: 'bundle/mixed-spec.ts' },
  'topics.partitions': { set: { partitions: 2 }, input: 'topic-partitions', test: TOPICS },
  'topics.replication-factor': {
    set: { 'replication-factor': 2 },
    input: 'topic-replication-factor',
    test: 'presets.test.ts',
  },
  'topics.config': { set: { config: { 'retention.ms': 3_600_000 } }, test: TOPICS },
  'views.sql': {
    set: { sql: 'SELECT text FROM lines' },
    sql: 'CREATE MATERIALIZED VIEW',
    test: SPEC,
  },
  'views.cluster': { set: { cluster: 'ingest' }, sql: 'IN CLUSTER', test: PARSED },
  ...kept('views', 'core/plan.test.ts', 'select'),
  'defaults.database': {
    set: { database: 'elsewhere' },
    sql: 'CREATE SOURCE',
    input: 'materialize-database',
    test: PARSED,
  },
  'defaults.schema': {
    set: { schema: 'elsewhere' },
    sql: 'CREATE SOURCE',
    input: 'schema',
    test: PARSED,
  },
  'defaults.cluster': {
    set: { cluster: 'ingest' },
    sql: 'IN CLUSTER',
    input: 'cluster',
    test: PARSED,
  },
  'defaults.owner': { set: { owner: 'etl' }, sql: 'OWNER TO', test: PARSED },
  'defaults.grants': {
    set: { grants: [{ to: 'analysts', privileges: ['select'] }] },
    sql: 'GRANT SELECT ON',
    test: PARSED,
  },
}
