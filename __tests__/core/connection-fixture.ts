import { connectionSecrets } from '../../src/core/connection-secrets.ts'
import { readDefinition } from '../../src/core/definition.ts'
import type {
  ConnectionSpec,
  KafkaConnection,
  RegistryConnection,
} from '../../src/core/model-connection.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { createConnection } from '../../src/core/sql-connection.ts'
import { at, object } from './plan-fixture.ts'

/** Connections of each kind for tests to change, and what the catalog shows of them. */

const kafka: KafkaConnection = {
  brokers: ['b1:9092'],
  protocol: 'SASL_SSL',
  sasl: { mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' },
}
const plain: KafkaConnection = { brokers: ['b1:9092'], protocol: 'PLAINTEXT' }
const registry: RegistryConnection = { url: 'https://r:8081', username: 'u', password: 'p' }

export function connection(of: { kafka: KafkaConnection } | { registry: RegistryConnection }) {
  const secrets = connectionSecrets(at('c'), 'kafka' in of ? of.kafka : of.registry)
  return { name: at('c'), ...of, secrets }
}

export const asKafka = (change: Partial<KafkaConnection> = {}): ConnectionSpec =>
  connection({ kafka: { ...kafka, ...change } })
export const asPlain = (change: Partial<KafkaConnection> = {}): ConnectionSpec =>
  connection({ kafka: { ...plain, ...change } })
export const asRegistry = (change: Partial<RegistryConnection> = {}): ConnectionSpec =>
  connection({ registry: { ...registry, ...change } })

/** What the catalog shows of a connection after it was made. */
export function made(spec: ConnectionSpec): ObservedObject {
  const definition = readDefinition(createConnection(spec).text)
  if (!definition) throw new Error('not understood')
  return object('u1', 'c', { type: 'connection', definition })
}

/** Where the objects of the tests lie, for names in statements. */
export const M = '"materialize"."public".'
