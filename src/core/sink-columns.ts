import { formatName } from './model-format.ts'
import type { SinkSpec } from './model-sink.ts'
import { nearest } from './parse.ts'

/** What a sink asks of its relation’s columns and does not get. */
export interface ColumnFault {
  /** The spec’s key to blame. */
  key: 'key' | 'headers' | 'format' | 'value-format'
  /** Reads on from the key’s name. */
  text: string
}

/** @param columns of the relation that the sink writes, all of them. */
export function columnFaults(
  sink: Pick<SinkSpec, 'key' | 'headers' | 'format' | 'keyFormat'>,
  columns: readonly string[],
  show: (name: string) => string,
): ColumnFault[] {
  const faults: ColumnFault[] = []
  const most = 12
  const shown = columns.slice(0, most).map(show).join(', ')
  const there = `there are ${shown}${columns.length > most ? ' …' : ''}`
  const missing = (key: 'key' | 'headers', name: string): void => {
    if (columns.includes(name)) return
    const meant = nearest(name, columns)
    const hint = meant === undefined ? there : `${there} (did you mean ${show(meant)}?)`
    faults.push({ key, text: `${show(name)} is no column of what the sink writes; ${hint}` })
  }
  for (const name of sink.key) missing('key', name)
  if (sink.headers !== undefined) missing('headers', sink.headers)
  const format = formatName(sink.format)
  if (columns.length > 1 && (format === 'text' || format === 'bytes')) {
    faults.push({
      key: sink.keyFormat ? 'value-format' : 'format',
      text: `${format} writes one column, and ${there}`,
    })
  }
  return faults
}
