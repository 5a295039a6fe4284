import type { KafkaSettings } from '../core/model.ts'
import type { Kafka, KafkaView, Log, TopicView } from '../ports.ts'
import { createCluster, type Cluster, type Metadata } from './kafka-cluster.ts'
import { addressText, answerFailure } from './kafka-faults.ts'
import { listOffsets, type TopicOffsets } from './kafka-offsets.ts'
import { tailTopic } from './kafka-tail.ts'
import { pause, type Deadline } from './kafka-waiting.ts'

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
export function openKafka(options: KafkaOptions): Kafka {
  const cluster = createCluster(options)
  const { deadline } = options
  return {
    look: (topics) => look(cluster, topics),
    createTopic: (topic) => createTopic(topic, cluster, deadline),
    tail: (request) => tailTopic(request, { cluster, deadline }),
    close: async () => {
      cluster.close()
    },
  }
}

const TOPIC_UNKNOWN = 3
const NOT_CONTROLLER = 41
const TOPIC_EXISTS = 36
const TIMED_OUT = 7
const NOT_AUTHORIZED = 29

/** One request for the topics, and two for offsets to each broker that leads one of them. */
async function look(cluster: Cluster, topics: string[]): Promise<KafkaView> {
  const names = [...new Set(topics)]
  const metadata = await cluster.metadata(names)
  const offsets = await listOffsets(cluster, metadata, names)
  return {
    brokers: metadata.brokers.map(addressText),
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

interface NewTopic {
  name: string
  partitions: number
  replicationFactor: number
}

/** How long brokers may take to make a topic, and to answer. */
const CREATION_MS = 15_000
const LEADER_POLL_MS = 50

async function createTopic(
  topic: NewTopic,
  cluster: Cluster,
  deadline: Deadline,
): Promise<boolean> {
  let [code, words] = await askToCreate(topic, cluster, deadline)
  // The controller moved between the two requests.
  if (code === NOT_CONTROLLER) [code, words] = await askToCreate(topic, cluster, deadline)
  if (code === TOPIC_EXISTS) return false
  if (code !== 0 && code !== TIMED_OUT) {
    const subject = `topic ${topic.name}`
    throw answerFailure(code, { subject, right: `CREATE on ${subject} or on the cluster` }, words)
  }
  await untilLed(topic, cluster, deadline)
  return true
}

/** Error code and words of the one broker that may create topics. */
async function askToCreate(
  { name, partitions, replicationFactor }: NewTopic,
  cluster: Cluster,
  deadline: Deadline,
): Promise<[code: number, words: string | null]> {
  const metadata = await cluster.metadata([name])
  const answer = await cluster.askNode(metadata, metadata.controllerId, {
    api: 'CreateTopics',
    args: {
      topics: [{ topic: name, numPartitions: partitions, replicationFactor }],
      timeout: Math.min(CREATION_MS, deadline.remainingMs()),
    },
  })
  const { topicErrors } = answer as {
    topicErrors: { errorCode: number; errorMessage?: string | null }[]
  }
  return [topicErrors[0]?.errorCode ?? 0, topicErrors[0]?.errorMessage ?? null]
}

/** Until then, brokers answer that they know no such topic. */
async function untilLed(topic: NewTopic, cluster: Cluster, deadline: Deadline): Promise<void> {
  for (;;) {
    const { topicMetadata } = await cluster.metadata([topic.name])
    const seen = topicMetadata.find((candidate) => candidate.topic === topic.name)
    // A user may have the right to create and none to look.
    if (seen?.topicErrorCode === NOT_AUTHORIZED) return
    const led = seen?.partitionMetadata.filter(({ leader }) => leader >= 0) ?? []
    if (seen?.topicErrorCode === 0 && led.length >= topic.partitions) return
    await pause(LEADER_POLL_MS, deadline)
  }
}
