import pg from 'pg'
import { createKafkaEngine } from '../materialize/kafka/engine.ts'
import type { ListenerOptions } from '../materialize/connection.ts'
import { type RoleOptions, type StandIn, startMaterialize } from '../materialize/stand-in.ts'
import type { ReachableKafka } from '../kafka/reachable.ts'
import { sharedKafka } from '../kafka/shared.ts'
import { record } from './recorded.ts'
import type { UserName } from '../kafka/users.ts'

/** The broker of the test run and a stand-in of its own, with what a test may ask of both. */
export interface Services {
  kafka: ReachableKafka
  standIn: StandIn
  /** Every statement the server was sent, by whatever session, in order. */
  statements: string[]
  /** Called for each statement before it runs. */
  onStatement: ((text: string) => void | Promise<void>) | undefined
  /** The inputs that say where both are, for a user of Kafka. */
  inputs(user?: UserName): Record<string, string>
  /** Runs statements as the owner of everything, each by itself. */
  sql(...statements: string[]): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

export interface ServicesOptions {
  first?: ListenerOptions
  listeners?: ListenerOptions[]
  roles?: RoleOptions[]
  /** A broker of the test’s own, in place of that of the test run. */
  kafka?: ReachableKafka
}

export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const kafka = options.kafka ?? sharedKafka()
  if (!kafka) throw new Error('jest’s global set-up starts the broker; run the tests by npm')
  const statements: string[] = []
  const engine = createKafkaEngine({ validationTimeoutMs: 2_000 })
  const standIn = await startMaterialize({
    ...options.first,
    engine,
    listeners: options.listeners ?? [],
    roles: options.roles ?? [],
    onStatement: async (text, _role, by) => {
      statements.push(text)
      record(text, by)
      await services.onStatement?.(text)
    },
  })
  const url = `postgres://materialize@127.0.0.1:${String(standIn.port)}/materialize`
  const services: Services = {
    kafka,
    standIn,
    statements,
    onStatement: undefined,
    inputs: (user = 'full') => ({
      'materialize-url': url,
      'kafka-brokers': kafka.brokers.SASL_SSL,
      'kafka-username': kafka.users[user].username,
      'kafka-password': kafka.users[user].password,
      'kafka-ca': kafka.caPem,
      timeout: '60s',
    }),
    sql: (...texts) => runSql({ connectionString: url }, texts),
    stop: async () => {
      await standIn.stop()
      await engine.close()
    },
  }
  return services
}

/** Runs statements one by one and gives the last one's rows. */
export async function runSql(
  config: pg.ClientConfig,
  texts: string[],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const text of texts) rows = (await client.query<Record<string, unknown>>(text)).rows
    return rows
  } finally {
    await client.end()
  }
}

/** Statements that change something, as a run's evidence. */
export function ddlIn(statements: string[]): string[] {
  return statements.filter((text) => /^\s*(CREATE|ALTER|DROP|COMMENT|INSERT|GRANT)/i.test(text))
}
