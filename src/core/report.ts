import type { AclOperation, AclPattern, AclResource } from './acl.ts'
import type { Holding } from './acl-judge.ts'
import type { Failure, Reason } from './failure.ts'
import type { Flow, FlowEnd } from './flows.ts'
import type { Difference } from './difference.ts'
import type { EnvironmentNames } from './environment.ts'
import type { QualifiedName } from './model-object.ts'
import type { KafkaCheck, Mode, TopicMessage } from './model.ts'
import type { Action, Step } from './plan.ts'
import { redactDeep } from './redact.ts'
import type { RotationReport } from './rotation.ts'
import type { Row } from './rows.ts'
import {
  type CanaryReport,
  type CopiedReport,
  type ProducedReport,
  redactCanaries,
  redactCopied,
  redactProduced,
} from './report-sent.ts'
import type { ObjectKind } from './sql.ts'
import type { VerdictWord } from './verdicts.ts'

export type Status = 'healthy' | 'degraded' | 'failed' | 'skipped'

/** Something this run made in Materialize or Kafka. */
export interface Change {
  object: string
  kind: ObjectKind | 'topic' | 'consumer-group' | 'acl'
  action: 'create' | 'alter' | 'replace' | 'drop' | 'adopt'
}

/** Something that a run would do, and why. */
export interface PlannedChange {
  object: string
  kind: ObjectKind | 'topic' | 'acl'
  action: Action
  differences: Difference[]
  /** What Materialize said to it, with plan-check. */
  check?: { result: 'accepted' | 'refused' | 'not checked'; because?: string }
}

export interface ObjectReport {
  /** Topics are Kafka’s, and have a name only. */
  kind: ObjectKind | 'topic'
  name: QualifiedName
  action: Action
  ours: boolean
  /** In what it was not as the spec says. */
  differences: Difference[]
  /** Materialize’s own word; empty for objects that have none. */
  status: string
  /** Whether this run saw it work, or with mode verify how it does; empty for secrets. */
  verdict: 'proven' | 'not proven' | VerdictWord | ''
  /** Why the verdict is what it is. */
  because: string
  /** With mode verify, where it is not well. */
  reason?: Reason
  hint?: string
  /** With mode verify. Offsets are decimal text, since they may pass 2^53. */
  lag?: { offsets?: string; ms?: number; isOld?: true }
  /** What this runner saw of its Kafka, and what Materialize says. */
  views?: { runner: string; materialize: string }
  /** What could not be seen of it, and the statements that would let the role see it. */
  unseen?: string[]
}

export interface ExpectationReport {
  name: string
  held: boolean
  /** Why it held or not, with no value of a row in it. */
  because: string
  /** How many times it was asked; 0: not at all. */
  asked: number
  /** Milliseconds until it was decided. */
  ms: number
  /** The first rows that are not expected; with a count, the first of all. */
  seen?: Row[]
  /** The first rows that are expected and did not come. */
  missing?: Row[]
}

/** A right in Kafka that Materialize’s user needs. */
export interface GrantReport {
  /** The connection whose user needs it. */
  connection: string
  resource: AclResource
  name: string
  /** prefixed: all names that begin so. */
  pattern: AclPattern
  operation: AclOperation
  state: Holding
  because?: string
  /** It goes without. */
  optional?: true
  /** Sources and sinks. */
  neededBy: string[]
  /** The line of Kafka’s own tool that adds it. */
  add?: string
}

/** Something that would be dropped. */
export function plannedChange(kind: PlannedChange['kind'], object: string): PlannedChange {
  return { object, kind, action: 'drop', differences: [] }
}

/** What a step leaves in the report; how the object does is seen later. */
export function stepReport(step: Step): ObjectReport {
  const { kind, name, action, ownership, differences } = step
  const ours = ownership !== 'foreign'
  return { kind, name, action, ours, differences, status: '', verdict: '', because: '' }
}

/** Everything a run did and saw, filled while it goes on, so that a part is there when it is cut. */
export interface Report {
  mode: Mode
  status: Status
  /** ISO 8601. */
  startedAt: string
  /** What an environment’s things are called, if the run is of one. */
  environment?: EnvironmentNames
  /** Milliseconds from start to the end of the run’s work. */
  durationMs: number
  failure?: { reason: Reason; message: string; hint: string; inputs: string[] }
  /** Of mode verify: the failure is not to make the run fail. */
  tolerated?: true
  changes: Change[]
  /** Whether anything was, or is, not as the spec says. */
  hasChanges: boolean
  /** What provisioning would do, of mode plan; what a sweep would remove, with dry-run. */
  plannedChanges: PlannedChange[]
  /** The statements that would be sent, or were planned, secrets not shown. */
  planSql: string[]
  materializeVersion?: string
  kafka: {
    check: KafkaCheck
    /** Whether the runner saw Kafka itself. */
    seen: boolean
    brokers: string[]
    topics: { name: string; exists: boolean; partitions: number }[]
  }
  objects: ObjectReport[]
  /** What flows where, for the picture: as the spec says, or of names alone as the catalog shows. */
  flows: Flow[]
  /** Of the first source and the first sink. */
  sourceTopic?: string
  sinkTopic?: string
  rows: {
    /** The relation they were read from. */
    relation?: QualifiedName
    sample: Row[]
    /** How many rows were seen, which may be more than the sample holds. */
    count: number
    /** Whether there are more than the sample holds. */
    more: boolean
  }
  /** Messages on the sink’s topic, oldest first. */
  sinkMessages: TopicMessage[]
  /** What the spec expects of queries, in its order. */
  expectations: ExpectationReport[]
  /** Of mode rotate, once the secrets have their new values. */
  rotation?: RotationReport
  /** Rights in Kafka, where the inputs ask for them. */
  grants: GrantReport[]
  /** What was written by the input produce. */
  produced: ProducedReport[]
  /** What was copied into topics of an environment’s own. */
  copied: CopiedReport[]
  canaries: CanaryReport[]
  /** What the user should know and what made nothing fail. */
  notes: string[]
  /** Statements sent, as they may be shown. */
  statements: string[]
}

