/** The topics a sink needs, made when it starts to run: CREATE SINK itself makes none. */
import { protocolErrorType } from './kafkajs-internals.ts'
import type { Link } from './link.ts'
import { METADATA_FAILED, protocolError, rdkafkaWords, Stall } from './words.ts'
import type { KafkaEngine } from '../engine-port.ts'

export type SinkConfig = Parameters<KafkaEngine['startSink']>[0]

const LEADER_RETRIES = 50
const LEADER_RETRY_MS = 50

export async function ensureProgressTopic(link: Link, config: SinkConfig): Promise<void> {
  try {
    await ensureTopic(link, {
      topic: config.progressTopic,
      partitions: 1,
      replicationFactor: config.progressTopicReplicationFactor ?? -1,
      entries: { 'cleanup.policy': 'compact', 'segment.bytes': '134217728' },
    })
  } catch (error) {
    if (!(error instanceof Stall) || error.message === METADATA_FAILED) throw error
    throw new Stall(`error registering kafka progress topic for sink: ${error.message}`)
  }
}

export function ensureDataTopic(link: Link, config: SinkConfig): Promise<void> {
  return ensureTopic(link, {
    topic: config.topic,
    partitions: config.partitionCount ?? 1,
    replicationFactor: config.replicationFactor ?? -1,
    entries: config.topicConfig,
  })
}

/** Materialize reads back where it stood; a progress topic without records needs no right to do so. */
export async function checkProgressReadable(link: Link, config: SinkConfig): Promise<void> {
  const { progressTopic } = config
  try {
    const leaders = await link.topic(progressTopic)
    if (leaders.size > 1) {
      // By Materialize’s source; no transcript has it.
      throw new Stall(
        `Progress topic ${progressTopic} should contain a single partition, but instead contains ${leaders.size} partitions`,
      )
    }
    const end = (await link.offsets(progressTopic, { leaders, timestamp: -1 })).get(0) ?? 0n
    const leader = leaders.get(0)
    if (end === 0n || leader === undefined) return
    await link.coordinator(config.progressGroupId, 'group')
    const partitions = [{ topic: progressTopic, partition: 0, offset: end }]
    const [answer] = await link.fetch(leader, { partitions, maxWaitMs: 0 })
    const code = answer?.errorCode ?? 0
    if (code !== 0) throw Object.assign(new Error(), { type: protocolErrorType(code) })
  } catch (error) {
    if (error instanceof Stall) throw error
    const type = protocolError(error)
    if (type === undefined) throw new Stall(METADATA_FAILED)
    // The group's coordinator may not be up yet, and nothing is read through it.
    if (!type.endsWith('_AUTHORIZATION_FAILED')) return
    throw new Stall(
      `failed to fetch progress message Message consumption error: ${rdkafkaWords(type)}`,
    )
  }
}

export async function partitionCount(link: Link, topic: string): Promise<number> {
  try {
    return (await link.topic(topic)).size
  } catch (error) {
    // Materialize looks for the topic in the list of all, where one it may not describe is missing.
    if (protocolError(error) === undefined) throw new Stall(METADATA_FAILED)
    throw new Stall(`topic ${topic} does not exist`)
  }
}

interface Wanted {
  topic: string
  partitions: number
  replicationFactor: number
  entries: Record<string, string>
}

async function ensureTopic(link: Link, wanted: Wanted): Promise<void> {
  if (await exists(link, wanted.topic)) return
  try {
    await link.createTopic({
      topic: wanted.topic,
      numPartitions: wanted.partitions,
      replicationFactor: wanted.replicationFactor,
      configEntries: Object.entries(wanted.entries).map(([name, value]) => ({ name, value })),
    })
  } catch (error) {
    const type = protocolError(error)
    if (type === undefined) throw new Stall(METADATA_FAILED)
    if (type === 'TOPIC_ALREADY_EXISTS') return
    throw new Stall(
      `Error creating topic ${wanted.topic} for sink: Admin operation error: ${rdkafkaWords(type)}`,
    )
  }
  for (let left = LEADER_RETRIES; left > 0 && !(await exists(link, wanted.topic)); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, LEADER_RETRY_MS))
  }
}

async function exists(link: Link, topic: string): Promise<boolean> {
  try {
    const leaders = await link.topic(topic)
    return leaders.size > 0 && [...leaders.values()].every((leader) => leader >= 0)
  } catch (error) {
    if (protocolError(error) === undefined) throw new Stall(METADATA_FAILED)
    return false
  }
}
