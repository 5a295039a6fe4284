import { setTimeout as delay } from 'node:timers/promises'
import type { Catalog } from './catalog.ts'
import type { KafkaEngine, RunningSink } from './engine-port.ts'
import { connectionConfig, find, progressTopic, textOf } from './kafka-connection.ts'
import type { SinkItem } from './model.ts'
import { Mutex } from './mutex.ts'
import { counted, difference, messages, type Change, type SinkShape } from './sink-messages.ts'
import { hashedExpression } from './partition-by.ts'
import { Published } from './published.ts'
import { seahash } from './seahash.ts'
import { sinkEncoders, type SinkEncoders } from './sink-encoders.ts'
import type { Option } from './statements.ts'
import type { Statuses } from './statuses.ts'
import type { Rows } from './store.ts'

export interface SinkStatistics {
  messagesStaged: number
  messagesCommitted: number
  bytesStaged: number
  bytesCommitted: number
}

/** What changed at one time, which a sink writes as one transaction. */
interface Moment {
  changes: Change[]
  timestampMs: number
}

interface Export {
  item: SinkItem
  running: RunningSink | undefined
  run: number
  status: string
  /** Where it stands; where it began, until it has got anywhere. */
  frontier: number
  hasFrontier: boolean
  statistics: SinkStatistics
  published: Published<SinkStatistics>
  /** The relation's state at the last look, and what changed up to it and is still to be written. */
  seen: Map<string, number>
  generation: number
  skipNext: boolean
  queue: Moment[]
  /** Whether the relation could be read since the sink began. */
  fed: boolean
  encoders: SinkEncoders | undefined
  looking: Mutex
  stopping: AbortController
  loop: Promise<void>
}

export interface ExportParts {
  catalog: Catalog
  statuses: Statuses
  engine: KafkaEngine
  /** All rows of a relation, or nothing while it cannot be read. */
  read: (relationId: string) => Promise<Rows | undefined>
  /** Whether a relation is not complete up to now, so that nothing made from it is either. */
  isBehind: (relationId: string) => boolean
  /** The value of an expression for every row, by row. */
  evaluate: (relationId: string, expression: string) => Promise<Map<string, string | null>>
  /** Counts changes of any row. */
  generation: () => number
  statisticsIntervalMs: number
}

