import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  parseDocument,
  type Node,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import type { Faults } from './spec-faults.ts'

/** Larger than any spec people write, and small enough to be read in a moment. */
const MOST_CHARACTERS = 1_048_576
const MOST_VALUES = 200_000

/** A node that is no alias, or nothing, and where it begins. */
export interface Place {
  node: Node | undefined
  at: number
}

export interface Member extends Place {
  key: string
  keyAt: number
}

/**
 * A YAML file as a tree with places. Aliases and merge keys are followed; tags are refused, since
 * nothing in a spec needs one.
 */
export class Tree {
  readonly root: Place
  readonly #faults: Faults
  readonly #targets = new Map<Node, Node>()
  #left = MOST_VALUES

  /** Settles the faults if the text is no YAML: what a broken tree says would mislead. */
  constructor(text: string, faults: Faults) {
    this.#faults = faults
    if (text.length > MOST_CHARACTERS) {
      faults.add(0, `the spec has more than ${String(MOST_CHARACTERS)} characters`)
      faults.settle()
    }
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      schema: 'core',
    })
    if (document.directives.yaml.explicit === true) {
      faults.add(Math.max(text.search(/^%YAML/m), 0), 'a %YAML line is not taken; leave it out')
    }
    const root = document.contents ?? undefined
    this.#lookRound(root)
    this.#addErrors(document.errors, root)
    faults.settle()
    this.root = this.follow(root, 0)
  }

  /** Every node of the file in its order, aliases not followed. */
  nodes(): Iterable<Node> {
    return walk(this.root.node)
  }

  /** The node itself or what it is an alias of; `otherwise` is the place of nothing. */
  follow(node: unknown, otherwise: number): Place {
    if (!isAlias(node) && !isScalar(node) && !isCollection(node)) {
      return { node: undefined, at: otherwise }
    }
    const target = this.#targets.get(node) ?? node
    this.#spend(node.range?.[0] ?? otherwise)
    const begin = target.range?.[0] ?? otherwise
    const empty = isScalar(target) && target.value === null && target.source === ''
    return { node: target, at: empty ? otherwise : begin }
  }

  /** The members of a map by their keys, with what merge keys bring. Faults of keys are added. */
  members(map: YAMLMap, path: string): Map<string, Member> {
    const found = this.#own(map, path)
    for (const merged of this.#mergedInto(map, path)) {
      for (const [key, member] of this.#own(merged, path)) {
        if (!found.has(key)) found.set(key, member)
      }
    }
    return found
  }

  /** A short file can stand for a huge one by aliases of aliases. */
  #spend(at: number): void {
    this.#left -= 1
    if (this.#left >= 0) return
    this.#faults.add(
      at,
      `the spec has more than ${String(MOST_VALUES)} values once its aliases are followed`,
    )
    this.#faults.settle()
  }

  /** What stands in the map itself. Only the first of equal keys counts. */
  #own(map: YAMLMap, path: string): Map<string, Member> {
    const found = new Map<string, Member>()
    for (const pair of map.items) {
      if (isMerge(pair.key)) continue
      const { node, at: keyAt } = this.follow(pair.key, map.range?.[0] ?? 0)
      const key = keyText(node)
      if (key === undefined) {
        this.#faults.add(keyAt, `${path} has a key that is no text`)
        continue
      }
      const first = found.get(key)
      if (first) {
        const where = path === 'the spec' ? '' : `${path}.`
        this.#faults.add(
          keyAt,
          `${where}${this.#faults.part(key)} is given twice, first in line ${String(this.#faults.line(first.keyAt))}`,
        )
      } else {
        found.set(key, { ...this.follow(pair.value, keyAt), key, keyAt })
      }
    }
    return found
  }

  /** The maps merged into one, nearest first, each once. */
  #mergedInto(map: YAMLMap, path: string): Set<YAMLMap> {
    const seen = new Set<YAMLMap>([map])
    // A set’s loop goes on over what is added to it meanwhile.
    for (const one of seen) {
      for (const pair of one.items) {
        if (!isMerge(pair.key)) continue
        const { node, at } = this.follow(pair.value, pair.key.range?.[0] ?? 0)
        const sources = isCollection(node) && !isMap(node) ? node.items : [node]
        for (const source of sources) {
          const { node: merged } = this.follow(source, at)
          if (isMap(merged)) seen.add(merged)
          else
            this.#faults.add(
              at,
              `${path} merges something that is no map; give << an alias of a map`,
            )
        }
      }
    }
    seen.delete(map)
    return seen
  }

  /** Finds what each alias stands for, and the tags. */
  #lookRound(root: Node | undefined): void {
    const anchored = new Map<string, Node>()
    for (const node of walk(root)) {
      const at = node.range?.[0] ?? 0
      if (isAlias(node)) {
        const target = anchored.get(node.source)
        if (target) this.#targets.set(node, target)
        else {
          // Not named: a password that begins with * looks like an alias.
          this.#faults.add(
            at,
            'this alias has no anchor before it; a text that begins with * needs quotes',
          )
        }
        continue
      }
      if (node.anchor !== undefined) anchored.set(node.anchor, node)
      if (node.tag !== undefined) {
        this.#faults.add(this.#faults.tagBefore(at), 'a tag is not taken here; leave it out')
      }
    }
  }

  #addErrors(errors: readonly YAMLError[], root: Node | undefined): void {
    const tooDeep = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION')
    for (const { code, pos } of tooDeep ? [tooDeep] : errors) {
      // Where a quote is not closed the library names the end of the file.
      const open = code === 'MISSING_CHAR' ? quotedUpTo(pos[0], root) : undefined
      const tagged = code === 'TAG_RESOLVE_FAILED' || code === 'BAD_COLLECTION_TYPE'
      if (open) this.#faults.add(open.range?.[0] ?? 0, 'this quote is not closed')
      else if (!tagged) this.#faults.add(pos[0], SYNTAX[code] ?? 'this is not YAML')
    }
  }
}

