/** The one time limit of a run, and the signal that it is to stop sooner. */
export interface Deadline {
  /** The whole, in milliseconds. */
  readonly timeoutMs: number
  /** Aborts when the run is cancelled; its reason is a Failure. */
  readonly signal: AbortSignal
  /** Milliseconds left, 0 when there are none. */
  remainingMs(): number
}

export function startDeadline(of: {
  timeoutMs: number
  now: () => number
  signal: AbortSignal
}): Deadline {
  const end = of.now() + of.timeoutMs
  return {
    timeoutMs: of.timeoutMs,
    signal: of.signal,
    remainingMs: () => Math.max(0, end - of.now()),
  }
}

/** A time limit that no signal cuts, for what must be done however the run ends. */
export function uncutDeadline(timeoutMs: number, clock: { now(): number }): Deadline {
  return startDeadline({ timeoutMs, now: () => clock.now(), signal: new AbortController().signal })
}

/**
 * The part of a deadline that waiting may use: what is kept back lets a run whose time has passed
 * still read the rows that are there and report them.
 */
export function waitingPart(deadline: Deadline): Deadline {
  return without(deadline, Math.min(3_000, deadline.timeoutMs * 0.2))
}

/** The part of a deadline after which GitHub can still be told what became of the run. */
export function workingPart(deadline: Deadline): Deadline {
  return without(deadline, Math.min(20_000, deadline.timeoutMs * 0.2))
}

function without(deadline: Deadline, kept: number): Deadline {
  return {
    timeoutMs: deadline.timeoutMs - kept,
    signal: deadline.signal,
    remainingMs: () => Math.max(0, deadline.remainingMs() - kept),
  }
}

/** For how long the log says nothing of what is waited for, milliseconds. */
export const QUIET_MS = 5_000

/** How long something has been waited for, and for how long that may go on, both milliseconds. */
export function waitText(ms: number, leftMs: number): string {
  const seconds = (of: number): string => String(Math.round(of / 1000))
  return `${seconds(ms)} s, at most ${seconds(leftMs)} s more`
}
