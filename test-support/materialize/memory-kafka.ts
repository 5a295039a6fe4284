import type { KafkaConnectionConfig, SinkMessage, SourceRecord } from './engine-port.ts'

/**
 * A Kafka of two listeners that exists in memory only: what the transcripts were recorded against, without
 * its clock. `localhost:29094` speaks SASL_SSL, `localhost:29092` PLAINTEXT.
 */
export interface MemoryTopic {
  partitions: SourceRecord[][]
  /** Tells a topic that was made again from the first of that name. */
  generation: number
  config: Record<string, string>
}

export interface ProducedRecord {
  key?: string | Buffer | null
  value: string | Buffer | null
  headers?: [string, string][]
  partition?: number
  timestampMs?: number
}

export interface MemoryUser {
  password: string
  mechanism: string
  superuser?: boolean
}

type Operation = 'describe' | 'read' | 'write'

export class MemoryKafka {
  readonly topics = new Map<string, MemoryTopic>()
  readonly users = new Map<string, MemoryUser>([
    ['admin', { password: 'admin-secret', mechanism: 'SCRAM-SHA-256', superuser: true }],
    ['reader', { password: 'reader-secret', mechanism: 'SCRAM-SHA-256' }],
    ['plainuser', { password: 'plain-secret', mechanism: 'PLAIN' }],
  ])
  private readonly grants = new Set<string>()
  private generation = 0

  createTopic(
    name: string,
    of: { partitions?: number; config?: Record<string, string> } = {},
  ): void {
    this.topics.set(name, {
      partitions: Array.from({ length: of.partitions ?? 1 }, () => []),
      generation: ++this.generation,
      config: of.config ?? {},
    })
  }

  deleteTopic(name: string): void {
    this.topics.delete(name)
  }

  produce(topic: string, ...records: ProducedRecord[]): void {
    const { partitions } = this.topics.get(topic)!
    for (const record of records) {
      const log = partitions[record.partition ?? 0]!
      log.push({
        partition: record.partition ?? 0,
        offset: BigInt(log.length),
        timestampMs: record.timestampMs ?? Date.now(),
        key: bytes(record.key ?? null),
        value: bytes(record.value),
        headers: (record.headers ?? []).map(([name, value]) => [name, Buffer.from(value)]),
      })
    }
  }

  /** What a sink's transaction adds. */
  append(topic: string, messages: SinkMessage[], timestampMs: number): void {
    const { partitions } = this.topics.get(topic)!
    for (const message of messages) {
      const partition =
        message.partitionHash === undefined
          ? 0
          : Number(message.partitionHash % BigInt(partitions.length))
      this.produce(topic, {
        partition,
        key: message.key,
        value: message.value,
        headers: Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
        timestampMs,
      })
    }
  }

  allow(user: string, operation: Operation, topic: string): void {
    this.grants.add(`${user} ${operation} ${topic}`)
  }

  may(connection: KafkaConnectionConfig, operation: Operation, topic: string): boolean {
    if (connection.securityProtocol === 'PLAINTEXT') return true
    const user = connection.username ?? ''
    if (this.users.get(user)?.superuser === true) return true
    const implied: Operation[] =
      operation === 'describe' ? ['describe', 'read', 'write'] : [operation]
    return implied.some((one) => this.grants.has(`${user} ${one} ${topic}`))
  }

  /** Librdkafka's words for why a connection fails; nothing if it works. */
  connectionFailure(connection: KafkaConnectionConfig): string | undefined {
    const broker = connection.brokers[0] ?? ''
    const { securityProtocol: protocol, mechanism } = connection
    if (broker.startsWith('nope.')) return 'Failed to resolve hostname'
    if (broker === 'localhost:29092') {
      return protocol.endsWith('SSL') ? 'Broker does not support SSL connections' : undefined
    }
    if (broker !== 'localhost:29094') return 'Broker transport failure'
    if (!protocol.endsWith('SSL')) {
      return (
        'Internal kafka error: [thrd:localhost:29094/bootstrap]: localhost:29094/bootstrap: Disconnected: ' +
        'connection closed by peer: receive 0 after POLLIN (after 0ms in state APIVERSION_QUERY, ' +
        '1 identical error(s) suppressed)'
      )
    }
    if (mechanism === 'OAUTHBEARER') {
      const failure = 'BrokerTransportFailure (Local: Broker transport failure)'
      return `Meta data fetch error: ${failure}: ${failure}`
    }
    if (connection.ca === undefined) return 'Invalid CA certificate'
    const user = this.users.get(connection.username ?? '')
    const matches = user?.password === connection.password && user?.mechanism === mechanism
    if (matches) return undefined
    return mechanism === 'PLAIN' ? 'Invalid username or password' : 'SASL authentication failed'
  }
}

function bytes(value: string | Buffer | null): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : value
}
