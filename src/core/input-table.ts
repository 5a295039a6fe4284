import { SASL_MECHANISMS, SECURITY_PROTOCOLS } from './model-connection.ts'
import { SINK_ENVELOPES, SINK_FORMATS } from './model-sink.ts'
import { SOURCE_FORMATS } from './model-source.ts'
import { KAFKA_CHECKS, MODES, SHOW_ROWS, SSL_MODES } from './model.ts'
import { PROVIDERS } from './presets.ts'

/**
 * The inputs, each name written once. action.yml and README are generated from this table
 * (scripts/readme.mjs), and src/inputs.ts takes names and defaults from it.
 */
export interface InputRow {
  name: string
  group: keyof typeof GROUPS
  /** What kind of text it takes, in the reader’s words. */
  type: string
  description: string
  /** The words it takes, if it takes no others. */
  choices?: readonly string[]
  /** What the runner fills in; only for inputs whose value can come from nowhere else. */
  default?: string
  /** What holds while it is empty, where the runner must not fill anything in. */
  otherwise?: string
  /** Its value must never be shown. */
  secret?: true
}

export const GROUPS = {
  run: 'The run',
  materialize: 'Materialize',
  kafka: 'Kafka',
  spec: 'Many pipelines from one file',
  changes: 'Changing and removing',
  pipeline: 'One pipeline',
  rows: 'Seeing rows',
} as const

