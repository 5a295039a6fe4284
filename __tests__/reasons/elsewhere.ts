import type { Reason } from '../../src/core/failure.ts'

/** By file and title, the test in which a run, or an adapter before a real broker, ends with a reason. */
export const ELSEWHERE: Partial<Record<Reason, [file: string, title: string]>> = {
  'input-invalid': ['bundle/faults.test.ts', 'two bad inputs are both said'],
  'secrets-missing': [
    'bundle/deployments.test.ts',
    'without secrets: skipped, with one notice and exit code 0',
  ],
  'materialize-host-unknown': ['bundle/faults.test.ts', 'Materialize’s host unknown'],
  'materialize-unreachable': ['bundle/faults.test.ts', 'Materialize refuses the port'],
  'materialize-tls': ['bundle/deployments.test.ts', 'Cloud: wrong certificate authority'],
  'materialize-login': ['bundle/deployments.test.ts', 'Cloud: wrong app password'],
  'database-unknown': ['bundle/faults.test.ts', 'unknown database'],
  'schema-unknown': ['bundle/faults.test.ts', 'unknown schema'],
  'cluster-unknown': ['bundle/faults.test.ts', 'unknown cluster'],
  'cluster-size-unknown': [
    'bundle/mistakes-connections.test.ts',
    "CREATE CLUSTER pr_13 (SIZE '3xsmall')",
  ],
  'cluster-without-replicas': ['verify/broken-topics.test.ts', 'a cluster without replicas'],
  'connection-unknown': [
    'bundle/connections.test.ts',
    'a tunnel that is not there is refused, and nothing is sent',
  ],
  'relation-unknown': ['bundle/faults.test.ts', 'unknown sink-from'],
  'not-ours': ['bundle/rotate.test.ts', 'a connection of somebody else'],
  'rotation-overtaken': [
    'bundle/rotate-others.test.ts',
    'another rotation claims the connection meanwhile',
  ],
  'canary-unfit': ['canary.test.ts', 'a start beyond the end'],
  'canary-not-ingested': [
    'canary-legs.test.ts',
    'inline, through a source whose Kafka no longer lets it read',
  ],
  'canary-not-sunk': ['canary-legs.test.ts', 'inline, to a sink that is stalled'],
  'canary-differs': ['canary-run.test.ts', 'another key in the row'],
  'latency-too-large': ['canary-legs.test.ts', 'max-latency: all are sent, and the run fails'],
  'name-taken': [
    'bundle/source-options.test.ts',
    'a name that is taken by something else is no name for progress',
  ],
  'definition-differs': [
    'bundle/spec.test.ts',
    'a foreign source that is another one is refused and named, and adopted only by replacing it',
  ],
  'dependents-exist': [
    'bundle/spec.test.ts',
    'what others made from ours stops the teardown, and goes when that is allowed',
  ],
  'feature-off': [
    'bundle/source-options.test.ts',
    'are refused in one sentence where the server makes none',
  ],
  'expectation-failed': [
    'bundle/expect.test.ts',
    'what does not hold fails the run, with what differs',
  ],
  'kafka-host-unknown': ['bundle/faults.test.ts', 'unknown host, kafka-check always'],
  'kafka-unreachable': ['kafka-adapter-faults.test.ts', 'refused port'],
  'kafka-tls': ['kafka-adapter-faults.test.ts', 'no certificate authority'],
  'kafka-tls-mismatch': ['bundle/faults.test.ts', 'TLS against a plaintext port'],
  'kafka-login': ['bundle/faults.test.ts', 'wrong password'],
  'kafka-mechanism': ['verify/broken-sources.test.ts', 'a mechanism that librdkafka has not'],
  'kafka-authorization': ['kafka-topics.test.ts', 'no right'],
  'kafka-refused': ['kafka-topics.test.ts', 'a value of another type'],
  'registry-login': ['bundle/registries.test.ts', 'a wrong password'],
  'registry-unreachable': ['bundle/registries.test.ts', 'a port where nobody listens'],
  'topic-unknown': ['bundle/faults.test.ts', 'missing topic'],
  'topic-invalid': [
    'kafka-adapter.test.ts',
    'a name that cannot be a topic’s is that topic’s failure',
  ],
  'kafka-provider-gone': ['verify/broken-sources.test.ts', 'a discontinued provider'],
  'librdkafka-old': ['verify/broken-sources.test.ts', 'an old librdkafka and a new broker'],
  'secret-not-taken-up': [
    'verify/broken-sources.test.ts',
    'a secret that was rotated and not taken up',
  ],
  'materialize-cannot-reach-kafka': [
    'verify/broken-sources.test.ts',
    'an address that only the runner reaches',
  ],
  'kafka-no-transactions': [
    'verify/broken-sinks.test.ts',
    'a cluster that cannot serve transactions',
  ],
  'progress-topic-partitions': [
    'verify/broken-sinks.test.ts',
    'a progress topic with three partitions',
  ],
  'replica-stalled': ['verify/broken-topics.test.ts', 'one of two replicas stalls'],
  'topic-deleted': ['verify/broken-topics.test.ts', "'the topic was deleted'"],
  'topic-recreated': ['verify/broken-topics.test.ts', 'the topic was made anew while nothing ran'],
  'topic-replication': ['verify/broken-sinks.test.ts', 'more replicas than brokers'],
  'kafka-read-right': ['verify/broken-topics.test.ts', 'the topic may be described and not read'],
  'kafka-write-right': [
    'verify/broken-sinks.test.ts',
    'no right to write to a topic that is there',
  ],
  'kafka-transaction-right': ['verify/broken-sinks.test.ts', 'no right to the transactional id'],
  'kafka-progress-right': ['verify/broken-sinks.test.ts', 'no right to the progress topic'],
  'kafka-create-right': ['verify/broken-sinks.test.ts', 'no right to see a topic that is there'],
  'source-stuck': [
    'verify/broken-topics.test.ts',
    'it says running and stands still, with records waiting',
  ],
  'sink-stuck': ['verify/broken-sinks.test.ts', "'it says running and stands still'"],
  'upstream-broken': ['verify/broken-sinks.test.ts', 'made from a source that is paused'],
  'lag-too-large': ['verify/broken-topics.test.ts', 'too far behind, and going on'],
  'silent-too-long': ['verify/broken-topics.test.ts', 'no new record for longer than allowed'],
  'nothing-to-check': ['verify/broken-sinks.test.ts', 'a connection that nothing uses'],
  'object-missing': ['bundle/verify.test.ts', 'missing, and which'],
  drifted: [
    'bundle/verify.test.ts',
    'not as the inputs say: drifted, which only fail-on: drift takes badly',
  ],
  'not-seen': ['verify/broken-topics.test.ts', 'too little time to tell'],
  'rows-missing': [
    'bundle/endings.test.ts',
    'an empty topic and min-rows: ends at the deadline, degraded, with what was seen',
  ],
  'rows-undecodable': [
    'bundle/rows.test.ts',
    'records that do not decode: the failure does not print them',
  ],
  'github-permission': ['github-api.test.ts', 'a token that GitHub does not know'],
  'github-refused': [
    'github-api.test.ts',
    'a body that is too long, issues switched off, a lock: refused, in GitHub’s words',
  ],
  'github-unavailable': ['github-api.test.ts', 'an answer that never comes: over at the deadline'],
  deadline: ['materialize-cancel.test.ts', 'a statement that is cut off is cancelled'],
  cancelled: ['bundle/endings.test.ts', 'Waiting for 1 row'],
}

/** What no test can bring about by itself, and why. */
export const NOT_DRIVEN: Partial<Record<Reason, string>> = {
  internal: 'a defect of the action, of which none is known',
}
