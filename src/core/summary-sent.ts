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

/** How far canaries came and how long they took, and what they wrote where. */
export function canariesOf({ canaries }: Report): string {
  if (canaries.length === 0) return ''
  const ordered = canaries.toSorted((a, b) => Number(a.held) - Number(b.held))
  const longest = Math.max(1, ...ordered.flatMap(({ spread }) => spread.total?.median ?? []))
  const lines = ordered.map((one) => [
    one.held ? '🟢' : '🔴',
    one.way,
    plain(one.relation, 600),
    one.sink === undefined ? '' : plain(one.sink, 600),
    String(one.times.length),
    ...(['acknowledged', 'ingested', 'sunk', 'total'] as const).map((leg) =>
      spreadText(one.spread[leg], longest),
    ),
    plain(one.because, 600),
  ])
  const head = ['', 'Way', 'Source', 'Sink', 'Records']
  const { kept } = within(lines, ROOM.rows / 2)
  const notes = [...ordered.flatMap(writtenLine), ...ordered.flatMap(leftLine)]
  return [
    '### Canaries',
    'Milliseconds from the sending on: least, median, 90th percentile, most. A bar is as long as the median.',
    table([...head, 'Acknowledged', 'Ingested', 'Sunk', 'Total', 'Because'], kept),
    ...(notes.length > 0 ? [within(notes, ROOM.list).kept.join('\n')] : []),
  ].join('\n\n')
}

function spreadText(of: Spread | undefined, longest: number): string {
  if (!of) return ''
  const { min, median, p90, max } = of
  const words = min === max ? String(min) : [min, median, p90, max].map(String).join(' / ')
  return `${bar(median / longest)} ${words}`
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
