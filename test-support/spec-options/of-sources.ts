import { type Example, type Examples, kept } from './example.ts'

const FORMATS = 'bundle/source-formats.test.ts'
const OPTIONS = 'bundle/source-options.test.ts'

const AVRO_SCHEMA =
  '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"region","type":"string"}]}'

/** `message Order { int64 id = 1; string region = 2; }` in proto3, compiled. */
const DESCRIPTORS =
  '0a410a0a726f6f742e70726f746f222b0a054f72646572120e0a0269641801200128034202100012' +
  '120a06726567696f6e18022001280942021000620670726f746f33'

const KEYED = { 'key-format': 'text', 'value-format': 'json', format: undefined }

function formats(): Examples {
  const row = (format: unknown, sql: string, base?: unknown): Example => ({
    set: { format },
    sql,
    test: FORMATS,
    ...(base !== undefined && { base: { format: base } }),
  })
  const csv = (more: object) => ({ csv: more })
  const avro = (more: object) => ({ avro: { registry: 'sr', ...more } })
  const message = { message: 'Order', schema: DESCRIPTORS }
  const rows: Record<string, Example> = {
    'format: bytes': { ...row('bytes', 'FORMAT BYTES'), input: 'format' },
    'format: text': { ...row('text', 'FORMAT TEXT', 'bytes'), input: 'format' },
    'format: json': { ...row('json', 'FORMAT JSON'), input: 'format' },
    'format.csv.columns': row(csv({ columns: 2 }), 'CSV WITH'),
    'format.csv.header': row(csv({ header: ['id', 'region'] }), 'CSV WITH HEADER'),
    'format.csv.delimiter': row(
      csv({ columns: 2, delimiter: ';' }),
      'DELIMITED BY',
      csv({ columns: 2 }),
    ),
    'format.regex': row({ regex: '(?P<id>\\d+) (?P<region>.*)' }, 'REGEX'),
    'format.avro.registry': row(avro({}), 'USING CONFLUENT SCHEMA REGISTRY CONNECTION'),
    'format.avro.key-strategy': row(
      avro({ 'key-strategy': { id: 1 }, 'value-strategy': { id: 2 } }),
      'KEY STRATEGY',
      avro({ 'value-strategy': { id: 2 } }),
    ),
    'format.avro.key-strategy: latest': row(
      avro({ 'key-strategy': 'latest' }),
      'STRATEGY LATEST',
      avro({}),
    ),
    'format.avro.key-strategy.id': row(
      avro({ 'key-strategy': { id: 1 } }),
      'STRATEGY ID',
      avro({}),
    ),
    'format.avro.key-strategy.inline': row(
      avro({ 'key-strategy': { inline: '"string"' } }),
      'STRATEGY INLINE',
      avro({}),
    ),
    'format.avro.value-strategy': row(
      avro({ 'value-strategy': 'latest' }),
      'VALUE STRATEGY',
      avro({}),
    ),
    'format.avro.schema': row({ avro: { schema: AVRO_SCHEMA } }, 'AVRO USING SCHEMA'),
    'format.avro.wire-format': row(
      { avro: { schema: AVRO_SCHEMA, 'wire-format': false } },
      'CONFLUENT WIRE FORMAT',
      { avro: { schema: AVRO_SCHEMA } },
    ),
    'format.protobuf.registry': row(
      { protobuf: { registry: 'sr' } },
      'USING CONFLUENT SCHEMA REGISTRY CONNECTION',
    ),
    'format.protobuf.message': row({ protobuf: message }, 'MESSAGE'),
    'format.protobuf.schema': row({ protobuf: message }, 'USING SCHEMA'),
  }
  return rows
}

function includes(): Examples {
  const row = (include: unknown, sql: string, base?: unknown): Example => ({
    base: { ...KEYED, ...(base !== undefined && { include: [base] }) },
    set: { include: [include] },
    sql,
    test: FORMATS,
  })
  const kinds = ['key', 'partition', 'offset', 'timestamp', 'headers']
  const header = { name: 'trace', as: 'trace' }
  return {
    ...Object.fromEntries(
      kinds.flatMap((kind): [string, Example][] => [
        [
          `include: ${kind}`,
          { ...row(kind, `INCLUDE ${kind.toUpperCase()}`), input: 'include' as const },
        ],
        [`include.${kind}.as`, row({ [kind]: { as: 'it' } }, 'AS', kind)],
      ]),
    ),
    'include.header.name': row({ header }, 'INCLUDE HEADER'),
    'include.header.as': row({ header: { ...header, as: 'it' } }, 'AS', { header }),
    'include.header.bytes': row({ header: { ...header, bytes: true } }, 'BYTES', { header }),
  }
}

