import { apply, type ApplyEdges } from './apply.ts'
import { progressRelations } from './catalog.ts'
import { QUIET_MS, waitingPart, waitText } from './core/deadline.ts'
import { describeFailure, Failure, toFailure } from './core/failure.ts'
import type { QualifiedName } from './core/model-object.ts'
import { findObject, type Observed, sameName } from './core/observed.ts'
import { fail } from './core/report.ts'
import type { Decoding, SourceSpec, TableSpec } from './core/model-source.ts'
import type { Spec } from './core/model.ts'
import { headersColumn } from './core/source-columns.ts'
import { startOf } from './core/source-differences.ts'
import { hasRows } from './core/sql-source.ts'
import { firstRows, qualified } from './core/sql.ts'
import { checkExpectations } from './expect.ts'
import { beginsBeyond, lookAgain, note, observe, watermarksOf } from './observe.ts'
import { makeAcls } from './grants.ts'
import { openReader } from './reader.ts'
import { combine, type Planned, type Work } from './work.ts'
import { settled } from './settling.ts'
import { decodeMessage, sampleRows, waitForRows } from './sample.ts'
import { sendAskedCanaries } from './canary.ts'
import { copyRecords } from './copy.ts'
import { produceRecords } from './produce.ts'
import { makeTopics } from './topics.ts'
import { failureOf, type Outcome, serverTime, waitForProof, type Watched } from './wait.ts'

/** Makes everything be there, waits until sources and sinks are shown to work, and reads rows. */
export async function provision(planned: Planned, work: Work): Promise<void> {
  const { edges, report, session, inputs } = work
  edges.beforeMaking?.()
  const since = await serverTime(session)
  const applying: ApplyEdges = {
    ...edges,
    session,
    report,
    open: (purpose) => work.open(purpose),
    maxParallel: inputs.maxParallel,
    makeTopics: async () => {
      await makeAcls(planned, work)
      await makeTopics(planned, work)
      await copyRecords(work.observed, work)
    },
  }
  const { raced } = await apply(planned, applying)
  const changed = report.changes.length > 0 || raced
  const look = () => observe(inputs, session, work.sights)
  const seen = changed ? await look() : work.observed
  const observed = raced ? await settled(seen, { ...work, observe: look }) : seen
  if (raced) {
    // What another run made under our names must be what was asked for.
    const again = work.plan(observed).refusals
    if (again.length > 0) throw combine(again)
  }
  await produceRecords(work)
  edges.log.group('Waiting for data')
  const outcomes = await prove(work, { observed, since })
  // What is broken explains what is late, and never the other way round.
  const broken = outcomes.find((outcome) => outcome.verdict.state === 'broken')
  const failure = broken ? failureOf(broken) : outcomes.map(failureOf).find((late) => late)
  if (failure) fail(report, failure)
  // A stalled source answers no SELECT; what else is in doubt may still have rows to show.
  await checkExpectations(work)
  if (!broken) {
    await readRows(work, observed)
    await readSinkTopic(work)
    await tryReading(work, observed)
  }
  await sendAskedCanaries(work)
}

async function prove(work: Work, of: { observed: Observed; since: bigint }): Promise<Outcome[]> {
  const { edges, session } = work
  await lookAgain(work.inputs, work.sights, edges)
  const watched = await watchedOf(work, of.observed)
  const after = await serverTime(session)
  const outcomes = await waitForProof(
    watched,
    { since: of.since, after },
    {
      ...edges,
      session,
      deadline: waitingPart(edges.deadline),
      reader: openReader(() => work.open('rows')),
    },
  )
  for (const outcome of outcomes) record(outcome, work)
  return outcomes
}

async function watchedOf(work: Work, observed: Observed): Promise<Watched[]> {
  const { sources, sinks } = work.inputs.spec
  const idOf = (name: QualifiedName): string => {
    const id = findObject(observed, name)?.id
    if (id !== undefined) return id
    throw new Failure({
      reason: 'relation-unknown',
      message: `${qualified(name)} was there a moment ago and is gone: another run may have dropped it.`,
    })
  }
  const ids = sources.map((source) => idOf(source.name))
  const progress = await progressRelations(work.session, observed, ids)
  return [
    ...sources.map((source): Watched => {
      const id = idOf(source.name)
      // Without rows of its own, the source’s own relation is its progress.
      const relation = hasRows(source) ? progress.get(id) : source.name
      const watermarks = watermarksOf(
        work.sights,
        source,
        startOf(findObject(observed, source.name)),
      )
      return {
        kind: 'source',
        id,
        name: source.name,
        rows: rowsOf(source, work.inputs.spec).map(({ name }) => name),
        ...(relation ? { progressRelation: relation } : {}),
        expected: { rowsSeen: false, ...(watermarks ? { watermarks } : {}) },
      }
    }),
    ...sinks.map((sink): Watched => ({ kind: 'sink', id: idOf(sink.name), name: sink.name })),
  ]
}

