/** A broker, an engine and what the engine's tests do with them. */
import { randomUUID } from 'node:crypto'
import type { AclRule } from '../../kafka/acls.ts'
import { startKafka } from '../../kafka/broker.ts'
import type { TestKafka } from '../../kafka/broker.ts'
import type { ReachableKafka } from '../../kafka/reachable.ts'
import { sharedKafka } from '../../kafka/shared.ts'
import type { KafkaConnectionConfig, KafkaEngine, SinkMessage } from '../engine-port.ts'
import { createKafkaEngine } from './engine.ts'
import { watchedSink, watchedSource } from './watched.ts'
import type { WatchedSink, WatchedSource } from './watched.ts'

type SourceConfig = Parameters<KafkaEngine['startSource']>[0]
type SinkConfig = Parameters<KafkaEngine['startSink']>[0]

export class EngineBench {
  private broker: ReachableKafka | undefined
  private own: TestKafka | undefined
  private opened: KafkaEngine | undefined
  private granted: AclRule[] = []

  /** The run's broker when there is one; a test that stops its broker needs its own. */
  async open({ ownBroker = false } = {}): Promise<void> {
    const shared = ownBroker ? null : sharedKafka()
    if (shared === null) this.own = await startKafka()
    this.broker = shared ?? this.own
    this.opened = createKafkaEngine()
  }

  async close(): Promise<void> {
    await this.opened?.close()
    await this.own?.stop()
  }

  get kafka(): ReachableKafka {
    return this.broker!
  }

  get ownKafka(): TestKafka {
    return this.own!
  }

  get engine(): KafkaEngine {
    return this.opened!
  }

  as(user: 'admin' | 'full' | 'reader' | 'none'): KafkaConnectionConfig {
    return {
      brokers: [this.kafka.brokers.SASL_SSL],
      securityProtocol: 'SASL_SSL',
      mechanism: 'SCRAM-SHA-256',
      ca: this.kafka.caPem,
      ...this.kafka.users[user],
    }
  }

  async newTopic(...values: string[]): Promise<string> {
    const topic = newName()
    await this.kafka.createTopic(topic)
    if (values.length > 0) await this.kafka.produce(topic, values)
    return topic
  }

  /** Lets `none` do something until the end of the test. */
  async grant(
    resource: AclRule['resource'],
    name: string,
    operations: AclRule['operations'],
  ): Promise<void> {
    const rule: AclRule = { user: 'none', resource, name, operations }
    this.granted.push(rule)
    await this.kafka.setAcls([rule])
  }

  async revoke(resource: AclRule['resource'], name: string): Promise<void> {
    const isMeant = (rule: AclRule) => rule.resource === resource && rule.name === name
    await this.kafka.removeAcls(this.granted.filter(isMeant))
    this.granted = this.granted.filter((rule) => !isMeant(rule))
  }

  async takeBackGrants(): Promise<void> {
    if (this.granted.length > 0) await this.kafka.removeAcls(this.granted)
    this.granted = []
  }

  startSource(topic: string, more: Partial<SourceConfig> = {}): WatchedSource {
    return watchedSource(this.engine, {
      connection: this.as('full'),
      topic,
      groupId: groupOf(topic),
      startOffsets: [],
      metadataRefreshMs: 100,
      ...more,
    })
  }

  startSink(topic: string, more: Partial<SinkConfig> = {}): WatchedSink {
    return watchedSink(this.engine, {
      connection: this.as('full'),
      topic,
      progressTopic: `${topic}-progress`,
      transactionalId: `${topic}-u8`,
      progressGroupId: `${topic}-group`,
      compression: 'none',
      topicConfig: {},
      ...more,
    })
  }
}

/** Unique, so that test files can share a broker. */
export function newName(): string {
  return `t-${randomUUID()}`
}

export function groupOf(topic: string): string {
  return `materialize-${topic}-u7`
}

export function message(value: string, more: Partial<SinkMessage> = {}): SinkMessage {
  return { key: null, value, headers: {}, ...more }
}
