import type { InputName } from '../../src/core/input-table.ts'

/** A map of the spec file, or a part of one. Undefined takes a key out. */
export interface Part {
  [key: string]: unknown
}

/** One option of the spec, as docs/options.md has it. What it does is worked out, not written here. */
export interface Example {
  /** What its object has anyhow, beside what the smallest spec gives it. */
  base?: Part
  /** What its object has once the option is used. */
  set: Part
  /** The words of SQL that say it; absent: it is told to Kafka, not to Materialize. */
  sql?: string
  /** The input that says it for one pipeline. */
  input?: InputName
  /** A file under __tests__ that tries it. The rows of attributes.test.ts are found by themselves. */
  test: string
}

/** By key: `sources.format.csv.columns`; `sources.format: text` for a word. */
export type Examples = Readonly<Record<string, Example>>

const COMMON = {
  comment: { set: { comment: 'Words for people' }, sql: 'COMMENT ON' },
  owner: { set: { owner: 'etl' }, sql: 'OWNER TO' },
}

/** Comment and owner of a section’s objects and, where there is a privilege to give, grants. */
export function kept(section: string, test: string, privilege?: string): Examples {
  const grants = {
    set: { grants: [{ to: 'analysts', privileges: [privilege] }] },
    sql: `GRANT ${(privilege ?? '').toUpperCase()} ON`,
  }
  const all = { ...COMMON, ...(privilege !== undefined && { grants }) }
  return Object.fromEntries(
    Object.entries(all).map(([key, one]) => [`${section}.${key}`, { ...one, test }]),
  )
}
