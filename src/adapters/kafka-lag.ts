import type { Cluster } from './kafka-cluster.ts'
import { pause, type Deadline } from './kafka-waiting.ts'

/** What every question about more than one broker takes. */
export interface Access {
  cluster: Cluster
  deadline: Deadline
}

/** How long brokers may go on answering from before a change; theirs is a matter of milliseconds. */
const LAG_MS = 5_000
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 500

/**
 * Asks again, at growing distances, while the answer shows the time before a change. Resolves with
 * the last answer, which is still behind if that took longer than `ms`, by default LAG_MS; rejects
 * with a Failure at the deadline.
 */
export async function untilCaughtUp<T>(of: {
  ask: () => Promise<T>
  isBehind: (answer: T) => boolean
  deadline: Deadline
  ms?: number
}): Promise<T> {
  const end = performance.now() + (of.ms ?? LAG_MS)
  for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    const answer = await of.ask()
    if (!of.isBehind(answer) || performance.now() + ms > end) return answer
    await pause(ms, of.deadline)
  }
}
