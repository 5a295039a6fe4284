import { openDoctor, type Look } from './canary-doctor.ts'
import { openRowLeg, openSinkLeg, type RowLeg, type SinkLeg, type Waiting } from './canary-legs.ts'
import { recordText } from './core/canary-names.ts'
import { canaryText, type SentColumn, sentColumns } from './core/canary-shape.ts'
import { type Deadline, QUIET_MS, waitText } from './core/deadline.ts'
import { Failure, type Reason, toFailure } from './core/failure.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { SinkSpec } from './core/model-sink.ts'
import type { Decoding } from './core/model-source.ts'
import { printDuration } from './core/duration.ts'
import { type CanaryReport, type CanaryTimes, spreadsOf } from './core/report-sent.ts'
import { qualified } from './core/sql.ts'
import type { Kafka, MaterializeSession } from './ports.ts'
import type { Edges } from './work.ts'

/** How often Materialize is asked how source and sink are while a record is late. */
const DOCTOR_MS = 2_000
/** What a last look at source and sink may take of the time. */
const LAST_LOOK_MS = 1_000
/** How much later than allowed a record may come and still have its time told. */
const LATE_MS = 5_000

/** A way through Materialize that is there: topic, source and perhaps sink. */
export interface CanaryPath {
  topic: string
  source: QualifiedName
  /** Where the rows are: the source, or a table made from it. */
  relation: QualifiedName
  decoding: Decoding
  /** A sink that writes the relation, to be looked for in the same or another Kafka. */
  sink?: { spec: SinkSpec; kafka: Kafka }
  /** The text of the records’ key. */
  key: string
  kafka: Kafka
  partitions: number
  /** Set as soon as a record may be there. */
  isSent?: true
}

export interface CanaryEdges extends Pick<Edges, 'clock' | 'log'> {
  /** Leaves time for cleaning up. */
  deadline: Deadline
  open(purpose: string): Promise<MaterializeSession>
}

export interface CanaryAsking {
  count: number
  maxLatencyMs?: number
  /** One more record goes first, whose time is that of getting ready. */
  warmUp: boolean
}

interface Sending {
  path: CanaryPath
  asking: CanaryAsking
  edges: CanaryEdges
  report: CanaryReport
  rows: RowLeg
  sink?: SinkLeg
  look: () => Promise<Look[]>
}

/**
 * Sends the records one after another and waits for each on the other end, noting in the report how
 * far it came and how long that took. Throws a Failure about the first leg that one does not get
 * through, or about one that took too long.
 */
export async function sendCanaries(
  path: CanaryPath,
  asking: CanaryAsking,
  of: { edges: CanaryEdges; report: CanaryReport },
): Promise<void> {
  const { edges, report } = of
  const { sink } = path
  const texts = Array.from({ length: asking.count + 1 }, (_, n) => recordText(report.id, n))
  const columns = columnsFor(path, texts[0] ?? '')
  const look = openDoctor({ source: path.source, ...(sink && { sink: sink.spec.name }) }, edges)
  const begun = edges.clock.now()
  const sleep = (ms: number): Promise<void> => edges.clock.sleep(ms, edges.deadline.signal)
  const sinkLeg = sink && (await openSinkLeg(sink.spec, sink.kafka, sleep))
  const session = await edges.open('canary')
  const relation = { relation: path.relation, telling: columns.telling, texts }
  const rows = await watched(
    'canary-not-ingested',
    { path, edges, look, waitMs: Infinity },
    (waiting) => openRowLeg(relation, session, waiting),
  )
  const sending: Sending = {
    path,
    asking,
    edges,
    report,
    rows,
    look,
    ...(sinkLeg && { sink: sinkLeg }),
  }
  try {
    for (const [n, text] of texts.entries()) {
      if (n === 0 && !asking.warmUp) continue
      const times: CanaryTimes = {}
      if (n > 0) report.times.push(times)
      await sendOne(text, times, sending)
      if (n === 0) report.setUpMs = edges.clock.now() - begun
      else edges.log.info(`Canary ${String(n)} of ${String(asking.count)}: ${timesText(times)}`)
    }
  } finally {
    report.spread = spreadsOf(report.times)
    await rows.close()
  }
  checkLatency(report, asking.maxLatencyMs)
}

