import { type Attribute, by, type Here, madeAnew, named, TOPIC } from './together-row.ts'

/** Rows of sources, and of tables made from them. */

const foreign = { foreign: true, mend: 'replace' } as const

/** A source by somebody else: columns, options beside the topic, and what follows. */
const source = (of: { columns?: string; options?: string; how?: string }) =>
  madeAnew(
    'SOURCE',
    () =>
      `${of.columns ?? ''} FROM KAFKA CONNECTION kc (TOPIC '${TOPIC}'${of.options ?? ''}) ${of.how ?? 'FORMAT TEXT'}`,
  )

const keyed = { 'key-format': 'text', 'value-format': 'text' }
/** In place of the format that all of them have. */
const readKeys = (more: object) => () => ({ format: undefined, ...keyed, ...more })

export const sources: Attribute[] = [
  {
    attribute: 'columns',
    value: 'none',
    byHand: { ...foreign, value: '"a"', do: source({ columns: '(a)' }) },
    inSpec: { value: '"B c"', keys: () => ({ columns: ['B c'] }), way: 'replace' },
  },
  {
    attribute: 'envelope',
    first: readKeys({}),
    value: 'none',
    byHand: {
      ...foreign,
      value: 'upsert',
      do: source({ how: 'KEY FORMAT TEXT VALUE FORMAT TEXT ENVELOPE UPSERT' }),
    },
    inSpec: { value: 'upsert', keys: readKeys({ envelope: 'upsert' }), way: 'replace' },
  },
  {
    attribute: 'key-format',
    first: readKeys({}),
    value: 'text',
    byHand: {
      ...foreign,
      value: 'bytes',
      do: source({ how: 'KEY FORMAT BYTES VALUE FORMAT TEXT' }),
    },
    inSpec: { value: 'bytes', keys: readKeys({ 'key-format': 'bytes' }), way: 'replace' },
  },
  {
    attribute: 'value-format',
    first: readKeys({}),
    value: 'text',
    byHand: {
      ...foreign,
      value: 'bytes',
      do: source({ how: 'KEY FORMAT TEXT VALUE FORMAT BYTES' }),
    },
    inSpec: {
      value: 'csv',
      keys: readKeys({ 'value-format': { csv: { columns: 1 } } }),
      way: 'replace',
    },
  },
  {
    attribute: 'start-offsets',
    value: 'none',
    byHand: { ...foreign, value: '1', do: source({ options: ', START OFFSET (1)' }) },
    inSpec: { value: '2', keys: () => ({ 'start-offsets': [2] }), way: 'replace' },
  },
  {
    // Materialize keeps the offsets alone that it came to: only the mark of our own tells.
    attribute: 'start-timestamp',
    value: 'none',
    inSpec: { value: '-3600000', keys: () => ({ 'start-timestamp': '-1h' }), way: 'replace' },
  },
  {
    attribute: 'group-id-prefix',
    value: 'none',
    byHand: { ...foreign, value: 'their-', do: source({ options: ", GROUP ID PREFIX 'their-'" }) },
    inSpec: { value: 'our-', keys: () => ({ 'group-id-prefix': 'our-' }), way: 'replace' },
  },
  {
    attribute: 'metadata-refresh-interval',
    value: '30s',
    byHand: {
      ...foreign,
      value: '10s',
      do: source({ options: ", TOPIC METADATA REFRESH INTERVAL '10s'" }),
    },
    inSpec: { value: '20s', keys: () => ({ 'metadata-refresh-interval': '20s' }), way: 'replace' },
  },
  {
    attribute: 'progress',
    first: ({ name }) => ({ progress: `${name}_at` }),
    value: ({ name }) => named(`${name}_at`),
    byHand: {
      ...foreign,
      value: ({ name }) => named(`${name}_far`),
      do: (here: Here) => source({ how: `FORMAT TEXT EXPOSE PROGRESS AS ${here.name}_far` })(here),
    },
    inSpec: {
      value: ({ name }) => named(`${name}_goes`),
      keys: ({ name }) => ({ progress: `${name}_goes` }),
      way: 'replace',
    },
  },
  {
    attribute: 'retain-history',
    value: 'none',
    byHand: {
      value: '7200s',
      do: by((name) => `ALTER SOURCE ${name} SET (RETAIN HISTORY = FOR '2h')`),
      mend: 'alter',
    },
    inSpec: { value: '3600s', keys: () => ({ 'retain-history': '1h' }), way: 'alter' },
  },
  {
    attribute: 'timestamp-interval',
    value: '1s',
    byHand: {
      value: '2s',
      do: by((name) => `ALTER SOURCE ${name} SET (TIMESTAMP INTERVAL '2s')`),
      mend: 'alter',
    },
    inSpec: { value: '1500ms', keys: () => ({ 'timestamp-interval': '1500ms' }), way: 'alter' },
  },
]

