import type { Report } from './report.ts'
import { differencesOf, expectationsOf, failureOf, lineOf, notesOf, objectsOf } from './summary.ts'
import { healthOf } from './summary-health.ts'
import { plain, table, within } from './summary-parts.ts'
import { canariesOf } from './summary-sent.ts'

/**
 * What issues and comments say: the summary’s pieces, in less room, since GitHub takes 65536 letters,
 * and never with a row in them. Secrets are redacted before.
 */

/** Shares of what the marks leave over. */
const ROOM = { rows: 14_000, list: 6_000, whole: 46_000 }

/** Where the run can be seen. */
export interface Place {
  runUrl: string
  runId: string
  /** Of the repository. */
  url: string
}

/** How the run came out, of whatever mode. */
export function resultParts(report: Report): string[] {
  const after = [
    expectationsOf(report, 'none', ROOM.list),
    canariesOf(report),
    notesOf(report.notes),
  ]
  if (report.mode === 'verify') return [...healthOf(report, '', ROOM), ...after]
  const before = [failureOf(report), lineOf(report)]
  const rest = [differencesOf(report, ROOM.rows), ...after]
  return report.mode === 'plan'
    ? [...before, plannedOf(report), ...rest]
    : [...before, objectsOf(report, ROOM.rows), ...rest]
}

function plannedOf({ plannedChanges }: Report): string {
  if (plannedChanges.length === 0) return ''
  const rows = plannedChanges.map(({ action, kind, object, check }) => [
    action,
    kind,
    plain(object, 600),
    check
      ? `${check.result}${check.because === undefined ? '' : `, ${plain(check.because, 300)}`}`
      : '',
  ])
  const { kept, left } = within(rows, ROOM.rows)
  const words = left > 0 ? `Not shown: ${String(left)} more change(s).\n\n` : ''
  const isChecked = plannedChanges.some(({ check }) => check)
  const head = ['Would', 'Kind', 'Object', ...(isChecked ? ['Server'] : [])]
  return words + table(head, isChecked ? kept : kept.map((row) => row.slice(0, 3)))
}

/** Parts one below the other, as many as there is room for. The last one stays in any case. */
export function fitting(parts: string[], last: string): string {
  const said = parts.filter((part) => part !== '')
  let room = ROOM.whole - last.length
  const kept = said.filter((part) => {
    const fits = part.length <= room
    if (fits) room -= part.length + 2
    return fits
  })
  const left = said.length - kept.length
  const words =
    left > 0
      ? [`Not shown for want of room: ${String(left)} part(s); the run’s summary has them.`]
      : []
  return [...kept, ...words, last].join('\n\n')
}

export function linkToRun({ runUrl, runId }: Place): string {
  return `[run ${runId}](${runUrl})`
}

/** A list in Markdown that says how many entries it has left out. */
export function shortList(entries: string[], most = 20): string {
  const left = entries.length - most
  return [...entries.slice(0, most), ...(left > 0 ? [`and ${String(left)} more`] : [])]
    .map((entry) => `- ${entry}`)
    .join('\n')
}
