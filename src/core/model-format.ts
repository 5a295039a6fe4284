import type { QualifiedName } from './model-object.ts'

/** How records are read and messages are written, as sources, tables and sinks say it. */

/** Formats without options. */
export const PLAIN_FORMATS = ['bytes', 'text', 'json'] as const
export type PlainFormat = (typeof PLAIN_FORMATS)[number]

/** Which schema of the registry is taken: the newest, one by its id, or one written here. */
export type Strategy = 'latest' | { id: number } | { inline: string }

export interface CsvFormat {
  /** How many, or their names, which every record is checked against as if it were a header. */
  columns: number | string[]
  /** One ASCII character; absent: a comma. */
  delimiter?: string
}

/** `registry` is a connection to a schema registry. */
export type AvroFormat =
  | { registry: QualifiedName; keyStrategy?: Strategy; valueStrategy?: Strategy }
  /** A schema as JSON; wireFormat false: records do not begin with a schema’s id. */
  | { schema: string; wireFormat?: boolean }

export type ProtobufFormat =
  | { registry: QualifiedName }
  /** A FileDescriptorSet as lower-case hexadecimal digits, and a message of it. */
  | { message: string; descriptors: string }

export type SourceFormat =
  | PlainFormat
  | { csv: CsvFormat }
  | { regex: string }
  | { avro: AvroFormat }
  | { protobuf: ProtobufFormat }

/** What a document says of a type or a column in the schemas that a sink registers. */
export interface SchemaDoc {
  /** Absent: in both. */
  only?: 'key' | 'value'
  type: QualifiedName
  /** Absent: of the type itself. */
  column?: string
  text: string
}

export const COMPATIBILITY_LEVELS = [
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
  'NONE',
] as const
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number]

export interface AvroSinkFormat {
  registry: QualifiedName
  /** Names of the schemas’ records. */
  keyFullname?: string
  valueFullname?: string
  nullDefaults?: boolean
  keyCompatibility?: CompatibilityLevel
  valueCompatibility?: CompatibilityLevel
  docs: SchemaDoc[]
}

export type SinkFormat = PlainFormat | { avro: AvroSinkFormat }

/** The word of a format: `json`, `csv` … */
export function formatName(format: SourceFormat | SinkFormat): string {
  return typeof format === 'string' ? format : (Object.keys(format)[0] ?? '')
}

/** The connection to a registry that a format goes by, if it does. */
export function registryOf(
  format: SourceFormat | SinkFormat | undefined,
): QualifiedName | undefined {
  if (format === undefined || typeof format === 'string') return undefined
  const of = 'avro' in format ? format.avro : 'protobuf' in format ? format.protobuf : undefined
  return of && 'registry' in of ? of.registry : undefined
}
