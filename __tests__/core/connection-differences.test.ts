import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  CONNECTION_ATTRIBUTES,
  connectionChanges,
  connectionDifferences,
} from '../../src/core/connection-differences.ts'
import { readDefinition } from '../../src/core/definition.ts'
import type { ConnectionSpec } from '../../src/core/model-connection.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { definedConnection } from './connection-arbitrary.ts'
import { asKafka, asPlain, asRegistry, connection, M, made } from './connection-fixture.ts'
import { at, object } from './plan-fixture.ts'

describe('differences', () => {
  const tunnel = { through: 'ssh-tunnel', connection: at('t') } as const
  const link = { through: 'aws-privatelink', connection: at('l') } as const
  const scram = { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' } as const
  /** There, asked, the keys that differ with what was there and is asked, what undoes it. */
  const cases: {
    name: string
    there: ConnectionSpec
    asked: ConnectionSpec
    differs: Record<string, [there: string, asked: string]>
    changes: string[]
  }[] = [
    {
      name: 'one broker for another',
      there: asPlain(),
      asked: asPlain({ brokers: ['b2:9092'] }),
      differs: { brokers: ['b1:9092', 'b2:9092'] },
      changes: ["SET (BROKER 'b2:9092')"],
    },
    {
      name: 'several brokers for one',
      there: asPlain(),
      asked: asPlain({ brokers: ['b2:9092', 'b1:9092'] }),
      differs: { brokers: ['b1:9092', 'b1:9092, b2:9092'] },
      changes: ["SET (BROKERS ('b2:9092', 'b1:9092'))"],
    },
    {
      name: 'a broker by a tunnel',
      there: asPlain(),
      asked: asPlain({ routes: { 'b1:9092': tunnel } }),
      differs: { brokers: ['b1:9092', `b1:9092 by ssh-tunnel ${M}"t"`] },
      changes: [`SET (BROKER 'b1:9092' USING SSH TUNNEL ${M}"t")`],
    },
    {
      name: 'another port at a link',
      there: asPlain({ routes: { 'b1:9092': { ...link, port: 1 } } }),
      asked: asPlain({ routes: { 'b1:9092': { ...link, port: 2 } } }),
      differs: {
        brokers: [
          `b1:9092 by aws-privatelink ${M}"l" (port 1)`,
          `b1:9092 by aws-privatelink ${M}"l" (port 2)`,
        ],
      },
      changes: [`SET (BROKER 'b1:9092' USING AWS PRIVATELINK ${M}"l" (PORT 2))`],
    },
    {
      name: 'brokers that Kafka names later',
      there: asPlain(),
      asked: asPlain({ matching: [{ pattern: '*.az1.*', route: link }] }),
      differs: {
        brokers: ['b1:9092', `b1:9092, matching *.az1.* by aws-privatelink ${M}"l"`],
      },
      changes: [`SET (BROKERS ('b1:9092', MATCHING '*.az1.*' USING AWS PRIVATELINK ${M}"l"))`],
    },
    {
      name: 'a tunnel for all brokers',
      there: asPlain(),
      asked: asPlain({ route: tunnel }),
      differs: { 'ssh-tunnel': ['none', `${M}"t"`] },
      changes: [`SET (SSH TUNNEL ${M}"t")`],
    },
    {
      name: 'no tunnel any more',
      there: asPlain({ route: tunnel }),
      asked: asPlain(),
      differs: { 'ssh-tunnel': [`${M}"t"`, 'none'] },
      changes: ['DROP (SSH TUNNEL)'],
    },
    {
      name: 'a link for all brokers in place of two',
      there: asPlain({ brokers: ['b1:9092', 'b2:9092'] }),
      asked: asPlain({ brokers: [], route: { ...link, port: 9092 } }),
      differs: {
        brokers: ['b1:9092, b2:9092', 'none'],
        'aws-privatelink': ['none', `${M}"l" (port 9092)`],
      },
      changes: ['DROP (BROKERS)', `SET (AWS PRIVATELINK ${M}"l" (PORT 9092))`],
    },
    {
      name: 'another protocol',
      there: asPlain(),
      asked: asPlain({ protocol: 'SSL' }),
      differs: { protocol: ['PLAINTEXT', 'SSL'] },
      changes: ["SET (SECURITY PROTOCOL = 'SSL')"],
    },
    {
      name: 'another mechanism',
      there: asKafka(),
      asked: asKafka({ sasl: scram }),
      differs: { mechanism: ['SCRAM-SHA-256', 'SCRAM-SHA-512'] },
      changes: ["SET (SASL MECHANISMS = 'SCRAM-SHA-512')"],
    },
    {
      name: 'no login any more: all of it in one statement',
      there: asKafka(),
      asked: asPlain({ protocol: 'SSL' }),
      differs: {
        protocol: ['SASL_SSL', 'SSL'],
        mechanism: ['SCRAM-SHA-256', 'none'],
        username: [`${M}"c_username"`, 'none'],
        password: [`${M}"c_password"`, 'none'],
      },
      changes: [
        "SET (SECURITY PROTOCOL = 'SSL')",
        'DROP (SASL MECHANISMS)',
        'DROP (SASL USERNAME)',
        'DROP (SASL PASSWORD)',
      ],
    },
    {
      name: 'a user name that is to stay readable',
      there: asKafka(),
      asked: asKafka({ clear: ['username'] }),
      differs: { username: [`${M}"c_username"`, 'u in clear text'] },
      changes: ["SET (SASL USERNAME = 'u')"],
    },
    {
      name: 'another readable user name',
      there: asKafka({ clear: ['username'] }),
      asked: asKafka({ clear: ['username'], sasl: { ...scram, username: 'v' } }),
      differs: {
        mechanism: ['SCRAM-SHA-256', 'SCRAM-SHA-512'],
        username: ['u in clear text', 'v in clear text'],
      },
      changes: ["SET (SASL MECHANISMS = 'SCRAM-SHA-512')", "SET (SASL USERNAME = 'v')"],
    },
    {
      name: 'a certificate of the client’s own',
      there: asPlain({ protocol: 'SSL' }),
      asked: asPlain({ protocol: 'SSL', certificate: 'C', key: 'K' }),
      differs: { certificate: ['none', `${M}"c_certificate"`], key: ['none', `${M}"c_key"`] },
      changes: [
        `SET (SSL CERTIFICATE = SECRET ${M}"c_certificate")`,
        `SET (SSL KEY = SECRET ${M}"c_key")`,
      ],
    },
    {
      name: 'no authority any more',
      there: asPlain({ protocol: 'SSL', ca: 'CA' }),
      asked: asPlain({ protocol: 'SSL' }),
      differs: { ca: [`${M}"c_ca"`, 'none'] },
      changes: ['DROP (SSL CERTIFICATE AUTHORITY)'],
    },
    {
      name: 'another readable authority',
      there: asPlain({ protocol: 'SSL', ca: 'CA', clear: ['ca'] }),
      asked: asPlain({ protocol: 'SSL', ca: 'CB', clear: ['ca'] }),
      differs: {
        ca: [
          expect.stringMatching(/^PEM text \(digest \w{16}\)$/) as unknown as string,
          expect.stringMatching(/^PEM text \(digest \w{16}\)$/) as unknown as string,
        ],
      },
      changes: ["SET (SSL CERTIFICATE AUTHORITY = 'CB')"],
    },
    {
      name: 'a login by IAM in place of a password',
      there: asKafka(),
      asked: asPlain({ protocol: 'SASL_SSL', aws: at('role') }),
      differs: {
        mechanism: ['SCRAM-SHA-256', 'none'],
        username: [`${M}"c_username"`, 'none'],
        password: [`${M}"c_password"`, 'none'],
        'aws-connection': ['none', `${M}"role"`],
      },
      changes: [
        'DROP (SASL MECHANISMS)',
        'DROP (SASL USERNAME)',
        'DROP (SASL PASSWORD)',
        `SET (AWS CONNECTION = ${M}"role")`,
      ],
    },
    {
      name: 'another URL of a registry',
      there: asRegistry(),
      asked: asRegistry({ url: 'https://s' }),
      differs: { url: ['https://r:8081/', 'https://s/'] },
      changes: ["SET (URL = 'https://s')"],
    },
    {
      name: 'a registry without login',
      there: asRegistry(),
      asked: connection({ registry: { url: 'https://r:8081' } }),
      differs: { username: [`${M}"c_username"`, 'none'], password: [`${M}"c_password"`, 'none'] },
      changes: ['DROP (USERNAME)', 'DROP (PASSWORD)'],
    },
    {
      name: 'a registry by a link',
      there: asRegistry(),
      asked: asRegistry({ route: link, ca: 'CA' }),
      differs: { ca: ['none', `${M}"c_ca"`], 'aws-privatelink': ['none', `${M}"l"`] },
      changes: [
        `SET (SSL CERTIFICATE AUTHORITY = SECRET ${M}"c_ca")`,
        `SET (AWS PRIVATELINK ${M}"l")`,
      ],
    },
  ]
  test.each(cases)('$name', ({ there, asked, differs, changes }) => {
    const found = made(there)
    const differences = connectionDifferences(asked, found)
    expect(
      Object.fromEntries(differences.map((one) => [one.attribute, [one.there, one.asked]])),
    ).toEqual(differs)
    expect(differences.map(({ means }) => means)).toEqual(differences.map(() => 'alter'))
    expect(connectionChanges(asked, differences, found)).toEqual(changes)
  })

  test.each([
    {
      attribute: 'progress-topic',
      one: { progressTopic: 'a' },
      other: { progressTopic: 'b' },
      values: ['a', 'b'],
    },
    {
      attribute: 'progress-topic',
      one: { progressTopic: 'a' },
      other: {},
      values: ['a', 'none'],
    },
    {
      attribute: 'progress-topic-replication-factor',
      one: { progressTopicReplicationFactor: 1 },
      other: { progressTopicReplicationFactor: 3 },
      values: ['1', '3'],
    },
  ])('$attribute can only be had by a new connection: $values', (row) => {
    const differences = connectionDifferences(asPlain(row.other), made(asPlain(row.one)))
    const [there, asked] = row.values
    expect(differences).toEqual([{ attribute: row.attribute, there, asked, means: 'replace' }])
  })

  test.each([
    ['a protocol that goes without saying', "BROKER = 'b1:9092'", asPlain({ protocol: 'SSL' })],
    [
      'a mechanism in small letters, and brokers in another order',
      `BROKERS = ('b2:9092', 'b1:9092'), SASL MECHANISMS = 'scram-sha-256', SASL PASSWORD = SECRET [u2 AS ${M}"c_password"], SASL USERNAME = SECRET [u3 AS ${M}"c_username"]`,
      asKafka({ brokers: ['b1:9092', 'b2:9092'] }),
    ],
    [
      'a link with its port after an equals sign',
      `AWS PRIVATELINK = [u9 AS ${M}"l"] (PORT = 9092), SECURITY PROTOCOL = plaintext`,
      asPlain({ brokers: [], route: { ...link, port: 9092 } }),
    ],
  ])('none: %s', (_name, options, asked) => {
    const definition = readDefinition(`CREATE CONNECTION ${M}"c" TO KAFKA (${options})`)
    const found = object('u1', 'c', { type: 'connection', ...(definition && { definition }) })
    expect(connectionDifferences(asked, found)).toEqual([])
  })

  test('none: a registry’s user under the shorter name of the option, and a URL without its slash', () => {
    const definition = readDefinition(
      `CREATE CONNECTION ${M}"c" TO CONFLUENT SCHEMA REGISTRY (URL = 'https://r:8081/', PASSWORD = SECRET [u2 AS ${M}"c_password"], USER = SECRET [u3 AS ${M}"c_username"])`,
    )
    const found = object('u1', 'c', { type: 'connection', ...(definition && { definition }) })
    expect(connectionDifferences(asRegistry(), found)).toEqual([])
  })

  test('an option that no spec can ask for is shown, and is not ours to alter', () => {
    const definition = readDefinition(
      `CREATE CONNECTION ${M}"c" TO KAFKA (BROKER = 'b1:9092', SECURITY PROTOCOL = 'PLAINTEXT', NEW THING = 'x')`,
    )
    const found = object('u1', 'c', { type: 'connection', ...(definition && { definition }) })
    expect(connectionDifferences(asPlain(), found)).toEqual([
      { attribute: 'new-thing', there: 'x', asked: 'none', means: 'replace' },
    ])
  })

  test('what was just made differs in nothing, and is known by its attributes alone', () => {
    fc.assert(
      fc.property(definedConnection, (spec) => {
        const found = made(spec)
        expect(connectionDifferences(spec, found)).toEqual([])
        const { definition } = found
        const known = CONNECTION_ATTRIBUTES[spec.registry ? 'registry' : 'kafka']
        const options = definition?.is === 'connection' ? Object.keys(definition.options) : []
        expect(known.flatMap((one) => one.options)).toEqual(expect.arrayContaining(options))
      }),
    )
  })

  test('altered from any connection to any other of its kind, nothing is left to alter', () => {
    fc.assert(
      fc.property(definedConnection, definedConnection, (one, other) => {
        fc.pre((one.kafka === undefined) === (other.kafka === undefined))
        const asked = { ...other, name: one.name }
        const found = made(one)
        const differences = connectionDifferences(asked, found)
        const alters = differences.filter(({ means }) => means === 'alter')
        const after = altered(found, connectionChanges(asked, alters, found))
        const left = connectionDifferences(asked, after)
        expect(left.filter(({ means }) => means === 'alter')).toEqual([])
      }),
    )
  })
})

/** What ALTER CONNECTION makes of a definition: it refuses to set and drop one option at once. */
function altered(found: ObservedObject, clauses: string[]): ObservedObject {
  const { definition } = found
  if (definition?.is !== 'connection') throw new Error('no connection')
  let { options } = definition
  const touched = new Set<string>()
  for (const clause of clauses) {
    const [, verb, inner = ''] = /^(SET|DROP) \((.*)\)$/s.exec(clause) ?? []
    const read = readDefinition(`CREATE CONNECTION c TO KAFKA (${inner})`)
    const set = read?.is === 'connection' ? read.options : {}
    const names = Object.keys(set)
    expect(names).toHaveLength(1)
    for (const name of names) {
      expect(touched).not.toContain(name)
      touched.add(name)
      const gone = name.startsWith('BROKER') ? ['BROKER', 'BROKERS'] : [name]
      const kept = Object.entries(options).filter(([one]) => !gone.includes(one))
      options = Object.fromEntries(verb === 'SET' ? [...kept, ...Object.entries(set)] : kept)
    }
  }
  return { ...found, definition: { ...definition, options } }
}