function quotedUpTo(end: number, root: Node | undefined): Node | undefined {
  for (const node of walk(root)) {
    if (isScalar(node) && node.type?.startsWith('QUOTE') && node.range?.[1] === end) return node
  }
  return undefined
}

function* walk(root: Node | undefined): Generator<Node> {
  // Not by recursion: the depth of the file is its author’s choice.
  const open: unknown[] = [root]
  while (open.length > 0) {
    const item = open.pop()
    if (isPair(item)) open.push(item.value, item.key)
    else if (isScalar(item) || isAlias(item)) yield item
    else if (isCollection(item)) {
      yield item
      for (const one of item.items.toReversed()) open.push(one)
    }
  }
}

function isMerge(key: unknown): key is Scalar {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<'
}

/** A key as it is written. Only nothing and collections are no text. */
function keyText(node: Node | undefined): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

/** The library’s own sentences may quote the file. */
const SYNTAX: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'an alias has an anchor or a tag of its own, which YAML does not allow',
  BAD_ALIAS: 'this is not an alias or anchor that YAML allows',
  BAD_DIRECTIVE: 'this line with % at its start is not one that YAML knows',
  BAD_DQ_ESCAPE:
    'a backslash in double quotes begins nothing that YAML knows; double it, or use single quotes',
  BAD_INDENT: 'the indentation does not fit what is before it, or a bracket is not closed',
  BAD_PROP_ORDER: 'an anchor or tag stands in the wrong place',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second “key: value” begins in one line; begin a new line, or put the text in quotes',
  BLOCK_IN_FLOW: 'within { } and [ ] nothing can be written by indentation',
  KEY_OVER_1024_CHARS: 'a key has more than 1024 characters',
  MISSING_CHAR: 'a quote, bracket, comma, colon or blank is missing here or before',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line, or its colon is missing',
  MULTIPLE_ANCHORS: 'a value has more than one anchor',
  MULTIPLE_DOCS: 'a second document begins; a spec is one document without --- in it',
  MULTIPLE_TAGS: 'a value has more than one tag',
  RESOURCE_EXHAUSTION: 'the file is nested too deep',
  TAB_AS_INDENT: 'a tab is used for indentation; YAML takes blanks only',
  UNEXPECTED_TOKEN: 'this is not YAML: something is out of place',
}
