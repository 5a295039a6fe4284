/**
 * Writes the tables of docs/options.md anew: every option of the spec file from its definition, what
 * comes of it from the action’s own planner, and its tests from __tests__. With --check nothing is
 * written: exits with 1 if the page is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { ROWS } from '../__tests__/bundle/attribute-rows.ts'
import { TOGETHER } from '../__tests__/bundle/together-rows.ts'
import { testsOf } from '../test-support/spec-options/covering.ts'
import { EXAMPLES } from '../test-support/spec-options/examples.ts'
import { optionKeys } from '../test-support/spec-options/keys.ts'
import { workedOut } from '../test-support/spec-options/worked-out.ts'
import { cell, code, fill, table } from './markdown.mjs'

const TRIED = {
  'bundle/attributes.test.ts': ROWS,
  'bundle/attributes-together.test.ts': TOGETHER,
}

const CHANGES = {
  alter: 'alter',
  replace: 'replace',
  anew: 'another object',
  run: 'each run',
  refused: 'refused',
}

function sqlCell({ sql }) {
  if (sql === undefined) return 'none: Kafka’s'
  return sql === '' ? 'left out' : code(sql)
}

function row({ key, sameAs }) {
  const example = EXAMPLES[key]
  if (!example) throw new Error(`${key} has no example in test-support/spec-options`)
  const option = key.slice(key.indexOf('.') + 1)
  const more = sameAs === undefined ? '' : `, with the options of ${code(sameAs)}`
  const link = (file) => `[${cell(file)}](../__tests__/${file})`
  return [
    code(option) + more,
    example.input === undefined ? '' : code(example.input),
    sqlCell(example),
    CHANGES[workedOut(key, example).change],
    testsOf(key, example, TRIED).map(link).join(', '),
  ]
}

function sections() {
  const keys = optionKeys()
  const names = [...new Set(keys.map(({ key }) => key.slice(0, key.indexOf('.'))))]
  const head = ['Option', 'Input', 'SQL', 'Changed by', 'Tried in']
  return names.map((name) => {
    const rows = keys.filter(({ key }) => key.startsWith(`${name}.`)).map(row)
    return `## ${code(name)}\n\n${table(head, rows)}`
  })
}

const path = new URL('../docs/options.md', import.meta.url)
const text = readFileSync(path, 'utf8')
const filled = fill(
  text,
  { options: `\n\n${sections().join('\n\n')}\n\n` },
  (word) => `<!-- ${word} -->`,
)
const style = await resolveConfig(path)
const fresh = await format(filled, { ...style, filepath: path.pathname })
if (fresh !== text) {
  if (process.argv.includes('--check')) {
    console.error('docs/options.md is stale: run npm run options')
    process.exitCode = 1
  } else {
    writeFileSync(path, fresh)
  }
}
