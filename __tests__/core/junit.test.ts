import { describe, expect, test } from '@jest/globals'
import { DOMParser, type Element } from '@xmldom/xmldom'
import fc from 'fast-check'
import { Failure } from '../../src/core/failure.ts'
import { junitOf, visible } from '../../src/core/junit.ts'
import {
  type ExpectationReport,
  fail,
  type ObjectReport,
  redactReport,
  type Report,
  startReport,
} from '../../src/core/report.ts'

function report(change: Partial<Report> = {}): Report {
  return {
    ...startReport('2026-11-23T10:00:00.123Z', 'auto'),
    status: 'healthy',
    durationMs: 1234,
    ...change,
  }
}

const object = (name: string, change: Partial<ObjectReport> = {}): ObjectReport => ({
  kind: 'source',
  name: { database: 'd', schema: 's', name },
  action: 'keep',
  ours: true,
  differences: [],
  status: 'running',
  verdict: 'proven',
  because: 'it reads',
  ...change,
})

const expectation = (name: string, change: Partial<ExpectationReport> = {}): ExpectationReport => ({
  name,
  held: true,
  because: '1 row came, as expected',
  asked: 1,
  ms: 500,
  ...change,
})

const attributes = (element: Element): Record<string, string> =>
  Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]))

/** What a reader of the file sees: the suite, and each case with what is in it. */
function read(xml: string) {
  const document = new DOMParser({
    onError: (_level, message) => {
      throw new Error(message)
    },
  }).parseFromString(xml, 'text/xml')
  const [suite, ...others] = [...document.getElementsByTagName('testsuite')]
  if (!suite || others.length > 0) throw new Error('there is one suite')
  const cases = [...suite.getElementsByTagName('testcase')].map((element) => ({
    ...attributes(element),
    inner: [...element.childNodes]
      .filter((node): node is Element => node.nodeType === 1)
      .map((node) => ({ tag: node.tagName, ...attributes(node) })),
  }))
  return { suite: attributes(suite), cases }
}

const failed = (failure: Failure, change: Partial<Report>): Report => {
  const of = report(change)
  fail(of, failure)
  return of
}

test('a healthy run: a case for each object and each expectation', () => {
  const objects = [object('a'), object('k', { kind: 'connection', verdict: '', because: '' })]
  const { suite, cases } = read(junitOf(report({ objects, expectations: [expectation('e')] })))
  expect(suite).toEqual({
    name: 'Materialize Kafka pipeline: provision',
    tests: '3',
    failures: '0',
    errors: '0',
    skipped: '1',
    time: '1.234',
    timestamp: '2026-11-23T10:00:00',
  })
  expect(cases).toEqual([
    { classname: 'source', name: '"d"."s"."a"', inner: [] },
    {
      classname: 'connection',
      name: '"d"."s"."k"',
      inner: [
        {
          tag: 'skipped',
          message: 'this kind of object is not watched, or the run ended before',
        },
      ],
    },
    { classname: 'expectation', name: 'e', time: '0.500', inner: [] },
  ])
})

describe('what failed is told once', () => {
  const cases: [string, Report, string[]][] = [
    [
      'a broken object carries the run’s failure',
      failed(new Failure({ reason: 'source-stalled', message: 'The source a is stalled.' }), {
        objects: [
          object('a', { verdict: 'broken', because: 'The source a is stalled.' }),
          object('b'),
        ],
      }),
      ['source "d"."s"."a": broken: The source a is stalled.'],
    ],
    [
      'one that is not proven, too',
      failed(new Failure({ reason: 'source-not-proven', message: 'Time ran out: no rows.' }), {
        objects: [object('a', { verdict: 'not proven', because: 'no rows' })],
      }),
      ['source "d"."s"."a": not proven: no rows'],
    ],
    [
      'an expectation carries it',
      failed(new Failure({ reason: 'expectation-failed', message: '1 of 2: "e": no rows came.' }), {
        expectations: [
          expectation('e', { held: false, because: 'no rows came' }),
          expectation('f'),
        ],
      }),
      ['expectation e: expectation-failed: no rows came'],
    ],
    [
      'what no object has to do with stands for itself',
      failed(new Failure({ reason: 'kafka-login', message: 'No.', hint: 'Do.' }), {}),
      ['run provision: kafka-login: No. Do.'],
    ],
    [
      'also beside objects that are well',
      failed(new Failure({ reason: 'rows-missing', message: 'No rows.', hint: 'Do.' }), {
        objects: [object('a')],
      }),
      ['run provision: rows-missing: No rows. Do.'],
    ],
    [
      'and beside one whose reason is empty',
      failed(new Failure({ reason: 'deadline', message: 'Late.', hint: 'Do.' }), {
        objects: [object('a', { verdict: 'not proven', because: '' })],
      }),
      ['source "d"."s"."a": not proven: ', 'run provision: deadline: Late. Do.'],
    ],
  ]
  test.each(cases)('%s', (_, of, told) => {
    const { suite, cases: all } = read(junitOf(of))
    const failures = all.flatMap((one) =>
      one.inner.map((inner) => {
        const { classname, name } = one as unknown as Record<string, string>
        const { type, message } = inner as unknown as Record<string, string>
        return `${String(classname)} ${String(name)}: ${String(type)}: ${String(message)}`
      }),
    )
    expect(failures).toEqual(told)
    expect(suite['failures']).toBe(String(told.length))
    expect(suite['tests']).toBe(String(all.length))
  })
})

