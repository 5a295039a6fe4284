import { Failure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { KafkaAdmin } from './core/model-grants.ts'
import type { WholeKafka } from './work.ts'

/** The connection with the administrator’s login in place of its own; undefined if it has none. */
export function asAdmin(
  connection: ConnectionSpec,
  { username, password, mechanism }: KafkaAdmin,
): ConnectionSpec | undefined {
  const { kafka } = connection
  if (!kafka?.sasl) return undefined
  const sasl = { username, password, mechanism: mechanism ?? kafka.sasl.mechanism }
  return { ...connection, kafka: { ...kafka, sasl } }
}

const OF_LOGIN: ReadonlySet<string> = new Set(['kafka-login', 'kafka-mechanism'])

/** The same Kafka, which says of a login that fails and of a missing right whose they are. */
export function blamingAdmin(kafka: WholeKafka): WholeKafka {
  const blame = (thrown: unknown): never => {
    if (!(thrown instanceof Failure)) throw thrown
    const { reason, message, retriable } = thrown
    const isLogin = OF_LOGIN.has(reason)
    if (!isLogin && reason !== 'kafka-authorization') throw thrown
    throw new Failure({
      reason,
      message: `Of the administrator at Kafka: ${message}`,
      hint: isLogin
        ? 'Check kafka-admin-username, kafka-admin-password and kafka-admin-mechanism.'
        : 'Give the login of a user who may alter the cluster, which adding and removing rules (ACLs) takes.',
      inputs: ['kafka-admin-username'],
      retriable,
      cause: thrown,
    })
  }
  const methods = Object.entries(kafka) as [string, (...args: never[]) => Promise<unknown>][]
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...args: never[]) => method(...args).catch(blame)]),
  ) as unknown as WholeKafka
}
