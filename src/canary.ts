import {
  type Isolated,
  isolatedParts,
  makeIsolated,
  newCanary,
  removeIsolated,
  sweepIsolated,
} from './canary-isolated.ts'
import { type CanaryEdges, type CanaryPath, sendCanaries } from './canary-run.ts'
import { sweepInline, takeAway } from './canary-tombstones.ts'
import { type CanaryName, inlineKey } from './core/canary-names.ts'
import { canariesAsked, type CanaryTask } from './core/canary-tasks.ts'
import { unfitShape } from './core/canary-shape.ts'
import type { Deadline } from './core/deadline.ts'
import { describeFailure, Failure, toFailure } from './core/failure.ts'
import { type ConnectionSpec, unseen } from './core/model-connection.ts'
import type { Inputs } from './core/model.ts'
import { sameName } from './core/observed.ts'
import { fail, type Report } from './core/report.ts'
import type { CanaryReport } from './core/report-sent.ts'
import { qualified, setCluster } from './core/sql.ts'
import { note } from './observe.ts'
import type { Kafka, KafkaUpkeep, MaterializeSession } from './ports.ts'
import type { Edges } from './work.ts'

interface Canaries {
  inputs: Inputs
  edges: Edges
  report: Report
  open(purpose: string): Promise<MaterializeSession>
}

/** What is kept back to take a tombstone or things away with: of ten seconds no more than a fifth. */
const RESERVE_MS = 10_000
const RESERVE_SHARE = 0.2
/** With less than this left, none is begun. */
const LEAST_MS = 500

/**
 * Sends the canaries that inputs and spec ask for, one after another, and notes each in the report.
 * The run fails by the first that does not get through. A run that has failed before sends them, too:
 * they tell how far records come.
 */
export async function sendAskedCanaries(of: Canaries): Promise<void> {
  const { inputs, edges } = of
  const tasks = canariesAsked(inputs)
  if (tasks.length === 0) return
  edges.log.group('Canaries')
  const reserve = Math.min(RESERVE_MS, edges.deadline.timeoutMs * RESERVE_SHARE)
  const deadline: Deadline = {
    timeoutMs: edges.deadline.timeoutMs,
    signal: edges.deadline.signal,
    remainingMs: () => Math.max(0, edges.deadline.remainingMs() - reserve),
  }
  if (deadline.remainingMs() < LEAST_MS) {
    note('No canary was sent, since time had run out.', of)
    return
  }
  const bounded = edges.within(deadline)
  const working: Working = { ...of, deadline, ...openings(of, bounded) }
  try {
    for (const task of tasks) await sendTask(task, working)
  } finally {
    await working.close()
  }
}

interface Working extends Canaries {
  /** Ends before the run’s own, to leave time for cleaning up. */
  deadline: Deadline
  kafka(connection: ConnectionSpec): (Kafka & KafkaUpkeep) | undefined
  close(): Promise<void>
}

/** Sessions and connections by the shorter deadline, all closed together. */
function openings(
  { inputs }: Canaries,
  bounded: Pick<Edges, 'materialize' | 'kafka'>,
): Pick<Working, 'open' | 'kafka' | 'close'> {
  const sessions: MaterializeSession[] = []
  const kafkas = new Map<ConnectionSpec, Kafka & KafkaUpkeep>()
  return {
    open: async (purpose) => {
      const session = await bounded.materialize.open(purpose)
      sessions.push(session)
      if (inputs.cluster !== undefined) await session.query(setCluster(inputs.cluster))
      return session
    },
    kafka: (connection) => {
      const kafka = kafkas.get(connection) ?? bounded.kafka(connection)
      if (kafka) kafkas.set(connection, kafka)
      return kafka
    },
    close: async () => {
      await Promise.all([...sessions, ...kafkas.values()].map((one) => one.close()))
    },
  }
}

async function sendTask(task: CanaryTask, working: Working): Promise<void> {
  const { edges, report, inputs } = working
  const name = newCanary(edges.deadline.timeoutMs, edges.clock.now())
  const entry: CanaryReport = {
    ...{ way: task.way, id: name.id, connection: qualified(task.connection.name) },
    ...{ relation: '', asked: inputs.canary.count, held: false },
    ...{ because: 'it was cut short', times: [], spread: {}, written: [], left: [] },
  }
  report.canaries.push(entry)
  try {
    if (task.way === 'isolated') await sendIsolated(task, { ...working, name, entry })
    else await sendInline(task, { ...working, name, entry })
    entry.held = true
    entry.because = `all ${String(entry.times.length)} came through as they were sent`
  } catch (thrown) {
    const failure = toFailure(thrown)
    entry.because = failure.message
    entry.reason = failure.reason
    edges.log.info(`Canary (${task.way}): ${describeFailure(failure)}`)
    if (['cancelled', 'internal'].includes(failure.reason)) throw failure
    // What fail-on lets pass hides nothing.
    if (!report.failure || report.tolerated) fail(report, failure)
  } finally {
    for (const left of entry.left) note(`A canary left something behind: ${left}`, working)
  }
}

type OfKind<Way extends CanaryTask['way']> = Extract<CanaryTask, { way: Way }>

