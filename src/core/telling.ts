import type { Given } from './given.ts'
import { digest } from './marker.ts'
import type { QualifiedName } from './model-object.ts'
import type { Inputs, Mode } from './model.ts'
import { accept, parseBoolean, type Parsed, refuse } from './parse.ts'
import { qualified } from './sql.ts'

/** What of a run GitHub is told beside its result: an issue, a comment of the pull request, or both. */
export interface Telling {
  token: string
  issue: boolean
  comment: boolean
  /** What the user calls the check. */
  checkName?: string
}

const WITH_COMMENT: readonly Mode[] = ['plan', 'provision', 'verify', 'teardown']
const LONGEST_NAME = 100

/** The token for GitHub’s API. */
export function readToken(given: Given): string | undefined {
  // The default is an expression, which means nothing where no runner has put the token in its place.
  return given.has('github-token') ? given.take('github-token', parseToken) : undefined
}

/** Undefined where GitHub is told nothing. */
export function readTelling(
  given: Given,
  { mode, token }: { mode: Mode; token: string | undefined },
): Telling | undefined {
  const issue = given.take('issue', parseBoolean) ?? false
  const comment = given.take('comment', parseBoolean) ?? false
  const checkName = given.take('check-name', parseCheckName)
  if (issue && mode !== 'verify' && !given.isRefused('mode')) {
    given.refuse(['issue', 'mode'], 'issue is of mode verify')
  }
  if (comment && !WITH_COMMENT.includes(mode) && !given.isRefused('mode')) {
    given.refuse(['comment', 'mode'], `comment does not go with mode ${mode}`)
  }
  if (!issue && !comment) {
    if (checkName !== undefined) {
      given.refuse(['check-name', 'issue'], 'check-name has no use without issue or comment')
    }
    return undefined
  }
  if (token === undefined) {
    if (!given.isRefused('github-token')) {
      given.refuse(['github-token'], 'github-token is empty, and issue and comment need it')
    }
    return undefined
  }
  return { token, issue, comment, ...(checkName !== undefined && { checkName }) }
}

/** It is to be a header. */
function parseToken(text: string): Parsed<string> {
  return /^[ -~]+$/.test(text) ? accept(text) : refuse('has letters that no token has')
}

function parseCheckName(text: string): Parsed<string> {
  const allowed = `one line of 1 to ${String(LONGEST_NAME)} letters`
  if (text.length > LONGEST_NAME) return refuse('is too long', { allowed })
  return /[\r\n]/.test(text) ? refuse('has more than one line', { allowed }) : accept(text)
}

/** Where in GitHub a check runs, and of which environment it is. */
export interface CheckPlace {
  /** The workflow’s file, with its repository. */
  workflow: string
  job: string
  /** As the input says it. */
  environment?: string | undefined
}

/** A check, as issue and comment know it. */
export interface Check {
  /** Digest of what makes it this one. */
  key: string
  /** For people; hostile. */
  label: string
}

/**
 * Which check a run is. All legs of a matrix have one job and one run, so that what they check tells
 * them apart: where, what, and the user’s own name for it.
 * @param inputs with the names of the spec: those of an environment may be of this run alone.
 */
export function checkOf(inputs: Inputs, telling: Telling, place: CheckPlace): Check {
  const { mode, materialize, schema } = inputs
  const what = targetsOf(inputs)
  const key = digest(
    JSON.stringify([
      telling.checkName ?? [place.workflow, place.job],
      // What a preview makes and what takes it away is one thing to the pull request.
      mode === 'teardown' ? 'provision' : mode,
      ...[materialize.host, materialize.port, materialize.database, schema],
      place.environment ?? '',
      what,
    ]),
  )
  return { key, label: telling.checkName ?? labelOf(what.map(([, name]) => name)) }
}

function labelOf(names: string[]): string {
  const more = names.length > 3 ? [`and ${String(names.length - 3)} more`] : []
  return [...names.slice(0, 3), ...more].join(', ')
}

/** What is checked, each with its kind: a source and a sink may have one name. */
function targetsOf({ names, specFile, spec }: Inputs): [kind: string, name: string][] {
  const all = (kind: string, of: QualifiedName[]) =>
    of
      .map((one): [string, string] => [kind, qualified(one)])
      .toSorted(([, a], [, b]) => (a < b ? -1 : 1))
  if (names) {
    const { sources, sinks, connection, schema } = names
    return [
      ...(schema ? [['schema', `${schema.database}.${schema.schema}`] as [string, string]] : []),
      ...all('source', sources),
      ...all('sink', sinks),
      ...all('connection', connection ? [connection] : []),
    ]
  }
  if (specFile !== undefined) return [['spec', specFile]]
  return (['sources', 'sinks', 'connections'] as const).flatMap((kind) =>
    all(
      kind,
      spec[kind].map(({ name }) => name),
    ),
  )
}
