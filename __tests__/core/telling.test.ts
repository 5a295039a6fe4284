import { describe, expect, test } from '@jest/globals'
import type { Inputs } from '../../src/core/model.ts'
import { checkOf, type CheckPlace, type Telling } from '../../src/core/telling.ts'
import { readInputs } from '../../src/inputs.ts'
import { env, good, type Given } from '../inputs-env.ts'

/** Which check a run is: what is one, stays one, and what is not, is not. */

const inputsOf = (given: Given): Inputs => readInputs(env({ ...good, ...given })).inputs
const telling: Telling = { token: 't', issue: true, comment: true }
const place: CheckPlace = { workflow: 'a/b/.github/workflows/c.yml', job: 'j' }
const byNames = (given: Given): Inputs => {
  const base: Given = {
    'materialize-host': 'mz.example',
    'materialize-user': 'me',
    mode: 'verify',
  }
  return readInputs(env({ ...base, ...given })).inputs
}
const keyOf = (
  given: Given,
  of: { telling?: Partial<Telling>; place?: Partial<CheckPlace> } = {},
) => checkOf(byNames(given), { ...telling, ...of.telling }, { ...place, ...of.place }).key

const base: Given = { sources: 'a, b' }

describe('a check', () => {
  test.each<[string, Given]>([
    ['the order of names', { sources: 'b, a' }],
    ['a limit', { sources: 'a, b', 'max-lag-seconds': '9' }],
    ['who logs in', { sources: 'a, b', 'materialize-user': 'you' }],
  ])('stays the same with another %s', (_name, given) => {
    expect(keyOf(given)).toBe(keyOf(base))
  })

  test.each<[string, Given]>([
    ['names', { sources: 'a' }],
    ['kind', { sinks: 'a, b' }],
    ['schema', { sources: 'a, b', schema: 'other' }],
    ['host', { ...base, 'materialize-host': 'mz2.example' }],
    ['database', { ...base, 'materialize-database': 'other' }],
  ])('is another one with another %s', (_name, given) => {
    expect(keyOf(given)).not.toBe(keyOf(base))
  })

  test('is told apart by job, workflow, environment and the user’s own name', () => {
    const keys = [
      keyOf(base),
      keyOf(base, { place: { job: 'k' } }),
      keyOf(base, { place: { workflow: 'a/b/.github/workflows/d.yml' } }),
      keyOf(base, { place: { environment: 'pr-1' } }),
      keyOf(base, { telling: { checkName: 'nightly' } }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    // With a name of its own it may move to another job or file.
    const named = { checkName: 'nightly' }
    expect(keyOf(base, { telling: named, place: { job: 'k' } })).toBe(
      keyOf(base, { telling: named }),
    )
  })

  test('of making and taking away again is one', () => {
    const [made, removed, planned] = (['provision', 'teardown', 'plan'] as const).map(
      (mode) => checkOf(inputsOf({ mode }), telling, place).key,
    )
    expect(removed).toBe(made)
    expect(planned).not.toBe(made)
  })
})
