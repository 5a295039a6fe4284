import type { EngineFault, KafkaEngine, RunningSink, RunningSource } from './engine-port.ts'
import type { MemoryKafka } from './memory-kafka.ts'

const POLL_MS = 15
const FRONTIER_LAG_MS = 1000
const BYTES_A_RECORD = 48
const TRANSPORT = 'Meta data fetch error: BrokerTransportFailure (Local: Broker transport failure)'
const GONE = 'source must be dropped and recreated due to failure: topic was deleted'
/** Rounds of polling between two signs of life of something that is broken. */
const RETRY_ROUNDS = 12

function fault(code: string, message: string): EngineFault {
  return { code, message }
}

function every(work: () => void | Promise<void>): () => Promise<void> {
  let stopped = false
  let timer: NodeJS.Timeout
  let running: Promise<void> = Promise.resolve()
  const round = () => {
    running = Promise.resolve(work()).then(() => {
      if (!stopped) timer = setTimeout(round, POLL_MS)
    })
  }
  timer = setTimeout(round, 1)
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}

/** An engine on a Kafka in memory: at once and the same every time, for tests of the SQL side. */
export function createMemoryEngine(kafka: MemoryKafka): KafkaEngine {
  const connect = (
    connection: Parameters<KafkaEngine['validate']>[0],
    wrap: (words: string) => EngineFault,
  ) => {
    const words = kafka.connectionFailure(connection)
    if (words !== undefined) throw wrap(words)
  }
  return {
    validate: async (connection) => connect(connection, (words) => fault('58000', words)),
    checkSink: async (connection) => connect(connection, () => fault('XX000', TRANSPORT)),
    describeTopic: async (connection, topic) => {
      connect(connection, () => fault('XX000', TRANSPORT))
      if (topic === '') throw fault('XX000', 'InvalidTopic (Broker: Invalid topic)')
      const found = kafka.topics.get(topic)
      if (found === undefined) throw fault('XX000', 'Topic does not exist')
      if (!kafka.may(connection, 'describe', topic)) {
        throw fault('XX000', 'TopicAuthorizationFailed (Broker: Topic authorization failed)')
      }
      return { partitions: found.partitions.length }
    },
    offsetsAtTimestamp: async (_connection, { topic, timestampMs }) =>
      kafka.topics.get(topic)!.partitions.map((log) => {
        const index = log.findIndex((record) => record.timestampMs >= timestampMs)
        return BigInt(index === -1 ? log.length : index)
      }),
    startSource: (config, events) => startSource(kafka, config, events),
    startSink: (config, events) => startSink(kafka, config, events),
    close: async () => undefined,
  }
}

type SourceArguments = Parameters<KafkaEngine['startSource']>
type SinkArguments = Parameters<KafkaEngine['startSink']>

function startSource(
  kafka: MemoryKafka,
  config: SourceArguments[0],
  events: SourceArguments[1],
): RunningSource {
  const { topic, connection } = config
  const generation = kafka.topics.get(topic)?.generation
  const next = new Map<number, bigint>()
  let reported = ''
  let rounds = 0
  let isGone = false
  const id = config.groupId.split('-').at(-1)!
  const denied = () => {
    const of = `kafka-${id} topic: ${topic}`
    const refusals = [
      `kafka error when polling consumer for source: ${of} : Message consumption error: ` +
        'GroupAuthorizationFailed (Broker: Group authorization failed)',
      `error consuming from source: ${of}:partition: 0 last processed offset:-1 : Message consumption ` +
        'error: TopicAuthorizationFailed (Broker: Topic authorization failed)',
    ]
    if (rounds % RETRY_ROUNDS === 1 && rounds < 2 * RETRY_ROUNDS) {
      events.status('stalled', refusals[rounds < RETRY_ROUNDS ? 0 : 1])
      events.status('running')
    }
  }
  const stop = every(async () => {
    if (isGone) return
    if (rounds++ === 0) events.status('starting')
    const found = kafka.topics.get(topic)
    if (found === undefined || found.generation !== generation) {
      isGone = true
      events.status('stalled', GONE)
      return
    }
    if (!kafka.may(connection, 'read', topic)) return denied()
    const known = found.partitions.reduce((sum, log) => sum + BigInt(log.length), 0n)
    let received = 0
    let bytes = 0
    const offsets: { partition: number; offset: bigint }[] = []
    for (const [partition, log] of found.partitions.entries()) {
      const from = next.get(partition) ?? config.startOffsets[partition] ?? 0n
      const batch = log.slice(Number(from))
      if (batch.length > 0) await events.records(batch)
      next.set(partition, from + BigInt(batch.length))
      offsets.push({ partition, offset: from + BigInt(batch.length) })
      received += log.length
      bytes += log.length * BYTES_A_RECORD
    }
    const summary = JSON.stringify(offsets.map((one) => String(one.offset)))
    if (summary !== reported) {
      events.progress(offsets)
      reported = summary
      events.statistics({
        messagesReceived: received,
        bytesReceived: bytes,
        offsetKnown: known,
        offsetCommitted: offsets.reduce((sum, one) => sum + one.offset, 0n),
      })
    }
    events.status('running')
  })
  return { stop }
}

function startSink(
  kafka: MemoryKafka,
  config: SinkArguments[0],
  events: SinkArguments[1],
): RunningSink {
  const { topic, connection } = config
  const coordinator =
    'Failed to find transaction coordinator: sasl_ssl://localhost:29094/1: Broker: Transactional Id ' +
    'authorization failed: Transactional Id authorization failed.'
  const failure = () => {
    if (!kafka.may(connection, 'write', topic)) {
      return `Transaction error: ${coordinator}: ${coordinator}`
    }
    if ((config.replicationFactor ?? 1) > 1) {
      return (
        `Error creating topic ${topic} for sink: Admin operation error: InvalidReplicationFactor ` +
        '(Broker: Invalid replication factor)'
      )
    }
    return undefined
  }
  let rounds = 0
  const stop = every(() => {
    const why = failure()
    if (why === undefined) {
      if (!kafka.topics.has(topic)) {
        kafka.createTopic(topic, {
          partitions: config.partitionCount ?? 1,
          config: config.topicConfig,
        })
      }
      if (rounds === 0) events.status('starting')
      events.status('running')
      if (config.isFed?.() !== false) events.frontier(Date.now() - FRONTIER_LAG_MS)
    } else {
      // A broken sink comes up before it fails, and it comes up again and again.
      const phase = rounds % (3 * RETRY_ROUNDS)
      if (phase === 0) events.status('starting')
      if (phase === RETRY_ROUNDS) events.status('running')
      if (phase === 2 * RETRY_ROUNDS) events.status('stalled', why)
    }
    rounds++
  })
  return {
    stop,
    write: async (batch, timestampMs) => {
      const why = failure()
      if (why !== undefined) throw new Error(why)
      if (!kafka.topics.has(topic))
        kafka.createTopic(topic, { partitions: config.partitionCount ?? 1 })
      kafka.append(topic, batch, timestampMs)
    },
  }
}
