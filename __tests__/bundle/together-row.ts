import type { Services } from '../../test-support/pipeline/services.ts'
import { secureKafka } from '../../test-support/pipeline/spec-runs.ts'

/**
 * One attribute of the spec, of an object that is there for it alone: what it is at first, how
 * somebody changes it by hand, and how the spec does. All of them are made, changed and put right in
 * the same few runs; attributes-together.test.ts says how.
 */
export interface TogetherRow {
  kind: 'connection' | 'source' | 'table' | 'sink'
  /** As a plan names it. */
  attribute: string
  /** The key that stands for it in the spec, where it is another one. */
  key?: string
  /** What the object’s entry has besides what all of its kind have. */
  first?: Keys
  /** The attribute’s value at first, as a plan says it. */
  value: Value
  byHand?: {
    value: Value
    do: (here: Here) => string[]
    /** Dropped and made by somebody else, or their comment in place of our mark. */
    foreign?: true
    mend: Way
  }
  inSpec?: {
    value: Value
    keys: Keys
    way: Way
    /** Attributes that cannot but change with it. */
    also?: string[]
  }
}

/** A row without its kind. */
export type Attribute = Omit<TogetherRow, 'kind'>

/** Of a spec’s entry; undefined takes a key out. */
export type Keys = (here: Here) => Record<string, unknown>
export type Way = 'alter' | 'replace'
export type Value = RegExp | string | ((here: Here) => string)

/** What a row is told of where it is. */
export interface Here {
  /** Its object’s name, which no other row has. */
  name: string
  services: Services
}

/** The topic that all sources read. */
export const TOPIC = 'together'

/** An object as plans write it. */
export const named = (name: string): string => `"materialize"."public"."${name}"`

/** The object dropped and made by somebody else. */
export const madeAnew = (kind: string, statement: (name: string) => string) => (here: Here) => [
  `DROP ${kind} ${here.name}`,
  `CREATE ${kind} ${here.name} ${statement(here.name)}`,
]

/** Changed by a statement on what is there. */
export const by = (statement: (name: string) => string) => (here: Here) => [statement(here.name)]

/** A Kafka without login or TLS. */
export const openKafka = ({ kafka }: Services) => ({
  brokers: [kafka.brokers.PLAINTEXT],
  protocol: 'PLAINTEXT',
})

/** One that asks for the client’s own certificate. */
const mutualKafka = ({ kafka }: Services) => ({
  brokers: [kafka.brokers.MUTUAL_SSL],
  protocol: 'SSL',
  ca: { env: 'KAFKA_CA' },
  certificate: { env: 'CLIENT_CERTIFICATE' },
  key: { env: 'CLIENT_KEY' },
})

const kafka =
  (more: (services: Services) => object): Keys =>
  ({ services }) => ({ kafka: more(services) })

const other = (option: string) => (here: Here) => [
  `CREATE SECRET ${here.name}_other AS 'something else'`,
  `ALTER CONNECTION ${here.name} SET (${option} = SECRET ${here.name}_other) WITH (VALIDATE = false)`,
]

const alter = (clause: string) =>
  by((name) => `ALTER CONNECTION ${name} ${clause} WITH (VALIDATE = false)`)

/** By what only Materialize could reach, if it were there. */
const unseen = (more: object): Keys =>
  kafka(() => ({ protocol: 'PLAINTEXT', validate: false, ...more }))

