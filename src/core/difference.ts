import type { Keeping } from './model-object.ts'
import type { ObservedKeeping } from './observed.ts'
import { grant, ownerTo, type Statement, type Target } from './sql.ts'

/** In what a thing is not as the spec says. */
export interface Difference {
  /** The spec’s key. */
  attribute: string
  there: string
  asked: string
  /**
   * alter: can be changed as it stands. replace: only by dropping the object and making it anew.
   * impossible: not at all, or not by us.
   */
  means: 'alter' | 'replace' | 'impossible'
}

/** None where both are the same. */
export function differs(
  attribute: string,
  values: { there: string | undefined; asked: string | undefined },
  means: Difference['means'],
): Difference[] {
  const there = values.there ?? 'none'
  const asked = values.asked ?? 'none'
  return there === asked ? [] : [{ attribute, there, asked, means }]
}

/** In comment, owner and grants, as far as the spec says any. What it does not say is left alone. */
export function keepingDifferences(asked: Keeping, there: ObservedKeeping): Difference[] {
  const differences: Difference[] = []
  if (asked.comment !== undefined) {
    differences.push(...differs('comment', { there: there.comment, asked: asked.comment }, 'alter'))
  }
  if (asked.owner !== undefined) {
    differences.push(...differs('owner', { there: there.owner, asked: asked.owner }, 'alter'))
  }
  const missing = missingGrants(asked, there)
  if (missing.length > 0) {
    const words = (grants: { to: string; privileges: string[] }[]): string =>
      grants.map(({ to, privileges }) => `${privileges.join('+')} to ${to}`).join(', ')
    const had = there.grants.filter(({ to }) => asked.grants?.some((one) => one.to === to))
    differences.push({
      attribute: 'grants',
      there: words(had) || 'none',
      asked: words(asked.grants ?? []),
      means: 'alter',
    })
  }
  return differences
}

function missingGrants(asked: Keeping, there: ObservedKeeping) {
  return (asked.grants ?? []).flatMap(({ to, privileges }) => {
    const has = new Set(there.grants.filter((one) => one.to === to).flatMap((g) => g.privileges))
    const missing = privileges.filter((privilege) => !has.has(privilege))
    return missing.length === 0 ? [] : [{ to, privileges: missing }]
  })
}

/** Owner and grants as the spec says; comments go with the mark. The owner last: it gives away. */
export function keepingStatements(
  of: Target,
  asked: Keeping,
  there: ObservedKeeping | undefined,
): Statement[] {
  const present = there ?? { comment: '', owner: '', grants: [] }
  const statements = missingGrants(asked, present).map(({ to, privileges }) =>
    grant(of, { privileges, role: to }),
  )
  if (asked.owner !== undefined && asked.owner !== present.owner) {
    statements.push(ownerTo(of, asked.owner))
  }
  return statements
}
