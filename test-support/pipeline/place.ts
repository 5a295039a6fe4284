import kafkajs, { type Admin, type KafkaConfig } from 'kafkajs'
import type { BundleRun } from '../runner/run-bundle.ts'
import { runSql, startServices } from './services.ts'

/**
 * Where the pipeline's tests run: the test broker and the stand-in, or, with MATERIALIZE_URL set, a
 * real Materialize and its Kafka. Only what both can be asked.
 */
export interface Place {
  real: boolean
  inputs(): Record<string, string>
  /** What no run may show. */
  secrets: string[]
  createTopic(topic: string): Promise<void>
  /** Those of them that are there. */
  deleteTopics(topics: string[]): Promise<void>
  produce(topic: string, values: string[]): Promise<void>
  /** The values of a topic's messages, read committed, once there are as many as asked for. */
  read(topic: string, count: number): Promise<string[]>
  sql(...statements: string[]): Promise<Record<string, unknown>[]>
  /** What the server was sent during a run; of a real one, what the run says it sent. */
  sent(run: BundleRun): string[]
  stop(): Promise<void>
}

export async function openPlace(env: NodeJS.ProcessEnv = process.env): Promise<Place> {
  return env['MATERIALIZE_URL'] ? realPlace(env) : localPlace()
}

async function localPlace(): Promise<Place> {
  const services = await startServices()
  const { kafka, statements } = services
  return {
    real: false,
    inputs: () => services.inputs(),
    secrets: Object.values(kafka.users).map((user) => user.password),
    createTopic: (topic) => kafka.createTopic(topic),
    deleteTopics: (topics) => kafka.withAdmin((admin) => deleteTopics(admin, topics)),
    produce: (topic, values) => kafka.produce(topic, values),
    read: (topic, count) => readValues(kafka.kafkaConfig(), topic, count),
    sql: (...texts) => services.sql(...texts),
    sent: () => statements.splice(0),
    stop: () => services.stop(),
  }
}

/** The service of the environment. KAFKA_CA is PEM text, and only for a private authority. */
export function realPlace(env: NodeJS.ProcessEnv): Place {
  const url = env['MATERIALIZE_URL'] ?? ''
  const brokers = env['KAFKA_BROKERS'] ?? ''
  const username = env['KAFKA_USERNAME'] ?? ''
  const password = env['KAFKA_PASSWORD'] ?? ''
  const protocol = env['KAFKA_SECURITY_PROTOCOL'] ?? (username === '' ? 'PLAINTEXT' : 'SASL_SSL')
  const mechanism = env['KAFKA_SASL_MECHANISM'] ?? 'SCRAM-SHA-256'
  const ca = env['KAFKA_CA']
  const config: KafkaConfig = {
    brokers: brokers.split(/[\s,]+/),
    connectionTimeout: 10_000,
    logLevel: kafkajs.logLevel.NOTHING,
    ...(protocol.endsWith('SSL') && { ssl: ca === undefined ? true : { ca } }),
    ...(username !== '' && {
      sasl: { mechanism: mechanism.toLowerCase() as 'scram-sha-256', username, password },
    }),
  }
  return {
    real: true,
    inputs: () => ({
      'materialize-url': url,
      'materialize-sslmode': env['MATERIALIZE_SSLMODE'] ?? '',
      'kafka-brokers': brokers,
      'kafka-security-protocol': protocol,
      'kafka-ca': ca ?? '',
      timeout: '3m',
      ...(username !== '' && {
        'kafka-username': username,
        'kafka-password': password,
        'kafka-sasl-mechanism': mechanism,
      }),
    }),
    secrets: password === '' ? [] : [password],
    createTopic: (topic) =>
      withAdmin(config, async (admin) => {
        await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
      }),
    deleteTopics: (topics) => withAdmin(config, (admin) => deleteTopics(admin, topics)),
    produce: (topic, values) => produce(config, topic, values),
    read: (topic, count) => readValues(config, topic, count),
    sql: (...texts) => runSql({ connectionString: url }, texts),
    sent: (run) => (JSON.parse(run.report) as { statements: string[] }).statements,
    stop: () => Promise.resolve(),
  }
}

async function withAdmin(
  config: KafkaConfig,
  work: (admin: Admin) => Promise<void>,
): Promise<void> {
  const admin = new kafkajs.Kafka(config).admin()
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.disconnect()
  }
}

export async function deleteTopics(admin: Admin, topics: string[]): Promise<void> {
  const there = new Set(await admin.listTopics())
  await admin.deleteTopics({ topics: topics.filter((topic) => there.has(topic)) })
}

async function produce(config: KafkaConfig, topic: string, values: string[]): Promise<void> {
  const producer = new kafkajs.Kafka(config).producer({
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}

/** By a consumer of kafkajs, not by the action's own reader, which is what is being tested. */
async function readValues(config: KafkaConfig, topic: string, count: number): Promise<string[]> {
  const { withDecoders } = await import('../kafka/codecs.ts')
  return withDecoders(async () => {
    const client = new kafkajs.Kafka(config)
    const groupId = `test-${topic}-${String(Date.now())}`
    const consumer = client.consumer({ groupId, allowAutoTopicCreation: false })
    const values: string[] = []
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`${String(values.length)} of ${String(count)} messages on ${topic}`))
      }, 30_000)
      void consumer.run({
        eachMessage: ({ message }) => {
          values.push(message.value?.toString('utf8') ?? '')
          if (values.length === count) {
            clearTimeout(late)
            resolve()
          }
          return Promise.resolve()
        },
      })
    })
    await consumer.disconnect()
    return values
  })
}
