import { named } from './catalog.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { PartitionOffset } from './core/model.ts'
import { readProgress } from './core/proof.ts'
import { withoutRecord } from './core/record-words.ts'
import { literals, qualified, statement, type Statement } from './core/sql.ts'
import type { Statistics } from './core/verdicts.ts'
import type { MaterializeSession, ResultSet } from './ports.ts'

/** What Materialize says of a source or sink at one moment. */
export interface StatusRow {
  /** Its own word: created, starting, running, stalled, paused … */
  status: string
  error?: string
  hints: string[]
}

export interface StallRow {
  id: string
  replica: string
  /** Milliseconds since the epoch. */
  atMs: number
  error?: string
}

/** How far back a stall still says something. */
export const RECENT_MS = 600_000

/** One read of each kind, however many objects. */
export async function readStatuses(
  session: MaterializeSession,
  of: { kind: 'source' | 'sink'; ids: string[] },
): Promise<Map<string, StatusRow>> {
  const rows = named(
    await session.query(
      statement(
        `SELECT id, status, error, details::text AS details FROM mz_internal.mz_${of.kind}_statuses WHERE id IN ${literals(of.ids)}`,
      ),
    ),
  )
  return new Map(
    rows.map((row) => [
      row['id'] ?? '',
      {
        status: row['status'] ?? 'unknown',
        hints: hintsIn(row['details']),
        ...(row['error'] ? { error: withoutRecord(row['error']) } : {}),
      },
    ]),
  )
}

/** @param of.sinceMs milliseconds since the epoch, by the server’s clock. */
export async function readStalls(
  session: MaterializeSession,
  of: { kind: 'source' | 'sink'; ids: string[]; sinceMs: number },
): Promise<StallRow[]> {
  const since = new Date(of.sinceMs).toISOString()
  const rows = named(
    await session.query(
      statement(
        `SELECT ${of.kind}_id AS id, replica_id, error, occurred_at::text AS at FROM mz_internal.mz_${of.kind}_status_history WHERE status = 'stalled' AND occurred_at >= '${since}'::timestamptz AND ${of.kind}_id IN ${literals(of.ids)}`,
      ),
    ),
  )
  return rows.map((row) => ({
    id: row['id'] ?? '',
    replica: row['replica_id'] ?? '',
    atMs: timeOf(row['at'] ?? ''),
    ...(row['error'] ? { error: withoutRecord(row['error']) } : {}),
  }))
}

/** A timestamptz as Materialize writes it, `2026-11-23 14:00:00.123+00`, as milliseconds since the epoch. */
function timeOf(text: string): number {
  const ms = Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  return Number.isNaN(ms) ? 0 : ms
}

/** Of all replicas the one that has come furthest. */
export async function readStatistics(
  session: MaterializeSession,
  ids: string[],
): Promise<Map<string, Statistics>> {
  const rows = named(
    await session.query(
      statement(
        `SELECT id, snapshot_committed::text AS snapshot, offset_known::text AS known, offset_committed::text AS committed FROM mz_internal.mz_source_statistics WHERE id IN ${literals(ids)}`,
      ),
    ),
  )
  const statistics = new Map<string, Statistics>()
  for (const row of rows) {
    const id = row['id'] ?? ''
    const found: Statistics = {
      snapshotCommitted: ['t', 'true'].includes(row['snapshot'] ?? ''),
      ...(row['known'] ? { offsetKnown: BigInt(row['known']) } : {}),
      ...(row['committed'] ? { offsetCommitted: BigInt(row['committed']) } : {}),
    }
    const other = statistics.get(id)?.offsetCommitted ?? -1n
    if ((found.offsetCommitted ?? 0n) > other) statistics.set(id, found)
  }
  return statistics
}

/**
 * By id, milliseconds since the epoch up to which a source or sink is complete; null for one that has
 * ended, as a source does whose topic was deleted.
 */
export async function readFrontiers(
  session: MaterializeSession,
  ids: string[],
): Promise<Map<string, bigint | null>> {
  const answer = await session.query(
    statement(
      `SELECT object_id AS id, write_frontier::text AS frontier FROM mz_internal.mz_frontiers WHERE object_id IN ${literals(ids)}`,
    ),
  )
  const frontiers = new Map<string, bigint | null>()
  for (const row of named(answer)) {
    frontiers.set(row['id'] ?? '', row['frontier'] ? BigInt(row['frontier']) : null)
  }
  return frontiers
}

/** Asks a source’s progress relation how far each partition was read. */
export function progressIn(relation: QualifiedName): Statement {
  return statement(
    `SELECT partition::text AS range, "offset"::text AS next FROM ${qualified(relation)}`,
  )
}

/** What the progress relation answered, as the offset that comes next in each partition. */
export function progressOf(answer: ResultSet): PartitionOffset[] {
  return readProgress(
    named(answer).map((row) => ({ range: row['range'] ?? '', offset: row['next'] ?? '0' })),
  )
}

export function hintsIn(details: string | null | undefined): string[] {
  if (!details) return []
  try {
    const { hints } = JSON.parse(details) as { hints?: unknown }
    return Array.isArray(hints) ? hints.filter((hint) => typeof hint === 'string') : []
  } catch {
    return []
  }
}
