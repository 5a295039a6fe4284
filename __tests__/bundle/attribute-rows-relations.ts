import { secureKafka } from '../../test-support/pipeline/spec-runs.ts'
import {
  type Attribute,
  both,
  type Change,
  GROUPED,
  type Here,
  ownCluster,
  set,
} from './attribute-row.ts'

/** Rows of sources, views and sinks. */

const second: Change = (spec, here) => {
  Object.assign(spec.connections ?? {}, { kc2: { kafka: secureKafka(here.services) } })
}

/** The source dropped and made by somebody else, who says otherwise after its name. */
const sourceByHand = (definition: (here: Here) => string) => (here: Here) =>
  here.sql('DROP SOURCE s', `CREATE SOURCE s ${definition(here)}`)
const fromTopic = ({ schema }: Here): string => `FROM KAFKA CONNECTION kc (TOPIC '${schema}-in')`

const foreign = { foreign: true, mend: 'replace' } as const

/** Where an object runs and by which connection. */
function placed(
  kind: 'source' | 'sink',
  byHand: (here: Here, other: { connection?: string; cluster?: string }) => Promise<unknown>,
): Attribute[] {
  return [
    {
      attribute: 'connection',
      prepare: second,
      value: (here) => here.named('kc'),
      byHand: {
        ...foreign,
        value: (here) => here.named('kc2'),
        do: (here) => byHand(here, { connection: 'kc2' }),
      },
      inSpec: {
        value: (here) => here.named('kc2'),
        change: set(kind, () => ({ connection: 'kc2' })),
        way: 'replace',
      },
    },
    {
      attribute: 'cluster',
      prepare: both(
        ownCluster,
        set(kind, () => ({ cluster: 'quickstart' })),
      ),
      value: 'quickstart',
      byHand: {
        ...foreign,
        value: (here) => here.schema,
        do: (here) => byHand(here, { cluster: here.schema }),
      },
      inSpec: {
        value: (here) => here.schema,
        change: set(kind, (here) => ({ cluster: here.schema })),
        way: 'replace',
      },
    },
  ]
}

export const sources: Attribute[] = [
  {
    attribute: 'topic',
    value: ({ schema }) => `${schema}-in`,
    byHand: {
      ...foreign,
      value: ({ schema }) => `${schema}-in2`,
      do: sourceByHand(
        ({ schema }) => `FROM KAFKA CONNECTION kc (TOPIC '${schema}-in2') FORMAT TEXT`,
      ),
    },
    inSpec: {
      value: ({ schema }) => `${schema}-in2`,
      change: set('source', ({ schema }) => ({ topic: `${schema}-in2` })),
      way: 'replace',
    },
  },
  {
    attribute: 'format',
    value: 'text',
    byHand: {
      ...foreign,
      value: 'bytes',
      do: sourceByHand((here) => `${fromTopic(here)} FORMAT BYTES`),
    },
    inSpec: { value: 'json', change: set('source', () => ({ format: 'json' })), way: 'replace' },
  },
  ...placed('source', (here, { connection = 'kc', cluster = 'quickstart' }) =>
    here.sql(
      'DROP SOURCE s',
      `CREATE SOURCE s IN CLUSTER ${cluster} FROM KAFKA CONNECTION ${connection} (TOPIC '${here.schema}-in') FORMAT TEXT`,
    ),
  ),
  {
    attribute: 'include',
    value: 'none',
    byHand: {
      ...foreign,
      value: 'partition',
      do: sourceByHand((here) => `${fromTopic(here)} FORMAT TEXT INCLUDE PARTITION`),
    },
  },
]

export const views: Attribute[] = [
  {
    attribute: 'sql',
    value: /count/,
    byHand: {
      ...foreign,
      value: /lower/,
      do: (here) =>
        here.sql(
          'DROP MATERIALIZED VIEW v',
          'CREATE MATERIALIZED VIEW v AS SELECT lower(text) AS text FROM s',
        ),
    },
    inSpec: {
      value: 'SELECT text FROM s',
      change: set('view', () => ({ sql: 'SELECT text FROM s' })),
      way: 'replace',
    },
  },
  {
    attribute: 'cluster',
    prepare: both(
      ownCluster,
      set('view', () => ({ cluster: 'quickstart' })),
    ),
    value: 'quickstart',
    byHand: {
      ...foreign,
      value: (here) => here.schema,
      do: (here) =>
        here.sql(
          'DROP MATERIALIZED VIEW v',
          `CREATE MATERIALIZED VIEW v IN CLUSTER ${here.schema} AS ${GROUPED}`,
        ),
    },
    inSpec: {
      value: (here) => here.schema,
      change: set('view', (here) => ({ cluster: here.schema })),
      way: 'replace',
    },
  },
]

/** The sink dropped and made by somebody else. */
const sinkByHand = (
  here: Here,
  of: { connection?: string; cluster?: string; topic?: string; how?: string },
) =>
  here.sql(
    'DROP SINK k',
    `CREATE SINK k IN CLUSTER ${of.cluster ?? 'quickstart'} FROM v INTO KAFKA CONNECTION ${of.connection ?? 'kc'} (TOPIC '${here.schema}-${of.topic ?? 'out'}') ${of.how ?? 'FORMAT JSON ENVELOPE DEBEZIUM'}`,
  )

const byKey = { envelope: 'upsert', key: ['text'] }

export const sinks: Attribute[] = [
  {
    attribute: 'from',
    value: (here) => here.named('v'),
    byHand: {
      value: (here) => here.named('v2'),
      do: (here) => here.sql('ALTER SINK k SET FROM v2'),
      mend: 'alter',
    },
    inSpec: {
      value: (here) => here.named('v2'),
      change: set('sink', () => ({ from: 'v2' })),
      way: 'alter',
    },
  },
  {
    attribute: 'topic',
    value: ({ schema }) => `${schema}-out`,
    byHand: {
      ...foreign,
      value: ({ schema }) => `${schema}-out2`,
      do: (here) => sinkByHand(here, { topic: 'out2' }),
    },
    inSpec: {
      value: ({ schema }) => `${schema}-out2`,
      change: set('sink', ({ schema }) => ({ topic: `${schema}-out2` })),
      way: 'replace',
    },
  },
  ...placed('sink', sinkByHand),
  {
    attribute: 'format',
    prepare: (spec, here) => {
      // Only a relation of one column can be written as text.
      spec.views = { v: { sql: 'SELECT text FROM s' } }
      set('sink', () => ({ format: 'json' }))(spec, here)
    },
    value: 'json',
    byHand: {
      ...foreign,
      value: 'text',
      do: (here) => sinkByHand(here, { how: 'FORMAT TEXT ENVELOPE DEBEZIUM' }),
    },
  },
  {
    attribute: 'envelope',
    prepare: set('sink', () => ({ key: ['text'] })),
    value: 'debezium',
    byHand: {
      ...foreign,
      value: 'upsert',
      do: (here) => sinkByHand(here, { how: 'KEY (text) FORMAT JSON ENVELOPE UPSERT' }),
    },
    inSpec: {
      value: 'upsert',
      change: set('sink', () => byKey),
      way: 'replace',
    },
  },
  {
    attribute: 'key',
    prepare: set('sink', () => byKey),
    value: 'text',
    byHand: {
      ...foreign,
      value: 'text, n',
      do: (here) => sinkByHand(here, { how: 'KEY (text, n) FORMAT JSON ENVELOPE UPSERT' }),
    },
    inSpec: {
      value: 'text, n',
      change: set('sink', () => ({ key: ['text', 'n'] })),
      way: 'replace',
    },
  },
]
