import { apply } from './apply.ts'
import { progressRelations, readCatalog } from './catalog.ts'
import { type Deadline, waitingPart } from './core/deadline.ts'
import { describeFailure, Failure, toFailure } from './core/failure.ts'
import type { Inputs, PartitionOffset, QualifiedName } from './core/model.ts'
import { findObject, type Observed, sameName } from './core/observed.ts'
import { plan, type Plan } from './core/plan.ts'
import { fail, type Report } from './core/report.ts'
import { qualified, setCluster } from './core/sql.ts'
import type { Clock, Kafka, KafkaView, Log, Materialize, MaterializeSession } from './ports.ts'
import { openReader } from './reader.ts'
import { decodeMessage, sampleRows, waitForRows } from './sample.ts'
import { failureOf, type Outcome, serverTime, waitForProof, type Watched } from './wait.ts'

/** Everything outside that a run talks to. */
export interface Edges {
  materialize: Materialize
  /** Undefined when the runner is not to look at Kafka. */
  kafka?: Kafka
  clock: Clock
  log: Log
  deadline: Deadline
  /** Marks what this run makes: `owner/name`. */
  repository: string
}

/**
 * Makes the source and sink of the inputs be there, waits until they are shown to work, and reads
 * rows. Never rejects: what went wrong is in the report, beside what was done until then.
 */
export async function provision(inputs: Inputs, edges: Edges, report: Report): Promise<void> {
  const sessions: MaterializeSession[] = []
  const begun = edges.clock.now()
  try {
    const run = new Run(inputs, edges, { report, sessions })
    await run.work()
  } catch (thrown) {
    // The first thing that went wrong is the one to report.
    if (!report.failure) fail(report, toFailure(thrown))
  } finally {
    await Promise.all([...sessions.map((session) => session.close()), edges.kafka?.close()])
    report.durationMs = edges.clock.now() - begun
  }
}

class Run {
  readonly #inputs: Inputs
  readonly #edges: Edges
  readonly #report: Report
  readonly #sessions: MaterializeSession[]

  constructor(
    inputs: Inputs,
    edges: Edges,
    of: { report: Report; sessions: MaterializeSession[] },
  ) {
    this.#inputs = inputs
    this.#edges = edges
    this.#report = of.report
    this.#sessions = of.sessions
  }

