import { digest } from './marker.ts'
import { byteLength, MAX_NAME_BYTES } from './names.ts'

/** Names of what belongs to one environment: they end so that no other environment can have them. */

/** Kafka’s limit for a topic’s name. */
export const MAX_TOPIC = 249

/** How much of the environment’s own name is kept, so that people know it again. */
const MOST_SHOWN = 24
const MOST_OF_JOB = 100

/**
 * What the names end with: the environment’s own as far as letters, digits and hyphens go, and a digest
 * of it as it is and of its repository.
 * @param hash hexadecimal digits of a hash for which nobody can find two texts alike; 16 are used.
 */
export function environmentTag(
  of: { name: string; repository: string },
  hash: (text: string) => string,
): string {
  const words = of.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const shown = words.slice(0, MOST_SHOWN).replace(/^-+|-+$/g, '')
  const exact = hash(JSON.stringify([of.repository, of.name])).slice(0, 16)
  return shown === '' ? `env-${exact}` : `${shown}-${exact}`
}

/**
 * The name of an environment that belongs to one step of one job: legs of a matrix have the same id.
 * @param random letters and digits that no other step draws.
 */
export function jobEnvironment(
  of: { runId: string; runAttempt: string; job: string },
  random: string,
): string {
  const { runId, runAttempt, job } = of
  return `run-${runId}-${runAttempt}-${job.slice(0, MOST_OF_JOB)}-${random}`
}

/** A topic, cut if it must be, with the tag. Kafka takes `a.b` and `a_b` for one: hyphens do not. */
export function ownTopic(topic: string, tag: string): string {
  return ending(topic, { end: `-${tag}`, most: MAX_TOPIC, joint: '-' })
}

/** A schema or cluster, cut if it must be, with the tag in a form that needs no quotes. */
export function ownIdentifier(name: string, tag: string): string {
  return ending(name, { end: `_${tag.replaceAll('-', '_')}`, most: MAX_NAME_BYTES, joint: '_' })
}

/** How consumer groups or transactional ids begin. */
export function ownPrefix(prefix: string, tag: string): string {
  return `${prefix}${tag}-`
}

/** Two long names that are alike up to where they are cut differ in the digest of the whole. */
function ending(name: string, of: { end: string; most: number; joint: string }): string {
  if (byteLength(name) + of.end.length <= of.most) return name + of.end
  const end = `${of.joint}${digest(name)}${of.end}`
  let cut = ''
  for (const character of name) {
    if (byteLength(cut + character) + end.length > of.most) break
    cut += character
  }
  return cut + end
}
