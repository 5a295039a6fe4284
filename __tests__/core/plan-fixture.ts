import { readDefinition } from '../../src/core/definition.ts'
import type { Spec } from '../../src/core/model.ts'
import type { Observed, ObservedCluster, ObservedObject } from '../../src/core/observed.ts'
import type { Plan, PlanOptions } from '../../src/core/plan.ts'
import { plan } from '../../src/core/planner.ts'

/** A pipeline, and what the catalog shows of it. */

export const REPOSITORY = 'acme/shop'
export const at = (name: string) => ({ database: 'materialize', schema: 'public', name })

export function spec(change: Partial<Spec> = {}): Spec {
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
    clusters: [],
    tables: [],
    views: [],
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

const nobody = { comment: '', owner: 'materialize', grants: [] }

export function object(
  id: string,
  name: string,
  more: Partial<ObservedObject> & { type: string },
): ObservedObject {
  return { id, name: at(name), dependsOn: [], ...nobody, ...more }
}

function cluster(id: string, name: string, replicas: number): ObservedCluster {
  return { id, name, replicas, size: '25cc', replicationFactor: replicas, ...nobody }
}

export function observed(objects: ObservedObject[] = [], change: Partial<Observed> = {}): Observed {
  return {
    role: 'materialize',
    sessionCluster: 'quickstart',
    databases: ['materialize'],
    schemas: [{ id: 'u3', database: 'materialize', name: 'public' }],
    clusters: [
      cluster('u1', 'quickstart', 1),
      cluster('u2', 'empty', 0),
      cluster('u4', 'second', 1),
      cluster('s2', 'mz_catalog_server', 1),
    ],
    objects,
    topics: [],
    ...change,
  }
}

export const CONNECTION = `CREATE CONNECTION "materialize"."public"."upstash" TO KAFKA (BROKER = 'b:9092', SASL MECHANISMS = 'SCRAM-SHA-256', SASL PASSWORD = SECRET [u11 AS "materialize"."public"."upstash_password"], SASL USERNAME = SECRET [u10 AS "materialize"."public"."upstash_username"], SECURITY PROTOCOL = 'SASL_SSL')`
export const SOURCE = `CREATE SOURCE "materialize"."public"."hello" IN CLUSTER [u1] FROM KAFKA CONNECTION [u12 AS "materialize"."public"."upstash"] (TOPIC = 'hello') FORMAT BYTES EXPOSE PROGRESS AS [u13 AS "materialize"."public"."hello_progress"]`
export const SINK = `CREATE SINK "materialize"."public"."hello_out" IN CLUSTER [u1] FROM [u14 AS "materialize"."public"."hello"] INTO KAFKA CONNECTION [u12 AS "materialize"."public"."upstash"] (TOPIC = 'hello-out') FORMAT JSON ENVELOPE DEBEZIUM`

export function defined(text: string): Pick<ObservedObject, 'definition'> {
  const definition = readDefinition(text)
  if (!definition) throw new Error(`not understood: ${text}`)
  return { definition }
}

/** Everything of the spec, as its creation leaves it. */
export function applied(repository: string | null = REPOSITORY): ObservedObject[] {
  const marker = (key: string) => (repository === null ? {} : { marker: { repository, key } })
  const kafka = { type: 'kafka', connectionId: 'u12' }
  return [
    object('u10', 'upstash_username', { type: 'secret', ...marker('secret:upstash_username') }),
    object('u11', 'upstash_password', { type: 'secret', ...marker('secret:upstash_password') }),
    object('u12', 'upstash', {
      type: 'connection',
      connection: { type: 'kafka', brokers: ['b:9092'] },
      dependsOn: ['u10', 'u11'],
      ...defined(CONNECTION),
      ...marker('connection:upstash'),
    }),
    object('u14', 'hello', {
      type: 'source',
      source: { ...kafka, topic: 'hello', envelope: 'none', valueFormat: 'bytes' },
      cluster: 'quickstart',
      dependsOn: ['u12', 'u13'],
      ...defined(SOURCE),
      ...marker('source:hello'),
    }),
    object('u15', 'hello_out', {
      type: 'sink',
      sink: { ...kafka, topic: 'hello-out', envelope: 'debezium', valueFormat: 'json' },
      cluster: 'quickstart',
      dependsOn: ['u12', 'u14'],
      ...defined(SINK),
      ...marker('sink:hello_out'),
    }),
  ]
}

export const options: PlanOptions = {
  repository: REPOSITORY,
  adopt: false,
  prune: false,
  mayReplace: () => false,
  newTopics: () => [],
}

export function planned(asked: Spec, there: Observed, change: Partial<PlanOptions> = {}): Plan {
  return plan(asked, there, { ...options, ...change })
}

/** One of the objects of `applied`, changed. */
export function change(id: string, to: Partial<ObservedObject>): ObservedObject[] {
  return applied().map((one) => (one.id === id ? { ...one, ...to } : one))
}
