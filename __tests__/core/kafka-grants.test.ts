import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Acl, allowing, OWN_ID, type Right, rightText } from '../../src/core/acl.ts'
import {
  type Grant,
  grantsFailure,
  grantsOf,
  type Knowledge,
  lackingOf,
  missingOf,
  questionsOf,
  type ToldRights,
  unseenGrants,
} from '../../src/core/kafka-grants.ts'
import type { Need } from '../../src/core/kafka-needs.ts'

const ME = 'User:me'
const need = (change: Partial<Need> = {}): Need => ({
  ...{ resource: 'topic', name: 'orders', pattern: 'literal', operation: 'READ' },
  ...{ reason: 'kafka-read-right', by: ['source orders'] },
  ...change,
})
const acl = (change: Partial<Acl> = {}): Acl => {
  const right: Right = { resource: 'topic', name: 'orders', pattern: 'literal', operation: 'READ' }
  return { ...allowing(right, ME), ...change }
}
const listing = (...acls: Partial<Acl>[]): Knowledge => ({
  listing: { acls: acls.map(acl), principal: ME },
})
const told = (change: Partial<ToldRights> = {}): { told: ToldRights } => ({
  told: { topics: new Map(), groups: new Map(), ...change },
})
const orders = (...may: string[]) => told({ topics: new Map([['orders', may]]) })
const creation: Partial<Need> = { operation: 'CREATE', orCluster: true }
const transaction: Partial<Need> = { resource: 'transactional-id', name: 't', operation: 'WRITE' }

describe('what is known of a right', () => {
  const cases: {
    name: string
    of?: Partial<Need>
    from: Knowledge
    state: string
    doubt?: string
  }[] = [
    { name: 'a rule', from: listing({}), state: 'has' },
    { name: 'no rule', from: listing(), state: 'missing' },
    { name: 'no authorizer', from: { isOpen: true }, state: 'has' },
    { name: 'nothing can be asked', from: {}, state: 'not known', doubt: 'not told' },
    { name: 'told', from: orders('READ', 'DESCRIBE'), state: 'has' },
    { name: 'told of others', from: orders('WRITE', 'DESCRIBE'), state: 'missing' },
    {
      name: 'read by attempt',
      from: told({ readable: new Map([['orders', true]]) }),
      state: 'has',
    },
    {
      name: 'not read by attempt',
      from: told({ readable: new Map([['orders', false]]) }),
      state: 'missing',
    },
    {
      name: 'to write what was read by attempt',
      of: { operation: 'WRITE' },
      from: told({ readable: new Map([['orders', true]]) }),
      state: 'not known',
      doubt: 'not told',
    },
    { name: 'told nothing of it', from: told(), state: 'not known', doubt: 'not told' },
    {
      name: 'told without a rule: a super user',
      from: { ...listing(), ...orders('READ') },
      state: 'has',
    },
    {
      name: 'told of more than rules explain',
      from: { ...listing(), ...told({ topics: new Map([['x', ['WRITE']]]) }) },
      state: 'not known',
      doubt: 'unexplained',
    },
    {
      name: 'told of no more than rules explain',
      from: {
        ...listing({ name: 'x', operation: 'WRITE' }),
        ...told({ topics: new Map([['x', ['WRITE', 'DESCRIBE']]]) }),
      },
      state: 'missing',
    },
    {
      name: 'a rule, and the broker says no',
      from: { ...listing({}), ...orders('DESCRIBE') },
      state: 'not known',
      doubt: 'contradicted',
    },
    {
      name: 'a rule that denies',
      from: { ...listing({}, { permission: 'deny' }), ...orders() },
      state: 'missing',
      doubt: 'denied',
    },
    {
      name: 'rules for some of the names',
      of: { pattern: 'prefixed' },
      from: listing({ name: 'orders-1' }),
      state: 'not known',
      doubt: 'some',
    },
    {
      name: 'an id that is not known, by a rule for all such names',
      of: { name: `m-${OWN_ID}-`, pattern: 'prefixed' },
      from: listing({ name: 'm-', pattern: 'prefixed' }),
      state: 'has',
    },
    {
      name: 'an id that is not known, by a rule for the id of another',
      of: { name: `m-${OWN_ID}-`, pattern: 'prefixed' },
      from: listing({ name: 'm-u5-', pattern: 'prefixed' }),
      state: 'not known',
      doubt: 'some',
    },
    {
      name: 'CREATE on the cluster serves for a topic',
      of: creation,
      from: listing({ resource: 'cluster', name: 'kafka-cluster', operation: 'CREATE' }),
      state: 'has',
    },
    {
      name: 'CREATE on the cluster, told',
      of: creation,
      from: told({ topics: new Map([['orders', []]]), cluster: ['CREATE'] }),
      state: 'has',
    },
    {
      name: 'CREATE neither there nor here',
      of: creation,
      from: told({ topics: new Map([['orders', []]]), cluster: [] }),
      state: 'missing',
    },
    {
      name: 'CREATE not here, and of the cluster nothing told',
      of: creation,
      from: orders(),
      state: 'not known',
      doubt: 'not told',
    },
    {
      name: 'a right that may not be needed',
      of: { ...creation, perhaps: true },
      from: listing(),
      state: 'not known',
      doubt: 'perhaps',
    },
    {
      name: 'a right that may not be needed, and is had',
      of: { ...creation, perhaps: true },
      from: listing({ operation: 'CREATE' }),
      state: 'has',
    },
    {
      name: 'to write a transactional id that may be seen',
      of: transaction,
      from: told({ transactions: new Map([['t', true]]) }),
      state: 'not known',
      doubt: 'not told',
    },
    {
      name: 'to see it',
      of: { ...transaction, operation: 'DESCRIBE' },
      from: told({ transactions: new Map([['t', true]]) }),
      state: 'has',
    },
    {
      name: 'to write one that may not be seen',
      of: transaction,
      from: told({ transactions: new Map([['t', false]]) }),
      state: 'missing',
    },
    {
      name: 'what the broker alone implies is no riddle',
      from: { ...listing(), ...told({ cluster: ['IDEMPOTENT_WRITE'] }) },
      state: 'missing',
    },
  ]
  test.each(cases)('$name: $state', ({ of, from, state, doubt }) => {
    const [grant] = grantsOf([need(of)], from)
    expect(grant?.state).toBe(state)
    expect(grant?.doubt).toBe(doubt)
  })
})

