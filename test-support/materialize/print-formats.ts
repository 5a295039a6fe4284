import { quotedString } from './keywords.ts'
import type {
  AvroSeed,
  DocTarget,
  Format,
  Option,
  ProtobufSchema,
  ProtobufSeed,
  RegistryUse,
} from './statements.ts'

/** What a format needs of the printer of the definition it stands in. */
interface Speller {
  identifier(name: string): string
  reference(id: string): string
  option(option: Option): string
}

export function printedFormat(format: Format, speller: Speller): string {
  switch (format.is) {
    case 'csv': {
      const columns =
        format.header === undefined
          ? `${format.columns} COLUMNS`
          : `HEADER (${format.header.map((name) => speller.identifier(name)).join(', ')})`
      const isComma = format.delimiter === undefined || format.delimiter === ','
      const delimiter = isComma ? '' : ` DELIMITED BY ${quotedString(format.delimiter!)}`
      return `CSV WITH ${columns}${delimiter}`
    }
    case 'regex':
      return `REGEX ${quotedString(format.pattern)}`
    case 'avro': {
      if (format.from === 'schema') {
        const wire =
          format.wireFormat === undefined
            ? ''
            : ` (CONFLUENT WIRE FORMAT = ${String(format.wireFormat)})`
        return `AVRO USING SCHEMA ${quotedString(format.schema)}${wire}`
      }
      const seed = format.seed === undefined ? '' : ` ${avroSeed(format.seed)}`
      return `AVRO ${registry(format.registry, speller)}${seed}`
    }
    case 'protobuf': {
      if (format.from === 'schema') {
        return `PROTOBUF MESSAGE ${quotedString(format.message)} USING SCHEMA ${quotedString(format.schema)}`
      }
      const seed = format.seed === undefined ? '' : ` ${protobufSeed(format.seed)}`
      return `PROTOBUF ${registry(format.registry, speller)}${seed}`
    }
    default:
      return format.is.toUpperCase()
  }
}

function registry(use: RegistryUse, speller: Speller): string {
  const options = [
    ...use.options.map((option) => speller.option(option)),
    ...use.docs.map((doc) => docOn(doc, speller)),
  ]
  const list = options.length === 0 ? '' : ` (${options.join(', ')})`
  const connection =
    use.connectionId === undefined
      ? use.connection.parts.map((part) => speller.identifier(part)).join('.')
      : speller.reference(use.connectionId)
  return `USING CONFLUENT SCHEMA REGISTRY CONNECTION ${connection}${list}`
}

function docOn(doc: DocTarget, speller: Speller): string {
  const of = doc.of === 'all' ? '' : `${doc.of.toUpperCase()} `
  const relation =
    doc.relationId === undefined
      ? doc.relation.parts.map((part) => speller.identifier(part)).join('.')
      : speller.reference(doc.relationId)
  const column = doc.column === undefined ? '' : `.${speller.identifier(doc.column)}`
  return `${of}DOC ON ${doc.on} ${relation}${column} = ${quotedString(doc.text)}`
}

function avroSeed(seed: AvroSeed): string {
  const key = seed.key === undefined ? '' : ` KEY SCHEMA ${quotedString(seed.key)}`
  return `SEED${key} VALUE SCHEMA ${quotedString(seed.value)}`
}

function protobufSeed(seed: ProtobufSeed): string {
  const one = ({ schema, message }: ProtobufSchema) =>
    `SCHEMA ${quotedString(schema)} MESSAGE ${quotedString(message)}`
  const key = seed.key === undefined ? '' : ` KEY ${one(seed.key)}`
  return `SEED${key} VALUE ${one(seed.value)}`
}
