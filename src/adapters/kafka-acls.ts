import type { Acl, AclOperation, AclPattern, AclResource } from '../core/acl.ts'
import { Failure } from '../core/failure.ts'
import type { AclListing } from '../ports.ts'
import type { Metadata } from './kafka-cluster.ts'
import { controllerOf } from './kafka-controller.ts'
import { answerFailure } from './kafka-faults.ts'
import { untilCaughtUp, type Access } from './kafka-lag.ts'
import { isNotOffered } from './kafka-wire.ts'

const RESOURCES: Record<AclResource, number> = {
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
}
const PATTERNS: Record<AclPattern, number> = { literal: 3, prefixed: 4 }
const OPERATIONS: Record<AclOperation, number> = {
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
}
const PERMISSIONS: Record<Acl['permission'], number> = { deny: 2, allow: 3 }
const ANY = 1

const REFUSED = 31
const NOT_CONTROLLER = 41
const NO_AUTHORIZER = 54

const SUBJECT = 'rules (ACLs)'

/** A rule as the protocol has it. */
interface WireAcl {
  resourceType: number
  resourceName: string
  resourcePatternType: number
  principal: string
  host: string
  operation: number
  permissionType: number
}

interface Described {
  errorCode: number
  errorMessage: string | null
  resources: (Pick<WireAcl, 'resourceType' | 'resourceName' | 'resourcePatternType'> & {
    acls: Pick<WireAcl, 'principal' | 'host' | 'operation' | 'permissionType'>[]
  })[]
}

/** See the port: one request for each principal, or one for all. */
export async function listAcls(
  principals: string[] | undefined,
  access: Access,
): Promise<AclListing> {
  const metadata = await access.cluster.metadata(NO_TOPIC)
  return listFrom(metadata, controllerOf(metadata), { principals, access })
}

/** Metadata of no names is metadata of all; of a name that no topic can have it is short. */
const NO_TOPIC = ['..']

async function listFrom(
  metadata: Metadata,
  nodeId: number,
  of: { principals: string[] | undefined; access: Access },
): Promise<AclListing> {
  const acls: Acl[] = []
  for (const principal of new Set(of.principals ?? [null])) {
    const args = {
      ...{ resourceType: ANY, resourceName: null, resourcePatternType: ANY },
      ...{ principal, host: null, operation: ANY, permissionType: ANY },
    }
    let answer: Described
    try {
      const question = { api: 'DescribeAcls', args } as const
      answer = (await of.access.cluster.askNode(metadata, nodeId, question)) as Described
    } catch (error) {
      if (isNotOffered(error)) return { unlisted: 'not-offered', failure: notOffered(error) }
      throw error
    }
    const { errorCode, errorMessage } = answer
    if (errorCode !== 0) {
      const circumstance = { subject: SUBJECT, right: 'DESCRIBE on the cluster' }
      const failure = answerFailure(errorCode, circumstance, errorMessage)
      if (errorCode === REFUSED) return { unlisted: 'refused', failure }
      if (errorCode === NO_AUTHORIZER) return { unlisted: 'no-authorizer', failure }
      throw failure
    }
    acls.push(...aclsOf(answer))
  }
  return { acls }
}

/** Rules of kinds that nothing here needs, such as delegation tokens, are left out. */
function aclsOf({ resources }: Described): Acl[] {
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.flatMap(({ principal, host, operation, permissionType }): Acl[] => {
      const named = {
        resource: nameOf(RESOURCES, resourceType),
        pattern: nameOf(PATTERNS, resourcePatternType),
        operation: nameOf(OPERATIONS, operation),
        permission: nameOf(PERMISSIONS, permissionType),
      }
      const { resource, pattern, permission } = named
      if (!resource || !pattern || !named.operation || !permission) return []
      const right = { resource, pattern, name: resourceName, operation: named.operation }
      return [{ ...right, principal, host, permission }]
    }),
  )
}

function nameOf<Name extends string>(
  numbers: Record<Name, number>,
  value: number,
): Name | undefined {
  const names = Object.keys(numbers) as Name[]
  return names.find((name) => numbers[name] === value)
}

function toWire({ resource, name, pattern, ...rest }: Acl): WireAcl {
  return {
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
    principal: rest.principal,
    host: rest.host,
    operation: OPERATIONS[rest.operation],
    permissionType: PERMISSIONS[rest.permission],
  }
}

