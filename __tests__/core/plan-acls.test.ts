import { describe, expect, test } from '@jest/globals'
import { noteOfAcl, OWN_ID } from '../../src/core/acl.ts'
import { commentText, readComment } from '../../src/core/marker.ts'
import type { ConnectionSpec } from '../../src/core/model-connection.ts'
import type { Spec } from '../../src/core/model.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { type Plan, statementsOf } from '../../src/core/plan.ts'
import { applied, at, observed, planned, REPOSITORY, spec } from './plan-fixture.ts'

const group = (id: string) =>
  noteOfAcl(
    { operation: 'READ', resource: 'group', name: `m-${id}-`, pattern: 'prefixed' },
    'User:u',
  )
const topic = noteOfAcl(
  { operation: 'READ', resource: 'topic', name: 'hello', pattern: 'literal' },
  'User:u',
)
const newAcls =
  (...acls: string[]) =>
  ({ name }: { name: string }) =>
    name === 'upstash' ? acls : []

/** Everything there, the mark of the connection with these rules. */
function there(acls: string[]): ObservedObject[] {
  const key = 'connection:upstash'
  return applied().map((one) =>
    one.id === 'u12' ? { ...one, marker: { repository: REPOSITORY, key, acls } } : one,
  )
}

function withConnection(change: (one: ConnectionSpec) => ConnectionSpec): Spec {
  const whole = spec()
  return { ...whole, connections: whole.connections.map(change) }
}

/** The rules in each mark that is written to the connection, in the order in which it is. */
function marksOf(plan: Plan): (string[] | undefined)[] {
  const all = [...plan.before, ...plan.steps.flatMap(statementsOf), ...plan.after]
  return all.flatMap(({ text }) => {
    const match = /^COMMENT ON CONNECTION \S+"upstash" IS '(.*)'$/s.exec(text)
    return match ? [readComment(match[1]?.replaceAll("''", "'")).marker?.acls] : []
  })
}

describe('rules that are about to be added are in the mark of their connection', () => {
  test('of a new one, from its first mark on, and to the end', () => {
    const plan = planned(spec(), observed(), { newAcls: newAcls(topic, group(OWN_ID)) })
    expect(marksOf(plan)).toEqual([[topic, group(OWN_ID)]])
    const order = plan.steps.flatMap(statementsOf).map(({ text }) => text.split(' ', 3).join(' '))
    expect(order.indexOf('COMMENT ON CONNECTION')).toBeLessThan(
      order.findIndex((text) => text.startsWith('CREATE SOURCE')),
    )
  })

  test('of one that is there: beside those that it had, under its id', () => {
    const plan = planned(spec(), observed(there([group(OWN_ID)])), { newAcls: newAcls(topic) })
    expect(marksOf(plan)).toEqual([[group('u12'), topic]])
  })

  test('no mark is written for rules that it has', () => {
    const plan = planned(spec(), observed(there([topic])), { newAcls: newAcls(topic) })
    expect(marksOf(plan)).toEqual([])
  })

  test('they outlive a change of the connection', () => {
    const changed = withConnection((one) => ({ ...one, comment: 'Orders' }))
    const plan = planned(changed, observed(there([group(OWN_ID)])))
    expect(marksOf(plan)).toEqual([[group('u12')]])
  })

  test('of one that leaves the spec with prune, it is said that they stay', () => {
    const specFile = 'spec.yaml'
    const orphans = there([topic]).map((one) => ({
      ...one,
      ...(one.marker && { marker: { ...one.marker, spec: specFile } }),
    }))
    const none = { ...spec(), connections: [], sources: [], sinks: [] }
    const plan = planned(none, observed(orphans), { specFile, prune: true })
    expect(plan.drops).toHaveLength(5)
    expect(plan.notes.filter((text) => text.includes('1 at most, stay in its Kafka'))).toHaveLength(
      1,
    )
  })

  test('of one that is dropped and made anew, they keep the id that it had', () => {
    const replaced = withConnection((one) => ({
      ...one,
      ...(one.kafka && { kafka: { ...one.kafka, progressTopic: 'another' } }),
    }))
    const options = { mayReplace: () => true, newAcls: newAcls(group(OWN_ID)) }
    const plan = planned(replaced, observed(there([topic, group('u12')])), options)
    expect(plan.refusals).toEqual([])
    expect(plan.drops.map(({ target }) => target.name)).toContainEqual(at('upstash'))
    const acls = [topic, group('u12'), group(OWN_ID)]
    expect(marksOf(plan)).toEqual([acls])
    // Until then the note of what is about to be made holds them.
    const note = plan.before.map(({ text }) => text).join()
    const said = commentText('', { repository: REPOSITORY, key: 'connection:upstash', acls })
    expect(note).toContain(JSON.stringify(said).slice(1, -1))
  })
})
