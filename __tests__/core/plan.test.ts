import { describe, expect, test } from '@jest/globals'
import { plan } from '../../src/core/plan.ts'
import type { Spec } from '../../src/core/model.ts'
import type { Observed, ObservedObject } from '../../src/core/observed.ts'

const REPOSITORY = 'acme/shop'
const at = (name: string) => ({ database: 'materialize', schema: 'public', name })

function spec(change: Partial<Spec> = {}): Spec {
  return {
    connections: [
      {
        name: at('upstash'),
        kafka: {
          brokers: ['b:9092'],
          protocol: 'SASL_SSL',
          sasl: { mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' },
        },
        secrets: {
          username: { name: at('upstash_username'), value: 'u' },
          password: { name: at('upstash_password'), value: 'p' },
        },
      },
    ],
    topics: [],
    sources: [{ name: at('hello'), connection: at('upstash'), topic: 'hello', format: 'bytes' }],
    sinks: [
      {
        name: at('hello_out'),
        from: at('hello'),
        connection: at('upstash'),
        topic: 'hello-out',
        format: 'json',
        envelope: 'debezium',
        key: [],
      },
    ],
    ...change,
  }
}

function observed(objects: ObservedObject[] = [], change: Partial<Observed> = {}): Observed {
  return {
    role: 'materialize',
    sessionCluster: 'quickstart',
    databases: ['materialize'],
    schemas: [{ id: 'u3', database: 'materialize', name: 'public' }],
    clusters: [
      { id: 'u1', name: 'quickstart', replicas: 1 },
      { id: 'u2', name: 'empty', replicas: 0 },
      { id: 's2', name: 'mz_catalog_server', replicas: 1 },
    ],
    objects,
    ...change,
  }
}

/** Everything of the spec, as its creation leaves it. */
function applied(repository: string | null = REPOSITORY): ObservedObject[] {
  const marker = (key: string) => (repository === null ? {} : { marker: { repository, key } })
  return [
    {
      id: 'u10',
      name: at('upstash_username'),
      type: 'secret',
      ...marker('secret:upstash_username'),
    },
    {
      id: 'u11',
      name: at('upstash_password'),
      type: 'secret',
      ...marker('secret:upstash_password'),
    },
    {
      id: 'u12',
      name: at('upstash'),
      type: 'connection',
      connection: { type: 'kafka', brokers: ['b:9092'] },
      ...marker('connection:upstash'),
    },
    {
      id: 'u14',
      name: at('hello'),
      type: 'source',
      source: {
        type: 'kafka',
        topic: 'hello',
        connectionId: 'u12',
        envelope: 'none',
        valueFormat: 'bytes',
        cluster: 'quickstart',
      },
      ...marker('source:hello'),
    },
    {
      id: 'u15',
      name: at('hello_out'),
      type: 'sink',
      sink: {
        type: 'kafka',
        topic: 'hello-out',
        connectionId: 'u12',
        envelope: 'debezium',
        valueFormat: 'json',
        cluster: 'quickstart',
        dependsOn: ['u12', 'u14'],
      },
      ...marker('sink:hello_out'),
    },
  ]
}

const actions = (of: ReturnType<typeof plan>) =>
  of.steps.map((step) => `${step.action} ${step.kind} ${step.name.name}`)
const change = (id: string, to: Partial<ObservedObject>): ObservedObject[] =>
  applied().map((object) => (object.id === id ? { ...object, ...to } : object))

describe('steps', () => {
  test('nothing there: everything is made, in the order of dependencies, and marked', () => {
    const made = plan(spec(), observed(), REPOSITORY)
    expect(made.refusals).toEqual([])
    expect(actions(made)).toEqual([
      'create secret upstash_username',
      'create secret upstash_password',
      'create connection upstash',
      'create source hello',
      'create sink hello_out',
    ])
    expect(made.before).toEqual([])
    expect(made.after).toHaveLength(1)
    for (const step of made.steps) {
      expect(step.statements).toHaveLength(2)
      expect(step.statements[1]?.text).toMatch(/^COMMENT ON .*"repository":"acme\/shop"/)
    }
  })

  test('everything there and ours: only secrets are written, and no other DDL is sent', () => {
    const made = plan(spec(), observed(applied()), REPOSITORY)
    expect(made.refusals).toEqual([])
    expect(
      made.steps.flatMap((step) => step.statements.map((statement) => statement.shown)),
    ).toEqual([
      `ALTER SECRET "materialize"."public"."upstash_username" AS '********'`,
      `ALTER SECRET "materialize"."public"."upstash_password" AS '********'`,
      'VALIDATE CONNECTION "materialize"."public"."upstash"',
    ])
  })

  test.each([
    ['nobody', null],
    ['another repository', 'acme/other'],
  ])(
    'everything there and made by %s: nothing is written, and that is said',
    (_name, repository) => {
      const made = plan(spec(), observed(applied(repository)), REPOSITORY)
      expect(made.refusals).toEqual([])
      expect(made.steps.flatMap((step) => step.statements.map((s) => s.text))).toEqual([
        'VALIDATE CONNECTION "materialize"."public"."upstash"',
      ])
      expect(made.notes.filter((note) => note.includes('keeps its value'))).toHaveLength(2)
    },
  )

  test('a connection that is there needs no secrets of its own', () => {
    const there = applied().filter((object) => object.type === 'connection')
    expect(actions(plan(spec({ sinks: [] }), observed(there), REPOSITORY))).toEqual([
      'validate connection upstash',
      'create source hello',
    ])
  })

  test('cut off after the first secret: the rest is made', () => {
    const made = plan(spec(), observed(applied().slice(0, 1)), REPOSITORY)
    expect(actions(made)[0]).toBe('write secret upstash_username')
    expect(
      actions(made)
        .slice(1)
        .every((action) => action.startsWith('create')),
    ).toBe(true)
  })

  test('everything there and ours: no note is written', () => {
    const made = plan(spec(), observed(applied()), REPOSITORY)
    expect([...made.before, ...made.after]).toEqual([])
  })

  test('killed before the mark of the source: the note says that it is ours', () => {
    const killed = applied().filter((object) => object.type !== 'sink')
    const source = killed.find((object) => object.type === 'source')
    delete source?.marker
    const anchor = killed[0]
    if (anchor) {
      anchor.marker = {
        repository: REPOSITORY,
        key: 'secret:upstash_username',
        making: [
          'source:"materialize"."public"."hello"',
          'sink:"materialize"."public"."hello_out"',
        ],
      }
    }
    const made = plan(spec(), observed(killed), REPOSITORY)
    const step = made.steps.find((candidate) => candidate.kind === 'source')
    expect(step).toMatchObject({ action: 'keep', ours: true })
    expect(step?.statements.map((statement) => statement.text)).toEqual([
      expect.stringMatching(/^COMMENT ON SOURCE .*"key":"source:hello"/),
    ])
    expect(made.before.map((statement) => statement.text).join()).toContain('source:')
    expect(made.after.map((statement) => statement.text).join()).not.toContain('making')
  })

  test('a comment by hand outweighs an old note', () => {
    const there = applied()
    const source = there.find((object) => object.type === 'source')
    if (source) {
      delete source.marker
      source.comment = 'mine now'
    }
    const anchor = there[0]
    if (anchor) {
      anchor.marker = {
        repository: REPOSITORY,
        key: 'x',
        making: ['source:"materialize"."public"."hello"'],
      }
    }
    const step = plan(spec(), observed(there), REPOSITORY).steps.find((s) => s.kind === 'source')
    expect(step).toMatchObject({ ours: false, statements: [] })
  })

  test('a name of another schema does not count', () => {
    const elsewhere = applied().map((object) => ({
      ...object,
      name: { ...object.name, schema: 'other' },
    }))
    expect(actions(plan(spec(), observed(elsewhere), REPOSITORY))[0]).toBe(
      'create secret upstash_username',
    )
  })
})

describe('refusals, before anything is sent', () => {
  const source = applied()[3]?.source ?? { type: '' }
  const sink = applied()[4]?.sink ?? { type: '', dependsOn: [] }
  const named = (cluster: string): Spec =>
    spec({ sources: spec().sources.map((s) => ({ ...s, cluster })), sinks: [] })
  const cases: { name: string; spec?: Spec; observed: Observed; reason: string; says: RegExp }[] = [
    {
      name: 'unknown database',
      observed: observed([], { databases: ['other'] }),
      reason: 'database-unknown',
      says: /There are: "other"/,
    },
    {
      name: 'unknown schema',
      observed: observed([], { schemas: [{ id: 'u9', database: 'materialize', name: 'x' }] }),
      reason: 'schema-unknown',
      says: /There are: "x"/,
    },
    {
      name: 'unknown cluster',
      spec: named('nope'),
      observed: observed(),
      reason: 'cluster-unknown',
      says: /"nope".*There are: "empty", "quickstart"\./,
    },
    {
      name: 'unknown default cluster',
      observed: observed([], { sessionCluster: 'gone' }),
      reason: 'cluster-unknown',
      says: /"gone"/,
    },
    {
      name: 'cluster without replicas',
      spec: named('empty'),
      observed: observed(),
      reason: 'cluster-without-replicas',
      says: /"empty"/,
    },
    {
      name: 'sink from nothing',
      spec: spec({ sources: [] }),
      observed: observed(),
      reason: 'relation-unknown',
      says: /"hello"/,
    },
    {
      name: 'sink from a view',
      spec: spec({ sources: [] }),
      observed: observed([{ id: 'u20', name: at('hello'), type: 'view' }]),
      reason: 'relation-unfit',
      says: /is a view/,
    },
    {
      name: 'source’s name taken by a table',
      observed: observed([{ id: 'u20', name: at('hello'), type: 'table' }]),
      reason: 'name-taken',
      says: /is a table, not a source/,
    },
    {
      name: 'connection’s name taken by one to Postgres',
      observed: observed([
        {
          id: 'u20',
          name: at('upstash'),
          type: 'connection',
          connection: { type: 'postgres', brokers: [] },
        },
      ]),
      reason: 'name-taken',
      says: /to postgres, not to Kafka/,
    },
    {
      name: 'source of a load generator',
      observed: observed(change('u14', { source: { type: 'load-generator' } })),
      reason: 'name-taken',
      says: /load-generator source/,
    },
    {
      name: 'source of another topic',
      observed: observed(change('u14', { source: { ...source, topic: 'bye' } })),
      reason: 'definition-differs',
      says: /topic is 'bye', not 'hello'/,
    },
    {
      name: 'source of another format',
      observed: observed(change('u14', { source: { ...source, valueFormat: 'json' } })),
      reason: 'definition-differs',
      says: /format is 'json', not 'bytes'/,
    },
    {
      name: 'source of another connection',
      observed: observed(change('u14', { source: { ...source, connectionId: 'u99' } })),
      reason: 'definition-differs',
      says: /does not use connection/,
    },
    {
      name: 'source with an envelope',
      observed: observed(change('u14', { source: { ...source, envelope: 'upsert' } })),
      reason: 'definition-differs',
      says: /envelope is 'upsert'/,
    },
    {
      name: 'source in another cluster than asked for',
      spec: named('quickstart'),
      observed: observed(change('u14', { source: { ...source, cluster: 'empty' } })),
      reason: 'definition-differs',
      says: /cluster is "empty", not "quickstart"/,
    },
    {
      name: 'sink of another topic',
      observed: observed(change('u15', { sink: { ...sink, topic: 'x' } })),
      reason: 'definition-differs',
      says: /topic is 'x'/,
    },
    {
      name: 'sink of another envelope',
      observed: observed(change('u15', { sink: { ...sink, envelope: 'upsert' } })),
      reason: 'definition-differs',
      says: /envelope is 'upsert'/,
    },
    {
      name: 'sink with a key',
      observed: observed(change('u15', { sink: { ...sink, keyFormat: 'json' } })),
      reason: 'definition-differs',
      says: /has a key/,
    },
    {
      name: 'sink from another relation',
      observed: observed(change('u15', { sink: { ...sink, dependsOn: ['u12', 'u77'] } })),
      reason: 'definition-differs',
      says: /does not read from/,
    },
    {
      name: 'no brokers and no connection',
      spec: spec({
        connections: spec().connections.map((c) => ({
          ...c,
          kafka: { brokers: [], protocol: 'SASL_SSL' },
          secrets: {},
        })),
      }),
      observed: observed(),
      reason: 'input-invalid',
      says: /kafka-brokers is needed/,
    },
  ]
  test.each(cases)('$name', (row) => {
    const made = plan(row.spec ?? spec(), row.observed, REPOSITORY)
    const refusal = made.refusals.find((failure) => failure.reason === row.reason)
    expect(refusal?.message).toMatch(row.says)
    expect(refusal?.inputs.length).toBeGreaterThan(0)
  })

  test('one missing schema is one refusal, not one for each object', () => {
    expect(plan(spec(), observed([], { schemas: [] }), REPOSITORY).refusals).toHaveLength(1)
  })

  test('other brokers on an existing connection are a note, not a refusal', () => {
    const there = change('u12', { connection: { type: 'kafka', brokers: ['other:1'] } })
    const made = plan(spec(), observed(there), REPOSITORY)
    expect(made.refusals).toEqual([])
    expect(made.notes.join()).toMatch(/with brokers 'other:1'; kafka-brokers says 'b:9092'/)
  })
})
