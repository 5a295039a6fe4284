/** One transactional producer: a transaction for each commit, over the link's connection. */
import { compressionNumber } from '../../kafka/codecs.ts'
import type { Compression } from '../../kafka/codecs.ts'
import type { ProducePartition, ProducerIdentity } from './kafkajs-internals.ts'
import { namedError } from './link.ts'
import type { Link } from './link.ts'
import {
  brokerName,
  brokerText,
  METADATA_FAILED,
  protocolError,
  Stall,
  transactionStall,
} from './words.ts'

export type Message = ProducePartition['messages'][number]

/** Messages by topic and partition. */
export type Staged = Map<string, Map<number, Message[]>>

const TRANSACTION_TIMEOUT_MS = 60_000
const PART_BYTES = 500_000
/** Headers, lengths and the rest of a record. */
const MESSAGE_OVERHEAD = 100
const RETRY_MS = 25
const RETRIES = 200

/** The last transaction's markers are still being written, or the coordinator is just coming up. */
const PASSING = new Set([
  'CONCURRENT_TRANSACTIONS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
])

/** A topic just made is known before its leader is ready; a leader may move. */
const MOVING = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
])

export class TransactionalProducer {
  private readonly link: Link
  private readonly identity: ProducerIdentity
  private readonly coordinator: number
  private readonly sequences = new Map<string, number>()
  private readonly compression: number

  private constructor(
    link: Link,
    as: { identity: ProducerIdentity; coordinator: number; compression: Compression },
  ) {
    this.link = link
    this.identity = as.identity
    this.coordinator = as.coordinator
    this.compression = compressionNumber(as.compression)
  }

  /** Fences out whoever had the id before, and ends the transaction that one left open. */
  static async open(
    link: Link,
    as: { transactionalId: string; compression: Compression },
  ): Promise<TransactionalProducer> {
    const coordinator = await patiently(() =>
      link.coordinator(as.transactionalId, 'transaction'),
    ).catch(async (error: unknown) => {
      const type = typeOrStall(error)
      const text = brokerText(type)
      const answer = text.replace('Broker: ', '')
      const broker = brokerName(link.connection, await link.someNode())
      throw transactionStall(
        `Failed to find transaction coordinator: ${broker}: ${text}: ${answer}.`,
        type,
      )
    })
    const { producerId, producerEpoch } = await patiently(() =>
      link.request(coordinator.nodeId, (broker) =>
        broker.initProducerId({
          transactionalId: as.transactionalId,
          transactionTimeout: TRANSACTION_TIMEOUT_MS,
        }),
      ),
    ).catch((error: unknown) => {
      const type = typeOrStall(error)
      throw transactionStall(
        `Failed to acquire transactional PID from broker ` +
          `${brokerName(link.connection, coordinator)}: ${brokerText(type)}`,
        type,
      )
    })
    return new TransactionalProducer(link, {
      identity: { transactionalId: as.transactionalId, producerId, producerEpoch },
      coordinator: coordinator.nodeId,
      compression: as.compression,
    })
  }

  /** All or nothing. After a failure this producer is of no more use; opening the next one cleans up. */
  async commit(staged: Staged): Promise<void> {
    const began = Date.now()
    const topics = [...staged].map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions.keys()],
    }))
    await this.addPartitions(topics).catch(async (error: unknown) => {
      const type = typeOrStall(error)
      throw transactionStall(
        'Failed to add partition(s) to transaction on broker ' +
          `${brokerName(this.link.connection, await this.link.someNode())}: ` +
          `${brokerText(type)} (after ${Date.now() - began} ms)`,
        type,
      )
    })
    for (const part of parts(staged)) {
      await patiently(() => this.produce(part), MOVING).catch((error: unknown) => {
        const type = typeOrStall(error)
        throw transactionStall(`Failed to produce messages: ${brokerText(type)}`, type)
      })
    }
    await patiently(() => this.endTransaction()).catch((error: unknown) => {
      const type = typeOrStall(error)
      throw transactionStall(`EndTxn commit failed: ${brokerText(type)}`, type)
    })
  }

  private async addPartitions(topics: { topic: string; partitions: number[] }[]): Promise<void> {
    const add = (some: typeof topics) =>
      patiently(() =>
        this.link.request(this.coordinator, (broker) =>
          broker.addPartitionsToTxn({ ...this.identity, topics: some }),
        ),
      )
    try {
      await add(topics)
    } catch (error) {
      if (protocolError(error) !== 'OPERATION_NOT_ATTEMPTED') throw error
      // Said of the topics that were well; each alone, and the other one tells what it has.
      for (const topic of topics) await add([topic])
      throw error
    }
  }

  /** May be repeated: a batch that arrives with the same sequence numbers again is written once. */
  private async produce(staged: Staged): Promise<void> {
    const byNode = new Map<number, Map<string, ProducePartition[]>>()
    for (const [topic, partitions] of staged) {
      const leaders = await this.link.leaders(topic)
      for (const [partition, messages] of partitions) {
        const leader = leaders.get(partition)
        if (leader === undefined) throw namedError('UNKNOWN_TOPIC_OR_PARTITION')
        const firstSequence = this.sequences.get(`${topic}/${partition}`) ?? 0
        const topics = byNode.get(leader) ?? new Map<string, ProducePartition[]>()
        byNode.set(leader, topics)
        topics.set(topic, [...(topics.get(topic) ?? []), { partition, firstSequence, messages }])
      }
    }
    try {
      await Promise.all([...byNode].map(([node, topics]) => this.send(node, topics)))
    } catch (error) {
      for (const topic of staged.keys()) this.link.forgetLeaders(topic)
      throw error
    }
    for (const [topic, partitions] of staged) {
      for (const [partition, { length }] of partitions) {
        const key = `${topic}/${partition}`
        this.sequences.set(key, (this.sequences.get(key) ?? 0) + length)
      }
    }
  }

  private send(node: number, topics: Map<string, ProducePartition[]>): Promise<unknown> {
    return this.link.request(node, (broker) =>
      broker.produce({
        ...this.identity,
        compression: this.compression,
        topicData: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
      }),
    )
  }

  private endTransaction(): Promise<unknown> {
    return this.link.request(this.coordinator, (broker) =>
      broker.endTxn({ ...this.identity, transactionResult: true }),
    )
  }
}

/** What goes in one request each: a broker takes a batch of a megabyte and no more. */
function parts(staged: Staged): Staged[] {
  const all: Staged[] = [new Map()]
  let size = 0
  for (const [topic, partitions] of staged) {
    for (const [partition, messages] of partitions) {
      for (const message of messages) {
        const { key, value } = message
        size += (key?.length ?? 0) + (value?.length ?? 0) + MESSAGE_OVERHEAD
        if (size > PART_BYTES && all.at(-1)!.size > 0) {
          all.push(new Map())
          size = 0
        }
        const part = all.at(-1)!
        const of = part.get(topic) ?? new Map<number, Message[]>()
        part.set(topic, of)
        const held = of.get(partition)
        if (held === undefined) of.set(partition, [message])
        else held.push(message)
      }
    }
  }
  return all
}

async function patiently<T>(attempt: () => Promise<T>, passing = PASSING): Promise<T> {
  for (let left = RETRIES; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !passing.has(protocolError(error) ?? '')) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

function typeOrStall(error: unknown): string {
  if (error instanceof Stall) throw error
  const type = protocolError(error)
  if (type === undefined) throw new Stall(METADATA_FAILED)
  return type
}
