import { describe, expect, test } from '@jest/globals'
import { hasChanges, type Plan, planSql, statementsOf } from '../../src/core/plan.ts'
import { readComment } from '../../src/core/marker.ts'
import { applied, at, change, defined, object, observed, planned, spec } from './plan-fixture.ts'

const actions = (of: Plan) =>
  of.steps.map((step) => `${step.action} ${step.kind} ${step.name.name}`)
const sent = (of: Plan) => of.steps.flatMap(statementsOf).map((statement) => statement.shown)

describe('steps', () => {
  test('nothing there: everything is made, in the order of dependencies, and marked', () => {
    const made = planned(spec(), observed())
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
      expect(statementsOf(step)).toHaveLength(step.kind === 'connection' ? 3 : 2)
      expect(statementsOf(step)[1]?.text).toMatch(/^COMMENT ON .*"repository":"acme\/shop"/)
    }
    expect(hasChanges(made)).toBe(true)
  })

  test('everything there and ours: only secrets are written, and no other DDL is sent', () => {
    const made = planned(spec(), observed(applied()))
    expect(made.refusals).toEqual([])
    expect(sent(made)).toEqual([
      `ALTER SECRET "materialize"."public"."upstash_username" AS '********'`,
      `ALTER SECRET "materialize"."public"."upstash_password" AS '********'`,
      'VALIDATE CONNECTION "materialize"."public"."upstash"',
    ])
    expect(hasChanges(made)).toBe(false)
    expect([...made.before, ...made.after]).toEqual([])
  })

  test.each([
    ['nobody', null],
    ['another repository', 'acme/other'],
  ])(
    'everything there and made by %s: nothing is written, and that is said',
    (_name, repository) => {
      const made = planned(spec(), observed(applied(repository)))
      expect(made.refusals).toEqual([])
      expect(sent(made)).toEqual(['VALIDATE CONNECTION "materialize"."public"."upstash"'])
      expect(made.notes.filter((note) => note.includes('keeps its value'))).toHaveLength(2)
    },
  )

  test('made by nobody and adopted: marked, with its own comment above the mark', () => {
    const there = applied(null).map((one) => ({ ...one, comment: 'mine' }))
    const made = planned(spec(), observed(there), { adopt: true })
    expect(made.refusals).toEqual([])
    expect(sent(made).filter((text) => text.startsWith('COMMENT'))).toHaveLength(5)
    for (const text of sent(made).filter((one) => one.startsWith('COMMENT'))) {
      expect(text).toMatch(/ IS 'mine\n\{"manager"/)
    }
  })

  test('a connection that is there needs no secrets of its own', () => {
    const there = applied().filter((one) => one.type === 'connection')
    expect(actions(planned(spec({ sinks: [] }), observed(there)))).toEqual([
      'keep connection upstash',
      'create source hello',
    ])
  })

  test('killed before the mark of the source: the note says that it is ours', () => {
    const killed = applied().filter((one) => one.type !== 'sink')
    const source = killed.find((one) => one.type === 'source')
    delete source?.marker
    const [anchor] = killed
    if (anchor?.marker) {
      anchor.marker.making = [
        'source:"materialize"."public"."hello"',
        'sink:"materialize"."public"."hello_out"',
      ]
    }
    const made = planned(spec(), observed(killed))
    const step = made.steps.find((candidate) => candidate.kind === 'source')
    expect(step).toMatchObject({ action: 'keep', ownership: 'ours' })
    expect(step && statementsOf(step).map((statement) => statement.text)).toEqual([
      expect.stringMatching(/^COMMENT ON SOURCE .*"key":"source:hello"/),
    ])
    expect(made.before.map((statement) => statement.text).join()).toContain('source:')
    expect(made.after.map((statement) => statement.text).join()).not.toContain('making')
  })

  test('the note stays where its holder is marked anew before all is made', () => {
    const there = applied().filter((one) => one.type !== 'sink')
    const made = planned(spec(), observed(there), { specFile: 'a.yaml' })
    const about = made.steps.flatMap(statementsOf).filter(({ text }) => /_username" IS/.test(text))
    expect(about.map(({ text }) => text)).toEqual([expect.stringContaining('"making":["sink:')])
    expect(made.after.map(({ text }) => text)).toEqual([expect.not.stringContaining('making')])
  })

  test('what a dropped object’s note says is noted by another', () => {
    const there = applied().filter((one) => one.type !== 'sink')
    const note = 'source:"materialize"."public"."hello"'
    const source = there.find((one) => one.type === 'source')
    delete source?.marker
    const marker = { repository: 'acme/shop', key: 'x', spec: 'a.yaml', making: [note] }
    const orphan = object('u50', 'old', { type: 'source', marker })
    const made = planned(spec(), observed([orphan, ...there]), { specFile: 'a.yaml', prune: true })
    expect(made.refusals).toEqual([])
    expect(made.before.map(({ text }) => text)).toEqual([expect.stringContaining('source:')])
  })

  const bye = spec({ sources: spec().sources.map((one) => ({ ...one, topic: 'bye' })) })
  test('killed between dropping an object and making it anew: its comment comes back', () => {
    const first = planned(bye, observed(change('u14', { comment: 'mine' })), {
      mayReplace: () => true,
    })
    const [note] = first.before
    const { marker } = readComment(/IS '(.*)'$/s.exec(note?.text ?? '')?.[1])
    const left = applied().filter((one) => one.type !== 'source' && one.type !== 'sink')
    const [holder, ...others] = left
    if (!holder || !marker) throw new Error('no note')
    const then = planned(bye, observed([{ ...holder, marker }, ...others]))
    expect(sent(then).join('\n')).toMatch(/COMMENT ON SOURCE .* IS 'mine\n\{/)
    // Killed before it was dropped, what its comment says now is what counts.
    const still = applied().map((one) => (one.id === holder.id ? { ...one, marker } : one))
    const again = planned(bye, observed(still), { mayReplace: () => true })
    expect(again.before.map(({ text }) => text).join()).not.toContain('anew')
  })

  test('what is adopted holds the note where nothing is ours yet', () => {
    const there = applied(null).filter((one) => one.type !== 'sink')
    const made = planned(spec(), observed(there), { adopt: true })
    expect(made.before.map(({ text }) => text)).toEqual([expect.stringContaining('"making"')])
    expect(made.after.map(({ text }) => text)).toEqual([expect.not.stringContaining('"making"')])
  })

  test.each([
    ['a comment by hand', { comment: 'mine now' }],
    ['another repository’s mark', { marker: { repository: 'acme/other', key: 'source:hello' } }],
  ])('%s outweighs an old note', (_name, to) => {
    const making = ['source:"materialize"."public"."hello"']
    const there = applied().map(({ marker, ...one }) =>
      one.id === 'u14'
        ? { ...one, ...to }
        : { ...one, ...(marker && { marker: { ...marker, making } }) },
    )
    const step = planned(spec(), observed(there)).steps.find((one) => one.kind === 'source')
    expect(step).toMatchObject({ ownership: 'foreign', statements: [] })
  })
})

describe('changes', () => {
  const connection = spec().connections[0]
  const there = connection?.kafka
  if (!there) throw new Error('no connection')
  const kafka = (to: object) =>
    spec({ connections: [{ ...connection, kafka: { ...there, ...to } }] })
  const alters = [
    { name: 'brokers', spec: kafka({ brokers: ['b2:9092'] }), says: /SET \(BROKER 'b2:9092'\)/ },
    {
      name: 'protocol',
      spec: kafka({ protocol: 'SASL_PLAINTEXT' }),
      says: /SECURITY PROTOCOL = 'SASL_PLAINTEXT'/,
    },
    {
      name: 'mechanism',
      spec: kafka({ sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' } }),
      says: /SASL MECHANISMS = 'PLAIN'/,
    },
    {
      name: 'comment',
      spec: spec({ sources: spec().sources.map((one) => ({ ...one, comment: 'Hi' })) }),
      says: /COMMENT ON SOURCE .* IS 'Hi\n\{/,
    },
    {
      name: 'replication-factor',
      spec: spec({
        clusters: [{ name: 'empty', size: '25cc', replicationFactor: 1 }],
        sources: spec().sources.map((one) => ({ ...one, cluster: 'empty' })),
        sinks: [],
      }),
      there: observed(change('u14', { cluster: 'empty' }), {
        clusters: observed().clusters.map((one) =>
          one.name === 'empty' ? { ...one, marker: { repository: 'acme/shop', key: 'x' } } : one,
        ),
      }),
      says: /ALTER CLUSTER "empty" SET \(REPLICATION FACTOR 1\)/,
    },
    {
      name: 'owner',
      spec: spec({ sources: spec().sources.map((one) => ({ ...one, owner: 'etl' })) }),
      says: /ALTER SOURCE .* OWNER TO "etl"/,
    },
    {
      name: 'grants',
      spec: spec({
        sources: spec().sources.map((one) => ({
          ...one,
          grants: [{ to: 'analysts', privileges: ['select' as const] }],
        })),
      }),
      says: /GRANT SELECT ON TABLE .* TO "analysts"/,
    },
  ]
  test.each(alters)('$name is altered as it stands', ({ name, spec: asked, says, there }) => {
    const made = planned(asked, there ?? observed(applied()))
    expect(made.refusals).toEqual([])
    const step = made.steps.find((one) => one.differences.length > 0)
    expect(step?.action).toBe('alter')
    expect(step?.differences.map((one) => one.attribute)).toEqual([name])
    expect(sent(made).join('\n')).toMatch(says)
    expect(hasChanges(made)).toBe(true)
  })

  const replaced = spec({ sources: spec().sources.map((one) => ({ ...one, topic: 'bye' })) })
  test('another topic is refused, with what it would cost', () => {
    const made = planned(replaced, observed(applied()))
    expect(made.refusals.map((one) => one.reason)).toContain('definition-differs')
    expect(made.refusals[0]?.message).toMatch(/topic is 'hello', not 'bye'/)
    expect(made.refusals[0]?.hint).toMatch(/allow-replace.*again from its start/)
  })

  test('allowed, it takes its sink along, dropped first and made last', () => {
    const made = planned(replaced, observed(applied()), { mayReplace: () => true })
    expect(made.refusals).toEqual([])
    expect(made.drops.map((drop) => drop.statement.text)).toEqual([
      'DROP SINK "materialize"."public"."hello_out"',
      'DROP SOURCE "materialize"."public"."hello"',
    ])
    expect(actions(made).slice(-2)).toEqual(['replace source hello', 'replace sink hello_out'])
  })

  test('no cluster for the new one stops the replacement', () => {
    const there = { ...observed(applied()), sessionCluster: 'gone' }
    expect(planned(spec(), there).refusals).toEqual([])
    const made = planned(replaced, there, { mayReplace: () => true })
    expect(made.refusals.map((one) => one.message).join()).toMatch(/no cluster "gone"/)
  })

  test('what is not ours and depends on it stops the replacement', () => {
    const view = object('u30', 'by_hand', { type: 'view', dependsOn: ['u14'] })
    const made = planned(replaced, observed([...applied(), view]), { mayReplace: () => true })
    expect(made.refusals.map((one) => one.message).join()).toMatch(/view .*"by_hand"/)
  })

  test('a sink’s relation is altered', () => {
    const table = object('u40', 'other', { type: 'table' })
    const asked = spec({ sinks: spec().sinks.map((one) => ({ ...one, from: at('other') })) })
    const made = planned(asked, observed([...applied(), table]))
    expect(sent(made)).toContain(
      'ALTER SINK "materialize"."public"."hello_out" SET FROM "materialize"."public"."other"',
    )
  })

  test('an option by hand is drift', () => {
    const there = change(
      'u14',
      defined(
        `CREATE SOURCE "materialize"."public"."hello" IN CLUSTER [u1] FROM KAFKA CONNECTION [u12 AS "materialize"."public"."upstash"] (TOPIC = 'hello', START OFFSET = (3)) FORMAT BYTES EXPOSE PROGRESS AS [u13 AS "materialize"."public"."hello_progress"]`,
      ),
    )
    const made = planned(spec(), observed(there))
    expect(made.refusals[0]?.message).toMatch(/start-offsets is '3', not 'none'/)
  })

  test('an orphan is named, and dropped only when asked', () => {
    const orphan = object('u50', 'old', {
      type: 'source',
      marker: { repository: 'acme/shop', key: 'source:old', spec: 'a.yaml' },
    })
    const there = observed([...applied(), orphan])
    const mine = { specFile: 'a.yaml' }
    expect(planned(spec(), there, { prune: true }).drops).toEqual([])
    expect(planned(spec(), there, { specFile: 'b.yaml', prune: true }).drops).toEqual([])
    expect(planned(spec(), there, mine).drops).toEqual([])
    expect(planned(spec(), there, mine).notes.join()).toMatch(/"old" was made by this action/)
    expect(planSql(planned(spec(), there, { ...mine, prune: true }))).toContain(
      'DROP SOURCE "materialize"."public"."old"',
    )
  })
})
