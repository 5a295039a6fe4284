import { randomBytes } from 'node:crypto'
import { apply } from './apply.ts'
import { environmentOf, named, readCatalog, selectionOf } from './catalog.ts'
import { type CanaryName, canaryName, canaryPrefix, readCanaryName } from './core/canary-names.ts'
import { type Deadline, uncutDeadline } from './core/deadline.ts'
import { describeFailure, Failure, toFailure } from './core/failure.ts'
import { groupOf } from './core/leavings.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { SinkSpec } from './core/model-sink.ts'
import type { SourceSpec } from './core/model-source.ts'
import { type Inputs, specOf } from './core/model.ts'
import { findObject, type ObservedObject } from './core/observed.ts'
import { plan } from './core/planner.ts'
import { defaultReplicationFactor } from './core/presets.ts'
import { type Report, startReport } from './core/report.ts'
import { objectsBeginning } from './core/sql-canary.ts'
import { dropAny, qualified } from './core/sql.ts'
import type { Kafka, KafkaUpkeep, MaterializeSession } from './ports.ts'
import { combine, type Edges } from './work.ts'

/** How long a canary’s things are left alone by other runs, beyond the run’s own time. */
const SPARED_MS = 10 * 60_000
/** What cleaning up may take after the run’s time has passed, or after a cancellation. */
const CLEANING_MS = 5_000
/** Statements and topics of a canary are few, and the server is asked once more if DDL collides. */
const TRIES = 3
/** After a cancellation, how long a statement or request may still take to have its effect. */
const LATE_MS = 300

export interface IsolatedAsked {
  connection: ConnectionSpec
  cluster?: string
  /** Where source and sink are made. */
  within: Omit<QualifiedName, 'name'>
}

export interface Isolated {
  source: SourceSpec
  /** Absent where Kafka has no transactions. */
  sink?: SinkSpec
}

export function newCanary(timeoutMs: number, now: number): CanaryName {
  return { id: randomBytes(6).toString('hex'), until: now + timeoutMs + SPARED_MS }
}

export function isolatedParts(
  asked: IsolatedAsked,
  of: { name: CanaryName; repository: string; transactions: boolean },
): Isolated {
  const input = canaryName(of.repository, of.name, 'in')
  const output = canaryName(of.repository, of.name, 'out')
  const place = {
    connection: asked.connection.name,
    ...(asked.cluster !== undefined && { cluster: asked.cluster }),
  }
  const source: SourceSpec = {
    ...place,
    name: { ...asked.within, name: input },
    topic: input,
    format: 'json',
  }
  if (!of.transactions) return { source }
  const sink: SinkSpec = {
    ...{ ...place, name: { ...asked.within, name: output }, from: source.name, topic: output },
    ...{ format: 'json', envelope: 'debezium', key: [] },
  }
  return { source, sink }
}

/** Makes both topics, the source and the sink, with the mark of a canary. */
export async function makeIsolated(
  { source, sink }: Isolated,
  asked: IsolatedAsked,
  of: {
    name: CanaryName
    edges: Edges
    report: Report
    inputs: Inputs
    kafka: Kafka
    open(purpose: string): Promise<MaterializeSession>
  },
): Promise<void> {
  const { edges, report, name, kafka } = of
  const spec = specOf({ sources: [source], sinks: sink ? [sink] : [] })
  const session = await of.open('canary')
  const observed = await readCatalog(session, selectionOf(spec))
  const planned = plan(spec, observed, {
    ...{ repository: edges.repository, adopt: false, prune: false },
    mayReplace: () => false,
    newTopics: () => [],
    canary: { id: name.id, until: new Date(name.until).toISOString() },
  })
  if (planned.refusals.length > 0) throw combine(planned.refusals)
  // What a canary makes is gone again with it: it is no change of the run’s.
  const own: Report = { ...startReport('', 'auto'), statements: report.statements }
  const replicationFactor = defaultReplicationFactor(asked.connection.kafka?.provider)
  const makeTopics = async (): Promise<void> => {
    for (const topic of [source.topic, ...(sink ? [sink.topic] : [])]) {
      edges.log.info(`Creating topic ${topic}`)
      await makeTopic({ name: topic, partitions: 1, replicationFactor }, kafka)
    }
  }
  await apply(planned, {
    ...{ ...edges, session, report: own, maxParallel: 1, makeTopics },
    open: (purpose) => of.open(purpose),
  })
}

async function makeTopic(topic: Parameters<Kafka['createTopic']>[0], kafka: Kafka): Promise<void> {
  try {
    await kafka.createTopic(topic)
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (failure.reason !== 'kafka-authorization') throw failure
    throw new Failure({
      reason: 'canary-unfit',
      message: `An isolated canary needs topics of its own, and the Kafka user may not create them: ${failure.message}`,
      hint: 'Grant the user Create, Read, Write, Describe and Delete on topics whose names begin with mka-canary-, or use canary: inline. Nothing was left behind.',
      cause: failure,
    })
  }
}

export interface Removing {
  inputs: Inputs
  edges: Edges
  connection: ConnectionSpec
}

/**
 * Removes what a canary made, on connections of its own, which no end of the run’s time and no
 * cancellation reaches. @returns what could not be removed.
 */
