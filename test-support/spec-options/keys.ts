import { FILE } from '../../src/core/spec-schema.ts'
import type { Shape } from '../../src/core/spec-shape.ts'

/** An option of the spec file, found by walking its definition. */
export interface OptionKey {
  /** `sources.format.csv.columns`; `sources.format: text` for a word that is an option of its own. */
  key: string
  /** Where the options that it takes are told, as they are another’s, too. */
  sameAs?: string
}

/** What says how a run looks at data, and is nothing that an object has. */
const MAKES_NOTHING = ['expect', 'canary', 'copy-first']

/** Every option, in the order of the definition; of shapes that stand in several places, once. */
export function optionKeys(): OptionKey[] {
  const seen = new Map<Shape, string>()
  return Object.entries(FILE.keys)
    .filter(([section]) => !MAKES_NOTHING.includes(section))
    .flatMap(([section, { shape }]) => [
      ...within(section, shape.is === 'map' ? shape.of : shape, seen),
    ])
}

function* within(path: string, shape: Shape, seen: Map<Shape, string>): Generator<OptionKey> {
  switch (shape.is) {
    case 'object':
      for (const [name, key] of Object.entries(shape.keys)) {
        if (MAKES_NOTHING.includes(name)) continue
        yield* option(`${path}.${name}`, key.shape, seen)
      }
      return
    case 'list':
      yield* within(path, shape.of, seen)
      return
    case 'either':
      for (const one of shape.of) yield* within(path, one, seen)
      return
    case 'form':
      if (seen.has(shape)) return
      seen.set(shape, path)
      for (const one of shape.words) yield { key: `${path}: ${one}` }
      for (const [name, { shape: of }] of Object.entries(shape.forms)) {
        if (of.is === 'object') yield* within(`${path}.${name}`, of, seen)
        else yield* option(`${path}.${name}`, of, seen)
      }
      return
    default:
  }
}

function* option(path: string, shape: Shape, seen: Map<Shape, string>): Generator<OptionKey> {
  if (path.endsWith('.grants')) {
    yield { key: path }
    return
  }
  const inner = shape.is === 'list' ? shape.of : shape
  const sameAs = seen.get(inner)
  // A map is no option: its keys are.
  if (shape.is !== 'object') yield { key: path, ...(sameAs !== undefined && { sameAs }) }
  if (sameAs === undefined) yield* within(path, shape, seen)
}
