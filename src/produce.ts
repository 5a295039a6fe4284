import { Failure } from './core/failure.ts'
import type { GivenRecord } from './core/model-canary.ts'
import { placeOf } from './core/produce-place.ts'
import type { ProducedReport } from './core/report-sent.ts'
import { qualified } from './core/sql.ts'
import type { Acknowledged, OutgoingRecord } from './ports.ts'
import type { Work } from './work.ts'

/**
 * Writes the records of the inputs, topic after topic, and notes where they lie. What a source has to
 * read up to holds them from then on.
 */
export async function produceRecords(work: Work): Promise<void> {
  const { inputs, edges, report, sights } = work
  const asked = inputs.produce
  if (!asked) return
  edges.log.group('Writing records')
  const byTopic = new Map<string, GivenRecord[]>()
  for (const record of asked.records) {
    const topic = record.topic ?? asked.topic ?? inputs.spec.sources[0]?.topic
    if (topic === undefined) throw noTopic()
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), record])
  }
  for (const [topic, records] of byTopic) {
    const place = placeOf(topic, inputs.spec)
    const sight = place && sights.of(place.connection)
    if (!sight) throw unseen(topic, place && qualified(place.connection))
    const written = await sight.kafka.produce(topic, records.map(outgoing))
    report.produced.push(...summed(topic, written))
    edges.log.info(`Wrote ${String(written.length)} record(s) to topic ${topic}`)
    const [now] = (await sight.kafka.look([topic])).topics
    const at = sight.view.topics.findIndex((before) => before.name === topic)
    if (now && at >= 0) sight.view.topics[at] = now
  }
}

function outgoing({ partition, key, value, headers }: GivenRecord): OutgoingRecord {
  return {
    ...(partition !== undefined && { partition }),
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: headers.map(([name, data]) => [name, data && Buffer.from(data)]),
  }
}

/** The first and last offset of each partition, between which others may have written, too. */
function summed(topic: string, written: Acknowledged[]): ProducedReport[] {
  const partitions = new Map<number, ProducedReport>()
  for (const { partition, offset } of written) {
    const known = partitions.get(partition)
    partitions.set(partition, {
      ...{ topic, partition, records: (known?.records ?? 0) + 1 },
      first: known?.first ?? String(offset),
      last: String(offset),
    })
  }
  return [...partitions.values()].sort((a, b) => a.partition - b.partition)
}

function noTopic(): Failure {
  return new Failure({
    reason: 'input-invalid',
    message: 'A record of produce names no topic, and there is no source whose topic it could be.',
    inputs: ['produce', 'produce-topic'],
  })
}

function unseen(topic: string, connection: string | undefined): Failure {
  const by = connection === undefined ? '' : ` of connection ${connection}`
  return new Failure({
    reason: 'kafka-unreachable',
    message: `Nothing was written to topic ${topic}: this runner does not see the Kafka${by}.`,
    hint: 'Records are written by the runner itself: it needs brokers and login, and a direct way to them.',
    inputs: ['produce'],
  })
}
