import type { Report } from './report.ts'
import type { CanaryReport, ProducedReport, Spread } from './report-sent.ts'
import { MOST, plain, ROOM, table, within } from './summary-parts.ts'

/** What `produce` wrote, topic by topic. */
export function producedOf({ produced }: Report): string {
  if (produced.length === 0) return ''
  const { kept, left } = within(produced.map(producedLine), ROOM.list)
  const more = left > 0 ? [`- and ${String(left)} more`] : []
  return ['### Records written', '', ...kept, ...more].join('\n')
}

function producedLine({ topic, partition, records, first, last }: ProducedReport): string {
  const offsets = first === last ? `offset ${first}` : `offsets ${first} to ${last}`
  return `- ${String(records)} to topic ${plain(topic, 600)}, partition ${String(partition)}, ${offsets}`
}

/** What was copied into topics of an environment’s own. */
export function copiedOf({ copied }: Report): string {
  if (copied.length === 0) return ''
  const lines = copied.map(
    ({ topic, from, records }) =>
      `- ${String(records)} of topic ${plain(from, 600)} to topic ${plain(topic, 600)}`,
  )
  const { kept, left } = within(lines, ROOM.list)
  const more = left > 0 ? [`- and ${String(left)} more`] : []
  return ['### First records copied', '', ...kept, ...more].join('\n')
}

const LEGS = ['acknowledged', 'ingested', 'sunk', 'total'] as const

/** How far canaries came and how long they took, and what they wrote where. */
export function canariesOf({ canaries }: Report): string {
  if (canaries.length === 0) return ''
  const ordered = canaries.toSorted((a, b) => Number(a.held) - Number(b.held))
  const lines = ordered.map((one, at) => [
    `${one.held ? '🟢' : '🔴'} ${String(at + 1)}`,
    one.way,
    plain(one.relation, 600),
    one.sink === undefined ? '' : plain(one.sink, 600),
    String(one.times.length),
    plain(one.because, 600),
  ])
  const { kept } = within(lines, ROOM.rows / 2)
  const notes = [...ordered.flatMap(writtenLine), ...ordered.flatMap(leftLine)]
  return [
    '### Canaries',
    table(['', 'Way', 'Source', 'Sink', 'Records', 'Because'], kept),
    ...latenciesOf(ordered),
    ...(notes.length > 0 ? [within(notes, ROOM.list).kept.join('\n')] : []),
  ].join('\n\n')
}

/** A line to each leg, since legs beside one another would be too wide for the page. */
function latenciesOf(canaries: CanaryReport[]): string[] {
  const longest = Math.max(1, ...canaries.flatMap(({ spread }) => spread.total?.median ?? []))
  const lines = canaries.flatMap(({ spread }, at) =>
    LEGS.flatMap((leg) => {
      const of = spread[leg]
      return of ? [[String(at + 1), leg, ...spreadCells(of, longest)]] : []
    }),
  )
  if (lines.length === 0) return []
  const { kept, left } = within(lines, ROOM.list)
  return [
    `Milliseconds from the sending on${left > 0 ? `; not shown: ${String(left)} more line(s)` : ''}:`,
    table(['', 'Until', 'Median', '', 'Least', '90th percentile', 'Most'], kept),
  ]
}

function spreadCells({ min, median, p90, max }: Spread, longest: number): string[] {
  const [middle = '', ...others] = [median, min, p90, max].map(String)
  return [middle, bar(median / longest), ...others]
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A share as a bar of at most eight blocks, by eighths of a block; something is never nothing. */
export function bar(share: number): string {
  const eighths = Math.min(64, Math.max(1, Math.round(share * 64)))
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}

/** Only inline canaries write to what stays. */
function writtenLine({ written }: CanaryReport): string[] {
  const shown = written
    .slice(0, MOST.rows)
    .map(
      ({ topic, partition, offset, tombstone }) =>
        `- wrote ${tombstone ? 'a tombstone' : 'a record'} to topic ${plain(topic, 600)}, partition ${String(partition)}, offset ${plain(offset)}`,
    )
  const left = written.length - shown.length
  return left > 0
    ? [...shown, `- and ${String(left)} more record(s), which the report lists`]
    : shown
}

function leftLine({ left }: CanaryReport): string[] {
  return left.map((one) => `- could not be removed: ${plain(one, 600)}`)
}
