import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'
import { isOfConnections, refused } from './mistakes-made.ts'

/**
 * Every mistake with sources, tables and sinks that the transcripts hold, made through the spec and,
 * where they can say it, through the inputs: what the user reads, and how much Materialize was asked.
 */

let services: Services
beforeAll(async () => {
  services = await startServices()
  const { kafka } = services
  await kafka.createTopic('mistaken')
  await kafka.produce('mistaken', [{ key: 'a', value: 'x;1' }])
  await kafka.createTopic('mistaken-key')
  await kafka.produce('mistaken-key', [{ key: null, value: 'v' }])
  await services.sql(
    'CREATE TABLE base (k text, n int)',
    'CREATE MATERIALIZED VIEW mv AS SELECT k, sum(n) AS n FROM base GROUP BY k',
    'CREATE VIEW v AS SELECT * FROM base',
    'CREATE TABLE tagged (k text, h map[text=>text])',
    `CREATE CONNECTION kc TO KAFKA (BROKER '${kafka.brokers.PLAINTEXT}', SECURITY PROTOCOL = 'PLAINTEXT')`,
    "CREATE SOURCE s_tbl FROM KAFKA CONNECTION kc (TOPIC 'mistaken')",
  )
})
afterAll(async () => {
  process.stdout.write(
    `cannot be made:\n${Object.entries(IMPOSSIBLE)
      .map(([statement, why]) => `  ${statement}: ${why}`)
      .join('\n')}\n`,
  )
  await services.stop()
})

interface Mistake {
  /** As Materialize’s transcript has it. */
  statement: string
  spec?: Record<string, unknown>
  inputs?: Record<string, string>
  /** Whether the spec says how to reach Kafka, so that the runner looks at it itself. */
  tellsKafka?: true
  reason: string
  /** The error’s text, or its end. */
  words: string
  /** What must be asked to tell: its catalog, or whether it takes the statement. Else nothing is. */
  asks?: 'catalog' | 'statement'
}

const source = (of: object) => ({
  spec: { sources: { s: { connection: 'kc', topic: 'mistaken', ...of } } },
})
const sink = (of: object) => ({
  spec: { sinks: { k: { from: 'mv', connection: 'kc', topic: 'out', ...of } } },
})
const upsert = { envelope: 'upsert', key: ['k'] }
const flatSource = { connection: 'kc', source: 's', topic: 'mistaken' }
const flatSink = { connection: 'kc', sink: 'k', 'sink-from': 'mv', 'sink-topic': 'out' }

