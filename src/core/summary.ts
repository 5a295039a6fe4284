import type { ShowRows } from './model.ts'
import type { Report } from './report.ts'
import { cut, oneLine } from './redact.ts'
import type { Row } from './rows.ts'
import { grantsOf } from './summary-grants.ts'
import { healthOf, signOf } from './summary-health.ts'
import { pictureOf } from './summary-picture.ts'
import { rotationOf } from './summary-rotation.ts'
import { canariesOf, copiedOf, producedOf } from './summary-sent.ts'
import { MOST, plain, ROOM, table, within } from './summary-parts.ts'
import { qualified } from './sql.ts'

export const SIGNS = { healthy: '✅', degraded: '⚠️', failed: '❌', skipped: '⏩' } as const

/** The report as Markdown for the job’s summary page. Everything foreign in it is plain text. */
export function summaryOf(report: Report, of: { showRows: ShowRows; cuts: string[] }): string {
  const isCheck = report.mode === 'verify'
  const parts = [
    `## ${SIGNS[report.status]} Materialize Kafka pipeline: ${report.status}`,
    ...(isCheck
      ? [
          ...healthOf(report, pictureOf(report)),
          differencesOf(report),
          expectationsOf(report, of.showRows),
          canariesOf(report),
        ]
      : [
          failureOf(report),
          lineOf(report),
          pictureOf(report),
          ...(report.rotation ? [rotationOf(report.rotation)] : []),
          objectsOf(report),
          differencesOf(report),
          copiedOf(report),
          producedOf(report),
          expectationsOf(report, of.showRows),
          canariesOf(report),
          ...(of.showRows === 'summary'
            ? [rowsOf(report), messagesOf(report)]
            : [rowsHidden(report, of.showRows)]),
        ]),
    grantsOf(report),
    notesOf([...report.notes, ...of.cuts]),
    statementsOf(report),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

export function failureOf(report: Report): string {
  if (!report.failure) return ''
  const { reason, message, hint } = report.failure
  return [`**${reason}**: ${plain(message, 2_000)}`, plain(hint, 1_000)].join('\n\n')
}

/** How everything does, and what was changed, in one line. */
export function lineOf(report: Report): string {
  const counts = new Map<string, { sign: string; count: number }>()
  for (const object of report.objects) {
    if (object.verdict === '') continue
    const [sign, word] = [signOf(object), object.verdict]
    const known = counts.get(word)
    counts.set(word, { sign, count: (known?.count ?? 0) + 1 })
  }
  const told = [...counts]
    .map(([word, { sign, count }]) => `${sign} ${String(count)} ${word}`)
    .join(', ')
  return [
    ...(told === '' ? [] : [`**${told}.**`]),
    ...(report.rotation ? [] : [changesOf(report)]),
  ].join(' ')
}

function changesOf(report: Report): string {
  const n = report.changes.length
  if (n === 0) {
    if (report.mode === 'plan') return planned(report)
    return report.failure ? 'Nothing was changed.' : 'Nothing was changed: everything was there.'
  }
  const topics = report.changes.filter((change) => change.kind === 'topic')
  const named = topics.map((topic) => ` topic ${plain(topic.object, 600)}`).join(',')
  return `Changed ${String(n)} thing(s)${named === '' ? '' : `, in Kafka${named}`}.`
}

/** A list that says how many entries it had no room for. */
function list(entries: string[]): string[] {
  const { kept, left } = within(entries, ROOM.list)
  return [...kept, ...(left > 0 ? [`and ${String(left)} more`] : [])].map((entry) => `- ${entry}`)
}

function planned(report: Report): string {
  const n = report.plannedChanges.length
  return n === 0
    ? 'Everything is as asked.'
    : `Provisioning would change ${String(n)} thing(s); nothing was changed now.`
}

/** What was not as asked, attribute by attribute. @param room letters at most. */
export function differencesOf(report: Report, room = ROOM.rows): string {
  const rows = [
    ...report.objects.map((object) => ({ ...object, label: qualified(object.name) })),
    ...report.plannedChanges
      .filter((change) => change.kind === 'topic')
      .map((change) => ({ ...change, label: change.object })),
  ].flatMap(({ kind, label, differences }) =>
    differences.map((one) => [
      kind,
      plain(label, 600),
      plain(one.attribute),
      plain(one.there),
      plain(one.asked),
      one.means,
    ]),
  )
  if (rows.length === 0) return ''
  const { kept, left } = within(rows, room)
  const words = left > 0 ? `Not shown: ${String(left)} more difference(s).\n\n` : ''
  const head = ['Kind', 'Object', 'Attribute', 'There', 'Asked', 'Takes']
  return `### Differences\n\n${words}${table(head, kept)}`
}

export function objectsOf(report: Report, room = ROOM.rows): string {
  if (report.objects.length === 0) return ''
  const rows = report.objects.map((object) => [
    object.kind,
    plain(qualified(object.name), 600),
    object.action,
    object.status === '' ? '' : plain(object.status),
    object.verdict === '' ? '' : `${signOf(object)} ${object.verdict}`,
    object.because === '' ? '' : plain(object.because, 600),
  ])
  const { kept, left } = within(rows, room)
  const words = left > 0 ? `Not shown: ${String(left)} more object(s).\n\n` : ''
  const head = ['Kind', 'Object', 'Action', 'Status in Materialize', 'Verdict', 'Because']
  // Of a plan there is neither status nor verdict.
  const used = head.map((_name, at) => kept.some((row) => row[at] !== ''))
  const some = (cells: string[]): string[] => cells.filter((_cell, at) => used[at])
  return words + table(some(head), kept.map(some))
}

/** Those that did not hold first, with the rows that differ where rows may be shown. */
export function expectationsOf(report: Report, showRows: ShowRows, room = ROOM.rows / 2): string {
  if (report.expectations.length === 0) return ''
  const ordered = report.expectations.toSorted((a, b) => Number(a.held) - Number(b.held))
  const lines = ordered.map((one) => [
    one.held ? '🟢' : '🔴',
    plain(one.name, 600),
    plain(one.because, 600),
    String(one.asked),
    `${(one.ms / 1000).toFixed(1)} s`,
  ])
  const { kept, left } = within(lines, room)
  const words = left > 0 ? `Not shown: ${String(left)} more expectation(s).\n\n` : ''
  const rows = showRows === 'summary' ? differingRows(ordered) : []
  return [
    `### Expectations\n\n${words}${table(['', 'Name', 'Because', 'Asked', 'Took'], kept)}`,
    ...(rows.length > 0 ? [list(rows).join('\n')] : []),
  ].join('\n\n')
}

function differingRows(of: Report['expectations']): string[] {
  return of.flatMap(({ name, held, seen = [], missing = [] }) => {
    if (held) return []
    const line = (word: string) => (row: Row) => `${plain(name, 100)} ${word} ${value(row)}`
    return [...missing.map(line('misses')), ...seen.map(line('saw'))]
  })
}

function rowsOf(report: Report): string {
  const { sample, relation, more } = report.rows
  if (!relation) return ''
  const head = `### Rows of ${plain(qualified(relation), 600)}`
  if (sample.length === 0) return `${head}\n\nNo rows were seen.`
  const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))]
  const shown = columns.slice(0, MOST.columns)
  const rows = sample.slice(0, MOST.rows).map((row) => shown.map((name) => value(row[name])))
  const { kept } = within(rows, ROOM.rows)
  const words: string[] = []
  const unshown = sample.length - kept.length
  if (unshown > 0) words.push(`${String(unshown)} more row(s) in the outputs`)
  if (columns.length > shown.length) {
    words.push(`${String(columns.length - shown.length)} more column(s)`)
  }
  if (more) words.push('the relation holds more rows')
  const cuts = words.length === 0 ? '' : `Not shown: ${words.join('; ')}.\n\n`
  const body = table(
    shown.map((name) => plain(name)),
    kept,
  )
  return `${head}\n\n${cuts}${body}`
}

