/**
 * What can go wrong, as one closed list. A reason is stable: workflows may compare it. Its hint says
 * what to do next and serves every failure that has no better one of its own.
 */
const hints = {
  'input-invalid': 'Correct the inputs named above; README lists what each one takes.',
  'secrets-missing':
    'Secrets are not handed to workflows of pull requests from forks: run this job on push, or skip it for forks.',
  'materialize-host-unknown': 'Check materialize-url or materialize-host for a typing error.',
  'materialize-unreachable':
    'Check host and port, that Materialize is up, and that a network policy lets this runner in.',
  'materialize-tls':
    'Check materialize-sslmode (verify-full, disable, no-verify) and, for a private certificate authority, materialize-ca.',
  'materialize-login':
    'Check materialize-user and materialize-password; Materialize answers an unknown user and a wrong password alike.',
  'materialize-privilege': 'Ask an owner or administrator for the privilege named above.',
  'materialize-lost': 'Materialize closed the session; run the job again, nothing is made twice.',
  'materialize-refused': 'The message above is Materialize’s own; the report has its code.',
  'database-unknown': 'Name a database that is there, or create it first.',
  'schema-unknown': 'Name a schema that is there, or create it first.',
  'cluster-unknown': 'Name a cluster that is there, or create it first.',
  'cluster-size-unknown': 'Give a size of those named above.',
  'cluster-without-replicas':
    'Give the cluster a replica: ALTER CLUSTER … SET (REPLICATION FACTOR 1).',
  'connection-unknown':
    'Name a connection that is there, or create it first: this action makes connections to Kafka and to schema registries only.',
  'relation-unknown': 'Name a source, table or materialized view that is there.',
  'relation-unfit':
    'A sink reads from a source, table or materialized view; make the view materialized.',
  'name-taken': 'Choose another name, or remove the object that has it.',
  'definition-differs':
    'Nothing was changed. Choose another name, correct the input, or drop the object yourself to have it made anew.',
  'not-ours':
    'Only what this action made for this repository is changed by it; adopt: true takes an object into its keeping.',
  'rotation-overtaken':
    'Nothing was changed by this run. Let rotations of one connection run one after the other (concurrency in the workflow).',
  'changes-found': 'Run mode provision to make it so, or change the spec to what is there.',
  'dependents-exist':
    'Drop or change them first, or leave the object as it is; nothing was changed.',
  'feature-off':
    'Ask Materialize’s support to switch it on, or do without; on a server of your own a superuser sets the flag by ALTER SYSTEM SET.',
  'limit-reached':
    'Drop an object that is no longer needed, or ask Materialize to raise the limit.',
  'kafka-host-unknown': 'Check kafka-brokers for a typing error.',
  'kafka-unreachable': 'Check host and port in kafka-brokers, firewalls and allow-lists.',
  'kafka-tls':
    'Check kafka-security-protocol and, for a private certificate authority, kafka-ca (PEM text).',
  'kafka-tls-mismatch':
    'The port speaks TLS where plain text was asked for, or the reverse: check kafka-security-protocol and the port.',
  'kafka-login': 'Check kafka-username, kafka-password and kafka-sasl-mechanism.',
  'kafka-mechanism': 'Choose another kafka-sasl-mechanism.',
  'kafka-authorization':
    'Grant the user the right named above (an ACL on the broker or its console).',
  'kafka-transactions':
    'Take a tier or version with transactions: Premium or Dedicated of Event Hubs, a newer WarpStream, Redpanda with transactions and idempotence switched on.',
  'kafka-refused': 'The message above is the broker’s own.',
  'registry-login':
    'Check username and password of the schema registry, and the certificate if it asks for one.',
  'registry-unreachable':
    'Check the URL of the schema registry and its ca; Materialize must reach it from where it runs.',
  'topic-unknown': 'Create the topic, correct its name, or set create-topic to true.',
  'topic-invalid': 'A topic name has 1 to 249 letters, digits, dots, underscores or hyphens.',
  'kafka-provider-gone':
    'Move the topics to another Kafka and make connection, sources and sinks anew; they cannot go on.',
  'librdkafka-old':
    'Bring Materialize to v0.164 or later, or use kafka-sasl-mechanism PLAIN until then.',
  'secret-not-taken-up':
    'Have the cluster start anew: ALTER CLUSTER … SET (REPLICATION FACTOR 0), then back to what it was.',
  'materialize-cannot-reach-kafka':
    'Let Materialize’s egress addresses (mz_catalog.mz_egress_ips) through to the brokers, and see that their advertised.listeners resolve from there.',
  'kafka-no-transactions':
    'Set transaction.state.log.replication.factor and transaction.state.log.min.isr to no more than there are brokers; sinks write in transactions.',
  'progress-topic-partitions':
    'Give the connection a PROGRESS TOPIC with one partition, or delete the one that has more and let the sink make it.',
  'replica-stalled':
    'Look which replica it is in the history of its status in mz_internal; the others still serve.',
  'connection-refused':
    'Materialize could not use the connection: compare its message with what this runner saw of Kafka.',
  'source-stalled': 'Materialize’s message above says what Kafka refused it.',
  'sink-stalled':
    'A sink needs to write its topic and the progress topic, its transactional id, read on its consumer group, and create where a topic is missing.',
  'topic-deleted':
    'Make the topic again, then drop the source and make it anew: a source does not outlive its topic.',
  'topic-recreated':
    'Drop the source and make it anew: its offsets belong to the topic that was there before.',
  'topic-replication':
    'Ask for no more copies than there are brokers (TOPIC REPLICATION FACTOR, or the broker’s default), or create the topic first.',
  'kafka-read-right': 'Grant the user of the connection Describe and Read on the source’s topic.',
  'kafka-write-right': 'Grant the user of the connection Describe and Write on the sink’s topic.',
  'kafka-group-right':
    'Grant the user of the connection Read on the consumer group (prefix materialize-).',
  'kafka-transaction-right':
    'Grant the user of the connection Write and Describe on the transactional id (prefix materialize-).',
  'kafka-progress-right':
    'Grant the user of the connection Read, Write and Create on the progress topic (prefix _materialize-progress-), and Read on the consumer group (prefix materialize-).',
  'kafka-create-right':
    'Grant the user of the connection Create on the sink’s topic, or create the topic first.',
  'source-stuck':
    'Look at the load of its cluster and at the errors in mz_internal.mz_source_status_history.',
  'sink-stuck':
    'Look at the load of its cluster and at the errors in mz_internal.mz_sink_status_history.',
  'upstream-broken': 'Mend what it reads from; it goes on by itself then.',
  'lag-too-large':
    'Give its cluster a larger size, wait until it has caught up, or raise max-lag-messages or max-lag-seconds.',
  'silent-too-long': 'Look whether records are being produced, or raise max-silence.',
  'nothing-to-check': 'Correct the names, or take the check out of the workflow.',
  'object-missing': 'Correct the name, or have it made by mode provision.',
  drifted: 'Run mode provision to make it so, or change the spec to what is there.',
  'not-seen': 'Grant the role what is named above, so that the check can see more.',
  'source-not-proven': 'Raise timeout, or look at the source’s status in Materialize.',
  'sink-not-proven': 'Raise timeout, or look at the sink’s status in Materialize.',
  'rows-missing': 'Raise timeout, lower min-rows, or look whether records are being produced.',
  'rows-undecodable':
    'A record does not fit the format: change format, or remove the record. Its text is not shown on purpose.',
  'expectation-failed':
    'Correct the query in the spec, or what it should return; raise within or timeout; or look whether the data came. The report has the first rows that differ.',
  'canary-unfit':
    'Use canary: isolated, which needs neither the source’s format nor its topic, or leave this one out. Nothing was written.',
  'canary-not-ingested':
    'Look at the source’s status and its cluster’s load; raise timeout, or max-latency if that ended the wait.',
  'canary-not-sunk':
    'Look at the sink’s status and its cluster’s load; raise timeout, or max-latency if that ended the wait.',
  'canary-differs':
    'Compare the definitions of source and sink with what was sent; the report lists what was written where.',
  'latency-too-large':
    'Look at the load of the clusters and of Kafka, or raise max-latency; timestamp-interval alone takes up to a second.',
  'github-permission':
    'Grant the permission named above under permissions in the workflow; a pull request from a fork never has it.',
  'github-refused': 'The message above is GitHub’s own.',
  'github-unavailable':
    'Nothing else was kept from happening; the next run tells GitHub what it finds then.',
  deadline: 'Raise timeout; the next run goes on from where this one ended.',
  cancelled: 'The run was cancelled; the next one goes on from where this one ended.',
  internal: 'This is a defect of the action: please report it with the text above.',
} as const

