import { describe, expect, test } from '@jest/globals'
import { type Acl, allowing, noteOfAcl, OWN_ID, type Right } from '../src/core/acl.ts'
import { commentText, type Marker } from '../src/core/marker.ts'
import type { ObservedObject } from '../src/core/observed.ts'
import { startReport } from '../src/core/report.ts'
import { NOT_LOOKED } from '../src/grants.ts'
import { removeAcls } from '../src/remove-acls.ts'
import type { Work } from '../src/work.ts'
import { object, observed, REPOSITORY, spec } from './core/plan-fixture.ts'
import { fakeEdges, fakeInputs } from './fakes/edges.ts'

const group = (id: string): Right => ({
  ...{ resource: 'group', name: `m-${id}-`, pattern: 'prefixed', operation: 'READ' },
})
const topic: Right = { resource: 'topic', name: 'hello', pattern: 'literal', operation: 'READ' }
const note = (right: Right): string => noteOfAcl(right, 'User:u')

/** What is in Kafka: some of it ours, some only like it. */
const all: Acl[] = [
  allowing(topic, 'User:u'),
  allowing(topic, 'User:other'),
  allowing(group('u12'), 'User:u'),
  allowing(group('u13'), 'User:u'),
  { ...allowing(topic, 'User:u'), host: '10.0.0.1' },
]

const marker = (more: Partial<Marker>, repository = REPOSITORY): Marker => ({
  ...{ repository, key: 'connection:upstash' },
  ...more,
})
/** Another connection of this action, by a mark of whatever repository. */
const another = (more: Partial<Marker>, repository?: string): ObservedObject =>
  object('u99', 'another', { type: 'connection', marker: marker(more, repository) })
const connection = (more: Partial<Marker>, repository?: string): ObservedObject =>
  object('u12', 'upstash', { type: 'connection', marker: marker(more, repository) })
const KEY = 'connection:"materialize"."public"."upstash"'

async function removed(objects: ObservedObject[], hasAdmin = true) {
  const edges = fakeEdges({ kafka: { listAcls: () => Promise.resolve({ acls: all }) } as object })
  const report = startReport('', 'auto')
  const work: Work = {
    inputs: fakeInputs({ spec: spec() }),
    edges: { ...edges, ...(hasAdmin && { kafkaAdmin: edges.kafka }) },
    report,
    session: await edges.materialize.open('test'),
    observed: observed(objects),
    sights: { of: () => undefined },
    granting: NOT_LOOKED,
    open: (purpose) => edges.materialize.open(purpose),
    plan: () => {
      throw new Error('nothing is planned here')
    },
  }
  await removeAcls(work)
  return { changes: report.changes.map(({ object: text }) => text), notes: report.notes }
}

describe('rules that are removed with their connection', () => {
  const cases: { name: string; objects: ObservedObject[]; changes: string[] }[] = [
    {
      name: 'those of its mark, under its id, and nothing like them',
      objects: [connection({ acls: [note(topic), note(group(OWN_ID))] })],
      changes: ['READ on topic hello', 'READ on group m-u12-…'],
    },
    {
      name: 'none that another connection lives on',
      objects: [
        connection({ acls: [note(topic), note(group(OWN_ID))] }),
        another({ acls: [note(topic)] }),
      ],
      changes: ['READ on group m-u12-…'],
    },
    {
      name: 'none that a connection of another repository lives on',
      objects: [
        connection({ acls: [note(topic)] }),
        another({ acls: [note(topic)] }, 'acme/other'),
      ],
      changes: [],
    },
    {
      name: 'none that a connection lives on which a killed run is making anew',
      objects: [
        connection({ acls: [note(topic)] }),
        another({
          making: ['connection:"materialize"."public"."third"'],
          anew: {
            'connection:"materialize"."public"."third"': commentText(
              '',
              marker({ acls: [note(topic)] }),
            ),
          },
        }),
      ],
      changes: [],
    },
    {
      name: 'what another lists under an id of its own is another rule',
      objects: [
        connection({ acls: [note(group(OWN_ID))] }),
        another({ acls: [note(group(OWN_ID))] }),
      ],
      changes: ['READ on group m-u12-…'],
    },
    { name: 'none without a note', objects: [connection({})], changes: [] },
    {
      name: 'none by the mark of another repository',
      objects: [connection({ acls: [note(topic)] }, 'acme/other')],
      changes: [],
    },
    { name: 'none where nothing is', objects: [], changes: [] },
    {
      name: 'of one that a killed run has dropped, by the note of what it was about to make',
      objects: [
        object('u14', 'hello', {
          type: 'source',
          marker: marker({
            making: [KEY],
            anew: {
              [KEY]: commentText('', marker({ acls: [note(group('u13')), note(group(OWN_ID))] })),
            },
          }),
        }),
      ],
      changes: ['READ on group m-u13-…'],
    },
  ]
  test.each(cases)('$name', async ({ objects, changes }) => {
    expect((await removed(objects)).changes).toEqual(changes)
  })

  test('what stays for another is said, and no line that would remove it', async () => {
    const objects = [connection({ acls: [note(topic)] }), another({ acls: [note(topic)] })]
    for (const hasAdmin of [true, false]) {
      expect(await removed(objects, hasAdmin)).toEqual({
        changes: [],
        notes: [
          'Rules (ACLs) stay, since other connections of this action need them: READ on topic hello (another).',
        ],
      })
    }
  })

  test('without an administrator they stay, and the lines that remove them are said', async () => {
    const { changes, notes } = await removed([connection({ acls: [note(group(OWN_ID))] })], false)
    expect(changes).toEqual([])
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain(
      `--remove --allow-principal 'User:u' --operation Read --group 'm-u12-' --resource-pattern-type prefixed`,
    )
  })
})
