import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Flow, type FlowEnd, flowsOf, flowsSeen } from '../../src/core/flows.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { type ObjectReport, type Report, startReport } from '../../src/core/report.ts'
import { summaryOf } from '../../src/core/summary.ts'
import { pictureOf } from '../../src/core/summary-picture.ts'
import { bar } from '../../src/core/summary-sent.ts'
import { parsed } from './spec-fixture.ts'

const named = (name: string) => ({ database: 'db', schema: 'public', name })
const end = (kind: FlowEnd['kind'], name: string): FlowEnd => ({
  kind,
  name: named(name),
  ...(kind === 'topic' && { connection: 'kafka' }),
})

function object(
  kind: ObjectReport['kind'],
  name: string,
  verdict: ObjectReport['verdict'] = 'proven',
): ObjectReport {
  return {
    ...{ kind, name: named(name), action: 'keep', ours: true, differences: [] },
    ...{ status: 'running', verdict, because: '' },
  }
}

function report(over: Partial<Report>): Report {
  return { ...startReport('2026-11-23T00:00:00.000Z', 'auto'), ...over }
}

const chain = (...ends: FlowEnd[]): Flow[] =>
  ends.slice(1).map((to, at) => ({ from: ends[at] ?? to, to }))

const pipeline = report({
  flows: chain(
    end('topic', 'orders'),
    end('source', 'orders'),
    end('view', 'totals'),
    end('sink', 'totals_out'),
    end('topic', 'orders'),
  ),
  objects: [
    object('source', 'orders'),
    object('view', 'totals', ''),
    object('sink', 'totals_out', 'not proven'),
  ],
})

/** All that a picture may consist of. A label holds letters, digits, blanks, codes and one break. */
const LABEL = String.raw`"(?:(?:🟢|🟡|🔴|🔵|⚪) )?(?:[\p{L}\p{N} ]|#\d+;)+<br>(?:topic|source|table|view|sink|relation)(?:, [a-z ]+)?"`
const LINES = [
  /^```(?:mermaid)?$/,
  /^graph LR$/,
  new RegExp(String.raw`^ {2}n\d+(?:\[${LABEL}\]|\(\[${LABEL}\]\))$`, 'u'),
  /^ {2}n\d+ --> n\d+$/,
  /^Not in the picture: \d+ more, none worse\.$/,
  /^$/,
]
const strange = (picture: string) =>
  picture.split('\n').filter((line) => !LINES.some((shape) => shape.test(line)))

describe('the picture', () => {
  test('has a node to each thing, a state to each object, and the arrows between', () => {
    expect(pictureOf(pipeline)).toBe(
      [
        '```mermaid',
        'graph LR',
        '  n1(["orders<br>topic"])',
        '  n2["🟢 orders<br>source, proven"]',
        '  n3["totals<br>view"]',
        '  n4["🟡 totals#95;out<br>sink, not proven"]',
        '  n1 --> n2',
        '  n2 --> n3',
        '  n3 --> n4',
        '  n4 --> n1',
        '```',
      ].join('\n'),
    )
  })

  test('says in a plan what would be done', () => {
    const planned = { ...object('source', 'orders', ''), action: 'create' as const }
    const picture = pictureOf(report({ ...pipeline, mode: 'plan', objects: [planned] }))
    expect(picture).toContain('"orders<br>source, create"')
  })

  test('keeps topics of one name in two Kafkas apart', () => {
    const topic = end('topic', 'orders')
    const flows = [
      { from: topic, to: end('source', 'a') },
      { from: { ...topic, connection: 'other' }, to: end('source', 'b') },
    ]
    const picture = pictureOf(report({ flows, objects: [object('source', 'a')] }))
    expect(picture.match(/orders<br>topic/g)).toHaveLength(2)
  })

  test('names the schema where there are several', () => {
    const flows = [{ from: end('source', 'a'), to: end('sink', 'b') }]
    const elsewhere = { ...end('sink', 'b').name, schema: 'other' }
    const [flow] = flows
    const two = [{ from: flow!.from, to: { ...flow!.to, name: elsewhere } }]
    const of = (some: Flow[]) =>
      pictureOf(report({ flows: some, objects: [object('source', 'a')] }))
    expect(of(flows)).toContain('"b<br>sink"')
    expect(of(two)).toContain('"other#46;b<br>sink"')
  })

  test.each([
    ['nothing is known', report({})],
    [
      'nothing but secrets was seen',
      report({ flows: pipeline.flows, objects: [object('secret', 's', '')] }),
    ],
  ])('is not there where %s', (_when, of) => {
    expect(pictureOf(of)).toBe('')
  })

  test('shows what is missing, though nothing flows', () => {
    const picture = pictureOf(report({ objects: [object('source', 'gone', 'missing')] }))
    expect(picture).toContain('n1["🔴 gone<br>source, missing"]')
  })

  test('is cut to what can be seen, the worst kept with its neighbours, and the rest counted', () => {
    const many = Array.from({ length: 200 }, (_, n) => String(n))
    const of = report({
      mode: 'verify',
      flows: many.flatMap((n) => chain(end('topic', `t${n}`), end('source', `s${n}`))),
      objects: many.map((n) => object('source', `s${n}`, n === '150' ? 'broken' : 'flowing')),
    })
    const picture = pictureOf(of)
    expect(picture.match(/<br>/g)).toHaveLength(30)
    expect(picture).toMatch(/🔴 s150<br>source, broken/)
    expect(picture).toMatch(/t150<br>topic/)
    expect(picture).toContain('Not in the picture: 370 more, none worse.')
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      ...['end', '"]', '`', '```', '\n```\n', '<script>alert(1)</script>', '<img src=x onerror=f>'],
      ...[
        'click n1 "javascript:alert(1)"',
        '%%{init: {}}%%',
        '#quot;',
        '&quot;',
        ';',
        ' ',
        '',
        '\ud800',
      ],
      ...[
        'a --> b',
        'subgraph',
        'style n1 fill:#f00;',
        'ﬂ°°60¶ß',
        '1. one',
        '- one',
        '$$x$$',
        '\\',
      ],
    ),
  )

  test('whatever the names, it has no other lines than ours', () => {
    const ends = fc.record({
      kind: fc.constantFrom('topic', 'source', 'table', 'view', 'sink', 'relation' as const),
      name: fc.record({ database: hostile, schema: hostile, name: hostile }),
    }) as fc.Arbitrary<FlowEnd>
    const flow = fc.record({ from: ends, to: ends })
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 40 }), hostile, (flows, name) => {
        const picture = pictureOf(report({ flows, objects: [object('source', name)] }))
        expect(strange(picture)).toEqual([])
        expect(picture.length).toBeLessThan(50_000)
      }),
    )
  })

  test.each([
    ['$$x$$', '#36;#8203;#36;x#36;#8203;#36;'],
    ['a\\nb', 'a#92;#8203;nb'],
    ['ﬂ°°60¶ß', 'fl#176;#176;60#182;ß'],
    ['', '#32;'],
  ])('%j is drawn as it is', (name, drawn) => {
    const picture = pictureOf(report({ objects: [object('source', name)] }))
    expect(picture).toContain(`"🟢 ${drawn}<br>source, proven"`)
  })

  test('a line of another shape would be found', () => {
    expect(strange('  n1["a"b<br>topic"]\nclick n1 x')).toHaveLength(2)
  })
})