  async work(): Promise<void> {
    const { spec } = this.#inputs
    const { log } = this.#edges
    this.#report.sourceTopic = spec.sources[0]?.topic ?? ''
    this.#report.sinkTopic = spec.sinks[0]?.topic ?? ''

    const view = await this.#lookAtKafka()
    log.group('Materialize')
    // The cluster is set once the catalog has shown that there is one of that name.
    const session = await this.#open('provision', undefined)
    this.#report.materializeVersion = session.version
    log.info(`Materialize ${session.version}`)
    const observed = await readCatalog(session, spec)
    const planned = this.#plan(observed)
    for (const note of planned.notes) this.#note(note)
    if (this.#inputs.cluster !== undefined) await session.query(setCluster(this.#inputs.cluster))
    const since = await serverTime(session)
    await this.#createTopics(view)
    const { raced } = await apply(planned, { ...this.#edges, session, report: this.#report })

    log.group('Waiting for data')
    const sight = this.#sameKafka(observed, view)
    const outcomes = await this.#prove({ session, observed, planned, since, raced, view: sight })
    // What is broken explains what is late, and never the other way round.
    const broken = outcomes.find((outcome) => outcome.verdict.state === 'broken')
    const failure = broken ? failureOf(broken) : outcomes.map(failureOf).find((late) => late)
    if (failure) fail(this.#report, failure)
    // A stalled source answers no SELECT; what else is in doubt may still have rows to show.
    if (!broken) {
      await this.#readRows(session)
      await this.#readSinkTopic(sight)
    }
    if (!this.#report.failure) this.#report.status = 'healthy'
  }

  #plan(observed: Observed): Plan {
    const planned = plan(this.#inputs.spec, observed, this.#edges.repository)
    if (planned.refusals.length > 0) throw combine(planned.refusals)
    return planned
  }

  /**
   * What the runner saw of Kafka, unless the connection in Materialize leads to another one: the
   * watermarks of one Kafka prove nothing of a source that reads a different one.
   */
  #sameKafka(observed: Observed, view: KafkaView | undefined): KafkaView | undefined {
    const [connection] = this.#inputs.spec.connections
    const there = connection && findObject(observed, connection.name)?.connection?.brokers
    if (!view || !connection || !there || there.length === 0) return view
    const seen = new Set([...connection.kafka.brokers, ...view.brokers])
    if (there.some((broker) => seen.has(broker))) return view
    this.#note(
      `Connection ${qualified(connection.name)} leads to brokers that this runner did not look at: nothing it saw of Kafka is held against Materialize.`,
    )
    return undefined
  }

  /** The runner’s own look: it answers in milliseconds what Materialize needs ten seconds for. */
  async #lookAtKafka(): Promise<KafkaView | undefined> {
    const { spec, kafkaCheck } = this.#inputs
    const { kafka, log } = this.#edges
    if (!kafka || kafkaCheck === 'never') return undefined
    log.group('Kafka')
    let view: KafkaView
    try {
      view = await this.#lookPatiently(kafka)
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (kafkaCheck === 'always' || !UNREACHABLE.has(failure.reason)) throw failure
      this.#note(
        `This runner does not reach Kafka, so Materialize’s view alone counts: ${failure.message}`,
      )
      return undefined
    }
    this.#report.kafka.seen = true
    this.#report.kafka.brokers = view.brokers
    for (const topic of view.topics) {
      this.#report.kafka.topics.push({
        name: topic.name,
        exists: topic.exists,
        partitions: topic.partitions,
      })
      log.info(
        topic.exists
          ? `Topic ${topic.name}: ${String(topic.partitions)} partition(s)`
          : `Topic ${topic.name}: not there`,
      )
    }
    for (const source of spec.sources) {
      const topic = view.topics.find((candidate) => candidate.name === source.topic)
      if (topic?.failure) throw topic.failure
      const mayCreate = spec.topics.some((candidate) => candidate.name === source.topic)
      if (topic && !topic.exists && !mayCreate) {
        throw new Failure({
          reason: 'topic-unknown',
          message: `There is no topic ${source.topic} in Kafka.`,
          inputs: ['topic'],
        })
      }
    }
    return view
  }

  /** A partition without a leader gets one within moments, mostly. */
  async #lookPatiently(kafka: Kafka): Promise<KafkaView> {
    const { clock, deadline } = this.#edges
    for (let again = 0; ; again++) {
      const view = await kafka.look(topicsOf(this.#inputs))
      const passing = view.topics.some((topic) => topic.failure?.retriable)
      if (!passing || again === 3 || deadline.remainingMs() < 1_000) return view
      await clock.sleep(300, deadline.signal)
    }
  }

  async #createTopics(view: KafkaView | undefined): Promise<void> {
    const { kafka, log } = this.#edges
    for (const topic of this.#inputs.spec.topics) {
      const seen = view?.topics.find((candidate) => candidate.name === topic.name)
      if (seen?.exists) continue
      if (!kafka || !view) {
        this.#note(`Topic ${topic.name} was not looked for: this runner does not see Kafka.`)
        continue
      }
      log.info(`Creating topic ${topic.name}`)
      if (!(await kafka.createTopic(topic))) continue
      this.#report.changes.push({ object: topic.name, kind: 'topic', action: 'create' })
      // A topic made a moment ago is empty.
      if (seen) {
        seen.exists = true
        seen.partitions = topic.partitions
        seen.watermarks = Array.from({ length: topic.partitions }, (_, partition) => ({
          partition,
          offset: 0n,
        }))
      }
    }
  }

  async #prove(of: {
    session: MaterializeSession
    observed: Observed
    planned: Plan
    since: bigint
    raced: boolean
    view: KafkaView | undefined
  }): Promise<Outcome[]> {
    const { spec } = this.#inputs
    const made = of.planned.steps.some((step) => step.action === 'create')
    const observed = made ? await readCatalog(of.session, spec) : of.observed
    // What another run made under our names must be what was asked for.
    if (of.raced) this.#plan(observed)
    const watched = await this.#watched(observed, of)
    const after = await serverTime(of.session)
    const deadline = waitingPart(this.#edges.deadline)
    const outcomes = await waitForProof(
      watched,
      { since: of.since, after },
      {
        ...this.#edges,
        session: of.session,
        deadline,
        reader: openReader(() => this.#open('rows', this.#inputs.cluster)),
      },
    )
    for (const outcome of outcomes) this.#record(outcome)
    return outcomes
  }

  async #watched(
    observed: Observed,
    of: { session: MaterializeSession; view: KafkaView | undefined },
  ): Promise<Watched[]> {
    const { spec } = this.#inputs
    const idOf = (name: QualifiedName): string => {
      const id = findObject(observed, name)?.id
      if (id !== undefined) return id
      throw new Failure({
        reason: 'relation-unknown',
        message: `${qualified(name)} was there a moment ago and is gone: another run may have dropped it.`,
      })
    }
    const ids = spec.sources.map((source) => idOf(source.name))
    const progress = await progressRelations(of.session, ids, observed)
    const sources = spec.sources.map((source): Watched => {
      const id = idOf(source.name)
      const relation = progress.get(id)
      const watermarks = watermarksOf(of.view, source.topic)
      return {
        kind: 'source',
        id,
        name: source.name,
        ...(relation ? { progressRelation: relation } : {}),
        expected: { rowsSeen: false, ...(watermarks ? { watermarks } : {}) },
      }
    })
    const sinks = spec.sinks.map((sink): Watched => ({
      kind: 'sink',
      id: idOf(sink.name),
      name: sink.name,
    }))
    return [...sources, ...sinks]
  }

  #record(outcome: Outcome): void {
    const { watched, verdict, status } = outcome
    const object = this.#report.objects.find(
      (candidate) => candidate.kind === watched.kind && sameName(candidate.name, watched.name),
    )
    if (!object) return
    object.status = status
    object.verdict = verdict.state === 'waiting' ? 'not proven' : verdict.state
    object.because =
      verdict.state === 'proven'
        ? verdict.because
        : verdict.state === 'waiting'
          ? verdict.why
          : verdict.failure.message
    this.#edges.log.info(
      `${watched.kind} ${qualified(watched.name)}: ${object.verdict}, ${object.because}`,
    )
  }

  async #readRows(session: MaterializeSession): Promise<void> {
    const { spec, minRows, sampleRows: limit } = this.#inputs
    const relation = spec.sources[0]?.name ?? spec.sinks[0]?.from
    if (!relation || (limit === 0 && minRows === 0)) return
    const { rows } = this.#report
    rows.relation = relation
    let counted = 0
    if (minRows > 0) {
      this.#edges.log.info(`Waiting for ${String(minRows)} row(s) in ${qualified(relation)}`)
      const of = { relation, minRows }
      counted = await waitForRows(of, session, waitingPart(this.#edges.deadline))
      rows.count = counted
    }
    const sample = await sampleRows({ relation, limit }, session)
    rows.sample = sample.rows
    rows.more = sample.more
    rows.count = Math.max(counted, sample.rows.length)
    this.#edges.log.info(`Read ${String(sample.rows.length)} row(s) of ${qualified(relation)}`)
    if (rows.count < minRows && !this.#report.failure) {
      fail(
        this.#report,
        new Failure({
          reason: 'rows-missing',
          message: `Time ran out at ${String(rows.count)} of ${String(minRows)} row(s) in ${qualified(relation)}.`,
          inputs: ['min-rows', 'timeout'],
        }),
      )
    }
  }

  /** Reads back what the sink wrote. That the credential may not is no failure of the pipeline. */
  async #readSinkTopic(view: KafkaView | undefined): Promise<void> {
    const sink = this.#inputs.spec.sinks[0]
    const { kafka, log } = this.#edges
    if (!sink || !kafka || !view || this.#inputs.sampleRows === 0) return
    try {
      const [topic] = (await kafka.look([sink.topic])).topics
      if (topic?.failure) throw topic.failure
      if (!topic?.exists || !topic.watermarks || !topic.lows) {
        this.#note(`The sink’s topic ${sink.topic} is not there yet.`)
        return
      }
      const tail = await kafka.tail({
        topic: sink.topic,
        upTo: topic.watermarks,
        lows: topic.lows,
        limit: this.#inputs.sampleRows,
      })
      this.#report.sinkMessages = tail.messages.map(decodeMessage)
      log.info(`Read ${String(tail.messages.length)} message(s) of topic ${sink.topic}`)
      if (!tail.complete) this.#note(`Time ran out while reading topic ${sink.topic}.`)
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (failure.reason === 'cancelled' || failure.reason === 'internal') throw failure
      this.#note(`The sink’s topic was not read: ${describeFailure(failure)}`)
    }
  }

  async #open(purpose: string, cluster: string | undefined): Promise<MaterializeSession> {
    const session = await this.#edges.materialize.open(purpose)
    this.#sessions.push(session)
    if (cluster !== undefined) await session.query(setCluster(cluster))
    return session
  }

  #note(text: string): void {
    this.#report.notes.push(text)
    this.#edges.log.notice(text)
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set(['kafka-host-unknown', 'kafka-unreachable'])

function topicsOf(inputs: Inputs): string[] {
  const { sources, sinks } = inputs.spec
  return [
    ...new Set([...sources.map((source) => source.topic), ...sinks.map((sink) => sink.topic)]),
  ]
}

function watermarksOf(view: KafkaView | undefined, topic: string): PartitionOffset[] | undefined {
  return view?.topics.find((candidate) => candidate.name === topic)?.watermarks
}

/** Several refusals as one failure: the user mends them together. */
function combine(refusals: Failure[]): Failure {
  const [first, ...others] = refusals
  if (!first || others.length === 0)
    return first ?? new Failure({ reason: 'internal', message: '' })
  return new Failure({
    reason: first.reason,
    message: refusals.map((refusal) => refusal.message).join(' '),
    hint: first.hint,
    inputs: [...new Set(refusals.flatMap((refusal) => refusal.inputs))],
  })
}
