import { isMap, isScalar } from 'yaml'
import type { Spec } from './model.ts'
import { SpecBuilder } from './spec-build.ts'
import type { Fallbacks } from './spec-scope.ts'
import { Faults } from './spec-faults.ts'
import { connectionNotes, connectionWarnings } from './spec-build-connection.ts'
import { Reader, type Elsewhere } from './spec-read.ts'
import { FILE } from './spec-schema.ts'
import { TEXTS } from './spec-texts.ts'
import { Tree } from './spec-tree.ts'

export interface GivenWithSpec extends Elsewhere, Fallbacks {
  /** What messages call the file. */
  file: string
}

export interface ParsedSpec {
  spec: Spec
  database: string
  schema: string
  /** What works and should not be left so. */
  warnings: string[]
  /** What whoever reads the log should know. */
  notes: string[]
}

/**
 * Reads a spec file. Throws one Failure (`input-invalid`) that says all that is wrong at once, each
 * as `file:line:column: sentence`. No secret is in it, whether it stands in the file or elsewhere.
 */
export function parseSpec(text: string, given: GivenWithSpec): ParsedSpec {
  const plain = text.replace(/^\uFEFF/, '')
  const faults = new Faults(given.file, plain)
  const tree = treeOf(plain, faults)
  for (const secret of secretsIn(tree, given)) faults.hide(secret)
  const file = new Reader(tree, { faults, elsewhere: given }).file(FILE)
  if (!file) {
    faults.settle()
    throw new TypeError('what was not read has no fault')
  }
  const builder = new SpecBuilder(file.value, { given, faults })
  const spec = builder.spec()
  faults.settle()
  return {
    spec,
    ...builder.within,
    warnings: spec.connections.flatMap(connectionWarnings),
    notes: [...new Set(spec.connections.flatMap(connectionNotes))],
  }
}

/** Every environment variable that the file names, in whatever place; none if it is no YAML. */
export function variablesIn(text: string): string[] {
  const faults = new Faults('', text)
  try {
    return [...new Set(variables(new Tree(text.replace(/^\uFEFF/, ''), faults)))]
  } catch (error) {
    if (faults.any) return []
    throw error
  }
}

function treeOf(text: string, faults: Faults): Tree {
  const tree = new Tree(text, faults)
  const { node, at } = tree.root
  // `sources: {}` says that there shall be none; a file that says nothing was hardly meant.
  if (
    !node ||
    (isScalar(node) && node.value === null) ||
    (isMap(node) && node.items.length === 0)
  ) {
    faults.add(at, 'the spec is empty; docs/spec.md shows what one looks like')
    faults.settle()
  }
  return tree
}

function* variables(tree: Tree): Generator<string> {
  for (const node of tree.nodes()) {
    if (!isMap(node)) continue
    for (const pair of node.items) {
      if (!isScalar(pair.key) || pair.key.value !== 'env') continue
      const { node: named } = tree.follow(pair.value, 0)
      if (!isScalar(named) || typeof named.value !== 'string') continue
      if ('value' in TEXTS.env.parse(named.value)) yield named.value
    }
  }
}

/** What messages must not show: values of variables, and secrets written where they must not be. */
function* secretsIn(tree: Tree, given: GivenWithSpec): Generator<string> {
  for (const env of new Set(variables(tree))) yield given.secret({ env }) ?? ''
  for (const node of tree.nodes()) {
    if (!isMap(node)) continue
    for (const pair of node.items) {
      const { node: written } = tree.follow(pair.value, 0)
      const isKey = isScalar(written) && String(written.value).includes('PRIVATE KEY')
      if (!isKey && (!isScalar(pair.key) || pair.key.value !== 'password')) continue
      if (isScalar(written)) yield written.source ?? String(written.value)
      if (isScalar(written)) yield String(written.value)
    }
  }
}