/** See the port. Kafka keeps one of each rule, so that one that is there is no error. */
export async function createAcls(acls: Acl[], access: Access): Promise<Acl[]> {
  const missing = await missingOf(acls, access)
  if (missing.length === 0) return []
  const creations = missing.map(toWire)
  const answer = await askAny({ api: 'CreateAcls', args: { creations } }, access)
  refuseFirst((answer as { creationResponses: Outcome[] }).creationResponses, missing)
  await untilAllShow(missing, { access, shown: true })
  return missing
}

/** See the port. */
export async function deleteAcls(acls: Acl[], access: Access): Promise<Acl[]> {
  const missing = new Set((await missingOf(acls, access)).map(keyOf))
  const present = acls.filter((acl) => !missing.has(keyOf(acl)))
  if (present.length === 0) return []
  // Each filter matches one rule only, since every part of it is given.
  const answer = await askAny({ api: 'DeleteAcls', args: { filters: present.map(toWire) } }, access)
  const { filterResponses } = answer as {
    filterResponses: (Outcome & { matchingAcls: Outcome[] })[]
  }
  refuseFirst(filterResponses, present)
  filterResponses.forEach(({ matchingAcls }) => refuseFirst(matchingAcls, present))
  await untilAllShow(present, { access, shown: false })
  return present
}

interface Outcome {
  errorCode: number
  errorMessage: string | null
}

function refuseFirst(outcomes: Outcome[], acls: Acl[]): void {
  const at = outcomes.findIndex(({ errorCode }) => errorCode !== 0)
  const outcome = outcomes[at]
  if (!outcome) return
  const { resource, name } = acls[at] ?? { resource: 'rules', name: '' }
  const subject = `the rule (ACL) about ${resource} ${name}`
  const circumstance = { subject, right: 'ALTER on the cluster' }
  throw answerFailure(outcome.errorCode, circumstance, outcome.errorMessage)
}

/** Any broker passes such a request on; one that has just handed over says so. */
async function askAny(
  question: { api: 'CreateAcls' | 'DeleteAcls'; args: object },
  { cluster, deadline }: Access,
): Promise<unknown> {
  try {
    return await untilCaughtUp({
      ask: async () => {
        const metadata = await cluster.metadata(NO_TOPIC)
        return cluster.askNode(metadata, controllerOf(metadata), question)
      },
      isBehind: (answer) => JSON.stringify(answer).includes(`"errorCode":${NOT_CONTROLLER},`),
      deadline,
    })
  } catch (error) {
    throw isNotOffered(error) ? notOffered(error) : error
  }
}

/** Those that the broker does not show. Throws a Failure if it does not let them be listed. */
async function missingOf(acls: Acl[], access: Access): Promise<Acl[]> {
  const listing = await listAcls(principalsOf(acls), access)
  if ('unlisted' in listing) throw listing.failure
  const there = new Set(listing.acls.map(keyOf))
  const unique = new Map(acls.map((acl) => [keyOf(acl), acl]))
  return [...unique].flatMap(([key, acl]) => (there.has(key) ? [] : [acl]))
}

/** The controller answers once rules are written; each broker obeys once it has read them. */
async function untilAllShow(
  acls: Acl[],
  { access, shown }: { access: Access; shown: boolean },
): Promise<void> {
  const keys = acls.map(keyOf)
  const principals = principalsOf(acls)
  const isBehind = await untilCaughtUp({
    ask: async () => {
      const metadata = await access.cluster.metadata(NO_TOPIC)
      const listings = await Promise.all(
        metadata.brokers.map(({ nodeId }) => listFrom(metadata, nodeId, { principals, access })),
      )
      return listings.some((listing) => {
        const there = new Set('acls' in listing ? listing.acls.map(keyOf) : [])
        return keys.some((key) => there.has(key) !== shown)
      })
    },
    isBehind: (behind) => behind,
    deadline: access.deadline,
  })
  if (!isBehind) return
  throw new Failure({
    reason: 'kafka-refused',
    message: `Kafka took the request to ${shown ? 'add' : 'remove'} rules (ACLs), and its brokers do not all show it.`,
    hint: 'Run the job again, which goes on from here.',
    retriable: true,
  })
}

function principalsOf(acls: Acl[]): string[] {
  return [...new Set(acls.map(({ principal }) => principal))]
}

function keyOf(acl: Acl): string {
  return JSON.stringify(Object.values(toWire(acl)))
}

function notOffered(cause: unknown): Failure {
  return new Failure({
    reason: 'kafka-refused',
    message: 'This Kafka offers no rules (ACLs) by its protocol.',
    hint: 'Its provider has a page of its own for what users may do.',
    cause,
  })
}
