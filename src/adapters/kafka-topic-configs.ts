import { Failure } from '../core/failure.ts'
import { isSameSetting } from '../core/topic-settings.ts'
import type { ConfigChange, TopicDescription, TopicSetting } from '../ports.ts'
import type { TopicMetadata } from './kafka-cluster.ts'
import { askController, controllerOf, type ChangeAnswer } from './kafka-controller.ts'
import { answerFailure } from './kafka-faults.ts'
import type { IncrementalArgs, IncrementalChange } from './kafka-incremental-configs.ts'
import { untilCaughtUp, type Access } from './kafka-lag.ts'
import { isNotOffered } from './kafka-wire.ts'

const TOPIC_RESOURCE = 2
const TOPIC_SOURCE = 1

const TOPIC_UNKNOWN = 3
const LEADER_NOT_AVAILABLE = 5

/** What the length of a text in a request can say. */
const LONGEST_TEXT = 32_767

/** What DescribeConfigs says of one topic. */
interface DescribedTopic extends ChangeAnswer {
  resourceName: string
  configEntries: {
    configName: string
    configValue: string | null
    configSource: number
    isSensitive: boolean
  }[]
}

interface Reading {
  metadata: Map<string, TopicMetadata>
  /** Only of the topics that can be seen. */
  configs: Map<string, DescribedTopic>
}

/** See the port. Two requests, and again only while brokers disagree about a topic made just now. */
export async function describeTopics(names: string[], access: Access): Promise<TopicDescription[]> {
  const topics = [...new Set(names)]
  // No names would mean all topics.
  if (topics.length === 0) return []
  const reading = await untilCaughtUp({
    ask: () => readTopics(topics, access),
    isBehind: isMidway,
    deadline: access.deadline,
  })
  return names.map((name) => description(name, reading))
}

async function readTopics(topics: string[], { cluster }: Access): Promise<Reading> {
  const answer = await cluster.metadata(topics)
  const metadata = new Map(answer.topicMetadata.map((topic) => [topic.topic, topic]))
  const seen = topics.filter((name) => metadata.get(name)?.topicErrorCode === 0)
  if (seen.length === 0) return { metadata, configs: new Map() }
  const { resources } = (await cluster.askNode(answer, controllerOf(answer), {
    api: 'DescribeConfigs',
    args: { resources: seen.map((name) => ({ type: TOPIC_RESOURCE, name })) },
  })) as { resources: DescribedTopic[] }
  return { metadata, configs: new Map(resources.map((topic) => [topic.resourceName, topic])) }
}

/** Whether one broker knows of a topic what another does not know yet. */
function isMidway({ metadata, configs }: Reading): boolean {
  return (
    [...configs.values()].some(({ errorCode }) => errorCode === TOPIC_UNKNOWN) ||
    [...metadata.values()].some(({ topicErrorCode }) => topicErrorCode === LEADER_NOT_AVAILABLE)
  )
}

function description(name: string, { metadata, configs }: Reading): TopicDescription {
  const topic = metadata.get(name)
  const subject = `topic ${name}`
  if (topic === undefined || topic.topicErrorCode === TOPIC_UNKNOWN) {
    return { name, exists: false, partitions: 0, replicationFactor: 0 }
  }
  const known = {
    name,
    exists: true,
    partitions: topic.partitionMetadata.length,
    replicationFactor: topic.partitionMetadata[0]?.replicas.length ?? 0,
  }
  if (topic.topicErrorCode !== 0) {
    const failure = answerFailure(topic.topicErrorCode, {
      subject,
      right: `DESCRIBE on ${subject}`,
    })
    // Who may not see a topic is not told either whether there is one.
    return { ...known, exists: failure.reason !== 'topic-invalid', failure }
  }
  const described = configs.get(name)
  if (described?.errorCode !== 0) {
    const about = { subject, right: `DESCRIBE_CONFIGS on ${subject}` }
    return {
      ...known,
      failure: answerFailure(described?.errorCode ?? -1, about, described?.errorMessage),
    }
  }
  return { ...known, config: Object.fromEntries(described.configEntries.map(settingOf)) }
}

function settingOf(entry: DescribedTopic['configEntries'][number]): [string, TopicSetting] {
  const { configName, configValue, configSource, isSensitive } = entry
  const source = configSource === TOPIC_SOURCE ? 'topic' : 'default'
  const isShown = !isSensitive && configValue !== null
  return [configName, { source, ...(isShown ? { value: configValue } : {}) }]
}

