import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Failure } from '../../src/core/failure.ts'
import { blankedOutputs, outputsOf } from '../../src/core/outputs.ts'
import { OUTPUTS } from '../../src/core/output-table.ts'
import { fail, type Report, startReport } from '../../src/core/report.ts'
import { plain } from '../../src/core/summary-parts.ts'
import { summaryOf } from '../../src/core/summary.ts'

function report(change: Partial<Report> = {}): Report {
  return { ...startReport('2026-11-23T00:00:00Z', 'auto'), status: 'healthy', ...change }
}
const rows = (sample: Report['rows']['sample'], more = false): Pick<Report, 'rows'> => ({
  rows: { relation: { database: 'd', schema: 's', name: 'r' }, sample, count: sample.length, more },
})
const show = {
  showRows: 'summary',
  reportPath: '/tmp/r.json',
  planPath: '',
  junitPath: '',
} as const

const hostile = [
  '::error::boo',
  '::set-output name=x::y',
  '##[command]rm -rf',
  '@everyone @octocat',
  '<img src=x onerror=alert(1)><script>',
  '| a | b |\n| --- | --- |',
  '[link](https://example.com) ![i](x)',
  '```\ncode',
  '# head\n- item',
  'nul \u0000 bell \u0007',
  '🙂 \ud83d lone',
  'x'.repeat(1_000_000),
]

describe('outputs', () => {
  test('all are set, also when nothing happened', () => {
    const { values } = outputsOf(report({ status: 'failed' }), show)
    expect(Object.keys(values).sort()).toEqual(OUTPUTS.map((output) => output.name).sort())
    expect(values).toMatchObject({ rows: '[]', 'sink-rows': '[]', changes: '[]', changed: 'false' })
  })

  test('hostile rows come back the same', () => {
    for (const text of hostile.filter((candidate) => candidate.length < 1_000)) {
      const { values } = outputsOf(report(rows([{ data: text }])), show)
      expect(JSON.parse(values.rows)).toEqual([{ data: text }])
      expect(values['rows-truncated']).toBe('false')
    }
  })

  test('a row of a megabyte is shortened, and that is said', () => {
    const { values, cuts } = outputsOf(
      report(rows([{ data: 'x'.repeat(1_000_000) }, { data: 'y' }])),
      show,
    )
    const [first, second] = JSON.parse(values.rows) as { data: string }[]
    expect(first?.data).toMatch(/^x+… \(\d+ more characters cut\)$/)
    expect(second?.data).toBe('y')
    expect(values['rows-truncated']).toBe('true')
    expect(cuts.join()).toMatch(/Output rows has long texts shortened/)
  })

  test('whatever the rows, all outputs together stay below half a megabyte and are JSON', () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer({ min: 0, max: 300_000 }).map((n) => '"'.repeat(n)),
    )
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        const sample = texts.map((data) => ({ data }))
        const messages = sample.map((value) => ({
          partition: 0,
          offset: '1',
          timestamp: '1',
          headers: {},
          key: null,
          value,
        }))
        const { values } = outputsOf(report({ ...rows(sample), sinkMessages: messages }), show)
        expect(Object.values(values).join('').length).toBeLessThan(500_000)
        JSON.parse(values.rows)
        JSON.parse(values['sink-rows'])
      }),
      { numRuns: 30 },
    )
  })

  test('the newest messages are kept, in their order', () => {
    const messages = Array.from({ length: 50 }, (_, n) => ({
      partition: 0,
      offset: String(n),
      timestamp: '1',
      headers: {},
      key: null,
      value: 'v'.repeat(5_000),
    }))
    const { values } = outputsOf(report({ sinkMessages: messages }), show)
    const kept = (JSON.parse(values['sink-rows']) as { offset: string }[]).map((m) =>
      Number(m.offset),
    )
    expect(kept.at(-1)).toBe(49)
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
    expect(kept.length).toBeLessThan(50)
  })

  test('show-rows none keeps rows out and says that there are some', () => {
    const { values } = outputsOf(report(rows([{ data: 'x' }])), { ...show, showRows: 'none' })
    expect(values).toMatchObject({ rows: '[]', 'row-count': '1', 'rows-truncated': 'true' })
  })

  test('outputs that hold a masked text are found', () => {
    const values = { rows: '[{"data":"hunter2"}]', status: 'healthy' }
    expect(blankedOutputs(values, ['hunter2', ''])).toEqual(['rows'])
  })
})

