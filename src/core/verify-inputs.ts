import type { Given } from './given.ts'
import type { InputName } from './input-table.ts'
import type { Mode } from './model.ts'
import type { QualifiedName } from './model-object.ts'
import { parseName, type Surroundings } from './names.ts'
import { accept, choice, integer, parseBoolean, parseList, type Parsed } from './parse.ts'
import { duration } from './duration.ts'
import type { Checks, Names } from './checks.ts'
import { FAIL_ON } from './verdicts.ts'

export function readChecks(given: Given): Checks {
  const maxLagMessages = given.take('max-lag-messages', integer({ from: 0, to: 1_000_000_000 }))
  const maxLagSeconds = given.take('max-lag-seconds', integer({ from: 1, to: 604_800 }))
  const maxSilenceMs = given.take('max-silence', duration({ from: 1000, to: 365 * 24 * 3_600_000 }))
  return {
    failOn: given.take('fail-on', choice(FAIL_ON)) ?? 'degraded',
    thresholds: {
      ...(maxLagMessages !== undefined && { maxLagMessages }),
      ...(maxLagSeconds !== undefined && { maxLagMs: maxLagSeconds * 1000 }),
      ...(maxSilenceMs !== undefined && { maxSilenceMs }),
    },
  }
}

/** Inputs that describe a pipeline, which names alone do not need. */
const DESCRIBING: InputName[] = ['source', 'topic', 'sink', 'sink-from', 'sink-topic', 'spec']

/**
 * What mode verify is to check by name alone; undefined where a spec or the inputs for one pipeline
 * say what should be there, and in other modes.
 */
export function readNames(given: Given, mode: Mode, within: Surroundings): Names | undefined {
  const all = given.take('all-in-schema', parseBoolean) ?? false
  const names = (input: 'sources' | 'sinks'): QualifiedName[] =>
    given.take(input, (text) => parseNames(text, within)) ?? []
  const lists = { sources: names('sources'), sinks: names('sinks') }
  const naming = (['sources', 'sinks', 'all-in-schema'] as const).filter(
    (name) => given.isChosen(name) && !given.isRefused(name),
  )
  const describing = DESCRIBING.filter((name) => given.isChosen(name))
  if (mode !== 'verify') {
    if (naming.length > 0 && !given.isRefused('mode')) {
      given.refuse(
        [...naming, 'mode'],
        `${naming.join(' and ')} can only be given with mode verify`,
      )
    }
    return undefined
  }
  if (naming.length === 0 && (describing.length > 0 || !given.isChosen('connection'))) {
    return undefined
  }
  if (naming.length > 0 && describing.length > 0) {
    given.refuse(
      [...naming, ...describing],
      `${naming.join(' and ')} name what is there, and ${describing.join(' and ')} say what should be there; give one or the other`,
    )
  }
  const connection = given.isChosen('connection')
    ? given.take('connection', (text) => parseName(text, within))
    : undefined
  return { ...lists, ...(connection && { connection }), ...(all && { schema: within }) }
}

function parseNames(text: string, within: Surroundings): Parsed<QualifiedName[]> {
  const list = parseList(text)
  if ('refusal' in list) return list
  const names: QualifiedName[] = []
  for (const one of list.value) {
    const name = parseName(one, within)
    if ('refusal' in name) return name
    names.push(name.value)
  }
  return accept(names)
}
