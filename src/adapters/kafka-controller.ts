import type { Metadata } from './kafka-cluster.ts'
import { untilCaughtUp, type Access } from './kafka-lag.ts'
import type { Question } from './kafka-wire.ts'

/** What became of one topic in a request that changes topics. */
export interface ChangeAnswer {
  errorCode: number
  /** The broker's own words. */
  errorMessage?: string | null
}

const UNKNOWN = -1
const NOT_CONTROLLER = 41

/** How long brokers may take over a change of topics before they answer that it goes on. */
export const CHANGE_MS = 15_000

/**
 * Asks the one broker that may change topics, and its successor if it has just handed over. The
 * request is told how long it may take. Resolves with the answer about a topic, by its name.
 */
export async function askController(
  topics: string[],
  question: Question,
  { cluster, deadline }: Access,
): Promise<(topic: string) => ChangeAnswer> {
  const answers = await untilCaughtUp({
    ask: async () => {
      const metadata = await cluster.metadata(topics)
      const timeout = Math.min(CHANGE_MS, deadline.remainingMs())
      return byTopic(
        await cluster.askNode(metadata, controllerOf(metadata), {
          ...question,
          args: { ...question.args, timeout },
        }),
      )
    },
    isBehind: (seen) => [...seen.values()].some(({ errorCode }) => errorCode === NOT_CONTROLLER),
    deadline,
  })
  return (topic) => answers.get(topic) ?? { errorCode: UNKNOWN }
}

/** Any broker serves where the cluster names no controller: it passes changes on. */
export function controllerOf({ controllerId, brokers }: Metadata): number {
  return controllerId >= 0 ? controllerId : (brokers[0]?.nodeId ?? controllerId)
}

/** Answers about topics come under one name, about settings under another. */
function byTopic(given: unknown): Map<string, ChangeAnswer> {
  const { topicErrors = [], resources = [] } = given as {
    topicErrors?: (ChangeAnswer & { topic: string })[]
    resources?: (ChangeAnswer & { resourceName: string })[]
  }
  const answers: [topic: string, answer: ChangeAnswer][] = [
    ...topicErrors.map((answer) => [answer.topic, answer] as [string, ChangeAnswer]),
    ...resources.map((answer) => [answer.resourceName, answer] as [string, ChangeAnswer]),
  ]
  return new Map(answers)
}
