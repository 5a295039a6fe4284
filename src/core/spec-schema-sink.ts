import { SINK_ENVELOPES, SINK_FORMATS } from './model-sink.ts'
import { cluster, connectionOf, described, list, object, text, word } from './spec-shape.ts'

export const SINK = object('a sink', {
  from: {
    shape: text('relation'),
    needed: true,
    meaning:
      'What it writes out: a source or view of this file by its name, else a relation that exists: name, schema.name or database.schema.name, a part with a dot in it in double quotes.',
  },
  connection: connectionOf,
  topic: { shape: text('topic'), needed: true, meaning: 'Topic it writes.' },
  format: { shape: word(SINK_FORMATS), default: 'json', meaning: 'How a value is written.' },
  envelope: {
    shape: word(SINK_ENVELOPES),
    default: 'debezium',
    meaning:
      'debezium: rows before and after each change. upsert: the newest row for each key; needs key.',
  },
  key: { shape: list(text('name')), otherwise: 'no key', meaning: 'Columns of the key.' },
  cluster,
  ...described,
})
