import { digest } from './marker.ts'

/**
 * Names of what an isolated canary makes, and keys of inline ones. A topic or a row has no comment that
 * could say whose it is and how long it may stay: its name or key says both, so that a run which was
 * killed loses none.
 */

const STEM = 'mka-canary'

export interface CanaryName {
  /** Of the canary: of all that it makes. */
  id: string
  /** Milliseconds since the epoch, after which another run may remove it. */
  until: number
}

/** How the names of all canaries of a repository begin. */
export function canaryPrefix(repository: string): string {
  return `${STEM}-${digest(repository)}-`
}

/** The name of a canary’s topic and source, or sink. */
export function canaryName(repository: string, of: CanaryName, end: 'in' | 'out'): string {
  return `${canaryPrefix(repository)}${timeAndId(of)}-${end}`
}

/** What a name says, if it is one of a canary of the repository. */
export function readCanaryName(repository: string, name: string): CanaryName | undefined {
  const prefix = canaryPrefix(repository)
  if (!name.startsWith(prefix)) return undefined
  const [, text] = /^(.*)-(?:in|out)$/.exec(name.slice(prefix.length)) ?? []
  return text === undefined ? undefined : readTimeAndId(text)
}

/** Of what source a key is. */
export interface KeyPlace {
  repository: string
  source: string
}

/** How the keys of all inline canaries of a source begin. */
export function inlineKeyPrefix({ repository, source }: KeyPlace): string {
  return `${STEM}-${digest(`${repository} ${source}`)}-`
}

/**
 * The key of a run’s inline canaries of a source. Each run has its own: of two that share one, a row
 * would be overwritten by the other’s before anybody could see it. It says after what time another run
 * may take it away, so that a run which was killed leaves no row for good.
 */
export function inlineKey(at: KeyPlace, of: CanaryName): string {
  return `${inlineKeyPrefix(at)}${timeAndId(of)}`
}

/** What a key says, if it is one of an inline canary of the source. */
export function readInlineKey(at: KeyPlace, key: string): CanaryName | undefined {
  const prefix = inlineKeyPrefix(at)
  return key.startsWith(prefix) ? readTimeAndId(key.slice(prefix.length)) : undefined
}

function timeAndId({ until, id }: CanaryName): string {
  // Whole seconds are exact enough, and short.
  return `${Math.ceil(until / 1000).toString(36)}-${id}`
}

function readTimeAndId(text: string): CanaryName | undefined {
  const [, seconds = '', id = ''] = /^([0-9a-z]{1,8})-([0-9a-f]{12})$/.exec(text) ?? []
  return id === '' ? undefined : { id, until: Number.parseInt(seconds, 36) * 1000 }
}

/** The text of a canary’s record, which no other record has. */
export function recordText(id: string, n: number): string {
  return `${STEM}-${id}-${String(n).padStart(3, '0')}`
}
