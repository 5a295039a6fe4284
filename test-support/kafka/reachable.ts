import type { Admin, Kafka, KafkaConfig, Message } from 'kafkajs'
import { removeAcls, setAcls, type AclRule } from './acls.ts'
import { connect, kafkaConfig, withAdmin, type Entrance, type KafkaFacts } from './connection.ts'
import {
  createTopic,
  produce,
  read,
  type ProduceOptions,
  type ReadRecord,
  type TopicOptions,
} from './records.ts'

/** A broker that somebody runs: what it is, and what any process that knows that may ask of it. */
export interface ReachableKafka extends KafkaFacts {
  /** kafkajs' settings for an entrance, by default for one where everything is allowed. */
  kafkaConfig(entrance?: Entrance): KafkaConfig
  connect(entrance?: Entrance): Kafka
  withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T>
  createTopic(topic: string, options?: TopicOptions): Promise<void>
  produce(topic: string, messages: (string | Message)[], options?: ProduceOptions): Promise<void>
  read(topic: string, entrance?: Entrance): Promise<ReadRecord[]>
  setAcls(rules: AclRule[]): Promise<void>
  removeAcls(rules: AclRule[]): Promise<void>
}

export function reachableKafka(facts: KafkaFacts): ReachableKafka {
  return {
    ...facts,
    kafkaConfig: (entrance) => kafkaConfig(facts, entrance),
    connect: (entrance) => connect(facts, entrance),
    withAdmin: (work) => withAdmin(facts, work),
    createTopic: (topic, options) => createTopic(facts, topic, options),
    produce: (topic, messages, options) => produce(facts, { topic, ...options }, messages),
    read: (topic, entrance) => read(facts, topic, entrance),
    setAcls: (rules) => setAcls(facts, rules),
    removeAcls: (rules) => removeAcls(facts, rules),
  }
}
