import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Failure } from '../../src/core/failure.ts'
import type { Spec } from '../../src/core/model.ts'
import { parseSpec } from '../../src/core/spec-parse.ts'
import { dependenciesOf } from '../../src/core/spec-sql.ts'
import { print, spec, WITHIN } from './spec-arbitrary.ts'
import { contentsOf } from './spec-contents.ts'
import { EXAMPLE, look } from './spec-fixture.ts'

function parsedWith(text: string, env: Record<string, string>) {
  return parseSpec(text, {
    file: 'spec.yml',
    database: 'elsewhere',
    schema: 'other',
    secret: (reference) => ('env' in reference ? env[reference.env] : undefined),
  })
}

/**
 * Views have an order of their own, of which only one thing is asked. Names that look like numbers
 * come first in JavaScript’s objects, which the test prints.
 */
function withoutOrder(all: Spec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(all).map(([section, of]: [string, unknown]) => [
      section,
      Array.isArray(of) ? byName(of) : of,
    ]),
  )
}

test('a spec that is printed and parsed is the same', () => {
  fc.assert(
    fc.property(spec, print, (asked, printed) => {
      const { contents, env } = contentsOf(asked)
      const { spec: read, ...rest } = parsedWith(printed(contents), env)
      expect(withoutOrder(read)).toEqual(withoutOrder(asked))
      expect(rest).toMatchObject(WITHIN)
      const names = new Set(read.views.map((view) => view.name.name))
      const seen = new Set<string>()
      for (const view of read.views) {
        expect(dependenciesOf(view, names).filter((name) => !seen.has(name))).toEqual([])
        seen.add(view.name.name)
      }
    }),
    { numRuns: 60 },
  )
})

function byName(all: unknown[]): unknown[] {
  const nameOf = (one: unknown) => JSON.stringify((one as { name: unknown }).name)
  return all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

/** What a parse that must not go wrong in any other way says; undefined if it says nothing. */
function saidBy(parse: () => unknown): Failure | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '!t ',
  '|\n',
  '"',
  "'",
  '#',
  '\n',
  '  ',
  '\t',
  '---\n',
  '?',
  '%',
  ',',
  '\0',
  '\uFEFF',
  '~',
  '\r',
  '"\\',
]

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })),
})

function mutated(text: string, all: { at: number; cut: number; put: string }[]): string {
  return all.reduce((now, { at, cut, put }) => {
    const place = Math.floor(at * now.length)
    return now.slice(0, place) + put + now.slice(place + cut)
  }, text)
}

const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 })

test('a spec damaged anywhere is read or refused, and no secret is in the refusal', () => {
  fc.assert(
    fc.property(spec, print, mutations, (asked, printed, damage) => {
      const { contents, env } = contentsOf(asked)
      const text = mutated(printed(contents), damage)
      const failure = saidBy(() => parsedWith(text, env))
      const shown = `${failure?.message ?? ''} ${failure?.hint ?? ''}`
      for (const value of Object.values(env)) expect(shown).not.toContain(value)
      if (failure) expect(failure.message).toMatch(/^(?:\d+ things|spec\.yml:\d+:\d+: )/)
    }),
    { numRuns: 80 },
  )
})

test('the example damaged anywhere is read or refused', () => {
  const given = { file: 'spec.yml', database: 'd', schema: 's', secret: look, text: look }
  fc.assert(
    fc.property(mutations, (damage) => {
      const failure = saidBy(() => parseSpec(mutated(EXAMPLE, damage), given))
      expect(failure?.message ?? '').not.toMatch(/correct horse|etl-user/)
    }),
    { numRuns: 400 },
  )
})

test('any text is read or refused', () => {
  const line = fc.array(
    fc.oneof(
      fc.constantFrom(...PIECES),
      fc.constantFrom('views', 'sql', 'a', '1'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
  )
  fc.assert(
    fc.property(line, (pieces) => {
      saidBy(() => parsedWith(pieces.join(''), {}))
    }),
    { numRuns: 1_000 },
  )
})

test('a password of a variable is not shown where the file repeats it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^zq[0-9a-f]{12}$/), (value) => {
      const texts = [
        `${value}: 1`,
        `views: { ${value}: { x: 1, sql: "${value}" } }`,
        `sources: { s: { connection: ${value}, topic: "${value}!", format: ${value} } }`,
        `sinks: { ${value}: { from: '"${value}', connection: k${value}, topic: t, key: [${value}, ${value}] } }`,
        `defaults: { grants: [{ to: ${value}, privileges: [${value}] }, { to: ${value}, privileges: [] }] }`,
      ]
      for (const text of texts) {
        const kafka =
          'connections: { k: { kafka: { brokers: [b], username: me, password: { env: P } } } }'
        const failure = saidBy(() => parsedWith(`${kafka}\n${text}`, { P: `${value}\n` }))
        expect(failure?.message).toMatch(/spec\.yml:2:/)
        expect(failure?.message).not.toContain(value)
      }
    }),
    { numRuns: 20 },
  )
})
