import { PLAIN_FORMATS } from './model-format.ts'
import { SINK_ENVELOPES } from './model-sink.ts'
import { PLAIN_ENVELOPES } from './model-source.ts'
import { SHOW_ROWS } from './model.ts'
import type { InputRow } from './input-row.ts'

export const PIPELINE_ROWS = [
  {
    name: 'connection',
    group: 'pipeline',
    type: 'name',
    default: 'kafka',
    description:
      'Connection to make or use. Its secrets are <connection>_username, <connection>_password, <connection>_ca, <connection>_certificate and <connection>_key, beside it.',
  },
  {
    name: 'source',
    group: 'pipeline',
    type: 'name',
    otherwise: 'no source',
    description: 'Source to make or use. Give source, sink or both.',
  },
  {
    name: 'topic',
    group: 'pipeline',
    type: 'topic',
    otherwise: 'nothing; a source needs it',
    description: 'Topic the source reads.',
  },
  {
    name: 'create-topic',
    group: 'pipeline',
    type: 'true or false',
    default: 'false',
    description: 'Whether to create the source’s topic if it is missing.',
  },
  {
    name: 'topic-partitions',
    group: 'pipeline',
    type: 'whole number',
    default: '1',
    description: 'Partitions of a topic that create-topic makes, 1 to 10000.',
  },
  {
    name: 'topic-replication-factor',
    group: 'pipeline',
    type: 'whole number',
    default: '-1',
    description:
      'Replicas of a topic that create-topic makes, 1 to 99; -1 leaves it to the provider or the broker.',
  },
  {
    name: 'copy-first',
    group: 'pipeline',
    type: 'whole number',
    otherwise: 'an environment shares the topic, and only reads it',
    description:
      'In an environment, how many of the topic’s first records, 1 to 10000, are copied into a topic of the environment’s own, which the source reads in its place. Without an environment it means nothing.',
  },
  {
    name: 'format',
    group: 'pipeline',
    type: 'word',
    choices: PLAIN_FORMATS,
    default: 'bytes',
    description: 'How the source reads a record’s value. bytes takes anything.',
  },
  {
    name: 'key-format',
    group: 'pipeline',
    type: 'word',
    choices: PLAIN_FORMATS,
    otherwise: 'keys are not read',
    description: 'How the source reads a record’s key; format says how it reads the value then.',
  },
  {
    name: 'envelope',
    group: 'pipeline',
    type: 'word',
    choices: PLAIN_ENVELOPES,
    default: 'none',
    description:
      'none: a row a record. upsert: the newest value of each key, and none after a null; needs key-format.',
  },
  {
    name: 'include',
    group: 'pipeline',
    type: 'list',
    otherwise: 'nothing but the value, and with envelope upsert the key',
    description:
      'What else of a record becomes a column: key, partition, offset, timestamp, headers, separated by commas or line breaks.',
  },
  {
    name: 'start-offsets',
    group: 'pipeline',
    type: 'list',
    otherwise: 'from the first record on',
    description:
      'Offsets at which the source begins, by partition, separated by commas or line breaks; partitions beyond the list begin at 0.',
  },
  {
    name: 'sink',
    group: 'pipeline',
    type: 'name',
    otherwise: 'no sink',
    description: 'Sink to make or use.',
  },
  {
    name: 'sink-from',
    group: 'pipeline',
    type: 'name',
    otherwise: 'the source, if there is one',
    description: 'Source, table or materialized view the sink writes out.',
  },
  {
    name: 'sink-topic',
    group: 'pipeline',
    type: 'topic',
    otherwise: 'nothing; a sink needs it',
    description: 'Topic the sink writes.',
  },
  {
    name: 'sink-format',
    group: 'pipeline',
    type: 'word',
    choices: PLAIN_FORMATS,
    default: 'json',
    description: 'How the sink writes key and value. text and bytes take one column alone.',
  },
  {
    name: 'sink-envelope',
    group: 'pipeline',
    type: 'word',
    choices: SINK_ENVELOPES,
    default: 'debezium',
    description:
      'debezium: rows before and after each change. upsert: the newest row for each key; needs sink-key.',
  },
  {
    name: 'sink-key',
    group: 'pipeline',
    type: 'list',
    otherwise: 'no key',
    description:
      'Columns of the key, separated by commas or line breaks; a name with a comma in double quotes.',
  },
  {
    name: 'show-rows',
    group: 'rows',
    type: 'word',
    choices: SHOW_ROWS,
    otherwise:
      'summary in a private repository; output in a public one, where anyone can read log and summary',
    description: 'Where rows are shown: output and summary, output alone, or nowhere.',
  },
  {
    name: 'sample-rows',
    group: 'rows',
    type: 'whole number',
    default: '10',
    description: 'How many rows to report at most, 0 to 1000.',
  },
  {
    name: 'min-rows',
    group: 'rows',
    type: 'whole number',
    default: '0',
    description:
      'How many rows to wait for, 0 to 1000000; with mode verify, how many each source must have.',
  },
] as const satisfies readonly InputRow[]
