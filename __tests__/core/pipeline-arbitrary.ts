import fc from 'fast-check'
import {
  COMPATIBILITY_LEVELS,
  PLAIN_FORMATS,
  type AvroFormat,
  type AvroSinkFormat,
  type CsvFormat,
  type SchemaDoc,
  type SinkFormat,
  type SourceFormat,
  type Strategy,
} from '../../src/core/model-format.ts'
import type { QualifiedName } from '../../src/core/model-object.ts'
import { COMPRESSIONS, SINK_ENVELOPES, type SinkSpec } from '../../src/core/model-sink.ts'
import {
  INCLUDES,
  SOURCE_ENVELOPES,
  type Decoding,
  type Include,
  type SourceSpec,
  type TableSpec,
} from '../../src/core/model-source.ts'
import { byteLength } from '../../src/core/names.ts'

/** Sources, tables and sinks with every option, whose names and texts may be anything. */

type Optional<T> = { [K in keyof T]?: fc.Arbitrary<NonNullable<T[K]>> }

/** Fields that may be missing. */
function some<T extends object>(fields: Optional<T>): fc.Arbitrary<Partial<T>> {
  return fc.record(fields as never, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>
}

const hostile = fc
  .array(
    fc.constantFrom(
      ...['"', "'", '.', '[', ']', '(', ')', ' AS ', '\\', '\n', '--', '/*', '*/', ';', '$$', '='],
      ...[',', 'é', '🙂', "E'", '__proto__', 'null', 'u7', 'KEY'],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))

export const name = fc
  .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), hostile)
  .filter((text) => !text.includes('\0') && byteLength(text) <= 200)
/** On one line, since prefixes are. */
const text = name.filter((one) => !/[\r\n]/.test(one))
const topic = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)
const qualifiedName: fc.Arbitrary<QualifiedName> = fc.record({
  database: name,
  schema: name,
  name,
})
const seconds = fc.integer({ min: 1, max: 3_600 }).map((count) => count * 1_000)
const names = (minLength: number) => fc.uniqueArray(name, { minLength, maxLength: 4 })

const schema = fc
  .record({ type: fc.constant('record'), name: fc.constant('r'), doc: name })
  .map((one) => JSON.stringify(one))
const strategy: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constant('latest' as const),
  fc.record({ id: fc.integer({ min: 1, max: 99 }) }),
  fc.record({ inline: schema }),
)

/** What formats with a registry go by. */
export interface Registries {
  registry: fc.Arbitrary<QualifiedName>
}

const csv: fc.Arbitrary<CsvFormat> = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 9 }), names(1)),
    some<CsvFormat>({ delimiter: fc.constantFrom(...';|\'"\\\t') }),
  )
  .map(([columns, more]) => ({ columns, ...more }))

const descriptors = fc.stringMatching(/^0a[0-9a-f]{8}$/)
const fullname = fc.stringMatching(/^[A-Za-z][a-z]{0,5}\.[A-Z][a-z]{0,5}$/)
const setting = fc.stringMatching(/^[a-z]{1,5}\.[a-z]{1,5}$/)

function avro(registry: fc.Arbitrary<QualifiedName>, of: 'both' | 'key' | 'value') {
  const strategies = some<{ keyStrategy: Strategy; valueStrategy: Strategy }>({
    ...(of !== 'value' && { keyStrategy: strategy }),
    ...(of !== 'key' && { valueStrategy: strategy }),
  })
  return fc.oneof(
    fc.tuple(registry, strategies).map(([one, more]): AvroFormat => ({ registry: one, ...more })),
    fc
      .tuple(schema, some<{ wireFormat: boolean }>({ wireFormat: fc.boolean() }))
      .map(([one, more]): AvroFormat => ({ schema: one, ...more })),
  )
}

function sourceFormat(
  registry: fc.Arbitrary<QualifiedName>,
  of: 'both' | 'key' | 'value',
): fc.Arbitrary<SourceFormat> {
  return fc.oneof(
    fc.constantFrom(...PLAIN_FORMATS),
    csv.map((one) => ({ csv: one })),
    name.map((regex) => ({ regex })),
    avro(registry, of).map((one) => ({ avro: one })),
    fc
      .oneof(
        registry.map((one) => ({ registry: one })),
        fc.record({ message: fc.constantFrom('shop.Order', 'M'), descriptors }),
      )
      .map((protobuf) => ({ protobuf })),
  )
}

const include: fc.Arbitrary<Include[]> = fc
  .tuple(
    fc.subarray([...INCLUDES], { minLength: 1 }),
    fc.array(fc.option(name, { nil: undefined }), { minLength: 6, maxLength: 6 }),
    fc.array(fc.record({ header: name, bytes: fc.boolean() }), { maxLength: 1 }),
  )
  .map(([kinds, aliases, headers]): Include[] => [
    // Numbered, so that no two columns have one name.
    ...kinds.map((kind, at) => ({
      kind,
      ...(aliases[at] !== undefined && { as: `${aliases[at]}${String(at)}` }),
    })),
    ...headers.map((one) => ({ kind: 'header' as const, as: '"h\'', ...one })),
  ])

