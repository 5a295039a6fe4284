/**
 * kafkajs below its public interface: one connection to one broker, and requests with their answers.
 *
 * Materialize assigns itself partitions and never joins a consumer group, reads many topics at once
 * and keeps an error to the partition it belongs to. kafkajs's consumer, admin and producer do none of
 * that, and each of them opens sockets of its own. Their parts do, so those are used and the rest is not.
 */
import { createRequire } from 'node:module'
import kafkajs from 'kafkajs'

const require = createRequire(import.meta.url)

export interface RequestSpec {
  request: unknown
  response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> }
  requestTimeout?: number
}

interface Connection {
  connectionStatus: string
  socket?: { destroy(): void }
  requestQueue: {
    pending: unknown[]
    rejectAll(error: Error): void
    destroy(): void
    scheduleCheckPendingRequests(): void
  }
}

interface ConnectionPool {
  pool: Connection[]
  send(spec: RequestSpec): Promise<unknown>
}

export interface ProducerIdentity {
  transactionalId: string
  producerId: string
  producerEpoch: number
}

export interface ProducePartition {
  partition: number
  firstSequence: number
  messages: {
    key: string | Buffer | null
    value: string | Buffer | null
    headers?: Record<string, string | Buffer | null>
  }[]
}

export interface NewTopic {
  topic: string
  numPartitions: number
  replicationFactor: number
  configEntries: { name: string; value: string }[]
}

/** The requests of a kafkajs broker that the engine sends. */
export interface Broker {
  nodeId: number | null
  connectionPool: ConnectionPool
  connect(): Promise<void>
  lookupRequest(apiKey: number, definition: unknown): (args: unknown) => RequestSpec
  metadata(topics: string[]): Promise<RawMetadata>
  findGroupCoordinator(args: { groupId: string; coordinatorType: 0 | 1 }): Promise<{
    coordinator: { nodeId: number; host: string; port: number }
  }>
  listOffsets(args: {
    isolationLevel: 0 | 1
    topics: { topic: string; partitions: { partition: number; timestamp: number | string }[] }[]
  }): Promise<{ responses: { partitions: { partition: number; offset: string }[] }[] }>
  offsetCommit(args: {
    groupId: string
    groupGenerationId: number
    memberId: string
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
  }): Promise<unknown>
  createTopics(args: { topics: NewTopic[] }): Promise<unknown>
  initProducerId(args: { transactionalId: string; transactionTimeout: number }): Promise<{
    producerId: string
    producerEpoch: number
  }>
  addPartitionsToTxn(
    args: ProducerIdentity & { topics: { topic: string; partitions: number[] }[] },
  ): Promise<unknown>
  produce(
    args: ProducerIdentity & {
      compression: number
      topicData: { topic: string; partitions: ProducePartition[] }[]
    },
  ): Promise<unknown>
  endTxn(args: ProducerIdentity & { transactionResult: boolean }): Promise<unknown>
}

export interface RawMetadata {
  brokers: { nodeId: number; host: string; port: number }[]
  controllerId: number
  topicMetadata: {
    topicErrorCode: number
    topic: string
    partitionMetadata: { partitionErrorCode: number; partitionId: number; leader: number }[]
  }[]
}

export interface RecordBatch {
  firstOffset: string
  lastOffsetDelta: number
  producerId: string
  inTransaction: boolean
  records: {
    offset: string
    timestamp: string
    key: Buffer | null
    value: Buffer | null
    headers: Record<string, Buffer | null | (Buffer | null)[]>
    isControlRecord: boolean
  }[]
}

export interface Decoder {
  readInt8(): number
  readInt16(): number
  readInt32(): number
  readInt64(): { toString(): string }
  readString(): string
  readBytes(length: number): Buffer
  readArray<T>(reader: (decoder: Decoder) => T): T[]
  readArrayAsync<T>(reader: (decoder: Decoder) => Promise<T>): Promise<T[]>
  canReadBytes(length: number): boolean
}

type Definition = 'Metadata' | 'Fetch'

const BrokerClass = require('kafkajs/src/broker/index.js') as new (options: object) => Broker
const PoolClass = require('kafkajs/src/network/connectionPool.js') as new (
  options: object,
) => ConnectionPool
const socketFactory = require('kafkajs/src/network/socketFactory.js') as () => unknown
const loggers = require('kafkajs/src/loggers/index.js') as {
  createLogger(options: { level: number; logCreator: () => () => void }): unknown
}
const requests = (
  require('kafkajs/src/protocol/requests/index.js') as {
    requests: Record<Definition, unknown>
  }
).requests
const apiKeys = require('kafkajs/src/protocol/requests/apiKeys.js') as Record<Definition, number>

export const DecoderClass = require('kafkajs/src/protocol/decoder.js') as new (
  buffer: Buffer,
) => Decoder
export const decodeRecordBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: Decoder,
) => Promise<RecordBatch>
export const murmur2 = require('kafkajs/src/producer/partitioners/default/murmur2.js') as (
  key: string | Buffer,
) => number
const { createErrorFromCode } = require('kafkajs/src/protocol/error.js') as {
  createErrorFromCode(code: number): Error & { type: string }
}

export function protocolErrorType(code: number): string {
  return createErrorFromCode(code).type
}

const logger = loggers.createLogger({
  level: kafkajs.logLevel.NOTHING,
  logCreator: () => () => undefined,
})

export interface BrokerAddress {
  host: string
  port: number
}

export interface BrokerSettings {
  ssl: object | null
  sasl: object | null
  connectionTimeoutMs: number
  requestTimeoutMs: number
}

export function createBroker(address: BrokerAddress, settings: BrokerSettings): Broker {
  const connectionPool = new PoolClass({
    ...address,
    ssl: settings.ssl,
    sasl: settings.sasl,
    clientId: 'materialize-stand-in',
    socketFactory: socketFactory(),
    connectionTimeout: settings.connectionTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    logger,
  })
  for (const { requestQueue } of connectionPool.pool) {
    // kafkajs re-arms a timer of about a millisecond for ever on each connection (and with a negative
    // delay, of which Node 24 warns). Done on these instances only: whatever else in this process uses
    // kafkajs, above all the action under test, keeps the behaviour it ships with.
    const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue)
    requestQueue.scheduleCheckPendingRequests = () => {
      if (requestQueue.pending.length > 0) schedule()
    }
  }
  return new BrokerClass({
    connectionPool,
    logger,
    allowAutoTopicCreation: false,
    authenticationTimeout: settings.connectionTimeoutMs,
  })
}

/** Ends the sockets at once; kafkajs's own way waits for answers that may never come. */
export function destroyBroker(broker: Broker, reason: Error): void {
  const { connectionPool } = broker
  connectionPool.send = () => Promise.reject(reason)
  for (const connection of connectionPool.pool) {
    // Else a request that is just being encoded would be written to the dead socket and wait for ever.
    connection.connectionStatus = 'disconnected'
    connection.requestQueue.rejectAll(reason)
    connection.requestQueue.destroy()
    connection.socket?.destroy()
  }
}

/** An answer as it came: kafkajs's own reading throws the first error it meets, whosever it is. */
export async function sendRaw<T>(
  broker: Broker,
  what: { name: Definition; args: object; decode?: (raw: Buffer) => Promise<unknown> },
): Promise<T> {
  const spec = broker.lookupRequest(apiKeys[what.name], requests[what.name])(what.args)
  const decode = what.decode ?? spec.response.decode
  return (await broker.connectionPool.send({
    ...spec,
    response: { decode, parse: async (decoded) => decoded },
  })) as T
}
