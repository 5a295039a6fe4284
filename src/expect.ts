import { ask, type Asked, type Lane } from './ask.ts'
import { type Deadline, QUIET_MS, waitingPart, waitText } from './core/deadline.ts'
import { expectationFailure, judge } from './core/expectation.ts'
import type { ExpectationSpec } from './core/model-expectation.ts'
import { type ExpectationReport, fail } from './core/report.ts'
import type { Work } from './work.ts'

/** How long a query may take at first; each time that it takes longer it is given twice as long. */
const PATIENCE_MS = 5_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000

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
 * Rejects only where the run cannot go on. After a failure that fails the run nothing is asked.
 */
export async function checkExpectations(work: Asking): Promise<void> {
  const { edges, report, inputs } = work
  const specs = inputs.spec.expectations ?? []
  if (specs.length === 0) return
  const isOver = report.failure !== undefined && report.tolerated !== true
  const because = isOver ? 'not asked, since the run had failed before' : 'not asked'
  report.expectations = specs.map(({ name }) => ({ name, held: false, because, asked: 0, ms: 0 }))
  if (isOver) return
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
  let isSlow = false
  let nextWord = begun
  while (remainingMs() > 0) {
    const asked: Asked | undefined = await lanes.use(isSlow, async (lane) => {
      // Its turn may have come too late.
      if (checking.isLost || remainingMs() <= 0) return undefined
      return ask(spec, { lane, withinMs: Math.min(patience, remainingMs()) }, edgesOf(checking))
    })
    entry.ms = clock.now() - begun
    if (!asked) break
    entry.asked++
    isSlow = 'late' in asked && asked.isSlow
    if (isSlow) patience *= 2
    const isOver = note(asked, { spec, entry })
    if (isOver) {
      checking.isLost ||= !entry.held
      log.info(`Expectation ${label} ${entry.held ? 'holds' : 'cannot hold'}: ${entry.because}`)
      return
    }
    if (clock.now() >= nextWord) {
      nextWord = clock.now() + QUIET_MS
      const time = waitText(entry.ms, remainingMs())
      log.info(`Expectation ${label} does not hold yet: ${entry.because} (${time})`)
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

/** Writes what became of asking into the entry; tells whether that is its end. */
function note(asked: Asked, of: { spec: ExpectationSpec; entry: ExpectationReport }): boolean {
  const { spec, entry } = of
  if ('late' in asked) {
    // What an earlier answer lacked says more.
    if (!entry.seen) entry.because = asked.late
    return false
  }
  delete entry.seen
  delete entry.missing
  if ('refused' in asked) {
    entry.because = asked.refused.message
    return true
  }
  const judgement = judge(spec.expected, asked.answer)
  entry.because = judgement.because
  entry.held = judgement.holds
  if (judgement.holds) return true
  entry.seen = judgement.seen
  entry.missing = judgement.missing
  return judgement.isWrong
}

function edgesOf({ work, deadline }: Checking): Parameters<typeof ask>[2] {
  return {
    clock: work.edges.clock,
    signal: deadline.signal,
    open: () => work.open('expect'),
  }
}

interface Lanes {
  /** Does something with a lane that nobody else has meanwhile. */
  use<T>(isSlow: boolean, task: (lane: Lane) => Promise<T>): Promise<T>
}

/**
 * A few sessions that many share. Those that were slow may have all but one of them, and wait for
 * the others: a query that hangs must not keep one that answers from being asked.
 */
function openLanes(most: number): Lanes {
  const free: Lane[] = Array.from({ length: Math.max(2, most) }, () => ({}))
  const mostSlow = free.length - 1
  let slow = 0
  const waiting: { isSlow: boolean; begin: (lane: Lane) => void }[] = []
  const next = (): void => {
    // The one used last is the one that is open.
    const lane = free.at(-1)
    const first =
      waiting.find((one) => !one.isSlow) ?? (slow < mostSlow ? waiting.at(0) : undefined)
    if (!lane || !first) return
    free.pop()
    waiting.splice(waiting.indexOf(first), 1)
    if (first.isSlow) slow++
    first.begin(lane)
  }
  return {
    async use(isSlow, task) {
      const lane = await new Promise<Lane>((begin) => {
        waiting.push({ isSlow, begin })
        next()
      })
      try {
        return await task(lane)
      } finally {
        free.push(lane)
        if (isSlow) slow--
        next()
      }
    },
  }
}
