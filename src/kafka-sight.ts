import { Failure, survived } from './core/failure.ts'
import type { KafkaSettings } from './core/model-connection.ts'
import type { PartitionOffset } from './core/model.ts'
import type { Clock, Kafka, KafkaRights, KafkaView, TopicView } from './ports.ts'

/** A Kafka as the runner sees it: what it last showed, or why it cannot be seen. */
export interface KafkaSide {
  kafka: Kafka
  /** With which the runner looks. */
  settings: KafkaSettings
  /** What to look at. */
  topics: string[]
  view?: KafkaView
  failure?: Failure
  /** What its user may do, where that was asked. */
  rights?: KafkaRights
}

/** A broker that accepts connections and keeps silent costs no more than this. */
const LOOK_WITHIN_MS = 6_000

/** What no other look would better: the same is not waited for again. */
const LASTING: ReadonlySet<string> = new Set([
  'kafka-login',
  'kafka-mechanism',
  'kafka-tls',
  'kafka-tls-mismatch',
  'kafka-unreachable',
  'kafka-host-unknown',
])

/** Looks at the topics once more, unless that would only cost time. */
export async function lookAtTopics(side: KafkaSide, clock: Clock): Promise<void> {
  if (side.failure && LASTING.has(side.failure.reason)) return
  try {
    side.view = await within(side.kafka.look(side.topics), clock)
    delete side.failure
  } catch (thrown) {
    const failure = survived(thrown)
    side.failure = failure
    delete side.view
  }
}

/** Rejects with kafka-unreachable where a broker takes longer than anybody would wait for a look. */
export async function within<T>(work: Promise<T>, clock: Clock): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(LOOK_WITHIN_MS, done.signal).then(() => {
    throw new Failure({
      reason: 'kafka-unreachable',
      message: `Kafka did not answer this runner within ${String(LOOK_WITHIN_MS / 1000)} s.`,
    })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    work.catch(() => undefined)
    late.catch(() => undefined)
    done.abort(new Error('not waited for any more'))
  }
}

export function topicIn(
  side: KafkaSide | undefined,
  name: string | undefined,
): TopicView | undefined {
  return side?.view?.topics.find((one) => one.name === name)
}

/** A partition that retention has emptied has nothing to deliver, and no progress to show. */
export function watermarksIn(topic: TopicView): PartitionOffset[] | undefined {
  return topic.watermarks?.map(({ partition, offset }) => {
    const low = topic.lows?.find((one) => one.partition === partition)?.offset ?? 0n
    return { partition, offset: low >= offset ? 0n : offset }
  })
}
