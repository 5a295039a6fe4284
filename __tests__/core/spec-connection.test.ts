import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/core/failure.ts'
import type { ConnectionSpec } from '../../src/core/model-connection.ts'
import { parseSpec } from '../../src/core/spec-parse.ts'
import { GIVEN, PEM } from './spec-fixture.ts'

/** Connections in the spec file: what they are read to, and what is said of broken ones. */

const KEY = PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY')
const OUTSIDE: Record<string, string> = {
  PASSWORD: 'correct horse',
  KEY,
  ENCRYPTED: PEM.replaceAll('CERTIFICATE', 'ENCRYPTED PRIVATE KEY'),
  'client.pem': `${PEM}\n`,
}
const given = {
  ...GIVEN,
  secret: (reference: { env: string } | { file: string }) =>
    OUTSIDE['env' in reference ? reference.env : reference.file],
}

const at = (name: string) => ({ database: 'materialize', schema: 'public', name })

function read(text: string): ConnectionSpec {
  const [connection] = parseSpec(`connections:\n  k: ${text}`, given).spec.connections
  if (!connection) throw new Error('no connection')
  return connection
}

function said(text: string): string[] {
  try {
    parseSpec(`connections:\n  k: ${text}`, given)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    expect(error.message).not.toMatch(/correct horse|MIIB/)
    const lines = error.message.split('\n').map((line) => line.replace(/^spec\.yml:\d+:\d+: /, ''))
    return lines.length > 1 ? lines.slice(1) : lines
  }
  throw new Error('was not refused')
}

const login = 'username: me, password: { env: PASSWORD }'
const base = { brokers: ['b:9092'], protocol: 'PLAINTEXT' }

describe('is read', () => {
  const rows: { name: string; text: string; kafka?: object; registry?: object; more?: object }[] = [
    { name: 'named only', text: '{}' },
    {
      name: 'a user name as text, which is a secret as ever',
      text: `{ kafka: { brokers: [b], ${login} } }`,
      kafka: {
        brokers: ['b:9092'],
        protocol: 'SASL_SSL',
        sasl: { mechanism: 'SCRAM-SHA-256', username: 'me', password: 'correct horse' },
      },
      more: {
        secrets: {
          username: { name: at('k_username'), value: 'me' },
          password: { name: at('k_password'), value: 'correct horse' },
        },
      },
    },
    {
      name: 'a user name that stays readable',
      text: '{ kafka: { brokers: [b], username: { text: me }, password: { env: PASSWORD } } }',
      kafka: {
        brokers: ['b:9092'],
        protocol: 'SASL_SSL',
        sasl: { mechanism: 'SCRAM-SHA-256', username: 'me', password: 'correct horse' },
        clear: ['username'],
      },
      more: { secrets: { password: { name: at('k_password'), value: 'correct horse' } } },
    },
    {
      name: 'certificates, from a file and readable',
      text: `{ kafka: { brokers: [b], protocol: SSL, ca: { text: ${JSON.stringify(PEM)} }, certificate: { file: client.pem }, key: { env: KEY } } }`,
      kafka: {
        brokers: ['b:9092'],
        protocol: 'SSL',
        ca: PEM,
        certificate: PEM,
        key: KEY,
        clear: ['ca'],
      },
      more: {
        secrets: {
          certificate: { name: at('k_certificate'), value: PEM },
          key: { name: at('k_key'), value: KEY },
        },
      },
    },
    {
      name: 'brokers by tunnels and links',
      text: '{ kafka: { protocol: PLAINTEXT, brokers: [a, { address: "b:1", ssh-tunnel: t }, { address: c, aws-privatelink: net.l, availability-zone: use1-az1, port: 2 }, { matching: "*.d", aws-privatelink: x.y.z }] } }',
      kafka: {
        brokers: ['a:9092', 'b:1', 'c:9092'],
        protocol: 'PLAINTEXT',
        routes: {
          'b:1': { through: 'ssh-tunnel', connection: at('t') },
          'c:9092': {
            through: 'aws-privatelink',
            connection: { ...at('l'), schema: 'net' },
            availabilityZone: 'use1-az1',
            port: 2,
          },
        },
        matching: [
          {
            pattern: '*.d',
            route: {
              through: 'aws-privatelink',
              connection: { database: 'x', schema: 'y', name: 'z' },
            },
          },
        ],
      },
    },
    {
      name: 'a tunnel for all brokers',
      text: '{ kafka: { brokers: [b], protocol: PLAINTEXT, ssh-tunnel: t } }',
      kafka: { ...base, route: { through: 'ssh-tunnel', connection: at('t') } },
    },
    {
      name: 'a link in place of brokers',
      text: '{ kafka: { protocol: PLAINTEXT, aws-privatelink: l } }',
      kafka: {
        brokers: [],
        protocol: 'PLAINTEXT',
        route: { through: 'aws-privatelink', connection: at('l') },
      },
    },
    {
      name: 'a link with a port in place of brokers',
      text: '{ kafka: { protocol: PLAINTEXT, aws-privatelink: { connection: l, port: 9093 } } }',
      kafka: {
        brokers: [],
        protocol: 'PLAINTEXT',
        route: { through: 'aws-privatelink', connection: at('l'), port: 9093 },
      },
    },
    {
      name: 'a login by IAM',
      text: '{ kafka: { brokers: ["b:9098"], aws-connection: role } }',
      kafka: { brokers: ['b:9098'], protocol: 'SASL_SSL', aws: at('role') },
    },
    {
      name: 'a progress topic, and no check',
      text: '{ kafka: { brokers: [b], protocol: PLAINTEXT, progress-topic: p, progress-topic-replication-factor: 3, validate: false } }',
      kafka: { ...base, progressTopic: 'p', progressTopicReplicationFactor: 3 },
      more: { validate: false },
    },
    {
      name: 'a check that was asked for',
      text: '{ kafka: { brokers: [b], protocol: PLAINTEXT, validate: true } }',
      kafka: base,
    },
    {
      name: 'a registry',
      text: `{ registry: { url: "https://r:8081", ${login}, ssh-tunnel: t, validate: false } }`,
      registry: {
        url: 'https://r:8081',
        username: 'me',
        password: 'correct horse',
        route: { through: 'ssh-tunnel', connection: at('t') },
      },
      more: {
        validate: false,
        secrets: {
          username: { name: at('k_username'), value: 'me' },
          password: { name: at('k_password'), value: 'correct horse' },
        },
      },
    },
  ]
  test.each(rows)('$name', ({ text, kafka, registry, more }) => {
    expect(read(text)).toEqual({
      name: at('k'),
      secrets: {},
      ...(kafka && { kafka }),
      ...(registry && { registry }),
      ...more,
    })
  })
})

