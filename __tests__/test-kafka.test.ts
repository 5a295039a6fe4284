import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { startKafka, type TestKafka } from '../test-support/kafka/broker.ts'
import { compressions } from '../test-support/kafka/codecs.ts'
import type { Entrance } from '../test-support/kafka/connection.ts'
import type { ReachableKafka } from '../test-support/kafka/reachable.ts'
import { mechanisms } from '../test-support/kafka/server-properties.ts'
import { sharedKafka } from '../test-support/kafka/shared.ts'
import { nastyUsers } from '../test-support/kafka/users.ts'

let kafka: ReachableKafka
let own: TestKafka | null = null
let topics = 0

beforeAll(async () => {
  kafka = sharedKafka() ?? (own = await startKafka())
})

afterAll(async () => {
  await own?.stop()
})

describe('every entrance lets its users in', () => {
  const entrances: { name: string; entrance: Entrance }[] = [
    { name: 'PLAINTEXT', entrance: { listener: 'PLAINTEXT' } },
    { name: 'SSL', entrance: { listener: 'SSL' } },
    ...(['SASL_SSL', 'SASL_PLAINTEXT'] as const).flatMap((listener) =>
      mechanisms.map((mechanism) => ({
        name: `${listener} by ${mechanism}`,
        entrance: { listener, mechanism, login: 'full' as const },
      })),
    ),
    {
      name: 'SASL_SSL by PLAIN of a user that only PLAIN knows',
      entrance: { listener: 'SASL_SSL', mechanism: 'PLAIN', login: 'plainuser' },
    },
    ...nastyUsers.flatMap((login) =>
      mechanisms.map((mechanism) => ({
        name: `${mechanism} with the password of ${login}`,
        entrance: { listener: 'SASL_SSL' as const, mechanism, login },
      })),
    ),
  ]
  test.each(entrances)('$name', async ({ entrance }) => {
    await expect(brokersSeen(entrance)).resolves.toBe(1)
  })
})

describe('whoever should not come in is refused', () => {
  const entrances = [
    ...mechanisms.map((mechanism) => ({
      name: `a wrong password by ${mechanism}`,
      entrance: () => ({
        listener: 'SASL_SSL' as const,
        mechanism,
        login: { username: 'full', password: kafka.users.admin.password },
      }),
      refusal: { name: 'KafkaJSSASLAuthenticationError' },
    })),
    {
      name: 'a user that only PLAIN knows, by SCRAM',
      entrance: () => ({ listener: 'SASL_SSL' as const, login: 'plainuser' as const }),
      refusal: { name: 'KafkaJSSASLAuthenticationError' },
    },
    ...(['SASL_SSL', 'SSL'] as const).map((listener) => ({
      name: `a client of ${listener} that holds another CA`,
      entrance: () => ({ listener, caPem: kafka.wrongCaPem }),
      refusal: { message: expect.stringMatching(/certificate/) },
    })),
  ]
  test.each(entrances)('$name', async ({ entrance, refusal }) => {
    await expect(brokersSeen(entrance())).rejects.toMatchObject(refusal)
  })
})

describe('users may do what they were granted and no more', () => {
  const refused = {
    message: expect.stringMatching(/not authorized|Failed to find group coordinator/i),
  }
  const cases = [
    { name: 'full reads', login: 'full', attempt: reads },
    { name: 'full writes', login: 'full', attempt: writes },
    { name: 'full writes in a transaction', login: 'full', attempt: writesInTransaction },
    { name: 'reader reads', login: 'reader', attempt: reads },
    { name: 'reader does not write', login: 'reader', attempt: writes, refused },
    { name: 'writer writes', login: 'writer', attempt: writes },
    { name: 'writer writes in a transaction', login: 'writer', attempt: writesInTransaction },
    { name: 'writer does not read', login: 'writer', attempt: reads, refused },
    { name: 'none does not read', login: 'none', attempt: reads, refused },
    { name: 'none does not write', login: 'none', attempt: writes, refused },
  ] as const
  test.each([...cases])('$name', async (row) => {
    const topic = await newTopic()
    await kafka.produce(topic, ['there'])
    const outcome = row.attempt(topic, { listener: 'SASL_PLAINTEXT', login: row.login })
    if ('refused' in row) await expect(outcome).rejects.toMatchObject(row.refused)
    else await expect(outcome).resolves.not.toThrow()
  })

  test('a rule counts from setAcls until removeAcls', async () => {
    const topic = await newTopic()
    const entrance: Entrance = { listener: 'SASL_SSL', login: 'none' }
    const rules = [
      { user: 'none', resource: 'topic' as const, name: topic, operations: ['write' as const] },
    ]
    await expect(writes(topic, entrance)).rejects.toMatchObject(refused)
    await kafka.setAcls(rules)
    await expect(writes(topic, entrance)).resolves.toBeUndefined()
    await kafka.removeAcls(rules)
    await expect(writes(topic, entrance)).rejects.toMatchObject(refused)
  })
})

