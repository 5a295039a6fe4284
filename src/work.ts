import type { Deadline } from './core/deadline.ts'
import { Failure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import type { Plan } from './core/plan.ts'
import type { Report } from './core/report.ts'
import type { TopicStep } from './core/topics.ts'
import type {
  Clock,
  Kafka,
  KafkaUpkeep,
  KafkaView,
  Log,
  Materialize,
  MaterializeSession,
} from './ports.ts'

/** Everything outside that a run talks to. */
export interface Edges {
  materialize: Materialize
  /** A connection’s Kafka; undefined where the runner is not to look at it. */
  kafka(connection: ConnectionSpec): (Kafka & KafkaUpkeep) | undefined
  /** The same servers by another deadline. */
  within(deadline: Deadline): Pick<Edges, 'materialize' | 'kafka'>
  /** Has the process wait for something that must be done even if the run is cut. */
  hold(work: Promise<unknown>): void
  clock: Clock
  log: Log
  deadline: Deadline
  /** Marks what this run makes: `owner/name`. */
  repository: string
}

/** What the runner saw of the Kafka of each connection that it could look at. */
export interface Sights {
  of(connection: QualifiedName): { view: KafkaView; kafka: Kafka & KafkaUpkeep } | undefined
}

/** What a run works on, whatever its mode. */
export interface Work {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  observed: Observed
  sights: Sights
  /** A further session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
  /** What is to be done; with refusals, nothing is. */
  plan(observed: Observed): Planned
}

export interface Planned extends Plan {
  topics: TopicStep[]
}

/** Several refusals as one failure: the user mends them together. */
export function combine(refusals: Failure[]): Failure {
  const [first, ...others] = refusals
  if (!first || others.length === 0) {
    return first ?? new Failure({ reason: 'internal', message: '' })
  }
  return new Failure({
    reason: first.reason,
    message: refusals.map((refusal) => refusal.message).join(' '),
    hint: [...new Set(refusals.map((refusal) => refusal.hint))].join(' '),
    inputs: [...new Set(refusals.flatMap((refusal) => refusal.inputs))],
  })
}
