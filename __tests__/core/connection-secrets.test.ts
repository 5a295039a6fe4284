import { expect, test } from '@jest/globals'
import { tooLongForSecrets } from '../../src/core/connection-secrets.ts'
import type { Spec } from '../../src/core/model.ts'
import type { ObservedObject } from '../../src/core/observed.ts'
import { hasChanges, planSql } from '../../src/core/plan.ts'
import { asKafka, asPlain, M, made } from './connection-fixture.ts'
import { object, observed, planned, REPOSITORY, spec } from './plan-fixture.ts'

/** Secrets that a connection is changed to use, or to do without. */

const ours = (key: string) => ({ marker: { repository: REPOSITORY, key, spec: 'spec.yml' } })
const secret = (id: string, name: string): ObservedObject =>
  object(id, name, { type: 'secret', ...ours(`secret:${name}`) })
const login = [secret('u2', 'c_username'), secret('u3', 'c_password')]
const there = (asked: Parameters<typeof made>[0], secrets: ObservedObject[]): ObservedObject[] => [
  {
    ...made(asked),
    connection: { type: 'kafka', brokers: ['b1:9092'] },
    dependsOn: secrets.map(({ id }) => id),
    ...ours('connection:c'),
  },
  ...secrets,
]
const plan = (connection: Spec['connections'][number], objects: ObservedObject[], more = {}) =>
  planned(spec({ connections: [connection], sources: [], sinks: [] }), observed(objects), {
    specFile: 'spec.yml',
    ...more,
  })

test('one that is not there yet is made before the connection is altered', () => {
  const { steps, refusals } = plan(asKafka({ ca: 'CA' }), there(asKafka(), login))
  expect(refusals).toEqual([])
  expect(steps.map(({ action, kind, name }) => `${action} ${kind} ${name.name}`)).toEqual([
    'write secret c_username',
    'write secret c_password',
    'create secret c_ca',
    'alter connection c',
  ])
})

test('one that is of no use any more is dropped after that, and only with prune', () => {
  const objects = there(asKafka({ ca: 'CA' }), [...login, secret('u4', 'c_ca')])
  const kept = plan(asKafka(), objects)
  expect(kept.refusals).toEqual([])
  expect(planSql(kept).filter((text) => text.startsWith('DROP'))).toEqual([])
  const pruned = plan(asKafka(), objects, { prune: true })
  expect(pruned.refusals).toEqual([])
  expect(hasChanges(pruned)).toBe(true)
  expect(planSql(pruned).filter((text) => /^(ALTER CONNECTION|DROP)/.test(text))).toEqual([
    `ALTER CONNECTION ${M}"c" DROP (SSL CERTIFICATE AUTHORITY) WITH (VALIDATE = false)`,
    `DROP SECRET ${M}"c_ca"`,
  ])
})

test('one that somebody else’s object needs stops the prune', () => {
  const objects = [
    ...there(asPlain(), [secret('u4', 'c_ca')]),
    object('u9', 'theirs', { type: 'connection', dependsOn: ['u4'] }),
  ]
  expect(plan(asPlain({ protocol: 'SSL' }), objects, { prune: true }).refusals).toEqual([
    expect.objectContaining({
      reason: 'dependents-exist',
      message: expect.stringContaining(`connection ${M}"theirs"`),
    }),
  ])
})

test('the longest of their names must have room', () => {
  const name = 'x'.repeat(245)
  expect(tooLongForSecrets(name, [])).toBeUndefined()
  expect(tooLongForSecrets(name, ['username', 'password'])).toBeUndefined()
  expect(tooLongForSecrets(name, ['username', 'certificate'])?.fault).toBe(
    'is too long: with _certificate for its secret it has 257 bytes',
  )
})
