import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readDefinition } from '../../src/core/definition.ts'
import type { AvroSinkFormat, SinkFormat, SourceFormat } from '../../src/core/model-format.ts'
import type { QualifiedName } from '../../src/core/model-object.ts'
import type { SinkSpec } from '../../src/core/model-sink.ts'
import type { Decoding, SourceSpec, TableSpec } from '../../src/core/model-source.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { sinkDifferences } from '../../src/core/sink-differences.ts'
import { madeOf, sourceDifferences, tableDifferences } from '../../src/core/source-differences.ts'
import { createSink } from '../../src/core/sql-sink.ts'
import { createSource, createTable } from '../../src/core/sql-source.ts'
import { parse } from '../../test-support/materialize/parser.ts'
import type {
  CreateSink,
  CreateSource,
  CreateTableFromSource,
  Format,
  FormatClause,
  Include,
  Name,
  Option,
  RegistryUse,
  SourceEnvelope,
} from '../../test-support/materialize/statements.ts'
import { sink, source, table } from './pipeline-arbitrary.ts'
import { object, observed } from './plan-fixture.ts'

/** Statements of any names and texts, read by the stand-in’s parser and by our own reader. */

const runs = { numRuns: 500 }

describe('the stand-in reads what a statement was made from', () => {
  test('a source', () => {
    fc.assert(
      fc.property(source, (spec) => {
        expect(sourceRead(statementOf(createSource(spec).text))).toEqual(sourceSaid(spec))
      }),
      runs,
    )
  })

  test('a table', () => {
    fc.assert(
      fc.property(table, (spec) => {
        expect(tableRead(statementOf(createTable(spec).text))).toEqual(tableSaid(spec))
      }),
      runs,
    )
  })

  test('a sink', () => {
    fc.assert(
      fc.property(sink, (spec) => {
        expect(sinkRead(statementOf(createSink(spec).text))).toEqual(sinkSaid(spec))
      }),
      runs,
    )
  })
})

/** The one statement of a text. */
function statementOf<S>(text: string): S {
  const [one, ...more] = parse(text)
  expect(more).toEqual([])
  return one?.statement as S
}

const nameOf = ({ parts }: Name): QualifiedName => {
  const [database = '', schema = '', name = ''] = parts
  return { database, schema, name }
}

/** Option by option, each value as text. */
function optionsOf(options: Option[]): Record<string, string> {
  return Object.fromEntries(
    options.map(({ name, value }) => {
      const held = value as { is: string; value?: unknown; values?: unknown; sql?: string } & {
        entries?: [string, { value: string }][]
      }
      const text =
        held.entries?.map(([key, one]) => [key, one.value]) ??
        (held.values as { value: string }[] | undefined)?.map((one) => one.value) ??
        held.sql ??
        held.value
      return [name, JSON.stringify(text)]
    }),
  )
}

function given(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, JSON.stringify(value)]],
    ),
  )
}

const span = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : ms % 1_000 === 0 ? `${String(ms / 1_000)}s` : `${String(ms)}ms`

function sourceSaid(spec: SourceSpec) {
  const retain = span(spec.retainHistory)
  return {
    name: spec.name,
    connection: spec.connection,
    columns: spec.columns,
    cluster: spec.cluster,
    progress: spec.progress,
    ...(spec.format === undefined ? decodingRead({ include: [] }) : decodingSaid(spec as Decoding)),
    options: given({
      TOPIC: spec.topic,
      'GROUP ID PREFIX': spec.groupIdPrefix,
      'START OFFSET': spec.startOffsets?.map(String),
      'START TIMESTAMP': spec.startTimestamp?.toString(),
      'TOPIC METADATA REFRESH INTERVAL': span(spec.metadataRefreshInterval),
    }),
    with: given({
      'TIMESTAMP INTERVAL': span(spec.timestampInterval),
      'RETAIN HISTORY': retain,
    }),
  }
}

function sourceRead(one: CreateSource) {
  return {
    name: nameOf(one.name),
    connection: nameOf(one.connection),
    columns: one.columns,
    cluster: one.cluster,
    progress: one.progress && nameOf(one.progress),
    ...decodingRead(one),
    options: optionsOf(one.options),
    with: optionsOf(one.with),
  }
}

