import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Consumer, type IHeaders, type Message, type RecordMetadata } from 'kafkajs'
import { compressionNumber, withDecoders, type Compression } from './codecs.ts'
import { connect, withAdmin, type Entrance, type KafkaFacts } from './connection.ts'

export interface TopicOptions {
  partitions?: number
  /** Topic configuration, as `cleanup.policy`. */
  config?: Record<string, string>
}

export interface ProduceOptions {
  compression?: Compression
  /** How a transaction around the messages is to end; left out: no transaction. */
  transaction?: 'commit' | 'abort'
  entrance?: Entrance
}

export interface ReadRecord {
  partition: number
  offset: string
  key: Buffer | null
  value: Buffer | null
  headers: IHeaders
}

export async function createTopic(
  facts: KafkaFacts,
  topic: string,
  { partitions = 1, config = {} }: TopicOptions = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const isNew = await withAdmin(facts, (admin) =>
    admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
    }),
  )
  if (!isNew) throw new Error(`Topic ${topic} exists already`)
}

/** A text is a message with that value and no key. */
export async function produce(
  facts: KafkaFacts,
  to: { topic: string } & ProduceOptions,
  messages: (string | Message)[],
): Promise<void> {
  const producer = connect(facts, to.entrance).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    ...(to.transaction && {
      transactionalId: `test-${randomUUID()}`,
      idempotent: true,
      maxInFlightRequests: 1,
    }),
  })
  const batch = {
    topic: to.topic,
    messages: messages.map((message) =>
      typeof message === 'string' ? { value: message } : message,
    ),
    compression: compressionNumber(to.compression ?? 'none'),
  }

  await producer.connect()
  try {
    if (to.transaction === undefined) {
      await producer.send(batch)
    } else {
      const transaction = await producer.transaction()
      const sent = await transaction.send(batch)
      await transaction[to.transaction]()
      await untilEnded(facts, { topic: to.topic, sent })
    }
  } finally {
    await producer.disconnect()
  }
}

/**
 * The coordinator answers when the end is decided; readers see it once the markers are written, a
 * moment later. Until then the offset up to which they may read stays before the transaction.
 */
async function untilEnded(
  facts: KafkaFacts,
  { topic, sent }: { topic: string; sent: RecordMetadata[] },
): Promise<void> {
  const deadline = Date.now() + 10_000
  await withAdmin(facts, async (admin) => {
    for (;;) {
      const stable = await admin.fetchTopicOffsets(topic)
      const highs = new Map(stable.map(({ partition, high }) => [partition, BigInt(high)]))
      if (sent.every((at) => highs.get(at.partition)! > BigInt(at.baseOffset!))) return
      if (Date.now() > deadline) throw new Error(`A transaction on ${topic} did not end in 10 s`)
      await delay(10)
    }
  })
}

/** Every committed record that the topic holds at the call, by partition and offset. */
export async function read(
  facts: KafkaFacts,
  topic: string,
  entrance: Entrance = {},
): Promise<ReadRecord[]> {
  const ends = await withAdmin(facts, (admin) => admin.fetchTopicOffsets(topic))
  const unread = new Map(
    ends
      .filter(({ high, low }) => high !== low)
      .map(({ partition, high }) => [partition, BigInt(high)]),
  )
  if (unread.size === 0) return []

  const groupId = `test-support-${randomUUID()}`
  const consumer = connect(facts, entrance).consumer({
    groupId,
    // Longer waits would only delay the stop.
    maxWaitTimeInMs: 100,
  })
  try {
    const records = await withDecoders(() => consume(consumer, { topic, unread }))
    return records.sort(
      (a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)),
    )
  } finally {
    await consumer.disconnect()
    // Best effort: what matters is the caller's own error, and a group without members expires.
    await withAdmin(facts, (admin) => admin.deleteGroups([groupId])).catch(() => {})
  }
}

const readDeadlineMs = 20_000

async function consume(
  consumer: Consumer,
  { topic, unread }: { topic: string; unread: Map<number, bigint> },
): Promise<ReadRecord[]> {
  // By place, since kafkajs starts over from the beginning when the group's coordinator was not ready.
  const records = new Map<string, ReadRecord>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Topic ${topic} could not be read in ${readDeadlineMs} ms`)),
      readDeadlineMs,
    )
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error)
    })
    // Not eachBatch: it is not called for a batch of aborted records or transaction markers alone,
    // and such a batch may be a partition's last.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      const end = unread.get(partition)
      if (end !== undefined && BigInt(lastOffset) + 1n >= end) unread.delete(partition)
      if (unread.size === 0) resolve()
    })
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { offset, key, value, headers = {} } of batch.messages) {
            records.set(`${batch.partition}/${offset}`, {
              partition: batch.partition,
              offset,
              key,
              value,
              headers,
            })
          }
        },
      })
      .catch(reject)
  }).finally(() => clearTimeout(timer))
  return [...records.values()]
}