/** True if something changed; see the port. */
export async function alterTopicConfig(change: ConfigChange, access: Access): Promise<boolean> {
  const { name } = change
  checkLengths(name, change.set)
  const before = await presentConfig(name, access)
  const changes = differences(change, before.config)
  if (changes.length === 0) return false

  const answer = await askToAlter(changes, before, access)
  if (answer.errorCode !== 0) {
    const subject = `topic ${name}`
    const about = { subject, right: `ALTER_CONFIGS on ${subject}` }
    throw answerFailure(answer.errorCode, about, answer.errorMessage)
  }
  const old = settingsOf(before.config)
  await untilCaughtUp({
    ask: async () => settingsOf((await presentConfig(name, access)).config),
    isBehind: (now) => changes.some((made) => isUntouched(made.name, old, now)),
    deadline: access.deadline,
  })
  return true
}

/** Throws a Failure if there is no such topic, not if its settings cannot be seen. */
async function presentConfig(name: string, access: Access): Promise<TopicDescription> {
  const [topic] = await describeTopics([name], access)
  if (!topic?.exists) {
    const subject = `topic ${name}`
    throw topic?.failure ?? answerFailure(TOPIC_UNKNOWN, { subject, right: '' })
  }
  if (topic.failure && topic.failure.reason !== 'kafka-authorization') throw topic.failure
  return topic
}

/** A name that comes from outside may be one that every object has. */
function settingsOf(config: TopicDescription['config']): Map<string, TopicSetting> {
  return new Map(Object.entries(config ?? {}))
}

/**
 * What is asked for and not so yet, if only by default; all of it where the present cannot be seen.
 */
function differences(
  { set, remove }: ConfigChange,
  config: TopicDescription['config'],
): IncrementalChange[] {
  const present = settingsOf(config)
  const isSo = (name: string, value: string): boolean => {
    const shown = present.get(name)?.value
    return shown !== undefined && isSameSetting(value, shown)
  }
  const isRemoved = (name: string): boolean =>
    !Object.hasOwn(set, name) && (!config || present.get(name)?.source === 'topic')
  return [
    ...Object.entries(set)
      .filter(([name, value]) => !isSo(name, value))
      .map(([name, value]) => ({ name, value })),
    ...[...new Set(remove)].filter(isRemoved).map((name) => ({ name, value: null })),
  ]
}

function isUntouched(
  name: string,
  before: Map<string, TopicSetting>,
  after: Map<string, TopicSetting>,
): boolean {
  const [old, now] = [before.get(name), after.get(name)]
  // What is not shown cannot be waited for.
  if (now?.value === undefined) return false
  return now.value === old?.value && now.source === old.source
}

/**
 * By IncrementalAlterConfigs, which leaves every other setting alone, whatever somebody else does at
 * the same time. Brokers before 2.3 have only AlterConfigs, which replaces them all: there the
 * present ones are sent along, and a change made by somebody else in between is lost.
 */
async function askToAlter(
  changes: IncrementalChange[],
  before: TopicDescription,
  access: Access,
): Promise<ChangeAnswer> {
  const { name } = before
  const args: IncrementalArgs = { resources: [{ type: TOPIC_RESOURCE, name, changes }] }
  try {
    const answers = await askController([name], { api: 'IncrementalAlterConfigs', args }, access)
    return answers(name)
  } catch (error) {
    if (!isNotOffered(error)) throw error
  }
  const whole = { type: TOPIC_RESOURCE, name, configEntries: wholeConfig(changes, before) }
  const question = { api: 'AlterConfigs', args: { resources: [whole] } } as const
  return (await askController([name], question, access))(name)
}

/** Throws a Failure if a present setting cannot be seen, since it would be lost. */
function wholeConfig(
  changes: IncrementalChange[],
  { name, config, failure }: TopicDescription,
): { name: string; value: string }[] {
  if (failure) throw failure
  const own = [...settingsOf(config)].filter(([, { source }]) => source === 'topic')
  const entries = new Map(own.map(([key, { value }]) => [key, value ?? null]))
  for (const change of changes) entries.set(change.name, change.value)
  const removed = new Set(changes.filter(({ value }) => value === null).map((made) => made.name))
  return [...entries]
    .filter(([key]) => !removed.has(key))
    .map(([key, value]) => {
      if (value !== null) return { name: key, value }
      throw new Failure({
        reason: 'kafka-refused',
        message: `Kafka keeps the value of ${key} on topic ${name} to itself, and this broker can only replace all settings at once.`,
        hint: 'Alter the topic by the broker’s own tools.',
      })
    })
}

/** Throws a Failure about a text that no request could hold. */
export function checkLengths(topic: string, config: Record<string, string>): void {
  for (const [name, value] of Object.entries(config)) {
    const bytes = Math.max(Buffer.byteLength(name), Buffer.byteLength(value))
    if (bytes <= LONGEST_TEXT) continue
    throw new Failure({
      reason: 'input-invalid',
      message: `The setting ${name.slice(0, 60)} of topic ${topic} takes ${bytes} bytes; Kafka takes ${LONGEST_TEXT} at most.`,
    })
  }
}
