import { readStates, type State, writeStates } from './states.ts'

/**
 * What issues and comments keep for the next run: their first lines, which are HTML comments and not
 * seen. The first one is the mark, which tells whose they are; anybody can write it, so only posts of
 * the token’s own user count.
 */
export type PostKind = 'issue' | 'change' | 'comment'

/** The line that a post of a check begins with. `at` tells posts of one kind apart, in our own words. */
export function markOf(kind: PostKind, key: string, at?: string): string {
  return `<!-- materialize-kafka-action ${kind} ${key}${at === undefined ? '' : ` ${at}`} -->`
}

export interface Memory {
  /** ISO time: since when it is broken. */
  since?: string
  /** A digest of the state, which tells whether it is still the same one. */
  state?: string
  /** The commit that it speaks of, and the one before. */
  sha?: string
  shaBefore?: string
  now: State[]
  /** How things stood at the commit before. */
  before?: State[]
}

/** As one line. */
export function writeMemory(memory: Memory): string {
  const parts = [
    ['since', memory.since],
    ['state', memory.state],
    ['sha', memory.sha],
    ['sha-before', memory.shaBefore],
    ['before', memory.before && writeStates(memory.before)],
    ['now', writeStates(memory.now)],
  ] as const
  const given = parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  return `<!-- ${given.join(' ')} -->`
}

/** Of a body; undefined where somebody has changed what it held. */
export function readMemory(body: string): Memory | undefined {
  const [, line = ''] = body.split(/\r?\n/)
  const inner = /^<!-- (.*) -->$/.exec(line)?.[1]
  if (inner === undefined) return undefined
  const parts = new Map(
    inner.split(' ').map((part): [string, string] => {
      const at = part.indexOf('=')
      return [part.slice(0, at), part.slice(at + 1)]
    }),
  )
  const text = parts.get('now')
  const now = text === undefined ? undefined : readStates(text)
  if (!now) return undefined
  const since = parts.get('since')
  const state = parts.get('state')
  const before = parts.get('before')
  const statesBefore = before === undefined ? undefined : readStates(before)
  const commit = (name: string): string | undefined => {
    const sha = parts.get(name) ?? ''
    return /^[0-9a-f]{7,64}$/.test(sha) ? sha : undefined
  }
  const [sha, shaBefore] = [commit('sha'), commit('sha-before')]
  return {
    ...(since !== undefined && !Number.isNaN(Date.parse(since)) && { since }),
    ...(state !== undefined && { state }),
    ...(sha !== undefined && { sha }),
    ...(shaBefore !== undefined && { shaBefore }),
    now,
    ...(statesBefore && { before: statesBefore }),
  }
}
