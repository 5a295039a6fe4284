import { Failure } from './core/failure.ts'
import type { Inputs, PartitionOffset, TopicSpec } from './core/model.ts'
import { findObject, type Observed, sameName } from './core/observed.ts'
import { qualified } from './core/sql.ts'
import { note } from './observe.ts'
import type { RawMessage, TopicView } from './ports.ts'
import type { Sight, Sights, Work } from './work.ts'

/** Of all that is copied for one topic; what a copy has no room for is said. */
const MOST_BYTES = 64 * 1024 * 1024

type Copy = TopicSpec & Required<Pick<TopicSpec, 'copyOf'>>

/** Copies are written by the runner itself: without a way to Kafka nothing is begun. */
export function refuseUncopied({ spec }: Inputs, sights: Sights): void {
  const unseen = copiesOf(spec.topics).find((one) => !sights.of(one.connection))
  if (!unseen) return
  throw new Failure({
    reason: 'kafka-unreachable',
    message: `The first records of topic ${unseen.copyOf.topic} cannot be copied: this runner does not see the Kafka of connection ${qualified(unseen.connection)}.`,
    hint: 'Copies are written by the runner itself: it needs brokers and login, a direct way to them, and kafka-check other than never. Without copy-first the topic is shared.',
    inputs: ['copy-first', 'kafka-check', 'spec'],
  })
}

/**
 * Fills the copies that no source reads yet: sources are made once their topics are filled, so that one
 * which is there says that its copy is whole. Whatever a killed run has left in a copy is removed first.
 * @param before the catalog before the run made anything.
 */
export async function copyRecords(before: Observed, work: Work): Promise<void> {
  const { spec } = work.inputs
  for (const copy of copiesOf(spec.topics)) {
    const readers = spec.sources.filter(
      (one) => one.topic === copy.name && sameName(one.connection, copy.connection),
    )
    const sight = work.sights.of(copy.connection)
    if (!sight || readers.some((one) => findObject(before, one.name))) continue
    await fill(copy, sight, work)
  }
}

function copiesOf(topics: TopicSpec[]): Copy[] {
  return topics.flatMap((one) => (one.copyOf ? [{ ...one, copyOf: one.copyOf }] : []))
}

async function fill(copy: Copy, sight: Sight, work: Work): Promise<void> {
  const { name, copyOf, replicationFactor, config } = copy
  const { edges, report } = work
  const { keeper, view } = sight
  const [original, there] = (await sight.kafka.look([copyOf.topic, name])).topics
  if (!original || original.failure) throw original?.failure ?? unknown(copyOf.topic)
  if (there?.watermarks?.some(({ offset }) => offset > 0n)) {
    edges.log.info(`Emptying topic ${name}, which a run that was cut has begun to fill`)
    const [gone] = await keeper.deleteTopics([name])
    if (gone?.failure) throw gone.failure
    const { partitions } = original
    await keeper.createTopic({ name, partitions, replicationFactor, config })
  }
  edges.log.info(
    `Copying up to ${String(copyOf.first)} record(s) of topic ${copyOf.topic} to ${name}`,
  )
  const copied = await pour(copy, original, sight)
  const [now] = (await sight.kafka.look([name])).topics
  const held = (now?.watermarks ?? []).reduce((sum, { offset }) => sum + offset, 0n)
  // A batch whose acknowledgement was lost is sent again.
  if (held !== BigInt(copied.records)) throw uneven(name, { held, ...copied })
  const at = view.topics.findIndex((one) => one.name === name)
  if (now && at >= 0) view.topics[at] = now
  report.copied.push({ topic: name, from: copyOf.topic, records: copied.records })
  if (copied.isCut) {
    note(
      `Of topic ${copyOf.topic} only ${String(copied.records)} record(s) were copied: more than 64 MiB are not.`,
      work,
    )
  }
}

/** Short partitions first: what they lack of their share is taken from the longer ones. */
async function pour(
  { name, copyOf }: Copy,
  original: TopicView,
  sight: Sight,
): Promise<{ records: number; isCut: boolean }> {
  const ranges = (original.watermarks ?? [])
    .map(({ partition, offset }) => ({
      partition,
      from: lowOf(original.lows, partition),
      to: offset,
    }))
    .sort((a, b) => Number(a.to - a.from - (b.to - b.from)) || a.partition - b.partition)
  let [records, bytes] = [0, 0]
  for (const [index, range] of ranges.entries()) {
    let share = Math.ceil((copyOf.first - records) / (ranges.length - index))
    let { from } = range
    while (share > 0 && from < range.to) {
      const piece = { topic: copyOf.topic, ...range, from, limit: share }
      const { messages, next } = await sight.kafka.head(piece)
      if (messages.length === 0) break
      bytes += messages.reduce((sum, message) => sum + bytesOf(message), 0)
      if (bytes > MOST_BYTES) return { records, isCut: true }
      await sight.keeper.produce(name, messages)
      records += messages.length
      share -= messages.length
      from = next
    }
  }
  return { records, isCut: false }
}

function lowOf(lows: PartitionOffset[] | undefined, partition: number): bigint {
  return lows?.find((one) => one.partition === partition)?.offset ?? 0n
}

function bytesOf({ key, value, headers }: RawMessage): number {
  const inHeaders = headers.reduce((sum, [of, data]) => sum + of.length + (data?.length ?? 0), 0)
  return (key?.length ?? 0) + (value?.length ?? 0) + inHeaders
}

function unknown(topic: string): Failure {
  return new Failure({ reason: 'topic-unknown', message: `There is no topic ${topic} in Kafka.` })
}

function uneven(topic: string, of: { held: bigint; records: number }): Failure {
  return new Failure({
    reason: 'kafka-refused',
    message: `Topic ${topic} holds ${String(of.held)} record(s) after ${String(of.records)} were copied to it.`,
    hint: 'Run it again, which begins the copy anew; nothing else may write to that topic meanwhile.',
  })
}
