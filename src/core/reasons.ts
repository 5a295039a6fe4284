import { hintFor, type Reason, REASONS } from './failure.ts'

/** What each reason means, in a sentence. A reason without one does not compile. */
const MEANINGS: Record<Reason, string> = {
  'input-invalid': 'The inputs or the spec ask for something that cannot be.',
  'secrets-missing': 'The secrets that the run needs were not handed to it.',
  'materialize-host-unknown': 'The name of Materialize’s host has no address.',
  'materialize-unreachable': 'Materialize does not answer at its host and port.',
  'materialize-tls': 'TLS with Materialize failed, or it speaks none.',
  'materialize-login': 'Materialize refused the user or the password.',
  'materialize-privilege': 'The role lacks a privilege in Materialize.',
  'materialize-lost': 'A session with Materialize ended by itself.',
  'materialize-refused':
    'Materialize refused a statement for a reason that has no word of its own.',
  'database-unknown': 'There is no database of that name in Materialize.',
  'schema-unknown': 'There is no schema of that name in Materialize.',
  'cluster-unknown': 'There is no cluster of that name in Materialize.',
  'cluster-size-unknown': 'Materialize has no clusters of that size.',
  'connection-unknown': 'There is no connection of that name in Materialize.',
  'feature-off': 'Materialize can do that, and its flag is off.',
  'kafka-transactions': 'The Kafka has no transactions, which sinks need.',
  'registry-login': 'The schema registry refused the login.',
  'registry-unreachable': 'Materialize does not reach the schema registry.',
  'expectation-failed': 'A query of the spec did not return what is expected.',
  'cluster-without-replicas': 'Nothing runs in the cluster, since it has no replica.',
  'relation-unknown': 'There is no relation of that name in Materialize.',
  'relation-unfit': 'A relation of that kind cannot be written to Kafka.',
  'name-taken': 'The name belongs to another object.',
  'definition-differs': 'An object of that name is there, and is another one than asked for.',
  'not-ours': 'An object was not made by this action for this repository.',
  'rotation-overtaken': 'Another change of the same credential began before this one was done.',
  'changes-found': 'Something is not as the spec says, and the run was to fail then.',
  'dependents-exist': 'Others depend on what would have to go.',
  'limit-reached': 'Materialize allows no more objects of that kind.',
  'kafka-host-unknown': 'The name of a Kafka host has no address.',
  'kafka-unreachable': 'Kafka does not answer at its host and port.',
  'kafka-tls': 'TLS with Kafka failed: the certificate is not trusted, or not for that host.',
  'kafka-tls-mismatch': 'One side speaks TLS and the other does not.',
  'kafka-login': 'Kafka refused the user or the password.',
  'kafka-mechanism': 'Kafka does not offer the SASL mechanism.',
  'kafka-authorization': 'The Kafka user lacks a right.',
  'kafka-refused': 'Kafka refused a request for a reason that has no word of its own.',
  'topic-unknown': 'The topic is not there.',
  'topic-invalid': 'Kafka allows no topic of that name.',
  'kafka-provider-gone': 'The provider of that Kafka has closed its service.',
  'librdkafka-old':
    'Materialize before v0.164 cannot log in to Kafka 4 by SCRAM, whatever the password is.',
  'secret-not-taken-up':
    'What runs still uses a secret’s former value, while the connection works with the new one.',
  'materialize-cannot-reach-kafka': 'This runner reaches Kafka, and Materialize does not.',
  'kafka-no-transactions': 'The Kafka cluster cannot serve transactions, which sinks need.',
  'progress-topic-partitions':
    'The topic in which sinks keep their progress has several partitions.',
  'replica-stalled': 'One replica stalls while another one works.',
  'connection-refused': 'Materialize could not use the connection, and does not say more.',
  'source-stalled': 'Materialize says that the source is stalled, in words without a reason here.',
  'sink-stalled': 'Materialize says that the sink is stalled, in words without a reason here.',
  'topic-deleted': 'The topic was deleted after the source was made.',
  'topic-recreated': 'The topic is another one than the source was made from.',
  'topic-replication': 'The topic cannot be made: it asks for more copies than there are brokers.',
  'kafka-read-right': 'The Kafka user may not read the source’s topic.',
  'kafka-write-right': 'The Kafka user may not write, or see, the sink’s topic.',
  'kafka-group-right': 'The Kafka user may not use the source’s consumer group.',
  'kafka-transaction-right': 'The Kafka user may not use the sink’s transactional id.',
  'kafka-progress-right': 'The Kafka user may not use the topic or group of the sinks’ progress.',
  'kafka-create-right': 'The Kafka user may not create the sink’s topic.',
  'source-stuck': 'The source says that it runs, and stands still.',
  'sink-stuck': 'The sink says that it runs, and stands still.',
  'upstream-broken': 'What the sink is made from stands still.',
  'lag-too-large': 'It is further behind than max-lag-messages or max-lag-seconds allow.',
  'silent-too-long': 'The newest record is older than max-silence allows.',
  'nothing-to-check': 'There is no Kafka source or sink where the inputs point.',
  'object-missing': 'There is no object of that kind and name.',
  drifted: 'It works, and is not as the spec says.',
  'not-seen': 'Too little could be seen to say how it is.',
  'source-not-proven': 'Time ran out before the source was shown to work.',
  'sink-not-proven': 'Time ran out before the sink was shown to work.',
  'rows-missing': 'There are fewer rows than min-rows asks for.',
  'rows-undecodable': 'A record does not fit the source’s format.',
  'canary-unfit':
    'No canary can be sent this way: format, envelope, rights or view do not allow it.',
  'canary-not-ingested': 'A canary’s record did not come out of its source.',
  'canary-not-sunk': 'A canary’s record came out of its source and did not reach the sink’s topic.',
  'canary-differs': 'A canary’s record came through with other content.',
  'latency-too-large': 'A canary took longer than max-latency.',
  'github-permission':
    'GitHub does not let the token write the issue or comment; the run’s own result stands.',
  'github-refused': 'GitHub refused the issue or comment; the run’s own result stands.',
  'github-unavailable':
    'GitHub did not answer in time, or asked for fewer requests; the run’s own result stands.',
  deadline: 'Time ran out.',
  cancelled: 'The run was cancelled.',
  internal: 'The action failed in a way that it does not know.',
}

/** A reason as the documentation lists it. */
export interface ReasonText {
  reason: Reason
  /** What it means, as a sentence. */
  meaning: string
  /** What to do. */
  hint: string
  /** Where the documentation speaks of it, from the root of the repository. */
  anchor: string
}

function reasonText(reason: Reason): ReasonText {
  return {
    reason,
    meaning: MEANINGS[reason],
    hint: hintFor(reason),
    anchor: `docs/reasons.md#${reason}`,
  }
}

/** All of them, in the order of failure.ts. */
export const REASON_TEXTS: ReasonText[] = REASONS.map(reasonText)
