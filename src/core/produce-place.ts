import type { TopicPlace } from './model-canary.ts'
import type { Spec } from './model.ts'

/**
 * The connection by whose Kafka a topic is written: that of a source, topic or sink of that name, else
 * the first one that says where its Kafka is. Undefined without any.
 */
export function placeOf(topic: string, spec: Spec): TopicPlace | undefined {
  const used =
    spec.sources.find((one) => one.topic === topic) ??
    spec.topics.find((one) => one.name === topic) ??
    spec.sinks.find((one) => one.topic === topic)
  const connection = used?.connection ?? spec.connections.find((one) => one.kafka)?.name
  return connection && { connection, topic }
}
