import type {
  AvroFormat,
  AvroSinkFormat,
  ProtobufFormat,
  SchemaDoc,
  SinkFormat,
  SourceFormat,
  Strategy,
} from './model-format.ts'
import type { QualifiedName } from './model-object.ts'
import type { Decoding, Include } from './model-source.ts'
import { ident, literal, qualified } from './sql.ts'

/** The clauses of sources, tables and sinks that say how records are read and written. */

/** FORMAT, or KEY FORMAT and VALUE FORMAT; with the blank before it. */
export function formatClause(of: {
  format: SourceFormat | SinkFormat
  keyFormat?: SourceFormat | SinkFormat
}): string {
  return of.keyFormat === undefined
    ? ` FORMAT ${formatText(of.format)}`
    : ` KEY FORMAT ${formatText(of.keyFormat)} VALUE FORMAT ${formatText(of.format)}`
}

/** FORMAT, INCLUDE and ENVELOPE of a source or table. */
export function decodingClauses(of: Decoding): string {
  const { include = [], envelope, inlineErrors } = of
  const includes = include.length === 0 ? '' : ` INCLUDE ${include.map(includeText).join(', ')}`
  const errors = inlineErrors
    ? ` (VALUE DECODING ERRORS = (INLINE${aliased(inlineErrors.as)}))`
    : ''
  return `${formatClause(of)}${includes}${envelope ? ` ENVELOPE ${envelope.toUpperCase()}${errors}` : ''}`
}

/** The list of column names behind a name, if there is one. */
export function columnList(columns: readonly string[] | undefined): string {
  return columns === undefined ? '' : ` (${columns.map(ident).join(', ')})`
}

/** A span of time as an interval’s text, milliseconds only where they are needed. */
export function interval(ms: number): string {
  return literal(ms % 1_000 === 0 ? `${String(ms / 1_000)}s` : `${String(ms)}ms`)
}

/** What a WITH option RETAIN HISTORY is set to. */
export function retention(ms: number): string {
  return `FOR ${interval(ms)}`
}

function includeText(include: Include): string {
  if (include.kind !== 'header') return `${include.kind.toUpperCase()}${aliased(include.as)}`
  const { header, as, bytes } = include
  return `HEADER ${literal(header)} AS ${ident(as)}${bytes ? ' BYTES' : ''}`
}

function aliased(as: string | undefined): string {
  return as === undefined ? '' : ` AS ${ident(as)}`
}

function formatText(format: SourceFormat | SinkFormat): string {
  if (typeof format === 'string') return format.toUpperCase()
  if ('csv' in format) {
    const { columns, delimiter } = format.csv
    const layout =
      typeof columns === 'number'
        ? `${String(columns)} COLUMNS`
        : `HEADER (${columns.map(ident).join(', ')})`
    return `CSV WITH ${layout}${delimiter === undefined ? '' : ` DELIMITED BY ${literal(delimiter)}`}`
  }
  if ('regex' in format) return `REGEX ${literal(format.regex)}`
  if ('protobuf' in format) return `PROTOBUF ${protobufText(format.protobuf)}`
  return `AVRO ${'docs' in format.avro ? avroSinkText(format.avro) : avroText(format.avro)}`
}

function registryText(registry: QualifiedName): string {
  return `USING CONFLUENT SCHEMA REGISTRY CONNECTION ${qualified(registry)}`
}

function avroText(avro: AvroFormat): string {
  if ('schema' in avro) {
    const { schema, wireFormat } = avro
    const wire = wireFormat === undefined ? '' : ` (CONFLUENT WIRE FORMAT = ${String(wireFormat)})`
    return `USING SCHEMA ${literal(schema)}${wire}`
  }
  const { registry, keyStrategy, valueStrategy } = avro
  const strategy = (of: string, chosen: Strategy | undefined): string =>
    chosen === undefined ? '' : ` ${of} STRATEGY ${strategyText(chosen)}`
  return `${registryText(registry)}${strategy('KEY', keyStrategy)}${strategy('VALUE', valueStrategy)}`
}

function strategyText(strategy: Strategy): string {
  if (strategy === 'latest') return 'LATEST'
  return 'id' in strategy ? `ID ${String(strategy.id)}` : `INLINE ${literal(strategy.inline)}`
}

function protobufText(protobuf: ProtobufFormat): string {
  return 'registry' in protobuf
    ? registryText(protobuf.registry)
    : `MESSAGE ${literal(protobuf.message)} USING SCHEMA ${literal(`\\x${protobuf.descriptors}`)}`
}

function avroSinkText(avro: AvroSinkFormat): string {
  const named: [string, string | undefined][] = [
    ['AVRO KEY FULLNAME', avro.keyFullname],
    ['AVRO VALUE FULLNAME', avro.valueFullname],
    ['KEY COMPATIBILITY LEVEL', avro.keyCompatibility],
    ['VALUE COMPATIBILITY LEVEL', avro.valueCompatibility],
  ]
  const options = [
    ...named.flatMap(([name, text]) => (text === undefined ? [] : `${name} ${literal(text)}`)),
    ...(avro.nullDefaults === undefined ? [] : [`NULL DEFAULTS ${String(avro.nullDefaults)}`]),
    ...avro.docs.map(docText),
  ]
  return `${registryText(avro.registry)}${options.length === 0 ? '' : ` (${options.join(', ')})`}`
}

function docText({ only, type, column, text }: SchemaDoc): string {
  const of = only === undefined ? '' : `${only.toUpperCase()} `
  const on =
    column === undefined ? `TYPE ${qualified(type)}` : `COLUMN ${qualified(type)}.${ident(column)}`
  return `${of}DOC ON ${on} = ${literal(text)}`
}
