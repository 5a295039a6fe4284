import { describe, expect, test } from '@jest/globals'
import { leavings } from '../../src/core/leavings.ts'
import { type ObservedObject } from '../../src/core/observed.ts'
import { teardown } from '../../src/core/teardown.ts'
import {
  applied,
  at,
  defined,
  object,
  observed,
  planned,
  REPOSITORY,
  spec,
} from './plan-fixture.ts'

const marker = { repository: REPOSITORY, key: 'cluster:own', spec: 'mz.yaml' }
const own = {
  ...{ id: 'u7', name: 'own', replicas: 1, size: '25cc', replicationFactor: 1 },
  ...{ comment: '', owner: 'materialize', grants: [], marker },
}
const withCluster = spec({ clusters: [{ name: 'own', size: '25cc' }] })
const elsewhere = { ...at('theirs'), schema: 'other' }

describe('what a killed run has not marked, by the note of the cluster', () => {
  const note = { ...marker, making: ['sink:"materialize"."public"."hello_out"'] }
  const taken = (sink: Partial<ObservedObject>) => {
    const objects = applied().map((one) => {
      if (one.type !== 'sink') return one
      const { marker: _marker, ...unmarked } = one
      return { ...unmarked, ...sink }
    })
    const there = observed(objects, { clusters: [{ ...own, marker: note }] })
    const options = { repository: REPOSITORY, dropDependents: true }
    return teardown(withCluster, there, options)
  }
  const mark = { repository: 'a/b', key: 'x' }
  const rows = [
    { name: 'it is ours', sink: {}, ownership: 'ours', marked: 1 },
    { name: 'a comment by hand says otherwise', sink: { comment: 'mine' }, ownership: 'foreign' },
    { name: 'another repository’s mark does', sink: { marker: mark }, ownership: 'foreign' },
  ]
  test.each(rows)('$name', ({ sink, ownership, marked = 0 }) => {
    const { steps, before } = taken(sink)
    expect(steps.find((step) => step.kind === 'sink')).toMatchObject({ ownership })
    expect(before.filter(({ text }) => text.startsWith('COMMENT ON SINK'))).toHaveLength(marked)
  })
})

describe('teardown', () => {
  const taken = (more: ObservedObject[], dropDependents = false) =>
    teardown(withCluster, observed([...applied(), ...more], { clusters: [own] }), {
      repository: REPOSITORY,
      dropDependents,
    })
  const cases: {
    name: string
    others: ObservedObject[]
    dropDependents?: boolean
    refuses?: RegExp
    drops?: string[]
  }[] = [
    {
      name: 'all of it is ours: sink, source, connection, secrets, cluster',
      others: [],
      drops: ['SINK', 'SOURCE', 'CONNECTION', 'SECRET', 'SECRET', 'CLUSTER'],
    },
    {
      name: 'a view by hand on our source',
      others: [object('u30', 'theirs', { type: 'view', dependsOn: ['u14'] })],
      refuses: /view "materialize"."public"."theirs"/,
    },
    {
      name: 'a view by hand on our source, allowed',
      others: [object('u30', 'theirs', { type: 'view', dependsOn: ['u14'] })],
      dropDependents: true,
      drops: ['VIEW', 'SINK', 'SOURCE', 'CONNECTION', 'SECRET', 'SECRET', 'CLUSTER'],
    },
    {
      name: 'an index by hand on a view by hand, allowed',
      others: [
        object('u30', 'theirs', { type: 'view', dependsOn: ['u14'] }),
        object('u31', 'theirs_idx', { type: 'index', dependsOn: ['u30'] }),
      ],
      dropDependents: true,
      drops: ['INDEX', 'VIEW', 'SINK', 'SOURCE', 'CONNECTION', 'SECRET', 'SECRET', 'CLUSTER'],
    },
    {
      name: 'a view by hand in another schema, where drop-dependents does not reach',
      others: [object('u30', 'x', { type: 'view', dependsOn: ['u14'], name: elsewhere })],
      dropDependents: true,
      refuses: /"materialize"."other"."theirs"/,
    },
    {
      name: 'somebody else’s view in our cluster',
      others: [object('u30', 'theirs', { type: 'materialized-view', cluster: 'own' })],
      refuses: /materialized-view "materialize"."public"."theirs"/,
    },
  ]
  test.each(cases)('$name', ({ others, dropDependents, refuses, drops }) => {
    const result = taken(others, dropDependents)
    if (refuses) {
      expect(result.refusals.map((one) => one.message)).toEqual([expect.stringMatching(refuses)])
    } else expect(result.refusals).toEqual([])
    if (!drops) return
    const texts = result.drops.map(({ statement }) => statement.text)
    expect(texts).toEqual(drops.map((word) => expect.stringMatching(`^DROP ${word} "`)))
  })
})

