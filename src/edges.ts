import { openKafka } from './adapters/kafka.ts'
import { openMaterialize } from './adapters/materialize.ts'
import type { Deadline } from './core/deadline.ts'
import { type ConnectionSpec, unseen } from './core/model-connection.ts'
import type { KafkaAdmin } from './core/model-grants.ts'
import type { MaterializeSettings } from './core/model.ts'
import { asAdmin, blamingAdmin } from './kafka-admin.ts'
import type { Clock, Log, PullRequests } from './ports.ts'
import { telling, tellingSession, Waits } from './waits.ts'
import type { Edges, Servers, WholeKafka } from './work.ts'

export interface Opening {
  materialize: MaterializeSettings
  /** Under which Materialize lists the sessions. */
  applicationName: string
  /** The login of Kafka’s administrator. */
  admin?: KafkaAdmin | undefined
  log: Log
  deadline: Deadline
  /** Marks what the run makes: `owner/name`. */
  repository: string
  /** Called with what the end of the process is to wait for. */
  hold: (work: Promise<unknown>) => void
  /** Called once before the first thing is made. */
  beforeMaking?: (() => void) | undefined
  pullRequests?: PullRequests | undefined
  clock?: Clock
}

/** The adapters of a run. Nothing is connected to before it is used. */
export function openEdges(of: Opening): Edges {
  const { deadline, log, repository, hold, beforeMaking, pullRequests, clock = ownClock } = of
  const within = (limit: Deadline): Servers => serversOf(of, limit)
  return {
    ...{ ...within(deadline), within, hold, clock, log, deadline, repository },
    ...(beforeMaking && { beforeMaking }),
    ...(pullRequests && { pullRequests }),
  }
}

function serversOf(of: Opening, deadline: Deadline) {
  const { materialize: settings, applicationName, admin, log } = of
  const waits = new Waits({ log, deadline })
  const kafka = (connection: ConnectionSpec | undefined): WholeKafka | undefined => {
    if (!connection?.kafka || unseen(connection.kafka) !== undefined) return undefined
    const clientId = 'materialize-kafka-action'
    const whole = openKafka({ settings: connection.kafka, clientId, log, deadline })
    const its = `the Kafka of connection ${connection.name.name}`
    return telling(
      whole,
      {
        look: () => `${its} to answer`,
        createTopic: ({ name }) => `${its} to create topic ${name}`,
        tail: ({ topic }) => `the newest messages of topic ${topic}`,
        produce: (topic) => `topic ${topic} to take records`,
      },
      waits,
    )
  }
  const materialize = openMaterialize({ settings, applicationName, log, deadline })
  return {
    materialize: {
      open: async (purpose: string) =>
        tellingSession(
          await waits.during('Materialize to open a session', materialize.open(purpose)),
          waits,
        ),
    },
    kafka,
    kafkaAdmin: (connection: ConnectionSpec) => {
      const opened = admin && kafka(asAdmin(connection, admin))
      return opened && blamingAdmin(opened)
    },
  }
}

/** The machine’s own. */
export const ownClock: Clock = {
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
