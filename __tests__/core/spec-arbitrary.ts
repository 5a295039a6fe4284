import fc from 'fast-check'
import { stringify } from 'yaml'
import { connectionSecrets } from '../../src/core/connection-secrets.ts'
import {
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
  type ConnectionSpec,
  type KafkaSettings,
} from '../../src/core/model-connection.ts'
import type { Grant, Keeping, Privilege, QualifiedName } from '../../src/core/model-object.ts'
import { SINK_ENVELOPES, type SinkSpec } from '../../src/core/model-sink.ts'
import type { Decoding, SourceSpec, TableSpec } from '../../src/core/model-source.ts'
import type { Spec } from '../../src/core/model.ts'
import { byteLength } from '../../src/core/names.ts'
import { columnsOf } from '../../src/core/source-columns.ts'
import { qualified } from '../../src/core/sql.ts'
import { decoding, sinkFormat, sinkOptions, sourceOptions } from './pipeline-arbitrary.ts'

export const WITHIN = { database: 'db', schema: 'my.schema' }

const within = (name: string): QualifiedName => ({ ...WITHIN, name })

/** Names that a YAML file must quote now and then, and some that it need not. */
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('null', 'true', '007', '1e3', '- a', 'a: b', '#x', ' ', 'a.b', '"a"', '*a'),
  )
  .filter((text) => !text.includes('\0') && byteLength(text) <= 200)

const topic = fc.stringMatching(/^[a-zA-Z0-9_-]{1,30}$/)

/** Long and unlike anything else, so that finding one in a message means something. */
export const secret = fc.stringMatching(/^zq[0-9a-f]{12} ?'"#:[a-z]{4}$/)

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

function keeping(fit: readonly Privilege[]): fc.Arbitrary<Keeping> {
  const grants: fc.Arbitrary<Grant[]> = fc.uniqueArray(
    fc.record({
      to: name,
      privileges: fc.subarray([...fit], { minLength: Math.min(1, fit.length) }),
    }),
    { maxLength: 2, selector: (grant) => grant.to },
  )
  return fc.record(
    {
      comment: fc
        .string({ unit: 'grapheme', maxLength: 30 })
        .filter((text) => !text.includes('\0')),
      owner: name,
      ...(fit.length > 0 && { grants }),
    },
    { requiredKeys: [] },
  )
}

const kafka: fc.Arbitrary<KafkaSettings> = fc
  .record({
    brokers: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}:9[0-9]{3}$/), {
      minLength: 1,
      maxLength: 3,
    }),
    protocol: fc.constantFrom(...SECURITY_PROTOCOLS),
    sasl: fc.record({
      mechanism: fc.constantFrom(...SASL_MECHANISMS),
      username: secret,
      password: secret,
    }),
    ca: fc.constantFrom(undefined, CA),
  })
  .map(({ sasl, ca, ...rest }) => ({
    ...rest,
    ...(rest.protocol.startsWith('SASL') && { sasl }),
    ...(ca !== undefined && !rest.protocol.endsWith('PLAINTEXT') && { ca }),
  }))

interface Names {
  connections: string[]
  registries: string[]
  /** The first has no rows of its own if there are tables. */
  sources: string[]
  tables: string[]
  views: string[]
  sinks: string[]
}

/** No name is another’s, nor one of a secret. */
const names: fc.Arbitrary<Names> = fc
  .uniqueArray(
    name.filter((text) => !/_(?:username|password|ca|progress)$/.test(text)),
    { minLength: 3, maxLength: 13 },
  )
  .map((all) => ({
    connections: all.slice(0, 2),
    registries: all.slice(2, 3),
    sources: all.filter((_, at) => [3, 6, 9, 11].includes(at)),
    sinks: all.filter((_, at) => [4, 8, 12].includes(at)),
    tables: all.slice(5, 6),
    views: all.filter((_, at) => [7, 10].includes(at)),
  }))

const cluster = fc.record({ cluster: name }, { requiredKeys: [] })

function each<T>(of: string[], make: (name: string, index: number) => fc.Arbitrary<T>) {
  return fc.tuple(...of.map(make))
}

/** Names of columns that are not told apart are refused. */
const isApart = (one: Decoding): boolean => {
  const columns = columnsOf(one)
  return columns === undefined || new Set(columns).size === columns.length
}

const login = fc.record({ username: secret, password: secret })
const ofSource = sourceOptions()
const ofSink = sinkOptions()