export type Reason = keyof typeof hints

export const REASONS = Object.keys(hints) as Reason[]

/** What to do about a reason, where a failure has nothing better. */
export function hintFor(reason: Reason): string {
  return hints[reason]
}

export interface FailureFacts {
  reason: Reason
  /** One sentence: what is wrong, with the names concerned. */
  message: string
  /** What to do next, where the reason’s own hint can be bettered. */
  hint?: string
  /** The inputs concerned, if any. */
  inputs?: string[]
  cause?: unknown
  /** Whether trying again may help, for instance while a new topic becomes known to every broker. */
  retriable?: boolean
}

/** The only error this action throws on purpose. */
export class Failure extends Error {
  readonly reason: Reason
  readonly hint: string
  readonly inputs: string[]
  readonly retriable: boolean

  constructor(facts: FailureFacts) {
    super(facts.message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.name = 'Failure'
    this.reason = facts.reason
    this.inputs = facts.inputs ?? []
    const hint = facts.hint ?? hints[facts.reason]
    const words = new Set(`${facts.message} ${hint}`.split(/[^a-z-]+/))
    const unnamed = this.inputs.filter((name) => !words.has(name))
    this.hint = unnamed.length === 0 ? hint : `${hint} See the input ${unnamed.join(', ')}.`
    this.retriable = facts.retriable ?? false
  }
}

/** Whatever was thrown, as a Failure: what is not ours is a defect and keeps its own text. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure({ reason: 'internal', message: `Unexpected: ${message}`, cause: thrown })
}

/** Of these nothing is made up for by going on: the run is over. */
const ENDINGS: ReadonlySet<Reason> = new Set(['cancelled', 'deadline', 'internal'])

/** What one part threw, for a caller that can go on without it; what ends the run is thrown on. */
export function survived(thrown: unknown): Failure {
  const failure = toFailure(thrown)
  if (ENDINGS.has(failure.reason)) throw failure
  return failure
}

/** A failure as text, the only place where it becomes that. */
export function describeFailure(failure: Pick<Failure, 'reason' | 'message' | 'hint'>): string {
  return `${failure.message} (${failure.reason}) ${failure.hint}`
}
