import { rightText } from './acl.ts'
import type { Report } from './report.ts'
import { plain, ROOM, table, within } from './summary-parts.ts'

const SIGNS = { has: '🟢', missing: '🔴', 'not known': '⚪' } as const

/** The rights in Kafka that are not there, or not known to be, with the lines that add them. */
export function grantsOf({ grants }: Report): string {
  if (grants.length === 0) return ''
  const had = grants.filter(({ state }) => state === 'has').length
  const head = `### Rights in Kafka\n\n${String(had)} of ${String(grants.length)} right(s) that Materialize’s user needs are there.`
  const rest = grants.filter(({ state }) => state !== 'has')
  const rows = rest.map((grant) => [
    `${grant.optional ? '⚪' : SIGNS[grant.state]} ${grant.state}${grant.optional ? ', and goes without' : ''}`,
    plain(rightText(grant), 600),
    plain(grant.neededBy.join(', '), 600),
    grant.because === undefined ? '' : plain(grant.because, 600),
  ])
  const { kept, left } = within(rows, ROOM.rows / 2)
  const lines = within(
    rest.flatMap(({ add }) => (add === undefined ? [] : plain(add, 2_000))),
    ROOM.list,
  )
  return [
    head,
    ...(left > 0 ? [`Not shown: ${String(left)} more right(s).`] : []),
    ...(kept.length > 0 ? [table(['State', 'Right', 'Needed by', 'Because'], kept)] : []),
    ...(lines.kept.length > 0
      ? [`What adds them:\n\n${lines.kept.map((line) => `- ${line}`).join('\n')}`]
      : []),
  ].join('\n\n')
}
