import type { KafkaRights } from '../ports.ts'
import type { Cluster, Metadata } from './kafka-cluster.ts'
import { decodeFetched, type FetchedPartition } from './kafka-records.ts'
import type { Told, TopicsTold } from './kafka-rights-requests.ts'
import { isNotOffered, type Question } from './kafka-wire.ts'

/** Kafka’s operations by the number of their bit. */
const OPERATIONS: Record<number, string> = {
  3: 'READ',
  4: 'WRITE',
  5: 'CREATE',
  6: 'DELETE',
  7: 'ALTER',
  8: 'DESCRIBE',
  10: 'DESCRIBE_CONFIGS',
  11: 'ALTER_CONFIGS',
  12: 'IDEMPOTENT_WRITE',
}
const NOT_TOLD = -2_147_483_648
const TOPIC_REFUSED = 29
const GROUP_REFUSED = 30
const TRANSACTION_REFUSED = 53
const NONE = 0
/** The broker tells what may be done with a topic of that name, too. */
const NOT_THERE = 3

/**
 * See the port: one request for the topics, one for the groups if there are any, and one for each
 * transactional id.
 */
export async function rights(
  cluster: Cluster,
  of: { topics: string[]; groups: string[]; transactions?: string[]; attempt?: true },
): Promise<KafkaRights> {
  const found: KafkaRights = { topics: new Map(), groups: new Map() }
  const metadata = await cluster.metadata(of.topics)
  const [node] = metadata.brokers
  if (!node) return found
  const ask = (question: Question): Promise<unknown> =>
    cluster.askNode(metadata, node.nodeId, question)
  await ifOffered(async () => {
    const told = (await ask({ api: 'TopicRights', args: { topics: of.topics } })) as TopicsTold
    for (const { name, errorCode, operations } of told.topics) {
      if (errorCode === TOPIC_REFUSED) found.topics.set(name, [])
      else if ((errorCode === NONE || errorCode === NOT_THERE) && operations !== NOT_TOLD) {
        found.topics.set(name, named(operations))
      }
    }
    if (told.cluster !== NOT_TOLD) found.cluster = named(told.cluster)
    if (of.groups.length === 0) return
    const answer = await ask({ api: 'GroupRights', args: { groupIds: of.groups } })
    for (const { name, errorCode, operations } of (answer as { groups: Told[] }).groups) {
      if (errorCode === GROUP_REFUSED) found.groups.set(name, [])
      else if (errorCode === NONE && operations !== NOT_TOLD) {
        found.groups.set(name, named(operations))
      }
    }
  })
  if (of.attempt) {
    // An old broker describes all the topics there are.
    const untold = new Set(of.topics.filter((name) => !found.topics.has(name)))
    for (const [name, may] of await attemptToRead(cluster, metadata, untold)) {
      // Who may not even see a topic may do nothing with it.
      if (may === undefined) found.topics.set(name, [])
      else (found.readable ??= new Map<string, boolean>()).set(name, may)
    }
  }
  const seen = new Map<string, boolean>()
  await ifOffered(async () => {
    for (const id of of.transactions ?? []) {
      const answer = await ask({ api: 'TransactionSight', args: { id } })
      seen.set(id, (answer as { errorCode: number }).errorCode !== TRANSACTION_REFUSED)
    }
  })
  if (seen.size > 0) found.transactions = seen
  return found
}

/**
 * Fetches no byte of the first partition of each of the topics: who may not read it is told
 * so. Undefined for a topic that may not be seen; none for one that is not there.
 */
async function attemptToRead(
  cluster: Cluster,
  metadata: Metadata,
  topics: ReadonlySet<string>,
): Promise<[name: string, may: boolean | undefined][]> {
  const asked = metadata.topicMetadata.filter(({ topic }) => topics.has(topic))
  const attempts = asked.map(async (seen): Promise<[string, boolean | undefined][]> => {
    const { topic, topicErrorCode, partitionMetadata } = seen
    if (topicErrorCode === TOPIC_REFUSED) return [[topic, undefined]]
    const [first] = partitionMetadata
    if (topicErrorCode !== NONE || !first || first.leader < 0) return []
    const partitions = [{ partition: first.partitionId, fetchOffset: '0', maxBytes: 0 }]
    const answer = await cluster.askNode(metadata, first.leader, {
      api: 'Fetch',
      args: {
        ...{ maxWaitTime: 0, minBytes: 0, maxBytes: 0, isolationLevel: 1 },
        topics: [{ topic, partitions }],
      },
      decode: decodeFetched,
    })
    const { errorCode } = (answer as FetchedPartition | undefined) ?? { errorCode: NONE }
    return [[topic, errorCode !== TOPIC_REFUSED]]
  })
  return (await Promise.all(attempts)).flat()
}

async function ifOffered(ask: () => Promise<void>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    if (!isNotOffered(error)) throw error
  }
}

function named(operations: number): string[] {
  return Object.entries(OPERATIONS)
    .filter(([bit]) => (operations & (1 << Number(bit))) !== 0)
    .map(([, name]) => name)
}
