import { setTimeout as delay } from 'node:timers/promises'
import { typeOid } from './column-types.ts'
import { canceled, SqlError } from './errors.ts'
import {
  authorize,
  describeQuery,
  prepareReading,
  resolveRelation,
  rewrite,
  runQuery,
  type Rewritten,
} from './queries.ts'
import type { Session } from './session.ts'
import { counted, difference, type Row } from './sink-messages.ts'
import type { CursorQuery } from './statements.ts'
import type { Field, Rows } from './store.ts'

/** Something FETCH takes rows from. */
export interface CursorSource {
  readonly fields: Field[]
  /** Rows that are ready, at most so many. */
  take(limit: number): Row[]
  /** Whether no more will ever come. */
  finished(): boolean
  failure(): unknown
  close(): void
}

const CHECK_MS = 20
const POLL_MS = 100
/** Materialize closes a timestamp about once a second. */
const TICK_MS = 1000
const FIRST_TICK_MS = 200

export async function openCursor(session: Session, query: CursorQuery): Promise<CursorSource> {
  if (query.is === 'select') {
    const answer = await runQuery(session, rewrite(session, query.sql))
    return new SelectCursor(answer)
  }
  const target: Rewritten =
    query.relation === undefined
      ? rewrite(session, query.sql!)
      : wholeRelation(resolveRelation(session, query.relation))
  authorize(session, target.relations)
  const { fields } = await describeQuery(session, target)
  return new Subscription(session, target, { fields, ...query })
}

function wholeRelation(relation: Rewritten['relations'][number]): Rewritten {
  return { sql: `SELECT * FROM mz."${relation.id}"`, relations: [relation] }
}

class SelectCursor implements CursorSource {
  readonly fields: Field[]
  private readonly rows: Row[]

  constructor(answer: Rows) {
    this.fields = answer.fields
    this.rows = answer.rows
  }

  take(limit: number): Row[] {
    return this.rows.splice(0, limit)
  }

  finished(): boolean {
    return this.rows.length === 0
  }

  failure(): undefined {
    return undefined
  }

  close(): void {
    this.rows.length = 0
  }
}

/** A subscription looks at its query again and again and reports what is different. */
class Subscription implements CursorSource {
  readonly fields: Field[]
  private readonly queue: Row[] = []
  private readonly stopping = new AbortController()
  private readonly withProgress: boolean
  private error: unknown

  constructor(
    session: Session,
    target: Rewritten,
    options: { fields: Field[]; snapshot: boolean; progress: boolean },
  ) {
    const field = (name: string, type: string): Field => ({
      name,
      oid: typeOid(type),
      modifier: -1,
    })
    this.withProgress = options.progress
    this.fields = [
      field('mz_timestamp', 'numeric'),
      ...(options.progress ? [field('mz_progressed', 'bool')] : []),
      field('mz_diff', 'int8'),
      ...options.fields,
    ]
    void this.follow(session, target, options).catch((error: unknown) => {
      this.error = error
    })
  }

  private async follow(
    session: Session,
    target: Rewritten,
    options: { fields: Field[]; snapshot: boolean },
  ): Promise<void> {
    const { store } = session.environment
    const { signal } = this.stopping
    const ids = target.relations.map((relation) => relation.id)
    const blank = options.fields.map(() => null)
    // The statement that declared the cursor is over, so its cancellation no longer reaches here.
    const reader = Object.create(session) as Session
    Object.defineProperty(reader, 'signal', { value: signal })
    let last = new Map<string, number>()
    let first = true
    let ticked = 0
    while (!signal.aborted) {
      await prepareReading(reader, ids)
      const now = counted((await store.ask(session.settings(), target.sql)).rows)
      const at = Date.now()
      if (first) this.progressed(at, blank)
      if (!first || options.snapshot) {
        for (const { row, count } of difference(last, now)) this.changed(at, count, row)
      }
      // The snapshot's own timestamp is closed a little later, then one a second.
      if (first) ticked = at - TICK_MS + FIRST_TICK_MS
      else if (at - ticked >= TICK_MS) {
        this.progressed(at + 1, blank)
        ticked = at
      }
      last = now
      first = false
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  private progressed(at: number, blank: null[]): void {
    if (this.withProgress) this.queue.push([String(at), 't', null, ...blank])
  }

  private changed(at: number, count: number, row: Row): void {
    const head = this.withProgress ? [String(at), 'f'] : [String(at)]
    this.queue.push([...head, String(count), ...row])
  }

  take(limit: number): Row[] {
    return this.queue.splice(0, limit)
  }

  finished(): boolean {
    return false
  }

  failure(): unknown {
    return this.error
  }

  close(): void {
    this.stopping.abort()
  }
}

export async function fetchRows(
  session: Session,
  request: { cursor: string; count: number | 'all'; timeoutMs: number | undefined },
): Promise<Rows> {
  const cursor = session.transaction?.cursors.get(request.cursor)
  if (cursor === undefined) {
    throw new SqlError('34000', `cursor "${request.cursor}" does not exist`)
  }
  const limit = request.count === 'all' ? Number.MAX_SAFE_INTEGER : request.count
  const deadline = Date.now() + (request.timeoutMs ?? Number.MAX_SAFE_INTEGER)
  const rows: Row[] = []
  for (;;) {
    const failure = cursor.failure()
    if (failure !== undefined) throw failure
    rows.push(...cursor.take(limit - rows.length))
    const enough = rows.length >= limit || cursor.finished()
    // Without a timeout the first rows are answer enough.
    if (enough || Date.now() >= deadline || (request.timeoutMs === undefined && rows.length > 0)) {
      return { fields: cursor.fields, rows, tag: `FETCH ${rows.length}` }
    }
    if (session.signal.aborted) throw canceled()
    await delay(CHECK_MS, undefined, { signal: session.signal }).catch(() => undefined)
  }
}
