import {
  type Acl,
  ACL_OPERATIONS,
  type AclOperation,
  CLUSTER_NAME,
  type Right,
  rightText,
  sameAclTarget,
} from './acl.ts'
import { gives, type Holding, judge, type Judgement } from './acl-judge.ts'
import { Failure, hintFor, type Reason } from './failure.ts'
import { asKnown, type Need } from './kafka-needs.ts'

/** Why a right is missing, or not known to be had, where the rules alone do not say so. */
type Doubt =
  'denied' | 'some' | 'perhaps' | 'not told' | 'unexplained' | 'contradicted' | 'not seen'

/** A needed right with what is known of it. */
export interface Grant extends Need {
  state: Holding
  doubt?: Doubt
}

/** What a broker itself tells the user of its rights: operations by name, in Kafka’s words. */
export interface ToldRights {
  topics: ReadonlyMap<string, readonly string[]>
  groups: ReadonlyMap<string, readonly string[]>
  cluster?: readonly string[]
  /** Whether it may see transactional ids. */
  transactions?: ReadonlyMap<string, boolean>
  /** Whether it may read topics of which the broker does not tell, by attempt. */
  readable?: ReadonlyMap<string, boolean>
}

/** What is known of a user’s rights in one Kafka. */
export interface Knowledge {
  /** The rules of that principal; undefined where they cannot be listed. */
  listing?: { acls: readonly Acl[]; principal: string }
  told?: ToldRights
  /** There is no authorizer: everybody may do everything. */
  isOpen?: true
}

/** What to ask the broker about, so that it tells of these needs. Asking makes none of these names. */
export function questionsOf(needs: readonly Need[]): {
  topics: string[]
  groups: string[]
  transactions: string[]
} {
  const names = (resource: Need['resource']): string[] => [
    ...new Set(needs.flatMap((need) => (need.resource === resource ? asKnown(need).name : []))),
  ]
  return {
    topics: names('topic'),
    groups: names('group'),
    transactions: names('transactional-id'),
  }
}

/** What is known of each need. A right is missing only if that is sure. */
export function grantsOf(needs: readonly Need[], knowledge: Knowledge): Grant[] {
  if (knowledge.isOpen) return needs.map((need) => ({ ...need, state: 'has' }))
  const isExplained = explains(knowledge)
  return needs.map((need) => grantOf(need, knowledge, isExplained))
}

/** Of a Kafka that could not be asked at all. */
export function unseenGrants(needs: readonly Need[]): Grant[] {
  return needs.map((need) => ({ ...need, state: 'not known', doubt: 'not seen' }))
}

interface Known {
  state: Holding
  doubt?: Doubt
}

function grantOf(need: Need, knowledge: Knowledge, isExplained: boolean): Grant {
  const asked = asKnown(need)
  const own = knownOf(asked, knowledge, isExplained)
  const cluster: Right = {
    ...{ operation: need.operation, resource: 'cluster', name: CLUSTER_NAME, pattern: 'literal' },
  }
  const known = need.orCluster ? either(own, knownOf(cluster, knowledge, isExplained)) : own
  if (need.perhaps && known.state === 'missing' && known.doubt === undefined) {
    return { ...need, state: 'not known', doubt: 'perhaps' }
  }
  return { ...need, ...known }
}

function either(own: Known, other: Known): Known {
  if (own.state === 'has' || other.state === 'has') return { state: 'has' }
  // A rule that denies it on the topic does so whatever is allowed on the cluster, and is to be named.
  if (own.state === 'missing' && other.state === 'missing') return own
  return own.state === 'not known' ? own : other
}

function knownOf(right: Right, { listing, told }: Knowledge, isExplained: boolean): Known {
  const toldState = told ? toldOf(right, told) : 'not known'
  if (!listing) {
    return toldState === 'not known'
      ? { state: toldState, doubt: 'not told' }
      : { state: toldState }
  }
  const listed = judge(right, listing.acls, listing.principal)
  if (listed.state === 'has') {
    return toldState === 'missing' ? { state: 'not known', doubt: 'contradicted' } : listed
  }
  if (listed.state === 'not known' || listed.denied) return doubtful(listed)
  if (toldState !== 'not known') return { state: toldState }
  return isExplained ? { state: 'missing' } : { state: 'not known', doubt: 'unexplained' }
}

function doubtful({ state, denied }: Judgement): Known {
  return { state, doubt: denied ? 'denied' : 'some' }
}

function toldOf({ resource, name, operation }: Right, told: ToldRights): Holding {
  const by = (may: readonly string[] | undefined): Holding =>
    may === undefined ? 'not known' : may.includes(operation) ? 'has' : 'missing'
  if (resource === 'topic') {
    const may = told.topics.get(name)
    return may ? by(may) : attempted(operation, told.readable?.get(name))
  }
  if (resource === 'group') return by(told.groups.get(name))
  if (resource === 'cluster') return by(told.cluster)
  const isSeen = told.transactions?.get(name)
  if (isSeen === undefined) return 'not known'
  // Who may write one may see it, and it takes both.
  if (!isSeen) return 'missing'
  return operation === 'DESCRIBE' ? 'has' : 'not known'
}

