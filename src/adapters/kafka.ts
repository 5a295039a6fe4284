import type { KafkaSettings } from '../core/model-connection.ts'
import type { Kafka, KafkaAcls, KafkaUpkeep, KafkaView, Log, TopicView } from '../ports.ts'
import { createAcls, deleteAcls, listAcls } from './kafka-acls.ts'
import { createCluster, type Cluster, type Metadata } from './kafka-cluster.ts'
import { addressText, answerFailure } from './kafka-faults.ts'
import { deleteGroups } from './kafka-groups.ts'
import { headOf } from './kafka-head.ts'
import { listOffsets, type TopicOffsets } from './kafka-offsets.ts'
import { produce } from './kafka-produce.ts'
import { rights } from './kafka-rights.ts'
import { tailTopic } from './kafka-tail.ts'
import { alterTopicConfig, describeTopics } from './kafka-topic-configs.ts'
import { addPartitions, createTopic, deleteTopics } from './kafka-topics.ts'
import type { Deadline } from './kafka-waiting.ts'

export interface KafkaOptions {
  settings: KafkaSettings
  /** The name under which brokers see this action in their logs and quotas. */
  clientId: string
  log: Log
  deadline: Deadline
}

/**
 * Kafka by its own protocol. Opens nothing before the first call, and then keeps a connection to each
 * broker that it had to ask. Joins no consumer group and commits no offset.
 */
export function openKafka(options: KafkaOptions): Kafka & KafkaUpkeep & KafkaAcls {
  const cluster = createCluster(options)
  const access = { cluster, deadline: options.deadline }
  return {
    look: (topics) => look(cluster, topics),
    createTopic: (topic) => createTopic(topic, access),
    rights: (of) => rights(cluster, of),
    tail: (request) => tailTopic(request, access),
    head: (request) => headOf(request, access),
    produce: (topic, records) => produce(topic, records, access),
    listTopics: async (prefix) => {
      const { topicMetadata } = await cluster.metadata([])
      return topicMetadata.map(({ topic }) => topic).filter((name) => name.startsWith(prefix))
    },
    describeTopics: (names) => describeTopics(names, access),
    addPartitions: (topic) => addPartitions(topic, access),
    alterTopicConfig: (change) => alterTopicConfig(change, access),
    deleteTopics: (names) => deleteTopics(names, access),
    deleteGroups: (selection) => deleteGroups(selection, access),
    listAcls: (principals) => listAcls(principals, access),
    createAcls: (acls) => createAcls(acls, access),
    deleteAcls: (acls) => deleteAcls(acls, access),
    close: async () => {
      cluster.close()
    },
  }
}

const TOPIC_UNKNOWN = 3

/** One request for the topics, and two for offsets to each broker that leads one of them. */
async function look(cluster: Cluster, topics: string[]): Promise<KafkaView> {
  const names = [...new Set(topics)]
  const metadata = await cluster.metadata(names)
  const offsets = await listOffsets(cluster, metadata, names)
  return {
    brokers: metadata.brokers.map(addressText),
    transactions: await cluster.offersTransactions(),
    topics: topics.map((name) => topicView(name, metadata, offsets.get(name))),
  }
}

function topicView(name: string, metadata: Metadata, offsets: TopicOffsets | undefined): TopicView {
  const topic = metadata.topicMetadata.find((candidate) => candidate.topic === name)
  if (topic === undefined || topic.topicErrorCode === TOPIC_UNKNOWN) {
    return { name, exists: false, partitions: 0 }
  }
  const partitions = topic.partitionMetadata.length
  if (topic.topicErrorCode !== 0) {
    const failure = answerFailure(topic.topicErrorCode, {
      subject: `topic ${name}`,
      right: `DESCRIBE on topic ${name}`,
    })
    // Who may not see a topic is not told either whether there is one.
    return { name, exists: failure.reason !== 'topic-invalid', partitions, failure }
  }
  return { name, exists: true, partitions, ...offsets }
}
