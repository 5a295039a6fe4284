import type { Difference } from './difference.ts'
import type { FailureFacts } from './failure.ts'
import type { Keeping } from './model-object.ts'
import type { ClusterSpec, SchemaSpec } from './model.ts'
import type { Observed, ObservedCluster, ObservedObject, ObservedSchema } from './observed.ts'
import type { Statement, Target } from './sql.ts'

/** Something of the spec, as the planner needs it: the same for every kind. */
export interface Wanted extends Target {
  keeping: Keeping
  create: Statement[]
  /** Sent whenever the object is kept or changed: it changes nothing. */
  check: Statement[]
  /** Sent in each run for an object of ours, since its present value cannot be read. */
  write: Statement[]
  /** The cluster that runs it; null: the session’s; undefined: it needs none. */
  cluster?: string | null
  /** Of a cluster: its size. */
  size?: string
  /** Clusters of the same spec. */
  clusters: ClusterSpec[]
  /** Schemas of the same spec. */
  schemas: SchemaSpec[]
  /** A connection for its secret: if it is there and has another one, this one need not be. */
  partOf?: Wanted
  /** Why it cannot be made, where what is needed for that was not given. */
  missing?: FailureFacts
  /** What a connection must connect to, as mz_connections says it; any, if undefined. */
  connectionType?: string
  /** What Materialize does not keep of it, for its mark. */
  made?: Record<string, string>
  /** Digest of a view’s query, for its mark. */
  query?: string
  /** Input that names it, for refusals of the flat inputs. */
  input: string
  differences(found: Found, observed: Observed): Difference[]
  alter(differences: Difference[], found: Found): Statement[]
}

export type FoundSchema = Required<Omit<ObservedSchema, 'marker'>> & Pick<ObservedSchema, 'marker'>

export type Found = ObservedObject | ObservedCluster | FoundSchema

/** Of a kind that needs none of these. */
export const nothing = {
  check: [],
  write: [],
  clusters: [],
  schemas: [],
  differences: () => [],
  alter: () => [],
}
