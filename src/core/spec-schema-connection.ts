import { SASL_MECHANISMS, SECURITY_PROTOCOLS } from './model-connection.ts'
import { PROVIDERS } from './presets.ts'
import {
  either,
  truth,
  keeping,
  list,
  object,
  PRIVILEGES_ON,
  text,
  value,
  whole,
  word,
} from './spec-shape.ts'

const PORT = {
  shape: whole({ from: 1, to: 65_535 }),
  otherwise: 'the broker’s',
  meaning: 'Port at the PrivateLink service.',
} as const

const ZONE = {
  shape: text('name'),
  otherwise: 'any',
  meaning: 'Availability zone of the PrivateLink service, such as use1-az1.',
} as const

const BROKER = object('a broker', {
  address: { shape: text('broker'), otherwise: 'matching', meaning: 'Its host:port.' },
  matching: {
    shape: text('pattern'),
    otherwise: 'address',
    meaning:
      'In place of address: a pattern for addresses that Kafka itself names later, with a * at its beginning, at its end or at both. Needs aws-privatelink, and a broker with an address beside it.',
  },
  'ssh-tunnel': {
    shape: text('relation'),
    otherwise: 'that of all brokers, or none',
    meaning: 'Connection to an SSH tunnel, by which Materialize reaches it.',
  },
  'aws-privatelink': {
    shape: text('relation'),
    otherwise: 'none',
    meaning: 'Connection to an AWS PrivateLink service, by which Materialize reaches it.',
  },
  'availability-zone': ZONE,
  port: PORT,
})

const TLS = {
  ca: {
    shape: value('pem', ['text', 'clear', 'env', 'file'], { secret: true }),
    otherwise: 'public authorities',
    meaning: 'Certificate authority to trust, where it is a private one.',
  },
  certificate: {
    shape: value('pem', ['text', 'clear', 'env', 'file'], { secret: true }),
    otherwise: 'no certificate of the client’s own',
    meaning: 'The client’s own certificate, where one is asked for; needs key.',
  },
  key: {
    shape: value('key', ['env'], { secret: true }),
    otherwise: 'no certificate of the client’s own',
    meaning: 'Private key of certificate, without a passphrase. Never written in the file.',
  },
} as const

const VALIDATE = {
  shape: truth,
  default: true,
  meaning:
    'Whether Materialize checks the connection, when it is made and in each run. false: never.',
} as const

const TUNNEL = {
  shape: text('relation'),
  otherwise: 'none',
  meaning: 'Connection to an SSH tunnel that exists in Materialize.',
} as const

const KAFKA = object('the Kafka of a connection', {
  provider: {
    shape: word(PROVIDERS),
    otherwise: 'none',
    meaning: 'Preset for what the provider’s clusters have in common; README lists them.',
  },
  brokers: {
    shape: list(either('host:port or a map', [text('broker'), BROKER]), 1),
    otherwise: 'aws-privatelink must stand in for them',
    meaning: 'Brokers to begin with; the provider’s port, or 9092, where there is none.',
  },
  username: {
    shape: value('username', ['text', 'clear', 'env'], { secret: true }),
    otherwise: 'the provider’s, or no login, which SASL_* protocols refuse',
    meaning: 'User name for SASL, kept as a secret; as { text: … } it stays readable.',
  },
  password: {
    shape: value('password', ['env'], { secret: true }),
    otherwise: 'no login, which SASL_* protocols refuse',
    meaning:
      'Password for SASL. One line break at its end is dropped, nothing else is. Never written in the file.',
  },
  mechanism: {
    shape: word(SASL_MECHANISMS),
    otherwise: 'the provider’s, or SCRAM-SHA-256',
    meaning: 'How to log in.',
  },
  protocol: {
    shape: word(SECURITY_PROTOCOLS),
    otherwise: 'the provider’s, or SASL_SSL',
    meaning: 'Whether there is TLS and whether there is a login.',
  },
  ...TLS,
  'ssh-tunnel': { ...TUNNEL, meaning: `${TUNNEL.meaning} All brokers are reached by it.` },
  'aws-privatelink': {
    shape: either('a name or a map', [
      text('relation'),
      object('the PrivateLink service of a connection', {
        connection: {
          shape: text('relation'),
          needed: true,
          meaning: 'Connection to an AWS PrivateLink service that exists in Materialize.',
        },
        port: PORT,
      }),
    ]),
    otherwise: 'none',
    meaning: 'In place of brokers: the PrivateLink service by which all of them are reached.',
  },
  'aws-connection': {
    shape: text('relation'),
    otherwise: 'none',
    meaning:
      'In place of username, password and mechanism: a connection to AWS that exists in Materialize, by whose role it logs in (IAM).',
  },
  'progress-topic': {
    shape: text('topic'),
    otherwise: '_materialize-progress-<region>-<connection>',
    meaning: 'Topic in which sinks keep their progress.',
  },
  'progress-topic-replication-factor': {
    shape: whole({ from: 1, to: 99 }),
    otherwise: 'the broker’s default',
    meaning: 'Number of replicas of the progress topic.',
  },
  validate: VALIDATE,
})

const REGISTRY = object('the schema registry of a connection', {
  url: {
    shape: text('url'),
    needed: true,
    meaning: 'Its URL, http or https, without a path and without a login.',
  },
  username: {
    shape: value('username', ['text', 'clear', 'env'], { secret: true }),
    otherwise: 'no login',
    meaning: 'User name, kept as a secret; as { text: … } it stays readable.',
  },
  password: {
    shape: value('password', ['env'], { secret: true }),
    otherwise: 'none',
    meaning: 'Password; needs username. Never written in the file.',
  },
  ...TLS,
  'ssh-tunnel': TUNNEL,
  'aws-privatelink': {
    shape: text('relation'),
    otherwise: 'none',
    meaning: 'Connection to an AWS PrivateLink service that exists in Materialize.',
  },
  validate: VALIDATE,
})

export const CONNECTION = object('a connection', {
  kafka: {
    shape: KAFKA,
    otherwise: 'registry, or the connection must exist already in Materialize',
    meaning: 'How to reach Kafka.',
  },
  registry: {
    shape: REGISTRY,
    otherwise: 'kafka, or the connection must exist already in Materialize',
    meaning: 'How to reach a Confluent Schema Registry.',
  },
  canary: {
    shape: word(['isolated']),
    otherwise: 'none, unless the input canary says otherwise',
    meaning:
      'isolated: with mode provision or verify, a record is sent through a topic, source and sink made for it by this connection.',
  },
  ...keeping(PRIVILEGES_ON.connection),
})
