import type { Report } from './report.ts'
import { plain, ROOM, table, within } from './summary-parts.ts'

/** What stays of an environment that could not be removed, and what takes it; a sentence. */
export function stayingText(name: string, { environment }: Report): string {
  const schema = environment === undefined ? '' : `, with schema ${environment.schema}`
  return `The environment ${name} may stay in part${schema}: mode sweep removes it once its expires-in has passed.`
}

/** The section of a step’s post, by the environment that it was to remove. */
export function removalOf(name: string, report: Report): string {
  const { failure, notes } = report
  const removed = report.changes.filter(({ action }) => action === 'drop')
  const rows = removed.map(({ kind, object }) => [kind, plain(object, 600)])
  const { kept, left } = within(rows, ROOM.rows)
  const parts = [
    failure ? '## ❌ Not all was removed after the job' : '## 🧹 Removed after the job',
    ...(failure
      ? [
          `**${failure.reason}**: ${plain(failure.message, 2_000)}`,
          plain(failure.hint, 1_000),
          plain(stayingText(name, report), 1_000),
        ]
      : [`Environment ${plain(name, 600)}`]),
    ...(rows.length === 0
      ? [failure ? 'Nothing was removed.' : 'Nothing was there any more.']
      : [table(['Kind', 'Removed'], kept)]),
    ...(left > 0 ? [`Not shown: ${String(left)} more.`] : []),
    ...(notes.length > 0
      ? [
          within(
            notes.map((note) => `- ${plain(note, 1_000)}`),
            ROOM.list,
          ).kept.join('\n'),
        ]
      : []),
  ]
  return `${parts.join('\n\n')}\n`
}
