import { type Attribute, type Here, madeAnew } from './together-row.ts'

/** Rows of sinks. */

/** A sink by somebody else. */
const sink = (of: { from?: string; options?: string; how?: string; more?: string }) => {
  const {
    from = 'totals',
    options = '',
    how = 'KEY (k)',
    more = 'FORMAT JSON ENVELOPE UPSERT',
  } = of
  return (here: Here) =>
    madeAnew(
      'SINK',
      (name) => `FROM ${from} INTO KAFKA CONNECTION kc (TOPIC '${name}'${options}) ${how} ${more}`,
    )(here)
}

/** An option of the sink’s Kafka: absent, or its default; by hand; in the spec. */
function option(of: {
  attribute: string
  first?: string
  byHand: [clause: string, value: string]
  inSpec: [given: unknown, value: string]
}): Attribute {
  const { attribute, first = 'none', byHand, inSpec } = of
  return {
    attribute,
    value: first,
    byHand: {
      value: byHand[1],
      do: sink({ options: `, ${byHand[0]}` }),
      foreign: true,
      mend: 'replace',
    },
    inSpec: { value: inSpec[1], keys: () => ({ [attribute]: inSpec[0] }), way: 'replace' },
  }
}

const foreign = { foreign: true, mend: 'replace' } as const
const words = { from: 'words', key: ['w'], 'key-not-enforced': true }

export const sinks: Attribute[] = [
  option({
    attribute: 'compression',
    first: 'lz4',
    byHand: ["COMPRESSION TYPE = 'gzip'", 'gzip'],
    inSpec: ['zstd', 'zstd'],
  }),
  option({
    attribute: 'metadata-refresh-interval',
    first: '30s',
    byHand: ["TOPIC METADATA REFRESH INTERVAL '10s'", '10s'],
    inSpec: ['20s', '20s'],
  }),
  option({
    attribute: 'partition-by',
    byHand: ['PARTITION BY n', '"n"'],
    inSpec: ['seahash(k::text)', 'seahash ( k :: text )'],
  }),
  option({
    attribute: 'transactional-id-prefix',
    byHand: ["TRANSACTIONAL ID PREFIX 'their-'", 'their-'],
    inSpec: ['our-', 'our-'],
  }),
  option({
    attribute: 'progress-group-id-prefix',
    byHand: ["PROGRESS GROUP ID PREFIX 'their-'", 'their-'],
    inSpec: ['our-', 'our-'],
  }),
  option({
    attribute: 'topic-partitions',
    first: '-1',
    byHand: ['TOPIC PARTITION COUNT 1', '1'],
    inSpec: [1, '1'],
  }),
  option({
    attribute: 'topic-replication-factor',
    first: '-1',
    byHand: ['TOPIC REPLICATION FACTOR 1', '1'],
    inSpec: [1, '1'],
  }),
  option({
    attribute: 'topic-config',
    byHand: ["TOPIC CONFIG MAP['cleanup.policy' => 'compact']", 'cleanup.policy=compact'],
    inSpec: [{ 'retention.ms': 86_400_000 }, 'retention.ms=86400000'],
  }),
  {
    attribute: 'snapshot',
    value: 'true',
    byHand: {
      ...foreign,
      value: 'false',
      do: sink({ more: 'FORMAT JSON ENVELOPE UPSERT WITH (SNAPSHOT = false)' }),
    },
    inSpec: { value: 'false', keys: () => ({ snapshot: false }), way: 'replace' },
  },
  {
    attribute: 'key-not-enforced',
    value: 'false',
    byHand: { ...foreign, value: 'true', do: sink({ how: 'KEY (k) NOT ENFORCED' }) },
    inSpec: { value: 'true', keys: () => ({ 'key-not-enforced': true }), way: 'replace' },
  },
  {
    attribute: 'headers',
    first: () => ({ from: 'tagged', 'key-not-enforced': true }),
    value: 'none',
    byHand: {
      ...foreign,
      value: 'h',
      do: sink({ from: 'tagged', how: 'KEY (k) NOT ENFORCED HEADERS h' }),
    },
    inSpec: { value: 'h2', keys: () => ({ headers: 'h2' }), way: 'replace' },
  },
  {
    attribute: 'key-format',
    first: () => ({ 'key-format': 'json', 'value-format': 'json' }),
    value: 'json',
    byHand: {
      ...foreign,
      value: 'text',
      do: sink({ more: 'KEY FORMAT TEXT VALUE FORMAT JSON ENVELOPE UPSERT' }),
    },
    inSpec: { value: 'text', keys: () => ({ 'key-format': 'text' }), way: 'replace' },
  },
  {
    attribute: 'value-format',
    first: () => ({ ...words, 'key-format': 'json', 'value-format': 'json' }),
    value: 'json',
    byHand: {
      ...foreign,
      value: 'text',
      do: sink({
        from: 'words',
        how: 'KEY (w) NOT ENFORCED',
        more: 'KEY FORMAT JSON VALUE FORMAT TEXT ENVELOPE UPSERT',
      }),
    },
    inSpec: { value: 'text', keys: () => ({ 'value-format': 'text' }), way: 'replace' },
  },
]
