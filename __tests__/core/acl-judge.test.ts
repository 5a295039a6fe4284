import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type Acl,
  ACL_OPERATIONS,
  ACL_PATTERNS,
  ACL_RESOURCES,
  allowing,
  type Right,
} from '../../src/core/acl.ts'
import { gives, judge } from '../../src/core/acl-judge.ts'

const ME = 'User:me'

const right = (change: Partial<Right> = {}): Right => ({
  ...{ resource: 'topic', name: 'orders', pattern: 'literal', operation: 'READ' },
  ...change,
})
const acl = (change: Partial<Acl> = {}): Acl => ({ ...allowing(right(), ME), ...change })

describe('what a listing gives', () => {
  const cases: { name: string; of?: Partial<Right>; acls: Partial<Acl>[]; state: string }[] = [
    { name: 'no rule', acls: [], state: 'missing' },
    { name: 'the very rule', acls: [{}], state: 'has' },
    { name: 'of another user', acls: [{ principal: 'User:you' }], state: 'missing' },
    { name: 'for everybody', acls: [{ principal: 'User:*' }], state: 'has' },
    { name: 'of a user whose name begins so', acls: [{ principal: 'User:m' }], state: 'missing' },
    { name: 'on another topic', acls: [{ name: 'orders2' }], state: 'missing' },
    { name: 'on another kind', acls: [{ resource: 'group' }], state: 'missing' },
    { name: 'on all topics', acls: [{ name: '*' }], state: 'has' },
    { name: 'on a prefix', acls: [{ name: 'ord', pattern: 'prefixed' }], state: 'has' },
    { name: 'on the name as a prefix', acls: [{ pattern: 'prefixed' }], state: 'has' },
    {
      name: 'on a longer prefix',
      acls: [{ name: 'orders-', pattern: 'prefixed' }],
      state: 'missing',
    },
    {
      name: 'a prefix * is no wildcard',
      acls: [{ name: '*', pattern: 'prefixed' }],
      state: 'missing',
    },
    { name: 'ALL', acls: [{ operation: 'ALL' }], state: 'has' },
    { name: 'WRITE is not READ', acls: [{ operation: 'WRITE' }], state: 'missing' },
    { name: 'READ gives DESCRIBE', of: { operation: 'DESCRIBE' }, acls: [{}], state: 'has' },
    {
      name: 'CREATE does not',
      of: { operation: 'DESCRIBE' },
      acls: [{ operation: 'CREATE' }],
      state: 'missing',
    },
    { name: 'denied beside allowed', acls: [{}, { permission: 'deny' }], state: 'missing' },
    {
      name: 'denied on all topics',
      acls: [{}, { permission: 'deny', name: '*', principal: 'User:*', operation: 'ALL' }],
      state: 'missing',
    },
    {
      name: 'DESCRIBE denied is not READ denied',
      acls: [{}, { permission: 'deny', operation: 'DESCRIBE' }],
      state: 'has',
    },
    {
      name: 'READ denied is not DESCRIBE denied',
      of: { operation: 'DESCRIBE' },
      acls: [{}, { permission: 'deny' }],
      state: 'has',
    },
    { name: 'from one address', acls: [{ host: '10.0.0.1' }], state: 'not known' },
    {
      name: 'denied to one address',
      acls: [{}, { permission: 'deny', host: '10.0.0.1' }],
      state: 'not known',
    },
    {
      name: 'a prefix by one name of it',
      of: { name: 'materialize-', pattern: 'prefixed' },
      acls: [{ name: 'materialize-u5' }],
      state: 'not known',
    },
    {
      name: 'a prefix by a longer one',
      of: { name: 'materialize-', pattern: 'prefixed' },
      acls: [{ name: 'materialize-u5-', pattern: 'prefixed' }],
      state: 'not known',
    },
    {
      name: 'a prefix by a shorter one',
      of: { name: 'materialize-', pattern: 'prefixed' },
      acls: [{ name: 'mat', pattern: 'prefixed' }],
      state: 'has',
    },
    {
      name: 'a prefix of which one name is denied',
      of: { name: 'materialize-', pattern: 'prefixed' },
      acls: [{ name: '*' }, { name: 'materialize-x', permission: 'deny' }],
      state: 'not known',
    },
    {
      name: 'a prefix beside which a name is denied',
      of: { name: 'materialize-', pattern: 'prefixed' },
      acls: [{ name: '*' }, { name: 'other', permission: 'deny' }],
      state: 'has',
    },
  ]
  test.each(cases)('$name: $state', ({ of, acls, state }) => {
    expect(judge(right(of), acls.map(acl), ME).state).toBe(state)
  })
})

