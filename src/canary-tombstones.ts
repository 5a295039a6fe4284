import type { CanaryPath } from './canary-run.ts'
import { inlineKeyPrefix, readInlineKey } from './core/canary-names.ts'
import { canaryText, sentColumns } from './core/canary-shape.ts'
import { uncutDeadline } from './core/deadline.ts'
import { describeFailure, toFailure } from './core/failure.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import type { CanaryReport } from './core/report-sent.ts'
import { keysBeginning } from './core/sql-canary.ts'
import { fromHex } from './core/rows.ts'
import { qualified } from './core/sql.ts'
import type { MaterializeSession } from './ports.ts'
import type { Edges } from './work.ts'

/* Tombstones for the keys of inline canaries, where a source keeps the newest value of each key. */

const TOMBSTONE_MS = 5_000
/** How long Materialize may look through the rows of a source, which may be many. */
const LOOK_MS = 5_000

interface Taking {
  edges: Edges
  entry: CanaryReport
  connection: ConnectionSpec
  open(purpose: string): Promise<MaterializeSession>
}

/** Tombstones for keys, by a connection that neither the run’s end nor its cancellation reaches. */
export async function takeAway(keys: string[], path: CanaryPath, of: Taking): Promise<void> {
  const { edges, entry, connection } = of
  if (keys.length === 0) return
  const kafka = edges.within(uncutDeadline(TOMBSTONE_MS, edges.clock)).kafka(connection)
  if (!kafka) return
  const records = keys.map((text) => {
    const { key } = canaryText(path.decoding, { key: text, text: '' })
    return { key: Buffer.from(key ?? ''), value: null, headers: [] }
  })
  const writing = (async () => {
    try {
      for (const { partition, offset } of await kafka.produce(path.topic, records)) {
        const place = { topic: path.topic, partition, offset: String(offset) }
        entry.written.push({ ...place, tombstone: true })
      }
    } catch (thrown) {
      const failure = toFailure(thrown)
      entry.left.push(
        `the last record on topic ${path.topic}, whose tombstone failed: ${failure.message}`,
      )
    } finally {
      await kafka.close()
    }
  })()
  edges.hold(writing)
  await writing
}

/**
 * Takes away the rows of canaries whose runs were killed and whose time is over: those of runs that may
 * still be under way are left to them.
 * @returns why it could not be done, if so.
 */
export async function sweepInline(path: CanaryPath, of: Taking): Promise<string | undefined> {
  const { edges } = of
  const at = { repository: edges.repository, source: qualified(path.source) }
  const column = sentColumns(path.decoding, { key: path.key, text: '' })?.all[0]
  if (!column) return undefined
  try {
    const session = await of.open('canary')
    const found = await session.query(
      keysBeginning(path.relation, column, inlineKeyPrefix(at)),
      LOOK_MS,
    )
    const keys = found.rows.flatMap(([text]) => {
      const key = column.kind === 'bytes' ? textOfHex(text) : (text ?? '')
      const name = readInlineKey(at, key)
      return name && name.until < edges.clock.now() ? key : []
    })
    await takeAway(keys, path, of)
    return undefined
  } catch (thrown) {
    return describeFailure(toFailure(thrown))
  }
}

function textOfHex(text: string | null | undefined): string {
  return new TextDecoder().decode(fromHex(`\\x${text ?? ''}`))
}
