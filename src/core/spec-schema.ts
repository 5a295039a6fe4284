import {
  PRIVILEGES,
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
  SINK_ENVELOPES,
  SINK_FORMATS,
  SOURCE_FORMATS,
  type Privilege,
} from './model.ts'
import type { Range } from './parse.ts'
import type { TextKind } from './spec-texts.ts'

/**
 * The shape of the spec file, each key written once: the parser, the JSON Schema and the tables of
 * docs/spec.md (scripts/spec-schema.mjs) are made from it.
 */
export type Shape =
  | { is: 'text'; kind: TextKind }
  | { is: 'word'; words: readonly string[] }
  | { is: 'whole'; range: Range }
  /** Text, number or boolean, taken as it is written. */
  | { is: 'setting' }
  /** Text that may stand elsewhere. `secret`: it comes from where secrets do. */
  | { is: 'value'; kind: TextKind; from: readonly Origin[]; secret: boolean }
  | { is: 'list'; of: Shape; least: number }
  /** Keys of the user’s own. */
  | { is: 'map'; of: Shape; keys: TextKind; what: string }
  | { is: 'object'; keys: Keys; what: string }

export type Origin = 'text' | 'env' | 'file'

export interface Key {
  shape: Shape
  meaning: string
  needed?: true
  /** What holds while it is absent. */
  default?: string | number
  /** The same in words, where it is no fixed value. */
  otherwise?: string
}

export type Keys = Readonly<Record<string, Key>>

/** What Materialize lets be granted on each kind of object. Sinks have no privileges. */
export const PRIVILEGES_ON = {
  cluster: ['usage', 'create'],
  connection: ['usage'],
  source: ['select'],
  view: ['select'],
} as const satisfies Record<string, readonly Privilege[]>

const GRANTABLE = PRIVILEGES.filter((privilege) =>
  Object.values(PRIVILEGES_ON).some((fit) => fit.some((one) => one === privilege)),
)

const text = <const K extends TextKind>(kind: K) => ({ is: 'text', kind }) as const

const word = <const W extends string>(words: readonly W[]) => ({ is: 'word', words }) as const

const whole = (range: Range) => ({ is: 'whole', range }) as const

const value = (kind: TextKind, from: readonly Origin[], { secret }: { secret: boolean }) =>
  ({ is: 'value', kind, from, secret }) as const

const list = <const S extends Shape>(of: S, least = 0) => ({ is: 'list', of, least }) as const

const map = <const S extends Shape>(of: S, more: { keys: TextKind; what: string }) =>
  ({ is: 'map', of, ...more }) as const

const object = <const K extends Keys>(what: string, keys: K) =>
  ({ is: 'object', what, keys }) as const

const grants = <P extends Privilege>(privileges: readonly P[]) =>
  list(
    object('a grant', {
      to: { shape: text('name'), needed: true, meaning: 'Role.' },
      privileges: {
        shape: list(word(privileges), 1),
        needed: true,
        meaning: 'What it may do.',
      },
    }),
  )

const described = {
  comment: {
    shape: text('comment'),
    otherwise: 'left as it is',
    meaning: 'Comment for people; the action’s own mark is kept beside it.',
  },
  owner: {
    shape: text('name'),
    otherwise: 'that of defaults, or left as it is',
    meaning: 'Role that owns it.',
  },
} as const

const keeping = <P extends Privilege>(privileges: readonly P[]) =>
  ({
    ...described,
    grants: {
      shape: grants(privileges),
      otherwise: 'those of defaults that fit, or left as they are',
      meaning: 'Who may do what with it, in place of those of defaults.',
    },
  }) as const

const cluster = {
  shape: text('name'),
  otherwise: 'that of defaults, or the input cluster, or the role’s default cluster',
  meaning: 'Cluster it runs in; one that is not in clusters must exist.',
} as const

const connectionOf = {
  shape: text('name'),
  needed: true,
  meaning: 'Its connection, one of connections.',
} as const

export const CONNECTION = object('a connection', {
  kafka: {
    shape: object('the Kafka of a connection', {
      brokers: {
        shape: list(text('broker'), 1),
        needed: true,
        meaning: 'Brokers to begin with; 9092 where there is no port.',
      },
      username: {
        shape: value('username', ['text', 'env'], { secret: true }),
        otherwise: 'no login, which SASL_* protocols refuse',
        meaning: 'User name for SASL.',
      },
      password: {
        shape: value('password', ['env'], { secret: true }),
        otherwise: 'no login, which SASL_* protocols refuse',
        meaning:
          'Password for SASL. One line break at its end is dropped, nothing else is. Never written in the file.',
      },
      mechanism: {
        shape: word(SASL_MECHANISMS),
        default: 'SCRAM-SHA-256',
        meaning: 'How to log in.',
      },
      protocol: {
        shape: word(SECURITY_PROTOCOLS),
        default: 'SASL_SSL',
        meaning: 'Whether there is TLS and whether there is a login.',
      },
      ca: {
        shape: value('pem', ['text', 'env', 'file'], { secret: true }),
        otherwise: 'public authorities',
        meaning: 'Certificate authority of the brokers, where it is a private one.',
      },
    }),
    otherwise: 'the connection must exist already in Materialize',
    meaning: 'How to reach Kafka.',
  },
  ...keeping(PRIVILEGES_ON.connection),
})

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
    meaning: 'Number of replicas; -1 leaves it to the broker.',
  },
  config: {
    shape: map({ is: 'setting' }, { keys: 'setting', what: 'settings of a topic' }),
    otherwise: 'left to the broker',
    meaning: 'Settings of the topic by Kafka’s names, each value as it is written.',
  },
})

export const SOURCE = object('a source', {
  connection: connectionOf,
  topic: {
    shape: text('topic'),
    needed: true,
    meaning: 'Topic it reads; one that is not in topics must exist.',
  },
  format: {
    shape: word(SOURCE_FORMATS),
    default: 'bytes',
    meaning: 'How a record’s value is read. bytes takes anything.',
  },
  cluster,
  ...keeping(PRIVILEGES_ON.source),
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
      'Who may do what with every object that has no grants of its own, as far as they fit its kind: select fits sources and views, usage connections and clusters, create clusters.',
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
  defaults: { shape: DEFAULTS, otherwise: 'none', meaning: 'What objects without one take.' },
})
