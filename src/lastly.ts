import { uncutDeadline } from './core/deadline.ts'
import { toFailure } from './core/failure.ts'
import type { MaterializeSession } from './ports.ts'
import type { Edges } from './work.ts'

/** How long it may take to put back what must not stay. GitHub kills ten seconds after the first signal. */
const LATE_MS = 6_000

/**
 * Does what must be done however the run ends, by a session that has some seconds of its own: neither
 * the run’s deadline nor a signal cuts them. That it fails is a word in the log, since something else
 * has ended the run already.
 */
export async function lastly(
  edges: Edges,
  work: (late: Edges, session: MaterializeSession) => Promise<void>,
): Promise<void> {
  const doing = putBack(edges, work)
  edges.hold(doing)
  await doing
}

async function putBack(edges: Edges, work: Parameters<typeof lastly>[1]): Promise<void> {
  const deadline = uncutDeadline(LATE_MS, edges.clock)
  try {
    const late = { ...edges, ...edges.within(deadline), deadline }
    const session = await late.materialize.open('putting back')
    try {
      await work(late, session)
    } finally {
      await session.close()
    }
  } catch (thrown) {
    edges.log.warning(`Not everything could be put back: ${toFailure(thrown).message}`)
  }
}
