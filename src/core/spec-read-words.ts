import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import { alternatives, nearest } from './parse.ts'
import type { Keys, Shape } from './spec-shape.ts'
import type { TextKind } from './spec-texts.ts'
import type { Member } from './spec-tree.ts'

/** What is said of values that are not of their shape. */

/** Kinds whose texts are short and public, so that they may be quoted. */
export const SHOWN: ReadonlySet<TextKind> = new Set([
  ...(['name', 'topic', 'relation', 'broker', 'size', 'setting', 'file', 'pattern'] as const),
])

type Form = Extract<Shape, { is: 'form' }>

/** As the guides of old had it: `WITH (SIZE = '3xsmall')`. */
const SIZES_ARE_GONE =
  'sources and sinks have no size of their own since Materialize v0.84; give cluster, which has one'

/** What may be meant by a key that is none. */
export function keyHint({ key, node }: Member, keys: Keys): string {
  if (key === 'size' && 'cluster' in keys) return SIZES_ARE_GONE
  const meant = nearest(key, Object.keys(keys))
  if (meant !== undefined) return `did you mean ${meant}?`
  // `{ sql: SELECT a, b FROM t }` has the key “b FROM t”, with nothing as its value.
  return (!node || (isScalar(node) && node.value === null)) && /\s/.test(key)
    ? 'if it belongs to the text before it, put all of that in quotes, since a comma ends a text within { }'
    : `allowed: ${Object.keys(keys).join(', ')}`
}

/** How what may be chosen is written. */
export function waysToWrite({ words, forms }: Form): string[] {
  return [...words, ...Object.keys(forms).map((form) => `{ ${form}: … }`)]
}

/** What is wrong with a word, or the one key of a map, that is not as it was meant. */
export function formFault(chosen: string, shape: Form): string {
  const { words, forms } = shape
  if (Object.hasOwn(forms, chosen)) return `needs options; write { ${chosen}: … }`
  if (words.includes(chosen)) return `takes no options; write the word ${chosen} alone`
  const known = [...new Set([...words, ...Object.keys(forms)])]
  const meant = nearest(chosen, known)
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`
  return `is not a word it knows; allowed: ${alternatives(waysToWrite(shape))}${hint}`
}

/** What is missing where a value stands elsewhere. */
export function missing(origin: 'env' | 'file', name: string): string {
  return origin === 'env'
    ? `needs the environment variable ${name}, which is not set or empty`
    : `needs the file ${name}, which cannot be read or is empty`
}

/** What a value is, for people. */
export function kindOf(node: Node | undefined): string {
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return 'a list'
  return kindOfScalar(isScalar(node) ? node : undefined)
}

function kindOfScalar(scalar: Scalar | undefined): string {
  if (typeof scalar?.value === 'string') return 'text'
  if (typeof scalar?.value === 'number') return 'a number'
  return typeof scalar?.value === 'boolean' ? 'true or false' : 'nothing'
}
