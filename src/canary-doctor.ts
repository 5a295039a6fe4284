import { progressRelations, readCatalog } from './catalog.ts'
import type { Deadline } from './core/deadline.ts'
import type { Failure } from './core/failure.ts'
import type { QualifiedName } from './core/model-object.ts'
import { findObject } from './core/observed.ts'
import type { MaterializeSession } from './ports.ts'
import { openReader } from './reader.ts'
import { serverTime, waitForProof, type Watched } from './wait.ts'
import type { Edges } from './work.ts'

/** What Materialize says of source and sink while a record is late. */
export interface Look {
  kind: 'source' | 'sink'
  /** Present: it is broken, and will not let the record through. */
  failure?: Failure
  why: string
}

/** A stall of before may be on its way out; one that is still there at the next look is not. */
const LONG_AGO_MS = 10n * 60_000n

/** Looks at source and sink, each time it is called; opens its session with the first look. */
export function openDoctor(
  of: { source: QualifiedName; sink?: QualifiedName },
  edges: Pick<Edges, 'clock' | 'log'> & {
    deadline: Deadline
    open(purpose: string): Promise<MaterializeSession>
  },
): () => Promise<Look[]> {
  let begun: Promise<{ session: MaterializeSession; watched: Watched[]; since: bigint }> | undefined
  let wereStalled: readonly string[] = []
  const reader = openReader(() => edges.open('canary rows'))
  const begin = async () => {
    const session = await edges.open('canary status')
    const names = new Set([of.source.name, ...(of.sink ? [of.sink.name] : [])])
    const observed = await readCatalog(session, { names })
    const source = findObject(observed, of.source)
    const sink = of.sink && findObject(observed, of.sink)
    const progress = await progressRelations(session, observed, source ? [source.id] : [])
    const progressRelation = source && progress.get(source.id)
    const watched: Watched[] = [
      ...(source
        ? [
            {
              ...{ kind: 'source' as const, id: source.id, name: of.source, rows: [of.source] },
              ...(progressRelation && { progressRelation }),
              expected: { rowsSeen: true },
            },
          ]
        : []),
      ...(sink ? [{ kind: 'sink' as const, id: sink.id, name: sink.name }] : []),
    ]
    return { session, watched, since: await serverTime(session) }
  }
  return async () => {
    begun ??= begin()
    const { session, watched, since } = await begun
    // One look: there is no time to wait for another.
    const deadline = { ...edges.deadline, signal: edges.deadline.signal, remainingMs: () => 0 }
    const lookAt = (from: bigint) =>
      waitForProof(watched, { since: from, after: since }, { ...edges, session, deadline, reader })
    let outcomes = await lookAt(since)
    const stalled = outcomes
      .filter(({ status }) => status === 'stalled')
      .map(({ watched }) => watched.id)
    if (stalled.some((id) => wereStalled.includes(id))) outcomes = await lookAt(since - LONG_AGO_MS)
    wereStalled = stalled
    return outcomes.map(({ watched: { kind }, verdict, status }) =>
      verdict.state === 'broken'
        ? { kind, failure: verdict.failure, why: verdict.failure.message }
        : { kind, why: `its status in Materialize is ${status}` },
    )
  }
}
