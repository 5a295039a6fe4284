import type { AclStep } from './core/acl-steps.ts'
import type { Deadline } from './core/deadline.ts'
import { Failure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import type { Plan } from './core/plan.ts'
import type { Report } from './core/report.ts'
import type { TopicStep } from './core/topics.ts'
import type { Granting } from './grants.ts'
import type {
  Clock,
  Kafka,
  KafkaAcls,
  KafkaUpkeep,
  KafkaView,
  Log,
  Materialize,
  MaterializeSession,
  PullRequests,
} from './ports.ts'

/** All that a connection’s Kafka can be asked. */
export type WholeKafka = Kafka & KafkaUpkeep & KafkaAcls

/** The servers, each call of which ends by a deadline. */
export interface Servers {
  materialize: Materialize
  /** A connection’s Kafka; undefined where the runner is not to look at it. */
  kafka(connection: ConnectionSpec): WholeKafka | undefined
  /** The same by the login of an administrator, if the inputs give one. */
  kafkaAdmin?(connection: ConnectionSpec): WholeKafka | undefined
}

/** Everything outside that a run talks to. */
export interface Edges extends Servers {
  /** The same servers by another deadline. */
  within(deadline: Deadline): Servers
  /** Absent without a token for it. */
  pullRequests?: PullRequests
  /** Called once before the first thing is made; a throw keeps it from being made. */
  beforeMaking?(): void
  /** Has the process wait for something that must be done even if the run is cut. */
  hold(work: Promise<unknown>): void
  clock: Clock
  log: Log
  deadline: Deadline
  /** Marks what this run makes: `owner/name`. */
  repository: string
}

export interface Sight {
  view: KafkaView
  kafka: WholeKafka
  /** Who makes, changes and deletes topics: the administrator, if there is one. */
  keeper: WholeKafka
}

/** What the runner saw of the Kafka of each connection that it could look at. */
export interface Sights {
  of(connection: QualifiedName): Sight | undefined
}

/** What a run works on, whatever its mode. */
export interface Work {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  observed: Observed
  sights: Sights
  granting: Granting
  /** A further session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
  /** What is to be done; with refusals, nothing is. */
  plan(observed: Observed): Planned
}

export interface Planned extends Plan {
  topics: TopicStep[]
  /** Rules to add in Kafka. */
  acls: AclStep[]
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
