import { describe, expect, test } from '@jest/globals'
import { OWN_ID, rightText } from '../../src/core/acl.ts'
import { canariesAsked } from '../../src/core/canary-tasks.ts'
import { asKnown, type NamingFacts, type Need, needsOf } from '../../src/core/kafka-needs.ts'
import type { Spec } from '../../src/core/model.ts'
import { at, spec } from './plan-fixture.ts'

const IDS: Record<string, string> = { upstash: 'u12', hello: 'u14', hello_out: 'u15' }

function facts(change: Partial<NamingFacts> & { known?: string[] } = {}): NamingFacts {
  const { known = Object.keys(IDS), ...rest } = change
  return {
    environment: 'env-0',
    idOf: ({ name }) => (known.includes(name) ? IDS[name] : undefined),
    groupOf: () => undefined,
    progressTopicOf: () => undefined,
    exists: () => true,
    canaries: { tasks: [], prefix: 'mka-canary-1-' },
    ...rest,
  }
}

function needs(of: NamingFacts = facts(), change: Partial<Spec> = {}): Need[] {
  const whole = spec(change)
  const [connection] = whole.connections
  return connection ? needsOf(connection, whole, of) : []
}

const texts = (all: Need[]): string[] =>
  all.map((need) => `${need.optional ? 'perhaps ' : ''}${rightText(need)} for ${need.by.join('+')}`)

const SINK = 'for sink hello_out'

describe('what a source and a sink need', () => {
  test('where everything is there: exact names', () => {
    expect(texts(needs())).toEqual([
      'DESCRIBE on topic hello for source hello',
      'READ on topic hello for source hello',
      'READ on group materialize-env-0-u12-u14 for source hello',
      `DESCRIBE on topic hello-out ${SINK}`,
      `WRITE on topic hello-out ${SINK}`,
      `DESCRIBE on topic _materialize-progress-env-0-u12 ${SINK}`,
      `READ on topic _materialize-progress-env-0-u12 ${SINK}`,
      `WRITE on topic _materialize-progress-env-0-u12 ${SINK}`,
      `DESCRIBE on transactional id materialize-env-0-u12-u15 ${SINK}`,
      `WRITE on transactional id materialize-env-0-u12-u15 ${SINK}`,
      `READ on group materialize-env-0-u12-u15 ${SINK}`,
    ])
  })

  test('each with its reason', () => {
    const reasons = new Map(
      needs(facts({ exists: () => false })).map((one) => [rightText(one), one.reason]),
    )
    expect(Object.fromEntries(reasons)).toMatchObject({
      'READ on topic hello': 'kafka-read-right',
      'READ on group materialize-env-0-u12-u14': 'kafka-group-right',
      'WRITE on topic hello-out': 'kafka-write-right',
      'CREATE on topic hello-out': 'kafka-create-right',
      'CREATE on topic _materialize-progress-env-0-u12': 'kafka-progress-right',
      'READ on group materialize-env-0-u12-u15': 'kafka-progress-right',
      'WRITE on transactional id materialize-env-0-u12-u15': 'kafka-transaction-right',
    })
  })

  const cases: {
    name: string
    facts?: NamingFacts
    spec?: Partial<Spec>
    has?: string[]
    lacks?: RegExp
  }[] = [
    {
      name: 'new objects of a connection that is there: its prefix, once for both',
      facts: facts({ known: ['upstash'] }),
      has: [
        'READ on group materialize-env-0-u12-… for source hello+sink hello_out',
        `WRITE on transactional id materialize-env-0-u12-… ${SINK}`,
      ],
      lacks: /u14|u15/,
    },
    {
      name: 'a new connection: its id stands open',
      facts: facts({ known: [] }),
      has: [
        `READ on group materialize-env-0-${OWN_ID}-… for source hello+sink hello_out`,
        `WRITE on topic _materialize-progress-env-0-${OWN_ID} ${SINK}`,
      ],
      lacks: /u1/,
    },
    {
      name: 'the group by the catalog’s word',
      facts: facts({ groupOf: () => 'pre-materialize-env-0-u12-u14' }),
      has: ['READ on group pre-materialize-env-0-u12-u14 for source hello'],
      lacks: /group materialize-env-0-u12-u14 /,
    },
    {
      name: 'the progress topic by the catalog’s word',
      facts: facts({ progressTopicOf: () => 'progress' }),
      has: [`READ on topic progress ${SINK}`],
      lacks: /_materialize-progress/,
    },
    {
      name: 'prefixes of the spec',
      facts: facts({ known: ['upstash'] }),
      spec: {
        sources: [{ ...one('sources'), groupIdPrefix: 'g-' }],
        sinks: [{ ...one('sinks'), transactionalIdPrefix: 't-', progressGroupIdPrefix: 'p-' }],
      },
      has: [
        'READ on group g-materialize-env-0-u12-… for source hello',
        `READ on group p-materialize-env-0-u12-… ${SINK}`,
        `WRITE on transactional id t-materialize-env-0-u12-… ${SINK}`,
      ],
      lacks: / materialize-env/,
    },
    {
      name: 'topics that are not there are to be created',
      facts: facts({ exists: () => false }),
      has: [
        `CREATE on topic hello-out ${SINK}`,
        `CREATE on topic _materialize-progress-env-0-u12 ${SINK}`,
        `perhaps DESCRIBE_CONFIGS on the cluster ${SINK}`,
      ],
    },
    {
      name: 'but not by the sink if the spec makes them',
      facts: facts({ exists: (topic) => topic !== 'hello-out' }),
      spec: {
        topics: [
          {
            ...{ name: 'hello-out', connection: at('upstash'), partitions: 1, config: {} },
            replicationFactor: -1,
          },
        ],
      },
      lacks: /CREATE|CONFIGS/,
    },
    { name: 'a source alone', spec: { sinks: [] }, lacks: /WRITE|CREATE|transactional|progress/ },
    {
      name: 'what goes by another connection',
      spec: { sources: [{ ...one('sources'), connection: at('other') }], sinks: [] },
      lacks: /./,
    },
  ]
  test.each(cases)('$name', ({ facts: given, spec: change, has = [], lacks }) => {
    const all = texts(needs(given, change))
    expect(all).toEqual(expect.arrayContaining(has))
    if (lacks) expect(all.filter((text) => lacks.test(text))).toEqual([])
  })

  function one<Kind extends 'sources' | 'sinks'>(kind: Kind): Spec[Kind][number] {
    const [first] = spec()[kind]
    if (!first) throw new Error('the fixture has one of each')
    return first as Spec[Kind][number]
  }
})

