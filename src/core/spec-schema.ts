import { PRIVILEGES } from './model-object.ts'
import { CONNECTION } from './spec-schema-connection.ts'
import { EXPECTATION } from './spec-schema-expectation.ts'
import { SINK } from './spec-schema-sink.ts'
import { SOURCE, TABLE } from './spec-schema-source.ts'
import {
  cluster,
  connectionOf,
  described,
  grants,
  keeping,
  map,
  object,
  PRIVILEGES_ON,
  text,
  value,
  whole,
} from './spec-shape.ts'

/**
 * The shape of the spec file, each key written once, here and in spec-schema-connection,
 * spec-schema-source, spec-schema-format, spec-schema-sink and spec-schema-expectation: the parser,
 * the JSON Schema and the tables of docs/spec.md
 * (scripts/spec-schema.mjs) are made from it.
 */

const GRANTABLE = PRIVILEGES.filter((privilege) =>
  Object.values(PRIVILEGES_ON).some((fit) => fit.some((one) => one === privilege)),
)

export const CLUSTER = object('a cluster', {
  size: {
    shape: text('size'),
    needed: true,
    meaning: 'Size of a replica, for instance 25cc. A size of digits alone goes in quotes.',
  },
  'replication-factor': {
    shape: whole({ from: 0, to: 99 }),
    otherwise: 'left to Materialize, which takes 1',
    meaning: 'Number of replicas.',
  },
  ...keeping(PRIVILEGES_ON.cluster),
})

export const TOPIC = object('a topic', {
  connection: { ...connectionOf, meaning: 'The connection whose Kafka it lies in.' },
  partitions: {
    shape: whole({ from: 1, to: 10_000 }),
    default: 1,
    meaning: 'Number of partitions.',
  },
  'replication-factor': {
    shape: whole({ from: 1, to: 99, also: { value: -1, meaning: 'the broker’s default' } }),
    default: -1,
    meaning:
      'Number of replicas; -1 leaves it to the broker. Left out, it is the number that the provider of the connection keeps, if it has one.',
  },
  config: {
    shape: map({ is: 'setting' }, { keys: 'setting', what: 'settings of a topic' }),
    otherwise: 'left to the broker',
    meaning: 'Settings of the topic by Kafka’s names, each value as it is written.',
  },
})

export const VIEW = object('a view', {
  sql: {
    shape: value('sql', ['text', 'file'], { secret: false }),
    needed: true,
    meaning:
      'The query of a materialized view. Names in it are looked up in the schema of defaults first.',
  },
  cluster,
  ...keeping(PRIVILEGES_ON.view),
})

export const DEFAULTS = object('the defaults', {
  database: {
    shape: text('name'),
    otherwise: 'the database of the login',
    meaning: 'Database of everything in this file.',
  },
  schema: {
    shape: text('name'),
    otherwise: 'the input schema',
    meaning: 'Schema of everything in this file.',
  },
  cluster: { ...cluster, otherwise: 'the input cluster, or the role’s default cluster' },
  owner: { ...described.owner, otherwise: 'left as it is' },
  grants: {
    shape: grants(GRANTABLE),
    otherwise: 'left as they are',
    meaning:
      'Who may do what with every object that has no grants of its own, as far as they fit its kind: select fits sources, tables and views, usage connections and clusters, create clusters.',
  },
})

export const FILE = object('the spec', {
  connections: {
    shape: map(CONNECTION, { keys: 'name', what: 'connections by name' }),
    otherwise: 'none',
    meaning: 'Connections to Kafka.',
  },
  clusters: {
    shape: map(CLUSTER, { keys: 'name', what: 'clusters by name' }),
    otherwise: 'none',
    meaning: 'Clusters to make.',
  },
  topics: {
    shape: map(TOPIC, { keys: 'topic', what: 'topics by name' }),
    otherwise: 'none',
    meaning: 'Topics that may be created.',
  },
  sources: {
    shape: map(SOURCE, { keys: 'name', what: 'sources by name' }),
    otherwise: 'none',
    meaning: 'Sources, which read topics into Materialize.',
  },
  tables: {
    shape: map(TABLE, { keys: 'name', what: 'tables by name' }),
    otherwise: 'none',
    meaning:
      'Tables made from sources, several to a source if need be: a preview that Materialize must switch on.',
  },
  views: {
    shape: map(VIEW, { keys: 'name', what: 'views by name' }),
    otherwise: 'none',
    meaning: 'Materialized views.',
  },
  sinks: {
    shape: map(SINK, { keys: 'name', what: 'sinks by name' }),
    otherwise: 'none',
    meaning: 'Sinks, which write relations to topics.',
  },
  expect: {
    shape: map(EXPECTATION, { keys: 'name', what: 'expectations by name' }),
    otherwise: 'none',
    meaning: 'What queries should return once data flows.',
  },
  defaults: { shape: DEFAULTS, otherwise: 'none', meaning: 'What objects without one take.' },
})
