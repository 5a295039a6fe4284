import { describe, expect, test } from '@jest/globals'
import { parseSpec, variablesIn } from '../../src/core/spec-parse.ts'
import { EXAMPLE, GIVEN, parsed, PEM, refusal } from './spec-fixture.ts'

const at = (name: string) => ({ database: 'materialize', schema: 'public', name })

/** A spec with one connection to hang things on. */
const WITH_K = 'connections: { k: {} }\n'

describe('the example of the issue', () => {
  test('is read to this', () => {
    const kept = { owner: 'etl', grants: [{ to: 'analysts', privileges: ['select'] }] }
    expect(parsed(EXAMPLE)).toEqual({
      database: 'materialize',
      schema: 'public',
      warnings: [],
      notes: [],
      spec: {
        clusters: [{ name: 'ingest', size: '25cc', owner: 'etl' }],
        connections: [
          {
            name: at('upstash'),
            kafka: {
              brokers: ['b1:9092', 'b2:9092'],
              protocol: 'SASL_SSL',
              sasl: {
                mechanism: 'SCRAM-SHA-256',
                username: 'etl-user',
                password: 'correct horse',
              },
            },
            secrets: {
              username: { name: at('upstash_username'), value: 'etl-user' },
              password: { name: at('upstash_password'), value: 'correct horse' },
            },
            owner: 'etl',
          },
        ],
        topics: [
          {
            name: 'orders',
            connection: at('upstash'),
            partitions: 6,
            replicationFactor: 3,
            config: { 'cleanup.policy': 'compact' },
          },
        ],
        sources: [
          {
            name: at('orders'),
            connection: at('upstash'),
            topic: 'orders',
            format: 'json',
            cluster: 'ingest',
            comment: 'Orders from the shop',
            ...kept,
          },
        ],
        tables: [],
        views: [
          {
            name: at('totals'),
            sql: 'SELECT region, count(*) AS n FROM orders GROUP BY region',
            cluster: 'ingest',
            ...kept,
          },
        ],
        sinks: [
          {
            name: at('totals_out'),
            from: at('totals'),
            connection: at('upstash'),
            topic: 'totals',
            format: 'json',
            envelope: 'upsert',
            key: ['region'],
            cluster: 'ingest',
            owner: 'etl',
          },
        ],
      },
    })
  })

  test('names these variables', () => {
    expect(variablesIn(EXAMPLE)).toEqual(['KAFKA_USERNAME', 'KAFKA_PASSWORD'])
    expect(variablesIn('a: [')).toEqual([])
  })

  test('without quotes ends its query at the comma, and says so', () => {
    const text = EXAMPLE.replace(/"(SELECT.*)"/, '$1')
    expect(refusal(text).message).toBe(
      'spec.yml:9:33: views.totals."count(*) AS n FROM orders GROUP BY region" is no key of a view; if it belongs to the text before it, put all of that in quotes, since a comma ends a text within { }.',
    )
  })
})

describe('what is left out', () => {
  test('has these defaults', () => {
    const { spec } = parsed(
      `${WITH_K}topics: { t: { connection: k } }
sources: { s: { connection: k, topic: t } }
sinks: { o: { from: s, connection: k, topic: o } }`,
    )
    expect(spec.connections).toEqual([{ name: at('k'), secrets: {} }])
    expect(spec.topics).toEqual([
      { name: 't', connection: at('k'), partitions: 1, replicationFactor: -1, config: {} },
    ])
    expect(spec.sources).toEqual([
      { name: at('s'), connection: at('k'), topic: 't', format: 'bytes' },
    ])
    expect(spec.sinks).toEqual([
      {
        name: at('o'),
        from: at('s'),
        connection: at('k'),
        topic: 'o',
        format: 'json',
        envelope: 'debezium',
        key: [],
      },
    ])
  })

  test.each([
    ['nothing', '', { name: at('s'), cluster: 'mine' }],
    ['a database', '{ database: d }', { name: { ...at('s'), database: 'd' }, cluster: 'mine' }],
    ['a schema', '{ schema: x }', { name: { ...at('s'), schema: 'x' }, cluster: 'mine' }],
    ['a cluster', '{ cluster: c }', { name: at('s'), cluster: 'c' }],
  ])('beside %s in defaults comes from the inputs', (_, defaults, source) => {
    const text = `${WITH_K}sources: { s: { connection: k, topic: t } }\ndefaults: ${defaults || '{}'}`
    expect(parseSpec(text, { ...GIVEN, cluster: 'mine' }).spec.sources).toMatchObject([source])
  })
})

