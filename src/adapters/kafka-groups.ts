import { Failure } from '../core/failure.ts'
import type { GroupDeletion, GroupSelection } from '../ports.ts'
import type { Metadata } from './kafka-cluster.ts'
import { controllerOf } from './kafka-controller.ts'
import { answerFailure } from './kafka-faults.ts'
import { untilCaughtUp, type Access } from './kafka-lag.ts'

const NOT_AUTHORIZED = 30
const NON_EMPTY = 68
const NOT_FOUND = 69
/** A group's broker has just changed, or has not read its groups yet. */
const MOVING_CODES = new Set([14, 15, 16])

/** A group with the broker that keeps it. */
interface Listed {
  id: string
  nodeId: number
}

interface Listing {
  metadata: Metadata
  groups: Listed[]
  /** The worst of the brokers' answers. */
  errorCode: number
}

/**
 * See the port. One request to each broker for its groups, one to each that keeps some of them, and
 * one that tells groups that are not there from those that may not be seen.
 */
export async function deleteGroups(
  selection: GroupSelection,
  access: Access,
): Promise<GroupDeletion[]> {
  const isMeant = selector(selection)
  if ('ids' in selection && selection.ids.length === 0) return []
  const outcomes = new Map<string, number>()
  const listing = await untilCaughtUp({
    ask: async () => {
      const listed = await listGroups(access)
      const groups = listed.groups.filter(({ id }) => isMeant(id) && !isSettled(outcomes.get(id)))
      for (const [id, code] of await askToDelete({ ...listed, groups }, access)) {
        outcomes.set(id, code)
      }
      return listed
    },
    isBehind: ({ errorCode }) =>
      MOVING_CODES.has(errorCode) || [...outcomes.values()].some((code) => !isSettled(code)),
    deadline: access.deadline,
  })
  if (listing.errorCode !== 0) {
    const subject = 'the consumer groups'
    throw answerFailure(listing.errorCode, { subject, right: 'DESCRIBE on the cluster' })
  }
  if ('ids' in selection) {
    const unlisted = selection.ids.filter((id) => !outcomes.has(id))
    const hidden = await hiddenOf([...new Set(unlisted)], listing.metadata, access)
    return selection.ids.map((id) =>
      hidden.has(id) ? unseen(id) : outcome(id, outcomes.get(id) ?? NOT_FOUND),
    )
  }
  if (outcomes.size === 0) await checkSeen(selection.prefix, listing.metadata, access)
  return [...outcomes].map(([id, code]) => outcome(id, code)).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function selector(selection: GroupSelection): (id: string) => boolean {
  if ('ids' in selection) {
    const ids = new Set(selection.ids)
    return (id) => ids.has(id)
  }
  const { prefix } = selection
  if (prefix === '') {
    throw new Failure({
      reason: 'internal',
      message: 'Consumer groups were to be deleted by an empty prefix, which is that of all.',
    })
  }
  return (id) => id.startsWith(prefix)
}

function isSettled(code: number | undefined): boolean {
  return code !== undefined && !MOVING_CODES.has(code)
}

/** Every broker lists those that it keeps, and only those that the user may see. */
async function listGroups({ cluster }: Access): Promise<Listing> {
  const metadata = await cluster.metadata([])
  const answers = await Promise.all(
    metadata.brokers.map(async ({ nodeId }) => {
      const answer = await cluster.askNode(metadata, nodeId, { api: 'ListGroups', args: {} })
      const { errorCode, groups } = answer as { errorCode: number; groups: { groupId: string }[] }
      return { errorCode, groups: groups.map(({ groupId }) => ({ id: groupId, nodeId })) }
    }),
  )
  const errorCode = answers.find((answer) => answer.errorCode !== 0)?.errorCode ?? 0
  return { metadata, errorCode, groups: answers.flatMap(({ groups }) => groups) }
}

/** The error code of each group that was to be deleted. */
async function askToDelete(
  { metadata, groups }: Listing,
  { cluster }: Access,
): Promise<[id: string, code: number][]> {
  const byNode = Map.groupBy(groups, ({ nodeId }) => nodeId)
  const answers = await Promise.all(
    [...byNode].map(async ([nodeId, own]) => {
      const ids = own.map(({ id }) => id)
      const answer = await cluster.askNode(metadata, nodeId, { api: 'DeleteGroups', args: ids })
      return (answer as { results: { groupId: string; errorCode: number }[] }).results
    }),
  )
  return answers.flat().map(({ groupId, errorCode }) => [groupId, errorCode])
}

/**
 * Those that the user may not see. Any broker checks that before it looks whether it keeps the group,
 * and asking makes nothing, unlike asking for the group's coordinator.
 */
async function hiddenOf(
  groupIds: string[],
  metadata: Metadata,
  { cluster }: Access,
): Promise<Set<string>> {
  if (groupIds.length === 0) return new Set()
  const answer = await cluster.askNode(metadata, controllerOf(metadata), {
    api: 'DescribeGroups',
    args: { groupIds },
  })
  const { groups } = answer as { groups: { groupId: string; errorCode: number }[] }
  const hidden = groups.filter(({ errorCode }) => errorCode === NOT_AUTHORIZED)
  return new Set(hidden.map(({ groupId }) => groupId))
}

/** An empty list says nothing to a user who may see none of them. */
async function checkSeen(prefix: string, metadata: Metadata, access: Access): Promise<void> {
  if (!(await hiddenOf([prefix], metadata, access)).has(prefix)) return
  const subject = `the consumer groups ${prefix}…`
  throw answerFailure(NOT_AUTHORIZED, { subject, right: `DESCRIBE on ${subject}` })
}

function unseen(id: string): GroupDeletion {
  const subject = `consumer group ${id}`
  const failure = answerFailure(NOT_AUTHORIZED, { subject, right: `DESCRIBE on ${subject}` })
  return { id, outcome: 'failed', failure }
}

function outcome(id: string, code: number): GroupDeletion {
  if (code === 0) return { id, outcome: 'deleted' }
  if (code === NOT_FOUND) return { id, outcome: 'absent' }
  const subject = `consumer group ${id}`
  const failure = answerFailure(code, { subject, right: `DELETE on ${subject}` })
  return { id, outcome: code === NON_EMPTY ? 'in-use' : 'failed', failure }
}
