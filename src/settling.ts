import type { Observed } from './core/observed.ts'
import type { Plan } from './core/plan.ts'
import type { Edges } from './work.ts'

/** How long another run is given to put its mark on what it has just made. */
const MARKING_MS = 1_000

/**
 * The catalog, read again while a stranger’s object stands in the way that was not seen before: a run
 * that makes the same things at this moment marks each of them only once it is there.
 * @param first what was read of the catalog.
 */
export async function settled(
  first: Observed,
  of: {
    plan(observed: Observed): Pick<Plan, 'steps'>
    observe(): Promise<Observed>
    edges: Pick<Edges, 'clock' | 'deadline'>
  },
): Promise<Observed> {
  const { clock, deadline } = of.edges
  const known = new Set<string>()
  let observed = first
  for (;;) {
    const strangers = inTheWay(of.plan(observed)).filter((id) => !known.has(id))
    if (strangers.length === 0) return observed
    for (const id of strangers) known.add(id)
    await clock.sleep(MARKING_MS, deadline.signal)
    observed = await of.observe()
  }
}

/** Ids of what is not ours and not as the spec says. */
function inTheWay({ steps }: Pick<Plan, 'steps'>): string[] {
  return steps.flatMap(({ ownership, differences, id }) =>
    ownership === 'foreign' && differences.length > 0 && id !== undefined ? [id] : [],
  )
}