function record(outcome: Outcome, { report, edges }: Work): void {
  const { watched, verdict, status } = outcome
  const object = report.objects.find(
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
  edges.log.info(`${watched.kind} ${qualified(watched.name)}: ${object.verdict}, ${object.because}`)
}

/** Where a source’s rows are: its own relation, or the tables made from it. */
function rowsOf(source: SourceSpec, spec: Spec): ((SourceSpec & Decoding) | TableSpec)[] {
  return hasRows(source) ? [source] : spec.tables.filter((one) => sameName(one.source, source.name))
}

/** Such a source may leave its readers without an answer until it has got to where it begins. */
function isAhead(source: SourceSpec, { sights }: Work, observed: Observed): boolean {
  return beginsBeyond(sights, source, startOf(findObject(observed, source.name)))
}

/** Says every few seconds how many rows there are. */
function countTeller(
  { relation, minRows }: { relation: QualifiedName; minRows: number },
  { clock, deadline, log }: Work['edges'],
): (count: bigint) => void {
  const begun = clock.now()
  let nextWord = begun + QUIET_MS
  return (count) => {
    const now = clock.now()
    if (now < nextWord) return
    nextWord = now + QUIET_MS
    const time = waitText(now - begun, waitingPart(deadline).remainingMs())
    log.info(
      `Waiting for rows: ${String(count)} of ${String(minRows)} in ${qualified(relation)} (${time})`,
    )
  }
}

/** Rows of the first source, or of what the first sink reads. */
async function readRows(work: Work, observed: Observed): Promise<void> {
  const { inputs, edges, report, session } = work
  const { spec, minRows, sampleRows: limit } = inputs
  const [source] = spec.sources
  const read = source && rowsOf(source, spec)[0]
  const relation = read?.name ?? spec.sinks[0]?.from
  if (!relation || (limit === 0 && minRows === 0)) return
  edges.log.group('Reading rows')
  const { rows } = report
  rows.relation = relation
  if (minRows === 0 && source && isAhead(source, work, observed)) {
    note(`${qualified(relation)} begins behind the last record: it has no rows yet.`, work)
    return
  }
  let counted = 0
  if (minRows > 0) {
    edges.log.info(`Waiting for ${String(minRows)} row(s) in ${qualified(relation)}`)
    const counting = { relation, minRows, counted: countTeller({ relation, minRows }, edges) }
    counted = await waitForRows(counting, session, waitingPart(edges.deadline))
    rows.count = counted
  }
  const headers = read && headersColumn(read)
  const sample = await sampleRows(
    { relation, limit, ...(headers !== undefined && { headers }) },
    session,
  )
  rows.sample = sample.rows
  rows.more = sample.more
  rows.count = Math.max(counted, sample.rows.length)
  edges.log.info(`Read ${String(sample.rows.length)} row(s) of ${qualified(relation)}`)
  if (rows.count >= minRows || report.failure) return
  fail(
    report,
    new Failure({
      reason: 'rows-missing',
      message: `Time ran out at ${String(rows.count)} of ${String(minRows)} row(s) in ${qualified(relation)}.`,
      inputs: ['min-rows', 'timeout'],
    }),
  )
}

/**
 * Reads one row of every source whose rows were not read yet: one record that does not fit the format
 * fails every reading, and no status tells of it.
 */
async function tryReading(work: Work, observed: Observed): Promise<void> {
  const { inputs, report } = work
  const relations = inputs.spec.sources
    .filter((source) => !isAhead(source, work, observed))
    .flatMap((source) => rowsOf(source, inputs.spec))
    .map(({ name }) => name)
    .filter((name) => !report.rows.relation || !sameName(name, report.rows.relation))
  const reader = openReader(() => work.open('rows'))
  for (const relation of relations) {
    let answer
    try {
      answer = await reader.read(firstRows(relation, 1))
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (failure.reason !== 'rows-undecodable') throw failure
      const message = `${qualified(relation)} cannot be read: ${failure.message}`
      throw new Failure({ reason: failure.reason, message, cause: failure })
    }
    // One that does not answer says that others will not either, and each would take its time.
    if ('blind' in answer) return
  }
}

/** Reads back what the first sink wrote. That the credential may not is no failure of the pipeline. */
async function readSinkTopic(work: Work): Promise<void> {
  const { inputs, edges, report, sights } = work
  const sink = inputs.spec.sinks[0]
  const kafka = sink && sights.of(sink.connection)?.kafka
  if (!sink || !kafka || inputs.sampleRows === 0) return
  try {
    const [topic] = (await kafka.look([sink.topic])).topics
    if (topic?.failure) throw topic.failure
    if (!topic?.exists || !topic.watermarks || !topic.lows) {
      note(`The sink’s topic ${sink.topic} is not there yet.`, work)
      return
    }
    const tail = await kafka.tail({
      topic: sink.topic,
      upTo: topic.watermarks,
      lows: topic.lows,
      limit: inputs.sampleRows,
    })
    report.sinkMessages = tail.messages.map((message) => decodeMessage(message, sink))
    edges.log.info(`Read ${String(tail.messages.length)} message(s) of topic ${sink.topic}`)
    if (!tail.complete) note(`Time ran out while reading topic ${sink.topic}.`, work)
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (failure.reason === 'cancelled' || failure.reason === 'internal') throw failure
    note(`The sink’s topic was not read: ${describeFailure(failure)}`, work)
  }
}
