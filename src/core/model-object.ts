/** What every object has: its name, and what it may be given beside its definition. */

/** An object's name in Materialize, each part literal and with its case. */
export interface QualifiedName {
  database: string
  schema: string
  name: string
}

export const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'usage', 'create'] as const
export type Privilege = (typeof PRIVILEGES)[number]

export interface Grant {
  /** A role. */
  to: string
  privileges: Privilege[]
}

/** What every object may be given beside its definition; absent: it is left as it is. */
export interface Keeping {
  /** The user’s own comment, beside which the action’s mark is kept. */
  comment?: string
  /** A role. */
  owner?: string
  grants?: Grant[]
}
