import { digest } from './marker.ts'

/**
 * Names of what an isolated canary makes. A topic has no comment that could say whose it is and how
 * long it may stay: its name says both, so that a run which was killed loses none.
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
  // Whole seconds are exact enough, and short.
  const seconds = Math.ceil(of.until / 1000).toString(36)
  return `${canaryPrefix(repository)}${seconds}-${of.id}-${end}`
}

/** What a name says, if it is one of a canary of the repository. */
export function readCanaryName(repository: string, name: string): CanaryName | undefined {
  const prefix = canaryPrefix(repository)
  if (!name.startsWith(prefix)) return undefined
  const match = /^([0-9a-z]{1,8})-([0-9a-f]{12})-(?:in|out)$/.exec(name.slice(prefix.length))
  const [, seconds = '', id = ''] = match ?? []
  return match ? { id, until: Number.parseInt(seconds, 36) * 1000 } : undefined
}

/**
 * The key of inline canaries of a source: always the same, so that the tombstone of one run takes away
 * what a run before it could not.
 */
export function inlineKey(repository: string, source: string): string {
  return `${STEM}-${digest(`${repository} ${source}`)}`
}

/** The text of a canary’s record, which no other record has. */
export function recordText(id: string, n: number): string {
  return `${STEM}-${id}-${String(n).padStart(3, '0')}`
}
