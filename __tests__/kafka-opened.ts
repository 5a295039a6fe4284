import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { openKafka } from '../src/adapters/kafka.ts'
import type {
  KafkaSettings,
  SaslMechanism,
  SecurityProtocol,
} from '../src/core/model-connection.ts'
import type { Kafka, Log } from '../src/ports.ts'
import { startKafka, type TestKafka } from '../test-support/kafka/broker.ts'
import type { ReachableKafka } from '../test-support/kafka/reachable.ts'
import { sharedKafka } from '../test-support/kafka/shared.ts'
import type { UserName } from '../test-support/kafka/users.ts'

/** The run's broker, or one of the test file's own; there from the first test on. */
export let broker: ReachableKafka
let own: TestKafka | undefined
const opened: Kafka[] = []
const servers: net.Server[] = []

/** What the adapters have told the log since it was last emptied. */
export const debugLines: string[] = []

beforeAll(async () => {
  broker = sharedKafka() ?? (own = await startKafka())
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((kafka) => kafka.close()))
  for (const server of servers.splice(0)) server.close()
})

afterAll(async () => {
  await own?.stop()
})

const ignore = (): void => undefined
const log: Log = {
  group: ignore,
  info: ignore,
  notice: ignore,
  warning: ignore,
  debug: (text) => debugLines.push(text),
}

/** The adapter, closed after the test, with half a minute unless `ms` says otherwise. */
export function open(
  settings: KafkaSettings,
  limits: { ms?: number; signal?: AbortSignal } = {},
): Kafka {
  const end = Date.now() + (limits.ms ?? 30_000)
  const signal = limits.signal ?? new AbortController().signal
  const deadline = { remainingMs: () => Math.max(0, end - Date.now()), signal }
  const kafka = openKafka({ settings, clientId: 'test', log, deadline })
  opened.push(kafka)
  return kafka
}

export interface Entrance {
  protocol?: SecurityProtocol
  mechanism?: SaslMechanism
  user?: UserName
}

export function settings({
  protocol = 'SASL_SSL',
  mechanism = 'SCRAM-SHA-256',
  user = 'full',
}: Entrance = {}): KafkaSettings {
  return {
    brokers: [broker.brokers[protocol]],
    protocol,
    ca: broker.caPem,
    ...(protocol.startsWith('SASL_') ? { sasl: { mechanism, ...broker.users[user] } } : {}),
  }
}

/** A topic's name that no other test has. */
export function uniqueName(stem: string): string {
  return `${stem}-${randomBytes(6).toString('hex')}`
}

/** Starts a server for one test; its address is one that 127.0.0.2 leads to as well. */
export async function listen(server: net.Server): Promise<string> {
  servers.push(server)
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as net.AddressInfo).port}`
}

export interface Relay {
  address: string
  /** Ends every connection. */
  drop(): void
  /** How many there have been. */
  count(): number
}

/** Relays to a listener of the broker; `change` may alter what the broker sends. */
export async function relay(
  protocol: SecurityProtocol,
  change: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<Relay> {
  const port = Number(broker.brokers[protocol].split(':')[1])
  const sockets: net.Socket[] = []
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1')
    sockets.push(client, upstream)
    client.on('data', (bytes) => upstream.write(bytes)).on('close', () => upstream.destroy())
    upstream.on('data', (bytes) => client.write(change(bytes))).on('close', () => client.end())
    for (const socket of [client, upstream]) socket.on('error', ignore)
  })
  return {
    address: await listen(server),
    drop: () => sockets.forEach((socket) => socket.destroy()),
    count: () => sockets.length / 2,
  }
}

/** What a broker sends, without the request by which producers begin: it has no transactions then. */
export function withoutProducerIds(bytes: Buffer): Buffer {
  const INIT_PRODUCER_ID = 22
  // Only the answer of versions is that short, with as many keys: what follows is left as it is.
  if (bytes.length > 1_000 || bytes.readInt16BE(8) !== 0 || bytes.readInt32BE(10) < 40) return bytes
  // Length, correlation id, error and number come before the keys, six bytes each.
  for (let at = 14; at + 6 <= bytes.length; at += 6) {
    if (bytes.readInt16BE(at) === INIT_PRODUCER_ID) bytes.writeInt16BE(9_999, at)
  }
  return bytes
}

/** Does what retention does: takes away the records before an offset. */
export async function deleteRecords(of: {
  topic: string
  partition: number
  before: string
}): Promise<void> {
  const { topic, partition, before } = of
  await broker.withAdmin(async (admin) => {
    // kafkajs deletes only from topics that it has come across.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: before }] })
  })
}
