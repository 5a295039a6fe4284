import { describe, expect, jest, test } from '@jest/globals'
import Connection from 'kafkajs/src/network/connection.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { type Acl, allowing, type Right } from '../src/core/acl.ts'
import type { KafkaRights } from '../src/ports.ts'
import type { WholeKafka } from '../src/work.ts'
import type { UserName } from '../test-support/kafka/users.ts'
import { broker, open, settings, uniqueName } from './kafka-opened.ts'
import { countRequests, existing, failureOf, withhold } from './kafka-upkeep.ts'

function by(user: UserName): WholeKafka {
  return open(settings({ user })) as WholeKafka
}

const PRINCIPAL = 'User:bare'

/** Makes brokers seem of an age at which they had no newer version of a request. */
function cap(apiKey: number, maxVersion: number): void {
  const { setVersions } = Connection.prototype
  jest.spyOn(Connection.prototype, 'setVersions').mockImplementation(function (
    this: Connection,
    versions,
  ) {
    setVersions.call(this, Object.assign(versions, { [apiKey]: { minVersion: 0, maxVersion } }))
  })
}

function rule(change: Partial<Acl> = {}): Acl {
  const right: Right = {
    ...{ resource: 'topic', name: uniqueName('acl'), pattern: 'literal', operation: 'READ' },
  }
  return { ...allowing(right, PRINCIPAL), ...change }
}

async function listed(kafka: WholeKafka, principal = PRINCIPAL): Promise<Acl[]> {
  const listing = await kafka.listAcls([principal])
  if ('unlisted' in listing) throw listing.failure
  return listing.acls
}

describe('a rule is added and removed, and no other', () => {
  const rules: { name: string; rule: () => Acl }[] = [
    { name: 'on a topic', rule: () => rule() },
    { name: 'on topics that begin so', rule: () => rule({ pattern: 'prefixed' }) },
    { name: 'on all topics', rule: () => rule({ name: '*', operation: 'ALTER_CONFIGS' }) },
    { name: 'on a group with blanks', rule: () => rule({ resource: 'group', name: 'a b ö {}' }) },
    {
      name: 'on transactional ids',
      rule: () => rule({ resource: 'transactional-id', pattern: 'prefixed', operation: 'WRITE' }),
    },
    {
      name: 'on the cluster',
      rule: () =>
        rule({ resource: 'cluster', name: 'kafka-cluster', operation: 'DESCRIBE_CONFIGS' }),
    },
    { name: 'that denies', rule: () => rule({ permission: 'deny', operation: 'ALL' }) },
    { name: 'of one address', rule: () => rule({ host: '10.0.0.1' }) },
    { name: 'for everybody', rule: () => rule({ principal: 'User:*', operation: 'DELETE' }) },
  ]
  test.each(rules)('$name', async ({ rule: make }) => {
    const acl = make()
    const near = { ...acl, host: '10.0.0.2' }
    const admin = by('admin')
    await admin.createAcls([near])
    const before = await listed(admin, acl.principal)
    expect(await admin.createAcls([acl, acl])).toEqual([acl])
    expect(await listed(admin, acl.principal)).toContainEqual(acl)
    expect(await listed(admin, acl.principal)).toHaveLength(before.length + 1)
    expect(await admin.createAcls([acl])).toEqual([])
    expect(await admin.deleteAcls([acl])).toEqual([acl])
    expect(await listed(admin, acl.principal)).toEqual(expect.arrayContaining(before))
    expect(await listed(admin, acl.principal)).toHaveLength(before.length)
    expect(await admin.deleteAcls([acl])).toEqual([])
    await admin.deleteAcls([near])
  })

  test('several at once, of which some are there', async () => {
    const acls = [rule(), rule(), rule({ pattern: 'prefixed' })]
    const admin = by('admin')
    await admin.createAcls(acls.slice(0, 1))
    const counts = countRequests()
    expect(await by('admin').createAcls(acls)).toEqual(acls.slice(1))
    expect(counts['CreateAcls']).toBe(1)
    expect(await admin.deleteAcls(acls)).toEqual(acls)
  })

  test('what is there already takes no request that changes anything', async () => {
    const acl = rule()
    await by('admin').createAcls([acl])
    const counts = countRequests()
    await by('admin').createAcls([acl])
    await by('admin').deleteAcls([rule()])
    expect(counts['CreateAcls'] ?? 0).toBe(0)
    expect(counts['DeleteAcls'] ?? 0).toBe(0)
    jest.restoreAllMocks()
    await by('admin').deleteAcls([acl])
  })

  test('the user has the right as soon as the call is over', async () => {
    const name = await existing()
    const acl = rule({ name })
    expect((await by('bare').rights({ topics: [name], groups: [] })).topics.get(name)).toEqual([])
    await by('admin').createAcls([acl])
    const may = (await by('bare').rights({ topics: [name], groups: [] })).topics.get(name)
    expect(may).toEqual(['READ', 'DESCRIBE'])
    await by('admin').deleteAcls([acl])
    expect((await by('bare').rights({ topics: [name], groups: [] })).topics.get(name)).toEqual([])
  })
})

