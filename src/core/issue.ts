import { markOf, type Memory, readMemory, writeMemory } from './post-mark.ts'
import { fitting, linkToRun, type Place, resultParts, shortList } from './post-text.ts'
import type { Report } from './report.ts'
import { momentText, spanText } from './span.ts'
import { changesBetween, digestOf, illStatesOf } from './states.ts'
import { plain } from './summary-parts.ts'
import type { Check } from './telling.ts'

/** What a health check saw, with where and when. */
export interface Seen {
  /** Secrets redacted. */
  report: Report
  /** Whether the run fails by it. */
  isWell: boolean
  check: Check
  place: Place
  /** Milliseconds since the epoch. */
  now: number
}

interface OpenIssue {
  id: number
  body: string
}

/** What is to be done to the check’s issue, in this order. */
export type IssueStep =
  | { do: 'open'; title: string; mark: string; body: string }
  | { do: 'update'; id: number; body: string; close?: 'completed' }
  | { do: 'comment'; id: number; mark: string; body: string }
  /** Another run opened one at the same time. */
  | { do: 'drop'; id: number }

export function issueMark({ key }: Check): string {
  return markOf('issue', key)
}

/** @param open the check’s own open issues, oldest first. More than one comes of runs at the same time. */
export function issueSteps(open: OpenIssue[], seen: Seen): IssueStep[] {
  const [kept, ...others] = open
  const drops = others.map(({ id }): IssueStep => ({ do: 'drop', id }))
  if (seen.isWell) return kept ? [...closing(kept, seen), ...drops] : []
  if (!kept) {
    const states = illStatesOf(seen.report)
    const since = new Date(seen.now).toISOString()
    const memory = { since, state: digestOf(states), now: states }
    const mark = issueMark(seen.check)
    return [{ do: 'open', title: titleOf(seen), mark, body: bodyOf(seen, memory) }]
  }
  return [...stillIll(kept, seen), ...drops]
}

/** Of issues of one check that were opened at the same time the oldest stays. */
export function afterOpening(opened: { id: number }, open: OpenIssue[]): IssueStep[] {
  const [oldest] = open
  return oldest && oldest.id < opened.id ? [{ do: 'drop', id: opened.id }] : []
}

function stillIll(issue: OpenIssue, seen: Seen): IssueStep[] {
  const was = readMemory(issue.body)
  const now = illStatesOf(seen.report)
  const state = digestOf(now)
  const since = was?.since ?? new Date(seen.now).toISOString()
  const update: IssueStep = {
    do: 'update',
    id: issue.id,
    body: bodyOf(seen, { since, state, now }),
  }
  // Whoever has changed what the issue keeps for us gets no comment on what nobody knows any more.
  if (!was || was.state === state) return [update]
  const changes = changesBetween(was.now, now)
  const body = fitting(
    [
      'The state has changed:',
      changes.length > 0 ? shortList(changes) : 'what has changed is beyond what this issue keeps.',
    ],
    `Seen by ${linkToRun(seen.place)}.`,
  )
  return [update, commentStep(issue, seen, body)]
}

function closing(issue: OpenIssue, seen: Seen): IssueStep[] {
  const since = readMemory(issue.body)?.since
  const lasted = since === undefined ? '' : `, after ${spanText(seen.now - Date.parse(since))}`
  const words = `**Well again${lasted}.**`
  const body = [
    issueMark(seen.check),
    writeMemory({ ...(since !== undefined && { since }), now: [] }),
    '',
    fitting([words, ...resultParts(seen.report)], footOf(seen)),
  ].join('\n')
  const comment = `${words} Seen by ${linkToRun(seen.place)}.`
  return [
    { do: 'update', id: issue.id, body, close: 'completed' },
    commentStep(issue, seen, comment),
  ]
}

function commentStep({ id }: OpenIssue, { check, place }: Seen, text: string): IssueStep {
  const mark = markOf('change', check.key, place.runUrl.replace(/[^\w/.:-]/g, ''))
  return { do: 'comment', id, mark, body: `${mark}\n\n${text}` }
}

/** Titles are no Markdown but for code, and mention nobody. */
function titleOf({ check }: Seen): string {
  const label = check.label
    .replace(/[^\p{L}\p{N} ._/,:()+-]/gu, '')
    .slice(0, 120)
    .toWellFormed()
  return `Materialize Kafka pipeline not well: ${label}`
}

function bodyOf(seen: Seen, memory: Memory & { since: string }): string {
  const lasts = spanText(seen.now - Date.parse(memory.since))
  const words = `The check ${plain(seen.check.label)} has failed since **${momentText(memory.since)}** (for ${lasts}).`
  return [
    issueMark(seen.check),
    writeMemory(memory),
    '',
    fitting([words, ...resultParts(seen.report)], footOf(seen)),
  ].join('\n')
}

function footOf({ place, now }: Seen): string {
  return `Last seen at ${momentText(new Date(now).toISOString())} by ${linkToRun(place)}. The workflow keeps this issue: each run updates this text, a change of state is one comment, and the issue is closed once all is well.`
}
