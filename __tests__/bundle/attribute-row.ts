import type { Services } from '../../test-support/pipeline/services.ts'
import { secureKafka, type SpecFile } from '../../test-support/pipeline/spec-runs.ts'

/**
 * One attribute of the spec: what it is at first, how somebody changes it by hand, and how the spec
 * does. attributes.test.ts says what is done with it.
 */
export interface Row {
  kind: Kind
  attribute: string
  /** The key that stands for it in the spec, where it is another one. */
  key?: string
  /** What the kind’s own spec lacks for this row. */
  prepare?: Change
  /** The attribute’s value at first, as a plan says it. */
  value: Value
  byHand?: {
    value: Value
    do: (here: Here) => Promise<unknown>
    /** Dropped and made by somebody else, or their comment in place of our mark. */
    foreign?: true
    /** What puts it right. refused: nothing does. */
    mend: Way
  }
  inSpec?: {
    value: Value
    change: Change
    way: Way
    /** What cannot but change with it, as `kind attribute`. */
    also?: string[]
  }
}

/** A row without its kind. */
export type Attribute = Omit<Row, 'kind'>

export type Kind = 'connection' | 'cluster' | 'topic' | 'source' | 'view' | 'sink'
export type Way = 'alter' | 'replace' | 'refused'
export type Value = string | RegExp | ((here: Here) => string)
export type Change = (spec: SpecFile, here: Here) => void

/** A row’s own schema, by whose name its topics and clusters are told from others’. */
export interface Here {
  schema: string
  services: Services
  /** An object of the schema as plans write it. */
  named(name: string): string
  /** Statements of the owner of everything, in the schema. */
  sql(...statements: string[]): Promise<Record<string, unknown>[]>
}

/** The object of each kind that the rows are about, and the kind’s words for it. */
export const SUBJECTS = {
  connection: {
    section: 'connections',
    name: () => 'kc',
    word: 'CONNECTION',
    granted: 'CONNECTION',
  },
  cluster: {
    section: 'clusters',
    name: (here: Here) => here.schema,
    word: 'CLUSTER',
    granted: 'CLUSTER',
  },
  topic: { section: 'topics', name: (here: Here) => `${here.schema}-in`, word: '', granted: '' },
  source: { section: 'sources', name: () => 's', word: 'SOURCE', granted: 'TABLE' },
  view: { section: 'views', name: () => 'v', word: 'MATERIALIZED VIEW', granted: 'TABLE' },
  sink: { section: 'sinks', name: () => 'k', word: 'SINK', granted: '' },
} as const

export const GROUPED = 'SELECT text, count(*) AS n FROM s GROUP BY text'

/** The smallest spec that has an object of the kind. */
export function specOf(kind: Kind, here: Here): SpecFile {
  const { schema, services } = here
  const defaults = { schema }
  const connections = { kc: { kafka: secureKafka(services) } }
  const topic = (name: string, more = {}) => ({
    [`${schema}-${name}`]: { connection: 'kc', ...more },
  })
  const topics = { ...topic('in'), ...topic('in2') }
  const sources = { s: { connection: 'kc', topic: `${schema}-in`, format: 'text' } }
  switch (kind) {
    case 'connection':
      return { connections, defaults }
    case 'cluster':
      return { clusters: { [schema]: { size: '25cc' } }, defaults }
    case 'topic':
      return { connections, topics: topic('in', { partitions: 2 }), defaults }
    case 'source':
      return { connections, topics, sources, defaults }
    case 'view':
      return { connections, topics, sources, views: { v: { sql: GROUPED } }, defaults }
    case 'sink': {
      const views = { v: { sql: GROUPED }, v2: { sql: GROUPED } }
      const sinks = { k: { from: 'v', connection: 'kc', topic: `${schema}-out` } }
      return { connections, topics, sources, views, sinks, defaults }
    }
  }
}

/** Sets keys of the object that the rows of a kind are about. */
export function set(kind: Kind, keys: (here: Here) => Record<string, unknown>): Change {
  return (spec, here) => {
    const { section, name } = SUBJECTS[kind]
    Object.assign(spec[section]?.[name(here)] ?? {}, keys(here))
  }
}

/** Sets keys of the connection’s `kafka`; undefined takes one out. */
export function setKafka(keys: (here: Here) => Record<string, unknown>): Change {
  return (spec, here) => {
    Object.assign(spec.connections?.['kc']?.['kafka'] ?? {}, keys(here))
  }
}

/** Sets keys of the defaults. */
export function setDefaults(keys: (here: Here) => Record<string, unknown>): Change {
  return (spec, here) => {
    Object.assign(spec.defaults ?? {}, keys(here))
  }
}

/** A cluster of the row’s own, beside the one that is always there. */
export const ownCluster: Change = (spec, here) => {
  spec.clusters = { [here.schema]: { size: '25cc' } }
}

/** One change after another. */
export function both(first: Change, second: Change): Change {
  return (spec, here) => {
    first(spec, here)
    second(spec, here)
  }
}
