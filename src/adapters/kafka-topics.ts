import { Failure } from '../core/failure.ts'
import type { Kafka, TopicDeletion } from '../ports.ts'
import type { TopicMetadata } from './kafka-cluster.ts'
import { askController, CHANGE_MS, type ChangeAnswer } from './kafka-controller.ts'
import { answerFailure } from './kafka-faults.ts'
import { untilCaughtUp, type Access } from './kafka-lag.ts'
import { checkLengths } from './kafka-topic-configs.ts'
import { pause } from './kafka-waiting.ts'

const TOPIC_UNKNOWN = 3
const TIMED_OUT = 7
const NOT_AUTHORIZED = 29
const TOPIC_EXISTS = 36
const INVALID_PARTITIONS = 37
const INVALID_REQUEST = 42
const DELETION_DISABLED = 73

const LEADER_POLL_MS = 50

/**
 * Most records that a controller of Kafka 4 writes for one request. Asked for more partitions, it
 * reports an error and adds as many all the same, and they can never be taken away again.
 */
const MOST_ADDED = 10_000

/** True if it was created, false if it was there; see the port. */
export async function createTopic(
  topic: Parameters<Kafka['createTopic']>[0],
  access: Access,
): Promise<boolean> {
  const { name, partitions, replicationFactor, config = {} } = topic
  checkLengths(name, config)
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  const answers = await askController(
    [name],
    {
      api: 'CreateTopics',
      args: {
        topics: [{ topic: name, numPartitions: partitions, replicationFactor, configEntries }],
      },
    },
    access,
  )
  const answer = answers(name)
  if (answer.errorCode === TOPIC_EXISTS) {
    await untilKnown(name, access)
    return false
  }
  if (!isUnderWay(answer)) {
    throw refusal(name, answer, `CREATE on topic ${name} or on the cluster`)
  }
  await untilLed(name, partitions, access)
  return true
}

/** True if partitions were added, false if there were as many; see the port. */
export async function addPartitions(
  { name, to }: { name: string; to: number },
  access: Access,
): Promise<boolean> {
  const present = await partitionsOf(name, access)
  if (present === to) return false
  checkAdded(name, present ?? 0, to)
  const answers = await askController(
    [name],
    { api: 'CreatePartitions', args: { topicPartitions: [{ topic: name, count: to }] } },
    access,
  )
  const answer = answers(name)
  if (!isUnderWay(answer)) {
    // Somebody else may have added as many since.
    const isThere =
      answer.errorCode === INVALID_PARTITIONS && (await partitionsOf(name, access)) === to
    if (isThere) return false
    throw refusal(name, answer, `ALTER on topic ${name}`)
  }
  await untilLed(name, to, access)
  return true
}

/** What became of each topic; see the port. */
export async function deleteTopics(names: string[], access: Access): Promise<TopicDeletion[]> {
  const topics = [...new Set(names)]
  if (topics.length === 0) return []
  // Brokers of ZooKeeper's time refuse a user without the right before they look whether there is
  // such a topic.
  const before = await seenTopics(topics, access)
  const answers = await askController(topics, { api: 'DeleteTopics', args: { topics } }, access)
  const going = topics.filter((name) => isUnderWay(answers(name)))
  const after = await untilCaughtUp({
    ask: () => seenTopics(going, access),
    isBehind: (seen) => [...seen.values()].some(isThere),
    deadline: access.deadline,
    ms: CHANGE_MS,
  })
  return names.map((name) => {
    const answer = answers(name)
    if (going.includes(name)) {
      return isThere(after.get(name))
        ? { name, deleted: false, failure: stillThere(name) }
        : { name, deleted: true }
    }
    const isAbsent =
      answer.errorCode === TOPIC_UNKNOWN || before.get(name)?.topicErrorCode === TOPIC_UNKNOWN
    if (isAbsent) return { name, deleted: false }
    const failure = refusal(name, deletionAnswer(answer), `DELETE on topic ${name}`)
    return { name, deleted: false, failure }
  })
}

/** To the version of the request that kafkajs has, brokers that delete no topics say this instead. */
function deletionAnswer(answer: ChangeAnswer): ChangeAnswer {
  return answer.errorCode === INVALID_REQUEST ? { errorCode: DELETION_DISABLED } : answer
}

/** A broker that ran out of the time it was given goes on with the change. */
function isUnderWay({ errorCode }: ChangeAnswer): boolean {
  return errorCode === 0 || errorCode === TIMED_OUT
}

function refusal(name: string, answer: ChangeAnswer, right: string): Failure {
  const subject = `topic ${name}`
  return answerFailure(answer.errorCode, { subject, right }, answer.errorMessage)
}

async function seenTopics(
  names: string[],
  { cluster }: Access,
): Promise<Map<string, TopicMetadata>> {
  // No names would mean all topics.
  if (names.length === 0) return new Map()
  const { topicMetadata } = await cluster.metadata(names)
  const asked = topicMetadata.filter(({ topic }) => names.includes(topic))
  return new Map(asked.map((topic) => [topic.topic, topic]))
}

function isThere(topic: TopicMetadata | undefined): boolean {
  return topic !== undefined && topic.topicErrorCode === 0
}

async function partitionsOf(name: string, access: Access): Promise<number | undefined> {
  const seen = (await seenTopics([name], access)).get(name)
  return isThere(seen) ? seen?.partitionMetadata.length : undefined
}

/** Somebody else may have made it a moment ago. */
async function untilKnown(name: string, access: Access): Promise<void> {
  await untilCaughtUp({
    ask: async () => (await seenTopics([name], access)).get(name),
    isBehind: (seen) => seen?.topicErrorCode === TOPIC_UNKNOWN,
    deadline: access.deadline,
  })
}

/** Until then, brokers answer that they know no such topic or partition. */
async function untilLed(name: string, partitions: number, access: Access): Promise<void> {
  for (;;) {
    const seen = (await seenTopics([name], access)).get(name)
    // A user may have the right to create and none to look.
    if (seen?.topicErrorCode === NOT_AUTHORIZED) return
    const led = seen?.partitionMetadata.filter(({ leader }) => leader >= 0) ?? []
    if (seen?.topicErrorCode === 0 && led.length >= partitions) return
    await pause(LEADER_POLL_MS, access.deadline)
  }
}

/** Throws a Failure about more partitions than a request may add. */
function checkAdded(name: string, present: number, to: number): void {
  if (to - present <= MOST_ADDED) return
  throw new Failure({
    reason: 'input-invalid',
    message: `Topic ${name} has ${present} partitions and is to have ${to}: Kafka adds ${MOST_ADDED} at a time.`,
    hint: 'Ask for fewer, or add them in several runs.',
  })
}

function stillThere(name: string): Failure {
  return new Failure({
    reason: 'kafka-refused',
    message: `Kafka took the request to delete topic ${name} and still shows it.`,
    hint: 'Run the job again; if it stays, look whether something makes the topic anew.',
    retriable: true,
  })
}
