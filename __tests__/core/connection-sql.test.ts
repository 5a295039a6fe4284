import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { printDefinition, readDefinition } from '../../src/core/definition.ts'
import type { ConnectionSpec } from '../../src/core/model-connection.ts'
import { createConnection } from '../../src/core/sql-connection.ts'
import { parse } from '../../test-support/materialize/parser.ts'
import { definedConnection } from './connection-arbitrary.ts'
import { asKafka, asPlain, asRegistry, connection, M } from './connection-fixture.ts'
import { at } from './plan-fixture.ts'

describe('statements', () => {
  const login = `SECURITY PROTOCOL = 'SASL_SSL', SASL MECHANISMS = 'SCRAM-SHA-256', SASL USERNAME = SECRET ${M}"c_username", SASL PASSWORD = SECRET ${M}"c_password"`
  const cases: [name: string, spec: ConnectionSpec, options: string][] = [
    ['a login', asKafka(), `BROKER 'b1:9092', ${login}`],
    [
      'a user name that stays readable',
      asKafka({
        clear: ['username'],
        sasl: { mechanism: 'PLAIN', username: "o'k", password: 'p' },
      }),
      `BROKER 'b1:9092', SECURITY PROTOCOL = 'SASL_SSL', SASL MECHANISMS = 'PLAIN', SASL USERNAME = 'o''k', SASL PASSWORD = SECRET ${M}"c_password"`,
    ],
    [
      'a certificate of the client’s own',
      asPlain({
        protocol: 'SSL',
        ca: 'CA',
        certificate: 'CERT',
        key: 'KEY',
        clear: ['certificate'],
      }),
      `BROKER 'b1:9092', SECURITY PROTOCOL = 'SSL', SSL CERTIFICATE AUTHORITY = SECRET ${M}"c_ca", SSL CERTIFICATE = 'CERT', SSL KEY = SECRET ${M}"c_key"`,
    ],
    [
      'brokers by tunnels and links',
      asPlain({
        brokers: ['b1:9092', 'b2:9092', 'b3:9092'],
        routes: {
          'b2:9092': { through: 'ssh-tunnel', connection: at('t') },
          'b3:9092': {
            through: 'aws-privatelink',
            connection: at('l'),
            availabilityZone: 'use1-az1',
            port: 9001,
          },
        },
        matching: [
          { pattern: '*.az1.*', route: { through: 'aws-privatelink', connection: at('l') } },
        ],
      }),
      `BROKERS ('b1:9092', 'b2:9092' USING SSH TUNNEL ${M}"t", 'b3:9092' USING AWS PRIVATELINK ${M}"l" (AVAILABILITY ZONE 'use1-az1', PORT 9001), MATCHING '*.az1.*' USING AWS PRIVATELINK ${M}"l"), SECURITY PROTOCOL = 'PLAINTEXT'`,
    ],
    [
      'one broker by a tunnel',
      asPlain({ routes: { 'b1:9092': { through: 'ssh-tunnel', connection: at('t') } } }),
      `BROKER 'b1:9092' USING SSH TUNNEL ${M}"t", SECURITY PROTOCOL = 'PLAINTEXT'`,
    ],
    [
      'all brokers by a tunnel',
      asPlain({ route: { through: 'ssh-tunnel', connection: at('t') } }),
      `BROKER 'b1:9092', SSH TUNNEL ${M}"t", SECURITY PROTOCOL = 'PLAINTEXT'`,
    ],
    [
      'all brokers by a link',
      asPlain({
        brokers: [],
        route: { through: 'aws-privatelink', connection: at('l'), port: 9092 },
      }),
      `AWS PRIVATELINK ${M}"l" (PORT 9092), SECURITY PROTOCOL = 'PLAINTEXT'`,
    ],
    [
      'a login by IAM',
      asPlain({ protocol: 'SASL_SSL', aws: at('role') }),
      `BROKER 'b1:9092', SECURITY PROTOCOL = 'SASL_SSL', AWS CONNECTION = ${M}"role"`,
    ],
    [
      'a progress topic',
      asPlain({ progressTopic: "p'1", progressTopicReplicationFactor: 3 }),
      `BROKER 'b1:9092', SECURITY PROTOCOL = 'PLAINTEXT', PROGRESS TOPIC = 'p''1', PROGRESS TOPIC REPLICATION FACTOR = 3`,
    ],
    [
      'a registry',
      asRegistry(),
      `URL = 'https://r:8081', USERNAME = SECRET ${M}"c_username", PASSWORD = SECRET ${M}"c_password"`,
    ],
    [
      'a registry by a tunnel, with certificates',
      connection({
        registry: {
          url: 'https://r',
          ca: 'CA',
          certificate: 'CERT',
          key: 'KEY',
          clear: ['ca'],
          route: { through: 'ssh-tunnel', connection: at('t') },
        },
      }),
      `URL = 'https://r', SSL CERTIFICATE AUTHORITY = 'CA', SSL CERTIFICATE = SECRET ${M}"c_certificate", SSL KEY = SECRET ${M}"c_key", SSH TUNNEL ${M}"t"`,
    ],
  ]
  test.each(cases)('%s', (_name, spec, options) => {
    const type = spec.registry ? 'CONFLUENT SCHEMA REGISTRY' : 'KAFKA'
    expect(createConnection(spec).text).toBe(
      `CREATE CONNECTION ${M}"c" TO ${type} (${options}) WITH (VALIDATE = false)`,
    )
  })

  test('whatever names and values hold, the stand-in and the catalog’s reader read it', () => {
    fc.assert(
      fc.property(definedConnection, (spec) => {
        const { text } = createConnection(spec)
        const [statement, ...more] = parse(text)
        expect(more).toEqual([])
        expect(statement?.statement).toMatchObject({
          kind: 'create-connection',
          name: { parts: [spec.name.database, spec.name.schema, spec.name.name] },
        })
        const definition = readDefinition(text)
        expect(definition?.other).toEqual([])
        expect(definition && readDefinition(printDefinition(definition))).toEqual(definition)
      }),
    )
  })
})