/** Few names, which often begin alike. */
const name = fc.constantFrom('a', 'ab', 'abc', 'b', '*')
const principal = fc.constantFrom(ME, 'User:*', 'User:you')
const operation = fc.constantFrom(...ACL_OPERATIONS)
const anyRight = fc.record<Right>({
  resource: fc.constantFrom(...ACL_RESOURCES.slice(0, 2)),
  name: name.filter((one) => one !== '*'),
  pattern: fc.constantFrom(...ACL_PATTERNS),
  operation,
})
const anyAcl = fc.record<Acl>({
  resource: fc.constantFrom(...ACL_RESOURCES.slice(0, 2)),
  name,
  pattern: fc.constantFrom(...ACL_PATTERNS),
  operation,
  principal,
  host: fc.constantFrom('*', '*', '10.0.0.1'),
  permission: fc.constantFrom('allow', 'allow', 'deny'),
})
const listing = fc.array(anyAcl, { maxLength: 6 })
const ORDER = ['missing', 'not known', 'has']
const rank = (of: Right, acls: Acl[]): number => ORDER.indexOf(judge(of, acls, ME).state)

/** Kafka’s own rule for one name and one client, written down plainly. */
function mayOne(of: Right, acls: Acl[], host: string): boolean {
  const matching = acls.filter(
    (one) =>
      one.resource === of.resource &&
      [ME, 'User:*'].includes(one.principal) &&
      ['*', host].includes(one.host) &&
      (one.pattern === 'literal'
        ? ['*', of.name].includes(one.name)
        : of.name.startsWith(one.name)),
  )
  const isDenied = matching.some(
    (one) => one.permission === 'deny' && ['ALL', of.operation].includes(one.operation),
  )
  return (
    !isDenied &&
    matching.some((one) => one.permission === 'allow' && gives(one.operation, of.operation))
  )
}

/** Every name over which the rules above can differ, that a right speaks of. */
const NAMES = ['a', 'ab', 'abc', 'abcd', 'abd', 'ac', 'b', 'bb', '*x', 'c']

describe('laws', () => {
  test('had: every name from every address; missing: none of them', () => {
    fc.assert(
      fc.property(anyRight, listing, (of, acls) => {
        const names = NAMES.filter((one) =>
          of.pattern === 'literal' ? one === of.name : one.startsWith(of.name),
        )
        const all = names.flatMap((one) =>
          ['10.0.0.1', '10.0.0.2'].map((host) =>
            mayOne({ ...of, name: one, pattern: 'literal' }, acls, host),
          ),
        )
        const { state } = judge(of, acls, ME)
        if (state === 'has') expect(all).not.toContain(false)
        if (state === 'missing') expect(all).not.toContain(true)
        // Where it does not say, there are names and addresses that are unlike, or a rule that denies some.
        if (
          !all.includes(false) &&
          all.length > 0 &&
          !acls.some((one) => one.permission === 'deny')
        ) {
          expect(state).not.toBe('missing')
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('one more rule that allows takes nothing away, one more that denies gives nothing', () => {
    fc.assert(
      fc.property(anyRight, listing, anyAcl, (of, acls, more) => {
        const before = rank(of, acls)
        const after = rank(of, [...acls, more])
        if (more.permission === 'allow') expect(after).toBeGreaterThanOrEqual(before)
        else expect(after).toBeLessThanOrEqual(before)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the rule that is made for a right gives it, if none denies it', () => {
    fc.assert(
      fc.property(anyRight, listing, (of, acls) => {
        const denies = judge(of, acls, ME).denied !== undefined
        const { state } = judge(of, [...acls, allowing(of, ME)], ME)
        expect(state === 'has').toBe(!denies)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the order of rules, and a rule that is there twice, mean nothing', () => {
    fc.assert(
      fc.property(anyRight, listing, (of, acls) => {
        const other = [...acls].reverse()
        expect(rank(of, [...other, ...acls])).toBe(rank(of, acls))
      }),
    )
  })
})
