import { setTimeout as delay } from 'node:timers/promises'
import type { Catalog } from './catalog.ts'
import { compareErrors, UpsertState } from './upsert-state.ts'
import { DecodeFailure } from './decode-failure.ts'
import { isUpsert, layoutOf, type Layout } from './decode.ts'
import { registryClient } from './registry-client.ts'
import { recordText, type Cell } from './text-forms.ts'
import type { KafkaEngine, RunningSource, SourceEvents, SourceRecord } from './engine-port.ts'
import { canceled, planError } from './errors.ts'
import { connectionConfig, find, textOf } from './kafka-connection.ts'
import type { ConnectionItem, Decoding, SourceItem, TableItem } from './model.ts'
import { NO_STATISTICS, type SourceStatistics } from './source-statistics.ts'
import type { Statuses } from './statuses.ts'
import { offsetsAfter, Paces, sumOf } from './paces.ts'
import { Published } from './published.ts'
import { literal, type Store } from './store.ts'
import { parseDurationMs } from './durations.ts'

/** What has come of one source, or of one table made from a source. */
interface Ingestion {
  item: SourceItem | TableItem
  source: SourceItem
  decoding: Decoding
  /** Anew for each run, since it reads from registries with the secrets of the time. */
  layout: Layout | undefined
  running: RunningSource | undefined
  /** Counts restarts, so that late events of an earlier run are dropped. */
  run: number
  status: string
  definite: string | undefined
  progress: Map<number, bigint>
  errors: Set<string>
  upsert: UpsertState
  statistics: SourceStatistics
  published: Published<SourceStatistics>
  /** The offset to reach before the first read is answered. */
  snapshotEnd: bigint | undefined
  progressAt: number
  frontier: number
  /** Milliseconds since the epoch: until then more may wait than a slow source has taken in. */
  behindUntil: number
}

export interface IngestionParts {
  catalog: Catalog
  store: Store
  statuses: Statuses
  engine: KafkaEngine
  /** Called when rows have changed. */
  changed: () => void
  /** How often statistics are published: a minute in Materialize. */
  statisticsIntervalMs: number
}

const PAUSED = 'There is currently no replica running this source'
const DEFINITE = /source must be dropped and recreated/
const POLL_MS = 25
/** So long after a batch nothing more came, and a slow source has caught up. */
const QUIET_MS = 1_000

export class Ingestions {
  private readonly parts: IngestionParts
  private readonly all = new Map<string, Ingestion>()
  readonly paces = new Paces()

  constructor(parts: IngestionParts) {
    this.parts = parts
  }

  /** Begins to fill a relation, or to say that no replica does. */
  start(item: SourceItem | TableItem, startOffsets: bigint[]): void {
    const { catalog } = this.parts
    const source = item.type === 'source' ? item : (catalog.item(item.sourceId!) as SourceItem)
    const statement = item.statement!
    const progress = new Map(startOffsets.map((offset, partition) => [partition, offset]))
    const statistics = { ...NO_STATISTICS }
    const ingestion: Ingestion = {
      item,
      source,
      decoding: { ...statement },
      layout: undefined,
      running: undefined,
      run: 0,
      status: 'created',
      definite: undefined,
      progress,
      errors: new Set(),
      upsert: new UpsertState(),
      statistics,
      published: new Published(
        { ...NO_STATISTICS },
        () => ingestion.statistics,
        this.parts.statisticsIntervalMs,
      ),
      snapshotEnd: undefined,
      progressAt: 0,
      frontier: 0,
      behindUntil: 0,
    }
    this.all.set(item.id, ingestion)
    this.resume(ingestion)
  }

  private resume(ingestion: Ingestion): void {
    const { catalog, engine } = this.parts
    const { source } = ingestion
    const cluster = catalog.clusters.get(source.clusterId!)!
    if (cluster.replicas.length === 0) {
      this.report(ingestion, { status: 'paused', hints: [PAUSED] })
      return
    }
    const connection = catalog.item(source.connectionId!)
    if (connection.type !== 'connection') return
    ingestion.layout = this.layout(ingestion.decoding)
    ingestion.behindUntil = 0
    const run = ++ingestion.run
    const current = () => ingestion.run === run
    ingestion.running = engine.startSource(
      {
        connection: connectionConfig(catalog, connection.options),
        topic: source.topic!,
        groupId: source.groupId!,
        startOffsets: offsetsOf(ingestion.progress),
        metadataRefreshMs: metadataRefreshMs(source),
      },
      this.events(ingestion, current),
    )
  }

  private layout(decoding: Decoding): Layout {
    const { catalog } = this.parts
    return layoutOf(decoding, (id) => registryClient(catalog, catalog.item(id) as ConnectionItem))
  }

