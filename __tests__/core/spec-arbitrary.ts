import fc from 'fast-check'
import { stringify } from 'yaml'
import { connectionSecrets } from '../../src/core/connection-secrets.ts'
import {
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
  type ConnectionSpec,
  type KafkaSettings,
} from '../../src/core/model-connection.ts'
import type { Grant, Keeping, Privilege, QualifiedName } from '../../src/core/model-object.ts'
import { SINK_ENVELOPES } from '../../src/core/model-sink.ts'
import { PLAIN_FORMATS } from '../../src/core/model-format.ts'
import type { Spec } from '../../src/core/model.ts'
import { byteLength } from '../../src/core/names.ts'
import { qualified } from '../../src/core/sql.ts'

export const WITHIN = { database: 'db', schema: 'my.schema' }

const within = (name: string): QualifiedName => ({ ...WITHIN, name })

/** Names that a YAML file must quote now and then, and some that it need not. */
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('null', 'true', '007', '1e3', '- a', 'a: b', '#x', ' ', 'a.b', '"a"', '*a'),
  )
  .filter((text) => !text.includes('\0') && byteLength(text) <= 200)

const topic = fc.stringMatching(/^[a-zA-Z0-9_-]{1,30}$/)

/** Long and unlike anything else, so that finding one in a message means something. */
export const secret = fc.stringMatching(/^zq[0-9a-f]{12} ?'"#:[a-z]{4}$/)

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

function keeping(fit: readonly Privilege[]): fc.Arbitrary<Keeping> {
  const grants: fc.Arbitrary<Grant[]> = fc.uniqueArray(
    fc.record({
      to: name,
      privileges: fc.subarray([...fit], { minLength: Math.min(1, fit.length) }),
    }),
    { maxLength: 2, selector: (grant) => grant.to },
  )
  return fc.record(
    {
      comment: fc
        .string({ unit: 'grapheme', maxLength: 30 })
        .filter((text) => !text.includes('\0')),
      owner: name,
      ...(fit.length > 0 && { grants }),
    },
    { requiredKeys: [] },
  )
}

const kafka: fc.Arbitrary<KafkaSettings> = fc
  .record({
    brokers: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}:9[0-9]{3}$/), {
      minLength: 1,
      maxLength: 3,
    }),
    protocol: fc.constantFrom(...SECURITY_PROTOCOLS),
    sasl: fc.record({
      mechanism: fc.constantFrom(...SASL_MECHANISMS),
      username: secret,
      password: secret,
    }),
    ca: fc.constantFrom(undefined, CA),
  })
  .map(({ sasl, ca, ...rest }) => ({
    ...rest,
    ...(rest.protocol.startsWith('SASL') && { sasl }),
    ...(ca !== undefined && !rest.protocol.endsWith('PLAINTEXT') && { ca }),
  }))

interface Names {
  connections: string[]
  sources: string[]
  views: string[]
  sinks: string[]
}

/** No name is another’s, nor one of a secret. */
const names: fc.Arbitrary<Names> = fc
  .uniqueArray(
    name.filter((text) => !/_(?:username|password|ca)$/.test(text)),
    { minLength: 1, maxLength: 14 },
  )
  .map((all) => ({
    connections: all.slice(0, 2),
    sources: all.slice(2, 6),
    views: all.slice(6, 10),
    sinks: all.slice(10),
  }))

const cluster = fc.record({ cluster: name }, { requiredKeys: [] })

function each<T>(of: string[], make: (name: string, index: number) => fc.Arbitrary<T>) {
  return fc.tuple(...of.map(make))
}

