import { readCatalog, selectionOf } from './catalog.ts'
import { Failure, toFailure } from './core/failure.ts'
import { type ConnectionSpec, unseen } from './core/model-connection.ts'
import type { SourceSpec } from './core/model-source.ts'
import { ident } from './core/sql.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs, PartitionOffset } from './core/model.ts'
import { type Observed, type ObservedTopic, sameName } from './core/observed.ts'
import type { Report } from './core/report.ts'
import type { Kafka, KafkaUpkeep, KafkaView, MaterializeSession, TopicView } from './ports.ts'
import type { Edges, Sight, Sights } from './work.ts'

const UNREACHABLE: ReadonlySet<string> = new Set(['kafka-host-unknown', 'kafka-unreachable'])

/** The runner’s own look: it answers in milliseconds what Materialize needs ten seconds for. */
export async function lookAtKafka(inputs: Inputs, edges: Edges, report: Report): Promise<Sights> {
  const seen: (Sight & { name: QualifiedName })[] = []
  if (inputs.kafkaCheck !== 'never') {
    noteUnseen(inputs, { edges, report })
    for (const connection of inputs.spec.connections) {
      const kafka = edges.kafka(connection)
      const view = kafka && (await lookBy(connection, { inputs, edges, report, kafka }))
      const keeper = edges.kafkaAdmin?.(connection) ?? kafka
      if (kafka && keeper && view) seen.push({ name: connection.name, view, kafka, keeper })
    }
  }
  return {
    of: (connection) => seen.find((one) => sameName(one.name, connection)),
  }
}

/** Where only Materialize has the way, or the login, nothing is looked at. */
function noteUnseen(inputs: Inputs, of: { edges: Edges; report: Report }): void {
  const all = inputs.spec.connections.flatMap(({ name, kafka }) => {
    const why = kafka && unseen(kafka)
    return why === undefined ? [] : [`${name.name} (${why})`]
  })
  if (all.length === 0) return
  note(
    `This runner does not look at the Kafka of ${all.join(', ')}, which only Materialize can reach or log in to: its view alone counts.`,
    of,
  )
}

async function lookBy(
  connection: ConnectionSpec,
  of: { inputs: Inputs; edges: Edges; report: Report; kafka: Kafka },
): Promise<KafkaView | undefined> {
  const { inputs, edges, report, kafka } = of
  edges.log.group(`Kafka of connection ${connection.name.name}`)
  const uses = <T extends { connection: QualifiedName }>(list: T[]): T[] =>
    list.filter((one) => sameName(one.connection, connection.name))
  const { sources, sinks, topics } = inputs.spec
  const names = [
    ...uses(sources).map((source) => source.topic),
    ...uses(sinks).map((sink) => sink.topic),
    ...uses(topics).flatMap(({ name, copyOf }) => (copyOf ? [name, copyOf.topic] : [name])),
  ]
  let view: KafkaView
  try {
    view = await lookPatiently([...new Set(names)], kafka, edges)
    // What the user may not see yet, the administrator sees.
    const admin = view.topics.some(isRefused) ? edges.kafkaAdmin?.(connection) : undefined
    if (admin) view.topics = (await lookPatiently([...new Set(names)], admin, edges)).topics
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (inputs.kafkaCheck === 'always' || !UNREACHABLE.has(failure.reason)) throw failure
    note(
      `This runner does not reach Kafka, so Materialize’s view alone counts: ${failure.message}`,
      { edges, report },
    )
    return undefined
  }
  report.kafka.seen = true
  report.kafka.brokers.push(...view.brokers)
  for (const { name, exists, partitions } of view.topics) {
    report.kafka.topics.push({ name, exists, partitions })
    const state = exists ? `${String(partitions)} partition(s)` : 'not there'
    edges.log.info(`Topic ${name}: ${state}`)
  }
  if (inputs.mode === 'teardown') return view
  if (view.transactions === false && uses(sinks).length > 0) {
    throw new Failure({
      reason: 'kafka-transactions',
      message: `Kafka of connection ${connection.name.name} offers no transactions, which every sink of Materialize needs.`,
      inputs: ['sink'],
    })
  }
  for (const { copyOf } of uses(topics)) {
    const original = copyOf && view.topics.find((one) => one.name === copyOf.topic)
    if (original?.failure) throw original.failure
    if (original && !original.exists) throw noTopic(original.name)
  }
  for (const source of uses(sources)) {
    const topic = view.topics.find((candidate) => candidate.name === source.topic)
    // Where rights are looked at, that says more: all that is missing.
    if (topic && isRefused(topic) && inputs.grants?.what === 'check') continue
    if (topic?.failure) throw topic.failure
    if (topic?.exists) refuseStart(source, topic.partitions)
    if (!topic || topic.exists) continue
    if (uses(topics).some((candidate) => candidate.name === source.topic)) continue
    throw noTopic(source.topic)
  }
  return view
}