function columnsFor(path: CanaryPath, text: string): { telling: SentColumn; all: SentColumn[] } {
  const columns = sentColumns(path.decoding, { key: path.key, text })
  if (columns) return columns
  throw new Failure({
    reason: 'canary-unfit',
    message: `No canary was sent through ${qualified(path.relation)}: its columns cannot be told.`,
  })
}

async function sendOne(text: string, times: CanaryTimes, sending: Sending): Promise<void> {
  const { path, edges, report, asking, look } = sending
  const { key, value } = canaryText(path.decoding, { key: path.key, text })
  const columns = columnsFor(path, text).all
  // Where a key decides it, all are to go the same way.
  const turn = key === null ? { partition: report.written.length % path.partitions } : {}
  const record = { ...turn, key: key === null ? null : Buffer.from(key), headers: [] }
  path.isSent = true
  const [ack] = await path.kafka.produce(path.topic, [{ ...record, value: Buffer.from(value) }])
  times.acknowledged = ack?.ackMs ?? 0
  // What was asked of brokers before is no part of it.
  const begun = edges.clock.now() - times.acknowledged
  const passed = (): number => edges.clock.now() - begun
  const place = { topic: path.topic, partition: ack?.partition ?? 0, offset: String(ack?.offset) }
  report.written.push(place)
  const at = `topic ${path.topic}, partition ${String(place.partition)}, offset ${place.offset}`
  const waitMs = asking.maxLatencyMs === undefined ? Infinity : asking.maxLatencyMs + LATE_MS
  const inTime = { path, edges, look, waitMs, at }
  const different = await watched('canary-not-ingested', inTime, (waiting) =>
    sending.rows.wait(columns, waiting),
  )
  times.ingested = passed()
  refuseDifferent(different, `the row of ${qualified(path.relation)}`, at)
  const { sink } = sending
  if (sink) {
    const changed = await watched('canary-not-sunk', inTime, (waiting) =>
      sink.wait(columns, text, waiting),
    )
    times.sunk = passed()
    const topic = path.sink?.spec.topic ?? ''
    refuseDifferent(changed ?? [], `the message on the sink’s topic ${topic}`, at)
  }
  times.total = passed()
}

/**
 * Waits with an eye on source and sink: as soon as Materialize calls one of them broken, or time has
 * run out, throws which leg it was and why.
 */
