/** All that goes between the engine and one Kafka cluster with one set of credentials. */
import { decodeFetchResponse } from './fetch-response.ts'
import type { FetchedPartition } from './fetch-response.ts'
import { createBroker, destroyBroker, protocolErrorType, sendRaw } from './kafkajs-internals.ts'
import type {
  Broker,
  BrokerAddress,
  BrokerSettings,
  NewTopic,
  RawMetadata,
} from './kafkajs-internals.ts'
import { TopicCreator } from './topic-creator.ts'
import { protocolError } from './words.ts'
import type { KafkaConnectionConfig } from '../engine-port.ts'

const CONNECTION_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 10_000
const LEADERS_MS = 10_000
const FETCH_BYTES = 10 * 1024 * 1024
const FETCH_PARTITION_BYTES = 1024 * 1024

export interface FetchFrom {
  topic: string
  partition: number
  offset: bigint
}

export interface TopicMetadata {
  /** The protocol error's name, null when the topic is there and may be described. */
  error: string | null
  /** Leaders by partition. */
  partitions: Map<number, number>
}

interface Peer {
  broker: Broker
  connected: Promise<void>
}

const SASL_MECHANISMS = new Set(['plain', 'scram-sha-256', 'scram-sha-512'])

export class Link {
  readonly connection: KafkaConnectionConfig
  private readonly timeoutMs: number
  private readonly peers = new Map<string, Peer>()
  private readonly leadersOf = new Map<string, { leaders: Map<number, number>; until: number }>()
  private readonly nodes = new Map<number, BrokerAddress>()
  private readonly creator = new TopicCreator((call) => this.request('any', call))
  private readonly closing = new AbortController()

  constructor(connection: KafkaConnectionConfig, timeoutMs = CONNECTION_TIMEOUT_MS) {
    this.connection = connection
    this.timeoutMs = timeoutMs
  }

  /** Connects, logs in, and asks nothing. */
  async connect(): Promise<void> {
    await this.anyBroker()
  }

  async metadata(topics: string[]): Promise<Map<string, TopicMetadata>> {
    const raw = await this.request('any', (broker) =>
      // kafkajs sends an empty list as "every topic".
      sendRaw<RawMetadata>(broker, { name: 'Metadata', args: { topics } }),
    )
    for (const { nodeId, host, port } of raw.brokers) this.nodes.set(nodeId, { host, port })
    return new Map(
      raw.topicMetadata.map((topic) => [
        topic.topic,
        {
          error: topic.topicErrorCode === 0 ? null : protocolErrorType(topic.topicErrorCode),
          partitions: new Map(topic.partitionMetadata.map((p) => [p.partitionId, p.leader])),
        },
      ]),
    )
  }

  /** One topic's partitions and leaders, or the protocol error as an error. */
  async topic(name: string): Promise<Map<number, number>> {
    const found = (await this.metadata([name])).get(name)
    if (found === undefined) throw namedError('UNKNOWN_TOPIC_OR_PARTITION')
    if (found.error !== null) throw namedError(found.error)
    return found.partitions
  }

  /** As `topic`, but asked seldom, since writers need it at every batch. */
  async leaders(name: string): Promise<Map<number, number>> {
    const known = this.leadersOf.get(name)
    if (known !== undefined && Date.now() < known.until) return known.leaders
    const leaders = await this.topic(name)
    this.leadersOf.set(name, { leaders, until: Date.now() + LEADERS_MS })
    return leaders
  }

  forgetLeaders(name: string): void {
    this.leadersOf.delete(name)
  }

  createTopic(topic: NewTopic): Promise<void> {
    return this.creator.create(topic)
  }

  async fetch(
    node: number,
    from: { partitions: FetchFrom[]; maxWaitMs: number },
  ): Promise<FetchedPartition[]> {
    const topics = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>()
    for (const { topic, partition, offset } of from.partitions) {
      const entry = { partition, fetchOffset: String(offset), maxBytes: FETCH_PARTITION_BYTES }
      topics.set(topic, [...(topics.get(topic) ?? []), entry])
    }
    const answer = await this.request(node, (broker) =>
      sendRaw<Awaited<ReturnType<typeof decodeFetchResponse>>>(broker, {
        name: 'Fetch',
        args: {
          maxWaitTime: from.maxWaitMs,
          minBytes: 1,
          maxBytes: FETCH_BYTES,
          topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
        },
        decode: decodeFetchResponse,
      }),
    )
    if (answer.errorCode !== 0) throw namedError(protocolErrorType(answer.errorCode))
    return answer.partitions
  }

