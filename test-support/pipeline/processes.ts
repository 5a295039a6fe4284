import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startKafka } from '../kafka/broker.ts'
import { deleteTopics, realPlace } from './place.ts'

/** What a program that jest does not start, the demo or the bench, may ask of its services. */
export interface ServiceProcesses {
  inputs: Record<string, string>
  /** What no run may show. */
  secrets: string[]
  createTopic(topic: string): Promise<void>
  /** Those of them that are there. */
  deleteTopics(topics: string[]): Promise<void>
  produce(topic: string, values: string[]): Promise<void>
  stop(): Promise<void>
}

/** The services of the environment, or a real Apache Kafka and the stand-in for Materialize. */
export async function startProcesses(env: NodeJS.ProcessEnv): Promise<ServiceProcesses> {
  if (!env['MATERIALIZE_URL']) return ownProcesses()
  const { inputs, ...place } = realPlace(env)
  return { ...place, inputs: inputs() }
}

/** Both are gone when this process is. */
async function ownProcesses(): Promise<ServiceProcesses> {
  const kafka = await startKafka()
  const main = fileURLToPath(new URL('../materialize/main.ts', import.meta.url))
  const standIn = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(standIn.stdout, 'data')) as [Buffer]
  const { port } = JSON.parse(line.toString('utf8')) as { port: number }
  const { username, password } = kafka.users.full
  return {
    inputs: {
      'materialize-url': `postgres://materialize@127.0.0.1:${String(port)}/materialize`,
      'kafka-brokers': kafka.brokers.SASL_SSL,
      'kafka-username': username,
      'kafka-password': password,
      'kafka-ca': kafka.caPem,
    },
    secrets: [password],
    createTopic: (topic) => kafka.createTopic(topic),
    deleteTopics: (topics) => kafka.withAdmin((admin) => deleteTopics(admin, topics)),
    produce: (topic, values) => kafka.produce(topic, values),
    stop: async () => {
      standIn.stdin.end()
      if (standIn.exitCode === null) await once(standIn, 'exit')
      await kafka.stop()
    },
  }
}
