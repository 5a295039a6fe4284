import type { MemoryKafka } from '../memory-kafka.ts'
import type { Outcome } from './replay.ts'
import { transcript } from './transcript.ts'

interface Written {
  topic: string
  partition: number
  headers: string[]
  key: string | null
  payload: string | null
}

/** Records by topic without what differs from run to run; in what order a moment's records come is open. */
function byTopic(records: Written[]): Map<string, string[]> {
  const topics = new Map<string, string[]>()
  for (const { topic, partition, headers, key, payload } of records) {
    const names = headers.filter((_, index) => index % 2 === 0)
    const written = JSON.stringify({ partition, names, key, payload })
    topics.set(topic, [...(topics.get(topic) ?? []), written].sort())
  }
  return topics
}

function inMemory(kafka: MemoryKafka, topic: string): Written[] {
  return (kafka.topics.get(topic)?.partitions ?? []).flat().map((record) => ({
    topic,
    partition: record.partition,
    headers: record.headers.flatMap(([name, value]) => [name, value?.toString() ?? '']),
    key: record.key?.toString() ?? null,
    payload: record.value?.toString() ?? null,
  }))
}

/** What sinks wrote against what the recording's sinks wrote, for the topics that one replay has made. */
export function compareTopics(kafka: MemoryKafka): Outcome[] {
  const outcomes: Outcome[] = []
  for (const [topic, expected] of byTopic(transcript<Written>('sink-topics'))) {
    if (!kafka.topics.has(topic)) continue
    const actual = byTopic(inMemory(kafka, topic)).get(topic) ?? []
    outcomes.push({
      file: 'sink-topics',
      sql: topic,
      agrees: JSON.stringify(expected) === JSON.stringify(actual),
      expected,
      actual,
    })
  }
  return outcomes
}