const DECODING: Examples = {
  format: { set: { format: 'json' }, sql: 'FORMAT', test: FORMATS },
  ...formats(),
  'key-format': { set: KEYED, sql: 'KEY FORMAT', test: FORMATS },
  'value-format': { set: KEYED, sql: 'VALUE FORMAT', test: FORMATS },
  include: { set: { include: ['offset'] }, sql: 'INCLUDE', test: FORMATS },
  ...includes(),
  envelope: { base: KEYED, set: { envelope: 'upsert' }, sql: 'ENVELOPE', test: FORMATS },
  'envelope: none': {
    base: { ...KEYED, envelope: 'upsert' },
    set: { envelope: 'none' },
    sql: '',
    input: 'envelope',
    test: OPTIONS,
  },
  'envelope: upsert': {
    base: KEYED,
    set: { envelope: 'upsert' },
    sql: 'ENVELOPE UPSERT',
    input: 'envelope',
    test: FORMATS,
  },
  'envelope: debezium': {
    base: { format: { avro: { registry: 'sr' } } },
    set: { envelope: 'debezium' },
    sql: 'ENVELOPE DEBEZIUM',
    test: FORMATS,
  },
  'envelope.upsert.decoding-errors': {
    base: { ...KEYED, envelope: 'upsert' },
    set: { envelope: { upsert: { 'decoding-errors': 'inline' } } },
    sql: 'VALUE DECODING ERRORS',
    test: FORMATS,
  },
  'envelope.upsert.decoding-errors: inline': {
    base: { ...KEYED, envelope: 'upsert' },
    set: { envelope: { upsert: { 'decoding-errors': 'inline' } } },
    sql: 'VALUE DECODING ERRORS = (INLINE)',
    test: FORMATS,
  },
  'envelope.upsert.decoding-errors.inline.as': {
    base: { ...KEYED, envelope: { upsert: { 'decoding-errors': 'inline' } } },
    set: { envelope: { upsert: { 'decoding-errors': { inline: { as: 'oops' } } } } },
    sql: 'INLINE AS',
    test: FORMATS,
  },
  columns: { set: { columns: ['line'] }, sql: '("line")', test: OPTIONS },
}

/** The options that sources and tables have in common; a table gets those of its own keys alone. */
function decoding(section: 'sources' | 'tables'): Examples {
  const rows = Object.entries(DECODING).filter(
    ([key]) => section === 'sources' || /^[a-z-]+$/.test(key),
  )
  return Object.fromEntries(
    rows.map(([key, one]) => {
      const example: Example = section === 'sources' ? one : { ...one, test: OPTIONS }
      return [`${section}.${key}`, example]
    }),
  )
}

function flat(examples: Examples, inputs: Record<string, NonNullable<Example['input']>>): Examples {
  return Object.fromEntries(
    Object.entries(examples).map(([key, one]) => {
      const input = inputs[key]
      return [key, input ? { ...one, input } : one]
    }),
  )
}

export const OF_SOURCES: Examples = flat(
  {
    'sources.connection': {
      set: { connection: 'kc2' },
      sql: 'KAFKA CONNECTION',
      test: 'bundle/spec.test.ts',
    },
    'sources.topic': { set: { topic: 'orders2' }, sql: 'TOPIC', test: 'bundle/spec.test.ts' },
    ...decoding('sources'),
    'sources.start-offsets': {
      set: { 'start-offsets': [1] },
      sql: 'START OFFSET',
      test: OPTIONS,
    },
    'sources.start-timestamp': {
      set: { 'start-timestamp': '-1h' },
      sql: 'START TIMESTAMP',
      test: OPTIONS,
    },
    'sources.group-id-prefix': {
      set: { 'group-id-prefix': 'shop-' },
      sql: 'GROUP ID PREFIX',
      test: OPTIONS,
    },
    'sources.metadata-refresh-interval': {
      set: { 'metadata-refresh-interval': '10s' },
      sql: 'TOPIC METADATA REFRESH INTERVAL',
      test: OPTIONS,
    },
    'sources.progress': { set: { progress: 'how_far' }, sql: 'EXPOSE PROGRESS AS', test: OPTIONS },
    'sources.retain-history': {
      set: { 'retain-history': '1h' },
      sql: 'RETAIN HISTORY',
      test: OPTIONS,
    },
    'sources.timestamp-interval': {
      set: { 'timestamp-interval': '2s' },
      sql: 'TIMESTAMP INTERVAL',
      test: 'core/spec-broken-shape.test.ts',
    },
    'sources.cluster': {
      set: { cluster: 'ingest' },
      sql: 'IN CLUSTER',
      test: 'core/spec-parse.test.ts',
    },
    ...kept('sources', 'bundle/mixed-spec.ts', 'select'),
    'tables.source': { set: { source: 'base2' }, sql: 'FROM SOURCE', test: OPTIONS },
    ...decoding('tables'),
    'tables.retain-history': {
      set: { 'retain-history': '1h' },
      sql: 'RETAIN HISTORY',
      test: OPTIONS,
    },
    ...kept('tables', OPTIONS, 'select'),
  },
  {
    'sources.connection': 'connection',
    'sources.topic': 'topic',
    'sources.format': 'format',
    'sources.key-format': 'key-format',
    'sources.value-format': 'format',
    'sources.include': 'include',
    'sources.envelope': 'envelope',
    'sources.start-offsets': 'start-offsets',
    'sources.cluster': 'cluster',
  },
)
