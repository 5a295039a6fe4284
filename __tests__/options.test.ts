import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { INPUTS } from '../src/core/input-table.ts'
import { isSaidBy } from '../test-support/spec-options/clause.ts'
import { unmentioned } from '../test-support/spec-options/covering.ts'
import type { Example, Part } from '../test-support/spec-options/example.ts'
import { EXAMPLES } from '../test-support/spec-options/examples.ts'
import { optionKeys } from '../test-support/spec-options/keys.ts'
import { merge, subjectOf } from '../test-support/spec-options/whole.ts'
import { leftToDo, type WorkedOut, workedOut } from '../test-support/spec-options/worked-out.ts'

/** docs/options.md, and that what it says of each option is what the code does. */

const KEYS = optionKeys().map(({ key }) => key)
const page = readFileSync(new URL('../docs/options.md', import.meta.url), 'utf8')

test('every option of the spec has an example, and every example is of an option', () => {
  expect(KEYS.length).toBeGreaterThan(140)
  expect(Object.keys(EXAMPLES).sort()).toEqual(KEYS.toSorted())
})

test('the page has a row for each option, and none besides', () => {
  const sections = page.split(/^## `/m).slice(1)
  const listed = sections.flatMap((text) => {
    const section = text.slice(0, text.indexOf('`'))
    return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, option = '']) => `${section}.${option}`)
  })
  expect(listed.sort()).toEqual(KEYS.toSorted())
})

test('the page is what the script writes', () => {
  const script = new URL('../scripts/options.mjs', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('every input of Kafka and of one pipeline that says an option stands on the page', () => {
  const listed = Object.values(EXAMPLES).map(({ input }) => input)
  // They name objects, or say what a run does, and are no options of objects.
  const others = ['kafka-check', 'source', 'create-topic', 'copy-first', 'sink']
  const inputs: string[] = INPUTS.filter(({ group }) => ['kafka', 'pipeline'].includes(group)).map(
    ({ name }) => name,
  )
  expect(inputs.filter((name) => !listed.some((one) => one === name))).toEqual(others)
})

/** The values at an option’s place in a part of the spec; in a list, all that its entries have. */
function valuesAt(part: unknown, path: string[]): unknown[] {
  if (Array.isArray(part)) return part.flatMap((one: unknown) => valuesAt(one, path))
  const [first, ...rest] = path
  if (first === undefined) return [part]
  const isMap = typeof part === 'object' && part !== null && first in part
  return isMap ? valuesAt((part as Part)[first], rest) : []
}

/** Differences that are told by another name than the option’s. */
const TOLD_AS: Record<string, string> = { 'kafka.provider': 'mechanism' }

function isTold(key: string, { differences }: WorkedOut): boolean {
  const path = key.slice(key.indexOf('.') + 1).replace(/: .*/, '')
  const own = TOLD_AS[path] ?? path.replace(/^(kafka|registry)\./, '')
  return differences.some(
    ({ attribute }) =>
      attribute === own || attribute.startsWith(`${own}.`) || own.startsWith(`${attribute}.`),
  )
}

describe('an option', () => {
  test.each(Object.entries(EXAMPLES))('%s', (key: string, example: Example) => {
    const [path = '', word] = key.slice(key.indexOf('.') + 1).split(': ')
    const before = merge(subjectOf(key).is, example.base ?? {})
    const given = valuesAt(merge(before, example.set), path.split('.'))
    // The example is one of this option: it is there, and was not, or was another.
    expect(given).not.toEqual([])
    expect(given).not.toEqual(valuesAt(before, path.split('.')))
    if (word !== undefined) expect(given).toContain(word)

    const out = workedOut(key, example)
    if (example.sql === undefined) expect(out.made).toEqual(out.without)
    else expect({ ...out, said: isSaidBy(out, example.sql) }).toMatchObject({ said: true })
    const isSeen = !['run', 'anew'].includes(out.change)
    expect({ told: isTold(key, out), differences: out.differences }).toMatchObject({ told: isSeen })
    if (out.change === 'alter' && example.sql !== undefined) {
      expect(out.changing.filter((text) => /^(ALTER|GRANT|COMMENT)/.test(text))).not.toEqual([])
    }
    expect(leftToDo(key, example)).toEqual([])
    expect(unmentioned(key, example.test)).toEqual([])
  })
})
