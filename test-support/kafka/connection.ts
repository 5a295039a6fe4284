import kafkajs, { type Admin, type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs'
import type { ClientIdentity } from './certificates.ts'
import type { Listener, Mechanism } from './server-properties.ts'
import type { Login, UserName } from './users.ts'

/** All that a client needs to know of a running broker. Plain data: test workers get it as JSON. */
export interface KafkaFacts {
  version: string
  /** `host:port` of each listener. */
  brokers: Record<Listener, string>
  caPem: string
  wrongCaPem: string
  /** Who may come in by MUTUAL_SSL, where everything is allowed, and who may not. */
  client: ClientIdentity
  stranger: ClientIdentity
  users: Record<UserName, Login>
}

/** How to come in; left out: PLAINTEXT, where everything is allowed and nobody logs in. */
export interface Entrance {
  listener?: Listener
  mechanism?: Mechanism
  login?: UserName | Login
  caPem?: string
  /** How often kafkajs tries again what may yet succeed. */
  retries?: number
}

/** kafkajs' settings for a broker by one of its entrances: quiet, and giving up within seconds. */
export function kafkaConfig(facts: KafkaFacts, entrance: Entrance = {}): KafkaConfig {
  const listener = entrance.listener ?? 'PLAINTEXT'
  const sasl = listener.startsWith('SASL_')
    ? saslOptions(entrance.mechanism ?? 'SCRAM-SHA-256', loginOf(facts, entrance))
    : undefined
  return {
    clientId: 'test-support',
    brokers: [facts.brokers[listener]],
    ...(listener.endsWith('SSL') && {
      ssl: {
        ca: entrance.caPem ?? facts.caPem,
        ...(listener === 'MUTUAL_SSL' && { cert: facts.client.certPem, key: facts.client.keyPem }),
      },
    }),
    ...(sasl && { sasl }),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    // The first transaction and the first group wait about a second for their internal topics.
    retry: {
      retries: entrance.retries ?? 10,
      initialRetryTime: 50,
      multiplier: 2,
      maxRetryTime: 500,
    },
    logLevel: kafkajs.logLevel.NOTHING,
    logCreator: () => () => {},
  }
}

export function connect(facts: KafkaFacts, entrance: Entrance = {}): Kafka {
  quietTimerWarning()
  return new kafkajs.Kafka(kafkaConfig(facts, entrance))
}

/** Runs `work` with a connected admin client of a user that may do everything. */
export async function withAdmin<T>(
  facts: KafkaFacts,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = connect(facts).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

function loginOf(facts: KafkaFacts, { login = 'admin' }: Entrance): Login {
  return typeof login === 'string' ? facts.users[login] : login
}

function saslOptions(mechanism: Mechanism, login: Login): SASLOptions {
  const kafkajsName = mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512'
  return { mechanism: kafkajsName, ...login } as SASLOptions
}

let isQuiet = false

/**
 * kafkajs 2.2.4 arms timers with negative delays, of which Node 24 warns. Every other warning
 * passes. Jest gives tests a copy of `process`, whose warnings this does not reach: there it takes
 * node's --disable-warning=TimeoutNegativeWarning.
 */
function quietTimerWarning(): void {
  if (isQuiet) return
  isQuiet = true
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== 'TimeoutNegativeWarning') emitWarning(...args)
  }
}
