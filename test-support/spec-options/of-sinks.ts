import { type Example, type Examples, kept } from './example.ts'

const FORMATS = 'bundle/sink-formats.test.ts'

const AVRO = { avro: { registry: 'sr' } }
const KEYED = { envelope: 'upsert', key: ['region'] }

function avro(more: object, sql: string, base: object = {}): Example {
  return {
    base: { ...KEYED, format: { avro: { registry: 'sr', ...base } } },
    set: { format: { avro: { registry: 'sr', ...more } } },
    sql,
    test: FORMATS,
  }
}

const NAMED = { 'key-fullname': 'shop.Key', 'value-fullname': 'shop.Total' }
const doc = (more: object = {}) => ({ docs: [{ text: 'How many', ...more }] })

const formats: Examples = {
  'sinks.format': { set: { format: AVRO }, sql: 'FORMAT', input: 'sink-format', test: FORMATS },
  'sinks.format: bytes': {
    base: { from: 'regions' },
    set: { format: 'bytes' },
    sql: 'FORMAT BYTES',
    input: 'sink-format',
    test: FORMATS,
  },
  'sinks.format: text': {
    base: { from: 'regions' },
    set: { format: 'text' },
    sql: 'FORMAT TEXT',
    input: 'sink-format',
    test: FORMATS,
  },
  'sinks.format: json': {
    base: { from: 'regions', format: 'text' },
    set: { format: 'json' },
    sql: 'FORMAT JSON',
    input: 'sink-format',
    test: FORMATS,
  },
  'sinks.format.avro.registry': {
    set: { format: AVRO },
    sql: 'USING CONFLUENT SCHEMA REGISTRY CONNECTION',
    test: FORMATS,
  },
  'sinks.format.avro.key-fullname': avro(NAMED, 'AVRO KEY FULLNAME'),
  'sinks.format.avro.value-fullname': avro(NAMED, 'AVRO VALUE FULLNAME'),
  'sinks.format.avro.docs': avro(doc(), 'DOC ON TYPE'),
  'sinks.format.avro.docs.text': avro({ docs: [{ text: 'How much' }] }, 'DOC ON TYPE', doc()),
  'sinks.format.avro.docs.type': avro(doc({ type: 'totals2', column: 'n' }), 'DOC ON COLUMN'),
  'sinks.format.avro.docs.column': avro(doc({ column: 'n' }), 'DOC ON COLUMN'),
  'sinks.format.avro.docs.only': avro(doc({ only: 'value' }), 'VALUE DOC ON', doc()),
  'sinks.format.avro.null-defaults': avro({ 'null-defaults': true }, 'NULL DEFAULTS'),
  'sinks.format.avro.key-compatibility': avro(
    { 'key-compatibility': 'FULL' },
    'KEY COMPATIBILITY LEVEL',
  ),
  'sinks.format.avro.value-compatibility': avro(
    { 'value-compatibility': 'FULL' },
    'VALUE COMPATIBILITY LEVEL',
  ),
}

const of = (key: string, value: unknown, sql: string): Examples => ({
  [`sinks.${key}`]: { set: { [key]: value }, sql, test: FORMATS },
})

export const OF_SINKS: Examples = {
  'sinks.from': {
    set: { from: 'totals2' },
    sql: 'FROM',
    input: 'sink-from',
    test: 'bundle/spec.test.ts',
  },
  'sinks.connection': {
    set: { connection: 'kc2' },
    sql: 'KAFKA CONNECTION',
    input: 'connection',
    test: 'bundle/mixed-spec.ts',
  },
  'sinks.topic': {
    set: { topic: 'totals2' },
    sql: 'TOPIC',
    input: 'sink-topic',
    test: 'bundle/mixed-spec.ts',
  },
  ...formats,
  'sinks.key-format': {
    base: KEYED,
    set: { 'key-format': 'text', 'value-format': 'json' },
    sql: 'KEY FORMAT',
    test: FORMATS,
  },
  'sinks.value-format': {
    base: KEYED,
    set: { 'key-format': 'text', 'value-format': AVRO },
    sql: 'VALUE FORMAT',
    test: FORMATS,
  },
  'sinks.envelope': {
    base: { key: ['region'] },
    set: { envelope: 'upsert' },
    sql: 'ENVELOPE',
    input: 'sink-envelope',
    test: FORMATS,
  },
  'sinks.key': { set: { key: ['region'] }, sql: 'KEY', input: 'sink-key', test: FORMATS },
  'sinks.key-not-enforced': {
    base: KEYED,
    set: { 'key-not-enforced': true },
    sql: 'NOT ENFORCED',
    test: FORMATS,
  },
  'sinks.headers': {
    base: { ...KEYED, from: 'with_headers' },
    set: { headers: 'h' },
    sql: 'HEADERS',
    test: FORMATS,
  },
  ...of('partition-by', 'seahash(region)', 'PARTITION BY'),
  ...of('topic-partitions', 3, 'TOPIC PARTITION COUNT'),
  ...of('topic-replication-factor', 1, 'TOPIC REPLICATION FACTOR'),
  ...of('topic-config', { 'cleanup.policy': 'compact' }, 'TOPIC CONFIG'),
  ...of('compression', 'zstd', 'COMPRESSION TYPE'),
  ...of('transactional-id-prefix', 'shop-', 'TRANSACTIONAL ID PREFIX'),
  ...of('progress-group-id-prefix', 'shop-', 'PROGRESS GROUP ID PREFIX'),
  ...of('metadata-refresh-interval', '10s', 'TOPIC METADATA REFRESH INTERVAL'),
  ...of('snapshot', false, 'SNAPSHOT'),
  'sinks.cluster': {
    set: { cluster: 'ingest' },
    sql: 'IN CLUSTER',
    input: 'cluster',
    test: 'core/spec-parse.test.ts',
  },
  ...kept('sinks', 'core/plan.test.ts'),
}
