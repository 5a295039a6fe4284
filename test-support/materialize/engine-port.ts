/**
 * What the stand-in's SQL side asks of its Kafka side, and what it is told back. The SQL side knows no
 * Kafka protocol and the engine knows no SQL, so each can be tested with the other replaced.
 */

export interface KafkaConnectionConfig {
  brokers: string[]
  securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  mechanism?: string
  username?: string
  password?: string
  ca?: string
  clientCertificate?: string
  clientKey?: string
}

/** SQLSTATE and Materialize's words. */
export interface EngineFault {
  code: string
  message: string
  detail?: string
  hint?: string
}

export interface TopicFacts {
  partitions: number
}

export interface SourceRecord {
  partition: number
  offset: bigint
  timestampMs: number
  key: Buffer | null
  value: Buffer | null
  headers: [string, Buffer | null][]
}

export interface SourceEvents {
  records(batch: SourceRecord[]): Promise<void>
  progress(offsets: { partition: number; offset: bigint }[]): void
  status(status: 'starting' | 'running' | 'stalled', error?: string, hints?: string[]): void
  statistics(s: {
    messagesReceived: number
    bytesReceived: number
    offsetKnown: bigint
    offsetCommitted: bigint
  }): void
}

export interface SinkMessage {
  key: string | Buffer | null
  value: string | Buffer | null
  headers: Record<string, string | Buffer | null>
  partitionHash?: bigint
}

export interface SinkEvents {
  status(status: 'starting' | 'running' | 'stalled', error?: string, hints?: string[]): void
  frontier(ms: number): void
  statistics(s: {
    messagesStaged: number
    messagesCommitted: number
    bytesStaged: number
    bytesCommitted: number
  }): void
}

export interface RunningSource {
  stop(): Promise<void>
}

export interface RunningSink {
  write(batch: SinkMessage[], timestampMs: number): Promise<void>
  stop(): Promise<void>
}

export interface KafkaEngine {
  /** What CREATE/VALIDATE CONNECTION does: a metadata fetch. Rejects with EngineFault (58000 and librdkafka's words). */
  validate(connection: KafkaConnectionConfig): Promise<void>
  /** What CREATE SOURCE checks. Rejects with EngineFault (XX000 Topic does not exist, TopicAuthorizationFailed …). */
  describeTopic(connection: KafkaConnectionConfig, topic: string): Promise<TopicFacts>
  /** What CREATE SINK checks: broker metadata only. */
  checkSink(connection: KafkaConnectionConfig): Promise<void>
  offsetsAtTimestamp(
    connection: KafkaConnectionConfig,
    at: { topic: string; timestampMs: number },
  ): Promise<bigint[]>
  startSource(
    config: {
      connection: KafkaConnectionConfig
      topic: string
      groupId: string
      startOffsets: bigint[]
      metadataRefreshMs: number
    },
    events: SourceEvents,
  ): RunningSource
  startSink(
    config: {
      connection: KafkaConnectionConfig
      topic: string
      progressTopic: string
      progressTopicReplicationFactor?: number
      transactionalId: string
      progressGroupId: string
      compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
      partitionCount?: number
      replicationFactor?: number
      topicConfig: Record<string, string>
      /** Whether what the sink reads has told all that there was; till then its frontier stands. */
      isFed?: () => boolean
    },
    events: SinkEvents,
  ): RunningSink
  close(): Promise<void>
}
