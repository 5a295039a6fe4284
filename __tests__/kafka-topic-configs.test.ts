import { describe, expect, test } from '@jest/globals'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { isSameSetting } from '../src/core/topic-settings.ts'
import type { AclRule } from '../test-support/kafka/acls.ts'
import type { UserName } from '../test-support/kafka/users.ts'
import { uniqueName } from './kafka-opened.ts'
import {
  allow,
  by,
  countRequests,
  existing,
  existingMany,
  failureOf,
  ownConfig,
  withhold,
  type Adapter,
} from './kafka-upkeep.ts'

describe('describing topics', () => {
  test('partitions, copies, own settings and defaults, in the order asked for', async () => {
    const name = await existing({ partitions: 3, config: { 'cleanup.policy': 'compact' } })
    const [missing, seen, again] = await by('full').describeTopics([uniqueName('no'), name, name])

    expect(missing).toMatchObject({ exists: false, partitions: 0, replicationFactor: 0 })
    expect(missing).not.toHaveProperty('failure')
    expect(seen).toEqual(again)
    expect(seen).toMatchObject({ name, exists: true, partitions: 3, replicationFactor: 1 })
    expect(seen?.config).toMatchObject({
      'cleanup.policy': { value: 'compact', source: 'topic' },
      'retention.ms': { value: '604800000', source: 'default' },
    })
  })

  test.each([0, 1, 50])('%i topics take a fixed number of requests', async (count) => {
    const names = await existingMany(count)
    const counts = countRequests()
    const seen = await by('full').describeTopics(names)

    expect(seen.map(({ name, exists }) => exists && name)).toEqual(names)
    expect(seen.every(({ config }) => config?.['cleanup.policy']?.value === 'delete')).toBe(true)
    expect(counts).toEqual(count === 0 ? {} : { Metadata: 1, DescribeConfigs: 1 })
  })

  test('topics that are all missing are asked for once', async () => {
    const counts = countRequests()
    await by('full').describeTopics([uniqueName('no'), uniqueName('no')])
    expect(counts).toEqual({ Metadata: 1 })
  })

  test('a topic made just now is seen, twenty times', async () => {
    const kafka = by('full')
    for (let round = 0; round < 20; round++) {
      const name = uniqueName('new')
      const config = { 'retention.ms': String(1000 + round) }
      await kafka.createTopic({ name, partitions: 2, replicationFactor: 1, config })
      const [seen] = await kafka.describeTopics([name])
      expect(seen).toMatchObject({ exists: true, partitions: 2 })
      expect(seen?.config?.['retention.ms']).toEqual({
        value: config['retention.ms'],
        source: 'topic',
      })
    }
  })

  test.each<{ user: UserName; right: string; partitions: number }>([
    { user: 'reader', right: 'DESCRIBE_CONFIGS', partitions: 2 },
    { user: 'writer', right: 'DESCRIBE_CONFIGS', partitions: 2 },
    { user: 'none', right: 'DESCRIBE', partitions: 0 },
  ])('$user lacks $right, on that topic alone', async ({ user, right, partitions }) => {
    const [open, closed] = [await existing(), await existing({ partitions: 2 })]
    await allow(user, open, ['describe', 'describeConfigs'])
    const [seen, unseen] = await by(user).describeTopics([open, closed])

    expect(seen).toHaveProperty('config')
    expect(seen).not.toHaveProperty('failure')
    expect(unseen).toMatchObject({ exists: true, partitions })
    expect(unseen).not.toHaveProperty('config')
    expect(unseen?.failure).toMatchObject({ reason: 'kafka-authorization' })
    expect(unseen?.failure?.message).toContain(`right ${right} on topic ${closed} (`)
  })

  test.each(['a b', '', '.', 'x'.repeat(250)])('%j cannot be a topic', async (name) => {
    const [seen] = await by('full').describeTopics([name])
    expect(seen).toMatchObject({ exists: false, failure: { reason: 'topic-invalid' } })
  })
})

