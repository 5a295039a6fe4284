import { type Failure, toFailure } from './core/failure.ts'
import type { Statement } from './core/sql.ts'
import type { MaterializeSession, ResultSet } from './ports.ts'

/** A SELECT of a source that no replica runs is never answered: it must not take the run with it. */
const WITHIN_MS = 5_000

/** No answer in time, or no right to ask. */
export interface Blind {
  blind: string
  failure: Failure
}

export interface Reader {
  /** The answer, or why there is none. */
  read(statement: Statement, withinMs?: number): Promise<ResultSet | Blind>
}

/** Reads relations on a session of its own, which is opened anew after an answer that did not come. */
export function openReader(open: () => Promise<MaterializeSession>): Reader {
  let session: MaterializeSession | undefined
  return {
    async read(statement, withinMs = WITHIN_MS) {
      session ??= await open()
      try {
        return await session.query(statement, withinMs)
      } catch (thrown) {
        const failure = toFailure(thrown)
        if (failure.reason === 'materialize-privilege') return { blind: failure.message, failure }
        if (failure.reason !== 'deadline') throw failure
        await session.close()
        session = undefined
        return { blind: `no answer within ${String(withinMs / 1000)} s`, failure }
      }
    },
  }
}
