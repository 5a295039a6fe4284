import { Catalog } from './catalog.ts'
import type { KafkaEngine } from './engine-port.ts'
import { Exports } from './exports.ts'
import { Ingestions } from './ingestion.ts'
import type { SourceItem, SystemRelation } from './model.ts'
import { Mutex } from './mutex.ts'
import { systemRows } from './relation-rows.ts'
import type { Session } from './session.ts'
import { Statuses } from './statuses.ts'
import { literal, Store } from './store.ts'
import { SYSTEM_RELATIONS } from './system-relations.ts'

const SYSTEM_BY_ID = new Map(SYSTEM_RELATIONS.map((relation) => [relation.id, relation]))

/** By how much Materialize's own relations trail behind what they tell of. */
export interface Lags {
  statusLagMs: number
  statisticsIntervalMs: number
}

/** One Materialize: its catalog, its data and what runs in it. Every session of every listener shares it. */
export class Environment {
  readonly catalog = new Catalog()
  readonly statuses: Statuses
  readonly store: Store
  readonly engine: KafkaEngine
  readonly ingestions: Ingestions
  readonly exports: Exports
  /** DDL waits for DDL, region-wide, as in Materialize. */
  readonly ddl = new Mutex()
  readonly startedAt = new Date()
  readonly sessions = new Set<Session>()
  generation = 0
  private readonly written = new Map<string, string>()

  private constructor(store: Store, engine: KafkaEngine, lags: Lags) {
    this.store = store
    this.engine = engine
    this.statuses = new Statuses(lags.statusLagMs)
    const shared = { catalog: this.catalog, statuses: this.statuses, engine, ...lags }
    const changed = () => {
      this.generation++
    }
    this.ingestions = new Ingestions({ ...shared, store, changed })
    this.exports = new Exports({
      ...shared,
      generation: () => this.generation,
      read: async (id) => {
        const relations = this.underlying([id])
        if (!relations.every((relation) => this.ingestions.isReadable(relation))) return undefined
        await this.freshen(relations)
        return this.store.run(`SELECT * FROM mz."${id}"`)
      },
      isBehind: (id) => this.underlying([id]).some((one) => this.ingestions.isBehind(one)),
      evaluate: async (id, expression) => {
        const { rows } = await this.store.run(`SELECT (${expression})::text, r.* FROM mz."${id}" r`)
        return new Map(rows.map(([value, ...row]) => [JSON.stringify(row), value!]))
      },
    })
  }

  static async open(engine: KafkaEngine, lags: Lags): Promise<Environment> {
    return new Environment(await Store.open(), engine, lags)
  }

  async close(): Promise<void> {
    await this.exports.close()
    await this.ingestions.close()
    await this.engine.close()
    await this.store.close()
  }

  /** The relations that a reading of others comes down to, themselves included. */
  underlying(ids: string[]): string[] {
    const found = new Set<string>()
    const visit = (id: string) => {
      if (found.has(id)) return
      found.add(id)
      const item = this.catalog.items.get(id)
      if (item?.type === 'view' || item?.type === 'materialized-view') item.uses.forEach(visit)
    }
    ids.forEach(visit)
    return [...found]
  }

  /** Brings the relations that are computed, not stored, up to this moment. */
  async freshen(ids: string[]): Promise<void> {
    for (const id of ids) {
      const system = SYSTEM_BY_ID.get(id)
      if (system !== undefined) {
        await this.write(id, systemRows(this, system.name))
        continue
      }
      const item = this.catalog.items.get(id)
      if (item?.type !== 'source') continue
      const isProgress = item.subtype === 'progress' || item.statement?.format === undefined
      if (isProgress) await this.write(id, this.progressRows(item))
    }
  }

  private progressRows(item: SourceItem): Record<string, unknown>[] {
    const progress = this.ingestions.progress(item.parentId ?? item.id)
    if (progress === undefined) return []
    const partitions = [...progress].sort(([a], [b]) => a - b)
    const last = partitions.at(-1)?.[0]
    const unseen = last === undefined ? '(,)' : `(${last},)`
    return [
      { partition: unseen, offset: '0' },
      ...partitions.map(([partition, offset]) => ({
        partition: `[${partition},${partition}]`,
        offset: String(offset),
      })),
    ]
  }

  private async write(id: string, rows: Record<string, unknown>[]): Promise<void> {
    const json = JSON.stringify(rows)
    if (this.written.get(id) === json) return
    this.written.set(id, json)
    await this.store.run(
      `DELETE FROM mz."${id}"; INSERT INTO mz."${id}"
       SELECT * FROM jsonb_populate_recordset(NULL::mz."${id}", ${literal(json)}::jsonb)`,
    )
  }

  forget(id: string): void {
    this.written.delete(id)
  }
}

export function isSystem(item: { id: string }): item is SystemRelation {
  return SYSTEM_BY_ID.has(item.id)
}
