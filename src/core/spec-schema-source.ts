import { INCLUDES, MOST_COPIED } from './model-source.ts'
import { READ_FORMAT } from './spec-schema-format.ts'
import {
  cluster,
  connectionOf,
  form,
  truth,
  keeping,
  list,
  object,
  PRIVILEGES_ON,
  text,
  whole,
  word,
  written,
} from './spec-shape.ts'

const alias = object('a column', {
  as: { shape: text('name'), otherwise: 'Materialize’s own name', meaning: 'Name of the column.' },
})

const include = form('what a record includes', INCLUDES, {
  key: { shape: alias, meaning: 'The key.' },
  partition: { shape: alias, meaning: 'The partition.' },
  offset: { shape: alias, meaning: 'The offset.' },
  timestamp: { shape: alias, meaning: 'The record’s time.' },
  headers: { shape: alias, meaning: 'All headers, as a list of key and value.' },
  header: {
    shape: object('a header', {
      name: { shape: text('header'), needed: true, meaning: 'Key of the header.' },
      as: { shape: text('name'), needed: true, meaning: 'Name of the column.' },
      bytes: {
        shape: truth,
        otherwise: 'false',
        meaning: 'Whether it is kept as bytes, not text.',
      },
    }),
    meaning: 'The newest header of one key.',
  },
})

const inline = { shape: alias, meaning: 'Values that cannot be read become rows with an error.' }

const envelope = form('an envelope', ['none', 'upsert', 'debezium'], {
  upsert: {
    shape: object('the envelope upsert', {
      'decoding-errors': {
        shape: form('what becomes of errors', ['inline'], { inline }),
        otherwise: 'one value that cannot be read fails every reading of the source',
        meaning:
          'inline: a value that cannot be read becomes a row with the column error, until its key comes again.',
      },
    }),
    meaning: 'The newest value of each key.',
  },
})

/** How records become rows, in sources and in tables made from them. */
const decoding = {
  format: {
    shape: READ_FORMAT,
    otherwise: 'bytes, unless value-format or a table of the source says it',
    meaning: 'How a record’s value is read. bytes takes anything.',
  },
  'key-format': {
    shape: READ_FORMAT,
    otherwise: 'keys are not read, but with a registry, which has their schema',
    meaning: 'How a record’s key is read; needs value-format.',
  },
  'value-format': {
    shape: READ_FORMAT,
    otherwise: 'format says it',
    meaning: 'How a record’s value is read; needs key-format, and stands in place of format.',
  },
  include: {
    shape: list(include, 1),
    otherwise: 'nothing but the value, and with upsert the key',
    meaning: 'What else becomes a column.',
  },
  envelope: {
    shape: envelope,
    otherwise: 'none',
    meaning:
      'none: a row a record. upsert: the newest value of each key, and none after a null. debezium: what Debezium says of changes, in Avro.',
  },
  columns: {
    shape: list(text('name'), 1),
    otherwise: 'those of the format',
    meaning: 'Names of the columns, from the first on.',
  },
} as const

const retention = {
  shape: text('span'),
  otherwise: 'none',
  meaning: 'How much history it keeps for reading as of a time past.',
} as const

export const SOURCE = object('a source', {
  connection: connectionOf,
  topic: {
    shape: text('topic'),
    needed: true,
    meaning: 'Topic it reads; one that is not in topics must exist.',
  },
  ...decoding,
  'start-offsets': {
    shape: list(whole({ from: 0, to: Number.MAX_SAFE_INTEGER }), 1),
    otherwise: 'from the first record on',
    meaning: 'Offsets to begin with, by partition; partitions beyond the list begin at 0.',
  },
  'start-timestamp': {
    shape: written('start'),
    otherwise: 'from the first record on',
    meaning:
      'Time of the records to begin with: milliseconds since 1970, a time such as 2026-01-02T03:04:05Z, or how long before the source is made, such as -1h. Materialize turns it into offsets at once.',
  },
  'copy-first': {
    shape: whole({ from: 1, to: MOST_COPIED }),
    otherwise: 'an environment shares the topic, and only reads it',
    meaning:
      'In an environment, how many of the topic’s first records are copied into a topic of the environment’s own, which the source reads in its place. Without an environment it means nothing.',
  },
  'group-id-prefix': {
    shape: text('prefix'),
    otherwise: 'none',
    meaning: 'Begins the name of its consumer group.',
  },
  'metadata-refresh-interval': {
    shape: text('refresh'),
    otherwise: '30s',
    meaning: 'How often it looks for new partitions, 1s to 1h.',
  },
  progress: {
    shape: text('name'),
    otherwise: '<source>_progress',
    meaning: 'Name of the relation that shows how far it has read.',
  },
  'retain-history': retention,
  'timestamp-interval': {
    shape: text('tick'),
    otherwise: '1s',
    meaning:
      'How often its time goes on; Materialize takes 1s alone, unless a superuser has widened the range.',
  },
  canary: {
    shape: word(['inline', 'isolated']),
    otherwise: 'none, unless the input canary says otherwise',
    meaning:
      'inline: with mode provision or verify, a record is sent through the source’s own topic. isolated: through a topic, source and sink made for it by the same connection in the same cluster.',
  },
  cluster,
  ...keeping(PRIVILEGES_ON.source),
})

export const TABLE = object('a table', {
  source: {
    shape: text('name'),
    needed: true,
    meaning: 'Source that it is made from, one of sources, which has no format then.',
  },
  ...decoding,
  format: { ...decoding.format, otherwise: 'bytes, unless value-format says it' },
  'retain-history': retention,
  ...keeping(PRIVILEGES_ON.table),
})
