import { COMPRESSIONS, SINK_ENVELOPES } from './model-sink.ts'
import { WRITTEN_FORMAT } from './spec-schema-format.ts'
import {
  cluster,
  connectionOf,
  described,
  truth,
  list,
  map,
  object,
  text,
  whole,
  word,
} from './spec-shape.ts'

export const SINK = object('a sink', {
  from: {
    shape: text('relation'),
    needed: true,
    meaning:
      'What it writes out: a source, table or view of this file by its name, else a relation that exists: name, schema.name or database.schema.name, a part with a dot in it in double quotes.',
  },
  connection: connectionOf,
  topic: { shape: text('topic'), needed: true, meaning: 'Topic it writes.' },
  format: {
    shape: WRITTEN_FORMAT,
    otherwise: 'json, unless value-format says it',
    meaning: 'How key and value are written. text and bytes take one column alone.',
  },
  'key-format': {
    shape: WRITTEN_FORMAT,
    otherwise: 'format says it',
    meaning: 'How a key is written; needs key and value-format.',
  },
  'value-format': {
    shape: WRITTEN_FORMAT,
    otherwise: 'format says it',
    meaning: 'How a value is written; needs key-format, and stands in place of format.',
  },
  envelope: {
    shape: word(SINK_ENVELOPES),
    default: 'debezium',
    meaning:
      'debezium: rows before and after each change. upsert: the newest row for each key; needs key.',
  },
  key: { shape: list(text('name')), otherwise: 'no key', meaning: 'Columns of the key.' },
  'key-not-enforced': {
    shape: truth,
    otherwise: 'false',
    meaning:
      'Whether the key is taken though Materialize cannot prove that it is unique; if it is not, rows of one key overwrite each other.',
  },
  headers: {
    shape: text('name'),
    otherwise: 'no headers but Materialize’s own',
    meaning:
      'Column whose map becomes the message’s headers. Only with upsert, and a preview that Materialize must switch on.',
  },
  'partition-by': {
    shape: text('expression'),
    otherwise: 'Materialize hashes the key',
    meaning: 'Expression whose value, modulo the number of partitions, is a message’s partition.',
  },
  'topic-partitions': {
    shape: whole({ from: 1, to: 10_000, also: { value: -1, meaning: 'the broker’s default' } }),
    otherwise: 'the broker’s default',
    meaning: 'Partitions of the topic, where the sink creates it.',
  },
  'topic-replication-factor': {
    shape: whole({ from: 1, to: 99, also: { value: -1, meaning: 'the broker’s default' } }),
    otherwise: 'the broker’s default',
    meaning: 'Replicas of the topic, where the sink creates it.',
  },
  'topic-config': {
    shape: map({ is: 'setting' }, { keys: 'setting', what: 'settings of a topic' }),
    otherwise: 'left to the broker',
    meaning: 'Settings of the topic by Kafka’s names, where the sink creates it.',
  },
  compression: {
    shape: word(COMPRESSIONS),
    otherwise: 'lz4',
    meaning: 'How messages are compressed.',
  },
  'transactional-id-prefix': {
    shape: text('prefix'),
    otherwise: 'none',
    meaning: 'Begins the name of its transactional id.',
  },
  'progress-group-id-prefix': {
    shape: text('prefix'),
    otherwise: 'none',
    meaning: 'Begins the name of the consumer group that reads the progress topic.',
  },
  'metadata-refresh-interval': {
    shape: text('refresh'),
    otherwise: '30s',
    meaning: 'How often it looks for new partitions, 1s to 1h.',
  },
  snapshot: {
    shape: truth,
    otherwise: 'true',
    meaning: 'Whether rows are written that are there when the sink is made.',
  },
  cluster,
  ...described,
})