  /** Offsets by partition: of a time, or of the beginning (-2) or the end (-1) of the log. */
  async offsets(
    topic: string,
    of: { leaders: Map<number, number>; timestamp: number; isolationLevel?: 0 | 1 },
  ): Promise<Map<number, bigint>> {
    const found = new Map<number, bigint>()
    for (const node of new Set(of.leaders.values())) {
      const partitions = [...of.leaders]
        .filter(([, leader]) => leader === node)
        .map(([partition]) => ({ partition, timestamp: of.timestamp }))
      const { responses } = await this.request(node, (broker) =>
        broker.listOffsets({
          isolationLevel: of.isolationLevel ?? 0,
          topics: [{ topic, partitions }],
        }),
      )
      for (const { partition, offset } of responses.flatMap((response) => response.partitions)) {
        found.set(partition, BigInt(offset))
      }
    }
    return found
  }

  async coordinator(
    id: string,
    kind: 'group' | 'transaction',
  ): Promise<BrokerAddress & { nodeId: number }> {
    const { coordinator } = await this.request('any', (broker) =>
      broker.findGroupCoordinator({ groupId: id, coordinatorType: kind === 'group' ? 0 : 1 }),
    )
    this.nodes.set(coordinator.nodeId, coordinator)
    return coordinator
  }

  /** A broker by its id, for texts that name one. */
  async someNode(): Promise<BrokerAddress & { nodeId: number }> {
    if (this.nodes.size === 0) await this.metadata([])
    const [[nodeId, address] = [-1, { host: '', port: 0 }]] = [...this.nodes]
    return { ...address, nodeId }
  }

  async request<T>(node: number | 'any', call: (broker: Broker) => Promise<T>): Promise<T> {
    const broker = node === 'any' ? await this.anyBroker() : await this.nodeBroker(node)
    try {
      return await call(broker)
    } catch (error) {
      // A protocol error leaves the connection sound; after any other the next request dials anew.
      if (protocolError(error) === undefined) this.forget(broker, error as Error)
      throw error
    }
  }

  close(): void {
    this.closing.abort()
    for (const { broker } of this.peers.values()) destroyBroker(broker, new Error('closed'))
    this.peers.clear()
  }

  private async anyBroker(): Promise<Broker> {
    const known = [...this.nodes.values()].map(({ host, port }) => `${host}:${port}`)
    let failure: unknown
    for (const address of new Set([...this.peers.keys(), ...this.connection.brokers, ...known])) {
      try {
        return await this.dial(address)
      } catch (error) {
        failure ??= error
      }
    }
    throw failure
  }

  private async nodeBroker(node: number): Promise<Broker> {
    if (!this.nodes.has(node)) await this.metadata([])
    const address = this.nodes.get(node)
    if (address === undefined) throw new Error(`Broker ${node} is not available`)
    return this.dial(`${address.host}:${address.port}`)
  }

  private async dial(address: string): Promise<Broker> {
    if (this.closing.signal.aborted) throw new Error('closed')
    let peer = this.peers.get(address)
    if (peer === undefined) {
      const colon = address.lastIndexOf(':')
      const broker = createBroker(
        { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) },
        {
          ...security(this.connection),
          connectionTimeoutMs: this.timeoutMs,
          requestTimeoutMs: Math.min(this.timeoutMs * 3, REQUEST_TIMEOUT_MS),
        },
      )
      const { timeoutMs, closing } = this
      peer = { broker, connected: settled(broker, { timeoutMs, signal: closing.signal }) }
      this.peers.set(address, peer)
    }
    try {
      await peer.connected
      return peer.broker
    } catch (error) {
      this.forget(peer.broker, error as Error)
      throw error
    }
  }

  private forget(broker: Broker, reason: Error): void {
    for (const [address, peer] of this.peers) {
      if (peer.broker === broker) this.peers.delete(address)
    }
    destroyBroker(broker, reason)
  }
}

/** kafkajs never settles a connection that ends before its TLS handshake does. */
async function settled(
  broker: Broker,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let close = () => {}
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Connection timeout')), timeoutMs)
    close = () => reject(new Error('closed'))
    signal.addEventListener('abort', close, { once: true })
  })
  try {
    await Promise.race([broker.connect(), over])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', close)
  }
}

export function namedError(type: string): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type })
}

function security(connection: KafkaConnectionConfig): Pick<BrokerSettings, 'ssl' | 'sasl'> {
  const { securityProtocol, ca, clientCertificate, clientKey } = connection
  const tls = securityProtocol === 'SSL' || securityProtocol === 'SASL_SSL'
  const ssl = {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
  }
  if (!securityProtocol.startsWith('SASL')) return { ssl: tls ? ssl : null, sasl: null }
  const mechanism = (connection.mechanism ?? '').toLowerCase()
  if (!SASL_MECHANISMS.has(mechanism)) {
    throw Object.assign(new Error(mechanism), { name: 'UnsupportedMechanism' })
  }
  return {
    ssl: tls ? ssl : null,
    sasl: { mechanism, username: connection.username ?? '', password: connection.password ?? '' },
  }
}
