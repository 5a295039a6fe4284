import { type Deadline, waitingPart } from './core/deadline.ts'
import { toFailure } from './core/failure.ts'
import { VERDICTS } from './core/verdicts.ts'
import type { MaterializeSession } from './ports.ts'
import { waitForRows } from './sample.ts'
import { sideBySide } from './side-by-side.ts'
import type { Subject } from './sightings.ts'
import type { Explained } from './two-sides.ts'
import type { Watching } from './watching.ts'

/** How long one source is waited for: what is to be seen is there, as a rule. */
const WITHIN_MS = 8_000

/** Holds the rows of each source that is well against min-rows, and says of which there are too few. */
export async function checkRows(
  found: Map<Subject, Explained>,
  of: Watching,
): Promise<{ counted: number }> {
  const { minRows, maxParallel } = of.inputs
  let counted = 0
  const subjects = [...found].flatMap(([subject, { finding }]) =>
    isCountable(subject) && VERDICTS[finding.verdict].status === 'healthy' ? [subject] : [],
  )
  if (minRows === 0 || subjects.length === 0) return { counted }
  of.edges.log.info(`Counting rows of ${String(subjects.length)} source(s)`)
  const sessions = new Map<number, MaterializeSession>()
  await sideBySide(subjects, maxParallel, async (subject, lane) => {
    const { evidence, object } = subject
    const explained = found.get(subject)
    try {
      const session = sessions.get(lane) ?? (await of.open(`count ${String(lane)}`))
      sessions.set(lane, session)
      const count = await waitForRows(
        { relation: object.name, minRows },
        session,
        shortened(waitingPart(of.edges.deadline), of.edges.clock.now),
      )
      counted += count
      if (count >= minRows || !explained) return
      found.set(subject, {
        ...explained,
        finding: {
          ...explained.finding,
          reason: 'rows-missing',
          because: `it has ${String(count)} of ${String(minRows)} row(s); ${explained.finding.because}`,
        },
      })
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (['cancelled', 'internal'].includes(failure.reason)) throw failure
      if (['deadline', 'materialize-lost'].includes(failure.reason)) sessions.delete(lane)
      evidence.blind.push(`its rows could not be counted: ${failure.message}`)
    }
  })
  return { counted }
}

/** A source that was made without a format has progress for rows; of others a row could be read. */
function isCountable({ kind, object, evidence, progress }: Subject): boolean {
  const isReadable = evidence.reading === 'rows' || evidence.reading === 'empty'
  return kind === 'source' && isReadable && progress?.id !== object.id
}

function shortened(deadline: Deadline, now: () => number): Deadline {
  const end = now() + WITHIN_MS
  return {
    ...deadline,
    remainingMs: () => Math.min(deadline.remainingMs(), Math.max(0, end - now())),
  }
}