  private events(ingestion: Ingestion, current: () => boolean): SourceEvents {
    const progress: SourceEvents['progress'] = (offsets) => {
      if (!current()) return
      for (const { partition, offset } of offsets) {
        // What reads on after a change of its connection begins to tell at 0 again.
        const reached = ingestion.progress.get(partition) ?? 0n
        ingestion.progress.set(partition, offset > reached ? offset : reached)
      }
      ingestion.progressAt = Date.now()
      this.noteSnapshot(ingestion)
      this.parts.changed()
    }
    const { topic } = ingestion.source
    return {
      records: async (batch) => {
        this.follow(ingestion)
        ingestion.behindUntil = Number.POSITIVE_INFINITY
        for await (const piece of this.paces.pieces(topic!, batch)) {
          if (!current()) return
          await this.take(ingestion, piece)
          if (this.paces.isSlow(topic!)) progress(offsetsAfter(piece))
        }
        ingestion.behindUntil = Date.now() + QUIET_MS
      },
      progress,
      status: (status, error, hints) => {
        if (!current() || ingestion.definite !== undefined) return
        this.report(ingestion, {
          status,
          ...(error === undefined ? {} : { error }),
          ...(hints === undefined ? {} : { hints }),
        })
        if (error !== undefined && DEFINITE.test(error)) {
          ingestion.definite = error.replace(/^kafka: /, '')
          // The error is an update of its own.
          ingestion.statistics.updatesStaged++
        }
      },
      statistics: (statistics) => {
        if (!current()) return
        ingestion.snapshotEnd ??= statistics.offsetKnown
        ingestion.statistics = { ...ingestion.statistics, ...statistics }
        this.noteSnapshot(ingestion)
      },
    }
  }

  private report(
    ingestion: Ingestion,
    report: { status: string; error?: string; hints?: string[] },
  ): void {
    ingestion.status = report.status
    this.noteSnapshot(ingestion)
    const replica = this.parts.catalog.clusters.get(ingestion.source.clusterId!)?.replicas[0]
    const by = replica === undefined ? {} : { replicaId: replica.id }
    this.parts.statuses.record({ id: ingestion.source.id, of: 'source' }, { ...report, ...by })
    if (ingestion.item !== ingestion.source) {
      this.parts.statuses.record({ id: ingestion.item.id, of: 'source' }, { ...report, ...by })
    }
  }

  private async take(ingestion: Ingestion, batch: SourceRecord[]): Promise<void> {
    const changes: string[] = []
    for (const record of batch) changes.push(...(await this.changesOf(ingestion, record)))
    if (changes.length === 0) return
    await this.parts.store.run(changes.join(';\n'))
    ingestion.statistics = {
      ...ingestion.statistics,
      updatesStaged: ingestion.statistics.updatesStaged + changes.length,
      updatesCommitted: ingestion.statistics.updatesCommitted + changes.length,
    }
    this.parts.changed()
  }

  /** The SQL that one record comes to. */
  private changesOf(ingestion: Ingestion, record: SourceRecord): Promise<string[]> {
    if (isUpsert(ingestion.decoding)) return this.replaced(ingestion, record)
    return this.appended(ingestion, record)
  }

  private async appended(ingestion: Ingestion, record: SourceRecord): Promise<string[]> {
    const layout = ingestion.layout!
    // Without an envelope a tombstone says nothing.
    if (record.value === null && !layout.takesTombstones) return []
    try {
      const { key, value, includes } = await layout.decode(record)
      const keyCells = key ?? Array.from({ length: layout.keyWidth }, () => null)
      const cells = [...keyCells, ...value!, ...includes]
      return [insertion(ingestion.item.id, cells)]
    } catch (error) {
      ingestion.errors.add(`Decode error: ${decodeMessage(error)}`)
      return []
    }
  }

  private async replaced(ingestion: Ingestion, record: SourceRecord): Promise<string[]> {
    const { item, decoding, upsert } = ingestion
    const layout = ingestion.layout!
    if (record.key === null) {
      upsert.nullKey(record.value !== null)
      return []
    }
    const insert = (cells: Cell[]) => insertion(item.id, cells)
    const remove = (key: Cell[]) => deletion(item.id, layout.keys[0]!, key)
    const error: Cell[] = layout.hasError ? [null] : []
    try {
      const { key, value, includes } = await layout.decode(record)
      upsert.good(record.key)
      if (value === null) return [remove(key!)]
      const before = key!.slice(0, layout.keyWidth)
      return [remove(key!), insert([...before, ...error, ...value, ...includes])]
    } catch (failure) {
      const key = failure instanceof DecodeFailure ? failure.key : null
      if (key === null || decoding.envelope?.is !== 'upsert-inline') {
        upsert.bad(record.key, `Decode error: ${decodeMessage(failure)}`)
        return key === null ? [] : [remove(key)]
      }
      const { key: packed, includes } = await layout.decode({ ...record, value: null })
      const blank = Array.from({ length: layout.valueWidth }, () => null)
      const told = recordText([decodeMessage(failure)])
      return [remove(packed!), insert([...packed!, told, ...blank, ...includes])]
    }
  }