describe.each([
  { way: 'one setting at a time', old: false },
  { way: 'all at once, on a broker from before that', old: true },
])('altering settings, $way', ({ old }) => {
  const present = { 'cleanup.policy': 'compact', 'retention.ms': '1000', 'segment.ms': '5000' }

  function adapter(user: UserName = 'full'): Adapter {
    if (old) withhold(apiKeys.IncrementalAlterConfigs)
    return by(user)
  }

  test.each<{
    name: string
    set?: Record<string, string>
    remove?: string[]
    then: Record<string, string>
    changed?: false
  }>([
    {
      name: 'a new one leaves the others',
      set: { 'max.message.bytes': '2000' },
      then: { ...present, 'max.message.bytes': '2000' },
    },
    {
      name: 'another value',
      set: { 'retention.ms': '2000' },
      then: { ...present, 'retention.ms': '2000' },
    },
    {
      name: 'set and taken away together',
      set: { 'retention.ms': '3000', 'flush.ms': '7' },
      remove: ['segment.ms', 'cleanup.policy'],
      then: { 'retention.ms': '3000', 'flush.ms': '7' },
    },
    { name: 'the last ones taken away', remove: Object.keys(present), then: {} },
    { name: 'the same values', set: present, then: present, changed: false },
    {
      name: 'the same in another spelling',
      set: { 'cleanup.policy': ' compact ', 'retention.ms': '+01000' },
      then: present,
      changed: false,
    },
    {
      name: 'the default’s value where nothing was set',
      set: { 'flush.ms': '9223372036854775807', preallocate: 'FALSE' },
      then: present,
      changed: false,
    },
    {
      name: 'taken away what was not set, and what is no setting',
      remove: ['flush.ms', 'no.such.setting', 'constructor'],
      then: present,
      changed: false,
    },
    {
      name: 'one of them new',
      set: { ...present, 'flush.ms': '8' },
      then: { ...present, 'flush.ms': '8' },
    },
    {
      name: 'a list, written with blanks and twice',
      set: { 'cleanup.policy': ' delete , compact, delete ' },
      then: { ...present, 'cleanup.policy': 'delete,compact' },
    },
  ])('$name', async ({ set = {}, remove = [], then, changed = true }) => {
    const name = await existing({ config: present })
    const counts = countRequests()
    const kafka = adapter()
    const begin = performance.now()

    expect(await kafka.alterTopicConfig({ name, set, remove })).toBe(changed)
    expect(performance.now() - begin).toBeLessThan(3_000)
    const request = old ? 'AlterConfigs' : 'IncrementalAlterConfigs'
    expect(counts[request]).toBe(changed ? 1 : undefined)
    expect(await ownConfig(name)).toEqual(then)
    expect(await kafka.alterTopicConfig({ name, set, remove })).toBe(false)
    expect(counts[request]).toBe(changed ? 1 : undefined)
  })

  test.each<{ name: string; set: Record<string, string>; words: string }>([
    {
      name: 'a text for a number',
      set: { 'retention.ms': 'abc' },
      words: 'Not a number of type LONG (INVALID_CONFIG)',
    },
    {
      name: 'nothing for a number',
      set: { 'retention.ms': '' },
      words: 'Invalid value  for configuration retention.ms',
    },
    {
      name: 'more than a long',
      set: { 'retention.ms': '9223372036854775808' },
      words: '9223372036854775808',
    },
    { name: 'too small', set: { 'max.message.bytes': '-1' }, words: 'Value must be at least 0' },
    {
      name: 'a word in the wrong case',
      set: { 'cleanup.policy': 'Compact' },
      words: 'must be one of: compact, delete',
    },
    {
      name: 'quotes and lines',
      set: { 'retention.ms': `1'; "x"\n::error::y` },
      words: `1'; "x"\n::error::y for configuration`,
    },
    {
      name: 'a zero byte',
      set: { 'retention.ms': '1\u00002' },
      words: '1\u00002 for configuration',
    },
    {
      name: 'letters of other alphabets',
      set: { 'retention.ms': '🙂 é' },
      words: '🙂 é for configuration',
    },
    {
      name: 'an unknown name',
      set: { 'retention.msec': '1' },
      words: 'Unknown topic config name: retention.msec',
    },
    { name: 'no name', set: { '': '1' }, words: 'Unknown topic config name' },
    {
      name: 'a name that every object has',
      set: { constructor: '1' },
      words: 'Unknown topic config name: constructor',
    },
    {
      name: 'a good one beside a bad one',
      set: { 'flush.ms': '1', 'segment.ms': 'x' },
      words: 'Invalid value x for configuration segment.ms',
    },
  ])('refused whole: $name', async ({ set, words }) => {
    const name = await existing({ config: present })
    const failure = await failureOf(
      adapter().alterTopicConfig({ name, set, remove: ['segment.ms'] }),
    )
    expect(failure).toMatchObject({ reason: 'kafka-refused' })
    expect(failure.message).toContain(`topic ${name}`)
    expect(failure.message).toContain(words)
    expect(await ownConfig(name)).toEqual(present)
  })

  test('a value longer than a request can say', async () => {
    const name = await existing()
    const set = { 'retention.ms': '1'.repeat(32_768) }
    const failure = await failureOf(adapter().alterTopicConfig({ name, set, remove: [] }))
    expect(failure).toMatchObject({ reason: 'input-invalid' })
    expect(failure.message).toContain('retention.ms')
  })

  test('of a topic that is not there', async () => {
    const change = { name: uniqueName('no'), set: { 'flush.ms': '1' }, remove: [] }
    expect(await failureOf(adapter().alterTopicConfig(change))).toMatchObject({
      reason: 'topic-unknown',
    })
  })

  test.each<{ user: UserName; rights: AclRule['operations']; right: string }>([
    { user: 'reader', rights: [], right: old ? 'DESCRIBE_CONFIGS' : 'ALTER_CONFIGS' },
    { user: 'none', rights: [], right: old ? 'DESCRIBE' : 'ALTER_CONFIGS' },
    { user: 'reader', rights: ['describeConfigs'], right: 'ALTER_CONFIGS' },
  ])('$user with $rights more lacks $right', async ({ user, rights, right }) => {
    const name = await existing({ config: present })
    if (rights.length > 0) await allow(user, name, rights)
    const change = { name, set: { 'flush.ms': '1' }, remove: [] }
    const failure = await failureOf(adapter(user).alterTopicConfig(change))
    expect(failure).toMatchObject({ reason: 'kafka-authorization' })
    expect(failure.message).toContain(`right ${right} on topic ${name} (`)
    expect(await ownConfig(name)).toEqual(present)
  })

  test('who may alter on this topic alone', async () => {
    const name = await existing({ config: present })
    await allow('none', name, ['alterConfigs', 'describe'])
    const change = { name, set: { 'flush.ms': '1' }, remove: ['retention.ms'] }
    expect(await adapter('none').alterTopicConfig(change)).toBe(true)
    expect(await adapter('none').alterTopicConfig(change)).toBe(false)
  })
})