describe('is refused', () => {
  const plain = 'brokers: [b], protocol: PLAINTEXT'
  const rows: [name: string, text: string, says: string[]][] = [
    [
      'both at once',
      `{ kafka: { ${plain} }, registry: { url: "https://r" } }`,
      [
        'connections.k has both kafka and registry; a connection leads to one of them, so make two.',
      ],
    ],
    [
      'no brokers',
      '{ kafka: { protocol: PLAINTEXT } }',
      ['connections.k.kafka.brokers is missing.'],
    ],
    [
      'brokers and a tunnel beside a link for all',
      `{ kafka: { ${plain}, ssh-tunnel: t, aws-privatelink: l } }`,
      ['brokers', 'ssh-tunnel'].map(
        (key) =>
          `connections.k.kafka.${key} has no use beside connections.k.kafka.aws-privatelink, by which all brokers are reached; a single broker takes { address: …, aws-privatelink: … }.`,
      ),
    ],
    [
      'brokers with too much or too little',
      '{ kafka: { protocol: PLAINTEXT, brokers: [{ ssh-tunnel: t }, { address: a, matching: "a*", aws-privatelink: l }, { address: b, ssh-tunnel: t, aws-privatelink: l }, { matching: "*c" }, { address: d, port: 1, availability-zone: z }, { address: "b:9092" }] } }',
      [
        'connections.k.kafka.brokers has an entry without address.',
        'connections.k.kafka.brokers has both address and matching in one entry; give one.',
        'connections.k.kafka.brokers has both ssh-tunnel and aws-privatelink in one entry; a broker is reached by one.',
        'connections.k.kafka.brokers.matching needs aws-privatelink beside it.',
        'connections.k.kafka.brokers.port has no use without aws-privatelink beside it.',
        'connections.k.kafka.brokers.availability-zone has no use without aws-privatelink beside it.',
        'connections.k.kafka.brokers names "b:9092" twice.',
      ],
    ],
    [
      'patterns only, and one that is none',
      '{ kafka: { protocol: PLAINTEXT, brokers: [{ matching: "*c", aws-privatelink: l }, { matching: "a*c", aws-privatelink: l }] } }',
      [
        'connections.k.kafka.brokers has patterns only; give at least one broker with an address to begin with.',
        'connections.k.kafka.brokers.matching "a*c" is not a pattern of addresses; allowed: part of an address, with a * at its beginning, at its end or at both.',
      ],
    ],
    [
      'a broker that is a list',
      '{ kafka: { protocol: PLAINTEXT, brokers: [[b]] } }',
      ['connections.k.kafka.brokers must be host:port or a map, not a list.'],
    ],
    [
      'a login beside IAM',
      `{ kafka: { brokers: [b], ${login}, mechanism: PLAIN, aws-connection: role } }`,
      ['username', 'password', 'mechanism'].map(
        (key) =>
          `connections.k.kafka.${key} has no use beside connections.k.kafka.aws-connection, which logs in.`,
      ),
    ],
    [
      'IAM without a login',
      '{ kafka: { brokers: [b], protocol: SSL, aws-connection: role } }',
      [
        'connections.k.kafka.aws-connection has no use while connections.k.kafka.protocol is SSL, which has no login.',
      ],
    ],
    [
      'half a certificate',
      '{ kafka: { brokers: [b], protocol: SSL, certificate: { file: client.pem } } }',
      ['connections.k.kafka.key is missing, and connections.k.kafka.certificate needs it.'],
    ],
    [
      'a key alone, and with a passphrase',
      '{ kafka: { brokers: [b], protocol: SSL, key: { env: ENCRYPTED } } }',
      [
        'connections.k.kafka.certificate is missing, and connections.k.kafka.key needs it.',
        'connections.k.kafka.key (environment variable ENCRYPTED) is encrypted; allowed: PEM text of a private key without a passphrase, from -----BEGIN PRIVATE KEY----- on, line by line.',
      ],
    ],
    [
      'a key in the file',
      `{ kafka: { brokers: [b], protocol: SSL, certificate: { file: client.pem }, key: ${JSON.stringify(KEY)} } }`,
      [
        'connections.k.kafka.key is written in the file, where others can read it; change it, and name an environment variable instead: { env: NAME }.',
      ],
    ],
    [
      'certificates without TLS',
      `{ kafka: { ${plain}, certificate: { file: client.pem }, key: { env: KEY } } }`,
      ['certificate', 'key'].map(
        (key) =>
          `connections.k.kafka.${key} has no use while connections.k.kafka.protocol is PLAINTEXT, which has no TLS.`,
      ),
    ],
    [
      'a password as readable text',
      '{ kafka: { brokers: [b], username: me, password: { text: hunter2 } } }',
      ['connections.k.kafka.password takes { env: … } and no other keys.'],
    ],
    [
      'a name of a tunnel that is none',
      `{ kafka: { ${plain}, ssh-tunnel: a.b.c.d } }`,
      [
        'connections.k.kafka.ssh-tunnel "a.b.c.d" has more than three parts; allowed: name, schema.name or database.schema.name, where a part with a dot in it stands in double quotes.',
      ],
    ],
    [
      'validate that is no flag, and a progress topic that is none',
      `{ kafka: { ${plain}, validate: no, progress-topic: a b, progress-topic-replication-factor: 0 } }`,
      [
        'connections.k.kafka.validate must be true or false, not text.',
        'connections.k.kafka.progress-topic "a b" is not a topic name; allowed: 1 to 249 letters, digits, dots, underscores and hyphens, and neither . nor ...',
        'connections.k.kafka.progress-topic-replication-factor "0" is out of range; allowed: a whole number from 1 to 99.',
      ],
    ],
    [
      'a registry without a URL, and half a login',
      '{ registry: { password: { env: PASSWORD } } }',
      [
        'connections.k.registry.url is missing.',
        'connections.k.registry.password has no use without username; give both or none.',
      ],
    ],
    ...[
      ['a path', 'https://r/schema-registry', 'has a path, which Materialize does not take'],
      ['no scheme', 'r:8081', 'is not a URL of http or https'],
      ['no URL', 'r', 'is not a URL'],
      [
        'a login',
        'https://me:hunter2@r',
        'has a login in it, which goes into username and password',
      ],
    ].map(([name, url, fault]): [string, string, string[]] => [
      `a registry’s URL with ${name ?? ''}`,
      `{ registry: { url: "${url ?? ''}" } }`,
      [`connections.k.registry.url ${fault ?? ''}; allowed: https://host:port, without a path.`],
    ]),
    [
      'certificates for a registry without TLS, by two ways',
      '{ registry: { url: "http://r", ca: { file: client.pem }, ssh-tunnel: t, aws-privatelink: l } }',
      [
        'connections.k.registry.ca has no use while connections.k.registry.url begins with http:, which has no TLS.',
        'connections.k.registry has both ssh-tunnel and aws-privatelink; it is reached by one.',
      ],
    ],
  ]
  test.each(rows)('%s', (_name, text, says) => {
    expect(said(text).sort()).toEqual([...says].sort())
  })

  test('a topic of a Kafka that the runner cannot see', () => {
    expect(
      said(
        '{ kafka: { brokers: [b], protocol: PLAINTEXT, ssh-tunnel: t } }\ntopics: { t: { connection: k } }',
      ),
    ).toEqual([
      'topics.t.connection goes by ssh-tunnel, so that the runner can neither make nor compare a topic there; leave it out of topics.',
    ])
  })
})

test('a registry’s password without TLS is warned of, but not at home', () => {
  const warnings = (host: string) =>
    parseSpec(`connections: { k: { registry: { url: "http://${host}", ${login} } } }`, given)
      .warnings
  expect(warnings('r')).toEqual([expect.stringContaining('in clear text')])
  expect(warnings('localhost:8081')).toEqual([])
})