describe('rules that cannot be listed or changed', () => {
  test('the user may not list them', async () => {
    const listing = await by('bare').listAcls([PRINCIPAL])
    expect(listing).toMatchObject({ unlisted: 'refused' })
    const failure = 'failure' in listing ? listing.failure : undefined
    expect(failure?.reason).toBe('kafka-authorization')
    expect(failure?.message).toContain('DESCRIBE on the cluster (CLUSTER_AUTHORIZATION_FAILED)')
  })

  test('the user may list and not change them', async () => {
    const failure = await failureOf(by('full').createAcls([rule()]))
    expect(failure.reason).toBe('kafka-authorization')
    expect(failure.message).toContain('ALTER on the cluster (CLUSTER_AUTHORIZATION_FAILED)')
  })

  test('the user may not remove them', async () => {
    const acl = rule()
    await by('admin').createAcls([acl])
    const failure = await failureOf(by('full').deleteAcls([acl]))
    expect(failure.message).toContain('ALTER on the cluster (CLUSTER_AUTHORIZATION_FAILED)')
    expect(await by('admin').deleteAcls([acl])).toEqual([acl])
  })

  test('this Kafka offers none, as Upstash', async () => {
    withhold(apiKeys.DescribeAcls)
    const listing = await by('admin').listAcls([PRINCIPAL])
    expect(listing).toMatchObject({ unlisted: 'not-offered' })
    expect((await failureOf(by('admin').createAcls([rule()]))).message).toContain('offers no rules')
  })

  test('a broker of before prefixes is not asked in a way that would lose them', async () => {
    cap(apiKeys.DescribeAcls, 0)
    const listing = await by('admin').listAcls([PRINCIPAL])
    expect(listing).toMatchObject({ unlisted: 'not-offered' })
  })

  test.each([
    { name: 'no authorizer', errorCode: 54, unlisted: 'no-authorizer', words: 'SECURITY_DISABLED' },
    { name: 'refused', errorCode: 31, unlisted: 'refused', words: 'DESCRIBE on the cluster' },
  ])('the broker says: $name', async ({ errorCode, unlisted, words }) => {
    const { send } = Connection.prototype
    jest.spyOn(Connection.prototype, 'send').mockImplementation(async function (
      this: Connection,
      call,
    ) {
      const answer = await send.call(this, call)
      if (call.request.apiKey !== apiKeys.DescribeAcls) return answer
      return { ...(answer as object), errorCode, errorMessage: 'No Authorizer is configured.' }
    })
    const listing = await by('admin').listAcls([PRINCIPAL])
    expect(listing).toMatchObject({ unlisted })
    expect('failure' in listing ? listing.failure.message : '').toContain(words)
  })
})

describe('what the broker itself tells of rights', () => {
  test('of topics and transactional ids that are not there, and makes none', async () => {
    const name = uniqueName('told')
    const of = { topics: [name], groups: [name], transactions: [name] }
    const writer = await by('writer').rights(of)
    expect(writer.topics.get(name)).toEqual(['WRITE', 'CREATE', 'DESCRIBE'])
    expect(writer.groups.get(name)).toEqual([])
    expect(writer.transactions?.get(name)).toBe(true)
    const bare = await by('bare').rights(of)
    expect(bare.topics.get(name)).toEqual([])
    expect(bare.transactions?.get(name)).toBe(false)
    const { topics, groups } = await broker.withAdmin(async (admin) => ({
      topics: await admin.listTopics(),
      groups: (await admin.listGroups()).groups.map(({ groupId }) => groupId),
    }))
    expect([...topics, ...groups]).not.toContain(name)
  })

  test.each<[UserName, Partial<KafkaRights>]>([
    ['reader', { readable: new Map([['topic', true]]), topics: new Map() }],
    ['writer', { readable: new Map([['topic', false]]), topics: new Map() }],
    ['bare', { topics: new Map([['topic', []]]) }],
  ])('brokers before 2.3 tell nothing, and %s tries to read', async (user, found) => {
    const topic = await existing()
    await broker.produce(topic, ['one'])
    const missing = uniqueName('missing')
    cap(apiKeys.Metadata, 7)
    const { readable, topics } = await by(user).rights({
      ...{ topics: user === 'bare' ? [topic] : [topic, missing], groups: [] },
      attempt: true,
    })
    const named = <T>(map: Map<string, T> | undefined) =>
      map && new Map([...map].map(([name, of]) => [name === topic ? 'topic' : name, of]))
    expect({ readable: named(readable), topics: named(topics) }).toEqual({
      readable: undefined,
      ...found,
    })
  })

  test('nothing of transactional ids by brokers before 3.0', async () => {
    withhold(65)
    const told = await by('writer').rights({ topics: [], groups: [], transactions: ['x'] })
    expect(told.transactions).toBeUndefined()
  })
})
