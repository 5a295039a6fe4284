import { describe, expect, test } from '@jest/globals'
import { plan } from '../../src/core/plan.ts'
import { applied, observed, REPOSITORY, spec } from './plan-fixture.ts'

const actions = (of: ReturnType<typeof plan>) =>
  of.steps.map((step) => `${step.action} ${step.kind} ${step.name.name}`)
describe('steps', () => {
  test('nothing there: everything is made, in the order of dependencies, and marked', () => {
    const made = plan(spec(), observed(), REPOSITORY)
    expect(made.refusals).toEqual([])
    expect(actions(made)).toEqual([
      'create secret upstash_username',
      'create secret upstash_password',
      'create connection upstash',
      'create source hello',
      'create sink hello_out',
    ])
    expect(made.before).toEqual([])
    expect(made.after).toHaveLength(1)
    for (const step of made.steps) {
      expect(step.statements).toHaveLength(2)
      expect(step.statements[1]?.text).toMatch(/^COMMENT ON .*"repository":"acme\/shop"/)
    }
  })

  test('everything there and ours: only secrets are written, and no other DDL is sent', () => {
    const made = plan(spec(), observed(applied()), REPOSITORY)
    expect(made.refusals).toEqual([])
    expect(
      made.steps.flatMap((step) => step.statements.map((statement) => statement.shown)),
    ).toEqual([
      `ALTER SECRET "materialize"."public"."upstash_username" AS '********'`,
      `ALTER SECRET "materialize"."public"."upstash_password" AS '********'`,
      'VALIDATE CONNECTION "materialize"."public"."upstash"',
    ])
  })

  test.each([
    ['nobody', null],
    ['another repository', 'acme/other'],
  ])(
    'everything there and made by %s: nothing is written, and that is said',
    (_name, repository) => {
      const made = plan(spec(), observed(applied(repository)), REPOSITORY)
      expect(made.refusals).toEqual([])
      expect(made.steps.flatMap((step) => step.statements.map((s) => s.text))).toEqual([
        'VALIDATE CONNECTION "materialize"."public"."upstash"',
      ])
      expect(made.notes.filter((note) => note.includes('keeps its value'))).toHaveLength(2)
    },
  )

  test('a connection that is there needs no secrets of its own', () => {
    const there = applied().filter((object) => object.type === 'connection')
    expect(actions(plan(spec({ sinks: [] }), observed(there), REPOSITORY))).toEqual([
      'validate connection upstash',
      'create source hello',
    ])
  })

  test('cut off after the first secret: the rest is made', () => {
    const made = plan(spec(), observed(applied().slice(0, 1)), REPOSITORY)
    expect(actions(made)[0]).toBe('write secret upstash_username')
    expect(
      actions(made)
        .slice(1)
        .every((action) => action.startsWith('create')),
    ).toBe(true)
  })

  test('everything there and ours: no note is written', () => {
    const made = plan(spec(), observed(applied()), REPOSITORY)
    expect([...made.before, ...made.after]).toEqual([])
  })

  test('killed before the mark of the source: the note says that it is ours', () => {
    const killed = applied().filter((object) => object.type !== 'sink')
    const source = killed.find((object) => object.type === 'source')
    delete source?.marker
    const anchor = killed[0]
    if (anchor) {
      anchor.marker = {
        repository: REPOSITORY,
        key: 'secret:upstash_username',
        making: [
          'source:"materialize"."public"."hello"',
          'sink:"materialize"."public"."hello_out"',
        ],
      }
    }
    const made = plan(spec(), observed(killed), REPOSITORY)
    const step = made.steps.find((candidate) => candidate.kind === 'source')
    expect(step).toMatchObject({ action: 'keep', ours: true })
    expect(step?.statements.map((statement) => statement.text)).toEqual([
      expect.stringMatching(/^COMMENT ON SOURCE .*"key":"source:hello"/),
    ])
    expect(made.before.map((statement) => statement.text).join()).toContain('source:')
    expect(made.after.map((statement) => statement.text).join()).not.toContain('making')
  })

  test('a comment by hand outweighs an old note', () => {
    const there = applied()
    const source = there.find((object) => object.type === 'source')
    if (source) {
      delete source.marker
      source.comment = 'mine now'
    }
    const anchor = there[0]
    if (anchor) {
      anchor.marker = {
        repository: REPOSITORY,
        key: 'x',
        making: ['source:"materialize"."public"."hello"'],
      }
    }
    const step = plan(spec(), observed(there), REPOSITORY).steps.find((s) => s.kind === 'source')
    expect(step).toMatchObject({ ours: false, statements: [] })
  })

  test('a name of another schema does not count', () => {
    const elsewhere = applied().map((object) => ({
      ...object,
      name: { ...object.name, schema: 'other' },
    }))
    expect(actions(plan(spec(), observed(elsewhere), REPOSITORY))[0]).toBe(
      'create secret upstash_username',
    )
  })
})
