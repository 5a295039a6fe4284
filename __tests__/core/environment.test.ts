import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { expiry } from '../../src/core/duration.ts'
import { environmentTopics, inEnvironment } from '../../src/core/environment.ts'
import { environmentTag, ownIdentifier, ownTopic } from '../../src/core/environment-names.ts'
import { isExpired, markedEnvironments } from '../../src/core/environment-sweep.ts'
import { commentText, type Marker, readComment } from '../../src/core/marker.ts'
import { isDefined } from '../../src/core/model-connection.ts'
import type { QualifiedName } from '../../src/core/model-object.ts'
import type { Spec } from '../../src/core/model.ts'
import { byteLength } from '../../src/core/names.ts'
import { wantedOf } from '../../src/core/wanted.ts'
import { at, spec as pipeline } from './plan-fixture.ts'
import { spec, WITHIN } from './spec-arbitrary.ts'

/** The names of an environment, and what a spec becomes in it. */

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const tagOf = (name: string, repository = 'acme/shop') =>
  environmentTag({ name, repository }, sha256)
const within = { database: 'materialize', schema: 'public' }
const environment = { name: 'a-b', tag: tagOf('a-b') }

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    ...['a-b', 'a_b', 'A-B', 'a--b', '-a-b-', 'a/b', "a'b", 'a"b', 'ä', '🙂', '.', '..', '$(id)'],
    ...['x'.repeat(255), `${'x'.repeat(254)}y`, 'mz_a', 'pg_a', '::error::', 'a\nb'],
  ),
)
const topic = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
  fc.constantFrom('x'.repeat(249), `${'x'.repeat(248)}y`, 'a.b', 'a_b'),
)
const identifier = fc
  .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }), fc.constant('ü'.repeat(127)))
  .filter((text) => byteLength(text) <= 255)