export async function removeIsolated(name: CanaryName, of: Removing): Promise<string[]> {
  const { edges } = of
  const remaining = edges.deadline.signal.aborted ? 0 : edges.deadline.remainingMs()
  const timeoutMs = Math.max(CLEANING_MS, remaining)
  const deadline = uncutDeadline(timeoutMs, edges.clock)
  const once = (): Promise<string[]> => remove((found) => found.id === name.id, { ...of, deadline })
  const removing = async (): Promise<string[]> => {
    const left = await once()
    if (!edges.deadline.signal.aborted) return left
    // What was under way at a cancellation may have been made since.
    await edges.clock.sleep(LATE_MS, deadline.signal)
    return once()
  }
  const work = removing()
  edges.hold(work)
  return work
}

/** Removes what is left of canaries of this repository whose time is over: those of killed runs. */
export async function sweepIsolated(of: Removing & { deadline: Deadline }): Promise<string[]> {
  const now = of.edges.clock.now()
  return remove(({ until }) => until < now, of)
}

/**
 * Removes all canaries of this repository on a connection that is to be dropped, be their time over or
 * not: they would be in its way. @returns what could not be removed.
 */
export async function clearIsolated(of: Removing & { deadline: Deadline }): Promise<string[]> {
  return remove(() => true, of)
}

/**
 * Sinks first, which would make their topics again; then topics, and groups, into which a source cannot
 * commit once its topic is gone; sources last: they alone tell what their groups are, and stay until
 * nothing else is left, wherever a run is killed.
 */
async function remove(
  isMeant: (name: CanaryName) => boolean,
  of: Removing & { deadline: Deadline },
): Promise<string[]> {
  const { edges, connection, deadline } = of
  const { repository, log } = edges
  const fresh = edges.within(deadline)
  const left: string[] = []
  const meant = (name: string): boolean => {
    const found = readCanaryName(repository, name)
    return found !== undefined && isMeant(found)
  }
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      left.push(`${what}: ${describeFailure(toFailure(thrown))}`)
    }
  }
  let session: MaterializeSession | undefined
  let found: Found = { sinks: [], sources: [], groups: [] }
  const dropAll = async (objects: ObservedObject[]): Promise<void> => {
    for (const object of objects) {
      log.info(`Dropping ${object.type} ${qualified(object.name)}`)
      if (session) await drop(session, object)
    }
  }
  const kafka = fresh.kafka(connection)
  try {
    await attempt('sinks and sources of the canary', async () => {
      session = await fresh.materialize.open('canary clean-up')
      found = await lookFor(session, { repository, meant, connection })
      await dropAll(found.sinks)
    })
    if (kafka) {
      await attempt('topics of the canary', () =>
        deleteTopics(meant, { repository, kafka, left, log }),
      )
      await attempt('consumer groups of the canary', () => deleteGroups(found.groups, kafka, left))
    }
    await attempt('sources of the canary', () => dropAll(found.sources))
  } finally {
    await Promise.all([session?.close(), kafka?.close()])
  }
  return left
}

interface Found {
  sinks: ObservedObject[]
  sources: ObservedObject[]
  /** The consumer groups in which they keep their offsets. */
  groups: string[]
}

interface LookingFor {
  repository: string
  meant: (name: string) => boolean
  connection: ConnectionSpec
}

async function lookFor(session: MaterializeSession, of: LookingFor): Promise<Found> {
  const { repository, meant } = of
  const rows = named(await session.query(objectsBeginning(canaryPrefix(repository))))
  const names = rows.map((row) => row['name'] ?? '').filter(meant)
  if (names.length === 0) return { sinks: [], sources: [], groups: [] }
  const observed = await readCatalog(session, {
    names: new Set([...names, of.connection.name.name]),
  })
  const environment = await environmentOf(session)
  const connection = findObject(observed, of.connection.name)
  // One that was killed before it could mark its object is known by the name alone.
  const ours = observed.objects.filter(
    (one) =>
      meant(one.name.name) &&
      (one.marker?.repository ?? repository) === repository &&
      // Those of other connections have their topics elsewhere.
      (one.source ?? one.sink)?.connectionId === connection?.id,
  )
  return {
    sinks: ours.filter(({ type }) => type === 'sink'),
    sources: ours.filter(({ type }) => type === 'source'),
    groups: connection ? ours.flatMap((one) => groupOf(one, connection, environment) ?? []) : [],
  }
}

async function drop(session: MaterializeSession, object: ObservedObject): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.query(dropAny(object.type, object.name))
      return
    } catch (thrown) {
      const failure = toFailure(thrown)
      if (failure.reason === 'relation-unknown') return
      if (!failure.retriable || attempt === TRIES) throw failure
    }
  }
}

async function deleteGroups(ids: string[], kafka: KafkaUpkeep, left: string[]): Promise<void> {
  if (ids.length === 0) return
  for (const { id, failure } of await kafka.deleteGroups({ ids })) {
    // Kafka forgets one without members by itself, now that its topic is gone.
    if (failure) left.push(`consumer group ${id}: ${failure.message}`)
  }
}

async function deleteTopics(
  meant: (name: string) => boolean,
  of: { repository: string; kafka: KafkaUpkeep; left: string[]; log: Edges['log'] },
): Promise<void> {
  const found = await of.kafka.listTopics(canaryPrefix(of.repository))
  const names = found.filter(meant)
  if (names.length === 0) return
  for (const { name, failure, deleted } of await of.kafka.deleteTopics(names)) {
    if (deleted) of.log.info(`Deleted topic ${name}`)
    if (failure) of.left.push(`topic ${name}: ${failure.message}`)
  }
}