describe('what follows', () => {
  const grant = (change: Partial<Grant>): Grant => ({ ...need(), state: 'missing', ...change })

  test('only what is sure and needed fails', () => {
    const grants = [
      grant({}),
      grant({ state: 'has' }),
      grant({ state: 'not known' }),
      grant({ optional: true }),
    ]
    expect(missingOf(grants)).toEqual(grants.slice(0, 1))
    expect(missingOf(unseenGrants([need()]))).toEqual([])
  })

  const cases: { name: string; grants: Partial<Grant>[]; lacking: string[] }[] = [
    { name: 'nothing', grants: [{ state: 'has' }], lacking: [] },
    {
      name: 'no rule for what another implies',
      grants: [{ operation: 'DESCRIBE' }, {}],
      lacking: ['READ on topic orders'],
    },
    {
      name: 'but for what nothing made implies',
      grants: [{ operation: 'DESCRIBE' }, { name: 'other' }],
      lacking: ['DESCRIBE on topic orders', 'READ on topic other'],
    },
    { name: 'not against a rule that denies', grants: [{ doubt: 'denied' }], lacking: [] },
    { name: 'not what it goes without', grants: [{ optional: true }], lacking: [] },
    {
      name: 'what rules give for some names only',
      grants: [{ state: 'not known', doubt: 'some' }],
      lacking: ['READ on topic orders'],
    },
    {
      name: 'not what the broker gives without rules',
      grants: [{ state: 'not known', doubt: 'unexplained' }],
      lacking: [],
    },
  ]
  test.each(cases)('rules to add: $name', ({ grants, lacking }) => {
    expect(lackingOf(grants.map(grant)).map(rightText)).toEqual(lacking)
  })

  test('the failure names all, by whom and why, and ends by the first reason', () => {
    const failure = grantsFailure([
      grant({ reason: 'kafka-transaction-right', name: 'a', by: ['sink s'] }),
      grant({ reason: 'kafka-write-right', name: 'b', by: ['sink s', 'sink t'], doubt: 'denied' }),
    ])
    expect(failure?.reason).toBe('kafka-write-right')
    expect(failure?.message).toContain('lacks 2 right(s)')
    expect(failure?.message).toContain('READ on topic a (sink s)')
    expect(failure?.message).toContain('READ on topic b (sink s, sink t; a rule denies it')
    expect(failure?.hint).toContain('transactional id (prefix materialize-)')
    expect(grantsFailure([])).toBeUndefined()
  })

  test('what the broker is asked of: each name once, an open id as a beginning', () => {
    const needs = [
      need(),
      need({ operation: 'WRITE' }),
      need({ resource: 'group', name: `m-${OWN_ID}-`, pattern: 'prefixed' }),
      need(transaction),
    ]
    expect(questionsOf(needs)).toEqual({ topics: ['orders'], groups: ['m-u'], transactions: ['t'] })
  })
})

describe('laws', () => {
  const anyNeed = fc
    .record({
      resource: fc.constantFrom('topic', 'group', 'transactional-id'),
      name: fc.constantFrom('a', 'ab', 'b'),
      pattern: fc.constantFrom('literal', 'prefixed'),
      operation: fc.constantFrom('READ', 'WRITE', 'DESCRIBE', 'CREATE'),
      orCluster: fc.constantFrom(undefined, true),
    })
    .map(({ orCluster, ...rest }) =>
      need({ ...rest, ...(orCluster && { orCluster }) } as Partial<Need>),
    )
  const anyAcl = fc
    .record({
      resource: fc.constantFrom('topic', 'group', 'transactional-id', 'cluster'),
      name: fc.constantFrom('a', 'ab', 'b', '*', 'kafka-cluster'),
      pattern: fc.constantFrom('literal', 'prefixed'),
      operation: fc.constantFrom('READ', 'WRITE', 'DESCRIBE', 'CREATE', 'ALL'),
      principal: fc.constantFrom(ME, 'User:*', 'User:you'),
      permission: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    })
    .map((one) => acl(one as Partial<Acl>))
  const needs = fc.array(anyNeed, { maxLength: 6 })
  const acls = fc.array(anyAcl, { maxLength: 6 })

  test('once the rules to add are there, all is had but what is denied, and nothing is left to add', () => {
    fc.assert(
      fc.property(needs, acls, (of, before) => {
        const first = grantsOf(of, { listing: { acls: before, principal: ME } })
        const made = lackingOf(first).map((right) => allowing(right, ME))
        const after = grantsOf(of, { listing: { acls: [...before, ...made], principal: ME } })
        expect(lackingOf(after)).toEqual([])
        for (const { state, doubt } of after)
          expect(state === 'has' || doubt === 'denied').toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('no rule is added that is there', () => {
    fc.assert(
      fc.property(needs, acls, (of, before) => {
        const made = lackingOf(grantsOf(of, { listing: { acls: before, principal: ME } }))
        const texts = made.map(rightText)
        const there = before
          .filter((one) => one.permission === 'allow' && one.principal === ME)
          .map(rightText)
        expect(texts.filter((text) => there.includes(text))).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})
