import kafkajs from 'kafkajs'
import type { ReachableKafka } from '../kafka/reachable.ts'

/** Topics and consumer groups that a pattern matches, as an administrator sees them. */
export async function kafkaLeft(
  kafka: ReachableKafka,
  pattern: RegExp,
): Promise<{ topics: string[]; groups: string[] }> {
  const admin = new kafkajs.Kafka(kafka.kafkaConfig()).admin()
  await admin.connect()
  try {
    const topics = await admin.listTopics()
    const { groups } = await admin.listGroups()
    return {
      topics: topics.filter((name) => pattern.test(name)).sort(),
      groups: groups.map(({ groupId }) => groupId).filter((id) => pattern.test(id)),
    }
  } finally {
    await admin.disconnect()
  }
}

/** Offsets of a topic’s first partition committed to a group, as Materialize does for its sources. */
export async function commitOffsets(
  kafka: ReachableKafka,
  of: { groupId: string; topic: string },
): Promise<void> {
  const admin = new kafkajs.Kafka(kafka.kafkaConfig()).admin()
  await admin.connect()
  try {
    await admin.setOffsets({ ...of, partitions: [{ partition: 0, offset: '0' }] })
  } finally {
    await admin.disconnect()
  }
}