describe('names', () => {
  test.each([
    ['pr-12', /^pr-12-[0-9a-f]{16}$/],
    ['Feature/New "Totals"', /^feature-new-totals-[0-9a-f]{16}$/],
    ['🙂', /^env-[0-9a-f]{16}$/],
    ['dependabot/npm_and_yarn/some/very-long-1.2.3', /^dependabot-npm-and-yarn-[0-9a-f]{16}$/],
  ])('the tag of %s', (name, form) => {
    expect(tagOf(name)).toMatch(form)
  })

  test('stay inside the limits, with nothing in them that Kafka refuses', () => {
    fc.assert(
      fc.property(hostile, topic, identifier, (name, asked, schema) => {
        const tag = tagOf(name)
        expect(ownTopic(asked, tag)).toMatch(/^[a-zA-Z0-9._-]{1,249}$/)
        expect(byteLength(ownIdentifier(schema, tag))).toBeLessThanOrEqual(255)
      }),
    )
  })

  test('of two environments or repositories are never the same, whatever they are made from', () => {
    const other = (name: string): fc.Arbitrary<string> =>
      fc.constantFrom(name, name.toUpperCase(), name.replaceAll('-', '_'), `${name} `, `${name}-`)
    const two = hostile.chain((name) =>
      fc.tuple(fc.constant(name), fc.oneof(hostile, other(name)), fc.boolean()),
    )
    fc.assert(
      fc.property(two, topic, topic, ([a, b, elsewhere], ...topics) => {
        fc.pre(a !== b || elsewhere)
        const [one, two] = [tagOf(a), tagOf(b, elsewhere ? 'acme/shop2' : 'acme/shop')]
        for (const first of topics) {
          for (const second of topics) {
            // Kafka counts a dot and an underscore as one.
            const metric = (text: string) => text.replaceAll('.', '_')
            expect(metric(ownTopic(first, one))).not.toBe(metric(ownTopic(second, two)))
            expect(ownIdentifier(first, one)).not.toBe(ownIdentifier(second, two))
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('of two topics or schemas differ in one environment, too, where they are cut', () => {
    const long = fc.stringMatching(/^[a-z]{200,249}$/)
    const pair = fc.oneof(
      fc.tuple(topic, topic),
      fc
        .tuple(long, fc.constantFrom('p', 'q'))
        .map(([text, last]): [string, string] => [
          text.slice(0, -1) + last,
          `${text.slice(0, -1)}o`,
        ]),
    )
    fc.assert(
      fc.property(pair, hostile, ([first, second], name) => {
        fc.pre(first !== second)
        expect(ownTopic(first, tagOf(name))).not.toBe(ownTopic(second, tagOf(name)))
        expect(ownIdentifier(first, tagOf(name))).not.toBe(ownIdentifier(second, tagOf(name)))
      }),
    )
  })
})

const nameText = ({ database, schema, name }: QualifiedName) =>
  JSON.stringify([database, schema, name])

/** Every name of the spec by which it refers to something, or is itself referred to. */
function references(of: Spec): string[] {
  const names: QualifiedName[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (typeof value === 'object' && value !== null) {
      if ('database' in value && 'schema' in value && 'name' in value)
        names.push(value as QualifiedName)
      else Object.values(value).forEach(visit)
    }
  }
  const { schemas: _schemas, expectations: _expectations, ...rest } = of
  visit(rest)
  return names.map(nameText)
}

/** What a query may name is looked at below. */
function withoutQueries(asked: Spec): Spec {
  const { expectations: _expectations, ...rest } = asked
  return { ...rest, views: asked.views.map((one) => ({ ...one, sql: 'SELECT 1' })) }
}

describe('any spec', () => {
  test('refers in an environment to the same things, and makes none of the spec’s own', () => {
    fc.assert(
      fc.property(spec.map(withoutQueries), hostile, (asked, name) => {
        const tag = tagOf(name)
        const { spec: moved } = inEnvironment(asked, {
          environment: { name, tag },
          within: WITHIN,
        })
        const before = references(asked)
        const after = references(moved)
        expect(after).toHaveLength(before.length)
        // What was one name is one name, and what were two are two.
        expect(new Set(before.map((text, i) => `${text} ${after[i] ?? ''}`)).size).toBe(
          new Set(before).size,
        )
        expect(new Set(after).size).toBe(new Set(before).size)
        const made = (of: Spec) =>
          wantedOf(of)
            .filter(({ kind, name: called }) =>
              kind === 'connection'
                ? of.connections.some((one) => one.name === called && isDefined(one))
                : true,
            )
            .map((one) => `${one.kind} ${nameText(one.name)}`)
        const original = new Set(made(asked))
        for (const one of made(moved)) expect(original.has(one)).toBe(false)
        for (const { topic: written } of moved.sinks) expect(written.endsWith(`-${tag}`)).toBe(true)
        for (const { name: created } of moved.topics) expect(created.endsWith(`-${tag}`)).toBe(true)
        const again = inEnvironment(asked, { environment: { name, tag }, within: WITHIN })
        expect(again.spec).toEqual(moved)
      }),
    )
  })
})

const inIt = (asked: Spec) => inEnvironment(asked, { environment, within })

describe('a pipeline', () => {
  test('shares the topic that it reads and has that of its sink for itself', () => {
    const { spec: moved, names } = inIt(pipeline())
    expect(moved.sources[0]?.topic).toBe('hello')
    expect(moved.sinks[0]?.topic).toBe(`hello-out-${environment.tag}`)
    expect(names.topics).toEqual({ 'hello-out': `hello-out-${environment.tag}` })
    expect(moved.sinks[0]?.from).toEqual(moved.sources[0]?.name)
    expect(environmentTopics(moved, environment.tag, moved.connections[0]?.name ?? at(''))).toEqual(
      [`hello-out-${environment.tag}`],
    )
  })

  test.each([
    ['a topic that the spec makes', { topics: [topicSpec('hello')] }],
    [
      'the topic of a sink, by another connection to the same Kafka',
      {
        connections: [...pipeline().connections, ...pipeline().connections].map((one, i) => ({
          ...one,
          name: at(`c${String(i)}`),
        })),
        sources: [{ ...pipeline().sources[0]!, connection: at('c0') }],
        sinks: [{ ...pipeline().sinks[0]!, connection: at('c1'), topic: 'hello' }],
      },
    ],
  ])('reads %s under its own name', (_what, change) => {
    expect(inIt(pipeline(change)).spec.sources[0]?.topic).toBe(`hello-${environment.tag}`)
  })

  test('a connection that is only named is shared, and what it makes is not', () => {
    const { spec: moved } = inIt(pipeline({ connections: [{ name: at('upstash'), secrets: {} }] }))
    expect(moved.connections[0]?.name).toEqual(at('upstash'))
    expect(moved.sources[0]?.connection).toEqual(at('upstash'))
    expect(moved.sources[0]?.name.schema).not.toBe('public')
  })

  test('prefixes of groups and transactional ids have the tag', () => {
    const [source, sink] = [pipeline().sources[0]!, pipeline().sinks[0]!]
    const ids = { transactionalIdPrefix: 't-', progressGroupIdPrefix: 'p-' }
    const { spec: moved } = inIt(
      pipeline({ sources: [{ ...source, groupIdPrefix: 'g-' }], sinks: [{ ...sink, ...ids }] }),
    )
    const { tag } = environment
    expect(moved.sources[0]?.groupIdPrefix).toBe(`g-${tag}-`)
    expect(moved.sinks[0]).toMatchObject({
      transactionalIdPrefix: `t-${tag}-`,
      progressGroupIdPrefix: `p-${tag}-`,
    })
  })

  test.each([
    ['a view', { views: [{ name: at('v'), sql: 'SELECT * FROM public.hello' }] }],
    ['a view, by its database', { views: [view('SELECT 1 FROM x, materialize.public.hello')] }],
    [
      'an expectation',
      {
        expectations: [
          {
            name: 'e',
            within,
            sql: 'SELECT * FROM public.hello',
            expected: { is: 'count', from: 1 },
          },
        ],
      },
    ],
  ] as [string, Partial<Spec>][])(
    'refuses %s that names a relation of the spec by its schema',
    (_what, change) => {
      expect(() => inIt(pipeline(change))).toThrow(
        /hello with its schema, so that an environment would read what is outside of it/,
      )
    },
  )

  test('takes a view that names what is not of the spec by its schema', () => {
    const views = [view('SELECT * FROM hello JOIN public.customers USING (id)')]
    expect(inIt(pipeline({ views })).spec.views[0]?.sql).toBe(views[0]?.sql)
  })

  test('whoever may read something is let into its schema', () => {
    const source = {
      ...pipeline().sources[0]!,
      grants: [{ to: 'r', privileges: ['select' as const] }],
    }
    expect(inIt(pipeline({ sources: [source] })).spec.schemas).toEqual([
      {
        database: 'materialize',
        name: ownIdentifier('public', environment.tag),
        grants: [{ to: 'r', privileges: ['usage'] }],
      },
    ])
  })
})

function topicSpec(name: string) {
  return { name, connection: at('upstash'), partitions: 1, replicationFactor: -1, config: {} }
}

function view(sql: string) {
  return { name: at('v'), sql }
}

const schemaOf = (name: string, marker?: Marker) => ({
  ...{ id: name, database: 'materialize', name },
  ...(marker && { marker }),
})
const marked = (environment: string, until?: string): Marker => ({
  ...{ repository: 'acme/shop', key: 'schema:s', environment },
  ...(until !== undefined && { until }),
})
const NOW = Date.parse('2026-11-23T00:00:00Z')
const [BEFORE, AFTER] = ['2026-11-22T23:59:59Z', '2026-11-23T00:00:01Z']

test.each([
  ['past its time', [schemaOf('s', marked('e', BEFORE))], ['e']],
  ['with time left', [schemaOf('s', marked('e', AFTER))], []],
  ['without a time', [schemaOf('s', marked('e'))], []],
  ['with what is no time', [schemaOf('s', marked('e', 'soon'))], []],
  ['of another repository', [schemaOf('s', { ...marked('e', BEFORE), repository: 'o/r' })], []],
  [
    'that is none, but a canary’s',
    [schemaOf('s', { repository: 'acme/shop', key: 'canary:1', until: BEFORE })],
    [],
  ],
  ['without a mark', [schemaOf('s')], []],
  [
    'of two schemas, one with time left',
    [schemaOf('s', marked('e', BEFORE)), schemaOf('t', marked('e', AFTER))],
    [],
  ],
])('an environment %s', (_what, schemas, names) => {
  const found = markedEnvironments({ schemas }, 'acme/shop').filter((one) => isExpired(one, NOW))
  expect(found.map(({ name }) => name)).toEqual(names)
})

test.each([
  ['of one pull request', [7, 7], [7]],
  ['of two, since one run was killed', [7, 8], [7, 8]],
  ['of one and of none', [7, undefined], []],
  ['of none', [undefined], []],
])('an environment %s', (_what, pulls, found) => {
  const schemas = pulls.map((pull, at) =>
    schemaOf(`s${String(at)}`, { ...marked('e'), ...(pull !== undefined && { pull }) }),
  )
  expect(markedEnvironments({ schemas }, 'acme/shop')).toMatchObject([{ pulls: found }])
})

test.each([
  ['as it is written', '7', { pull: 7 }],
  ['that is no number', '"7"', {}],
  ['that is none of GitHub’s', '-7', {}],
  ['without one, as earlier versions write it', undefined, {}],
])('a mark with a pull request %s', (_what, pull, read) => {
  const text = commentText('', marked('e', AFTER)).replace(
    /}$/,
    pull === undefined ? '}' : `,"pull":${pull}}`,
  )
  expect(readComment(text).marker).toEqual({ ...marked('e', AFTER), ...read })
})

test.each([
  ['3d', 259_200_000],
  ['1d12h', 129_600_000],
  ['12h', 43_200_000],
  ['90m', 5_400_000],
])('%s lasts %d milliseconds', (text, ms) => {
  expect(expiry({ from: 1000, to: 1e12 })(text)).toEqual({ value: ms })
})
