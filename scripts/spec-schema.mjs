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
      return 'text, number, true or false'
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

/** The object, and after it every object within it, but grants, which are told in one cell. */
function sections(path, shape) {
  const rows = Object.entries(shape.keys).map(([name, key]) => [
    code(name),
    takes(key.shape),
    absent(key),
    cell(key.meaning),
  ])
  const own = `### ${path === '' ? 'The file' : code(path)}\n\n${table(['Key', 'Takes', 'If left out', 'Meaning'], rows)}`
  const inner = Object.entries(shape.keys).flatMap(([name, { shape: of }]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (of.is === 'object') return sections(at, of)
    const full = (either) => either.of.find((one) => one.is === 'object')
    if (of.is === 'either') return full(of) ? sections(at, full(of)) : []
    if (of.is === 'list' && of.of.is === 'either') {
      return full(of.of) ? sections(`${at}[]`, full(of.of)) : []
    }
    return of.is === 'map' && of.of.is === 'object' ? sections(`${at}.<name>`, of.of) : []
  })
  return [own, ...inner]
}

const targets = {
  'schema/spec.schema.json': () => JSON.stringify(specJsonSchema(), null, 2),
  'docs/spec.md': (text) =>
    fill(
      text,
      { keys: `\n\n${sections('', FILE).join('\n\n')}\n\n` },
      (word) => `<!-- ${word} -->`,
    ),
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