describe('records', () => {
  const texts = [
    '',
    'one',
    'ünï🙂',
    'repeated '.repeat(20_000),
    // Barely compressible, and longer than a block of any codec.
    Array.from({ length: 40_000 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 0).join(''),
  ]

  // The topic makes the broker unpack what it gets, so Java judges what was compressed here.
  test.each(compressions.map((name) => ({ name })))(
    'compressed here by $name are understood by the broker',
    async ({ name }) => {
      const topic = await newTopic({ config: { 'compression.type': 'uncompressed' } })
      await kafka.produce(topic, texts, { compression: name })
      await expect(valuesOf(topic)).resolves.toEqual(texts)
    },
  )

  // And here the broker compresses, so what is unpacked here was made by Java.
  test.each(compressions.slice(1).map((name) => ({ name })))(
    'compressed by the broker with $name are understood here',
    async ({ name }) => {
      const topic = await newTopic({ config: { 'compression.type': name } })
      await kafka.produce(topic, texts)
      await expect(valuesOf(topic)).resolves.toEqual(texts)
    },
  )

  test.each(compressions.map((name) => ({ name })))(
    'come back as they were sent with $name from end to end',
    async ({ name }) => {
      const topic = await newTopic({ config: { 'compression.type': 'producer' } })
      await kafka.produce(topic, texts, { compression: name })
      await expect(valuesOf(topic)).resolves.toEqual(texts)
    },
  )

  test('come with key, headers, partition and null values', async () => {
    const topic = await newTopic({ partitions: 3 })
    await kafka.produce(topic, [
      { partition: 2, key: 'k', value: null, headers: { h: 'x' } },
      { partition: 0, value: 'first' },
    ])
    await expect(kafka.read(topic)).resolves.toEqual([
      { partition: 0, offset: '0', key: null, value: Buffer.from('first'), headers: {} },
      {
        partition: 2,
        offset: '0',
        key: Buffer.from('k'),
        value: null,
        headers: { h: Buffer.from('x') },
      },
    ])
  })

  test.each([
    { name: 'committed ones are read', ends: ['commit'], expected: ['0'] },
    { name: 'aborted ones are not', ends: ['abort'], expected: [] },
    { name: 'an abort in between', ends: ['commit', 'abort', 'commit'], expected: ['0', '2'] },
  ] as const)('of transactions: $name', async ({ ends, expected }) => {
    const topic = await newTopic()
    for (const [at, transaction] of ends.entries()) {
      await kafka.produce(topic, [String(at)], { transaction })
    }
    await expect(valuesOf(topic)).resolves.toEqual(expected)
  })

  test('an empty topic has none', async () => {
    await expect(valuesOf(await newTopic())).resolves.toEqual([])
  })

  test('reading leaves no group and no codec behind', async () => {
    const topic = await newTopic()
    await kafka.produce(topic, ['x'], { compression: 'lz4' })
    await kafka.read(topic)

    const { groups } = await kafka.withAdmin((admin) => admin.listGroups())
    expect(groups.filter(({ groupId }) => groupId.startsWith('test-support-'))).toEqual([])
    const lz4 = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4]
    expect(lz4).toThrow('LZ4 compression not implemented')
  })
})

describe('a broker of our own', () => {
  test('restarts with its records, falls silent, and leaves nothing when stopped', async () => {
    const broker = await startKafka()
    try {
      await broker.createTopic('kept')
      await broker.produce('kept', ['before'])
      const [firstPid] = broker.pids()
      await broker.restart()
      expect(broker.pids()[0]).not.toBe(firstPid)
      await expect(broker.read('kept')).resolves.toMatchObject([{ value: Buffer.from('before') }])

      await broker.pause()
      const admin = new kafkajs.Kafka({
        ...broker.kafkaConfig({ retries: 0 }),
        connectionTimeout: 300,
        requestTimeout: 300,
      }).admin()
      await expect(admin.connect()).rejects.toMatchObject({
        message: expect.stringMatching(/ApiVersions.* timed out/),
      })
      await admin.disconnect()
      await broker.resume()
      await expect(broker.read('kept')).resolves.toHaveLength(1)
    } finally {
      await broker.stop()
    }
    expect(broker.pids().filter(isAlive)).toEqual([])
    expect(existsSync(broker.directory)).toBe(false)
  })

  test('dies with a parent that was killed', async () => {
    const program = `
      import { startKafka } from './test-support/kafka/broker.ts'
      const { directory, pids } = await startKafka()
      console.log(JSON.stringify({ directory, pids: pids() }))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string]
    const { directory, pids } = JSON.parse(line) as { directory: string; pids: number[] }
    expect(pids.filter(isAlive)).toEqual(pids)

    parent.kill('SIGKILL')
    await until(() => !pids.some(isAlive))
    expect(existsSync(directory)).toBe(false)
  })
})

async function newTopic(options?: Parameters<ReachableKafka['createTopic']>[1]): Promise<string> {
  const topic = `test-kafka-${process.pid}-${++topics}`
  await kafka.createTopic(topic, options)
  return topic
}

async function brokersSeen(entrance: Entrance): Promise<number> {
  const admin = kafka.connect({ ...entrance, retries: 0 }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length
  } finally {
    await admin.disconnect()
  }
}

async function valuesOf(topic: string): Promise<(string | undefined)[]> {
  return (await kafka.read(topic)).map(({ value }) => value?.toString())
}

async function reads(topic: string, entrance: Entrance): Promise<void> {
  await kafka.read(topic, entrance)
}

async function writes(topic: string, entrance: Entrance): Promise<void> {
  await kafka.produce(topic, ['x'], { entrance })
}

async function writesInTransaction(topic: string, entrance: Entrance): Promise<void> {
  await kafka.produce(topic, ['x'], { entrance, transaction: 'commit' })
}

/** Whoever is dead but not yet buried by its parent counts as dead. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !existsSync('/proc') || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('It did not come true within 10 s')
    await setImmediate()
  }
}
