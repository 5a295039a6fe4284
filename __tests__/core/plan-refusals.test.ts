import { describe, expect, test } from '@jest/globals'
import type { Spec } from '../../src/core/model.ts'
import type { Observed } from '../../src/core/observed.ts'
import {
  applied,
  change,
  defined,
  object,
  observed,
  planned,
  SINK,
  SOURCE,
  spec,
} from './plan-fixture.ts'

describe('refusals, before anything is sent', () => {
  const source = applied()[3]?.source ?? { type: '' }
  const sink = applied()[4]?.sink ?? { type: '' }
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
      says: /"nope".*There are: "empty", "quickstart", "second"\./,
    },
    {
      name: 'unknown default cluster',
      observed: observed([], { sessionCluster: 'gone' }),
      reason: 'cluster-unknown',
      says: /"gone"/,
    },
    {
      name: 'existing source in a cluster without replicas',
      observed: observed(change('u14', { cluster: 'empty' })),
      reason: 'cluster-without-replicas',
      says: /"empty"/,
    },
    {
      name: 'cluster without replicas',
      spec: named('empty'),
      observed: observed(),
      reason: 'cluster-without-replicas',
      says: /"empty"/,
    },
    {
      name: 'cluster of the spec that is to have no replicas',
      spec: { ...named('own'), clusters: [{ name: 'own', size: '25cc', replicationFactor: 0 }] },
      observed: observed(),
      reason: 'cluster-without-replicas',
      says: /"own"/,
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
      observed: observed([object('u20', 'hello', { type: 'view' })]),
      reason: 'relation-unfit',
      says: /is a view/,
    },
    {
      name: 'source’s name taken by a table',
      observed: observed([object('u20', 'hello', { type: 'table' })]),
      reason: 'name-taken',
      says: /is a table, not a source/,
    },
    {
      name: 'connection’s name taken by one to Postgres',
      observed: observed([
        object('u20', 'upstash', {
          type: 'connection',
          connection: { type: 'postgres', brokers: [] },
        }),
      ]),
      reason: 'name-taken',
      says: /to postgres, not one to Kafka/,
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
      observed: observed(change('u14', defined(SOURCE.replace('BYTES', 'JSON')))),
      reason: 'definition-differs',
      says: /format is 'json', not 'bytes'/,
    },
    {
      name: 'source of another connection',
      observed: observed(change('u14', { source: { ...source, connectionId: 'u99' } })),
      reason: 'definition-differs',
      says: /connection is 'u99'/,
    },
    {
      name: 'source with an envelope',
      observed: observed(change('u14', defined(`${SOURCE} ENVELOPE UPSERT`))),
      reason: 'definition-differs',
      says: /envelope is 'upsert'/,
    },
    {
      name: 'source in another cluster than asked for',
      spec: named('quickstart'),
      observed: observed(change('u14', { cluster: 'second' })),
      reason: 'definition-differs',
      says: /cluster is 'second', not 'quickstart'/,
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
      observed: observed(
        change('u15', defined(SINK.replace(' FORMAT JSON', ' KEY ("word") FORMAT JSON'))),
      ),
      reason: 'definition-differs',
      says: /key is 'word', not 'none'/,
    },
    {
      name: 'somebody else’s secret with another owner',
      spec: spec({ connections: spec().connections.map((c) => ({ ...c, owner: 'etl' })) }),
      observed: observed(change('u10', { marker: { repository: 'acme/other', key: 'x' } })),
      reason: 'definition-differs',
      says: /secret .*owner is 'materialize', not 'etl'/,
    },
    {
      name: 'no brokers and no connection',
      spec: spec({
        connections: spec().connections.map(({ name }) => ({ name, secrets: {} })),
      }),
      observed: observed(),
      reason: 'input-invalid',
      says: /kafka-brokers is needed/,
    },
  ]
  test.each(cases)('$name', (row) => {
    const made = planned(row.spec ?? spec(), row.observed)
    const refusal = made.refusals.find((failure) => failure.reason === row.reason)
    expect(refusal?.message).toMatch(row.says)
    expect(refusal?.inputs.length).toBeGreaterThan(0)
  })

  test('one missing schema is one refusal, not one for each object', () => {
    expect(planned(spec(), observed([], { schemas: [] })).refusals).toHaveLength(1)
  })
})
