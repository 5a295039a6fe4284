import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { specJsonSchema } from '../../src/core/spec-json-schema.ts'
import { EXAMPLE } from './spec-fixture.ts'

type Json = Record<string, unknown>

/** JSON Schema, as much of it as the schema of the spec uses; anything else is refused. */
function fits(schema: Json, value: unknown): boolean {
  return Object.entries(schema).every(([word, rule]) => {
    const check = CHECKS[word]
    if (!check) throw new Error(`the checker does not know ${word}`)
    return check(rule as never, value, schema)
  })
}

type Check = (rule: never, value: unknown, schema: Json) => boolean

const note = () => true

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (value: unknown) => {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

const ofText = (check: (rule: never, text: string) => boolean): Check => {
  return (rule, value) => typeof value !== 'string' || check(rule, value)
}

const CHECKS: Partial<Record<string, Check>> = {
  $schema: note,
  $defs: note,
  $ref: (rule: string, value) => {
    const defs = specJsonSchema()['$defs'] as Record<string, Json>
    const def = defs[rule.replace('#/$defs/', '')]
    if (!def) throw new Error(`nothing is defined as ${rule}`)
    return fits(def, value)
  },
  title: note,
  description: note,
  default: note,
  type: (rule: string | string[], value) =>
    [rule]
      .flat()
      .some((type) => type === typeOf(value) || (type === 'integer' && Number.isInteger(value))),
  enum: (rule: unknown[], value) => rule.includes(value),
  const: (rule: unknown, value) => rule === value,
  anyOf: (rule: Json[], value) => rule.some((one) => fits(one, value)),
  minimum: (rule: number, value) => typeof value !== 'number' || value >= rule,
  maximum: (rule: number, value) => typeof value !== 'number' || value <= rule,
  pattern: ofText((rule: string, text) => new RegExp(rule, 'u').test(text)),
  minLength: ofText((rule: number, text) => [...text].length >= rule),
  maxLength: ofText((rule: number, text) => [...text].length <= rule),
  minItems: (rule: number, value) => !Array.isArray(value) || value.length >= rule,
  uniqueItems: (_rule, value) =>
    !Array.isArray(value) || new Set(value.map((one) => JSON.stringify(one))).size === value.length,
  items: (rule: Json, value) => !Array.isArray(value) || value.every((one) => fits(rule, one)),
  properties: (rule: Record<string, Json>, value) =>
    !isMap(value) ||
    Object.entries(rule).every(([key, one]) => !(key in value) || fits(one, value[key])),
  required: (rule: string[], value) => !isMap(value) || rule.every((key) => key in value),
  propertyNames: (rule: Json, value) =>
    !isMap(value) || Object.keys(value).every((key) => fits(rule, key)),
  additionalProperties: (rule: Json | false, value, { properties = {} }) =>
    !isMap(value) ||
    Object.entries(value)
      .filter(([key]) => !(key in (properties as Json)))
      .every(([, one]) => rule !== false && fits(rule, one)),
}

const schema = specJsonSchema()

test('the schema in the repository is the one made from the definition', () => {
  const path = new URL('../../schema/spec.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('the documented file and the example fit it', () => {
  const docs = readFileSync(new URL('../../docs/spec.md', import.meta.url), 'utf8')
  const [, shown = ''] = /```yaml\n(# yaml-language-server[^]*?)```/.exec(docs) ?? []
  expect(Object.keys(parse(shown))).toContain('sources')
  expect(fits(schema, parse(shown))).toBe(true)
  expect(fits(schema, parse(EXAMPLE))).toBe(true)
})

test.each([
  ['an unknown section', 'conections: {}'],
  ['an unknown key', 'views: { v: { sql: SELECT 1, x: 1 } }'],
  ['a missing key', 'clusters: { c: {} }'],
  ['a wrong type', 'clusters: { c: { size: 25 } }'],
  ['a wrong word', 'sources: { s: { connection: k, topic: t, format: avro } }'],
  [
    'a privilege that does not fit',
    'views: { v: { sql: a, grants: [{ to: a, privileges: [usage] }] } }',
  ],
  ['grants of a sink', 'sinks: { o: { from: s, connection: k, topic: o, grants: [] } }'],
  ['a topic’s name', 'topics: { a b: { connection: k } }'],
  ['no partitions', 'topics: { t: { connection: k, partitions: 0 } }'],
  ['a password as text', 'connections: { k: { kafka: { brokers: [b], password: a } } }'],
  ['no brokers', 'connections: { k: { kafka: { brokers: [] } } }'],
  ['a key’s column twice', 'sinks: { o: { from: s, connection: k, topic: o, key: [a, a] } }'],
])('%s does not', (_, text) => {
  expect(fits(schema, parse(text))).toBe(false)
})
