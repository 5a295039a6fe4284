import { severityOf } from './health.ts'
import type { ObjectReport, Report } from './report.ts'
import { targetName } from './sql.ts'
import { plain, ROOM, table, within } from './summary-parts.ts'
import { VERDICTS } from './verdicts.ts'

/** What mode verify puts on the summary page: one line that says it all, then the worst first. */
export function healthOf(report: Report, picture: string, room = ROOM): string[] {
  return [
    lineOf(report),
    mendingOf(report),
    picture,
    objectsOf(report, room.rows),
    sidesOf(report, room.list),
  ]
}

function lineOf({ objects, failure }: Report): string {
  if (objects.length === 0) return failure ? '' : 'There was nothing to look at.'
  const counts = new Map<string, number>()
  for (const { verdict } of objects) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const told = [...counts].map(([verdict, count]) => `${String(count)} ${verdict}`).join(', ')
  return `**${told}**${failure ? '' : ': all is well.'}`
}

function mendingOf({ failure, tolerated }: Report): string {
  if (!failure) return ''
  const { reason, message, hint } = failure
  const words = tolerated ? ' (`fail-on` lets this pass)' : ''
  return [`**${reason}**${words}: ${plain(message, 2_000)}`, plain(hint, 1_000)].join('\n\n')
}

export function signOf(object: ObjectReport): string {
  const { verdict } = object
  if (verdict === '') return '⚪'
  if (verdict === 'proven') return '🟢'
  if (verdict === 'not proven') return '🟡'
  const severity = verdict in VERDICTS ? severityOf(object) : 'degraded'
  return { healthy: '🟢', drifted: '🔵', degraded: '🟡', failed: '🔴' }[severity]
}

function objectsOf({ objects }: Report, room: number): string {
  if (objects.length === 0) return ''
  const rows = objects.map((object) => [
    `${signOf(object)} ${object.verdict}`,
    object.kind,
    plain(targetName(object), 600),
    object.reason ?? '',
    lagOf(object),
    plain(object.because, 600),
  ])
  const { kept, left } = within(rows, room)
  const words = left > 0 ? `Not shown: ${String(left)} more object(s), none worse.\n\n` : ''
  return words + table(['Verdict', 'Kind', 'Object', 'Reason', 'Lag', 'Because'], kept)
}

function lagOf({ lag }: ObjectReport): string {
  const parts = [
    ...(lag?.offsets === undefined
      ? []
      : [`${lag.offsets} offset(s)${lag.isOld ? ', up to a minute ago' : ''}`]),
    ...(lag?.ms === undefined ? [] : [`${(lag.ms / 1000).toFixed(1)} s`]),
  ]
  return parts.join(', ')
}

/** Where something is not well: what this runner saw of its Kafka beside what Materialize says. */
function sidesOf({ objects }: Report, room: number): string {
  const rows = objects.flatMap((object) =>
    object.views
      ? [
          [
            plain(targetName(object), 600),
            plain(object.views.runner, 1_000),
            plain(object.views.materialize, 1_000),
          ],
        ]
      : [],
  )
  if (rows.length === 0) return ''
  const { kept } = within(rows, room)
  return `### Both sides\n\n${table(['Object', 'This runner saw', 'Materialize says'], kept)}`
}
