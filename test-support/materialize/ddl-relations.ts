import { typeOfOid } from './column-types.ts'
import { add, checkLimit, clusterFor, isFree, newItem, newPlace } from './ddl-common.ts'
import { isSystem, type Environment } from './environment.ts'
import { planError, SqlError, unknownHere } from './errors.ts'
import { quotedIdentifier } from './keywords.ts'
import type { Column, RelationItem } from './model.ts'
import { translated } from './pg-errors.ts'
import { describeQuery, resolveRelation, rewrite, type Rewritten } from './queries.ts'
import { createStorage } from './relation-storage.ts'
import type { Session } from './session.ts'
import type { Statement } from './statements.ts'
import { PostgresFailure, type Field } from './store.ts'
import { viewKeys } from './view-keys.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>

/** `numeric(38,2)` has a scale of two, `numeric(38)` of none; `numeric` alone has any. */
function scaleOf(storedType: string): { scale?: number } {
  const [, scale] = /^numeric\(\d+(?:, (\d+))?\)$/.exec(storedType) ?? []
  return storedType.startsWith('numeric(') ? { scale: Number(scale ?? 0) } : {}
}

export async function createTable(session: Session, statement: Of<'create-table'>): Promise<void> {
  if (statement.temporary) throw unknownHere('temporary tables')
  const { environment } = session
  const place = newPlace(session, statement.name)
  const names = statement.columns.map((column) => column.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new SqlError('42701', `column ${JSON.stringify(twice)} specified more than once`)
  }
  if (!isFree(session, place, { kind: 'table', ifNotExists: statement.ifNotExists })) return
  checkLimit(session, 'table')
  const columns: Column[] = statement.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    ...(column.default === undefined ? {} : { default: column.default }),
    ...scaleOf(column.storedType),
  }))
  const base = newItem(session, place, 'table')
  await createStorage(
    environment,
    base.id,
    columns.map((column, index) => ({ ...column, storedAs: statement.columns[index]!.storedType })),
  )
  add(session, {
    ...base,
    type: 'table',
    columns,
    definitions: statement.columns,
    keys: [],
    uses: [],
  })
}

const NESTED = new Set(['list', 'map', 'record'])

async function viewColumns(
  { store, catalog }: Environment,
  fields: Field[],
  names: string[] | undefined,
): Promise<Column[]> {
  const found = await store.run(
    "SELECT oid, relname FROM pg_class WHERE relnamespace = 'mz'::regnamespace",
  )
  const ids = new Map(found.rows.map(([oid, name]) => [Number(oid), name!]))
  return fields.map((field, index) => {
    const type = typeOfOid(field.oid)
    if (type === undefined) throw unknownHere(`the type with OID ${field.oid} in a view`)
    // Whether an expression can be null is more than is known here.
    const column = { name: names?.[index] ?? field.name, type, nullable: true }
    // PostgreSQL packs precision and scale into one number.
    const isScaled = type === 'numeric' && field.modifier >= 4
    if (isScaled) return { ...column, scale: (field.modifier - 4) & 0xffff }
    // What a list holds is known of the column that it comes from.
    const item = catalog.items.get(ids.get(field.table ?? 0) ?? '')
    const from = item !== undefined && 'columns' in item ? item.columns : []
    return NESTED.has(type)
      ? { ...column, type: from[(field.column ?? 0) - 1]?.type ?? type }
      : column
  })
}

export async function createView(session: Session, statement: Of<'create-view'>): Promise<void> {
  const { environment } = session
  if (statement.orReplace) throw unknownHere('CREATE OR REPLACE')
  const kind = statement.materialized ? 'materialized-view' : 'view'
  const cluster = statement.materialized ? clusterFor(session, statement.cluster) : undefined
  const query = rewrite(session, statement.query)
  const { fields } = await describeQuery(session, query)
  const columns = await viewColumns(environment, fields, statement.columns)
  const place = newPlace(session, statement.name)
  if (cluster !== undefined) session.rights.cluster(cluster, 'CREATE')
  for (const relation of query.relations) {
    if (!isSystem(relation)) session.rights.usageOf(relation)
    if (statement.materialized) session.rights.item(relation, 'SELECT')
  }
  if (!isFree(session, place, { kind, ifNotExists: statement.ifNotExists })) return
  checkLimit(session, kind)
  const base = newItem(session, place, kind)
  const list = columns.map((column) => quotedIdentifier(column.name)).join(', ')
  try {
    await environment.store.ask(
      session.settings(),
      `CREATE VIEW mz."${base.id}" (${list}) AS ${query.sql}`,
    )
  } catch (error) {
    throw translated(error)
  }
  const only = query.relations.length === 1 ? query.relations[0]! : undefined
  const from = only === undefined || isSystem(only) ? undefined : (only as RelationItem)
  const view = {
    ...base,
    columns,
    definition: statement.query,
    keys: viewKeys(
      statement.query,
      columns.map((column) => column.name),
      from,
    ),
    uses: query.relations.map((relation) => relation.id),
  }
  if (cluster === undefined) add(session, { ...view, type: 'view' })
  else add(session, { ...view, type: 'materialized-view', clusterId: cluster.id })
}

const NEEDED = { INSERT: ['INSERT'], UPDATE: ['SELECT', 'UPDATE'], DELETE: ['SELECT', 'DELETE'] }

/** An INSERT, UPDATE or DELETE in terms of the store, checked but not run. */
export function planWrite(session: Session, statement: Of<'dml'>): Rewritten {
  const target = resolveRelation(session, statement.table)
  if (isSystem(target)) throw unknownHere('writing to a system relation')
  if (target.type !== 'table' || target.sourceId !== undefined) {
    throw planError(
      `cannot mutate ${target.type.replaceAll('-', ' ')} '${session.environment.catalog.fullName(target)}'`,
    )
  }
  const query = rewrite(session, statement.sql)
  session.rights.usageOf(target)
  for (const privilege of NEEDED[statement.verb]) session.rights.item(target, privilege)
  for (const relation of query.relations) {
    if (relation.id !== target.id) session.rights.item(relation, 'SELECT')
  }
  return query
}

/** What a write would say, without its effect: rows are written when the transaction commits. */
export async function tryWrite(session: Session, query: Rewritten): Promise<string> {
  const { store } = session.environment
  try {
    return await store.attempt(session.settings(), query.sql)
  } catch (error) {
    throw writeFailure(error)
  }
}

export async function write(session: Session, sql: string): Promise<string> {
  const { environment } = session
  try {
    const { tag } = await environment.store.ask(session.settings(), sql)
    environment.generation++
    await environment.exports.lookAll()
    return tag
  } catch (error) {
    throw writeFailure(error)
  }
}

function writeFailure(error: unknown): unknown {
  if (error instanceof PostgresFailure && error.code === '23502') {
    return new SqlError('23502', error.message.replace(/ of relation "\w+"/, ''))
  }
  return translated(error)
}