/** A table by somebody else. */
const table = (how: string, { of = 'base', columns = '' } = {}) =>
  madeAnew('TABLE', () => `${columns} FROM SOURCE ${of} (REFERENCE "${TOPIC}") ${how}`)

export const tables: Attribute[] = [
  {
    attribute: 'source',
    value: named('base'),
    byHand: { ...foreign, value: named('base2'), do: table('FORMAT TEXT', { of: 'base2' }) },
    inSpec: { value: named('base2'), keys: () => ({ source: 'base2' }), way: 'replace' },
  },
  {
    attribute: 'format',
    value: 'text',
    byHand: { ...foreign, value: 'bytes', do: table('FORMAT BYTES') },
    inSpec: { value: 'json', keys: () => ({ format: 'json' }), way: 'replace' },
  },
  {
    attribute: 'key-format',
    first: readKeys({}),
    value: 'text',
    byHand: { ...foreign, value: 'bytes', do: table('KEY FORMAT BYTES VALUE FORMAT TEXT') },
    inSpec: { value: 'bytes', keys: readKeys({ 'key-format': 'bytes' }), way: 'replace' },
  },
  {
    attribute: 'value-format',
    first: readKeys({}),
    value: 'text',
    byHand: { ...foreign, value: 'bytes', do: table('KEY FORMAT TEXT VALUE FORMAT BYTES') },
    inSpec: { value: 'json', keys: readKeys({ 'value-format': 'json' }), way: 'replace' },
  },
  {
    attribute: 'include',
    value: 'none',
    byHand: { ...foreign, value: 'partition', do: table('FORMAT TEXT INCLUDE PARTITION') },
    inSpec: {
      value: 'offset, timestamp as at',
      keys: () => ({ include: ['offset', { timestamp: { as: 'at' } }] }),
      way: 'replace',
    },
  },
  {
    attribute: 'envelope',
    first: readKeys({}),
    value: 'none',
    byHand: {
      ...foreign,
      value: 'upsert',
      do: table('KEY FORMAT TEXT VALUE FORMAT TEXT ENVELOPE UPSERT'),
    },
    inSpec: { value: 'upsert', keys: readKeys({ envelope: 'upsert' }), way: 'replace' },
  },
  {
    attribute: 'columns',
    value: 'none',
    byHand: { ...foreign, value: /^"?a"?$/, do: table('FORMAT TEXT', { columns: '(a)' }) },
    inSpec: { value: '"B c"', keys: () => ({ columns: ['B c'] }), way: 'replace' },
  },
  {
    attribute: 'retain-history',
    value: 'none',
    byHand: {
      ...foreign,
      value: '7200s',
      do: table("FORMAT TEXT WITH (RETAIN HISTORY = FOR '2h')"),
    },
    inSpec: { value: '3600s', keys: () => ({ 'retain-history': '1h' }), way: 'replace' },
  },
  {
    attribute: 'comment',
    first: () => ({ comment: 'As the spec says' }),
    value: 'As the spec says',
    byHand: {
      value: 'As Ada says',
      do: by((name) => `COMMENT ON TABLE ${name} IS 'As Ada says'`),
      foreign: true,
      mend: 'alter',
    },
    inSpec: { value: 'Otherwise', keys: () => ({ comment: 'Otherwise' }), way: 'alter' },
  },
  {
    attribute: 'owner',
    first: () => ({ owner: 'etl' }),
    value: 'etl',
    byHand: {
      value: 'materialize',
      do: by((name) => `ALTER TABLE ${name} OWNER TO materialize`),
      mend: 'alter',
    },
    inSpec: { value: 'ops', keys: () => ({ owner: 'ops' }), way: 'alter' },
  },
  {
    attribute: 'grants',
    first: () => ({ grants: [{ to: 'etl', privileges: ['select'] }] }),
    value: 'select to etl',
    byHand: {
      value: 'none',
      do: by((name) => `REVOKE SELECT ON TABLE ${name} FROM etl`),
      mend: 'alter',
    },
    inSpec: {
      value: 'select to etl, select to ops',
      keys: () => ({ grants: ['etl', 'ops'].map((to) => ({ to, privileges: ['select'] })) }),
      way: 'alter',
    },
  },
]
