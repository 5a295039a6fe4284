import { ask, type Asked, type Lane } from './ask.ts'
import { type Deadline, waitingPart } from './core/deadline.ts'
import { expectationFailure, judge } from './core/expectation.ts'
import type { ExpectationSpec } from './core/model-expectation.ts'
import { type ExpectationReport, fail } from './core/report.ts'
import type { Work } from './work.ts'

/** How long a query may take at first; each time that it takes longer it is given twice as long. */
const PATIENCE_MS = 5_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000
const SAY_EVERY_MS = 5_000

type Asking = Pick<Work, 'edges' | 'report' | 'inputs' | 'open'>

interface Checking {
  work: Asking
  lanes: Lanes
  deadline: Deadline
  /** One cannot come to hold: the others are not waited for. */
  isLost: boolean
}

/**
 * Asks what the spec expects, again and again, until all of it holds or time is up, and notes each in
 * the report. The run fails if one does not hold, at once if Materialize does not take its query.
 * Rejects only where the run cannot go on. After a failure of the run nothing is asked.
 */
export async function checkExpectations(work: Asking): Promise<void> {
  const { edges, report, inputs } = work
  const specs = inputs.spec.expectations ?? []
  if (specs.length === 0) return
  const because = report.failure ? 'not asked, since the run had failed before' : 'not asked'
  report.expectations = specs.map(({ name }) => ({ name, held: false, because, asked: 0, ms: 0 }))
  if (report.failure) return
  edges.log.group('Expectations')
  const checking: Checking = {
    work,
    lanes: openLanes(inputs.maxParallel),
    deadline: waitingPart(edges.deadline),
    isLost: false,
  }
  const checks = specs.map(async (spec, index) => {
    const entry = report.expectations[index]
    try {
      if (entry) await check(spec, entry, checking)
    } catch (thrown) {
      checking.isLost = true
      throw thrown
    }
  })
  const ends = await Promise.allSettled(checks)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  const failure = expectationFailure(report.expectations)
  if (failure) fail(report, failure)
}

/** One expectation to its end, which is written into its entry. */
async function check(
  spec: ExpectationSpec,
  entry: ExpectationReport,
  checking: Checking,
): Promise<void> {
  const { lanes, deadline, work } = checking
  const { clock, log } = work.edges
  const begun = clock.now()
  const label = JSON.stringify(spec.name)
  const remainingMs = (): number =>
    Math.min(deadline.remainingMs(), (spec.withinMs ?? Infinity) - (clock.now() - begun))
  let pause = FIRST_PAUSE_MS
  let patience = PATIENCE_MS
  let nextWord = begun
  while (remainingMs() > 0) {
    const asked = await lanes.use(async (lane): Promise<Asked | undefined> => {
      // Its turn may have come too late.
      if (checking.isLost || remainingMs() <= 0) return undefined
      return ask(spec, { lane, withinMs: Math.min(patience, remainingMs()) }, edgesOf(checking))
    })
    entry.ms = clock.now() - begun
    if (!asked) break
    entry.asked++
    const { isOver, isSlow } = note(asked, { spec, entry })
    if (isSlow) patience *= 2
    if (isOver) {
      checking.isLost ||= !entry.held
      log.info(`Expectation ${label} ${entry.held ? 'holds' : 'cannot hold'}: ${entry.because}`)
      return
    }
    if (clock.now() >= nextWord) {
      nextWord = clock.now() + SAY_EVERY_MS
      log.info(`Expectation ${label} does not hold yet: ${entry.because}`)
    }
    if (checking.isLost || remainingMs() <= pause) break
    await clock.sleep(pause, deadline.signal)
    pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)
  }
  if (entry.asked === 0) {
    entry.because = checking.isLost
      ? 'not asked, since another one cannot hold'
      : 'not asked, since time had run out'
  }
  log.info(`Expectation ${label} did not hold: ${entry.because}`)
}

/** Writes what became of asking into the entry. */
function note(
  asked: Asked,
  of: { spec: ExpectationSpec; entry: ExpectationReport },
): { isOver: boolean; isSlow: boolean } {
  const { spec, entry } = of
  if ('late' in asked) {
    // What an earlier answer lacked says more.
    if (!entry.seen) entry.because = asked.late
    return { isOver: false, isSlow: asked.isSlow }
  }
  if ('refused' in asked) {
    entry.because = asked.refused.message
    return { isOver: true, isSlow: false }
  }
  const judgement = judge(spec.expected, asked.answer)
  entry.because = judgement.because
  delete entry.seen
  delete entry.missing
  entry.held = judgement.holds
  if (judgement.holds) return { isOver: true, isSlow: false }
  entry.seen = judgement.seen
  entry.missing = judgement.missing
  return { isOver: judgement.isWrong, isSlow: false }
}

function edgesOf({ work, deadline }: Checking): Parameters<typeof ask>[2] {
  return {
    clock: work.edges.clock,
    signal: deadline.signal,
    open: () => work.open('expect'),
  }
}

interface Lanes {
  /** Does something with a lane that nobody else has meanwhile, in the order of asking. */
  use<T>(task: (lane: Lane) => Promise<T>): Promise<T>
}

/** A few sessions that many share: one that hangs must not hold up all the others. */
function openLanes(most: number): Lanes {
  const free: Lane[] = Array.from({ length: Math.max(2, most) }, () => ({}))
  const waiting: ((lane: Lane) => void)[] = []
  const take = (): Promise<Lane> => {
    // The one used last is the one that is open.
    const lane = free.pop()
    return lane ? Promise.resolve(lane) : new Promise((resolve) => waiting.push(resolve))
  }
  return {
    async use(task) {
      const lane = await take()
      try {
        return await task(lane)
      } finally {
        const next = waiting.shift()
        if (next) next(lane)
        else free.push(lane)
      }
    },
  }
}