function specWith({ connections, sources, views, sinks }: Names): fc.Arbitrary<Spec> {
  const connection = fc.constantFrom(...connections.map(within))
  const from = fc.oneof(
    ...(sources.length > 0 ? [fc.constantFrom(...[...sources, ...views].map(within))] : []),
    fc.record({ database: name, schema: name, name }),
  )
  const sql = (index: number) =>
    fc.subarray([...sources, ...views.slice(0, index)]).map((reads) => {
      const list = reads.map((one) => qualified(within(one))).join(', ')
      return reads.length === 0 ? "SELECT 'a''b;' AS n" : `SELECT count(*)\nFROM ${list} -- all`
    })
  return fc.record({
    tables: fc.constant([]),
    clusters: fc.uniqueArray(
      fc
        .record({
          spec: fc.record(
            { name, size: fc.constantFrom('25cc', '1', '100'), replicationFactor: fc.nat(99) },
            { requiredKeys: ['name', 'size'] },
          ),
          kept: keeping(['usage', 'create']),
        })
        .map(({ spec, kept }) => ({ ...spec, ...kept })),
      { maxLength: 2, selector: (one) => one.name },
    ),
    connections: each(connections, (one) =>
      fc
        .tuple(fc.option(kafka, { nil: undefined }), keeping(['usage']))
        .map(([settings, kept]): ConnectionSpec => {
          const secrets = connectionSecrets(within(one), settings)
          return { name: within(one), ...(settings && { kafka: settings }), secrets, ...kept }
        }),
    ),
    topics: fc.uniqueArray(
      fc.record({
        name: topic,
        connection,
        partitions: fc.integer({ min: 1, max: 10_000 }),
        replicationFactor: fc.constantFrom(-1, 1, 3),
        config: fc.dictionary(
          fc.stringMatching(/^[a-z]{1,5}\.[a-z]{1,5}$/),
          fc.oneof(
            fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
            fc.constantFrom('1.50', 'true', 'null'),
          ),
          { noNullPrototype: true },
        ),
      }),
      { maxLength: 3, selector: (one) => one.name },
    ),
    sources: each(sources, (one) =>
      fc
        .tuple(
          fc.record({ connection, topic, format: fc.constantFrom(...PLAIN_FORMATS) }),
          cluster,
          keeping(['select']),
        )
        .map(([spec, where, kept]) => ({ name: within(one), ...spec, ...where, ...kept })),
    ),
    views: each(views, (one, index) =>
      fc
        .tuple(sql(index), cluster, keeping(['select']))
        .map(([query, where, kept]) => ({ name: within(one), sql: query, ...where, ...kept })),
    ),
    sinks: each(sinks, (one) =>
      fc
        .tuple(
          fc.record({
            from,
            connection,
            // Never that of a source, which has no dot.
            topic: topic.map((text) => `out.${text}`),
            envelope: fc.constantFrom(...SINK_ENVELOPES),
            key: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
          }),
          cluster,
          keeping([]),
        )
        .map(([spec, where, kept]) => ({
          name: within(one),
          format: 'json' as const,
          ...spec,
          // What its own sources and views have for columns, and whether they are a key, is known.
          ...(spec.from.schema === WITHIN.schema && { key: [], envelope: 'debezium' as const }),
          ...where,
          ...kept,
        })),
    ),
  })
}

export const spec = names.chain(specWith)

/** A spec as the contents of a file, and the variables that it names. */
export function contentsOf(asked: Spec): { contents: unknown; env: Record<string, string> } {
  const env: Record<string, string> = {}
  const variable = (value: string) => {
    const named = `V_${String(Object.keys(env).length)}`
    env[named] = value
    return { env: named }
  }
  const byName = <T extends { name: QualifiedName }>(
    all: T[],
    rest: (one: Omit<T, 'name'>) => unknown,
  ) => Object.fromEntries(all.map(({ name: { name: key }, ...one }) => [key, rest(one)]))
  const own = new Set([...asked.sources, ...asked.views].map((one) => qualified(one.name)))
  const factor = (value: number | undefined) =>
    value === undefined ? {} : { 'replication-factor': value }
  const contents = {
    connections: byName(asked.connections, ({ kafka: settings, secrets: _, ...kept }) => {
      if (!settings) return kept
      const { sasl, ...plain } = settings
      const { mechanism, username, password } = sasl ?? {}
      return {
        kafka: {
          ...plain,
          ...(mechanism && { mechanism }),
          ...(username !== undefined && { username: variable(username) }),
          ...(password !== undefined && { password: variable(password) }),
        },
        ...kept,
      }
    }),
    clusters: Object.fromEntries(
      asked.clusters.map(({ name: key, replicationFactor, ...one }) => [
        key,
        { ...one, ...factor(replicationFactor) },
      ]),
    ),
    topics: Object.fromEntries(
      asked.topics.map(({ name: key, connection, replicationFactor, ...one }) => [
        key,
        { ...one, connection: connection.name, ...factor(replicationFactor) },
      ]),
    ),
    sources: byName(asked.sources, (one) => ({ ...one, connection: one.connection.name })),
    // The file’s order of views says nothing.
    views: byName(asked.views.toReversed(), (one) => one),
    sinks: byName(asked.sinks, (one) => ({
      ...one,
      connection: one.connection.name,
      from: own.has(qualified(one.from)) ? one.from.name : qualified(one.from),
    })),
    defaults: WITHIN,
  }
  return { contents, env }
}

/** Ways to write the same contents. */
export const print = fc.oneof(
  fc.constant((contents: unknown) => JSON.stringify(contents)),
  fc
    .record({
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
      defaultStringType: fc.constantFrom(
        'PLAIN' as const,
        'QUOTE_DOUBLE' as const,
        'QUOTE_SINGLE' as const,
      ),
      indent: fc.integer({ min: 1, max: 4 }),
      lineWidth: fc.constantFrom(0, 40),
    })
    .map((style) => (contents: unknown) => stringify(contents, style)),
)
