import { connectionSecrets, tooLongForSecrets } from './connection-secrets.ts'
import { isLoopback } from './hosts.ts'
import type { ConnectionSpec, KafkaSettings, SecurityProtocol } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import type { Faults } from './spec-faults.ts'
import { PRIVILEGES_ON } from './spec-shape.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

type ConnectionRead = Entry<'connections'>
type KafkaRead = NonNullable<ConnectionRead['value']['kafka']>

interface Facts {
  faults: Faults
  /** What messages call the connection. */
  path: string
}

/** A connection of the file by its name. */
export function buildConnection(
  scope: SpecScope,
  [name, read]: [string, ConnectionRead],
): ConnectionSpec {
  const path = scope.path('connections', name)
  return {
    ...reachOf(scope.own(name), read, { faults: scope.faults, path }),
    ...scope.keeping(read.value, {
      fit: PRIVILEGES_ON.connection,
      onlyUsed: !read.given.has('kafka'),
    }),
  }
}

/** Connection and secrets; without `kafka` one that exists already. */
function reachOf(
  name: QualifiedName,
  read: ConnectionRead,
  facts: Facts,
): Pick<ConnectionSpec, 'name' | 'kafka' | 'secrets'> {
  const { kafka } = read.value
  const settings = kafka
    ? kafkaSettings(kafka, { ...facts, path: `${facts.path}.kafka` })
    : { brokers: [], protocol: 'SASL_SSL' as const }
  const secrets = connectionSecrets(name, settings)
  const refusal = Object.keys(secrets).length > 0 ? tooLongForSecrets(name.name) : undefined
  if (refusal) facts.faults.refuse(read.keyAt, facts.path, refusal)
  return { name, kafka: settings, secrets }
}

function kafkaSettings(read: KafkaRead, facts: Facts): KafkaSettings {
  const { brokers, username, password, mechanism, protocol, ca } = read.value
  checkProtocol(read, protocol.value, facts)
  return {
    brokers: brokers?.value.map((broker) => broker.value) ?? [],
    protocol: protocol.value,
    ...(username &&
      password && {
        sasl: { mechanism: mechanism.value, username: username.value, password: password.value },
      }),
    ...(ca && { ca: ca.value }),
  }
}

/** What the protocol needs and what it has no use for. */
function checkProtocol(read: KafkaRead, protocol: SecurityProtocol, { faults, path }: Facts): void {
  const useless = (keys: readonly string[], lacks: string) => {
    for (const key of keys) {
      const at = read.given.get(key)
      if (at === undefined) continue
      faults.add(
        at,
        `${path}.${key} has no use while ${path}.protocol is ${protocol}, which has no ${lacks}`,
      )
    }
  }
  // A protocol that was refused reads as the default and says nothing about the rest.
  if (read.given.has('protocol') && read.value.protocol.implied) return
  if (protocol.startsWith('SASL_')) {
    for (const key of ['username', 'password'].filter((one) => !read.given.has(one))) {
      faults.add(
        read.keyAt,
        `${path}.${key} is missing, and the protocol ${protocol} needs it (SSL and PLAINTEXT have no login)`,
      )
    }
  } else {
    useless(['username', 'password', 'mechanism'], 'login')
  }
  if (protocol.endsWith('PLAINTEXT')) useless(['ca'], 'TLS')
}

/** What works and should not be left so. */
export function connectionWarnings({ name, kafka }: ConnectionSpec): string[] {
  const clear = kafka.protocol === 'SASL_PLAINTEXT' && kafka.sasl?.mechanism === 'PLAIN'
  const local = kafka.brokers.every((broker) => isLoopback(broker.replace(/:\d+$/, '')))
  return clear && !local
    ? [
        `The connection ${JSON.stringify(name.name)} has the protocol SASL_PLAINTEXT with the mechanism PLAIN: the password goes over the network in clear text.`,
      ]
    : []
}
