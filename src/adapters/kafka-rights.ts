import type { KafkaRights } from '../ports.ts'
import type { Cluster } from './kafka-cluster.ts'
import type { Told, TopicsTold } from './kafka-rights-requests.ts'
import { isNotOffered } from './kafka-wire.ts'

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
const GROUP_REFUSED = 30

/** See the port: one request for the topics, and one for the groups if there are any. */
export async function rights(
  cluster: Cluster,
  of: { topics: string[]; groups: string[] },
): Promise<KafkaRights> {
  const found: KafkaRights = { topics: new Map(), groups: new Map() }
  const metadata = await cluster.metadata(of.topics)
  const [node] = metadata.brokers
  if (!node) return found
  try {
    const told = (await cluster.askNode(metadata, node.nodeId, {
      api: 'TopicRights',
      args: { topics: of.topics },
    })) as TopicsTold
    for (const { name, errorCode, operations } of told.topics) {
      if (errorCode === 0 && operations !== NOT_TOLD) found.topics.set(name, named(operations))
    }
    if (told.cluster !== NOT_TOLD) found.cluster = named(told.cluster)
    if (of.groups.length === 0) return found
    const { groups } = (await cluster.askNode(metadata, node.nodeId, {
      api: 'GroupRights',
      args: { groupIds: of.groups },
    })) as { groups: Told[] }
    for (const { name, errorCode, operations } of groups) {
      if (errorCode === GROUP_REFUSED) found.groups.set(name, [])
      else if (errorCode === 0 && operations !== NOT_TOLD) found.groups.set(name, named(operations))
    }
  } catch (error) {
    if (!isNotOffered(error)) throw error
  }
  return found
}

function named(operations: number): string[] {
  return Object.entries(OPERATIONS)
    .filter(([bit]) => (operations & (1 << Number(bit))) !== 0)
    .map(([, name]) => name)
}