function specWith(all: Names): fc.Arbitrary<Spec> {
  const { connections, registries, sources, tables, views, sinks } = all
  const registry = fc.constantFrom(...registries.map(within))
  const read = decoding({ registry }).filter(isApart)
  const elsewhere = fc.record({ database: name, schema: name, name })
  const written = sinkFormat(registry, elsewhere)
  const connection = fc.constantFrom(...connections.map(within))
  const from = fc.oneof(
    ...(sources.length > 0 ? [fc.constantFrom(...[...sources, ...views].map(within))] : []),
    elsewhere,
  )
  const sql = (index: number) =>
    fc.subarray([...sources, ...views.slice(0, index)]).map((reads) => {
      const list = reads.map((one) => qualified(within(one))).join(', ')
      return reads.length === 0 ? "SELECT 'a''b;' AS n" : `SELECT count(*)\nFROM ${list} -- all`
    })
  return fc.record({
    clusters: fc.uniqueArray(
      fc
        .record({
          spec: fc.record(
            { name, size: fc.constantFrom('25cc', '1', '100'), replicationFactor: fc.nat(99) },
            { requiredKeys: ['name', 'size'] },
          ),
          kept: keeping(['usage', 'create']),
        })
        .map(({ spec, kept }) => ({ ...spec, ...kept })),
      { maxLength: 2, selector: (one) => one.name },
    ),
    connections: fc
      .tuple(
        each(connections, (one) =>
          fc
            .tuple(fc.option(kafka, { nil: undefined }), keeping(['usage']))
            .map(([settings, kept]): ConnectionSpec => {
              const secrets = connectionSecrets(within(one), settings)
              return { name: within(one), ...(settings && { kafka: settings }), secrets, ...kept }
            }),
        ),
        each(registries, (one) =>
          fc
            .tuple(fc.option(login, { nil: {} }), keeping(['usage']))
            .map(([known, kept]): ConnectionSpec => {
              const settings = { url: 'https://r:8081', ...known }
              const secrets = connectionSecrets(within(one), settings)
              return { name: within(one), registry: settings, secrets, ...kept }
            }),
        ),
      )
      .map((both) => both.flat()),
    topics: fc.uniqueArray(
      fc.record({
        name: topic,
        connection,
        // As many as any source has offsets to begin with.
        partitions: fc.integer({ min: 3, max: 10_000 }),
        replicationFactor: fc.constantFrom(-1, 1, 3),
        config: fc.dictionary(
          fc.stringMatching(/^[a-z]{1,5}\.[a-z]{1,5}$/),
          fc.oneof(
            fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
            fc.constantFrom('1.50', 'true', 'null'),
          ),
          { noNullPrototype: true },
        ),
      }),
      { maxLength: 3, selector: (one) => one.name },
    ),
    sources: each(sources, (one, index) =>
      fc
        .tuple(
          fc.record({ connection, topic }),
          tables.length > 0 && index === 0 ? fc.constant({}) : read,
          ofSource,
          fc.constantFrom({}, { progress: within(`${one}_progress`) }),
          cluster,
          keeping(['select']),
        )
        .map(([spec, ...more]): SourceSpec => Object.assign({ name: within(one) }, spec, ...more)),
    ),
    tables: each(tables, (one) =>
      fc
        .tuple(read, fc.constantFrom({}, { retainHistory: 3_600_000 }), keeping(['select']))
        .map(([how, ...more]): TableSpec =>
          // withTopics fills in the topic, which is that of the source.
          Object.assign(
            { name: within(one), source: within(sources[0] ?? ''), topic: '' },
            how,
            ...more,
          ),
        ),
    ),
    views: each(views, (one, index) =>
      fc
        .tuple(sql(index), cluster, keeping(['select']))
        .map(([query, where, kept]) => ({ name: within(one), sql: query, ...where, ...kept })),
    ),
    sinks: each(sinks, (one) =>
      fc
        .tuple(
          fc.record({
            from,
            connection,
            // Never that of a source, which has no dot.
            topic: topic.map((text) => `out.${text}`),
            envelope: fc.constantFrom(...SINK_ENVELOPES),
            key: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
            format: written,
          }),
          fc.option(fc.record({ keyFormat: written }), { nil: {} }),
          ofSink,
          fc.record({ headers: name }, { requiredKeys: [] }),
          cluster,
          keeping([]),
        )
        .map((parts) => sinkOf(within(one), parts)),
    ),
  })
}

type SinkParts = [Pick<SinkSpec, 'from' | 'envelope'>, ...Partial<SinkSpec>[]]

function sinkOf(called: QualifiedName, [first, ...more]: SinkParts): SinkSpec {
  const { headers, ...sink } = Object.assign({ name: called }, first, ...more) as SinkSpec
  if (sink.from.schema !== WITHIN.schema) {
    return { ...sink, ...(headers !== undefined && sink.envelope === 'upsert' && { headers }) }
  }
  // What its own sources and views have for columns, and whether they are a key, is known.
  const { keyNotEnforced: _, keyFormat: __, ...rest } = sink
  return { ...rest, format: 'json', key: [], envelope: 'debezium' }
}

/** A table’s topic is that of its source. */
function withTopics(asked: Spec): Spec {
  const topicOf = (table: TableSpec) =>
    asked.sources.find((one) => one.name.name === table.source.name)?.topic ?? ''
  return { ...asked, tables: asked.tables.map((one) => ({ ...one, topic: topicOf(one) })) }
}

export const spec = names.chain(specWith).map(withTopics)

/** Ways to write the same contents. */
export const print = fc.oneof(
  fc.constant((contents: unknown) => JSON.stringify(contents)),
  fc
    .record({
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
      defaultStringType: fc.constantFrom(
        'PLAIN' as const,
        'QUOTE_DOUBLE' as const,
        'QUOTE_SINGLE' as const,
      ),
      indent: fc.integer({ min: 1, max: 4 }),
      lineWidth: fc.constantFrom(0, 40),
    })
    // Of blocks that begin with a blank, the printer says that they are indented by two, always.
    .map((style) => ({ ...style, blockQuote: style.indent === 2 }))
    .map((style) => (contents: unknown) => stringify(contents, style)),
)