export const INPUTS = [
  {
    name: 'mode',
    group: 'run',
    type: 'word',
    choices: MODES,
    default: 'provision',
    description:
      'provision: make things be as asked, show that data flows, report the rows seen. plan: only say what provision would do. teardown: drop what this action made.',
  },
  {
    name: 'timeout',
    group: 'run',
    type: 'duration',
    default: '5m',
    description: 'One deadline for the whole run, from 1s to 6h, written like 90s, 5m or 1h30m.',
  },
  {
    name: 'materialize-url',
    group: 'materialize',
    type: 'secret',
    secret: true,
    otherwise: 'the inputs for its parts, or MZ_* variables',
    description:
      'postgres://user:password@host:6875/database?sslmode=verify-full, or part of that. User, password and database are percent-encoded; sslmode is the only parameter. A part that is given as an input too must agree.',
  },
  {
    name: 'materialize-host',
    group: 'materialize',
    type: 'host',
    otherwise: 'that of materialize-url, or MZ_HOST; one of them is needed',
    description: 'Host name or IP address.',
  },
  {
    name: 'materialize-port',
    group: 'materialize',
    type: 'whole number',
    otherwise: 'that of materialize-url, or MZ_PORT, or 6875',
    description: 'Port for SQL.',
  },
  {
    name: 'materialize-user',
    group: 'materialize',
    type: 'text',
    otherwise: 'that of materialize-url, or MZ_USER; one of them is needed',
    description: 'Role to log in as; in Materialize Cloud an email address or a service account.',
  },
  {
    name: 'materialize-password',
    group: 'materialize',
    type: 'secret',
    secret: true,
    otherwise: 'that of materialize-url, or MZ_PASSWORD, or none',
    description:
      'Password; in Materialize Cloud an app password. One line break at its end is dropped, nothing else is.',
  },
  {
    name: 'materialize-database',
    group: 'materialize',
    type: 'literal name',
    otherwise: 'that of materialize-url, or MZ_DATABASE, or materialize',
    description: 'Database to work in.',
  },
  {
    name: 'materialize-sslmode',
    group: 'materialize',
    type: 'word',
    choices: SSL_MODES,
    otherwise:
      'that of materialize-url, or verify-full; disable for localhost, ::1 and 127.0.0.0/8 unless materialize-ca is given',
    description:
      'TLS with certificate and name checked, no TLS, or TLS with nothing checked (warned of). A service container without TLS needs disable.',
  },
  {
    name: 'materialize-ca',
    group: 'materialize',
    type: 'PEM text',
    otherwise: 'the public authorities that Node knows',
    description: 'Certificate authority to trust.',
  },
  {
    name: 'cluster',
    group: 'materialize',
    type: 'literal name',
    otherwise: 'the role’s default cluster',
    description: 'Cluster that runs source and sink and answers queries. It must exist.',
  },
  {
    name: 'schema',
    group: 'materialize',
    type: 'literal name',
    default: 'public',
    description: 'Schema for names that have none of their own. It must exist.',
  },
  {
    name: 'kafka-brokers',
    group: 'kafka',
    type: 'list',
    otherwise: 'no look at Kafka, and the connection must already exist in Materialize',
    description:
      'Brokers to begin with, host:port each, separated by commas or line breaks; 9092 where there is no port.',
  },
  {
    name: 'kafka-username',
    group: 'kafka',
    type: 'text',
    otherwise: 'no login, which SASL_* protocols refuse',
    description: 'User name for SASL.',
  },
  {
    name: 'kafka-password',
    group: 'kafka',
    type: 'secret',
    secret: true,
    otherwise: 'no login, which SASL_* protocols refuse',
    description: 'Password for SASL. One line break at its end is dropped, nothing else is.',
  },
  {
    name: 'kafka-sasl-mechanism',
    group: 'kafka',
    type: 'word',
    choices: SASL_MECHANISMS,
    otherwise: 'the provider’s, or SCRAM-SHA-256',
    description: 'How to log in, in any case.',
  },
  {
    name: 'kafka-security-protocol',
    group: 'kafka',
    type: 'word',
    choices: SECURITY_PROTOCOLS,
    otherwise: 'the provider’s, or SASL_SSL',
    description: 'Whether there is TLS and whether there is a login, in any case.',
  },
  {
    name: 'kafka-ca',
    group: 'kafka',
    type: 'PEM text',
    otherwise: 'public authorities',
    description: 'Certificate authority of the brokers, where it is a private one.',
  },
  {
    name: 'kafka-check',
    group: 'kafka',
    type: 'word',
    choices: KAFKA_CHECKS,
    default: 'auto',
    description:
      'Whether to look at Kafka from the runner first. auto: faults of TLS, login or rights end the run, unreachable brokers are left to Materialize, which may reach them. always: those end it too. never: no look.',
  },
  {
    name: 'provider',
    group: 'kafka',
    type: 'word',
    choices: PROVIDERS,
    otherwise: 'no preset',
    description:
      'A preset for protocol, mechanism and port. upstash: SASL_SSL, SCRAM-SHA-256, 9092.',
  },
  {
    name: 'spec',
    group: 'spec',
    type: 'path or YAML',
    otherwise: 'the inputs of one pipeline',
    description:
      'A file that says what should be there, or its text: connections, clusters, topics, sources, views, sinks. docs/spec.md explains it. Stands in for the inputs of Kafka and of one pipeline.',
  },
  {
    name: 'adopt',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'Whether to take objects that are there under the spec’s names, and that this action did not make, into its keeping. Their comments stay.',
  },
  {
    name: 'allow-replace',
    group: 'changes',
    type: 'list',
    otherwise: 'nothing is dropped and made anew',
    description:
      'What may be dropped and made anew where it cannot be changed as it stands: sources, sinks, views, all, or names. A source made anew reads its topic again from the start, a sink sends its snapshot again.',
  },
  {
    name: 'prune',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description: 'Whether to drop what this action made and the spec no longer holds.',
  },
  {
    name: 'fail-on-changes',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode plan: whether the run fails if anything is not as the spec says, as an alarm for drift.',
  },
  {
    name: 'drop-dependents',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode teardown: whether to drop what others made from the objects that are dropped, too.',
  },
  {
    name: 'delete-topics',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description: 'With mode teardown: whether to delete the topics that this action made, too.',
  },
  {
    name: 'connection',
    group: 'pipeline',
    type: 'name',
    default: 'kafka',
    description:
      'Connection to make or use. Its secrets are <connection>_username, <connection>_password and <connection>_ca, beside it.',
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
      'Replicas of a topic that create-topic makes, 1 to 99; -1 leaves it to the broker.',
  },
  {
    name: 'format',
    group: 'pipeline',
    type: 'word',
    choices: SOURCE_FORMATS,
    default: 'bytes',
    description: 'How the source reads a record’s value. bytes takes anything.',
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
    choices: SINK_FORMATS,
    default: 'json',
    description: 'How the sink writes a record’s value.',
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
    description: 'How many rows to wait for, 0 to 1000000.',
  },
] as const satisfies readonly InputRow[]

export type InputName = (typeof INPUTS)[number]['name']

const byName = new Map<string, InputRow>(INPUTS.map((row) => [row.name, row]))

/** The row of an input. */
export function inputRow(name: InputName): InputRow {
  const row = byName.get(name)
  if (!row) throw new Error(`no input ${name} in the table`)
  return row
}
