import { openKafka } from './adapters/kafka.ts'
import { openMaterialize } from './adapters/materialize.ts'
import { type Deadline, startDeadline } from './core/deadline.ts'
import { unseen } from './core/model-connection.ts'
import type { MaterializeSettings } from './core/model.ts'
import type { Clock, Log } from './ports.ts'
import type { Edges } from './work.ts'

/** How long it may take to put back or remove what must not stay. GitHub kills after ten seconds in all. */
export const LATE_MS = 6_000

export interface Opening {
  materialize: MaterializeSettings
  /** Under which Materialize lists the sessions. */
  applicationName: string
  log: Log
  deadline: Deadline
  /** Marks what the run makes: `owner/name`. */
  repository: string
  /** Called when something begins to be put back that the run’s end must wait for. */
  onLate?: () => void
}

/** The adapters of a run. Nothing is connected to before it is used. */
export function openEdges(of: Opening): Edges {
  const { deadline, log, repository } = of
  return {
    materialize: openMaterialize({
      settings: of.materialize,
      applicationName: of.applicationName,
      log,
      deadline,
    }),
    kafka: ({ kafka }) =>
      kafka && unseen(kafka) === undefined
        ? openKafka({ settings: kafka, clientId: 'materialize-kafka-action', log, deadline })
        : undefined,
    ...{ clock, log, deadline, repository },
    late: () => {
      of.onLate?.()
      const { signal } = new AbortController()
      const late = startDeadline({ timeoutMs: LATE_MS, now: () => clock.now(), signal })
      return openEdges({ ...of, deadline: late })
    },
  }
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }),
}