export function startReport(startedAt: string, check: KafkaCheck): Report {
  return {
    mode: 'provision',
    hasChanges: false,
    plannedChanges: [],
    planSql: [],
    status: 'failed',
    startedAt,
    durationMs: 0,
    changes: [],
    kafka: { check, seen: false, brokers: [], topics: [] },
    objects: [],
    flows: [],
    rows: { sample: [], count: 0, more: false },
    sinkMessages: [],
    expectations: [],
    grants: [],
    produced: [],
    copied: [],
    canaries: [],
    notes: [],
    statements: [],
  }
}

/** Reasons that leave a pipeline in doubt rather than broken. */
const IN_DOUBT: ReadonlySet<Reason> = new Set([
  'source-not-proven',
  'sink-not-proven',
  'rows-missing',
  'deadline',
])

/** Ends the report with a failure: in doubt it is degraded, else failed. */
export function fail(report: Report, failure: Failure): void {
  delete report.tolerated
  report.status = IN_DOUBT.has(failure.reason) ? 'degraded' : 'failed'
  report.failure = {
    reason: failure.reason,
    message: failure.message,
    hint: failure.hint,
    inputs: failure.inputs,
  }
}

/**
 * The report with every free text redacted. Its words of our own, such as `healthy`, stay: a password
 * may be part of one, and would take the report apart.
 */
export function redactReport(report: Report, redact: (text: string) => string): Report {
  const name = (of: QualifiedName): QualifiedName => ({
    database: redact(of.database),
    schema: redact(of.schema),
    name: redact(of.name),
  })
  const differences = (of: Difference[]): Difference[] =>
    of.map((one) => ({ ...one, there: redact(one.there), asked: redact(one.asked) }))
  const end = (of: FlowEnd): FlowEnd => ({
    ...of,
    name: name(of.name),
    ...(of.connection === undefined ? {} : { connection: redact(of.connection) }),
  })
  const { failure, rows } = report
  return {
    ...report,
    ...(failure && {
      failure: { ...failure, message: redact(failure.message), hint: redact(failure.hint) },
    }),
    changes: report.changes.map((one) => ({ ...one, object: redact(one.object) })),
    plannedChanges: report.plannedChanges.map((one) => ({
      ...one,
      object: redact(one.object),
      differences: differences(one.differences),
      ...(one.check && { check: { ...one.check, ...checkWords(one.check.because, redact) } }),
    })),
    planSql: report.planSql.map(redact),
    kafka: {
      ...report.kafka,
      brokers: report.kafka.brokers.map(redact),
      topics: report.kafka.topics.map((one) => ({ ...one, name: redact(one.name) })),
    },
    objects: report.objects.map((one) => ({
      ...one,
      name: name(one.name),
      because: redact(one.because),
      ...(one.hint === undefined ? {} : { hint: redact(one.hint) }),
      differences: differences(one.differences),
    })),
    flows: report.flows.map((one) => ({ from: end(one.from), to: end(one.to) })),
    ...(report.sourceTopic === undefined ? {} : { sourceTopic: redact(report.sourceTopic) }),
    ...(report.sinkTopic === undefined ? {} : { sinkTopic: redact(report.sinkTopic) }),
    rows: {
      ...rows,
      ...(rows.relation && { relation: name(rows.relation) }),
      sample: redactDeep(rows.sample, redact) as Row[],
    },
    sinkMessages: report.sinkMessages.map((one) => ({
      ...one,
      headers: redactDeep(one.headers, redact) as TopicMessage['headers'],
      key: redactDeep(one.key, redact),
      value: redactDeep(one.value, redact),
    })),
    expectations: report.expectations.map((one) => ({
      ...one,
      name: redact(one.name),
      because: redact(one.because),
      ...(one.seen && { seen: redactDeep(one.seen, redact) as Row[] }),
      ...(one.missing && { missing: redactDeep(one.missing, redact) as Row[] }),
    })),
    ...(report.rotation && {
      rotation: {
        ...report.rotation,
        connections: report.rotation.connections.map(redact),
        restarts: report.rotation.restarts.map((one) => ({
          ...one,
          cluster: redact(one.cluster),
          objects: one.objects.map(redact),
        })),
      },
    }),
    grants: report.grants.map((one) => ({
      ...one,
      connection: redact(one.connection),
      name: redact(one.name),
      neededBy: one.neededBy.map(redact),
      ...(one.add !== undefined && { add: redact(one.add) }),
    })),
    produced: redactProduced(report.produced, redact),
    copied: redactCopied(report.copied, redact),
    canaries: redactCanaries(report.canaries, redact),
    notes: report.notes.map(redact),
    statements: report.statements.map(redact),
  }
}

function checkWords(because: string | undefined, redact: (text: string) => string) {
  return because === undefined ? {} : { because: redact(because) }
}

/** The status of the first object of a kind, or of all, joined, where there are several. */
export function statusOf(report: Report, kind: 'source' | 'sink'): string {
  const statuses = report.objects.filter((object) => object.kind === kind).map((o) => o.status)
  return [...new Set(statuses)].join(',')
}
