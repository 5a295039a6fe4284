import { send } from './apply.ts'
import { named } from './catalog.ts'
import { QUIET_MS, waitText } from './core/deadline.ts'
import { Failure } from './core/failure.ts'
import type { Marker } from './core/marker.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import { findObject, type Observed, type ObservedObject } from './core/observed.ts'
import type { Restart } from './core/rotation.ts'
import {
  alterCluster,
  commentOn,
  literals,
  qualified,
  statement,
  type Statement,
  type Target,
} from './core/sql.ts'
import { lastly } from './lastly.ts'
import { note } from './observe.ts'
import { readFrontiers, readStatuses } from './statuses.ts'
import type { Rotating } from './rotating.ts'
import { serverTime } from './wait.ts'

type Restarting = Rotating & { connections: ConnectionSpec[]; observed: Observed }

/** How long something may be stalled after its replicas started anew, until it counts as broken. */
const STALLED_MS = 10_000

/**
 * Takes every cluster’s replicas away and gives it as many again, one cluster after the other, and
 * waits until all that goes by the connections goes on.
 * @returns what did not go on; the report has how long each took.
 */
export async function restartAll(
  restarts: Restart[],
  of: Restarting,
): Promise<Failure | undefined> {
  const { edges, report } = of
  for (const restart of restarts) {
    const { cluster, objects } = restart
    edges.log.group(`Starting the replicas of cluster ${cluster.name} anew`)
    const others = await alsoThere(restart, of)
    if (others > 0) {
      note(
        `${String(others)} other object(s) run in cluster ${cluster.name} and stood still with it.`,
        of,
      )
    }
    const begun = edges.clock.now()
    await restartOne(restart, of)
    const failure = await waitUntilWell(objects, of)
    const ms = edges.clock.now() - begun
    const names = objects.map(({ name }) => qualified(name))
    report.rotation?.restarts.push({ cluster: cluster.name, ms, objects: names })
    if (failure) return failure
    edges.log.info(`All went on after ${String(Math.round(ms / 100) / 10)} s`)
  }
  return undefined
}

async function alsoThere({ cluster, objects }: Restart, { session }: Restarting): Promise<number> {
  const rows = named(
    await session.query(
      statement(
        `SELECT id FROM mz_catalog.mz_objects WHERE cluster_id IN ${literals([cluster.id])} AND id LIKE 'u%'`,
      ),
    ),
  )
  return rows.filter((row) => !objects.some(({ id }) => id === row['id'])).length
}

/** The mark of a connection says how many there were while there are none: a killed run is put right. */
async function restartOne({ cluster, factor }: Restart, of: Restarting): Promise<void> {
  const { report, session, edges, observed } = of
  const sending = { ...edges, session, report }
  const holder = holderOf(of.connections, observed)
  if (holder) await send(marking(holder, { [cluster.name]: factor }), sending)
  const back = alterCluster(cluster.name, [`REPLICATION FACTOR ${String(factor)}`])
  try {
    await send(alterCluster(cluster.name, ['REPLICATION FACTOR 0']), sending)
    await send(back, sending)
  } catch (thrown) {
    await lastly(edges, async (late, another) => {
      const putting = { ...late, session: another, report }
      await send(back, putting)
      if (holder) await send(marking(holder, undefined), putting)
    })
    throw thrown
  }
  if (holder) await send(marking(holder, undefined), sending)
}

/** A connection of ours, in whose mark it stands what is being done. */
function holderOf(connections: ConnectionSpec[], observed: Observed): ObservedObject | undefined {
  return connections
    .map(({ name }) => findObject(observed, name))
    .find((found) => found?.marker !== undefined)
}

function marking(holder: ObservedObject, restarting: Marker['restarting']): Statement {
  const { restarting: _before, ...marker } = holder.marker ?? { repository: '', key: '' }
  const target: Target = { kind: 'connection', name: holder.name }
  const now = restarting === undefined ? marker : { ...marker, restarting }
  return commentOn(target, { own: holder.comment, marker: now })
}

/**
 * Gives clusters their replicas back that a killed run has left without, by what the connections’ marks
 * say.
 */
export async function takeBackRestarts(
  connections: ConnectionSpec[],
  observed: Observed,
  of: Omit<Rotating, 'sights'>,
): Promise<void> {
  const { edges, session, report } = of
  const sending = { ...edges, session, report }
  for (const { name } of connections) {
    const holder = findObject(observed, name)
    const left = holder?.marker?.restarting
    if (!holder || !left || holder.marker?.repository !== edges.repository) continue
    for (const [cluster, factor] of Object.entries(left)) {
      const found = observed.clusters.find((one) => one.name === cluster)
      if (found?.replicationFactor !== 0) continue
      note(`An earlier run left cluster ${cluster} without replicas; it has them back.`, of)
      await send(alterCluster(cluster, [`REPLICATION FACTOR ${String(factor)}`]), sending)
    }
    await send(marking(holder, undefined), sending)
  }
}

/**
 * Looks until every source and sink is complete up to a time after its replicas started, which none
 * that cannot log in ever is.
 */
async function waitUntilWell(
  objects: ObservedObject[],
  of: Restarting,
): Promise<Failure | undefined> {
  const { edges, session } = of
  const { clock, deadline, log } = edges
  const after = await serverTime(session)
  const ids = (kind: 'source' | 'sink'): string[] =>
    objects.filter((one) => (one.sink ? 'sink' : 'source') === kind).map(({ id }) => id)
  const stalledSince = new Map<string, number>()
  const begun = clock.now()
  let nextWord = begun + QUIET_MS
  for (;;) {
    const frontiers = await readFrontiers(
      session,
      objects.map(({ id }) => id),
    )
    const waiting = objects.filter(({ id }) => (frontiers.get(id) ?? 0n) <= after)
    if (waiting.length === 0) return undefined
    const statuses = new Map([
      ...(await readStatuses(session, { kind: 'source', ids: ids('source') })),
      ...(await readStatuses(session, { kind: 'sink', ids: ids('sink') })),
    ])
    const now = clock.now()
    for (const object of waiting) {
      const status = statuses.get(object.id)
      if (status?.status !== 'stalled') stalledSince.delete(object.id)
      else if (!stalledSince.has(object.id)) stalledSince.set(object.id, now)
      const since = stalledSince.get(object.id)
      const isBroken = since !== undefined && now - since >= STALLED_MS
      if (isBroken || deadline.remainingMs() < 1_000) {
        return notWell(object, { error: status?.error, isBroken })
      }
    }
    if (now >= nextWord) {
      nextWord = now + QUIET_MS
      const names = waiting.map(({ name }) => qualified(name)).join(', ')
      log.info(`Waiting for ${names} (${waitText(now - begun, deadline.remainingMs())})`)
    }
    await clock.sleep(300, deadline.signal)
  }
}

function notWell(
  { sink, name }: ObservedObject,
  { error, isBroken }: { error: string | undefined; isBroken: boolean },
): Failure {
  const kind = sink ? 'sink' : 'source'
  const why = error === undefined ? 'it has not gone on' : `Materialize says: ${error}`
  return new Failure({
    reason: `${kind}-${isBroken ? 'stalled' : 'not-proven'}`,
    message: `After its replicas started anew, the ${kind} ${qualified(name)} does not work: ${why}.`,
  })
}