/** What fits together; where something needs the key, key and value have formats of their own. */
export function decoding({ registry }: Registries): fc.Arbitrary<Decoding> {
  return fc
    .record({
      alone: sourceFormat(registry, 'both'),
      key: sourceFormat(registry, 'key'),
      value: sourceFormat(registry, 'value'),
      isKeyed: fc.boolean(),
      include: fc.option(include, { nil: undefined }),
      envelope: fc.constantFrom(...SOURCE_ENVELOPES),
      errors: fc.option(some<{ as: string }>({ as: name }), { nil: undefined }),
      columns: fc.option(names(1), { nil: undefined }),
    })
    .map(({ alone, key, value, isKeyed, include: all, envelope, errors, columns }) => {
      const needsKey = envelope === 'upsert' || all?.some((one) => one.kind === 'key') === true
      const keyed = isKeyed || needsKey || envelope === 'debezium'
      const read: AvroFormat = { schema: '"int"' }
      const format = envelope === 'debezium' ? { avro: read } : keyed ? value : alone
      return {
        format,
        ...(keyed && { keyFormat: key }),
        ...(all && { include: all }),
        ...(envelope !== 'none' && { envelope }),
        ...(errors && envelope === 'upsert' && { inlineErrors: errors }),
        // How many there are is known of most formats: too many are refused.
        ...(columns && { columns: columns.slice(0, 1) }),
      }
    })
}

/** Of a source whose rows are its own. */
export function sourceOptions(): fc.Arbitrary<Partial<SourceSpec>> {
  const starts = fc.oneof(
    fc.constant({}),
    fc.record({ startOffsets: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }) }),
    fc.record({ startTimestamp: fc.integer() }),
  )
  return fc
    .tuple(
      starts,
      some<SourceSpec>({
        groupIdPrefix: text,
        metadataRefreshInterval: seconds,
        retainHistory: seconds,
        timestampInterval: fc.integer({ min: 1, max: 5_000 }),
      }),
    )
    .map(([start, more]) => ({ ...start, ...more }))
}

export function sinkFormat(
  registry: fc.Arbitrary<QualifiedName>,
  type: fc.Arbitrary<QualifiedName>,
): fc.Arbitrary<SinkFormat> {
  const doc = fc
    .tuple(
      fc.record({ type, text: name }),
      some<SchemaDoc>({ only: fc.constantFrom('key', 'value'), column: name }),
    )
    .map(([one, more]): SchemaDoc => ({ ...one, ...more }))
  const options = some<AvroSinkFormat>({
    nullDefaults: fc.boolean(),
    keyCompatibility: fc.constantFrom(...COMPATIBILITY_LEVELS),
    valueCompatibility: fc.constantFrom(...COMPATIBILITY_LEVELS),
  })
  const fullnames = fc.option(fc.record({ keyFullname: fullname, valueFullname: fullname }), {
    nil: {},
  })
  return fc.oneof(
    fc.constantFrom('json' as const),
    fc
      .tuple(registry, fc.array(doc, { maxLength: 3 }), options, fullnames)
      .map(([one, docs, more, called]) => ({
        avro: { registry: one, docs, ...more, ...called },
      })),
  )
}

const partitionBy = fc.constantFrom(
  '"a b" % 5',
  'seahash ( k :: text )',
  "CASE WHEN a = ',;' THEN 1 ELSE 2 END".toLowerCase().replaceAll('"', ''),
)

/** A sink’s options; it has a key always, which most of them need. */
export function sinkOptions(): fc.Arbitrary<Partial<SinkSpec>> {
  return some<SinkSpec>({
    keyNotEnforced: fc.boolean(),
    partitionBy,
    topicPartitions: fc.constantFrom(-1, 1, 6),
    topicReplicationFactor: fc.constantFrom(-1, 1, 3),
    topicConfig: fc.dictionary(setting, name, {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    compression: fc.constantFrom(...COMPRESSIONS),
    transactionalIdPrefix: text,
    progressGroupIdPrefix: text,
    metadataRefreshInterval: seconds,
    snapshot: fc.boolean(),
  })
}

const anywhere = { registry: qualifiedName }

export const source: fc.Arbitrary<SourceSpec> = fc
  .tuple(
    fc.record({ name: qualifiedName, connection: qualifiedName, topic }),
    fc.option(decoding(anywhere), { nil: {} }),
    sourceOptions(),
    some<SourceSpec>({ cluster: name, progress: qualifiedName }),
  )
  .map(([spec, ...more]): SourceSpec => Object.assign(spec, ...more) as SourceSpec)

export const table: fc.Arbitrary<TableSpec> = fc
  .tuple(
    fc.record({ name: qualifiedName, source: qualifiedName, topic }),
    decoding(anywhere),
    some<TableSpec>({ retainHistory: seconds }),
  )
  .map(([spec, ...more]): TableSpec => Object.assign(spec, ...more) as TableSpec)

export const sink: fc.Arbitrary<SinkSpec> = fc
  .tuple(
    fc.record({
      name: qualifiedName,
      from: qualifiedName,
      connection: qualifiedName,
      topic,
      format: sinkFormat(qualifiedName, qualifiedName),
      envelope: fc.constantFrom(...SINK_ENVELOPES),
      key: names(1),
    }),
    fc.option(fc.record({ keyFormat: sinkFormat(qualifiedName, qualifiedName) }), { nil: {} }),
    sinkOptions(),
    some<SinkSpec>({ cluster: name, headers: name }),
  )
  .map(([spec, ...more]): SinkSpec => Object.assign(spec, ...more) as SinkSpec)