  /** Waits until a relation can be read, as strict serializable reads do; without end if it never can. */
  async readable(id: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw canceled()
      const ingestion = this.all.get(id)
      if (ingestion === undefined) return
      if (ingestion.definite !== undefined) throw planError(`Source error: ${ingestion.definite}`)
      const error = [...ingestion.errors, ...ingestion.upsert.errors()].sort(compareErrors)[0]
      if (error !== undefined) throw planError(error)
      if (this.isComplete(ingestion)) return
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  isReadable(id: string): boolean {
    const ingestion = this.all.get(id)
    if (ingestion === undefined) return true
    const failed =
      ingestion.definite !== undefined ||
      ingestion.errors.size > 0 ||
      ingestion.upsert.errors().length > 0
    return !failed && this.isComplete(ingestion)
  }

  /** Whether new records wait of which a slow source has not taken in all. */
  isBehind(id: string): boolean {
    const one = this.all.get(id)
    if (one === undefined || !this.paces.isSlow(one.source.topic!)) return false
    return Date.now() < one.behindUntil
  }

  private isComplete(ingestion: Ingestion): boolean {
    return isCaughtUp(ingestion) && !this.isBehind(ingestion.item.id)
  }

  private follow(one: Ingestion): void {
    if (this.isComplete(one)) one.frontier = Math.floor(Date.now() / 1000) * 1000 + 1
  }

  /** Next offsets by partition, once known. */
  progress(sourceId: string): Map<number, bigint> | undefined {
    const of = [...this.all.values()].filter((one) => one.source.id === sourceId)
    const seen = of.find((one) => one.progressAt > 0)
    return seen?.progress
  }

  /** A source without a table to fill has received nothing. */
  statistics(id: string): SourceStatistics {
    return this.all.get(id)?.published.get() ?? NO_STATISTICS
  }

  /** Once the snapshot is in it stays in, whatever happens later. */
  private noteSnapshot(ingestion: Ingestion): void {
    const { statistics } = ingestion
    statistics.snapshotCommitted ||= isCaughtUp(ingestion) && statistics.messagesReceived > 0
  }

  isHydrated(id: string): boolean {
    const ingestion = this.all.get(id)
    return ingestion !== undefined && isCaughtUp(ingestion)
  }

  /** How far the source has been followed: with the clock while it runs, nowhere after a definite error. */
  frontier(id: string): number | null {
    const of = [...this.all.values()].filter((one) => one.source.id === id)
    if (of.some((one) => one.definite !== undefined)) return null
    const one = of[0]
    if (one === undefined) return 0
    this.follow(one)
    return one.frontier
  }

  async stop(id: string): Promise<void> {
    const ingestion = this.all.get(id)
    this.all.delete(id)
    if (ingestion !== undefined) await this.halt(ingestion)
  }

  private async halt(ingestion: Ingestion): Promise<void> {
    ingestion.run++
    const { running } = ingestion
    ingestion.running = undefined
    await running?.stop()
  }

  /** After a change of a cluster's replicas or of a connection. */
  async restart(which: (source: SourceItem) => boolean): Promise<void> {
    for (const ingestion of this.all.values()) {
      if (!which(ingestion.source) || ingestion.definite !== undefined) continue
      await this.halt(ingestion)
      this.resume(ingestion)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all.keys()].map((id) => this.stop(id)))
  }
}

function insertion(id: string, cells: Cell[]): string {
  const values = cells.map((cell) => (cell === null ? 'NULL' : literal(cell)))
  return `INSERT INTO mz."${id}" VALUES (${values.join(', ')})`
}

function deletion(id: string, names: string[], key: Cell[]): string {
  const where = names.map((name, index) => {
    const quoted = `"${name.replaceAll('"', '""')}"`
    const cell = key[index]!
    return cell === null ? `${quoted} IS NULL` : `${quoted} = ${literal(cell)}`
  })
  return `DELETE FROM mz."${id}" WHERE ${where.join(' AND ')}`
}

function decodeMessage(error: unknown): string {
  if (error instanceof DecodeFailure) return error.message
  throw error
}

function isCaughtUp(ingestion: Ingestion): boolean {
  const { status, progressAt, snapshotEnd } = ingestion
  if (status !== 'running' || progressAt === 0 || snapshotEnd === undefined) return false
  return sumOf(ingestion.progress) >= snapshotEnd
}

function offsetsOf(progress: Map<number, bigint>): bigint[] {
  const partitions = Math.max(-1, ...progress.keys()) + 1
  return Array.from({ length: partitions }, (_, partition) => progress.get(partition) ?? 0n)
}

function metadataRefreshMs(source: SourceItem): number {
  const given = find(source.statement!.options, 'TOPIC METADATA REFRESH INTERVAL')
  if (given === undefined) return 30_000
  return parseDurationMs(textOf(given, 'TOPIC METADATA REFRESH INTERVAL')) ?? 30_000
}
