import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  afterOpening,
  issueMark,
  type IssueStep,
  issueSteps,
  type Seen,
} from '../../src/core/issue.ts'
import { markOf, type Memory, readMemory, writeMemory } from '../../src/core/post-mark.ts'
import { fitting } from '../../src/core/post-text.ts'
import { commentBody } from '../../src/core/pull-comment.ts'
import { type ObjectReport, type Report, startReport } from '../../src/core/report.ts'
import { momentText, spanText } from '../../src/core/span.ts'
import {
  changesBetween,
  digestOf,
  readStates,
  type State,
  statesOf,
  writeStates,
} from '../../src/core/states.ts'

/** What issues and comments say and keep, whatever names and messages hold. */

const object = (name: string, of: Partial<ObjectReport> = {}): ObjectReport => ({
  kind: 'source',
  name: { database: 'd', schema: 's', name },
  action: 'keep',
  ours: true,
  differences: [],
  status: 'running',
  verdict: 'flowing',
  because: 'it moves',
  ...of,
})
const ill = (name: string, reason: ObjectReport['reason'] = 'kafka-login'): ObjectReport =>
  object(name, { verdict: 'broken', because: 'refused', reason })
const reportOf = (objects: ObjectReport[], of: Partial<Report> = {}): Report => ({
  ...startReport('2026-01-01T00:00:00.000Z', 'auto'),
  mode: 'verify',
  status: objects.some(({ verdict }) => verdict !== 'flowing') ? 'failed' : 'healthy',
  objects,
  ...of,
})
const START = Date.parse('2026-01-01T10:00:00Z')
const seenAt = (minutes: number, objects: ObjectReport[]): Seen => {
  const report = reportOf(objects)
  return {
    report,
    isWell: report.status === 'healthy',
    check: { key: '0123456789abcdef', label: 'nightly' },
    place: {
      url: 'https://g/a/b',
      runUrl: `https://g/a/b/actions/runs/${String(minutes)}`,
      runId: '1',
    },
    now: START + minutes * 60_000,
  }
}
const done = (steps: IssueStep[]): string[] =>
  steps.map((step) => (step.do === 'update' && step.close ? `close as ${step.close}` : step.do))
const textOf = (steps: IssueStep[], what: IssueStep['do']): string => {
  const step = steps.find((one) => one.do === what)
  return step && 'body' in step ? step.body : ''
}
const open = (objects: ObjectReport[]) => ({
  id: 7,
  body: textOf(issueSteps([], seenAt(0, objects)), 'open'),
})

