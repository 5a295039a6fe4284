import { secureKafka } from '../../test-support/pipeline/spec-runs.ts'
import { type Attribute, type Here, set, setKafka, SUBJECTS } from './attribute-row.ts'

/** Rows of connections, clusters and topics. */

const at = {
  secure: ({ services }: Here) => services.kafka.brokers.SASL_SSL,
  clear: ({ services }: Here) => services.kafka.brokers.SASL_PLAINTEXT,
  open: ({ services }: Here) => services.kafka.brokers.PLAINTEXT,
}
const byNumber = (here: Here): string => at.secure(here).replace('localhost', '127.0.0.1')

/** The three ways into Kafka: login and TLS, login alone, neither. */
const secured = setKafka((here) => ({ protocol: undefined, ...secureKafka(here.services) }))
const inClear = setKafka((here) => ({
  ...secureKafka(here.services),
  brokers: [at.clear(here)],
  protocol: 'SASL_PLAINTEXT',
  ca: undefined,
}))
const opened = setKafka((here) => ({
  brokers: [at.open(here)],
  protocol: 'PLAINTEXT',
  username: undefined,
  password: undefined,
  ca: undefined,
}))

/** ALTER CONNECTION as somebody who does not look whether it works. */
const alterConnection = (clause: string) => (here: Here) =>
  here.sql(`ALTER CONNECTION kc ${clause} WITH (VALIDATE = false)`)

const otherSecret = (option: string) => (here: Here) =>
  here.sql(
    "CREATE SECRET other AS 'something else'",
    `ALTER CONNECTION kc SET (${option} = SECRET other) WITH (VALIDATE = false)`,
  )

const ofConnection = (...attributes: string[]) => attributes.map((one) => `connection ${one}`)

export const connections: Attribute[] = [
  {
    attribute: 'brokers',
    value: at.secure,
    byHand: {
      value: 'localhost:1',
      do: alterConnection("SET (BROKER 'localhost:1')"),
      mend: 'alter',
    },
    inSpec: {
      value: (here) => `${byNumber(here)}, ${at.secure(here)}`,
      change: setKafka((here) => ({ brokers: [at.secure(here), byNumber(here)] })),
      way: 'alter',
    },
  },
  {
    attribute: 'protocol',
    prepare: inClear,
    value: 'SASL_PLAINTEXT',
    byHand: {
      value: 'SASL_SSL',
      do: alterConnection("SET (SECURITY PROTOCOL = 'SASL_SSL')"),
      mend: 'alter',
    },
    inSpec: {
      value: 'SASL_SSL',
      change: secured,
      way: 'alter',
      also: ofConnection('brokers', 'ca'),
    },
  },
  {
    attribute: 'mechanism',
    value: 'SCRAM-SHA-256',
    byHand: {
      value: 'PLAIN',
      do: alterConnection("SET (SASL MECHANISMS = 'PLAIN')"),
      mend: 'alter',
    },
    inSpec: {
      value: 'SCRAM-SHA-512',
      change: setKafka(() => ({ mechanism: 'SCRAM-SHA-512' })),
      way: 'alter',
    },
  },
  {
    attribute: 'username',
    value: (here) => here.named('kc_username'),
    byHand: {
      value: (here) => here.named('other'),
      do: otherSecret('SASL USERNAME'),
      mend: 'alter',
    },
    inSpec: {
      value: 'none',
      change: opened,
      way: 'alter',
      also: ofConnection('brokers', 'protocol', 'mechanism', 'password', 'ca'),
    },
  },
  {
    attribute: 'password',
    value: (here) => here.named('kc_password'),
    byHand: {
      value: (here) => here.named('other'),
      do: otherSecret('SASL PASSWORD'),
      mend: 'alter',
    },
  },
  {
    attribute: 'password',
    prepare: opened,
    value: 'none',
    inSpec: {
      value: (here) => here.named('kc_password'),
      change: inClear,
      way: 'alter',
      also: ofConnection('brokers', 'protocol', 'mechanism', 'username'),
    },
  },
  {
    attribute: 'ca',
    value: (here) => here.named('kc_ca'),
    byHand: {
      value: 'none',
      do: alterConnection('DROP (SSL CERTIFICATE AUTHORITY)'),
      mend: 'alter',
    },
    inSpec: {
      value: 'none',
      change: inClear,
      way: 'alter',
      also: ofConnection('brokers', 'protocol'),
    },
  },
  {
    // There only if somebody else made the connection: it cannot be altered.
    attribute: 'progress-topic',
    prepare: opened,
    value: 'none',
    byHand: {
      value: 'theirs',
      foreign: true,
      do: (here) =>
        here.sql(
          'DROP CONNECTION kc',
          `CREATE CONNECTION kc TO KAFKA (BROKER '${at.open(here)}', SECURITY PROTOCOL = 'PLAINTEXT', PROGRESS TOPIC = 'theirs')`,
        ),
      mend: 'replace',
    },
  },
]

export const clusters: Attribute[] = [
  {
    attribute: 'size',
    value: '25cc',
    byHand: {
      value: '50cc',
      do: (here) => here.sql(`ALTER CLUSTER ${here.schema} SET (SIZE '50cc')`),
      mend: 'alter',
    },
    inSpec: { value: '50cc', change: set('cluster', () => ({ size: '50cc' })), way: 'alter' },
  },
  {
    attribute: 'replication-factor',
    prepare: set('cluster', () => ({ 'replication-factor': 1 })),
    value: '1',
    byHand: {
      value: '0',
      do: (here) => here.sql(`ALTER CLUSTER ${here.schema} SET (REPLICATION FACTOR 0)`),
      mend: 'alter',
    },
    inSpec: {
      value: '2',
      change: set('cluster', () => ({ 'replication-factor': 2 })),
      way: 'alter',
    },
  },
]

const setConfig = (name: string, value: string) => (here: Here) =>
  here.services.kafka.withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: SUBJECTS.topic.name(here), configEntries: [{ name, value }] }],
    }),
  )

export const topics: Attribute[] = [
  {
    attribute: 'partitions',
    value: '2',
    byHand: {
      value: '3',
      do: (here) =>
        here.services.kafka.withAdmin((admin) =>
          admin.createPartitions({
            topicPartitions: [{ topic: SUBJECTS.topic.name(here), count: 3 }],
          }),
        ),
      mend: 'refused',
    },
  },
  {
    attribute: 'partitions',
    value: '2',
    inSpec: { value: '4', change: set('topic', () => ({ partitions: 4 })), way: 'alter' },
  },
  {
    attribute: 'replication-factor',
    value: '1',
    inSpec: {
      value: '2',
      change: set('topic', () => ({ 'replication-factor': 2 })),
      way: 'refused',
    },
  },
  {
    attribute: 'config.retention.ms',
    prepare: set('topic', () => ({ config: { 'retention.ms': 86_400_000 } })),
    value: '86400000',
    byHand: { value: '1000', do: setConfig('retention.ms', '1000'), mend: 'alter' },
    inSpec: {
      value: '3600000',
      change: set('topic', () => ({ config: { 'retention.ms': 3_600_000 } })),
      way: 'alter',
    },
  },
  {
    attribute: 'config.cleanup.policy',
    prepare: set('topic', () => ({ config: { 'cleanup.policy': 'compact' } })),
    value: 'compact',
    byHand: {
      value: 'delete',
      do: setConfig('cleanup.policy', 'delete'),
      mend: 'alter',
    },
    inSpec: {
      value: 'compact,delete',
      change: set('topic', () => ({ config: { 'cleanup.policy': 'compact,delete' } })),
      way: 'alter',
    },
  },
]