async function sendIsolated(
  task: OfKind<'isolated'>,
  of: Working & { name: CanaryName; entry: CanaryReport },
): Promise<void> {
  const { inputs, edges, name, entry } = of
  const { connection } = task
  const kafka = visibleKafka(connection, of)
  const removing = { inputs, edges, connection }
  for (const left of await sweepIsolated({ ...removing, deadline: of.deadline })) {
    note(`An earlier canary’s leavings stay: ${left}`, of)
  }
  const { transactions } = await kafka.look([])
  const asked = {
    connection,
    within: { database: inputs.materialize.database, schema: inputs.schema },
    ...(task.cluster !== undefined && { cluster: task.cluster }),
  }
  const naming = { name, repository: edges.repository, transactions: transactions !== false }
  const parts: Isolated = isolatedParts(asked, naming)
  const { source, sink } = parts
  entry.relation = qualified(source.name)
  if (sink) entry.sink = qualified(sink.name)
  else note('The canary has no sink, since Kafka offers no transactions.', of)
  const own = bounded(of)
  try {
    await makeIsolated(parts, asked, { ...of, edges: { ...edges, deadline: of.deadline }, kafka })
    const path: CanaryPath = {
      ...{ topic: source.topic, source: source.name, relation: source.name, kafka, partitions: 1 },
      ...{ decoding: { format: 'json' }, key: name.id },
      ...(sink && { sink: { spec: sink, kafka } }),
    }
    await sendCanaries(path, { ...inputs.canary, warmUp: true }, { edges: own, report: entry })
  } finally {
    entry.left.push(...(await removeIsolated(name, removing)))
    // It is gone with its topic.
    entry.written = []
  }
}

function bounded(of: Working): CanaryEdges {
  return {
    clock: of.edges.clock,
    log: of.edges.log,
    deadline: of.deadline,
    open: (p) => of.open(p),
  }
}

async function sendInline(
  task: OfKind<'inline'>,
  of: Working & { name: CanaryName; entry: CanaryReport },
): Promise<void> {
  const { inputs, edges, name, entry } = of
  const { source, relation, decoding, sink, connection } = task
  entry.relation = qualified(relation)
  if (sink) entry.sink = qualified(sink.name)
  const unfit = unfitShape(decoding)
  if (unfit !== undefined) throw unfitFailure(qualified(source.name), unfit)
  const kafka = visibleKafka(connection, of)
  const partitions = await checkTopic(task, kafka)
  const sinkConnection =
    sink && inputs.spec.connections.find((one) => sameName(one.name, sink.connection))
  const sinkKafka = sinkConnection && of.kafka(sinkConnection)
  if (sink && !sinkKafka) {
    delete entry.sink
    note(`The canary is not followed to topic ${sink.topic}, which this runner does not see.`, of)
  }
  const key = inlineKey({ repository: edges.repository, source: qualified(source.name) }, name)
  const path: CanaryPath = {
    ...{ topic: source.topic, source: source.name, relation, decoding, key, kafka, partitions },
    ...(sink && sinkKafka && { sink: { spec: sink, kafka: sinkKafka } }),
  }
  try {
    const own = bounded(of)
    await sendCanaries(path, { ...inputs.canary, warmUp: false }, { edges: own, report: entry })
  } finally {
    if (decoding.envelope === 'upsert' && path.isSent)
      await takeRowsAway(path, { ...of, connection })
  }
}

/** The run’s own row first, whatever ends it; then, of a source that answers, those of killed runs. */
async function takeRowsAway(
  path: CanaryPath,
  of: Working & { entry: CanaryReport; connection: ConnectionSpec },
): Promise<void> {
  await takeAway([path.key], path, of)
  const hasCome = of.entry.times.some(({ ingested }) => ingested !== undefined)
  if (!hasCome || of.edges.deadline.signal.aborted) return
  const why = await sweepInline(path, of)
  if (why !== undefined) note(`Rows that killed canaries may have left were not found: ${why}`, of)
}

/** @returns how many partitions the source’s topic has. */
async function checkTopic({ source }: OfKind<'inline'>, kafka: Kafka): Promise<number> {
  const [topic] = (await kafka.look([source.topic])).topics
  if (topic?.failure) throw topic.failure
  if (!topic?.exists) {
    throw new Failure({
      reason: 'topic-unknown',
      message: `There is no topic ${source.topic} in Kafka.`,
      inputs: ['topic'],
    })
  }
  const ahead = (source.startOffsets ?? []).some(
    (start, partition) =>
      BigInt(start) > (topic.watermarks?.find((one) => one.partition === partition)?.offset ?? 0n),
  )
  if (ahead) throw unfitFailure(qualified(source.name), 'it begins behind the last record')
  return topic.partitions
}

function visibleKafka(connection: ConnectionSpec, of: Working): Kafka & KafkaUpkeep {
  const why =
    of.inputs.kafkaCheck === 'never'
      ? 'kafka-check is never'
      : connection.kafka
        ? unseen(connection.kafka)
        : 'the inputs do not say how to reach its Kafka'
  const kafka = why === undefined ? of.kafka(connection) : undefined
  if (kafka) return kafka
  throw new Failure({
    reason: 'canary-unfit',
    message: `No canary can be sent by the connection ${qualified(connection.name)}: this runner does not see its Kafka (${why ?? 'no way to it'}).`,
    hint: 'A canary is written and read by the runner itself: it needs brokers and login, and a direct way to them.',
  })
}

function unfitFailure(source: string, why: string): Failure {
  return new Failure({
    reason: 'canary-unfit',
    message: `No canary can be sent through the source ${source}: ${why}.`,
  })
}
