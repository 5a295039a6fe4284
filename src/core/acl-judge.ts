import type { Acl, AclOperation, AclTarget, Right } from './acl.ts'

/** not known: rules speak of some of the names, or of some of the clients’ addresses, and not of all. */
export type Holding = 'has' | 'missing' | 'not known'

export interface Judgement {
  state: Holding
  /** A rule that denies it, wholly or in part: against that, no rule that allows it helps. */
  denied?: Acl
}

/** What else gives an operation, beside itself and ALL; Kafka has the like for rules that allow only. */
const GIVEN_BY: Partial<Record<AclOperation, readonly AclOperation[]>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
}

/** Whether who may do the one may do the other. */
export function gives(allowed: AclOperation, wanted: AclOperation): boolean {
  return allowed === wanted || allowed === 'ALL' || (GIVEN_BY[wanted]?.includes(allowed) ?? false)
}

/** The principal of rules that are for all. */
export const EVERYBODY = 'User:*'

/**
 * Whether a listing gives a principal a right, as Kafka’s authorizer reads it: who is denied is denied,
 * whatever else allows it; what nothing allows is denied. A right on names that begin alike is had if
 * it is had for every such name. Of super users, and of brokers that allow what no rule speaks of, a
 * listing says nothing.
 */
export function judge(right: Right, acls: readonly Acl[], principal: string): Judgement {
  const about = acls
    .filter((acl) => acl.principal === principal || acl.principal === EVERYBODY)
    .map((acl) => ({ acl, extent: extentOf(acl, right) }))
  const denying = about.filter(
    ({ acl, extent }) =>
      acl.permission === 'deny' &&
      extent !== 'none' &&
      (acl.operation === right.operation || acl.operation === 'ALL'),
  )
  const allowing = about.filter(
    ({ acl, extent }) =>
      acl.permission === 'allow' && extent !== 'none' && gives(acl.operation, right.operation),
  )
  const denied = (denying.find(({ extent }) => extent === 'all') ?? denying[0])?.acl
  const told = denied && { denied }
  if (denying.some(({ extent }) => extent === 'all')) return { state: 'missing', ...told }
  if (allowing.length === 0) return { state: 'missing', ...told }
  const isWhole = denying.length === 0 && allowing.some(({ extent }) => extent === 'all')
  return { state: isWhole ? 'has' : 'not known', ...told }
}

/** How much of what is asked for a rule speaks of. */
function extentOf(acl: Acl, of: AclTarget): 'all' | 'some' | 'none' {
  const names = namesIn(acl, of)
  // From which address Materialize comes is not known.
  return names === 'all' && acl.host !== '*' ? 'some' : names
}

function namesIn(acl: AclTarget, of: AclTarget): 'all' | 'some' | 'none' {
  if (acl.resource !== of.resource) return 'none'
  if (acl.pattern === 'literal') {
    if (acl.name === '*') return 'all'
    if (of.pattern === 'literal') return acl.name === of.name ? 'all' : 'none'
    return acl.name.startsWith(of.name) ? 'some' : 'none'
  }
  if (of.name.startsWith(acl.name)) return 'all'
  return of.pattern === 'prefixed' && acl.name.startsWith(of.name) ? 'some' : 'none'
}