describe('an issue', () => {
  test.each<[string, { was: ObjectReport[]; now: ObjectReport[] }, string[]]>([
    ['the same', { was: [ill('a')], now: [ill('a')] }, ['update']],
    [
      'the same in another order',
      { was: [ill('a'), ill('b')], now: [ill('b'), ill('a')] },
      ['update'],
    ],
    [
      'other words for it',
      { was: [ill('a')], now: [{ ...ill('a'), because: '17 s' }] },
      ['update'],
    ],
    [
      'one that is well comes and goes',
      { was: [ill('a'), object('b')], now: [ill('a')] },
      ['update'],
    ],
    [
      'another reason',
      { was: [ill('a')], now: [ill('a', 'topic-deleted')] },
      ['update', 'comment'],
    ],
    ['one more', { was: [ill('a')], now: [ill('a'), ill('b')] }, ['update', 'comment']],
    [
      'one less',
      { was: [ill('a'), ill('b')], now: [ill('a'), object('b')] },
      ['update', 'comment'],
    ],
    ['well', { was: [ill('a')], now: [object('a')] }, ['close as completed', 'comment']],
  ])('%s', (_name, { was, now }, steps) => {
    expect(done(issueSteps([open(was)], seenAt(5, now)))).toEqual(steps)
  })

  test('well and none open: nothing', () => {
    expect(issueSteps([], seenAt(0, [object('a')]))).toEqual([])
  })

  test('keeps since when it is broken, and says at the end how long it was', () => {
    const first = open([ill('a')])
    const later = textOf(issueSteps([first], seenAt(60, [ill('b')])), 'update')
    expect(later).toContain('has failed since **2026-01-01 10:00:00 UTC** (for 1 h).')
    const end = issueSteps([{ id: 7, body: later }], seenAt(192, [object('a')]))
    expect(textOf(end, 'comment')).toContain('**Well again, after 3 h 12 min.**')
  })

  test('of several the oldest is kept', () => {
    const others = [open([ill('a')]), { ...open([ill('a')]), id: 9 }]
    const steps = issueSteps(others, seenAt(5, [ill('a')]))
    expect(steps).toMatchObject([
      { do: 'update', id: 7 },
      { do: 'drop', id: 9 },
    ])
    expect(afterOpening({ id: 9 }, others)).toEqual([{ do: 'drop', id: 9 }])
    expect(afterOpening({ id: 7 }, others)).toEqual([])
    expect(afterOpening({ id: 7 }, [])).toEqual([])
  })

  test('a comment’s mark is of the run and of the check', () => {
    const marks = [5, 6].map((minutes) => {
      const steps = issueSteps([open([ill('a')])], seenAt(minutes, [object('a')]))
      return textOf(steps, 'comment').split('\n')[0]
    })
    expect(new Set(marks).size).toBe(2)
    expect(marks[0]).toContain(seenAt(0, []).check.key)
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('-->', '--!>', '<!--', '@admin', '#1', 'a\nb', '\ud800', ' x=y ', ',:,', '%'),
)
const state: fc.Arbitrary<State> = fc
  .record({ of: text, is: text, more: fc.option(text, { nil: undefined }) })
  .map(({ of, is, more }) => ({ of, is, ...(more !== undefined && { more }) }))
const asKept = (states: State[]): State[] =>
  states.map((one) =>
    Object.fromEntries(
      Object.entries(one).map(([k, v]: [string, string]) => [k, v.toWellFormed()]),
    ),
  ) as unknown as State[]

describe('what is kept for the next run', () => {
  test('comes back as it was, on one line that is one HTML comment', () => {
    fc.assert(
      fc.property(
        fc.array(state, { maxLength: 8 }),
        fc.array(state, { maxLength: 8 }),
        (now, before) => {
          const memory: Memory = {
            since: '2026-01-01T10:00:00.000Z',
            sha: 'a'.repeat(40),
            state: digestOf(now),
            now,
            before,
          }
          const line = writeMemory(memory)
          expect(line.match(/-->|\n|@|#/g)).toEqual(['-->'])
          expect(readMemory(`${markOf('comment', 'k')}\n${line}\nrest`)).toEqual({
            ...memory,
            now: asKept(now),
            before: asKept(before),
          })
        },
      ),
    )
  })

  test('is never read as something else, whatever somebody wrote there', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const memory = readMemory(`mark\n<!-- ${line} -->`)
        if (memory) expect(Array.isArray(memory.now)).toBe(true)
      }),
    )
    expect(readStates('%E0%A4%A')).toBeUndefined()
    expect(readStates('a')).toBeUndefined()
    expect(readMemory('no mark')).toBeUndefined()
    expect(readMemory('mark\n<!-- since=never now= -->')).toEqual({ now: [] })
  })

  test('is bounded', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => ({ of: `source s${String(n)}`, is: '🔴' }))
    expect(writeStates(many).length).toBeLessThanOrEqual(6_000)
    expect(readStates(writeStates(many))?.[0]).toEqual(many[0])
  })
})

