import { describe, expect, test } from '@jest/globals'
import { parseSpec } from '../../src/core/spec-parse.ts'
import { GIVEN, refusal, said } from './spec-fixture.ts'

test('every refusal is one failure of the input spec, with where to read on', () => {
  const failure = refusal('views: []')
  expect(failure).toMatchObject({
    reason: 'input-invalid',
    inputs: ['spec'],
    message: 'spec.yml:1:8: views must be a map of views by name, not a list.',
    hint: 'Correct the file; docs/spec.md lists what each key takes.',
  })
})

test('a variable that is missing comes with where variables come from', () => {
  const text =
    'connections: { k: { kafka: { brokers: [b], username: me, password: { env: NOT_SET } } } }'
  expect(refusal(text).hint).toMatch(/env of its step.*pull requests from forks/)
})

test('without a way to read files a query from a file is refused', () => {
  const { message } = refusal('views: { v: { sql: { file: totals.sql } } }', {
    file: GIVEN.file,
    database: 'd',
    schema: 's',
    secret: GIVEN.secret,
  })
  expect(message).toMatch('needs the file "totals.sql", which cannot be read or is empty')
})

describe('places', () => {
  test.each([
    ['after a byte order mark', '\uFEFFview: 1', '1:1'],
    ['with the line ends of Windows', 'views: {}\r\n\r\nsinks: {}\r\n  \r\nview: 1', '5:1'],
    ['after letters of two halves', 'defaults: { owner: "😀", x: 1 }', '1:26'],
    ['through an alias, where it is written', 'defaults: &d { x: 1 }\nviews: { v: *d }', '1:16'],
  ])('%s', (_, text, place) => {
    expect(said(text).find((line) => / is no key/.test(line))).toMatch(`${place}: `)
  })

  test('of a file whose name would break the line', () => {
    const { message } = refusal('', { ...GIVEN, file: 'a\n::error::b' })
    expect(message).toMatch(/^a\?::error::b:1:1: /)
  })
})

describe('bounded', () => {
  const aliases = (count: number) => Array.from({ length: count }, () => '*a').join(', ')

  test.each([
    [
      'aliases of aliases',
      `defaults: { grants: &b [&a { to: x, privileges: [${'select, '.repeat(500)}] }, ${aliases(500)}] }`,
      'more than 200000 values once its aliases are followed',
    ],
    ['an alias of what it stands in', 'views: &v { v: *v }', 'views.v.v is no key of a view'],
    [
      'merges of themselves',
      'views: { v: &v { <<: [*v, *v], <<: *v, sql: SELECT 1, x: 1 } }',
      'views.v.x is no key',
    ],
    ['deep brackets', '['.repeat(50_000), 'the file is nested too deep'],
    ['deep lists', '- '.repeat(50_000), 'the file is nested too deep'],
    ['a huge file', 'x'.repeat(1_048_577), 'more than 1048576 characters'],
  ])('%s', (_, text, fault) => {
    expect(refusal(text).message).toMatch(fault)
  })

  test('the number of faults told', () => {
    const text = Array.from({ length: 250 }, (_, i) => `x${String(i)}: 1`).join('\n')
    const lines = said(text)
    expect(lines[0]).toBe('250 things are wrong with the spec:')
    expect(lines).toHaveLength(102)
    expect(lines.at(-1)).toBe('And 150 more.')
  })

  test('the time for many views that read one another', () => {
    const views = Array.from({ length: 3_000 }, (_, i) => {
      return `  v${String(i)}: { sql: SELECT * FROM v${String(i + 1)} }`
    })
    const { spec } = parseSpec(`views:\n${views.join('\n')}`, GIVEN)
    expect(spec.views[0]?.name.name).toBe('v2999')
  })
})
