import { Failure } from '../core/failure.ts'
import type { PartitionOffset } from '../core/model.ts'
import type { Cluster, Metadata, TopicMetadata } from './kafka-cluster.ts'
import { answerFailure } from './kafka-faults.ts'

/** What the brokers said of a topic's offsets: both ends, or why not. */
export interface TopicOffsets {
  watermarks?: PartitionOffset[]
  lows?: PartitionOffset[]
  failure?: Failure
}

const EARLIEST = -2
const LATEST = -1

interface ListOffsetsAnswer {
  responses: {
    topic: string
    partitions: { partition: number; errorCode: number; offset: string }[]
  }[]
}

/** One end of one partition, or the error code in its place. */
interface End {
  topic: string
  partition: number
  timestamp: number
  errorCode: number
  offset: bigint
}

/**
 * First offsets and last stable offsets of the topics: two requests to each broker that leads one of
 * their partitions. Rejects with a Failure if a broker cannot be asked.
 */
export async function listOffsets(
  cluster: Cluster,
  metadata: Metadata,
  topics: string[],
): Promise<Map<string, TopicOffsets>> {
  const asked = metadata.topicMetadata.filter(({ topic }) => topics.includes(topic))
  const led = asked.filter((topic) => leaderless(topic) === undefined)
  const leaders = new Set(led.flatMap(leadersOf))
  const ends = await Promise.all(
    [...leaders].flatMap((leader) =>
      [EARLIEST, LATEST].map((timestamp) =>
        askLeader({ cluster, metadata, topics: led, leader, timestamp }),
      ),
    ),
  )
  return new Map(asked.map((topic) => [topic.topic, gather(topic, ends.flat())]))
}

function leadersOf({ partitionMetadata }: TopicMetadata): number[] {
  return partitionMetadata.map(({ leader }) => leader)
}

/** A partition that no broker serves at the moment. */
function leaderless({ partitionMetadata }: TopicMetadata): number | undefined {
  return partitionMetadata.find(({ leader }) => leader < 0)?.partitionId
}

async function askLeader(of: {
  cluster: Cluster
  metadata: Metadata
  topics: TopicMetadata[]
  leader: number
  timestamp: number
}): Promise<End[]> {
  const { cluster, metadata, leader, timestamp } = of
  const topics = of.topics.map(({ topic, partitionMetadata }) => ({
    topic,
    partitions: partitionMetadata
      .filter((partition) => partition.leader === leader)
      .map(({ partitionId }) => ({ partition: partitionId, timestamp })),
  }))
  const answer = (await cluster.askNode(metadata, leader, {
    api: 'ListOffsets',
    args: { isolationLevel: 1, topics: topics.filter(({ partitions }) => partitions.length > 0) },
  })) as ListOffsetsAnswer
  return answer.responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, errorCode, offset }) => ({
      ...{ topic, partition, timestamp, errorCode },
      offset: BigInt(offset),
    })),
  )
}

function gather({ topic, partitionMetadata }: TopicMetadata, ends: End[]): TopicOffsets {
  const own = ends.filter((end) => end.topic === topic)
  const refused = own.find(({ errorCode }) => errorCode !== 0)
  if (refused) {
    const subject = `topic ${topic}`
    return {
      failure: answerFailure(refused.errorCode, { subject, right: `DESCRIBE on ${subject}` }),
    }
  }
  if (partitionMetadata.length === 0 || own.length !== partitionMetadata.length * 2) {
    return { failure: unled(topic) }
  }
  const at = (timestamp: number): PartitionOffset[] =>
    own
      .filter((end) => end.timestamp === timestamp)
      .map(({ partition, offset }) => ({ partition, offset }))
      .sort((a, b) => a.partition - b.partition)
  return { watermarks: at(LATEST), lows: at(EARLIEST) }
}

function unled(topic: string): Failure {
  return new Failure({
    reason: 'kafka-refused',
    message: `Topic ${topic} has a partition that no broker leads at the moment.`,
    hint: 'Look at the brokers’ state; a topic made a moment ago needs a second or two.',
    retriable: true,
  })
}
