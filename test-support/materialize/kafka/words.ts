/** The words Materialize, and librdkafka inside it, has for what can go wrong with Kafka. */
import type { EngineFault, KafkaConnectionConfig } from '../engine-port.ts'

/** Protocol errors by kafkajs's name: librdkafka's code and its text. */
const RDKAFKA: Record<string, [code: string, text: string]> = {
  TOPIC_AUTHORIZATION_FAILED: ['TopicAuthorizationFailed', 'Topic authorization failed'],
  GROUP_AUTHORIZATION_FAILED: ['GroupAuthorizationFailed', 'Group authorization failed'],
  CLUSTER_AUTHORIZATION_FAILED: ['ClusterAuthorizationFailed', 'Cluster authorization failed'],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [
    'TransactionalIdAuthorizationFailed',
    'Transactional Id authorization failed',
  ],
  INVALID_TOPIC_EXCEPTION: ['InvalidTopic', 'Invalid topic'],
  UNKNOWN_TOPIC_OR_PARTITION: ['UnknownTopicOrPartition', 'Unknown topic or partition'],
  INVALID_REPLICATION_FACTOR: ['InvalidReplicationFactor', 'Invalid replication factor'],
  INVALID_PARTITIONS: ['InvalidPartitions', 'Invalid number of partitions'],
  INVALID_CONFIG: ['InvalidConfig', 'Configuration is invalid'],
  POLICY_VIOLATION: ['PolicyViolation', 'Policy violation'],
  MESSAGE_TOO_LARGE: ['MessageSizeTooLarge', 'Message size too large'],
  UNSUPPORTED_COMPRESSION_TYPE: ['UnsupportedCompressionType', 'Unsupported compression type'],
  INVALID_PRODUCER_EPOCH: [
    'InvalidProducerEpoch',
    'Producer attempted an operation with an old epoch',
  ],
  GROUP_COORDINATOR_NOT_AVAILABLE: ['CoordinatorNotAvailable', 'Coordinator not available'],
  NOT_ENOUGH_REPLICAS: ['NotEnoughReplicas', 'Not enough in-sync replicas'],
}

const TRANSPORT = 'BrokerTransportFailure (Local: Broker transport failure)'
export const METADATA_FAILED = `Meta data fetch error: ${TRANSPORT}`
export const POLL_TRANSPORT = `Message consumption error: ${TRANSPORT}`

const SINGLE_BROKER_HINT =
  "If you're running a single Kafka broker, ensure that the configs " +
  'transaction.state.log.replication.factor, transaction.state.log.min.isr, ' +
  'and offsets.topic.replication.factor are set to 1 on the broker'

export class Fault extends Error implements EngineFault {
  readonly code: string
  readonly detail?: string
  readonly hint?: string
  constructor(code: string, message: string, more: { detail?: string; hint?: string } = {}) {
    super(message)
    this.name = 'Fault'
    this.code = code
    if (more.detail !== undefined) this.detail = more.detail
    if (more.hint !== undefined) this.hint = more.hint
  }
}

/** A stall's text as Materialize composed it, ready for the status relation save its `kafka: `. */
export class Stall extends Error {
  readonly hints: string[]
  constructor(message: string, hints: string[] = []) {
    super(message)
    this.name = 'Stall'
    this.hints = hints
  }
}

/** The protocol error inside, whichever way kafkajs wrapped it; undefined for a failed connection. */
export function protocolError(error: unknown): string | undefined {
  const { name, type, cause, errors } = error as {
    name?: string
    type?: string
    cause?: unknown
    errors?: unknown[]
  }
  if (name === 'KafkaJSAggregateError' && errors?.[0] !== undefined) return protocolError(errors[0])
  if (type !== undefined && name !== 'KafkaJSConnectionError') return type
  return cause === undefined || cause === null ? undefined : protocolError(cause)
}

/** `TopicAuthorizationFailed (Broker: Topic authorization failed)` */
export function rdkafkaWords(type: string): string {
  const [code, text] = RDKAFKA[type] ?? [type, type.toLowerCase().replaceAll('_', ' ')]
  return `${code} (Broker: ${text})`
}

export function brokerText(type: string): string {
  return `Broker: ${RDKAFKA[type]?.[1] ?? type.toLowerCase().replaceAll('_', ' ')}`
}

/** What CREATE SOURCE says; kafkajs's names for a broker it could not reach are librdkafka's one. */
export function topicFault(error: unknown): Fault {
  const type = protocolError(error)
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return new Fault('XX000', 'Topic does not exist')
  return new Fault('XX000', type === undefined ? METADATA_FAILED : rdkafkaWords(type))
}

/** `sasl_ssl://localhost:9094/1`, as librdkafka names a broker it knows the id of. */
export function brokerName(
  connection: KafkaConnectionConfig,
  broker: { host: string; port: number; nodeId: number },
): string {
  const address = `${broker.host}:${broker.port}/${broker.nodeId}`
  const scheme = connection.securityProtocol.toLowerCase()
  // librdkafka leaves the scheme out for plaintext alone.
  return scheme === 'plaintext' ? address : `${scheme}://${address}`
}

/** Materialize prints the error and its causes; rdkafka's transaction error is its own cause. */
export function transactionStall(what: string, type: string): Stall {
  const hints = type === 'GROUP_COORDINATOR_NOT_AVAILABLE' ? [SINGLE_BROKER_HINT] : []
  return new Stall(`Transaction error: ${what}: ${what}`, hints)
}
