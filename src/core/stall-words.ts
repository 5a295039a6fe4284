import type { Reason } from './failure.ts'

/** What Materialize says of a stalled source or sink, and what is behind it. First match counts. */
const WORDS: [RegExp, Reason | Record<'source' | 'sink', Reason>][] = [
  [/topic was deleted/i, 'topic-deleted'],
  [/topic was recreated/i, 'topic-recreated'],
  [/group ?authorization/i, 'kafka-group-right'],
  [/transactional ?id authorization/i, 'kafka-transaction-right'],
  [/progress topic.*authorization/i, 'kafka-progress-right'],
  [/creating topic.*authorization/i, 'kafka-create-right'],
  [/topic ?authorization/i, { source: 'kafka-read-right', sink: 'kafka-write-right' }],
  [/invalid ?replication ?factor/i, 'topic-replication'],
  [/sasl authentication|invalid username or password/i, 'kafka-login'],
  [/unsupported sasl mechanism/i, 'kafka-mechanism'],
  [/certificate|ssl handshake/i, 'kafka-tls'],
  [/resolve/i, 'kafka-host-unknown'],
  [/transport ?failure|timed ?out|all brokers down/i, 'kafka-unreachable'],
]

/** The reason behind Materialize’s words; without a better one, that it is stalled. */
export function stallReason(kind: 'source' | 'sink', words: string | undefined): Reason {
  for (const [pattern, reason] of WORDS) {
    if (pattern.test(words ?? '')) return typeof reason === 'string' ? reason : reason[kind]
  }
  return kind === 'source' ? 'source-stalled' : 'sink-stalled'
}
