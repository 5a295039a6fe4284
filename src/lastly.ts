import { toFailure } from './core/failure.ts'
import type { MaterializeSession } from './ports.ts'
import type { Edges } from './work.ts'

/**
 * Does what must be done however the run ends, by edges that have some seconds of their own: neither
 * the run’s deadline nor a signal cuts them. That it fails is a word in the log, since something else
 * has ended the run already.
 */
export async function lastly(
  edges: Edges,
  work: (late: Edges, session: MaterializeSession) => Promise<void>,
): Promise<void> {
  const late = edges.late()
  try {
    const session = await late.materialize.open('cleaning up')
    try {
      await work(late, session)
    } finally {
      await session.close()
    }
  } catch (thrown) {
    edges.log.warning(`Not everything could be put back: ${toFailure(thrown).message}`)
  }
}