const MISTAKES: Mistake[] = [
  {
    statement: 'CREATE SOURCE s_upsert2 ',
    ...source({ format: 'text', envelope: 'upsert' }),
    reason: 'input-invalid',
    words:
      'sources.s.envelope upsert needs the key to be read; give key-format and value-format in place of format.',
  },
  {
    statement: 'CREATE SOURCE s_upsert2 ',
    inputs: { ...flatSource, format: 'text', envelope: 'upsert' },
    reason: 'input-invalid',
    words: 'key-format is missing, and envelope upsert needs it.',
  },
  {
    statement: 'CREATE SOURCE s_upsert3 ',
    ...source({ format: 'bytes', include: ['key'], envelope: 'upsert' }),
    reason: 'input-invalid',
    words:
      'sources.s.envelope upsert needs the key to be read; give key-format and value-format in place of format.',
  },
  {
    statement: 'CREATE SOURCE s_upsert3 ',
    inputs: { ...flatSource, format: 'bytes', envelope: 'upsert', include: 'key' },
    reason: 'input-invalid',
    words:
      '(1) key-format is missing, and envelope upsert needs it; (2) key-format is missing, and include key needs it.',
  },
  {
    statement: 'CREATE SOURCE s_start3 ',
    ...source({ 'start-offsets': [0], 'start-timestamp': 5 }),
    reason: 'input-invalid',
    words:
      'sources.s.start-offsets and sources.s.start-timestamp are both given; give one of them.',
  },
  {
    statement: 'CREATE SOURCE s_start4 ',
    ...source({ 'start-offsets': [-1] }),
    reason: 'input-invalid',
    words:
      'sources.s.start-offsets "-1" is out of range; allowed: a whole number from 0 to 9007199254740991.',
  },
  {
    statement: 'CREATE SOURCE s_start4 ',
    inputs: { ...flatSource, 'start-offsets': '-1' },
    reason: 'input-invalid',
    words:
      'start-offsets "-1" is out of range; allowed: a whole number from 0 to 9007199254740991.',
  },
  {
    statement: 'CREATE SOURCE s_debez ',
    ...source({ format: 'json', envelope: 'debezium' }),
    reason: 'input-invalid',
    words: 'sources.s.envelope debezium takes Avro alone; give the format avro.',
  },
  {
    statement: 'CREATE SOURCE s_debez ',
    inputs: { ...flatSource, format: 'json', envelope: 'debezium' },
    reason: 'input-invalid',
    words: 'envelope "debezium" is not a word it knows; allowed: none or upsert.',
  },
  {
    statement: 'CREATE SOURCE s_badopt ',
    ...source({ format: 'text', 'no-such-option': 1 }),
    reason: 'input-invalid',
    words:
      'sources.s.no-such-option is no key of a source; allowed: connection, topic, format, key-format, value-format, include, envelope, columns, start-offsets, start-timestamp, copy-first, group-id-prefix, metadata-refresh-interval, progress, retain-history, timestamp-interval, canary, cluster, comment, owner, grants.',
  },
  {
    statement: 'CREATE SOURCE s_badformat ',
    ...source({ format: 'xml' }),
    reason: 'input-invalid',
    words:
      'sources.s.format "xml" is not a word it knows; allowed: bytes, text, json, { csv: … }, { regex: … }, { avro: … } or { protobuf: … }.',
  },
  {
    statement: 'CREATE SOURCE s_badformat ',
    inputs: { ...flatSource, format: 'xml' },
    reason: 'input-invalid',
    words: 'format "xml" is not a word it knows; allowed: bytes, text or json.',
  },
  {
    statement: 'CREATE SOURCE s_notopic ',
    ...source({ topic: 'no-such-topic', format: 'text' }),
    tellsKafka: true,
    reason: 'topic-unknown',
    words: 'There is no topic no-such-topic in Kafka.',
  },
  {
    // By a connection that only Materialize knows, nobody else looks at Kafka.
    statement: 'CREATE SOURCE s_notopic ',
    ...source({ topic: 'no-such-topic', format: 'text' }),
    reason: 'topic-unknown',
    words:
      'Materialize refused to create source "materialize"."public"."s": Topic does not exist (XX000)',
    asks: 'statement',
  },
  {
    statement: 'CREATE SOURCE s_empty_topic ',
    ...source({ topic: '' }),
    reason: 'input-invalid',
    words:
      'sources.s.topic "" is not a topic name; allowed: 1 to 249 letters, digits, dots, underscores and hyphens, and neither . nor ...',
  },
  {
    statement: 'CREATE SOURCE nosuch.s ',
    spec: { ...source({ format: 'text' }).spec, defaults: { schema: 'nosuch' } },
    reason: 'schema-unknown',
    words: 'There is no schema "nosuch" in database "materialize". There are: "public".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SOURCE nosuch.s ',
    inputs: { ...flatSource, schema: 'nosuch' },
    reason: 'schema-unknown',
    words: 'There is no schema "nosuch" in database "materialize". There are: "public".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE TABLE t_tbl ',
    spec: {
      sources: { s_tbl: { connection: 'kc', topic: 'mistaken' } },
      tables: { t: { source: 's_tbl', format: 'text', include: ['partition', 'offset'] } },
    },
    reason: 'feature-off',
    words:
      'This Materialize makes no tables from sources: its flag enable_create_table_from_source is off.',
    asks: 'statement',
  },
  {
    statement: 'CREATE SOURCE s_tbl ',
    spec: { sources: { s_tbl: { connection: 'kc', topic: 'mistaken', format: 'text' } } },
    reason: 'definition-differs',
    words: `The source "materialize"."public"."s_tbl" is there already, and is another one: format is 'none', not 'text'.`,
    asks: 'catalog',
  },
  {
    statement: 'CREATE SOURCE s_tbl ',
    spec: { sources: { base: { connection: 'kc', topic: 'mistaken', format: 'text' } } },
    reason: 'name-taken',
    words: '"materialize"."public"."base" is there already, and is a table, not a source.',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_badc ',
    ...sink({ ...upsert, compression: 'brotli' }),
    reason: 'input-invalid',
    words:
      'sinks.k.compression "brotli" is not a word it knows; allowed: none, gzip, snappy, lz4 or zstd.',
  },
  {
    statement: 'CREATE SINK k_ftext ',
    ...sink({ ...upsert, format: 'text' }),
    reason: 'input-invalid',
    words:
      'The sink "materialize"."public"."k" cannot write "materialize"."public"."mv": format text writes one column, and there are "k", "n".',
    asks: 'catalog',
  },
  {
    // The columns of a view that is not there yet only Materialize can tell.
    statement: 'CREATE SINK k_ftext ',
    spec: {
      views: { own: { sql: 'SELECT k, max(n) AS n FROM base GROUP BY k' } },
      sinks: { k: { from: 'own', connection: 'kc', topic: 'out', ...upsert, format: 'text' } },
    },
    reason: 'input-invalid',
    words:
      'Materialize refused to create sink "materialize"."public"."k": BYTES or TEXT format with multiple columns not yet supported (XX000)',
    asks: 'statement',
  },
  {
    statement: 'CREATE SINK k_nokey ',
    ...sink({ envelope: 'upsert' }),
    reason: 'input-invalid',
    words: 'sinks.k.key is missing, and the envelope upsert needs it.',
  },
  {
    statement: 'CREATE SINK k_nokey ',
    inputs: { ...flatSink, 'sink-envelope': 'upsert' },
    reason: 'input-invalid',
    words: 'sink-key is missing, and sink-envelope upsert needs it.',
  },
  {
    statement: 'CREATE SINK k_badkey ',
    ...sink({ envelope: 'upsert', key: ['nosuch'] }),
    reason: 'input-invalid',
    words:
      '"materialize"."public"."mv": key "nosuch" is no column of what the sink writes; there are "k", "n".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_badkey ',
    inputs: { ...flatSink, 'sink-envelope': 'upsert', 'sink-key': 'nosuch' },
    reason: 'input-invalid',
    words:
      '"materialize"."public"."mv": key "nosuch" is no column of what the sink writes; there are "k", "n".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_notuniq ',
    ...sink({ envelope: 'upsert', key: ['n'] }),
    reason: 'input-invalid',
    words:
      'The following keys are known to be unique for the underlying relation:   ("k"). See: https://materialize.com/s/sink-key-selection (XX000)',
    asks: 'statement',
  },
  {
    statement: 'CREATE SINK k_none_env ',
    ...sink({ envelope: 'none' }),
    reason: 'input-invalid',
    words: 'sinks.k.envelope "none" is not a word it knows; allowed: debezium or upsert.',
  },
  {
    statement: 'CREATE SINK k_none_env ',
    inputs: { ...flatSink, 'sink-envelope': 'none' },
    reason: 'input-invalid',
    words: 'sink-envelope "none" is not a word it knows; allowed: debezium or upsert.',
  },
  {
    statement: 'CREATE SINK k_bytes ',
    ...sink({ format: 'bytes' }),
    reason: 'input-invalid',
    words: '"materialize"."public"."mv": format bytes writes one column, and there are "k", "n".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_hdr ',
    ...sink({ ...upsert, headers: 'h' }),
    reason: 'input-invalid',
    words:
      '"materialize"."public"."mv": headers "h" is no column of what the sink writes; there are "k", "n".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_hdr ',
    ...sink({ ...upsert, from: 'tagged', headers: 'h', 'key-not-enforced': true }),
    reason: 'feature-off',
    words:
      'The requested feature (enable_kafka_sink_headers) is in private preview. Contact support to discuss enabling the feature in your Materialize region (XX000)',
    asks: 'statement',
  },
  {
    statement: 'CREATE SINK k_nofrom ',
    ...sink({ from: 'nosuch' }),
    reason: 'relation-unknown',
    words: 'There is no source, table or materialized view "materialize"."public"."nosuch".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_nofrom ',
    inputs: { ...flatSink, 'sink-from': 'nosuch' },
    reason: 'relation-unknown',
    words: 'There is no source, table or materialized view "materialize"."public"."nosuch".',
    asks: 'catalog',
  },
  {
    statement: 'CREATE SINK k_view ',
    ...sink({ from: 'v' }),
    reason: 'relation-unfit',
    words: '"materialize"."public"."v" is a view, which Materialize cannot sink.',
    asks: 'catalog',
  },
]

