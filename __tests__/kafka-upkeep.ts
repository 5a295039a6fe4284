import { afterAll, afterEach, expect, jest } from '@jest/globals'
import Connection from 'kafkajs/src/network/connection.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { Failure } from '../src/core/failure.ts'
import type { Kafka, KafkaUpkeep } from '../src/ports.ts'
import type { AclRule } from '../test-support/kafka/acls.ts'
import type { UserName } from '../test-support/kafka/users.ts'
import { broker, open, settings, uniqueName } from './kafka-opened.ts'

export type Adapter = Kafka & KafkaUpkeep

/** What is to be done after the last test of the file. */
export const afterwards: (() => Promise<void>)[] = []

afterEach(() => {
  jest.restoreAllMocks()
})

afterAll(async () => {
  await Promise.all(afterwards.map((step) => step()))
})

export function by(user: UserName): Adapter {
  return open(settings({ user })) as Adapter
}

/** Made by the adapter, which waits longer than kafkajs for a busy broker to know the topic. */
export async function existing(
  options: { partitions?: number; config?: Record<string, string> } = {},
): Promise<string> {
  const name = uniqueName('upkeep')
  const kafka = open(settings({ protocol: 'PLAINTEXT' }))
  await kafka.createTopic({ name, partitions: 1, replicationFactor: 1, ...options })
  return name
}

/** Many at once, with one partition each. */
export async function existingMany(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => uniqueName('many'))
  const kafka = open(settings({ protocol: 'PLAINTEXT' }))
  await Promise.all(
    names.map((name) => kafka.createTopic({ name, partitions: 1, replicationFactor: 1 })),
  )
  return names
}

/** Gives a user rights on one topic, beside those that it has. */
export async function allow(
  user: UserName,
  name: string,
  operations: AclRule['operations'],
): Promise<void> {
  await broker.setAcls([{ user, resource: 'topic', name, operations }])
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(Failure)
  return thrown as Failure
}

/** Only the settings that are the topic's own. */
export async function ownConfig(name: string): Promise<Record<string, string | undefined>> {
  const [topic] = await by('full').describeTopics([name])
  const own = Object.entries(topic?.config ?? {}).filter(([, { source }]) => source === 'topic')
  return Object.fromEntries(own.map(([key, { value }]) => [key, value]))
}

const { send, setVersions } = Connection.prototype

/**
 * The requests that leave this process from now on, by name, without those of the login. Sees only
 * connections made later; tests have no others while it counts.
 */
export function countRequests(): Record<string, number> {
  const counts: Record<string, number> = {}
  const greeting = [apiKeys.ApiVersions, apiKeys.SaslHandshake, apiKeys.SaslAuthenticate]
  jest.spyOn(Connection.prototype, 'send').mockImplementation(function (this: Connection, call) {
    const { apiKey, apiName } = call.request
    if (!greeting.includes(apiKey)) counts[apiName] = (counts[apiName] ?? 0) + 1
    return send.call(this, call)
  })
  return counts
}

/** Makes brokers seem too old for a request. */
export function withhold(apiKey: number): void {
  jest.spyOn(Connection.prototype, 'setVersions').mockImplementation(function (
    this: Connection,
    versions,
  ) {
    Reflect.deleteProperty(versions, apiKey)
    setVersions.call(this, versions)
  })
}
