import { setTimeout as sleep } from 'node:timers/promises'
import type { Deadline as RunDeadline } from '../core/deadline.ts'
import { Failure } from '../core/failure.ts'

/** The run's one deadline, and its cancellation. */
export type Deadline = Pick<RunDeadline, 'remainingMs' | 'signal'>

/** The same deadline, with one more signal that ends what waits for it. */
export function endedBy(signal: AbortSignal, deadline: Deadline): Deadline {
  return {
    remainingMs: () => deadline.remainingMs(),
    signal: AbortSignal.any([deadline.signal, signal]),
  }
}

/** A limit for one wait, within the deadline. */
export interface Limit {
  ms: number
  /** What to reject with when the limit is reached before the deadline. */
  failure: () => Failure
}

const LONGEST_TIMER = 2 ** 31 - 1

/**
 * The result of the work, or a Failure as soon as the deadline, the limit or the cancellation comes
 * first. The work itself is not stopped: whoever began it ends it.
 */
export async function bounded<T>(work: Promise<T>, deadline: Deadline, limit?: Limit): Promise<T> {
  const { signal } = deadline
  const remaining = Math.max(0, deadline.remainingMs())
  const limited = limit !== undefined && limit.ms < remaining
  let timer: NodeJS.Timeout | undefined
  let onAbort = (): void => undefined
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancellation(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    timer = setTimeout(
      () => reject(limited ? limit.failure() : deadlineFailure()),
      Math.min(limited ? limit.ms : remaining, LONGEST_TIMER),
    )
  })
  try {
    return await Promise.race([stopped, work])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** Waits, or rejects with a Failure at the deadline or cancellation. */
export async function pause(ms: number, deadline: Deadline): Promise<void> {
  const remaining = deadline.remainingMs()
  try {
    await sleep(Math.max(0, Math.min(ms, remaining)), undefined, { signal: deadline.signal })
  } catch {
    throw cancellation(deadline.signal)
  }
  if (remaining <= ms) throw deadlineFailure()
}

function deadlineFailure(): Failure {
  return new Failure({
    reason: 'deadline',
    message: 'Time ran out while waiting for Kafka.',
  })
}

function cancellation(signal: AbortSignal): Failure {
  if (signal.reason instanceof Failure) return signal.reason
  return new Failure({
    reason: 'cancelled',
    message: 'The run was cancelled while waiting for Kafka.',
    cause: signal.reason,
  })
}