export const connections: Attribute[] = [
  {
    attribute: 'certificate',
    first: kafka(mutualKafka),
    value: ({ name }) => named(`${name}_certificate`),
    byHand: {
      value: ({ name }) => named(`${name}_other`),
      do: other('SSL CERTIFICATE'),
      mend: 'alter',
    },
    inSpec: {
      value: /^PEM text \(digest /,
      keys: kafka((services) => ({
        ...mutualKafka(services),
        certificate: { text: services.kafka.client.certPem },
      })),
      way: 'alter',
    },
  },
  {
    attribute: 'key',
    first: kafka(mutualKafka),
    value: ({ name }) => named(`${name}_key`),
    byHand: { value: ({ name }) => named(`${name}_other`), do: other('SSL KEY'), mend: 'alter' },
    inSpec: {
      value: 'none',
      keys: kafka(({ kafka: { brokers } }) => ({
        brokers: [brokers.SSL],
        protocol: 'SSL',
        ca: { env: 'KAFKA_CA' },
      })),
      way: 'alter',
      also: ['brokers', 'certificate'],
    },
  },
  {
    attribute: 'mechanism',
    key: 'connection provider',
    first: kafka((services) => ({ ...secureKafka(services), provider: 'redpanda' })),
    value: 'SCRAM-SHA-256',
    inSpec: {
      value: 'SCRAM-SHA-512',
      keys: kafka((services) => ({ ...secureKafka(services), provider: 'msk-scram' })),
      way: 'alter',
    },
  },
  {
    attribute: 'progress-topic',
    first: kafka((services) => ({ ...openKafka(services), 'progress-topic': 'first' })),
    value: 'first',
    inSpec: {
      value: 'second',
      keys: kafka((services) => ({ ...openKafka(services), 'progress-topic': 'second' })),
      way: 'replace',
    },
  },
  {
    attribute: 'progress-topic-replication-factor',
    first: kafka(openKafka),
    value: 'none',
    byHand: {
      value: '1',
      do: (here) =>
        madeAnew(
          'CONNECTION',
          () =>
            `TO KAFKA (BROKER '${here.services.kafka.brokers.PLAINTEXT}', SECURITY PROTOCOL = 'PLAINTEXT', PROGRESS TOPIC REPLICATION FACTOR = 1)`,
        )(here),
      foreign: true,
      mend: 'replace',
    },
    inSpec: {
      value: '1',
      keys: kafka((services) => ({
        ...openKafka(services),
        'progress-topic-replication-factor': 1,
      })),
      way: 'replace',
    },
  },
  {
    attribute: 'url',
    key: 'connection registry.url',
    first: () => ({ registry: { url: 'http://127.0.0.1:1', validate: false } }),
    value: /^http:\/\/127\.0\.0\.1:1\/?$/,
    byHand: {
      value: /^http:\/\/127\.0\.0\.1:2\/?$/,
      do: alter("SET (URL 'http://127.0.0.1:2')"),
      mend: 'alter',
    },
    inSpec: {
      value: /^http:\/\/127\.0\.0\.1:3\/?$/,
      keys: () => ({ registry: { url: 'http://127.0.0.1:3', validate: false } }),
      way: 'alter',
    },
  },
  {
    attribute: 'ssh-tunnel',
    first: unseen({ brokers: ['b'], 'ssh-tunnel': 'bastion' }),
    value: named('bastion'),
    byHand: { value: 'none', do: alter('DROP (SSH TUNNEL)'), mend: 'alter' },
    inSpec: {
      value: named('bastion2'),
      keys: unseen({ brokers: ['b'], 'ssh-tunnel': 'bastion2' }),
      way: 'alter',
    },
  },
  {
    attribute: 'aws-privatelink',
    first: unseen({ 'aws-privatelink': { connection: 'link', port: 9092 } }),
    value: `${named('link')} (port 9092)`,
    byHand: {
      value: `${named('link')} (port 9093)`,
      do: alter('SET (AWS PRIVATELINK link (PORT 9093))'),
      mend: 'alter',
    },
    inSpec: { value: named('link'), keys: unseen({ 'aws-privatelink': 'link' }), way: 'alter' },
  },
  {
    attribute: 'aws-connection',
    first: unseen({ brokers: ['b:9098'], protocol: 'SASL_SSL', 'aws-connection': 'role' }),
    value: named('role'),
    byHand: { value: named('role2'), do: alter('SET (AWS CONNECTION = role2)'), mend: 'alter' },
    inSpec: {
      value: named('role2'),
      keys: unseen({ brokers: ['b:9098'], protocol: 'SASL_SSL', 'aws-connection': 'role2' }),
      way: 'alter',
    },
  },
]

/** What the rows of connections refer to. */
export const REFERRED = [
  "CREATE CONNECTION bastion TO SSH TUNNEL (HOST 'bastion', USER 'me', PORT 22)",
  "CREATE CONNECTION bastion2 TO SSH TUNNEL (HOST 'bastion2', USER 'me', PORT 22)",
  "CREATE CONNECTION link TO AWS PRIVATELINK (SERVICE NAME 'com.amazonaws.vpce.x', AVAILABILITY ZONES ('use1-az1'))",
  "CREATE CONNECTION role TO AWS (ASSUME ROLE ARN = 'arn:aws:iam::1:role/x', REGION = 'us-east-1')",
  "CREATE CONNECTION role2 TO AWS (ASSUME ROLE ARN = 'arn:aws:iam::1:role/y', REGION = 'us-east-1')",
]
