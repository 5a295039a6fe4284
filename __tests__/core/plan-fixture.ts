import type { Spec } from '../../src/core/model.ts'
import type { Observed, ObservedObject } from '../../src/core/observed.ts'

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

export function observed(objects: ObservedObject[] = [], change: Partial<Observed> = {}): Observed {
  return {
    role: 'materialize',
    sessionCluster: 'quickstart',
    databases: ['materialize'],
    schemas: [{ id: 'u3', database: 'materialize', name: 'public' }],
    clusters: [
      { id: 'u1', name: 'quickstart', replicas: 1 },
      { id: 'u2', name: 'empty', replicas: 0 },
      { id: 'u4', name: 'second', replicas: 1 },
      { id: 's2', name: 'mz_catalog_server', replicas: 1 },
    ],
    objects,
    ...change,
  }
}

/** Everything of the spec, as its creation leaves it. */
export function applied(repository: string | null = REPOSITORY): ObservedObject[] {
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
