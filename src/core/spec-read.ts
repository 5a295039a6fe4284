import { isMap, isScalar, isSeq } from 'yaml'
import { duration } from './duration.ts'
import type { Cell } from './model-expectation.ts'
import { choice, integer, alternatives, parseText, type Parsed } from './parse.ts'
import { cellOf } from './spec-cell.ts'
import type { Faults } from './spec-faults.ts'
import type { Key, Origin, Shape } from './spec-shape.ts'
import { formFault, keyHint, kindOf, missing, SHOWN, waysToWrite } from './spec-read-words.ts'
import { TEXTS, type TextKind } from './spec-texts.ts'
import type { Member, Place, Tree } from './spec-tree.ts'

/** Something read, and where it stands. */
export interface Spot<T> {
  value: T
  at: number
  /** Where its key stands; for an entry of a list the same as `at`. */
  keyAt: number
  /** Of a map: every key there is with its place, whether or not its value was refused. */
  given: ReadonlyMap<string, number>
  /** It is the default, since nothing usable was given. */
  implied?: true
  /** It was given as `{ text: … }`. */
  clear?: true
}

/** What a shape is read to. A value that was refused reads as undefined, or as its default. */
export type Content<S> = S extends { is: 'object'; keys: infer K }
  ? { readonly [N in keyof K]: Reading<K[N]> }
  : S extends { is: 'map'; of: infer O }
    ? ReadonlyMap<string, Spot<Content<O>>>
    : S extends { is: 'list'; of: infer O }
      ? Spot<Content<O>>[]
      : S extends { is: 'word'; words: readonly (infer W)[] }
        ? W
        : S extends { is: 'form'; words: readonly (infer W)[]; forms: infer F }
          ? Chosen<W, F>
          : S extends { is: 'whole' | 'duration' }
            ? number
            : S extends { is: 'truth' }
              ? boolean
              : S extends { is: 'cell' }
                ? Cell
                : S extends { is: 'either'; of: readonly (infer O)[] }
                  ? Content<O>
                  : string

/** The word or key that was chosen, and what stands behind the key. */
type Chosen<W, F> =
  | { form: W; of?: undefined }
  | {
      [N in keyof F]: F[N] extends { shape: infer S } ? { form: N; of: Spot<Content<S>> } : never
    }[keyof F]

type Reading<K> = K extends { shape: infer S }
  ? K extends { default: unknown }
    ? Spot<Content<S>>
    : Spot<Content<S>> | undefined
  : never

export type Reference = { env: string } | { file: string }

/** Where values come from that are not in the file. Undefined: there is nothing of that name. */
export interface Elsewhere {
  secret(reference: Reference): string | undefined
  text?(reference: Reference): string | undefined
}

/** What is being read: its place, that of its key, and what messages call it. */
interface Subject extends Place {
  path: string
  keyAt: number
}

type ShapeOf<I extends Shape['is']> = Extract<Shape, { is: I }>

/** Where a value stands that is not in the file. */
type Outside = 'env' | 'file'

/** The key by which an origin is given. */
function spelled(origin: Exclude<Origin, 'text'>): 'text' | Outside {
  return origin === 'clear' ? 'text' : origin
}

/** A value without its place. */
type Found = Pick<Spot<unknown>, 'value'> & Partial<Spot<unknown>>

const NOTHING: ReadonlyMap<string, number> = new Map()

export class Reader {
  readonly #tree: Tree
  readonly #faults: Faults
  readonly #elsewhere: Elsewhere

  constructor(tree: Tree, facts: { faults: Faults; elsewhere: Elsewhere }) {
    this.#tree = tree
    this.#faults = facts.faults
    this.#elsewhere = facts.elsewhere
  }

  /** The whole file. Undefined if it is of another shape altogether. */
  file<S extends Shape>(shape: S): Spot<Content<S>> | undefined {
    // What is read by a shape has the shape’s content: the one cast for all of them.
    return this.#read(shape, { ...this.#tree.root, keyAt: 0, path: '' }) as
      Spot<Content<S>> | undefined
  }

