import type { Undecodable } from './verdicts.ts'

/** A record as far as its format is concerned. */
export interface Encoded {
  partition: number
  offset: string
  key: Uint8Array | null
  value: Uint8Array | null
}

/** What a source takes: formats in lower case. */
export interface Taken {
  keyFormat?: string
  valueFormat?: string
  envelope?: string
}

/** How many places are named. */
const FIRST = 5
/** What can be checked without a schema. Bytes fit whatever they are. */
const CHECKED = new Set(['json', 'text', 'csv', 'regex', 'bytes'])

/** Whether records can be checked at all: those of other formats take their schema. */
export function canCheck({ keyFormat, valueFormat }: Taken): boolean {
  return [keyFormat, valueFormat].every((format) => format === undefined || CHECKED.has(format))
}

/** Which of these records do not fit. Nothing of what they hold is kept. */
export function unfitIn(records: readonly Encoded[], taken: Taken): Undecodable {
  const unfit = records.filter((record) => !fits(record, taken))
  return {
    looked: records.length,
    count: unfit.length,
    first: unfit.slice(0, FIRST).map(({ partition, offset }) => ({ partition, offset })),
  }
}

function fits({ key, value }: Encoded, { keyFormat, valueFormat, envelope }: Taken): boolean {
  // An upsert source tells records apart by their keys.
  if (envelope === 'upsert' && key === null) return false
  return isOf(keyFormat, key) && isOf(valueFormat, value)
}

function isOf(format: string | undefined, bytes: Uint8Array | null): boolean {
  if (bytes === null || format === undefined || format === 'bytes') return true
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return false
  }
  if (format !== 'json') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
