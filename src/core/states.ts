import { digest } from './marker.ts'
import { severityOf } from './health.ts'
import type { ObjectReport, Report } from './report.ts'
import { targetName } from './sql.ts'
import { signOf } from './summary-health.ts'
import { plain } from './summary-parts.ts'
import { VERDICTS } from './verdicts.ts'

/** How one thing stands, to be compared with how it stood at another time. */
export interface State {
  /** Kind and name; hostile. */
  of: string
  /** A few words of our own, and attributes. */
  is: string
  /** A digest of what else may have changed. */
  more?: string
}

/** How everything stands that a run spoke of: verdicts, what is planned, or what was done. */
export function statesOf(report: Report): State[] {
  const { objects, plannedChanges, changes, expectations, failure, mode } = report
  const states: State[] =
    mode === 'plan'
      ? plannedChanges.map(({ kind, object, action, differences, check }) => ({
          of: `${kind} ${object}`,
          is: [
            action,
            ...(differences.length > 0
              ? [`(${differences.map(({ attribute }) => attribute).join(', ')})`]
              : []),
            ...(check ? [`server: ${check.result}`] : []),
          ].join(' '),
          more: digest(JSON.stringify([differences, check?.because])),
        }))
      : mode === 'teardown'
        ? changes.map(({ kind, object, action }) => ({ of: `${kind} ${object}`, is: action }))
        : objects
            .filter(({ verdict }) => verdict !== '')
            .map((object) => ({ of: `${object.kind} ${targetName(object)}`, is: stateOf(object) }))
  states.push(
    ...expectations.map(({ name, held }) => ({
      of: `expectation ${name}`,
      is: held ? '🟢 holds' : '🔴 does not hold',
    })),
  )
  // What no object says, for instance that Materialize was not reached.
  const isSaid = mode === 'verify' && objects.some(({ reason }) => reason === failure?.reason)
  if (failure && !isSaid) states.push({ of: 'run', is: `🔴 ${failure.reason}` })
  const bare = withoutTag(report.environment?.tag)
  return states.map((state) => ({ ...state, of: bare(state.of) }))
}

/** Names end with an environment’s tag, which may be another one in each run. */
function withoutTag(tag: string | undefined): (name: string) => string {
  if (tag === undefined) return (name) => name
  return (name) => name.replaceAll(`-${tag}`, '').replaceAll(`_${tag.replaceAll('-', '_')}`, '')
}

/** Of a health check: what is not well. */
export function illStatesOf(report: Report): State[] {
  return statesOf({
    ...report,
    objects: report.objects.filter((object) => severityOf(object) !== 'healthy'),
    expectations: report.expectations.filter(({ held }) => !held),
  })
}

/** The same for the same states, in whatever order. */
export function digestOf(states: State[]): string {
  return digest(JSON.stringify(states.map(({ of, is, more }) => [of, is, more]).toSorted()))
}

function stateOf(object: ObjectReport): string {
  // Whether a record came just now is no change of anything.
  if (object.verdict in VERDICTS && severityOf(object) === 'healthy') return '🟢 well'
  const reason = object.reason === undefined ? '' : ` (${object.reason})`
  return `${signOf(object)} ${object.verdict}${reason}`
}

/** What differs, each as a line of Markdown; what is new and what is gone, too. */
export function changesBetween(before: State[], now: State[]): string[] {
  const known = new Map(before.map((state) => [state.of, state]))
  const lines: string[] = []
  for (const { of, is, more } of now) {
    const was = known.get(of)
    known.delete(of)
    if (!was) lines.push(`${plain(of, 600)}: new, ${plain(is)}`)
    else if (was.is !== is) lines.push(`${plain(of, 600)}: ${plain(was.is)} → ${plain(is)}`)
    else if (was.more !== more) lines.push(`${plain(of, 600)}: ${plain(is)}, with other values`)
  }
  for (const { of, is } of known.values())
    lines.push(`${plain(of, 600)}: ${plain(is)} → no longer there`)
  return lines
}

/** Letters that the states of one moment may take in a mark. */
const ROOM = 6_000

/** States for a mark: neither a line nor an HTML comment can end in it, and nobody is mentioned. */
export function writeStates(states: State[]): string {
  let room = ROOM
  const kept: string[] = []
  for (const { of, is, more } of states) {
    const text = [of, is, ...(more === undefined ? [] : [more])].map(written).join(':')
    room -= text.length + 1
    if (room < 0) break
    kept.push(text)
  }
  return kept.join(',')
}

/** Undefined for a text that `writeStates` never wrote. */
export function readStates(text: string): State[] | undefined {
  if (text === '') return []
  try {
    return text.split(',').map((one) => {
      const [of, is, more] = one.split(':').map((part) => decodeURIComponent(part))
      if (of === undefined || is === undefined) throw new Error('no state')
      return { of, is, ...(more !== undefined && { more }) }
    })
  } catch {
    return undefined
  }
}

/** Half a surrogate pair has no form in a URL. */
function written(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