function tableSaid(spec: TableSpec) {
  return {
    name: spec.name,
    source: spec.source,
    reference: [spec.topic],
    columns: spec.columns,
    ...decodingSaid(spec),
    with: given({ 'RETAIN HISTORY': span(spec.retainHistory) }),
  }
}

function tableRead(one: CreateTableFromSource) {
  return {
    name: nameOf(one.name),
    source: nameOf(one.source),
    reference: one.reference?.parts,
    columns: one.columns,
    ...decodingRead(one),
    with: optionsOf(one.with),
  }
}

function decodingSaid(spec: Decoding) {
  return {
    key: spec.keyFormat,
    value: spec.format,
    include: spec.include ?? [],
    envelope: spec.envelope,
    errors: spec.inlineErrors,
  }
}

function decodingRead(one: {
  format?: FormatClause
  include: Include[]
  envelope?: SourceEnvelope
}): ReturnType<typeof decodingSaid> | Record<string, unknown> {
  const { envelope } = one
  const as = envelope && 'alias' in envelope ? envelope.alias : undefined
  return {
    key: one.format?.key && formatRead(one.format.key),
    value: one.format?.value && formatRead(one.format.value),
    include: one.include.map(({ is, alias, header, bytes }) => ({
      kind: is.toLowerCase(),
      ...(alias !== undefined && { as: alias }),
      ...(header !== undefined && { header, bytes: bytes === true }),
    })),
    envelope: envelope?.is.replace('-inline', ''),
    errors: envelope?.is === 'upsert-inline' ? { ...(as !== undefined && { as }) } : undefined,
  }
}

function formatRead(format: Format): SourceFormat | SinkFormat {
  switch (format.is) {
    case 'csv': {
      const { columns, header, delimiter } = format
      return {
        csv: { columns: header ?? columns ?? 0, ...(delimiter !== undefined && { delimiter }) },
      }
    }
    case 'regex':
      return { regex: format.pattern }
    case 'avro': {
      if (format.from === 'registry') return { avro: registryRead(format.registry) }
      const { schema, wireFormat } = format
      return { avro: { schema, ...(wireFormat !== undefined && { wireFormat }) } }
    }
    case 'protobuf': {
      if (format.from === 'registry') {
        return { protobuf: { registry: nameOf(format.registry.connection) } }
      }
      return { protobuf: { message: format.message, descriptors: format.schema.slice(2) } }
    }
    default:
      return format.is
  }
}

const OPTIONS: Record<string, string> = {
  'AVRO KEY FULLNAME': 'keyFullname',
  'AVRO VALUE FULLNAME': 'valueFullname',
  'NULL DEFAULTS': 'nullDefaults',
  'KEY COMPATIBILITY LEVEL': 'keyCompatibility',
  'VALUE COMPATIBILITY LEVEL': 'valueCompatibility',
}

function registryRead(use: RegistryUse): AvroSinkFormat {
  const strategy = (name: string, of: RegistryUse['keyStrategy']) =>
    of && {
      [name]:
        of.by === 'latest' ? 'latest' : of.by === 'id' ? { id: of.id } : { inline: of.schema },
    }
  const options = use.options.map(({ name, value }) => [
    OPTIONS[name],
    (value as { value: unknown }).value,
  ])
  const docs = use.docs.map(({ of, relation, column, text }) => ({
    type: nameOf(relation),
    text,
    ...(column !== undefined && { column }),
    ...(of !== 'all' && { only: of }),
  }))
  return {
    registry: nameOf(use.connection),
    ...(docs.length > 0 && { docs }),
    ...strategy('keyStrategy', use.keyStrategy),
    ...strategy('valueStrategy', use.valueStrategy),
    ...Object.fromEntries(options),
  } as AvroSinkFormat
}

/** Without an empty list of docs, which a statement does not show. */
function withoutDocs(format: SinkFormat | undefined): unknown {
  if (format === undefined || typeof format === 'string' || format.avro.docs.length > 0)
    return format
  const { docs: _, ...avro } = format.avro
  return { avro }
}