test('a run that did nothing has a case all the same, which passed', () => {
  expect(read(junitOf(report({ mode: 'plan' }))).cases).toEqual([
    { classname: 'run', name: 'plan', time: '1.234', inner: [] },
  ])
})

test('a run that was skipped, and an expectation that was not asked, are no failures', () => {
  const skipped = failed(new Failure({ reason: 'secrets-missing', message: 'None.' }), {
    expectations: [expectation('e', { held: false, asked: 0, because: 'not asked' })],
  })
  skipped.status = 'skipped'
  const { suite, cases } = read(junitOf(skipped))
  expect(suite).toMatchObject({ failures: '0', skipped: '2' })
  expect(cases.flatMap(({ inner }) => inner.map(({ tag }) => tag))).toEqual(['skipped', 'skipped'])
})

test('rows are not in it', () => {
  const of = report({
    expectations: [
      expectation('e', { held: false, seen: [{ a: 'telling' }], missing: [{ a: 'telling' }] }),
    ],
    rows: { sample: [{ a: 'telling' }], count: 1, more: false },
  })
  expect(junitOf(of)).not.toContain('telling')
})

test('what is redacted stays so', () => {
  const of = report({ objects: [object('a', { verdict: 'broken', because: 'hunter2 <hunter2>' })] })
  const xml = junitOf(redactReport(of, (text) => text.replaceAll('hunter2', '***')))
  expect(read(xml).cases[0]?.inner).toEqual([
    { tag: 'failure', type: 'broken', message: '*** <***>' },
  ])
})

/** The letters that XML 1.0 allows; https://www.w3.org/TR/xml/#charsets. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\0',
      '\u0007',
      '\u001b',
      '\ud83d',
      '\ude42',
      '\uffff',
      '\ufffe',
      '\u0085',
      ' ',
      '\t',
      '\n',
      '\r',
      '&',
      '<',
      '>',
      '"',
      "'",
      ']]>',
      '&#0;',
      '&amp;',
      '<!--',
      '🙂',
    ),
  }),
)

test('any text comes back, but for letters that XML has no form for', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, because, message) => {
      const of = failed(new Failure({ reason: 'internal', message, hint: '' }), {
        objects: [object(name, { verdict: 'broken', because: `!${because}` })],
        expectations: [expectation(name, { held: false, because: `!${because}` })],
      })
      const xml = junitOf(of)
      expect(xml).toMatch(ALLOWED)
      expect(Buffer.from(xml, 'utf8').toString('utf8')).toBe(xml)
      const { cases } = read(xml)
      const quoted = `"d"."s"."${name.replaceAll('"', '""')}"`
      expect(cases.slice(0, 2)).toEqual([
        {
          classname: 'source',
          name: visible(quoted),
          inner: [{ tag: 'failure', type: 'broken', message: visible(`!${because}`) }],
        },
        {
          classname: 'expectation',
          name: visible(name),
          time: '0.500',
          inner: [{ tag: 'failure', type: 'expectation-failed', message: visible(`!${because}`) }],
        },
      ])
      if (!message.includes(`!${because}`)) {
        expect(cases[2]?.inner).toEqual([
          { tag: 'failure', type: 'internal', message: visible(`${message} `) },
        ])
      }
    }),
  )
})

test('letters that XML has a form for are left as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      if (/^[\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text)) {
        expect(visible(text)).toBe(text)
      }
    }),
  )
})

test('long texts are cut', () => {
  const of = report({
    objects: [object('a', { verdict: 'broken', because: 'x'.repeat(1_000_000) })],
  })
  expect(junitOf(of).length).toBeLessThan(4_000)
})
