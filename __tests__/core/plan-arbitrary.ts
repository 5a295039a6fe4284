import fc from 'fast-check'
import { connectionSecrets } from '../../src/core/connection-secrets.ts'
import {
  type ClearCredential,
  type ConnectionSpec,
  type KafkaConnection,
  SASL_MECHANISMS,
} from '../../src/core/model-connection.ts'
import type { Keeping, Privilege } from '../../src/core/model-object.ts'
import type { Spec } from '../../src/core/model.ts'
import { qualified } from '../../src/core/sql.ts'
import { at } from './plan-fixture.ts'
import type { Allowed, Way } from './plan-sending.ts'

/**
 * Specs over a few names and a few values, so that two of them meet often; what may have happened
 * before; and what a run is allowed. Topics t1 and t2 are there, and the table “outside”.
 */

/** The first is met most. */
function mostly<const T>(first: T, ...others: T[]): fc.Arbitrary<T> {
  if (others.length === 0) return fc.constant(first)
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without the keys that have no value. */
function given<T extends object>(of: T): Partial<Given<T>> {
  const entries = Object.entries(of).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<Given<T>>
}

const COMMENTS = ['', 'Orders', 'it’s "two"\nlines', '{"manager":"somebody"}', "o'clock"]

function keeping(fit: Privilege[]): fc.Arbitrary<Keeping> {
  const grant = (to: string) => [{ to, privileges: fit.slice(0, 1) }]
  return fc
    .record({
      comment: mostly<string | undefined>(undefined, ...COMMENTS),
      owner: mostly<string | undefined>(undefined, 'etl', 'ops'),
      grants: fit.length === 0 ? fc.constant(undefined) : mostly(undefined, grant('analysts')),
    })
    .map((one): Keeping => given(one))
}

const kafka: fc.Arbitrary<KafkaConnection> = fc
  .record({
    brokers: mostly<string[]>(['b1:9092'], ['b2:9092'], ['b2:9092', 'b3:9092']),
    protocol: fc.constantFrom('SASL_SSL', 'SASL_SSL', 'SSL', 'SASL_PLAINTEXT', 'PLAINTEXT'),
    mechanism: mostly(...SASL_MECHANISMS),
    ca: mostly<string | undefined>(undefined, 'PEM'),
    clear: mostly<ClearCredential[]>([], ['username', 'ca']),
    progressTopic: mostly<string | undefined>(undefined, 'progress'),
  })
  .map(({ brokers, protocol, mechanism, ca, clear, progressTopic }) => ({
    ...{ brokers, protocol, clear },
    ...(protocol.startsWith('SASL') && { sasl: { mechanism, username: 'u', password: 'p' } }),
    ...(ca !== undefined && protocol.endsWith('SSL') && { ca }),
    ...given({ progressTopic }),
  }))

function connectionOf(name: string): fc.Arbitrary<ConnectionSpec> {
  // One that is only named must be there already.
  const settings = fc.oneof(
    { weight: 9, arbitrary: kafka },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
  return fc.tuple(settings, keeping(['usage'])).map(([asked, kept]) => ({
    name: at(name),
    secrets: connectionSecrets(at(name), asked),
    ...given({ kafka: asked }),
    ...kept,
  }))
}

interface Names {
  clusters: string[]
  connections: string[]
  topics: string[]
  sources: string[]
  views: string[]
  sinks: string[]
}

/** What a name is given, where it is met: most of them, most often. */
const names: fc.Arbitrary<Names> = fc.record({
  clusters: mostly([], ['own']),
  connections: mostly(['c1'], ['c1', 'c2'], ['c1', 'c2'], ['c2']),
  topics: mostly<string[]>([], ['n1'], ['t1', 'n1']),
  sources: mostly(['s1', 's2'], ['s1'], ['s2', 'we"ird.'], []),
  views: mostly(['v1'], [], ['v1', 'v2'], ['v2']),
  sinks: mostly(['k1'], [], ['k1', 'k2']),
})

function each<T>(of: string[], make: (name: string, index: number) => fc.Arbitrary<T>) {
  return fc.tuple(...of.map(make))
}

function specWith(of: Names): fc.Arbitrary<Spec> {
  const { clusters, connections, topics, sources, views, sinks } = of
  const connection = mostly(...(connections.map(at) as [ReturnType<typeof at>]))
  const where = mostly<string | undefined>(undefined, 'second', ...clusters)
  const sql = (index: number) =>
    fc
      .tuple(fc.subarray([...sources, ...views.slice(0, index)]), mostly('count(*)', 'max(1)'))
      .map(([reads, what]) => {
        const list = reads.map((one) => qualified(at(one))).join(', ')
        return reads.length === 0 ? "SELECT 'a''b' AS n" : `SELECT ${what} AS n FROM ${list}`
      })
  return fc.record({
    tables: fc.constant([]),
    clusters: each(clusters, (name) =>
      fc
        .tuple(
          mostly('25cc', '50cc'),
          mostly<number | undefined>(undefined, 1, 2, 0),
          keeping(['usage']),
        )
        .map(([size, replicationFactor, kept]) => ({
          ...{ name, size },
          ...given({ replicationFactor }),
          ...kept,
        })),
    ),
    connections: each(connections, connectionOf),
    topics: each(topics, (name) =>
      fc.record({
        name: fc.constant(name),
        connection,
        partitions: mostly(1, 2),
        replicationFactor: fc.constant(-1),
        config: mostly<Record<string, string>>({}, { 'retention.ms': '1' }),
      }),
    ),
    sources: each(sources, (name) =>
      fc
        .tuple(
          fc.record({
            connection,
            topic: mostly('t1', 't2', ...topics),
            format: mostly('text' as const, 'bytes', 'json'),
          }),
          where,
          keeping(['select']),
        )
        .map(([asked, cluster, kept]) => ({
          name: at(name),
          ...asked,
          ...given({ cluster }),
          ...kept,
        })),
    ),
    views: each(views, (name, index) =>
      fc.tuple(sql(index), where, keeping(['select'])).map(([query, cluster, kept]) => ({
        ...{ name: at(name), sql: query },
        ...given({ cluster }),
        ...kept,
      })),
    ),
    sinks: each(sinks, (name) =>
      fc
        .tuple(
          fc.record({
            from: fc.constantFrom(...[...sources, ...views, 'outside'].map(at)),
            connection,
            topic: mostly('out', 'other'),
            keyed: mostly(false, true),
          }),
          where,
          keeping([]),
        )
        .map(([{ keyed, ...asked }, cluster, kept]) => ({
          ...{ name: at(name), format: 'json' as const, ...asked },
          ...(keyed
            ? { envelope: 'upsert' as const, key: ['n'] }
            : { envelope: 'debezium' as const, key: [] }),
          ...given({ cluster }),
          ...kept,
        })),
    ),
  })
}

export const spec = names.chain(specWith)

const allowed: fc.Arbitrary<Allowed> = fc.record({
  adopt: fc.boolean(),
  prune: fc.boolean(),
  replace: mostly<string[]>(['all'], [], ['sinks'], ['sources', 'views', 'sinks'], ['s1']),
  specFile: mostly<string | undefined>('a.yaml', undefined, 'b.yaml'),
})

/** What may have happened on the server. What the server refuses has not. */
export type Event =
  /** A run, of ours or of another repository, perhaps killed after a share of its statements. */
  | { event: 'run'; spec: Spec; allowed: Allowed; repository: string; share: number }
  /** Somebody makes what a spec says, by hand. */
  | { event: 'made by hand'; spec: Spec }
  /** A statement about {object}, one of those that are there, or its {name}. */
  | { event: 'by hand'; nth: number; statement: string }

const byHand = fc.constantFrom(
  "COMMENT ON {object} IS ''",
  "COMMENT ON {object} IS 'mine'",
  'ALTER {object} OWNER TO "ops"',
  'DROP {object}',
  'DROP {object}',
  'CREATE VIEW "materialize"."public"."hand" AS SELECT FROM {name}',
  'CREATE TABLE {name} (a int)',
  `CREATE SOURCE ${qualified(at('s1'))} FROM KAFKA CONNECTION ${qualified(at('c1'))} (TOPIC 't1', START OFFSET (1)) FORMAT TEXT`,
)

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      event: fc.constant('run' as const),
      spec,
      allowed,
      repository: mostly('acme/shop', 'acme/other'),
      share: mostly(1, 0.1, 0.3, 0.5, 0.7, 0.9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('made by hand' as const), spec }) },
  {
    weight: 4,
    arbitrary: fc.record({
      event: fc.constant('by hand' as const),
      nth: fc.nat(30),
      statement: byHand,
    }),
  },
)

export interface Situation {
  history: Event[]
  spec: Spec
  allowed: Allowed
  way: Way
}

export const situation: fc.Arbitrary<Situation> = fc.record({
  history: fc.array(event, { maxLength: 4 }),
  spec,
  allowed,
  way: fc.record({
    together: fc.boolean(),
    lanes: fc.integer({ min: 1, max: 4 }),
    order: fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
  }),
})
