import { survived } from './core/failure.ts'
import { canCheck, unfitIn } from './core/unfit.ts'
import { topicIn } from './kafka-sight.ts'
import type { Subject } from './sightings.ts'

/** How many of the newest records are looked at; the tail keeps no more than some megabytes of them. */
const NEWEST = 1_000

/** Where this runner sees Kafka, which of the newest records do not fit a source’s format. */
export async function countUndecodable({ evidence, object, kafka }: Subject): Promise<void> {
  const { source } = object
  const topic = topicIn(kafka, source?.topic)
  if (!source || !kafka || !topic?.watermarks || !topic.lows) return
  const taken = {
    ...(source.keyFormat !== undefined && { keyFormat: source.keyFormat.toLowerCase() }),
    ...(source.valueFormat !== undefined && { valueFormat: source.valueFormat.toLowerCase() }),
    ...(source.envelope !== undefined && { envelope: source.envelope.toLowerCase() }),
  }
  if (!canCheck(taken)) return
  const { name, watermarks: upTo, lows } = topic
  try {
    const { messages } = await kafka.kafka.tail({ topic: name, upTo, lows, limit: NEWEST })
    evidence.undecodable = unfitIn(messages, taken)
  } catch (thrown) {
    const failure = survived(thrown)
    evidence.blind.push(`the topic’s records could not be read: ${failure.message}`)
  }
}

/** Whether any record lies between a source’s progress and Kafka’s watermarks; the first few tell. */
export async function lookForUnread({ evidence, object, kafka }: Subject): Promise<void> {
  const upTo = evidence.moments[0]?.ends
  const lows = evidence.moments.at(-1)?.progress
  const topic = object.source?.topic
  if (!kafka || !upTo || !lows || topic === undefined) return
  try {
    const { messages, complete } = await kafka.kafka.tail({ topic, upTo, lows, limit: 1 })
    if (complete || messages.length > 0) evidence.unread = messages.length > 0
  } catch (thrown) {
    const failure = survived(thrown)
    evidence.blind.push(`the topic’s records could not be read: ${failure.message}`)
  }
}
