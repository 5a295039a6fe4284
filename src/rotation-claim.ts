import { randomUUID } from 'node:crypto'
import { send } from './apply.ts'
import { Failure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import { findObject, type Observed, type ObservedObject } from './core/observed.ts'
import { commentOn, qualified, sameComment, type Statement } from './core/sql.ts'
import { targetOf } from './core/targets.ts'
import type { Restart } from './core/rotation.ts'
import type { Step } from './core/plan.ts'
import { readCatalog } from './catalog.ts'
import type { Rotating } from './rotating.ts'

/** That this run is the one that changes the credential, as long as nobody claims it after it. */
export interface Claim {
  /** Throws if another rotation of one of the connections has begun since. */
  check(): Promise<void>
  /** @param by another session, where the run’s own is cut off. */
  release(
    by?: Pick<Rotating['edges'], 'clock' | 'log' | 'deadline'> & Pick<Rotating, 'session'>,
  ): Promise<void>
}

/**
 * Writes into the marks of the connections that this run changes them. A killed run’s claim is taken
 * over at once: the last one to claim goes on, and the one before gives up before it changes anything.
 */
export async function claim(
  connections: ConnectionSpec[],
  observed: Observed,
  of: Rotating,
): Promise<Claim> {
  const { edges, session, report } = of
  const sending = { ...edges, session, report }
  const token = randomUUID()
  const held = connections.flatMap(({ name }) => {
    const found = findObject(observed, name)
    return found?.marker ? [found] : []
  })
  const names = new Set(held.map(({ name }) => name.name))
  for (const one of held) await send(marked(one, token), sending)
  return {
    check: async () => {
      const now = names.size === 0 ? undefined : await readCatalog(session, { names })
      for (const { name } of held) {
        if (now && findObject(now, name)?.marker?.rotating !== token) throw overtaken(name)
      }
    },
    release: async (by = sending) => {
      if (names.size === 0) return
      // As they are by now: what was noted in them meanwhile stays, or stays away.
      const now = await readCatalog(by.session, { names })
      for (const { name } of held) {
        const found = findObject(now, name)
        if (found?.marker?.rotating !== token) continue
        await send(marked(found, undefined), { ...by, report })
      }
    },
  }
}

function marked(found: ObservedObject, rotating: string | undefined): Statement {
  const { rotating: _before, ...marker } = found.marker ?? { repository: '', key: '' }
  return commentOn(targetOf(found), {
    own: found.comment,
    marker: rotating === undefined ? marker : { ...marker, rotating },
  })
}

function overtaken(name: ObservedObject['name']): Failure {
  return new Failure({
    reason: 'rotation-overtaken',
    message: `Another rotation of the connection ${qualified(name)} began meanwhile, and goes on in place of this one.`,
  })
}

/**
 * Sees by writing the comments that are there anew that the role may change all that it will have to,
 * so that nothing is refused half-way.
 */
export async function checkOwnership(
  steps: Step[],
  restarts: Restart[],
  of: Rotating & { observed: Observed },
): Promise<void> {
  const { edges, session, report, observed } = of
  const objects = steps.flatMap(({ name }) => findObject(observed, name) ?? [])
  for (const found of [...objects, ...restarts.map(({ cluster }) => cluster)]) {
    const { comment: own, marker } = found
    const comment = { own, ...(marker && { marker }) }
    await send(sameComment(targetOf(found), comment), { ...edges, session, report })
  }
}