test('settings altered side by side lose nothing', async () => {
  const name = await existing()
  const keys = ['flush.ms', 'retention.ms', 'segment.ms', 'flush.messages', 'max.message.bytes']
  const kafkas = keys.map(() => by('full'))
  for (const value of ['2001', '2002', '2003', '2004']) {
    await Promise.all(
      keys.map((key, index) =>
        kafkas[index]?.alterTopicConfig({ name, set: { [key]: value }, remove: [] }),
      ),
    )
    expect(await ownConfig(name)).toEqual(Object.fromEntries(keys.map((key) => [key, value])))
  }
})

describe('what Kafka makes of a value', () => {
  test.each<[asked: string, shown: string, same: boolean]>([
    ['compact', 'compact', true],
    [' compact , delete ', 'compact,delete', true],
    ['delete,compact', 'compact,delete', false],
    ['compact,compact', 'compact', true],
    ['Compact', 'compact', false],
    ['TRUE', 'true', true],
    ['true', 'false', false],
    ['+007', '7', true],
    ['9223372036854775807', '9223372036854775806', false],
    ['.50', '0.5', true],
    ['5e-1', '0.5', true],
    ['', '0', false],
    ['', '', true],
    ['lz4', 'gzip', false],
  ])('%j shown as %j: %j', (asked, shown, same) => {
    expect(isSameSetting(asked, shown)).toBe(same)
  })

  test.each([
    { key: 'cleanup.policy', asked: ' compact , delete, compact' },
    { key: 'preallocate', asked: ' TRUE ' },
    { key: 'retention.ms', asked: '+007' },
    { key: 'min.cleanable.dirty.ratio', asked: '.50' },
    { key: 'min.cleanable.dirty.ratio', asked: '5e-1' },
    { key: 'cleanup.policy', asked: '' },
  ])('$key: $asked, by the broker’s own showing', async ({ key, asked }) => {
    const name = await existing({ config: { [key]: asked } })
    const shown = (await ownConfig(name))[key]
    expect(shown).not.toBe(undefined)
    expect(isSameSetting(asked, shown ?? '')).toBe(true)
  })
})
