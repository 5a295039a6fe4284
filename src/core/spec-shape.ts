import type { DurationRange } from './duration.ts'
import type { Privilege } from './model-object.ts'
import type { Range } from './parse.ts'
import type { TextKind } from './spec-texts.ts'

/** What the spec file’s keys are described with, and the keys that several kinds of object have. */

/** What a value in the spec file may be. */
export type Shape =
  | { is: 'text'; kind: TextKind }
  | { is: 'word'; words: readonly string[] }
  | { is: 'whole'; range: Range }
  /** Text, number or boolean, taken as it is written; of a kind, what that kind takes. */
  | { is: 'setting'; kind?: TextKind }
  /** Text that may stand elsewhere. `secret`: it comes from where secrets do. */
  | { is: 'value'; kind: TextKind; from: readonly Origin[]; secret: boolean }
  /** `repeats`: an entry may come twice. */
  | { is: 'list'; of: Shape; least: number; repeats?: true }
  /** Keys of the user’s own. */
  | { is: 'map'; of: Shape; keys: TextKind; what: string }
  | { is: 'object'; keys: Keys; what: string }
  /** True or false. */
  | { is: 'truth' }
  /** A time, read to milliseconds. */
  | { is: 'duration'; range: DurationRange }
  /** A value of a row: anything. */
  | { is: 'cell' }
  /** One of these, which YAML’s own kinds (map, list, neither) tell apart. */
  | { is: 'either'; of: readonly Shape[]; what: string }
  /** One of the words, or a map with one of the keys: what has options of its own. */
  | { is: 'form'; what: string; words: readonly string[]; forms: Forms }

export type Forms = Readonly<Record<string, { shape: Shape; meaning: string }>>

/** `clear` is text as `{ text: … }`: it goes on being text where text of its own would be kept secret. */
export type Origin = 'text' | 'clear' | 'env' | 'file'

export interface Key {
  shape: Shape
  meaning: string
  needed?: true
  /** What holds while it is absent. */
  default?: string | number | boolean
  /** The same in words, where it is no fixed value. */
  otherwise?: string
}

export type Keys = Readonly<Record<string, Key>>

/** What Materialize lets be granted on each kind of object. Sinks have no privileges. */
export const PRIVILEGES_ON = {
  cluster: ['usage', 'create'],
  connection: ['usage'],
  source: ['select'],
  table: ['select'],
  view: ['select'],
} as const satisfies Record<string, readonly Privilege[]>

/** Text of a kind that spec-texts knows. */
export const text = <const K extends TextKind>(kind: K) => ({ is: 'text', kind }) as const

/** One of these words. */
export const word = <const W extends string>(words: readonly W[]) =>
  ({ is: 'word', words }) as const

/** A whole number. */
export const whole = (range: Range) => ({ is: 'whole', range }) as const

/** true or false. */
export const truth = { is: 'truth' } as const

/** Text or a number of a kind, as it is written. */
export const written = <const K extends TextKind>(kind: K) => ({ is: 'setting', kind }) as const

/** A word, or a map with one key where there are options: `json`, `{ csv: { columns: 3 } }`. */
export const form = <const W extends string, const F extends Forms>(
  what: string,
  words: readonly W[],
  forms: F,
) => ({ is: 'form', what, words, forms }) as const

/** Text given here, in a variable or in a file, as far as `from` allows. */
export const value = (kind: TextKind, from: readonly Origin[], { secret }: { secret: boolean }) =>
  ({ is: 'value', kind, from, secret }) as const

/** A list with at least so many entries. */
export const list = <const S extends Shape>(of: S, least = 0) =>
  ({ is: 'list', of, least }) as const

/** A map whose keys are the user’s own. */
export const map = <const S extends Shape>(of: S, more: { keys: TextKind; what: string }) =>
  ({ is: 'map', of, ...more }) as const

/** A map with these keys. */
export const object = <const K extends Keys>(what: string, keys: K) =>
  ({ is: 'object', what, keys }) as const

/** One of several shapes, no two of which are both maps, both lists or neither. */
export const either = <const S extends Shape>(what: string, of: readonly S[]) =>
  ({ is: 'either', of, what }) as const

/** Who may do what, of what the kind of object allows. */
export const grants = <P extends Privilege>(privileges: readonly P[]) =>
  list(
    object('a grant', {
      to: { shape: text('name'), needed: true, meaning: 'Role.' },
      privileges: {
        shape: list(word(privileges), 1),
        needed: true,
        meaning: 'What it may do.',
      },
    }),
  )

/** What every object in Materialize may be given. */
export const described = {
  comment: {
    shape: text('comment'),
    otherwise: 'left as it is',
    meaning: 'Comment for people; the action’s own mark is kept beside it.',
  },
  owner: {
    shape: text('name'),
    otherwise: 'that of defaults, or left as it is',
    meaning: 'Role that owns it.',
  },
} as const

/** What an object in Materialize may be given that has privileges. */
export const keeping = <P extends Privilege>(privileges: readonly P[]) =>
  ({
    ...described,
    grants: {
      shape: grants(privileges),
      otherwise: 'those of defaults that fit, or left as they are',
      meaning: 'Who may do what with it, in place of those of defaults.',
    },
  }) as const

/** The cluster that runs an object. */
export const cluster = {
  shape: text('name'),
  otherwise: 'that of defaults, or the input cluster, or the role’s default cluster',
  meaning: 'Cluster it runs in; one that is not in clusters must exist.',
} as const

/** The connection an object goes by. */
export const connectionOf = {
  shape: text('name'),
  needed: true,
  meaning: 'Its connection, one of connections.',
} as const