async function watched<T>(
  reason: Extract<Reason, 'canary-not-ingested' | 'canary-not-sunk'>,
  of: Pick<Sending, 'path' | 'edges' | 'look'> & { waitMs: number; at?: string },
  wait: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  const { edges, look } = of
  const kind = reason === 'canary-not-ingested' ? 'source' : 'sink'
  const { clock, deadline } = edges
  const begun = clock.now()
  const remainingMs = (): number =>
    Math.min(deadline.remainingMs() - LAST_LOOK_MS, of.waitMs - (clock.now() - begun))
  let broken: Failure | undefined
  let isOver = false
  let isDoubted = false
  let nextWord = QUIET_MS
  const waiting: Waiting = {
    deadline: { timeoutMs: deadline.timeoutMs, signal: deadline.signal, remainingMs },
    check: () => {
      if (broken) throw broken
    },
  }
  // A statement about a stalled source may never be answered: its status is, on another session.
  let why = 'nothing can be seen of it'
  const ended = new Promise<never>((_, reject) => {
    const observe = async (): Promise<void> => {
      while (!isOver) {
        await clock.sleep(Math.max(1, Math.min(DOCTOR_MS, remainingMs())), deadline.signal)
        if (isOver) return
        const ms = clock.now() - begun
        if (ms >= nextWord) {
          nextWord = ms + QUIET_MS
          const where = kind === 'source' ? 'in the source' : 'on the sink’s topic'
          edges.log.info(
            `Waiting for a canary ${where} (${waitText(ms, Math.max(0, remainingMs()))})`,
          )
        }
        const looks = await look()
        const ill = looks.find((one) => one.failure && one.kind === kind)?.failure
        // What is over at the next look was no more than a bad start.
        if (ill && (isDoubted || remainingMs() <= 0)) broken = ill
        isDoubted = ill !== undefined
        why = looks.find((one) => one.kind === kind)?.why ?? why
        if (broken) reject(lost(reason, { ...of, why, broken, ms: clock.now() - begun }))
        else if (remainingMs() <= 0) reject(lost(reason, { ...of, why, ms: clock.now() - begun }))
      }
    }
    observe().catch((thrown: unknown) => {
      const failure = toFailure(thrown)
      const isLate = failure.reason === 'deadline'
      if (!isOver) reject(isLate ? lost(reason, { ...of, why, ms: clock.now() - begun }) : failure)
    })
  })
  ended.catch(() => undefined)
  try {
    const arriving = wait(waiting)
    arriving.catch(() => undefined)
    // That it ran out of time is told with its cause, which takes a look more.
    const patient = arriving.catch((thrown: unknown) => {
      const failure = toFailure(thrown)
      if (failure !== broken && failure.reason !== 'deadline') throw failure
      return ended
    })
    return await Promise.race([patient, ended])
  } finally {
    isOver = true
  }
}

function lost(
  reason: 'canary-not-ingested' | 'canary-not-sunk',
  of: { path: CanaryPath; why: string; broken?: Failure; at?: string; ms: number },
): Failure {
  const { path, broken } = of
  const what = of.at === undefined ? 'No canary could be sent' : `The canary at ${of.at}`
  const span = printDuration(Math.round(of.ms / 100) * 100)
  const where =
    of.at === undefined
      ? `, since ${qualified(path.relation)} could not be subscribed to within ${span}`
      : reason === 'canary-not-ingested'
        ? ` was acknowledged by Kafka and did not come out of ${qualified(path.relation)} within ${span}`
        : ` came out of ${qualified(path.relation)} and did not reach the sink’s topic ${path.sink?.spec.topic ?? ''} within ${span}`
  return new Failure({
    reason,
    message: `${what}${where}: ${of.why.replace(/[.]+$/, '')}.`,
    ...(broken && { hint: broken.hint, cause: broken }),
  })
}

function refuseDifferent(columns: string[], what: string, at: string): void {
  if (columns.length === 0) return
  throw new Failure({
    reason: 'canary-differs',
    message: `The canary at ${at} came through changed: ${what} holds something else in ${columns.join(', ')}.`,
  })
}

function checkLatency(report: CanaryReport, maxLatencyMs: number | undefined): void {
  if (maxLatencyMs === undefined) return
  const late = report.times.flatMap(({ total }) =>
    total !== undefined && total > maxLatencyMs ? total : [],
  )
  if (late.length === 0) return
  throw new Failure({
    reason: 'latency-too-large',
    message: `${String(late.length)} of ${String(report.times.length)} canaries through ${report.relation} took longer than max-latency (${printDuration(maxLatencyMs)}): up to ${String(Math.max(...late))} ms.`,
    inputs: ['max-latency'],
  })
}

function timesText({ acknowledged, ingested, sunk }: CanaryTimes): string {
  const legs: [string, number | undefined][] = [
    ['acknowledged', acknowledged],
    ['ingested', ingested],
    ['sunk', sunk],
  ]
  return legs
    .flatMap(([leg, ms]) => (ms === undefined ? [] : `${leg} after ${String(ms)} ms`))
    .join(', ')
}