test('topics that cannot be seen may be there', () => {
  const created = needs(facts({ exists: () => undefined })).filter(
    (one) => one.operation === 'CREATE',
  )
  expect(created.map(({ perhaps, orCluster }) => ({ perhaps, orCluster }))).toEqual([
    { perhaps: true, orCluster: true },
    { perhaps: true, orCluster: true },
  ])
})

test.each([
  { name: `materialize-e-${OWN_ID}-`, pattern: 'prefixed', is: 'materialize-e-u' },
  {
    name: `_materialize-progress-e-${OWN_ID}`,
    pattern: 'literal',
    is: '_materialize-progress-e-u',
  },
] as const)('an open id is that of something that a user made: $name', ({ name, pattern, is }) => {
  const right = { resource: 'topic', operation: 'READ', name, pattern } as const
  expect(asKnown(right)).toEqual({ ...right, name: is, pattern: 'prefixed' })
})

test.each([
  {
    name: 'inline: the runner writes to the source’s topic and reads the sink’s',
    way: 'inline' as const,
    more: ['WRITE on topic hello', 'READ on topic hello-out'],
  },
  {
    name: 'isolated: topics of its own, and all that a source and a sink of no known id need',
    way: 'isolated' as const,
    more: [
      ...['DESCRIBE', 'READ', 'WRITE', 'CREATE', 'DELETE'].map(
        (operation) => `${operation} on topic mka-canary-1-…`,
      ),
      'DESCRIBE on transactional id materialize-env-0-u12-…',
      'WRITE on transactional id materialize-env-0-u12-…',
      'READ on group materialize-env-0-u12-…',
    ],
  },
])('a canary, $name', ({ way, more }) => {
  const whole = spec()
  const tasks = canariesAsked({ spec: whole, canary: { way, count: 1 } })
  expect(tasks).toHaveLength(1)
  const before = needs().map(rightText)
  const after = needs(facts({ canaries: { tasks, prefix: 'mka-canary-1-' } }))
  const added = after.filter((one) => !before.includes(rightText(one)))
  expect(added.map(rightText).sort()).toEqual(more.sort())
  expect(new Set(added.flatMap(({ by }) => by))).toEqual(new Set(['canary']))
})
