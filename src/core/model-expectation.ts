import type { Surroundings } from './names.ts'

/** A value as text, of whatever type its column will be. Null is SQL’s. */
export type Cell = string | null

/** A row with all its columns, in their order or by their names. */
export type ExpectedRow = Cell[] | ReadonlyMap<string, Cell>

export type Expected =
  | { is: 'rows'; rows: ExpectedRow[]; ordered: boolean }
  /** Both ends count; without `to`, any number from there on. */
  | { is: 'count'; from: number; to?: number }

/** A query, and what it should return once the pipeline has done its work. */
export interface ExpectationSpec {
  name: string
  /** Where names without a schema are looked up first. */
  within: Surroundings
  sql: string
  /** The cluster that answers; absent: the role’s own. */
  cluster?: string
  expected: Expected
  /** Milliseconds in which it must come to hold; absent: as long as the run may wait. */
  withinMs?: number
}