  #read(shape: Shape, subject: Subject): Spot<unknown> | undefined {
    const read = this.#content(shape, subject)
    return read && { given: NOTHING, ...read, at: subject.at, keyAt: subject.keyAt }
  }

  #content(shape: Shape, subject: Subject): Found | undefined {
    switch (shape.is) {
      case 'text':
        return this.#text(subject, shape.kind)
      case 'word':
        return this.#parsed(subject, { parse: choice(shape.words), quoted: true })
      case 'whole':
        return this.#whole(shape, subject)
      case 'form':
        return this.#form(shape, subject)
      case 'setting':
        return this.#setting(shape, subject)
      case 'value':
        return this.#value(shape, subject)
      case 'list':
        return this.#list(shape, subject)
      case 'map':
        return this.#map(shape, subject)
      case 'object':
        return this.#object(shape, subject)
      case 'truth':
        return this.#truth(subject)
      case 'duration':
        return this.#duration(shape, subject)
      case 'cell':
        return cellOf(subject, { tree: this.#tree, faults: this.#faults })
      case 'either':
        return this.#either(shape, subject)
    }
  }

  #text(subject: Subject, kind: TextKind): { value: string } | undefined {
    return this.#parsed(subject, { parse: TEXTS[kind].parse, quoted: SHOWN.has(kind) })
  }

  #parsed<T>(
    subject: Subject,
    { parse, quoted }: { parse: (text: string) => Parsed<T>; quoted: boolean },
  ): { value: T } | undefined {
    const { node, at, path } = subject
    if (!isScalar(node) || typeof node.value !== 'string') return this.#wrong(subject, 'text')
    const parsed = parse(node.value)
    if ('value' in parsed) return parsed
    this.#faults.refuse(at, path, { ...parsed.refusal, ...(quoted && { quote: node.value }) })
    return undefined
  }

  #whole({ range }: ShapeOf<'whole'>, subject: Subject): { value: number } | undefined {
    const { node, at, path } = subject
    if (!isScalar(node) || typeof node.value !== 'number') {
      return this.#wrong(subject, 'a whole number')
    }
    const written = node.source ?? String(node.value)
    const parsed = integer(range)(written)
    if ('value' in parsed) return parsed
    this.#faults.refuse(at, path, { ...parsed.refusal, quote: written })
    return undefined
  }

  #setting({ kind }: ShapeOf<'setting'>, subject: Subject): { value: string } | undefined {
    const { node, at, path } = subject
    if (!isScalar(node) || node.value === null) {
      return this.#wrong(subject, kind ? 'text or a number' : 'text, a number, true or false')
    }
    const value = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    const parsed = kind ? TEXTS[kind].parse(value) : parseText(value)
    if ('value' in parsed) return parsed
    this.#faults.refuse(at, path, { ...parsed.refusal, ...(kind && { quote: value }) })
    return undefined
  }

  #form(shape: ShapeOf<'form'>, subject: Subject): { value: unknown } | undefined {
    const { words, forms } = shape
    const { node, at, path } = subject
    if (isScalar(node) && typeof node.value === 'string') {
      const { value } = node
      if (words.includes(value)) return { value: { form: value } }
      this.#faults.add(at, `${path} ${this.#faults.show(value)} ${formFault(value, shape)}`)
      return undefined
    }
    const members = isMap(node) && this.#tree.members(node, path)
    if (!members) return this.#wrong(subject, alternatives(waysToWrite(shape)))
    const [member, ...more] = members.values()
    const form = member && Object.hasOwn(forms, member.key) ? forms[member.key] : undefined
    if (!member || more.length > 0) {
      this.#faults.add(at, `${path} takes ${alternatives(waysToWrite(shape))}, one of them`)
      return undefined
    }
    if (!form) {
      const what = `${inside(path, this.#faults.part(member.key))}`
      this.#faults.add(member.keyAt, `${what} ${formFault(member.key, shape)}`)
      return undefined
    }
    const of = this.#member(form.shape, member, subject)
    return of && { value: { form: member.key, of } }
  }

  #duration({ range }: ShapeOf<'duration'>, subject: Subject): { value: number } | undefined {
    const { node } = subject
    return isScalar(node) && typeof node.value === 'string'
      ? this.#parsed(subject, { parse: duration(range), quoted: true })
      : this.#wrong(subject, 'a duration such as 90s, 5m or 1h30m')
  }

  #truth(subject: Subject): { value: boolean } | undefined {
    const { node } = subject
    if (isScalar(node) && typeof node.value === 'boolean') return { value: node.value }
    return this.#wrong(subject, 'true or false')
  }

  #either(shape: ShapeOf<'either'>, subject: Subject): Found | undefined {
    const { node } = subject
    const kind = isMap(node) ? 'map' : isSeq(node) ? 'list' : 'scalar'
    const fitting = shape.of.find((one) => (KINDS[one.is] ?? 'scalar') === kind)
    const isNothing = !node || (isScalar(node) && node.value === null)
    return fitting && !isNothing
      ? this.#content(fitting, subject)
      : this.#wrong(subject, shape.what)
  }

  #list(shape: ShapeOf<'list'>, subject: Subject): { value: unknown[] } | undefined {
    const { node, at, path } = subject
    if (!isSeq(node)) return this.#wrong(subject, 'a list')
    if (node.items.length < shape.least) {
      this.#faults.add(at, `${path} is empty; give at least one entry`)
    }
    const seen = new Set<unknown>()
    const value: unknown[] = []
    for (const item of node.items) {
      const place = this.#tree.follow(item, at)
      // The entry is where its alias stands; what is wrong within it, where that is written.
      const read = this.#read(shape.of, { ...place, keyAt: place.at, path })
      if (!read) continue
      if (!shape.repeats && typeof read.value === 'string' && seen.has(read.value)) {
        this.#faults.add(place.at, `${path} names ${this.#faults.show(read.value)} twice`)
      }
      seen.add(read.value)
      value.push(read)
    }
    return { value }
  }

  #map(shape: ShapeOf<'map'>, subject: Subject): Found | undefined {
    const members = this.#members(subject, `a map of ${shape.what}`)
    if (!members) return undefined
    const value = new Map<string, unknown>()
    for (const member of members.values()) {
      const parsed = TEXTS[shape.keys].parse(member.key)
      if ('refusal' in parsed) {
        const quote = { quote: member.key }
        this.#faults.refuse(member.keyAt, `${subject.path}: the key`, {
          ...parsed.refusal,
          ...quote,
        })
      }
      const read = this.#member(shape.of, member, subject)
      if (read) value.set(member.key, read)
    }
    return { value, given: placesOf(members) }
  }

  #object(shape: ShapeOf<'object'>, subject: Subject): Found | undefined {
    const members = this.#members(subject, 'a map')
    if (!members) return undefined
    for (const member of members.values()) {
      if (!Object.hasOwn(shape.keys, member.key)) this.#unknown(member, { shape, subject })
    }
    const value: Record<string, unknown> = {}
    for (const [name, key] of Object.entries(shape.keys)) {
      const member = members.get(name)
      const read = member && this.#member(key.shape, member, subject)
      value[name] = read ?? defaultOf(key, subject)
      if (!member && key.needed) {
        this.#faults.add(subject.keyAt, `${inside(subject.path, name)} is missing`)
      }
    }
    return { value, given: placesOf(members) }
  }

  #unknown(member: Member, of: { shape: ShapeOf<'object'>; subject: Subject }): void {
    const { keys, what } = of.shape
    const part = this.#faults.part(member.key)
    this.#faults.add(
      member.keyAt,
      `${inside(of.subject.path, part)} is no key of ${what}; ${keyHint(member, keys)}`,
    )
  }

  /** A text that stands in the file, in an environment variable or in another file. */
  #value(shape: ShapeOf<'value'>, subject: Subject): Found | undefined {
    const { node, at, path } = subject
    const inFile = shape.from.includes('text')
    const elsewhere = shape.from.filter((origin) => origin !== 'text').map(spelled)
    if (isScalar(node) && node.value !== null) {
      if (inFile) return this.#text(subject, shape.kind)
      this.#faults.add(
        at,
        `${path} is written in the file, where others can read it; change it, and name an environment variable instead: { env: NAME }`,
      )
      return undefined
    }
    const forms = [...(inFile ? ['text'] : []), ...elsewhere.map((origin) => `{ ${origin}: … }`)]
    const members = isMap(node) && this.#tree.members(node, path)
    if (!members) return this.#wrong(subject, alternatives(forms))
    const [member, ...more] = members.values()
    const origin = elsewhere.find((one) => one === member?.key)
    // Keys that nobody expects here are not named: they may be a password in the wrong place.
    if (!member || !origin || more.length > 0) {
      this.#faults.add(at, `${path} takes ${alternatives(forms)} and no other keys`)
      return undefined
    }
    if (origin !== 'text') return this.#fetch(shape, { ...member, path }, origin)
    const read = this.#text({ ...member, path: `${path}.text` }, shape.kind)
    return read && { ...read, clear: true }
  }

  #fetch(
    shape: ShapeOf<'value'>,
    subject: Subject,
    origin: Outside,
  ): { value: string } | undefined {
    const { at, path } = subject
    const named = this.#text({ ...subject, path: `${path}.${origin}` }, origin)
    if (!named) return undefined
    const reference = origin === 'env' ? { env: named.value } : { file: named.value }
    const text = shape.secret
      ? this.#elsewhere.secret(reference)
      : this.#elsewhere.text?.(reference)
    if (text === undefined || text.trim() === '') {
      if (origin === 'env') this.#faults.missVariable()
      this.#faults.add(at, `${path} ${missing(origin, this.#nameOf(origin, named.value))}`)
      return undefined
    }
    const parsed = TEXTS[shape.kind].parse(text)
    if ('value' in parsed) return parsed
    const from = origin === 'env' ? 'environment variable' : 'file'
    const what = `${path} (${from} ${this.#nameOf(origin, named.value)})`
    this.#faults.refuse(at, what, parsed.refusal)
    return undefined
  }

  /** A variable in small letters may be a password put in place of a variable’s name. */
  #nameOf(origin: Outside, name: string): string {
    if (origin === 'file') return this.#faults.show(name)
    return /^[A-Z_][A-Z0-9_]{0,99}$/.test(name) ? this.#faults.part(name) : 'named there'
  }

  #member(shape: Shape, member: Member, parent: Subject): Spot<unknown> | undefined {
    const path = inside(parent.path, this.#faults.part(member.key))
    return this.#read(shape, { ...member, path })
  }

  #members(subject: Subject, wanted: string): Map<string, Member> | undefined {
    if (!isMap(subject.node)) return this.#wrong(subject, wanted)
    return this.#tree.members(subject.node, subject.path === '' ? 'the spec' : subject.path)
  }

  #wrong({ node, at, path }: Subject, wanted: string): undefined {
    const scalar = isScalar(node) && node.value !== null
    const quotes = wanted === 'text' && scalar ? '; put it in quotes' : ''
    const what = path === '' ? 'the spec' : path
    this.#faults.add(at, `${what} must be ${wanted}, not ${kindOf(node)}${quotes}`)
    return undefined
  }
}

/** What of YAML each shape is written as; the others are neither map nor list. */
const KINDS: Partial<Record<Shape['is'], 'map' | 'list'>> = {
  map: 'map',
  object: 'map',
  list: 'list',
}

function inside(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`
}

function placesOf(members: ReadonlyMap<string, Member>): Map<string, number> {
  return new Map([...members].map(([key, { keyAt }]) => [key, keyAt]))
}

function defaultOf(key: Key, { at }: Subject): Spot<unknown> | undefined {
  return key.default === undefined
    ? undefined
    : { value: key.default, at, keyAt: at, given: NOTHING, implied: true }
}
