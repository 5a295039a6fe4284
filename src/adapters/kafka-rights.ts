import type { KafkaRights } from '../ports.ts'
import type { Cluster } from './kafka-cluster.ts'
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
  of: { topics: string[]; groups: string[]; transactions?: string[] },
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
