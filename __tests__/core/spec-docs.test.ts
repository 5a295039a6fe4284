import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { INPUTS } from '../../src/core/input-table.ts'
import type { Reference } from '../../src/core/spec-read.ts'
import { GIVEN, PEM } from './spec-fixture.ts'
import { parseSpec } from '../../src/core/spec-parse.ts'

/** The examples of docs/spec.md, each as somebody would copy it. */

const docs = readFileSync(new URL('../../docs/spec.md', import.meta.url), 'utf8')
const BLOCKS = [...docs.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = ''], at) => ({
  name: /^#+ (.*)$/m.exec(docs.slice(0, docs.indexOf(text)).split('\n').reverse().join('\n'))?.[1],
  at,
  text,
}))
const STEPS = BLOCKS.filter(({ text }) => text.startsWith('- uses:'))
const SPECS = BLOCKS.filter((block) => !STEPS.includes(block))

/** What stands elsewhere, by what its name says that it is. */
function elsewhere(of: Reference): string {
  const name = 'env' in of ? of.env : of.file
  if (name.endsWith('.sql')) return 'SELECT 1'
  if (name.endsWith('.pb')) return '0a00'
  if (name.endsWith('KEY') && name.startsWith('CLIENT')) {
    return PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY')
  }
  return name.endsWith('.pem') ? PEM : 'something'
}

test('its tables are what the script writes', () => {
  const script = new URL('../../scripts/spec-schema.mjs', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe('an example of docs/spec.md', () => {
  test('stands in each section that explains keys', () => {
    expect(SPECS.length).toBeGreaterThan(8)
    expect(STEPS).toHaveLength(1)
    const names = SPECS.map(({ name }) => name)
    for (const section of ['Connections', 'Sources', 'Tables from sources', 'Sinks']) {
      expect(names).toContain(section)
    }
  })

  test.each(SPECS)('is read as it stands: $name ($at)', ({ text }) => {
    const { spec } = parseSpec(text, { ...GIVEN, secret: elsewhere, text: elsewhere })
    const things = [...spec.connections, ...spec.sources, ...(spec.expectations ?? [])]
    expect(things.length).toBeGreaterThan(0)
  })

  test.each(STEPS)('names inputs that there are: $name ($at)', ({ text }) => {
    const [step] = parse(text) as [{ with: object }]
    const names: string[] = INPUTS.map(({ name }) => name)
    expect(Object.keys(step.with).filter((name) => !names.includes(name))).toEqual([])
  })
})