/** Of a topic that can be seen, and of which no more is known than whether it could be read. */
function attempted(operation: AclOperation, isRead: boolean | undefined): Holding {
  if (isRead === undefined) return 'not known'
  if (operation === 'DESCRIBE') return 'has'
  if (operation !== 'READ') return 'not known'
  return isRead ? 'has' : 'missing'
}

/**
 * Whether rules explain all that the broker tells the user. If not, it is a super user, or has another
 * name for the authorizer, or may do what no rule speaks of: then that there is no rule says nothing.
 */
function explains({ listing, told }: Knowledge): boolean {
  if (!listing || !told) return true
  const all: [Right['resource'], string, readonly string[]][] = [
    ...[...told.topics].map(([name, may]) => ['topic', name, may] as (typeof all)[number]),
    ...[...told.groups].map(([name, may]) => ['group', name, may] as (typeof all)[number]),
    ['cluster', CLUSTER_NAME, told.cluster ?? []],
  ]
  return all.every(([resource, name, may]) =>
    may.every((word) => {
      const operation = ACL_OPERATIONS.find((one) => one === word)
      if (operation === undefined || IMPLIED_ELSEWHERE.has(operation)) return true
      const ways: Right[] = [{ resource, name, pattern: 'literal', operation }]
      // Who may create topics on the cluster is told so of each topic.
      if (operation === 'CREATE') {
        ways.push({ resource: 'cluster', name: CLUSTER_NAME, pattern: 'literal', operation })
      }
      return ways.some((way) => judge(way, listing.acls, listing.principal).state !== 'missing')
    }),
  )
}

/** Newer brokers give this to whoever may write any topic. */
const IMPLIED_ELSEWHERE: ReadonlySet<AclOperation> = new Set(['IDEMPOTENT_WRITE'])

/** What fails a run: sure, and needed. */
export function missingOf(grants: readonly Grant[]): Grant[] {
  return grants.filter(({ state, optional }) => state === 'missing' && !optional)
}

/**
 * The rights for which a rule is to be made: those that no rule gives, or only for some of the names,
 * and of these none that another of them implies.
 */
export function lackingOf(grants: readonly Grant[]): Grant[] {
  const lacking = grants.filter((one) => !one.optional && isMendable(one))
  return lacking.filter(
    (one) =>
      !lacking.some(
        (other) =>
          other.operation !== one.operation &&
          sameAclTarget(other, one) &&
          gives(other.operation, one.operation),
      ),
  )
}

/** Whether a rule that allows it would give the right, and none surely does so far. */
export function isMendable({ state, doubt }: Grant): boolean {
  return (state === 'missing' && doubt === undefined) || doubt === 'some' || doubt === 'perhaps'
}

const DOUBTS: Record<Doubt, string> = {
  denied: 'a rule denies it, and no rule that allows it helps against that',
  some: 'rules speak of some of these names or of some addresses only',
  perhaps: 'whether the topic is there, and need not be created, cannot be seen',
  'not told': 'the broker does not tell this user',
  unexplained: 'the broker gives this user rights that no rule shows, and may give it this one too',
  contradicted: 'a rule gives it, and the broker tells this user that it has it not',
  'not seen': 'this runner does not see Kafka',
}

export function doubtText(doubt: Doubt): string {
  return DOUBTS[doubt]
}

/** Which of several reasons a run ends by. */
const FIRST: Reason[] = [
  'kafka-read-right',
  'kafka-group-right',
  'kafka-write-right',
  'kafka-create-right',
  'kafka-progress-right',
  'kafka-transaction-right',
]

/** One failure that names all that is missing; undefined if nothing is. */
export function grantsFailure(missing: readonly Grant[]): Failure | undefined {
  const reason = FIRST.find((one) => missing.some((grant) => grant.reason === one))
  if (reason === undefined) return undefined
  const parts = missing.map((grant) => {
    const why = grant.doubt === undefined ? '' : `; ${DOUBTS[grant.doubt]}`
    return `${rightText(asKnown(grant))} (${grant.by.join(', ')}${why})`
  })
  const hints = [...new Set(missing.map((grant) => hintFor(grant.reason)))]
  return new Failure({
    reason,
    message: `The Kafka user of Materialize lacks ${String(missing.length)} right(s): ${parts.join(', ')}.`,
    hint: `${hints.join(' ')} Log and summary have the lines of kafka-acls.sh; grants: ensure adds them by an administrator’s login.`,
    inputs: ['grants'],
  })
}