describe('what flows where', () => {
  const text = (flows: Flow[]) =>
    flows.map(({ from, to }) => `${from.kind} ${from.name.name} > ${to.kind} ${to.name.name}`)

  test('of a spec', () => {
    const { spec } = parsed(
      `connections: { kafka: {} }
sources: { orders: { connection: kafka, topic: orders_in, format: json } }
views:
  totals: { sql: SELECT count(*) AS n FROM orders }
  doubled: { sql: SELECT n * 2 AS n FROM totals }
sinks:
  out: { from: doubled, connection: kafka, topic: out, envelope: upsert, key: [n] }
  other: { from: there.already, connection: kafka, topic: other, envelope: debezium }
`,
    )
    expect(text(flowsOf(spec))).toEqual([
      'topic orders_in > source orders',
      'source orders > view totals',
      'view totals > view doubled',
      'view doubled > sink out',
      'sink out > topic out',
      'relation already > sink other',
      'sink other > topic other',
    ])
  })

  test('of the catalog, back from each sink', () => {
    const seen = (
      id: string,
      type: string,
      over: Partial<ObservedObject> = {},
    ): ObservedObject => ({
      ...{ id, type, name: named(id), comment: '', owner: 'o', grants: [], dependsOn: [] },
      ...over,
    })
    const kafka = { type: 'kafka', connectionId: 'c' }
    const objects = [
      seen('c', 'connection'),
      seen('p', 'source', { source: { type: 'progress' } }),
      seen('s', 'source', { source: { ...kafka, topic: 'in' }, dependsOn: ['c', 'p'] }),
      seen('t', 'table', { dependsOn: ['s'] }),
      seen('v', 'materialized-view', { dependsOn: ['t'] }),
      seen('k', 'sink', { sink: { ...kafka, topic: 'out' }, dependsOn: ['v', 'c'] }),
    ]
    const observed = {
      ...{ role: 'r', sessionCluster: 'q', databases: [], schemas: [], clusters: [], topics: [] },
      objects,
    }
    const flows = flowsSeen([named('k'), named('s'), named('nowhere')], observed)
    expect(text(flows)).toEqual([
      'topic in > source s',
      'source s > table t',
      'table t > view v',
      'view v > sink k',
      'sink k > topic out',
    ])
  })
})

describe('the summary', () => {
  test('says in its first line how everything does, and then draws it', () => {
    const [head, line, fence] = summaryOf(pipeline, { showRows: 'none', cuts: [] })
      .split('\n')
      .filter((one) => one !== '')
    expect(head).toMatch(/^## /)
    expect(line).toMatch(/^\*\*🟢 1 proven, 🟡 1 not proven\.\*\*/)
    expect(fence).toBe('```mermaid')
  })

  test('shows SQL to be copied, which no statement breaks out of', () => {
    const statement = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('SELECT 1\n```\n# x', '````', 'SELECT 1 -- one', '</details>'),
    )
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
        const summary = summaryOf(report({ statements }), { showRows: 'none', cuts: [] })
        const [, fence = '', body = ''] =
          /\n(`{3,})sql\n([^]*)\n\1\n\n<\/details>\n$/.exec(summary) ?? []
        expect(fence).not.toBe('')
        const runs = [...body.matchAll(/`+/g)].map(([run]) => run.length)
        expect(Math.max(0, ...runs)).toBeLessThan(fence.length)
      }),
    )
    const of = report({ statements: ['SELECT 1 -- one', 'SELECT 2'] })
    expect(summaryOf(of, { showRows: 'none', cuts: [] })).toContain(
      'SELECT 1 -- one\n;\nSELECT 2;\n',
    )
  })

  test.each([
    [1, '████████'],
    [0.5, '████'],
    [0.55, '████▍'],
    [0, '▏'],
    [7, '████████'],
  ])('draws %d as %s', (share, drawn) => {
    expect(bar(share)).toBe(drawn)
  })
})