function sinkSaid(spec: SinkSpec) {
  const config = Object.entries(spec.topicConfig ?? {})
  return {
    name: spec.name,
    from: spec.from,
    connection: spec.connection,
    cluster: spec.cluster,
    key: { columns: spec.key, notEnforced: spec.keyNotEnforced ?? false },
    headers: spec.headers,
    keyFormat: withoutDocs(spec.keyFormat),
    format: withoutDocs(spec.format),
    envelope: spec.envelope,
    options: given({
      TOPIC: spec.topic,
      'COMPRESSION TYPE': spec.compression,
      'TRANSACTIONAL ID PREFIX': spec.transactionalIdPrefix,
      'PROGRESS GROUP ID PREFIX': spec.progressGroupIdPrefix,
      'PARTITION BY': spec.partitionBy,
      'TOPIC PARTITION COUNT': spec.topicPartitions?.toString(),
      'TOPIC REPLICATION FACTOR': spec.topicReplicationFactor?.toString(),
      'TOPIC CONFIG': config.length > 0 ? config : undefined,
      'TOPIC METADATA REFRESH INTERVAL': span(spec.metadataRefreshInterval),
    }),
    with: given({ SNAPSHOT: spec.snapshot }),
  }
}

function sinkRead(one: CreateSink) {
  return {
    name: one.name && nameOf(one.name),
    from: nameOf(one.from),
    connection: nameOf(one.connection),
    cluster: one.cluster,
    key: one.key,
    headers: one.headers,
    keyFormat: one.format?.key && formatRead(one.format.key),
    format: one.format?.value && formatRead(one.format.value),
    envelope: one.envelope,
    options: optionsOf(one.options),
    with: optionsOf(one.with),
  }
}

/** The object as the catalog would show it, had it kept the statement as it was sent. */
function found(
  type: string,
  text: string,
  more: Partial<ObservedObject> & { made?: Record<string, string> } = {},
): ObservedObject {
  const definition = readDefinition(text)
  if (!definition) throw new Error(`not understood: ${text}`)
  expect(definition.other).toEqual([])
  const { made, ...rest } = more
  return object('u9', 'it', {
    type,
    definition,
    marker: { repository: 'acme/shop', key: 'x', ...(made && { made }) },
    ...rest,
  })
}

const at = (id: string, name: QualifiedName): ObservedObject => ({
  ...object(id, '', { type: 'any' }),
  name,
})

describe('what was just made differs in nothing', () => {
  test('a source', () => {
    fc.assert(
      fc.property(source, (spec) => {
        const there = found('source', createSource(spec).text, {
          source: { type: 'kafka', connectionId: 'u1', topic: spec.topic },
          made: madeOf(spec),
          ...(spec.cluster !== undefined && { cluster: spec.cluster }),
        })
        const text = createSource(spec).text
        // Of a time, Materialize keeps the offsets that it came to.
        const kept = { ...there, definition: readDefinition(withOffsets(text)) } as ObservedObject
        expect(sourceDifferences(spec, kept, observed([at('u1', spec.connection)]))).toEqual([])
      }),
      runs,
    )
  })

  test('a table', () => {
    fc.assert(
      fc.property(table, (spec) => {
        const there = found('table', createTable(spec).text, { made: madeOf(spec) })
        expect(tableDifferences(spec, there, observed([]))).toEqual([])
      }),
      runs,
    )
  })

  test('a sink', () => {
    fc.assert(
      fc.property(sink, (spec) => {
        const there = found('sink', createSink(spec).text, {
          sink: { type: 'kafka', connectionId: 'u1', topic: spec.topic, envelope: spec.envelope },
          dependsOn: ['u1', 'u2'],
          ...(spec.cluster !== undefined && { cluster: spec.cluster }),
        })
        const all = observed([at('u1', spec.connection), at('u2', spec.from)])
        expect(sinkDifferences(spec, there, all)).toEqual([])
      }),
      runs,
    )
  })
})

function withOffsets(text: string): string {
  return text.replace(/START TIMESTAMP -?\d+/, 'START OFFSET = (7)')
}