describe('expectations', () => {
  const expectations = hostile.map((text, n) => ({
    name: `${text.slice(0, 100)} ${String(n)}`,
    held: n === 0,
    because: 'no rows came',
    asked: 2,
    ms: 1500,
    seen: [{ a: 'telling', b: text }],
    missing: [{ a: 'expected' }],
  }))

  test.each([
    ['summary', true, true],
    ['output', true, false],
    ['none', false, false],
  ] as const)('show-rows %s', (showRows, inOutput, inSummary) => {
    const of = report({ expectations })
    const { values } = outputsOf(of, { ...show, showRows })
    expect(/telling|expected/.test(values.expectations)).toBe(inOutput)
    const summary = summaryOf(of, { showRows, cuts: [] })
    expect(/telling|expected/.test(summary)).toBe(inSummary)
    for (const { name } of expectations) expect(summary).toContain(plain(name, 600))
    expect(summary).not.toMatch(/<script|<img|@everyone|##\[/)
    // Those that did not hold come first.
    expect(summary.indexOf('🔴')).toBeLessThan(summary.indexOf('🟢'))
  })

  test('many of them are cut, and that is said', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => ({
      name: `e${String(n)}`,
      held: false,
      because: 'no rows came'.repeat(20),
      asked: 2,
      ms: 1500,
    }))
    const { values, cuts } = outputsOf(report({ expectations: many }), show)
    expect(values.expectations.length).toBeLessThanOrEqual(40_000)
    expect((JSON.parse(values.expectations) as unknown[]).length).toBeGreaterThan(10)
    expect(cuts.join()).toMatch(/Output expectations was cut to \d+ of 2000 entries/)
    const summary = summaryOf(report({ expectations: many }), { showRows: 'summary', cuts: [] })
    expect(summary).toMatch(/Not shown: \d+ more expectation\(s\)/)
    expect(summary.length).toBeLessThan(250_000)
  })
})

describe('status', () => {
  test.each([
    ['source-not-proven', 'degraded'],
    ['rows-missing', 'degraded'],
    ['deadline', 'degraded'],
    ['kafka-login', 'failed'],
    ['cancelled', 'failed'],
    ['expectation-failed', 'failed'],
  ] as const)('%s is %s', (reason, status) => {
    const of = report()
    fail(of, new Failure({ reason, message: 'm' }))
    expect(of.status).toBe(status)
    expect(outputsOf(of, show).values['failure-reason']).toBe(reason)
  })
})

describe('summary', () => {
  test.each(hostile.map((text) => [text.slice(0, 30), text]))(
    '%j is nothing but text',
    (_name, text) => {
      const cell = plain(text)
      const inner = cell.slice('<code>'.length, -'</code>'.length)
      expect(inner).not.toMatch(/[<>|@`*_[\]\n!:]/)
      const summary = summaryOf(report(rows([{ [text]: text }])), { showRows: 'summary', cuts: [] })
      expect(summary).not.toMatch(/<img|<script|@everyone|::error|##\[/)
      expect(summary.length).toBeLessThan(10_000)
    },
  )

  test('no summary passes GitHub’s limit, and what was cut is counted', () => {
    const sample = Array.from({ length: 1_000 }, () =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, n) => [`column${String(n)}`, '<'.repeat(500)]),
      ),
    )
    const summary = summaryOf(
      report({
        ...rows(sample, true),
        notes: Array.from({ length: 500 }, () => '<'.repeat(5_000)),
      }),
      { showRows: 'summary', cuts: [] },
    )
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
    expect(summary).toMatch(/and \d+ more\n/)
    expect(summary.slice(0, 400)).toMatch(/9\d\d more row\(s\) in the outputs; 38 more column\(s\)/)
  })

  test('differences are shown with what is there and what is asked, as text', () => {
    const change = {
      object: 'orders',
      kind: 'topic' as const,
      action: 'alter' as const,
      differences: [
        { attribute: 'partitions', there: '1', asked: '<b>6</b>', means: 'alter' as const },
      ],
    }
    const of = report({ mode: 'plan', plannedChanges: [change], hasChanges: true })
    const summary = summaryOf(of, { showRows: 'summary', cuts: [] })
    expect(summary).toContain('would change 1 thing(s)')
    expect(summary).toMatch(/topic .*orders.*partitions.*1.*6.*alter/)
    expect(summary).not.toContain('<b>')
    expect(outputsOf(of, show).values).toMatchObject({ 'has-changes': 'true', changed: 'false' })
  })

  test('rows are not shown unless asked for', () => {
    const of = report({
      ...rows([{ data: 'private' }]),
      sinkMessages: [
        { partition: 0, offset: '0', timestamp: '0', headers: {}, key: null, value: 'private' },
      ],
    })
    expect(summaryOf(of, { showRows: 'output', cuts: [] })).not.toContain('private')
    expect(summaryOf(of, { showRows: 'summary', cuts: [] })).toContain('private')
  })
})
