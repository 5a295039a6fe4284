import type { Environment } from './environment.ts'
import type { Cells } from './relation-rows.ts'
import type { Item, SinkItem, SourceItem } from './model.ts'
import type { StatusEvent } from './statuses.ts'

type Maker = (environment: Environment) => Cells[]

/** What runs and how well it does, as far as the engine has told. */
export function statusRows(name: string): Maker | undefined {
  return MAKERS[name]
}

function all<T extends Item['type']>({ catalog }: Environment, type: T) {
  return [...catalog.items.values()].filter(
    (item): item is Extract<Item, { type: T }> => item.type === type,
  )
}

function kafkaSources(environment: Environment): SourceItem[] {
  return all(environment, 'source').filter((item) => item.subtype === 'kafka')
}

function statusRow(
  environment: Environment,
  item: Item,
  of: { type: string; fallback: string },
): Cells {
  const event = environment.statuses.current(item.id)
  return {
    id: item.id,
    name: item.name,
    type: of.type,
    last_status_change_at: event?.at.toISOString() ?? null,
    status: event?.status ?? of.fallback,
    error: event?.error ?? null,
    details: JSON.parse(event?.details ?? 'null') as unknown,
  }
}

function historyRow(event: StatusEvent, idColumn: string): Cells {
  return {
    occurred_at: event.at.toISOString(),
    [idColumn]: event.id,
    status: event.status,
    error: event.error,
    details: event.details === null ? null : JSON.parse(event.details),
    replica_id: event.replicaId,
  }
}

function replicaOf({ catalog }: Environment, item: SourceItem | SinkItem): string | undefined {
  return catalog.clusters.get(item.clusterId!)?.replicas[0]?.id
}

function sourceStatistics(environment: Environment): Cells[] {
  return kafkaSources(environment).flatMap((item) => {
    const replica = replicaOf(environment, item)
    const statistics = environment.ingestions.statistics(item.id)
    if (replica === undefined) return []
    const isCommitted = statistics.snapshotCommitted
    return [
      {
        id: item.id,
        replica_id: replica,
        messages_received: statistics.messagesReceived,
        bytes_received: statistics.bytesReceived,
        updates_staged: statistics.updatesStaged,
        updates_committed: statistics.updatesCommitted,
        records_indexed: 0,
        bytes_indexed: 0,
        rehydration_latency: isCommitted ? '00:00:01' : null,
        snapshot_records_known: null,
        snapshot_records_staged: null,
        snapshot_committed: isCommitted,
        offset_known: String(statistics.offsetKnown),
        offset_committed: String(statistics.offsetCommitted),
      },
    ]
  })
}

function hydration(environment: Environment): Cells[] {
  const { catalog, ingestions, exports } = environment
  const sources = kafkaSources(environment).map((item) => ({
    object_id: item.id,
    replica_id: replicaOf(environment, item) ?? null,
    hydrated: ingestions.isHydrated(item.id),
  }))
  const sinks = all(environment, 'sink').map((item) => ({
    object_id: item.id,
    replica_id: replicaOf(environment, item) ?? null,
    hydrated: exports.isHydrated(item.id),
  }))
  const views = all(environment, 'materialized-view').map((item) => {
    const replica = catalog.clusters.get(item.clusterId!)?.replicas[0]
    return { object_id: item.id, replica_id: replica?.id ?? null, hydrated: replica !== undefined }
  })
  return [...sources, ...sinks, ...views]
}

/** Where a healthy source, table or view stands: the second that has just begun. */
function now(): number {
  return Math.floor(Date.now() / 1000) * 1000
}

function frontiers(environment: Environment): Cells[] {
  const row = (id: string, write: number | null, read: number) => ({
    object_id: id,
    read_frontier: String(read),
    write_frontier: write === null ? null : String(write),
  })
  return [...environment.catalog.items.values()].flatMap((item): Cells[] => {
    switch (item.type) {
      case 'secret':
      case 'connection':
        return []
      case 'sink': {
        const frontier = environment.exports.frontier(item.id)
        return [row(item.id, frontier, Math.max(0, frontier - 1000))]
      }
      case 'source': {
        const owner = item.subtype === 'progress' ? item.parentId! : item.id
        return [sourceFrontier(environment, item.id, owner)]
      }
      default:
        return [row(item.id, now(), now() - 1000)]
    }
  })
}

function sourceFrontier(environment: Environment, id: string, owner: string): Cells {
  const write = environment.ingestions.frontier(owner)
  return {
    object_id: id,
    read_frontier: String(Math.max(0, (write ?? now()) - 1001)),
    write_frontier: write === null ? null : String(write),
  }
}

const MAKERS: Record<string, Maker | undefined> = {
  mz_source_statuses: (environment) => [
    ...all(environment, 'source').map((item) =>
      statusRow(environment, item, {
        type: item.subtype,
        fallback: item.subtype === 'progress' ? 'running' : 'created',
      }),
    ),
    ...all(environment, 'table')
      .filter((item) => item.sourceId !== undefined)
      .map((item) => statusRow(environment, item, { type: 'table', fallback: 'created' })),
  ],
  mz_sink_statuses: (environment) =>
    all(environment, 'sink').map((item) =>
      statusRow(environment, item, { type: 'kafka', fallback: 'created' }),
    ),
  mz_source_status_history: ({ statuses }) =>
    statuses.history('source').map((event) => historyRow(event, 'source_id')),
  mz_sink_status_history: ({ statuses }) =>
    statuses.history('sink').map((event) => historyRow(event, 'sink_id')),
  mz_source_statistics: sourceStatistics,
  mz_source_statistics_with_history: sourceStatistics,
  mz_sink_statistics: (environment) =>
    all(environment, 'sink').flatMap((item) => {
      const replica = replicaOf(environment, item)
      const statistics = environment.exports.statistics(item.id)
      if (replica === undefined || statistics === undefined) return []
      return [
        {
          id: item.id,
          replica_id: replica,
          messages_staged: statistics.messagesStaged,
          messages_committed: statistics.messagesCommitted,
          bytes_staged: statistics.bytesStaged,
          bytes_committed: statistics.bytesCommitted,
        },
      ]
    }),
  mz_hydration_statuses: hydration,
  mz_frontiers: frontiers,
  mz_cluster_replica_statuses: ({ catalog, startedAt }) =>
    [...catalog.clusters.values()].flatMap((cluster) =>
      cluster.replicas.map((replica) => ({
        replica_id: replica.id,
        process_id: 0,
        status: 'online',
        reason: null,
        updated_at: startedAt.toISOString(),
      })),
    ),
}