describe('owner and grants of defaults', () => {
  const DEFAULTS =
    'defaults: { owner: etl, grants: [{ to: a, privileges: [select, usage] }, { to: b, privileges: [create] }] }\n'
  const usage = { to: 'a', privileges: ['usage'] }
  const select = { to: 'a', privileges: ['select'] }

  test('go where they fit', () => {
    const { spec } = parsed(
      `${DEFAULTS}connections: { k: {}, l: { kafka: { brokers: [b], protocol: PLAINTEXT } } }
clusters: { c: { size: 25cc, replication-factor: 0 } }
sources: { s: { connection: k, topic: t } }
views: { v: { sql: SELECT 1 } }
sinks: { o: { from: s, connection: k, topic: o } }`,
    )
    const kept = [spec.connections, spec.clusters, spec.sources, spec.views, spec.sinks]
      .flat()
      .map(({ owner, grants }) => [owner, grants])
    expect(kept).toEqual([
      // Only used, not defined.
      [undefined, undefined],
      ['etl', [usage]],
      ['etl', [usage, { to: 'b', privileges: ['create'] }]],
      ['etl', [select]],
      ['etl', [select]],
      ['etl', undefined],
    ])
    expect(spec.clusters).toMatchObject([{ replicationFactor: 0 }])
  })

  test('give way to those of the object', () => {
    const { spec } = parsed(
      `${DEFAULTS}connections: { k: { owner: me, comment: "" } }
views: { v: { sql: SELECT 1, owner: me, grants: [] } }`,
    )
    expect(spec.views).toMatchObject([{ owner: 'me', grants: [] }])
    expect(spec.connections).toMatchObject([{ owner: 'me', comment: '' }])
  })
})

describe('values from elsewhere', () => {
  const kafka = (more: string) =>
    parsed(`connections: { k: { kafka: { brokers: [b], ${more} } } }`).spec.connections[0]

  test.each([
    ['text', JSON.stringify(PEM)],
    ['a variable', '{ env: CA }'],
    ['a file', '{ file: ca.pem }'],
  ])('a certificate as %s', (_, ca) => {
    expect(kafka(`protocol: SSL, ca: ${ca}`)).toMatchObject({
      kafka: { protocol: 'SSL', ca: PEM },
      secrets: { ca: { name: at('k_ca'), value: PEM } },
    })
  })

  test('a user name as text', () => {
    expect(kafka('username: me, password: { env: KAFKA_PASSWORD }')).toMatchObject({
      kafka: { sasl: { mechanism: 'SCRAM-SHA-256', username: 'me', password: 'correct horse' } },
    })
  })

  test('a query from a file, without its semicolon', () => {
    expect(parsed('views: { v: { sql: { file: totals.sql } } }').spec.views).toEqual([
      { name: at('v'), sql: 'SELECT region FROM orders' },
    ])
  })
})

test('settings of a topic are taken as they are written', () => {
  const config =
    '{ a: 1.50, b: 9223372036854775807, c: 0x10, d: true, e: "x", f: no, g: 1e3, h: "" }'
  expect(
    parsed(`${WITH_K}topics: { t: { connection: k, config: ${config} } }`).spec.topics[0]?.config,
  ).toEqual({
    a: '1.50',
    b: '9223372036854775807',
    c: '0x10',
    d: 'true',
    e: 'x',
    f: 'no',
    g: '1e3',
    h: '',
  })
})

describe('from', () => {
  test.each([
    ['s', at('s')],
    ['my.dots', at('my.dots')],
    ['other', at('other')],
    ['x.other', { ...at('other'), schema: 'x' }],
    ['\'"d"."x.y"."n"\'', { database: 'd', schema: 'x.y', name: 'n' }],
  ])('%s', (from, name) => {
    const { spec } = parsed(
      `${WITH_K}sources: { s: { connection: k, topic: t }, my.dots: { connection: k, topic: t } }
sinks: { o: { from: ${from}, connection: k, topic: o } }`,
    )
    expect(spec.sinks[0]?.from).toEqual(name)
  })
})

test('views come after those they read, and otherwise in the order of the file', () => {
  const { spec } = parsed(
    `views:
  d: { sql: SELECT * FROM a JOIN c USING (x) }
  c: { sql: SELECT * FROM b }
  e: { sql: SELECT 1 }
  b: { sql: 'SELECT * FROM "A", public.a' }
  a: { sql: SELECT b FROM s }
  A: { sql: SELECT c FROM d.x.a }`,
  )
  expect(spec.views.map((view) => view.name.name)).toEqual(['e', 'a', 'A', 'b', 'c', 'd'])
})

test('aliases and merge keys are followed, what is written beside them wins', () => {
  const { spec } = parsed(
    `${WITH_K}sources:
  a: &a { connection: k, topic: &t one, format: json }
  b: { <<: *a, topic: two }
  c: { <<: [{ format: text }, *a] }
  d: { topic: *t, "connection": k }`,
  )
  expect(spec.sources.map((one) => [one.name.name, one.topic, one.format])).toEqual([
    ['a', 'one', 'json'],
    ['b', 'two', 'json'],
    ['c', 'one', 'text'],
    ['d', 'one', 'bytes'],
  ])
})

test('names are keys as they are written', () => {
  const { spec } = parsed(
    `${WITH_K}sources: { 007: &s { connection: k, topic: t }, "a b": *s, "<<": *s }`,
  )
  expect(spec.sources.map((one) => one.name.name)).toEqual(['007', 'a b', '<<'])
})

test('a password that goes over the network in clear text is warned of', () => {
  const text = (broker: string) =>
    `connections: { k: { kafka: { brokers: [${broker}], protocol: SASL_PLAINTEXT, mechanism: PLAIN, username: me, password: { env: KAFKA_PASSWORD } } } }`
  expect(parsed(text('b')).warnings).toHaveLength(1)
  expect(parsed(text('localhost')).warnings).toEqual([])
})
