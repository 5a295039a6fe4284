import { digest } from './marker.ts'

/*
 * Rules of Kafka’s authorizer (ACLs), in Kafka’s words.
 */

export const ACL_RESOURCES = ['topic', 'group', 'cluster', 'transactional-id'] as const
export type AclResource = (typeof ACL_RESOURCES)[number]

export const ACL_PATTERNS = ['literal', 'prefixed'] as const
export type AclPattern = (typeof ACL_PATTERNS)[number]

export const ACL_OPERATIONS = [
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
] as const
export type AclOperation = (typeof ACL_OPERATIONS)[number]

/** The name of the one resource of the kind cluster. */
export const CLUSTER_NAME = 'kafka-cluster'

/** What a rule is about: resources of a kind, by name or by how their names begin. */
export interface AclTarget {
  resource: AclResource
  /** A literal `*` stands for all names. */
  name: string
  pattern: AclPattern
}

/** What a rule allows or denies. */
export interface Right extends AclTarget {
  operation: AclOperation
}

export interface Acl extends Right {
  /** `User:<name>`, or `User:*` for everybody. */
  principal: string
  /** An address of a client, or `*` for all. */
  host: string
  permission: 'allow' | 'deny'
}

export function sameRight(a: Right, b: Right): boolean {
  return a.operation === b.operation && sameAclTarget(a, b)
}

export function sameAclTarget(a: AclTarget, b: AclTarget): boolean {
  return a.resource === b.resource && a.pattern === b.pattern && a.name === b.name
}

/** The rule that gives a right to a principal, from wherever it comes, and nothing else. */
export function allowing(right: Right, principal: string): Acl {
  const { resource, name, pattern, operation } = right
  return { resource, name, pattern, operation, principal, host: '*', permission: 'allow' }
}

/** For people: `READ on topic orders`. */
export function rightText({ operation, resource, name, pattern }: Right): string {
  if (resource === 'cluster') return `${operation} on the cluster`
  const kind = resource.replace('-', ' ')
  return `${operation} on ${kind} ${name}${pattern === 'prefixed' ? '…' : ''}`
}

const FLAGS: Record<AclResource, string> = {
  topic: '--topic',
  group: '--group',
  cluster: '--cluster',
  'transactional-id': '--transactional-id',
}

/** The line by which an administrator adds or takes away the rule with Kafka’s own tool. */
export function aclCommand(acl: Acl, of: { brokers: readonly string[]; change: 'add' | 'remove' }) {
  const { resource, name, pattern, operation, principal } = acl
  return [
    `kafka-acls.sh --bootstrap-server ${quoted(of.brokers.join(','))}`,
    `--command-config admin.properties --${of.change}`,
    `--allow-principal ${quoted(principal)}`,
    `--operation ${wordOf(operation)}`,
    resource === 'cluster' ? '--cluster' : `${FLAGS[resource]} ${quoted(name)}`,
    ...(pattern === 'prefixed' ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ')
}

/** READ as Read, DESCRIBE_CONFIGS as DescribeConfigs. */
function wordOf(operation: AclOperation): string {
  const words = operation.toLowerCase().split('_')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/*
 * A rule that this action makes is noted in the mark of its connection, before it is made:
 * `READ topic literal <digest of the principal> <name>`. The principal’s name may be kept as a secret,
 * and comments are read by every role; its digest is enough to know it again among rules.
 *
 * A rule may hold the id of its connection, which is not known before that is made: then OWN_ID stands
 * for it, as the last but the final hyphen of the name.
 */

/** Stands in a name for the id of the connection in whose mark the rule is noted. */
export const OWN_ID = '{}'

export function noteOfAcl(right: Right, principal: string): string {
  const { operation, resource, pattern, name } = right
  return [operation, resource, pattern, digest(principal), name].join(' ')
}

/** A note with the connection’s id in it, once that is known. */
export function resolvedNote(note: string, connectionId: string): string {
  return note.replace(OWN_ID_AT_END, `-${connectionId}$1`)
}

/** Only where this action puts it: what a user chose comes first in every name. */
const OWN_ID_AT_END = /-\{\}(-?)$/

/** A note that can be read, with the digest of its principal; undefined for any other text. */
export function readNote(note: string): (Right & { principalDigest: string }) | undefined {
  const match = /^(\S+) (\S+) (\S+) ([0-9a-f]{16}) (.+)$/s.exec(note)
  if (!match) return undefined
  const [, first = '', second = '', third = '', principalDigest = '', name = ''] = match
  const operation = ACL_OPERATIONS.find((one) => one === first)
  const resource = ACL_RESOURCES.find((one) => one === second)
  const pattern = ACL_PATTERNS.find((one) => one === third)
  if (!operation || !resource || !pattern) return undefined
  return { operation, resource, pattern, principalDigest, name }
}

/** Whether a rule is one that a note tells of: that it was made so, and nothing more of it. */
export function isNotedAcl(acl: Acl, note: string): boolean {
  const read = readNote(note)
  return (
    read !== undefined &&
    sameRight(acl, read) &&
    acl.permission === 'allow' &&
    acl.host === '*' &&
    digest(acl.principal) === read.principalDigest
  )
}