describe('what is said', () => {
  test('hostile names and words mention nobody, link nothing and end no comment', () => {
    fc.assert(
      fc.property(text, text, (name, because) => {
        const bad = { ...ill(`@all ${name}`), because: `#12 GH-3 ${because}` }
        const report = reportOf([bad], {
          failure: { reason: 'kafka-login', message: because, hint: name, inputs: [] },
          notes: [`@team ${because}`],
        })
        const seen = { ...seenAt(0, []), report, isWell: false, check: { key: 'k', label: name } }
        const was = commentBody({ ...seen, report: reportOf([object(`@all ${name}`)]) }, undefined)
        const bodies = [
          textOf(issueSteps([], seen), 'open'),
          textOf(issueSteps([open([ill('x')])], seen), 'comment'),
          commentBody({ ...seen, sha: 'b'.repeat(40) }, was),
        ]
        for (const body of bodies) {
          expect(body).not.toMatch(/@/)
          const marks = body.match(/-->/g)?.length ?? 0
          expect(marks).toBe(body.split('\n')[1] === '' ? 1 : 2)
          // Outside of code there are only words of ours.
          const ours = body.replace(/<code>[^<>@`|]*<\/code>/g, '').replace(/<!--.*-->/g, '')
          expect(ours).not.toMatch(/<|GH-3|(?<!#)#\d/)
        }
      }),
    )
  })

  test('titles are one line without code or mentions', () => {
    fc.assert(
      fc.property(text, (label) => {
        const [step] = issueSteps([], { ...seenAt(0, [ill('a')]), check: { key: 'k', label } })
        const title = step?.do === 'open' ? step.title : ''
        expect(title).toMatch(/^Materialize Kafka pipeline not well: [\p{L}\p{N} ._/,:()+-]*$/u)
        expect(title.length).toBeLessThan(200)
      }),
    )
  })

  test('a thousand broken objects with long names: within what GitHub takes', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({
      ...ill(`${'é#'.repeat(100)}${String(n)}`),
      because: '@'.repeat(2_000),
      views: { runner: '#'.repeat(2_000), materialize: '#'.repeat(2_000) },
    }))
    const seen = seenAt(0, many)
    const failure = { message: '#'.repeat(9_000), hint: '#'.repeat(9_000), inputs: [] }
    seen.report.failure = { reason: 'kafka-login', ...failure }
    const was = commentBody({ ...seen, report: reportOf(many.slice(500)) }, undefined)
    const bodies = [
      issueMark(seen.check) + textOf(issueSteps([], seen), 'open'),
      commentBody({ ...seen, sha: 'b'.repeat(40) }, was),
      textOf(issueSteps([open([ill('a')])], seen), 'comment'),
    ]
    for (const body of bodies) expect(body.length).toBeLessThan(65_536)
    expect(bodies[0]).toMatch(/Not shown: \d+ more object\(s\)|Not shown for want of room/)
  })

  test('what there is no room for is counted', () => {
    expect(fitting(['a', 'x'.repeat(50_000), 'b', ''], 'foot')).toBe(
      'a\n\nb\n\nNot shown for want of room: 1 part(s); the run’s summary has them.\n\nfoot',
    )
  })
})

describe('states', () => {
  const [x, y] = [
    { of: 'a', is: 'x' },
    { of: 'a', is: 'y' },
  ]
  const [one, two] = ['1', '2'].map((more) => ({ ...x, more }))
  test.each<[string, { was: State[]; now: State[] }, RegExp[]]>([
    ['nothing', { was: [x], now: [x] }, []],
    ['another state', { was: [x], now: [y] }, [/a.*x.* → .*y/]],
    ['a new one', { was: [], now: [x] }, [/a.*: new, .*x/]],
    ['one that is gone', { was: [x], now: [] }, [/a.*x.* → no longer there/]],
    ['other values', { was: [one ?? x], now: [two ?? x] }, [/a.*x.*, with other values/]],
  ])('%s', (_name, { was, now }, lines) => {
    const found = changesBetween(was, now)
    expect(found).toHaveLength(lines.length)
    for (const [at, line] of lines.entries()) expect(found[at]).toMatch(line)
  })

  test('of a plan are what would be done, of a teardown what was', () => {
    const differences = [
      { attribute: 'size', there: '25cc', asked: '50cc', means: 'alter' as const },
    ]
    const plannedChanges = [
      { object: 'c', kind: 'cluster' as const, action: 'alter' as const, differences },
    ]
    expect(statesOf(reportOf([], { mode: 'plan', status: 'healthy', plannedChanges }))).toEqual([
      { of: 'cluster c', is: 'alter (size)', more: expect.any(String) },
    ])
    const changes = [{ object: 's', kind: 'source' as const, action: 'drop' as const }]
    expect(statesOf(reportOf([], { mode: 'teardown', status: 'healthy', changes }))).toEqual([
      { of: 'source s', is: 'drop' },
    ])
  })

  test('names of an environment are those of the spec, whatever run made them', () => {
    const name = { database: 'd', schema: 'public_run_1_ab', name: 'a' }
    const environment = { name: 'e', tag: 'run-1-ab', schema: '', clusters: {}, topics: {} }
    const report = reportOf([{ ...ill('a'), name }], { environment })
    const change = { object: 't-run-1-ab', kind: 'topic' as const, action: 'drop' as const }
    const torn = reportOf([], { mode: 'teardown', changes: [change], environment })
    expect(statesOf(report).map(({ of }) => of)).toEqual(['source "d"."public"."a"'])
    expect(statesOf(torn).map(({ of }) => of)).toEqual(['topic t'])
  })

  test('idle or flowing is no change', () => {
    const [flowing, idle] = (['flowing', 'idle'] as const).map((verdict) =>
      statesOf(reportOf([object('a', { verdict })])),
    )
    expect(idle).toEqual(flowing)
  })

  test('what no object says is said of the run', () => {
    const failure = { reason: 'materialize-login' as const, message: '', hint: '', inputs: [] }
    expect(statesOf(reportOf([], { failure }))).toEqual([{ of: 'run', is: '🔴 materialize-login' }])
    const said = { ...failure, reason: 'kafka-login' as const }
    expect(statesOf(reportOf([ill('a')], { failure: said }))).toHaveLength(1)
  })
})

test.each([
  [0, 'less than 1 s'],
  [-5, 'less than 1 s'],
  [45_000, '45 s'],
  [3_600_000, '1 h'],
  [3_600_000 + 5_000, '1 h'],
  [3 * 3_600_000 + 12 * 60_000 + 59_000, '3 h 12 min'],
  [49 * 3_600_000, '2 d 1 h'],
])('%d ms are %s', (ms, words) => {
  expect(spanText(ms)).toBe(words)
})

test('a moment for people', () => {
  expect(momentText('2026-01-01T10:00:07.123Z')).toBe('2026-01-01 10:00:07 UTC')
})
