import { COMPATIBILITY_LEVELS, PLAIN_FORMATS } from './model-format.ts'
import { form, truth, list, object, text, value, whole, word } from './spec-shape.ts'

/** Formats of sources, tables and sinks, with the options each of them has. */

const registry = {
  shape: text('name'),
  meaning: 'Connection to a schema registry, one of connections.',
} as const

const strategy = form('a strategy', ['latest'], {
  id: { shape: whole({ from: 1, to: 2_147_483_647 }), meaning: 'Schema of this id.' },
  inline: {
    shape: value('avro-schema', ['text', 'file'], { secret: false }),
    meaning: 'This schema.',
  },
})

const csv = object('a CSV format', {
  columns: {
    shape: whole({ from: 1, to: 1_600 }),
    otherwise: 'those of header',
    meaning: 'Number of columns; they are called column1, column2 …',
  },
  header: {
    shape: list(text('name'), 1),
    otherwise: 'no names; columns says how many',
    meaning:
      'Names of the columns. Materialize holds every record against them as a file’s header line: only records that are these names fit.',
  },
  delimiter: { shape: text('delimiter'), otherwise: 'a comma', meaning: 'What parts columns.' },
})

const avro = object('an Avro format', {
  registry: { ...registry, otherwise: 'schema stands here' },
  'key-strategy': {
    shape: strategy,
    otherwise: 'inline: the newest schema when the source is made',
    meaning: 'Which schema of the registry reads keys.',
  },
  'value-strategy': {
    shape: strategy,
    otherwise: 'inline: the newest schema when the source is made',
    meaning: 'Which schema of the registry reads values.',
  },
  schema: {
    shape: value('avro-schema', ['text', 'file'], { secret: false }),
    otherwise: 'registry has it',
    meaning: 'Schema of every record, in place of a registry.',
  },
  'wire-format': {
    shape: truth,
    otherwise: 'true',
    meaning: 'Whether records begin with the id of a schema. Only with schema.',
  },
})

const protobuf = object('a Protobuf format', {
  registry: { ...registry, otherwise: 'message and schema stand here' },
  message: {
    shape: text('message'),
    otherwise: 'the registry says it',
    meaning: 'Message that a record is. Only with schema.',
  },
  schema: {
    shape: value('descriptors', ['text', 'file'], { secret: false }),
    otherwise: 'registry has it',
    meaning:
      'Compiled schema: what protoc --include_imports --descriptor_set_out writes, as hexadecimal digits or the file itself.',
  },
})

/** How a record’s key or value is read. */
export const READ_FORMAT = form('a format to read', PLAIN_FORMATS, {
  csv: { shape: csv, meaning: 'Comma-separated values, one record a line.' },
  regex: { shape: text('regex'), meaning: 'A column for each group of a regular expression.' },
  avro: { shape: avro, meaning: 'Avro.' },
  protobuf: { shape: protobuf, meaning: 'Protocol Buffers.' },
})

const doc = object('a doc', {
  text: { shape: text('doc'), needed: true, meaning: 'What it says.' },
  type: {
    shape: text('relation'),
    otherwise: 'the relation that the sink writes',
    meaning: 'Relation or type that it is about.',
  },
  column: {
    shape: text('name'),
    otherwise: 'the type itself',
    meaning: 'Column that it is about.',
  },
  only: { shape: word(['key', 'value']), otherwise: 'both', meaning: 'Schema that holds it.' },
})

/** How a message’s key or value is written. */
export const WRITTEN_FORMAT = form('a format to write', PLAIN_FORMATS, {
  avro: {
    shape: object('an Avro format of a sink', {
      registry: { ...registry, needed: true },
      'key-fullname': {
        shape: text('fullname'),
        otherwise: 'Materialize names it row',
        meaning: 'Name of the key’s schema; needs key and value-fullname.',
      },
      'value-fullname': {
        shape: text('fullname'),
        otherwise: 'Materialize names it envelope',
        meaning: 'Name of the value’s schema; with a key it needs key-fullname, too.',
      },
      docs: {
        shape: list(doc),
        otherwise: 'the comments in Materialize',
        meaning: 'What the schemas say of types and columns.',
      },
      'null-defaults': {
        shape: truth,
        otherwise: 'false',
        meaning: 'Whether fields that may be null have null as their default.',
      },
      'key-compatibility': {
        shape: word(COMPATIBILITY_LEVELS),
        otherwise: 'the registry’s own',
        meaning: 'Compatibility level of the key’s schemas.',
      },
      'value-compatibility': {
        shape: word(COMPATIBILITY_LEVELS),
        otherwise: 'the registry’s own',
        meaning: 'Compatibility level of the value’s schemas.',
      },
    }),
    meaning: 'Avro; the schemas go to the registry.',
  },
})