const NO_STATISTICS: SinkStatistics = {
  messagesStaged: 0,
  messagesCommitted: 0,
  bytesStaged: 0,
  bytesCommitted: 0,
}
const POLL_MS = 200
const RETRY_MS = 500
const NO_REPLICA = 'There is currently no replica running this sink'
type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export class Exports {
  private readonly parts: ExportParts
  private readonly all = new Map<string, Export>()

  constructor(parts: ExportParts) {
    this.parts = parts
  }

  start(item: SinkItem): void {
    const made: Export = {
      item,
      running: undefined,
      run: 0,
      status: 'created',
      frontier: Date.now(),
      hasFrontier: false,
      statistics: NO_STATISTICS,
      published: new Published(
        NO_STATISTICS,
        () => made.statistics,
        this.parts.statisticsIntervalMs,
      ),
      seen: new Map(),
      generation: -1,
      skipNext: false,
      queue: [],
      fed: false,
      encoders: undefined,
      looking: new Mutex(),
      stopping: new AbortController(),
      loop: Promise.resolve(),
    }
    this.all.set(item.id, made)
    const snapshot = find(item.statement.with, 'SNAPSHOT')
    const skipSnapshot = snapshot?.is === 'boolean' && !snapshot.value
    this.resume(made, skipSnapshot)
  }

  private resume(made: Export, skipFirst: boolean): void {
    const { catalog, engine, statuses } = this.parts
    const { item } = made
    const cluster = catalog.clusters.get(item.clusterId)!
    if (cluster.replicas.length === 0) {
      made.status = 'paused'
      statuses.record({ id: item.id, of: 'sink' }, { status: 'paused', hints: [NO_REPLICA] })
      return
    }
    const run = ++made.run
    const current = () => made.run === run
    made.stopping = new AbortController()
    // Anew, since the relation may be another one now, and the registry's secrets too.
    made.encoders = undefined
    made.fed = false
    const config = {
      ...this.config(item),
      isFed: () => made.fed && !this.parts.isBehind(item.fromId),
    }
    made.running = engine.startSink(config, {
      status: (status, error, hints) => {
        if (!current()) return
        made.status = status
        statuses.record(
          { id: item.id, of: 'sink' },
          {
            status,
            replicaId: cluster.replicas[0]?.id ?? '',
            ...(error === undefined ? {} : { error }),
            ...(hints === undefined ? {} : { hints }),
          },
        )
      },
      frontier: (ms) => {
        if (!current()) return
        made.frontier = Math.max(made.frontier, ms)
        made.hasFrontier = true
      },
      statistics: (statistics) => {
        if (current()) made.statistics = statistics
      },
    })
    made.loop = this.follow(made, made.running, skipFirst).catch((error: unknown) => {
      // A row that cannot be written stops the sink for good, visibly.
      statuses.record({ id: item.id, of: 'sink' }, { status: 'stalled', error: String(error) })
    })
  }

  private config(item: SinkItem): Parameters<KafkaEngine['startSink']>[0] {
    const { catalog } = this.parts
    const connection = catalog.item(item.connectionId)
    if (connection.type !== 'connection') throw new Error('a sink without its connection')
    const { options } = item.statement
    const id = `${catalog.environmentId}-${item.connectionId}-${item.id}`
    const replication = number(connection.options, 'PROGRESS TOPIC REPLICATION FACTOR')
    const partitionCount = number(options, 'TOPIC PARTITION COUNT')
    const replicationFactor = number(options, 'TOPIC REPLICATION FACTOR')
    const topicConfig = find(options, 'TOPIC CONFIG')
    return {
      connection: connectionConfig(catalog, connection.options),
      topic: item.topic,
      progressTopic: progressTopic(catalog, connection),
      transactionalId: `${text(options, 'TRANSACTIONAL ID PREFIX') ?? ''}materialize-${id}`,
      progressGroupId: `${text(options, 'PROGRESS GROUP ID PREFIX') ?? ''}materialize-${id}`,
      compression: (text(options, 'COMPRESSION TYPE') ?? 'lz4').toLowerCase() as Compression,
      topicConfig:
        topicConfig?.is === 'map'
          ? Object.fromEntries(
              topicConfig.entries.map(([key, value]) => [key, textOf(value, 'TOPIC CONFIG')]),
            )
          : {},
      ...(replication === undefined ? {} : { progressTopicReplicationFactor: replication }),
      ...(partitionCount === undefined ? {} : { partitionCount }),
      ...(replicationFactor === undefined ? {} : { replicationFactor }),
    }
  }

  /** Writes what changes, a moment at a time, until stopped. A failed write is tried again whole. */
  private async follow(made: Export, running: RunningSink, skipFirst: boolean): Promise<void> {
    const { signal } = made.stopping
    made.skipNext = skipFirst
    made.generation = -1
    while (!signal.aborted && made.encoders === undefined) await this.prepare(made)
    while (!signal.aborted) {
      await this.look(made)
      while (!signal.aborted && made.queue.length > 0) {
        if (!(await this.write(made, running, made.queue[0]!))) break
        made.queue.shift()
      }
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Registers the sink's schemas; while that fails the sink is stalled. */
  private async prepare(made: Export): Promise<void> {
    const { catalog, statuses } = this.parts
    const { item } = made
    try {
      const { columns } = catalog.relation(item.fromId)
      made.encoders = await sinkEncoders(catalog, item, columns)
    } catch (error) {
      statuses.record(
        { id: item.id, of: 'sink' },
        { status: 'stalled', error: `kafka: ${(error as Error).message}` },
      )
      await delay(RETRY_MS, undefined, { signal: made.stopping.signal }).catch(() => undefined)
    }
  }

  /** Notes what has changed since the last look. */
  private look(made: Export): Promise<void> {
    return made.looking.run(async () => {
      const generation = this.parts.generation()
      if (generation === made.generation) return
      const rows = await this.parts.read(made.item.fromId)
      if (rows === undefined) return
      made.fed = true
      const now = counted(rows.rows)
      const changes = difference(made.seen, now)
      made.seen = now
      made.generation = generation
      if (changes.length > 0 && !made.skipNext) {
        made.queue.push({ changes, timestampMs: Date.now() })
      }
      made.skipNext = false
    })
  }

  /** Right after a write to a table, so that writes in quick succession stay separate moments. */
  async lookAll(): Promise<void> {
    await Promise.all([...this.all.values()].map((made) => this.look(made)))
  }

  private async write(made: Export, running: RunningSink, moment: Moment): Promise<boolean> {
    const { changes, timestampMs } = moment
    const batch = messages(await this.shape(made), changes, timestampMs)
    try {
      await running.write(batch, timestampMs)
      return true
    } catch {
      // The engine has said why through its status.
      return false
    }
  }

  private async shape({ item, encoders }: Export): Promise<SinkShape> {
    const { columns } = this.parts.catalog.relation(item.fromId)
    const shape: SinkShape = { statement: item.statement, columns, encoders: encoders! }
    const partitionBy = find(item.statement.options, 'PARTITION BY')
    if (partitionBy?.is === 'expression') {
      const hashed = hashedExpression(partitionBy.sql)
      const values = await this.parts.evaluate(item.fromId, hashed ?? partitionBy.sql)
      shape.partition = (row) => {
        const value = values.get(JSON.stringify(row))
        if (value === undefined || value === null) return undefined
        return hashed === undefined
          ? BigInt(value.replace(/\..*$/, ''))
          : seahash(Buffer.from(value))
      }
    }
    return shape
  }

  frontier(id: string): number {
    return this.all.get(id)?.frontier ?? 0
  }

  statistics(id: string): SinkStatistics | undefined {
    return this.all.get(id)?.published.get()
  }

  isHydrated(id: string): boolean {
    const made = this.all.get(id)
    return made?.status === 'running' && made.hasFrontier
  }

  async stop(id: string): Promise<void> {
    const made = this.all.get(id)
    this.all.delete(id)
    if (made !== undefined) await this.halt(made)
  }

  private async halt(made: Export): Promise<void> {
    made.run++
    made.stopping.abort()
    await made.running?.stop()
    made.running = undefined
    await made.loop
  }

  /** After a change of replicas, of a connection or of the relation it reads. */
  async restart(which: (item: SinkItem) => boolean, skipFirst = false): Promise<void> {
    for (const made of this.all.values()) {
      if (!which(made.item)) continue
      await this.halt(made)
      this.resume(made, skipFirst)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all.keys()].map((id) => this.stop(id)))
  }
}

function text(options: Option[], name: string): string | undefined {
  const value = find(options, name)
  return value === undefined ? undefined : textOf(value, name)
}

function number(options: Option[], name: string): number | undefined {
  const value = text(options, name)
  return value === undefined ? undefined : Number(value)
}
