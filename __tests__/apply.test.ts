import { describe, expect, test } from '@jest/globals'
import { Failure } from '../src/core/failure.ts'
import { startReport } from '../src/core/report.ts'
import { run as runIt } from '../src/run.ts'
import { type Answer, fakeEdges, fakeInputs, madeServer } from './fakes/edges.ts'

/** How a plan is sent: together, side by side, tried again; what of it is only tried. */

const refused = (retriable: boolean) =>
  new Failure({ reason: 'materialize-refused', message: 'told so', retriable })
const base = fakeInputs().spec
const many = <T extends { name: { name: string } }>(one: T[], count: number): T[] =>
  Array.from({ length: count }, (_, n) => one.map((each) => named(each, n))).flat()
const named = <T extends { name: { name: string } }>(of: T, n: number): T => ({
  ...of,
  name: { ...of.name, name: `${of.name.name}_${String(n)}` },
})

async function run(inputs: Parameters<typeof fakeInputs>[0], ...answers: [RegExp, Answer][]) {
  const edges = fakeEdges({ answers: [...answers, ...madeServer] })
  const all = fakeInputs(inputs)
  const report = startReport('2026-11-23T00:00:00Z', all.kafkaCheck)
  await runIt(all, edges, report)
  const sent = edges.sent.filter((text) => /^(BEGIN|CREATE|COMMIT|ROLLBACK)/.test(text))
  return { report, edges, words: sent.map((text) => text.replace(/ "materialize.*/, '')) }
}

describe('new sources in one transaction', () => {
  const spec = { ...base, sources: many(base.sources, 2), sinks: [] }
  const one = ['BEGIN', 'CREATE SOURCE', 'CREATE SOURCE']

  const cases: { name: string; answers: [RegExp, Answer][]; sends: string[] }[] = [
    { name: 'made', answers: [], sends: [...one, 'COMMIT'] },
    {
      name: 'broken by DDL elsewhere: tried again whole',
      answers: [[/^COMMIT/, (count) => (count === 1 ? refused(true) : [[]])]],
      sends: [...one, 'COMMIT', 'ROLLBACK', ...one, 'COMMIT'],
    },
    {
      name: 'broken again and again: one by one',
      answers: [[/^COMMIT/, refused(true)]],
      sends: [
        ...Array.from({ length: 3 }, () => [...one, 'COMMIT', 'ROLLBACK']).flat(),
        'CREATE SOURCE',
        'CREATE SOURCE',
      ],
    },
    {
      name: 'one of them refused: one by one, which names it',
      answers: [[/^CREATE SOURCE .*hello_1"/, refused(false)]],
      sends: [...one, 'ROLLBACK', 'CREATE SOURCE', 'CREATE SOURCE'],
    },
  ]
  test.each(cases)('$name', async ({ answers, sends }) => {
    const { words } = await run({ spec }, ...answers)
    expect(words.filter((text) => !/CONNECTION|COMMENT/.test(text))).toEqual(sends)
  })

  test('what was made is reported in the plan’s order, with the refusal of the other', async () => {
    const { report } = await run({ spec }, [/^CREATE SOURCE .*hello_1"/, refused(false)])
    expect(report.changes.map(({ object }) => object)).toEqual([
      '"materialize"."public"."kafka"',
      '"materialize"."public"."hello_0"',
    ])
    expect(report.failure?.message).toMatch(/refused to create source .*hello_1".*told so/)
  })
})

describe('side by side', () => {
  const spec = { ...base, sinks: many(base.sinks, 3) }
  test.each([
    [1, []],
    [2, ['side 1']],
    [8, ['side 1', 'side 2']],
  ])('max-parallel %d: further sessions %j', async (maxParallel, sessions) => {
    const { edges, words } = await run({ spec, maxParallel })
    expect(words.filter((text) => text === 'CREATE SINK')).toHaveLength(3)
    expect(edges.closed.filter((name) => name.startsWith('side')).sort()).toEqual(sessions)
  })
})

const onlyConnection: [RegExp, Answer] = [
  /mz_objects WHERE name/,
  [
    ['id', 'schema_id', 'name', 'type'],
    ['u12', 'u3', 'kafka', 'connection'],
  ],
]

describe('where nothing of ours is there yet', () => {
  const secrets = (name: string) => ({ name: { ...base.connections[0]!.name, name }, value: 'x' })
  const connections = (to: object) => base.connections.map((one) => ({ ...one, ...to }))
  const login = { secrets: { username: secrets('a'), password: secrets('b') } }
  const onlyNamed = base.connections.map(({ name }) => ({ name, secrets: {} }))
  const sources = many(base.sources, 2)
  const cases: { name: string; spec: typeof base; answers: [RegExp, Answer][] }[] = [
    { name: 'two secrets', spec: { ...base, connections: connections(login) }, answers: [] },
    {
      name: 'a connection without secrets, listed before one that has two',
      spec: {
        ...base,
        connections: [
          ...connections({ secrets: {} }),
          ...connections({ ...login, name: secrets('other').name }),
        ],
      },
      answers: [],
    },
    {
      name: 'two sources',
      spec: { ...base, connections: onlyNamed, sources, sinks: [] },
      answers: [
        onlyConnection,
        [
          /mz_connections/,
          [
            ['id', 'type'],
            ['u12', 'kafka'],
          ],
        ],
      ],
    },
  ]
  test.each(cases)('$name: the second is made when the first has the note', async (row) => {
    const { edges } = await run({ spec: row.spec, maxParallel: 4 }, ...row.answers)
    const [first, second] = edges.sent.filter((text) => /^(CREATE|COMMENT) /.test(text))
    expect(first).toMatch(/^CREATE/)
    expect(second).toMatch(/^COMMENT .*"making"/)
  })
})

describe('plan-check', () => {
  const check = (answer: Answer) =>
    run({ mode: 'plan', planCheck: 'server', spec: { ...base, sinks: [] } }, onlyConnection, [
      /^CREATE SOURCE/,
      answer,
    ])
  const once = ['BEGIN', 'CREATE SOURCE', 'ROLLBACK']

  const cases: { name: string; answer: Answer; sends: string[]; check: object; reason?: string }[] =
    [
      { name: 'accepted', answer: [[]], sends: once, check: { result: 'accepted' } },
      {
        name: 'broken once by DDL elsewhere',
        answer: (count) => (count === 1 ? refused(true) : [[]]),
        sends: [...once, ...once],
        check: { result: 'accepted' },
      },
      {
        name: 'broken again and again',
        answer: refused(true),
        sends: [...once, ...once, ...once],
        check: { result: 'not checked', because: 'others keep changing the catalog meanwhile' },
      },
      {
        name: 'refused',
        answer: refused(false),
        sends: once,
        check: { result: 'refused', because: expect.stringContaining('told so') },
        reason: 'materialize-refused',
      },
    ]
  test.each(cases)('$name', async ({ answer, sends, check: said, reason }) => {
    const { report, words } = await check(answer)
    expect(words).toEqual(sends)
    expect(report.plannedChanges).toMatchObject([{ action: 'create', check: said }])
    expect(report.failure?.reason).toBe(reason)
  })

  test('time runs out: rolled back all the same, and no verdict', async () => {
    const { report, words } = await check(() => 'hang')
    expect(words).toEqual(once)
    expect(report.failure?.reason).toBe('deadline')
    expect(report.plannedChanges).toMatchObject([{ action: 'create' }])
    expect(report.plannedChanges[0]).not.toHaveProperty('check')
  })
})