describe('a cluster that the spec no longer holds', () => {
  const there = (more: ObservedObject[] = []) =>
    observed([...applied(), ...more], { clusters: [own, ...observed().clusters] })
  const from = { specFile: 'mz.yaml' }

  test('stays without prune, and is named', () => {
    const made = planned(spec(), there(), from)
    expect(made.drops).toEqual([])
    expect(made.notes).toEqual([expect.stringMatching(/cluster "own" was made by this action/)])
  })
  test('goes with prune', () => {
    const made = planned(spec(), there(), { ...from, prune: true })
    expect(made.refusals).toEqual([])
    expect(made.drops.map(({ statement }) => statement.text)).toEqual(['DROP CLUSTER "own"'])
  })
  test('does not go while something else runs in it', () => {
    const others = [object('u30', 'theirs', { type: 'source', cluster: 'own' })]
    const made = planned(spec(), there(others), { ...from, prune: true })
    expect(made.refusals.map((one) => one.message)).toEqual([expect.stringMatching(/"theirs"/)])
  })
  test('of another spec file is not touched', () => {
    const made = planned(spec(), there(), { specFile: 'other.yaml', prune: true })
    expect([made.drops, made.notes]).toEqual([[], []])
  })
})

describe('what stays in Kafka', () => {
  const kafka = { type: 'kafka', connectionId: 'u12' }
  const there = applied().map((one): ObservedObject => {
    if (one.id === 'u12') {
      return {
        ...one,
        connection: {
          type: 'kafka',
          brokers: ['b:9092'],
          progressTopic: '_materialize-progress-env-u12',
        },
        marker: { repository: REPOSITORY, key: 'connection:upstash', topics: ['hello'] },
      }
    }
    return one.id === 'u14'
      ? { ...one, source: { ...kafka, topic: 'hello', groupId: 'mine-materialize-env-u12-u14' } }
      : one
  })
  const left = (objects: ObservedObject[], dropped: string[]) => {
    const drops = teardown(spec(), observed(objects), {
      repository: REPOSITORY,
      dropDependents: false,
    }).drops.filter(({ target }) => dropped.includes(target.name.name))
    const facts = { observed: observed(objects), drops, repository: REPOSITORY, environment: 'env' }
    return leavings(spec(), facts)[0]
  }
  const all = ['upstash', 'hello', 'hello_out']
  const connection = at('upstash')

  test('of a connection that goes: topics, all groups, the progress topic', () => {
    expect(left(there, all)).toEqual({
      connection,
      topics: ['hello'],
      groups: ['mine-materialize-env-u12-u14'],
      groupPrefix: 'materialize-env-u12-',
      progressTopic: '_materialize-progress-env-u12',
    })
  })
  test('of a connection that stays: only the groups of what goes', () => {
    expect(left(there, ['hello', 'hello_out'])).toEqual({
      connection,
      topics: ['hello'],
      groups: ['mine-materialize-env-u12-u14', 'materialize-env-u12-u15'],
    })
  })
  test('a progress topic that the user named may serve others: it stays', () => {
    const named = there.map((one) =>
      one.id === 'u12'
        ? { ...one, connection: { type: 'kafka', brokers: [], progressTopic: 'p' } }
        : one,
    )
    expect(left(named, all)).not.toHaveProperty('progressTopic')
  })
  test('a sink’s group with a prefix of its own', () => {
    const text = `CREATE SINK "materialize"."public"."hello_out" IN CLUSTER [u1] FROM [u14 AS "materialize"."public"."hello"] INTO KAFKA CONNECTION [u12 AS "materialize"."public"."upstash"] (PROGRESS GROUP ID PREFIX = 'pre-', TOPIC = 'hello-out') FORMAT JSON ENVELOPE DEBEZIUM`
    const prefixed = there.map((one) => (one.id === 'u15' ? { ...one, ...defined(text) } : one))
    expect(left(prefixed, all)?.groups).toContain('pre-materialize-env-u12-u15')
  })
  test('of another repository’s connection: no topics', () => {
    const theirs = there.map((one) =>
      ['u10', 'u11', 'u12'].includes(one.id) && one.marker
        ? { ...one, marker: { ...one.marker, repository: 'acme/other' } }
        : one,
    )
    expect(left(theirs, all)).toEqual({ connection, topics: [], groups: expect.anything() })
  })
})
