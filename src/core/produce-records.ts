import type { GivenRecord } from './model-canary.ts'
import { parseTopic } from './names.ts'
import { nearest } from './parse.ts'
import { parseExact } from './rows.ts'

/** Most bytes of a file of records; what it holds is in memory until it is written. */
export const MOST_PRODUCED = 8 * 1024 * 1024
/** Mistakes that are told at once. */
const MOST_FAULTS = 20
const MOST_PARTITION = 2 ** 31 - 1

const KEYS = ['key', 'value', 'headers', 'topic', 'partition']

/**
 * Records as JSON lines; blank lines count and hold none. Either all records or all that is wrong with
 * them, each fault with its line. A value of a record is never repeated in a fault.
 */
export function parseRecords(
  text: string,
  show: (name: string) => string,
): { records: GivenRecord[] } | { faults: string[] } {
  const faults: string[] = []
  const records: GivenRecord[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const fault = (words: string): void => {
      faults.push(`line ${String(index + 1)} ${words}`)
    }
    const record = readRecord(line, { fault, show })
    if (record) records.push(record)
  }
  if (faults.length > MOST_FAULTS) {
    const left = faults.length - MOST_FAULTS
    return { faults: [...faults.slice(0, MOST_FAULTS), `and ${String(left)} more`] }
  }
  if (faults.length > 0) return { faults }
  return records.length > 0 ? { records } : { faults: ['there is no record in it'] }
}

interface Telling {
  fault: (words: string) => void
  show: (name: string) => string
}

function readRecord(line: string, telling: Telling): GivenRecord | undefined {
  const { fault, show } = telling
  const read = parseExact(line)
  if (!isObject(read)) {
    fault(
      read === line
        ? 'is not JSON; each line is one JSON object'
        : 'is no JSON object; allowed: {"value": …} with key, headers, topic and partition',
    )
    return undefined
  }
  for (const name of Object.keys(read).filter((one) => !KEYS.includes(one))) {
    const meant = nearest(name, KEYS)
    const hint = meant === undefined ? `allowed: ${KEYS.join(', ')}` : `did you mean ${meant}?`
    fault(`has the unknown member ${show(name)}; ${hint}`)
  }
  if (!('value' in read)) fault('has no value; null writes a tombstone')
  const topic = readTopic(read['topic'], telling)
  const partition = readPartition(read['partition'], telling)
  return {
    key: readBytes('key', read['key'], telling),
    value: readBytes('value', read['value'], telling),
    headers: readHeaders(read['headers'], telling),
    ...(topic !== undefined && { topic }),
    ...(partition !== undefined && { partition }),
  }
}

/** Text as it is, {"base64": …} as its bytes, everything else as JSON. */
function readBytes(name: string, given: unknown, { fault }: Telling): Uint8Array | null {
  if (given === null || given === undefined) return null
  if (typeof given === 'string') return new TextEncoder().encode(given)
  if (isObject(given) && Object.keys(given).join() === 'base64') {
    const text = given['base64']
    const bytes = typeof text === 'string' ? fromBase64(text) : undefined
    if (!bytes) fault(`has a ${name} that says base64 and is none`)
    return bytes ?? null
  }
  return new TextEncoder().encode(JSON.stringify(given))
}

function fromBase64(text: string): Uint8Array | undefined {
  const isWell = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  return isWell ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : undefined
}

function readHeaders(given: unknown, telling: Telling): GivenRecord['headers'] {
  if (given === undefined || given === null) return []
  if (!isObject(given)) {
    telling.fault('has headers that are no JSON object')
    return []
  }
  return Object.entries(given).map(([name, value]) => [
    name,
    readBytes(`header ${telling.show(name)}`, value, telling),
  ])
}

function readTopic(given: unknown, { fault, show }: Telling): string | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'string') {
    fault('has a topic that is no text')
    return undefined
  }
  const parsed = parseTopic(given)
  if ('value' in parsed) return parsed.value
  fault(`has the topic ${show(given)}, which is not a topic name`)
  return undefined
}

function readPartition(given: unknown, { fault }: Telling): number | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0) {
    if (given <= MOST_PARTITION) return given
  }
  fault('has a partition that is no whole number from 0 on')
  return undefined
}

/** A number that a double cannot hold is an object, too, and frozen. */
function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.isFrozen(value)
  )
}
