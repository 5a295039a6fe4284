/**
 * Writes schema/spec.schema.json and the tables of docs/spec.md anew from the one definition of the
 * spec file (src/core/spec-schema.ts). With --check nothing is written: names the files that are
 * stale and exits with 1.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { specJsonSchema } from '../src/core/spec-json-schema.ts'
import { FILE } from '../src/core/spec-schema.ts'
import { TEXTS } from '../src/core/spec-texts.ts'
import { cell, code, fill, table } from './markdown.mjs'

const root = new URL('../', import.meta.url)

/** What a value of the shape is, in a few words of Markdown. */
function takes(shape) {
  switch (shape.is) {
    case 'text':
      return cell(TEXTS[shape.kind].takes)
    case 'word':
      return shape.words.map(code).join(', ')
    case 'whole': {
      const also = shape.range.also ? `${shape.range.also.value}, or ` : ''
      return `${also}${shape.range.from} to ${shape.range.to}`
    }
    case 'setting':
      return shape.kind ? cell(TEXTS[shape.kind].takes) : 'text, number, true or false'
    case 'form':
      return [
        ...shape.words.map(code),
        ...Object.keys(shape.forms).map((form) => code(`{ ${form}: … }`)),
      ].join(', ')
    case 'value':
      return shape.from
        .map((origin) => {
          if (origin === 'text') return cell(TEXTS[shape.kind].takes)
          if (origin === 'clear') return code('{ text: … }')
          return code(`{ ${origin}: ${origin === 'env' ? 'NAME' : 'path'} }`)
        })
        .join(', ')
    case 'list':
      if (shape.of.is === 'either') return `list; each entry ${takes(shape.of)}`
      return shape.of.is === 'object'
        ? `list of ${Object.keys(shape.of.keys).map(code).join(' and ')}`
        : `list of ${takes(shape.of)}`
    case 'map':
      return shape.what
    case 'object':
      return 'keys, see below'
    case 'truth':
      return 'true or false'
    case 'duration':
      return 'duration'
    case 'cell':
      return 'any value'
    case 'either':
      return cell(shape.what)
  }
}

function absent(key) {
  if (key.needed) return 'it is needed'
  return key.default === undefined ? cell(key.otherwise ?? '') : code(String(key.default))
}

/** Every map within a shape with its path, but grants, which are told in one cell. */
function* maps(path, shape) {
  if (shape.is === 'object') {
    yield [path, shape]
    for (const [name, key] of Object.entries(shape.keys)) {
      if (name !== 'grants') yield* maps(path === '' ? name : `${path}.${name}`, key.shape)
    }
  } else if (shape.is === 'map') {
    yield* maps(`${path}.<name>`, shape.of)
  } else if (shape.is === 'list') {
    yield* maps(path, shape.of)
  } else if (shape.is === 'either') {
    for (const one of shape.of) yield* maps(path, one)
  } else if (shape.is === 'form') {
    for (const [form, { shape: of }] of Object.entries(shape.forms)) {
      yield* maps(`${path}.${form}`, of)
    }
  }
}

/** A section for each map; one that stands in several places is told once, at the first. */
function sections() {
  const places = new Map()
  for (const [path, shape] of maps('', FILE)) {
    places.set(shape, [...(places.get(shape) ?? []), path])
  }
  return [...places].map(([shape, [first, ...others]]) => {
    const rows = Object.entries(shape.keys).map(([name, key]) => [
      code(name),
      takes(key.shape),
      absent(key),
      cell(key.meaning),
    ])
    const more = others.length === 0 ? '' : `The same in ${others.map(code).join(', ')}.\n\n`
    return `### ${first === '' ? 'The file' : code(first)}\n\n${more}${table(['Key', 'Takes', 'If left out', 'Meaning'], rows)}`
  })
}

const targets = {
  'schema/spec.schema.json': () => JSON.stringify(specJsonSchema(), null, 2),
  'docs/spec.md': (text) =>
    fill(text, { keys: `\n\n${sections().join('\n\n')}\n\n` }, (word) => `<!-- ${word} -->`),
}

const stale = []
for (const [file, render] of Object.entries(targets)) {
  const path = new URL(file, root)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const style = await resolveConfig(path)
  const fresh = await format(render(text), { ...style, filepath: path.pathname })
  if (fresh === text) continue
  stale.push(file)
  if (!process.argv.includes('--check')) writeFileSync(path, fresh)
}

if (stale.length > 0 && process.argv.includes('--check')) {
  console.error(`${stale.join(' and ')} stale: run node scripts/spec-schema.mjs`)
  process.exitCode = 1
}