/** What no spec and no inputs can ask for. */
const IMPOSSIBLE: Record<string, string> = {
  'CREATE SINK k_noenv ': 'a sink without envelope has the envelope debezium',
  'CREATE SINK k_nofmt ': 'a sink without format has the format json',
}

async function make(of: Pick<Mistake, 'spec' | 'inputs' | 'tellsKafka'>): Promise<BundleRun> {
  const { 'materialize-url': url = '' } = services.inputs()
  const kafka = { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' }
  const connections = { kc: of.tellsKafka ? { kafka } : {} }
  return runBundle({
    'materialize-url': url,
    ...(of.spec && { spec: JSON.stringify({ connections, ...of.spec }) }),
    ...of.inputs,
    timeout: '30s',
  })
}

/** What changes anything, or asks whether it would be taken. */
const changing = () => services.statements.filter((text) => !/^(SELECT|SHOW|SET) /.test(text))

test.each(MISTAKES.map((one) => ({ ...one, by: one.spec ? 'the spec' : 'the inputs' })))(
  '$statement by $by: $reason',
  async ({ reason, words, asks, ...of }) => {
    services.statements.length = 0
    const run = await make(of)
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': reason })
    expect(run.stdout).toContain(`${words} (${reason})`)
    expect(run.outputs['failure-hint']).not.toBe('')
    if (asks !== 'statement') expect(changing()).toEqual([])
    if (asks === undefined) expect(services.statements).toEqual([])
  },
)

/** What is wrong with records shows only when they are read. */
const RECORDS: { statement: string; keys: object; words: string }[] = [
  {
    statement: 'SELECT * FROM s_nullkey',
    keys: {
      topic: 'mistaken-key',
      'key-format': 'text',
      'value-format': 'text',
      envelope: 'upsert',
    },
    words: 'Envelope',
  },
  { statement: 'SELECT * FROM s_bad', keys: { format: 'json' }, words: 'Decode' },
  {
    statement: 'SELECT * FROM s_csvh',
    keys: { format: { csv: { header: ['h1', 'h2'], delimiter: ';' } } },
    words: 'Decode',
  },
]

test.each(RECORDS)('$statement', async ({ keys, words }) => {
  const run = await make(source(keys))
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'rows-undecodable' })
  expect(run.stdout).toContain(
    `A record does not fit the source's format (${words} error). (rows-undecodable)`,
  )
  await services.sql('DROP SOURCE s')
})

test('the transcripts hold no refusal of anything else that has no row', () => {
  const made = [...MISTAKES, ...RECORDS].map(({ statement }) => statement)
  const known = [...made, ...Object.keys(IMPOSSIBLE)]
  const others = refused('options').filter((sql) => !isOfConnections(sql))
  expect(others.length).toBeGreaterThan(20)
  expect(others.filter((sql) => !known.some((one) => sql.startsWith(one)))).toEqual([])
})
