import { CLIENT_NAME } from './certificates.ts'
import { plainJaasConfig, type Login, type UserName } from './users.ts'

export const listeners = ['SASL_SSL', 'SASL_PLAINTEXT', 'PLAINTEXT', 'SSL', 'MUTUAL_SSL'] as const
export type Listener = (typeof listeners)[number]

export const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const
export type Mechanism = (typeof mechanisms)[number]

/** A port for each listener, and one for the controller that shares the process. */
export type Ports = Record<Listener | 'CONTROLLER', number>

export interface ServerSettings {
  ports: Ports
  dataDirectory: string
  keystoreFile: string
  /** The authority of the clients whose certificates MUTUAL_SSL asks for. */
  truststoreFile: string
  logins: Record<UserName, Login>
  /** Whatever a test wants otherwise. */
  extra: Record<string, string>
}

/** The broker's whole configuration, in the format of Java's Properties. */
export function serverProperties(settings: ServerSettings): string {
  const properties = {
    ...nodeProperties(settings),
    ...securityProperties(settings),
    ...smallAndQuick,
    ...settings.extra,
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${escaped(value)}\n`)
    .join('')
}

function nodeProperties({ ports, dataDirectory }: ServerSettings): Record<string, string> {
  const addresses = (host: string, names: readonly (keyof Ports)[]) =>
    names.map((name) => `${name}://${host}:${ports[name]}`).join(',')

  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.CONTROLLER}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: addresses('127.0.0.1', [...listeners, 'CONTROLLER']),
    'advertised.listeners': addresses('localhost', listeners),
    'listener.security.protocol.map': [
      ...listeners.map((name) => `${name}:${name === 'MUTUAL_SSL' ? 'SSL' : name}`),
      'CONTROLLER:PLAINTEXT',
    ].join(','),
    'log.dirs': dataDirectory,
  }
}

function securityProperties(settings: ServerSettings): Record<string, string> {
  const { keystoreFile, truststoreFile, logins } = settings
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const jaas = ['sasl_ssl', 'sasl_plaintext'].flatMap((listener) =>
    mechanisms.map((mechanism) => [
      `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`,
      mechanism === 'PLAIN' ? plainJaasConfig(logins) : scram,
    ]),
  )
  return {
    'sasl.enabled.mechanisms': mechanisms.join(','),
    ...Object.fromEntries(jaas),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystoreFile,
    'listener.name.mutual_ssl.ssl.client.auth': 'required',
    'listener.name.mutual_ssl.ssl.truststore.type': 'PEM',
    'listener.name.mutual_ssl.ssl.truststore.location': truststoreFile,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Who comes in without a login is ANONYMOUS: tests by the listeners that ask for none, and the
    // broker itself, which could not register with its controller without these rights.
    'super.users': `User:admin;User:ANONYMOUS;User:CN=${CLIENT_NAME}`,
    'auto.create.topics.enable': 'false',
  }
}

/** One node that serves tests: no copies, no pauses meant for fleets, no large buffers. */
const smallAndQuick = {
  'default.replication.factor': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'broker.heartbeat.interval.ms': '200',
  // A paused broker is not to be thrown out of its own cluster on waking. (A broker that ends without
  // goodbye is refused for as long, so restart() says goodbye.)
  'broker.session.timeout.ms': '120000',
  'log.cleaner.dedupe.buffer.size': '4194304',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'background.threads': '2',
}

/** Properties files take backslash escapes, and only Latin-1 for sure. */
function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
