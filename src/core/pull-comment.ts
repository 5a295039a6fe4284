import { markOf, type Memory, readMemory, writeMemory } from './post-mark.ts'
import { fitting, linkToRun, type Place, resultParts, shortList } from './post-text.ts'
import type { Report } from './report.ts'
import { momentText } from './span.ts'
import { changesBetween, statesOf } from './states.ts'
import { SIGNS } from './summary.ts'
import { plain } from './summary-parts.ts'
import type { Check } from './telling.ts'

/** A run of a pull request. */
export interface PullRun {
  /** Secrets redacted. */
  report: Report
  check: Check
  place: Place
  /** The pull request’s newest commit, if the event tells it. */
  sha?: string
  /** Milliseconds since the epoch. */
  now: number
}

export function commentMark({ key }: Check): string {
  return markOf('comment', key)
}

/** The comment’s whole text. @param was what it said before, if it is there. */
export function commentBody(run: PullRun, was: string | undefined): string {
  const { report, check } = run
  const memory = memoryOf(run, was === undefined ? undefined : readMemory(was))
  const head = `### ${SIGNS[report.status]} Materialize Kafka pipeline, ${report.mode}: ${report.status}`
  const parts = [head, plain(check.label), sinceOf(memory), ...resultParts(report)]
  return [commentMark(check), writeMemory(memory), '', fitting(parts, footOf(run))].join('\n')
}

/** Several runs of one commit are all compared with the commit before. */
function memoryOf({ report, sha }: PullRun, was: Memory | undefined): Memory {
  const now = statesOf(report)
  const base = { now, ...(sha !== undefined && { sha }) }
  if (!was) return base
  const isSameCommit = sha !== undefined && sha === was.sha
  const { before, shaBefore } = isSameCommit ? was : { before: was.now, shaBefore: was.sha }
  return {
    ...base,
    ...(before && { before }),
    ...(shaBefore !== undefined && { shaBefore }),
  }
}

function sinceOf({ before, shaBefore, now }: Memory): string {
  if (!before) return ''
  const since = shaBefore === undefined ? 'the last run' : `<code>${shaBefore.slice(0, 7)}</code>`
  const changes = changesBetween(before, now)
  return changes.length === 0
    ? `Nothing has changed since ${since}.`
    : `**Since ${since}:**\n\n${shortList(changes)}`
}

function footOf({ place, sha, now }: PullRun): string {
  const of = sha === undefined ? '' : ` of [${sha.slice(0, 7)}](${place.url}/commit/${sha})`
  return `By ${linkToRun(place)}${of}, at ${momentText(new Date(now).toISOString())}. Each run updates this comment.`
}
