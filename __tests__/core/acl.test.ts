import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  aclCommand,
  ACL_OPERATIONS,
  ACL_PATTERNS,
  ACL_RESOURCES,
  allowing,
  isNotedAcl,
  noteOfAcl,
  OWN_ID,
  readNote,
  resolvedNote,
  type Right,
} from '../../src/core/acl.ts'
import { commentText, readComment } from '../../src/core/marker.ts'

const right = (change: Partial<Right> = {}): Right => ({
  ...{ resource: 'topic', name: 'orders', pattern: 'literal', operation: 'READ' },
  ...change,
})

const anyRight = fc.record<Right>({
  resource: fc.constantFrom(...ACL_RESOURCES),
  name: fc.string({ minLength: 1, unit: 'binary' }),
  pattern: fc.constantFrom(...ACL_PATTERNS),
  operation: fc.constantFrom(...ACL_OPERATIONS),
})

describe('the note of a rule in a mark', () => {
  test('tells of that rule and of no other', () => {
    fc.assert(
      fc.property(
        anyRight,
        anyRight,
        fc.tuple(fc.string(), fc.string()),
        (one, other, [me, you]) => {
          const note = noteOfAcl(one, me)
          expect(isNotedAcl(allowing(one, me), note)).toBe(true)
          const isSame = JSON.stringify(one) === JSON.stringify(other)
          expect(isNotedAcl(allowing(other, me), note)).toBe(isSame)
          expect(isNotedAcl(allowing(one, you), note)).toBe(me === you)
          expect(isNotedAcl({ ...allowing(one, me), permission: 'deny' }, note)).toBe(false)
          expect(isNotedAcl({ ...allowing(one, me), host: '1.2.3.4' }, note)).toBe(false)
        },
      ),
    )
  })

  test('does not hold the user’s name', () => {
    expect(noteOfAcl(right(), 'User:hush-hush')).not.toContain('hush')
  })

  test('is carried by a comment', () => {
    const acls = [noteOfAcl(right({ name: "it's {}-" }), 'User:me')]
    const text = commentText('mine', { repository: 'a/b', key: 'connection:c', acls })
    expect(readComment(text)).toEqual({
      own: 'mine',
      marker: { repository: 'a/b', key: 'connection:c', acls },
    })
  })

  test.each([
    '',
    'READ topic',
    'READ topic literal x orders',
    'FLY topic literal 0123456789abcdef a',
  ])('what is none is left alone: %s', (text) => {
    expect(readNote(text)).toBeUndefined()
  })
})

describe('the connection’s own id in a name', () => {
  test.each([
    { name: 'of a group', text: `materialize-env-0-${OWN_ID}-`, is: 'materialize-env-0-u7-' },
    {
      name: 'of a topic',
      text: `_materialize-progress-e-${OWN_ID}`,
      is: '_materialize-progress-e-u7',
    },
    {
      name: 'after a user’s own',
      text: `a-{}-materialize-e-${OWN_ID}-`,
      is: 'a-{}-materialize-e-u7-',
    },
    {
      name: 'a name that is known',
      text: 'a-{}-materialize-e-u5-u6',
      is: 'a-{}-materialize-e-u5-u6',
    },
    { name: 'without a hyphen', text: 'a{}', is: 'a{}' },
  ])('$name', ({ text, is }) => {
    expect(resolvedNote(text, 'u7')).toBe(is)
  })
})

describe('the line of kafka-acls.sh', () => {
  const of = { brokers: ['a:1', 'b:2'], change: 'add' as const }
  test.each([
    {
      name: 'a topic',
      acl: right(),
      ends: `--add --allow-principal 'User:me' --operation Read --topic 'orders'`,
    },
    {
      name: 'a prefix',
      acl: right({ resource: 'group', pattern: 'prefixed', name: 'm-' }),
      ends: `--operation Read --group 'm-' --resource-pattern-type prefixed`,
    },
    {
      name: 'a transactional id with a quote',
      acl: right({ resource: 'transactional-id', operation: 'WRITE', name: "a'b" }),
      ends: `--operation Write --transactional-id 'a'\\''b'`,
    },
    {
      name: 'the cluster',
      acl: right({ resource: 'cluster', operation: 'DESCRIBE_CONFIGS', name: 'kafka-cluster' }),
      ends: `--operation DescribeConfigs --cluster`,
    },
  ])('$name', ({ acl, ends }) => {
    const line = aclCommand(allowing(acl, 'User:me'), of)
    expect(line.startsWith(`kafka-acls.sh --bootstrap-server 'a:1,b:2' `)).toBe(true)
    expect(line.endsWith(ends)).toBe(true)
  })
})