function messagesOf(report: Report): string {
  if (report.sinkMessages.length === 0) return ''
  const newestFirst = [...report.sinkMessages]
    .reverse()
    .slice(0, MOST.rows)
    .map((message) => [
      String(message.partition),
      plain(message.offset),
      value(message.key),
      value(message.value),
    ])
  const { kept } = within(newestFirst, ROOM.rows)
  const unshown = report.sinkMessages.length - kept.length
  const cuts = unshown > 0 ? `Not shown: ${String(unshown)} older message(s).\n\n` : ''
  const head = `### Messages on topic ${plain(report.sinkTopic ?? '', 600)}, newest first`
  return `${head}\n\n${cuts}${table(['Partition', 'Offset', 'Key', 'Value'], kept)}`
}

function rowsHidden(report: Report, showRows: ShowRows): string {
  const n = String(report.rows.count)
  return showRows === 'output'
    ? `${n} row(s) were seen; they are in the output \`rows\` and not shown here.`
    : `${n} row(s) were seen; \`show-rows: none\` keeps them out of outputs and summary.`
}

export function notesOf(notes: string[]): string {
  if (notes.length === 0) return ''
  return ['### Notes', '', ...list(notes.map((note) => plain(note, 1_000)))].join('\n')
}

/** How to do the same by hand, secrets apart. */
function statementsOf(report: Report): string {
  if (report.statements.length === 0) return ''
  const { kept, left } = within(report.statements.map(script), ROOM.list)
  const body = kept.join('\n')
  // Longer than any in the text, so that none of them ends it.
  const fence = '`'.repeat(Math.max(3, ...[...body.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return [
    '<details><summary>How to reproduce: the SQL that was sent (secrets are not shown)</summary>',
    '',
    `${fence}sql`,
    ...kept,
    fence,
    '',
    ...(left > 0 ? [`Not shown: ${String(left)} more statement(s).`, ''] : []),
    '</details>',
  ].join('\n')
}

/** A statement to be copied: its lines stay, since a comment ends with its line. */
function script(statement: string): string {
  const lines = cut(statement, 4_000)
    .split('\n')
    .map((line) => oneLine(line, 4_000))
  return `${lines.join('\n')}${lines.at(-1)?.includes('--') ? '\n' : ''};`
}

function value(of: unknown): string {
  if (of === null || of === undefined) return '_null_'
  return plain(typeof of === 'string' ? of : JSON.stringify(of))
}
