import fc from 'fast-check'
import { connectionSecrets } from '../../src/core/connection-secrets.ts'
import {
  type ClearCredential,
  type ConnectionSpec,
  type KafkaConnection,
  type RegistryConnection,
  type Route,
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
} from '../../src/core/model-connection.ts'

/** Connections of any kind, with names and values that look like SQL. */

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc
      .array(fc.constantFrom('"', "'", '.', '[', ')', ' AS ', '\\', '\n', '--', '/*', ';', '$$'), {
        minLength: 1,
        maxLength: 5,
      })
      .map((parts) => parts.join('')),
  )
  .filter((one) => !one.includes('\0'))

const name = fc.record({ database: text, schema: text, name: text })
const port = fc.integer({ min: 1, max: 65_535 })
const address = fc.stringMatching(/^[a-z]{1,8}:9[0-9]{3}$/)

const link: fc.Arbitrary<Extract<Route, { through: 'aws-privatelink' }>> = fc
  .record({ connection: name, availabilityZone: text, port }, { requiredKeys: ['connection'] })
  .map((route) => ({ through: 'aws-privatelink', ...route }))
const tunnel: fc.Arbitrary<Route> = name.map((connection) => ({
  through: 'ssh-tunnel',
  connection,
}))

const tls = fc.record({ ca: text, certificate: text, key: text }, { requiredKeys: [] })
const clear: fc.Arbitrary<ClearCredential[]> = fc.subarray(['username', 'ca', 'certificate'])

const reach: fc.Arbitrary<Pick<KafkaConnection, 'brokers' | 'routes' | 'matching' | 'route'>> =
  fc.oneof(
    link.map(({ availabilityZone: _, ...route }) => ({ brokers: [], route })),
    fc
      .record({
        brokers: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
        routes: fc.array(fc.oneof(link, tunnel), { maxLength: 2 }),
        matching: fc.array(fc.record({ pattern: text, route: link }), { maxLength: 2 }),
        route: fc.option(tunnel, { nil: undefined }),
      })
      .map(({ brokers, routes, matching, route }) => ({
        brokers,
        ...(routes.length > 0 && {
          routes: Object.fromEntries(
            routes.slice(0, brokers.length).map((one, i) => [brokers[i] ?? '', one]),
          ),
        }),
        ...(matching.length > 0 && { matching }),
        ...(route && { route }),
      })),
  )

const kafka: fc.Arbitrary<KafkaConnection> = fc
  .record({
    reach,
    tls,
    clear,
    protocol: fc.constantFrom(...SECURITY_PROTOCOLS),
    sasl: fc.option(
      fc.record({
        mechanism: fc.constantFrom(...SASL_MECHANISMS),
        username: text,
        password: text,
      }),
      { nil: undefined },
    ),
    rest: fc.record(
      {
        aws: name,
        progressTopic: text,
        progressTopicReplicationFactor: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ reach: way, tls: trust, rest, sasl, ...one }) => ({
    ...way,
    ...trust,
    ...rest,
    ...one,
    ...(sasl && { sasl }),
  }))

const registry: fc.Arbitrary<RegistryConnection> = fc
  .record({
    tls,
    clear,
    url: fc.webUrl({ withFragments: false, withQueryParameters: false }),
    login: fc.record({ username: text, password: text }, { requiredKeys: [] }),
    route: fc.option(
      fc.oneof(
        tunnel,
        name.map((one): Route => ({ through: 'aws-privatelink', connection: one })),
      ),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ tls: trust, login, route, ...one }) => ({
    ...trust,
    ...login,
    ...one,
    ...(route && { route }),
  }))

export const definedConnection: fc.Arbitrary<ConnectionSpec> = fc
  .tuple(
    name,
    fc.oneof(
      kafka.map((one) => ({ kafka: one })),
      registry.map((one) => ({ registry: one })),
    ),
  )
  .map(([own, of]) => ({
    name: own,
    ...of,
    secrets: connectionSecrets(own, 'kafka' in of ? of.kafka : of.registry),
  }))