function noTopic(topic: string): Failure {
  const message = `There is no topic ${topic} in Kafka.`
  return new Failure({ reason: 'topic-unknown', message, inputs: ['topic'] })
}

function isRefused({ failure }: TopicView): boolean {
  return failure?.reason === 'kafka-authorization'
}

/** Materialize would say so, too, once everything before the source is made. */
function refuseStart({ name, topic, startOffsets = [] }: SourceSpec, partitions: number): void {
  if (startOffsets.length <= partitions) return
  throw new Failure({
    reason: 'input-invalid',
    message: `start-offsets of the source ${ident(name.name)} has ${String(startOffsets.length)} offsets, and topic ${topic} has ${String(partitions)} partition(s).`,
    inputs: ['start-offsets'],
  })
}

/** A partition without a leader gets one within moments, mostly. */
async function lookPatiently(topics: string[], kafka: Kafka, edges: Edges): Promise<KafkaView> {
  const { clock, deadline } = edges
  for (let again = 0; ; again++) {
    const view = await kafka.look(topics)
    const passing = view.topics.some((topic) => topic.failure?.retriable)
    if (!passing || again === 3 || deadline.remainingMs() < 1_000) return view
    await clock.sleep(300, deadline.signal)
  }
}

/**
 * Looks once more at topics of sources that had no offsets to show when the run began: another run
 * may have made them since, and without offsets an empty topic’s source proves nothing.
 */
export async function lookAgain(inputs: Inputs, sights: Sights, edges: Edges): Promise<void> {
  for (const { name } of inputs.spec.connections) {
    const sight = sights.of(name)
    if (!sight) continue
    const { topics } = sight.view
    const read = inputs.spec.sources.filter((source) => sameName(source.connection, name))
    const unseen = topics.filter(
      (topic) => !topic.watermarks && read.some((source) => source.topic === topic.name),
    )
    if (unseen.length === 0) continue
    const now = await lookPatiently(
      unseen.map((topic) => topic.name),
      sight.kafka,
      edges,
    )
    for (const topic of now.topics) {
      topics[topics.findIndex((before) => before.name === topic.name)] = topic
    }
  }
}

/** The catalog and the spec’s topics, as they are now. */
export async function observe(
  inputs: Inputs,
  session: MaterializeSession,
  sights: Sights,
): Promise<Observed> {
  const observed = await readCatalog(session, selectionOf(inputs.spec))
  for (const { name } of inputs.spec.connections) {
    const sight = sights.of(name)
    if (sight) observed.topics.push(...(await describeTopics(name, inputs, sight.keeper)))
  }
  return observed
}

/** The spec’s topics of a connection, as Kafka shows them. */
export async function describeTopics(
  connection: QualifiedName,
  { spec }: Inputs,
  kafka: KafkaUpkeep,
): Promise<ObservedTopic[]> {
  const topics = spec.topics.filter((topic) => sameName(topic.connection, connection))
  if (topics.length === 0) return []
  const described = await kafka.describeTopics(topics.map((topic) => topic.name))
  return described.map((topic): ObservedTopic => ({
    connection,
    name: topic.name,
    exists: topic.exists,
    partitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    config:
      topic.config &&
      new Map(Object.entries(topic.config).map(([key, { value }]) => [key, value ?? ''])),
  }))
}

/**
 * High watermarks of a source’s topic, where they were seen: what it has to read up to.
 * @param start where it begins, by partition; those beyond the list begin at 0.
 */
export function watermarksOf(
  sights: Sights,
  source: { connection: QualifiedName; topic: string },
  start: readonly bigint[],
): PartitionOffset[] | undefined {
  const view = sights.of(source.connection)?.view
  const topic = view?.topics.find((one) => one.name === source.topic)
  return topic?.watermarks?.map(({ partition, offset }) => {
    // A partition that retention has emptied, or that the source begins behind, has nothing to deliver.
    const low = topic.lows?.find((one) => one.partition === partition)?.offset ?? 0n
    const isIdle = low >= offset || (start[partition] ?? 0n) >= offset
    return { partition, offset: isIdle ? 0n : offset }
  })
}

/** Whether a source waits in some partition for records that come later still than the next one. */
export function beginsBeyond(
  sights: Sights,
  source: { connection: QualifiedName; topic: string },
  start: readonly bigint[],
): boolean {
  const view = sights.of(source.connection)?.view
  const topic = view?.topics.find((one) => one.name === source.topic)
  return topic?.watermarks?.some((mark) => (start[mark.partition] ?? 0n) > mark.offset) ?? false
}

export function note(text: string, of: { edges: Edges; report: Report }): void {
  of.report.notes.push(text)
  of.edges.log.notice(text)
}
