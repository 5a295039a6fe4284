import { isSystem } from './environment.ts'
import { planError, SqlError, unknownHere, unknownItem } from './errors.ts'
import { ABSENT_FUNCTIONS, KNOWN_FUNCTIONS } from './known-functions.ts'
import { quotedIdentifier } from './keywords.ts'
import type { Item, SystemRelation } from './model.ts'
import { isRelation } from './model.ts'
import { noSuchFunction, translated } from './pg-errors.ts'
import { privilegeAnswer } from './privilege-functions.ts'
import { scanQuery, type Call, type Scan } from './query-scan.ts'
import type { Session } from './session.ts'
import { PRIVILEGE_FUNCTIONS, SESSION_FUNCTION_NAMES } from './store-bootstrap.ts'
import type { Field, Rows } from './store.ts'
import type { Name } from './statements.ts'

/** A query in terms of the store's tables. */
export interface Rewritten {
  sql: string
  relations: (Item | SystemRelation)[]
}

export interface Parameters {
  types: number[]
  values: (string | null)[]
}

export function resolveRelation(session: Session, name: Name): Item | SystemRelation {
  const { catalog } = session.environment
  const found = catalog.find(name, session.scope)
  if (found !== undefined && (isSystem(found) || isRelation(found))) return found
  const last = name.parts.at(-1)!
  // A catalog relation that Materialize may well have must not be reported as missing.
  if (/^(mz|pg)_/.test(last)) throw unknownHere(`the relation ${name.parts.join('.')}`)
  if (found !== undefined) throw unknownHere(`reading from a ${found.type}`)
  throw unknownItem(name.parts.join('.'))
}

export function rewrite(session: Session, sql: string): Rewritten {
  const scan = scanQuery(sql)
  if (scan.asOf) {
    if (/\bas\s+of\s+(at\s+least\s+)?now\s*\(/i.test(sql)) {
      throw planError('calling an unmaterializable function in AS OF or UP TO not yet supported')
    }
    throw unknownHere('AS OF')
  }
  const edits: { start: number; end: number; text: string }[] = []
  const relations = scan.references.map((reference) => {
    const relation = resolveRelation(session, reference.name)
    const alias = reference.aliased ? '' : ` AS ${quotedIdentifier(reference.name.parts.at(-1)!)}`
    edits.push({
      start: reference.start,
      end: reference.end,
      text: `mz."${relation.id}"${takesNoAlias(sql, reference.start) ? '' : alias}`,
    })
    return relation
  })
  edits.push(...functionEdits(session, scan))
  return { sql: apply(sql, edits), relations: [...new Set(relations)] }
}

/** INSERT INTO and TABLE take a name and no alias. */
function takesNoAlias(sql: string, start: number): boolean {
  return /(\binto|^\s*table)\s+$/i.test(sql.slice(0, start))
}

function apply(sql: string, edits: { start: number; end: number; text: string }[]): string {
  let out = sql
  for (const edit of edits.sort((a, b) => b.start - a.start)) {
    out = out.slice(0, edit.start) + edit.text + out.slice(edit.end)
  }
  return out
}

function functionEdits(session: Session, scan: Scan) {
  const edits = scan.bareFunctions.map(({ name, start, end }) => ({
    start,
    end,
    text: `${quotedIdentifier(name)}()`,
  }))
  for (const list of scan.lists) {
    // The text of an array is that of a list, which is all that is kept of one.
    edits.push({ start: list.start, end: list.open, text: '(ARRAY' })
    edits.push({ start: list.end, end: list.end, text: ')::text::mz_catalog.list' })
  }
  for (const call of scan.calls) {
    const name = call.name.at(-1)!
    if (PRIVILEGE_FUNCTIONS.includes(name)) {
      edits.push({ start: call.start, end: call.end, text: privilegeCall(session, call) })
    } else if (name === 'current_user' || name === 'session_user') {
      throw unknownHere(`${name}()`)
    } else if (SESSION_FUNCTION_NAMES.has(name)) {
      edits.push({
        start: call.start,
        end: call.end,
        text: `mz_catalog.${quotedIdentifier(name)}()`,
      })
    } else checkFunction(call)
  }
  return edits
}

function privilegeCall(session: Session, call: Call): string {
  if (call.strings === undefined) {
    throw unknownHere(`${call.name.join('.')} with arguments other than texts`)
  }
  const name = call.name.at(-1)!
  return `${name}(${String(privilegeAnswer(session, name, call.strings))})`
}

function checkFunction(call: Call): void {
  const name = call.name.at(-1)!
  const qualifier = call.name.length > 1 ? call.name.at(-2)! : undefined
  if (qualifier === 'mz_unsafe') {
    throw planError('executing potentially dangerous functions is not supported', {
      detail:
        'The requested feature (unsafe_enable_unsafe_functions) is unsafe and is meant only for internal ' +
        'development and testing of Materialize.',
    })
  }
  const isPlain =
    qualifier === undefined || qualifier === 'pg_catalog' || qualifier === 'mz_catalog'
  if (isPlain && KNOWN_FUNCTIONS.has(name)) return
  if (qualifier === 'mz_internal' || ABSENT_FUNCTIONS.has(name)) {
    throw noSuchFunction(call.name.join('.'))
  }
  throw unknownHere(`the function ${call.name.join('.')}`)
}

/** Whether the session may read what the query names, and where it would run. */
export function authorize(session: Session, relations: (Item | SystemRelation)[]): void {
  const { catalog } = session.environment
  for (const relation of relations) {
    if (!isSystem(relation)) session.rights.usageOf(relation)
    session.rights.item(relation, 'SELECT')
  }
  // Queries of the catalog alone run on Materialize's own cluster.
  if (relations.every((relation) => isSystem(relation))) return
  const cluster = catalog.cluster(session.variables.get('cluster'))
  session.rights.cluster(cluster, 'USAGE')
  if (cluster.replicas.length === 0) {
    throw new SqlError(
      '0A000',
      `CLUSTER ${JSON.stringify(cluster.name)} has no replicas available to service request`,
      {
        hint:
          'Use ALTER CLUSTER to adjust the replication factor of the cluster. ' +
          'Example:`ALTER CLUSTER <cluster-name> SET (REPLICATION FACTOR 1)`',
      },
    )
  }
}

/** Waits for what the query reads and brings it up to date. */
export async function prepareReading(session: Session, ids: string[]): Promise<void> {
  const { environment } = session
  const all = environment.underlying(ids)
  for (const id of all) await environment.ingestions.readable(id, session.signal)
  await environment.freshen(all)
}

export async function runQuery(
  session: Session,
  query: Rewritten,
  parameters?: Parameters,
): Promise<Rows> {
  authorize(session, query.relations)
  await prepareReading(
    session,
    query.relations.map((relation) => relation.id),
  )
  try {
    return await session.environment.store.ask(session.settings(), query.sql, parameters)
  } catch (error) {
    throw translated(error)
  }
}

export async function describeQuery(
  session: Session,
  query: Rewritten,
  parameterTypes: number[] = [],
): Promise<{ fields: Field[]; parameters: number[] }> {
  try {
    return await session.environment.store.describe(query.sql, parameterTypes)
  } catch (error) {
    throw translated(error)
  }
}
