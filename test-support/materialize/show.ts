import { shownType, typeOid } from './column-types.ts'
import { existing } from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import { quotedIdentifier, quotedString } from './keywords.ts'
import { overLines, Printer } from './print.ts'
import { resolveRelation } from './queries.ts'
import { items } from './relation-rows.ts'
import { isSystem } from './environment.ts'
import type { Item } from './model.ts'
import type { Session } from './session.ts'
import { definition } from './session-variables.ts'
import type { Name, Statement } from './statements.ts'
import type { Field, Rows } from './store.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>

function table(columns: string[], rows: (string | null)[][]): Rows {
  const fields = columns.map((column): Field => {
    const [name, type = 'text'] = column.split(':') as [string, string?]
    return { name, oid: typeOid(type), modifier: -1 }
  })
  return { fields, rows, tag: `SELECT ${rows.length}` }
}

export function showVariable(session: Session, statement: Of<'show'>): Rows {
  if (statement.name === 'all') throw unknownHere('SHOW ALL')
  const { name } = definition(statement.name)
  const value = session.variables.get(name)
  return table([name], [[value]])
}

export function showCreate(session: Session, statement: Of<'show-create'>): Rows {
  const { catalog } = session.environment
  const { object, name } = statement
  if (object === 'cluster') {
    const cluster = catalog.cluster(name.parts.join('.'))
    const sql =
      `CREATE CLUSTER ${quotedIdentifier(cluster.name)} (INTROSPECTION DEBUGGING = false, ` +
      `INTROSPECTION INTERVAL = INTERVAL '00:00:01', MANAGED = true, ` +
      `REPLICATION FACTOR = ${cluster.replicas.length}, SIZE = ${quotedString(cluster.size)}, SCHEDULE = MANUAL)`
    return table(['name', 'create_sql'], [[cluster.name, sql]])
  }
  if (!['connection', 'source', 'sink', 'table'].includes(object)) {
    throw unknownHere(`how SHOW CREATE prints a ${object}`)
  }
  const item = existing(session, { name, kind: object as Item['type'] })!
  session.rights.usageOf(item)
  const printer = new Printer(catalog, 'readable')
  return table(
    ['name', 'create_sql'],
    [[catalog.fullName(item), overLines(clauses(printer, item))]],
  )
}

function clauses(printer: Printer, item: Item) {
  switch (item.type) {
    case 'connection':
      return printer.connection(item)
    case 'sink':
      return printer.sink(item)
    case 'table':
      return printer.table(item)
    case 'source':
      if (item.subtype === 'kafka') return printer.source(item)
      throw unknownHere('how SHOW CREATE prints a progress relation')
    default:
      throw unknownHere(`how SHOW CREATE prints a ${item.type}`)
  }
}

/** `%` and `_` as in LIKE. */
function matches(filter: string | undefined, name: string): boolean {
  if (filter === undefined) return true
  const pattern = filter
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${pattern}$`, 's').test(name)
}

export function showObjects(session: Session, statement: Of<'show-objects'>): Rows {
  const answer = SHOWN[statement.what]
  if (answer === undefined) throw unknownHere(`SHOW ${statement.what.toUpperCase()}`)
  const shown = answer(session, statement.in)
  const rows = shown.rows.filter(([name]) => matches(statement.filter, name!))
  if (statement.what !== 'columns') rows.sort(([a], [b]) => (a! < b! ? -1 : 1))
  return table(shown.columns, rows)
}

interface Shown {
  columns: string[]
  rows: (string | null)[][]
}

function inSchema<T extends Item['type']>(session: Session, type: T, name: Name | undefined) {
  const { environment } = session
  const schema =
    name === undefined
      ? environment.catalog.currentSchema(session.scope)
      : environment.catalog.schema(name, session.scope)
  return items(environment, type).filter((item) => item.schemaId === schema.id)
}

function clusterName(session: Session, id: string | undefined): string | null {
  return id === undefined ? null : session.environment.catalog.clusters.get(id)!.name
}

function commentOf(item: Item): string {
  return item.comments.get(0) ?? ''
}

const SHOWN: Partial<
  Record<Of<'show-objects'>['what'], (session: Session, name: Name | undefined) => Shown>
> = {
  sources: (session, name) => ({
    columns: ['name', 'type', 'cluster', 'comment'],
    rows: inSchema(session, 'source', name).map((item) => [
      item.name,
      item.subtype,
      clusterName(session, item.clusterId),
      commentOf(item),
    ]),
  }),
  sinks: (session, name) => ({
    columns: ['name', 'type', 'cluster', 'comment'],
    rows: inSchema(session, 'sink', name).map((item) => [
      item.name,
      'kafka',
      clusterName(session, item.clusterId),
      commentOf(item),
    ]),
  }),
  secrets: (session, name) => ({
    columns: ['name', 'comment'],
    rows: inSchema(session, 'secret', name).map((item) => [item.name, commentOf(item)]),
  }),
  connections: (session, name) => ({
    columns: ['name', 'type', 'comment'],
    rows: inSchema(session, 'connection', name).map((item) => [
      item.name,
      'kafka',
      commentOf(item),
    ]),
  }),
  tables: (session, name) => ({
    columns: ['name', 'comment'],
    rows: inSchema(session, 'table', name).map((item) => [item.name, commentOf(item)]),
  }),
  views: (session, name) => ({
    columns: ['name', 'comment'],
    rows: inSchema(session, 'view', name).map((item) => [item.name, commentOf(item)]),
  }),
  clusters: ({ environment }) => ({
    columns: ['name', 'replicas', 'comment'],
    rows: [...environment.catalog.clusters.values()].map((cluster) => [
      cluster.name,
      cluster.replicas.length === 0
        ? null
        : cluster.replicas.map((replica) => `${replica.name} (${cluster.size})`).join(', '),
      cluster.comment ?? '',
    ]),
  }),
  schemas: ({ environment, scope }, name) => {
    const database = environment.catalog.database(name?.parts[0] ?? scope.database)
    return {
      columns: ['name', 'comment'],
      rows: [...environment.catalog.schemas.values()]
        .filter((schema) => (schema.databaseId ?? database.id) === database.id)
        .map((schema) => [schema.name, schema.comment ?? '']),
    }
  },
  databases: ({ environment }) => ({
    columns: ['name', 'comment'],
    rows: [...environment.catalog.databases.values()].map((database) => [
      database.name,
      database.comment ?? '',
    ]),
  }),
  columns: (session, name) => {
    const relation = resolveRelation(session, name!)
    if (!('columns' in relation)) throw planError(`${relation.name} has no columns`)
    const comments = isSystem(relation) ? new Map<number, string>() : relation.comments
    return {
      columns: ['name', 'nullable:bool', 'type', 'comment'],
      rows: relation.columns.map((column, index) => [
        column.name,
        column.nullable ? 't' : 'f',
        shownType(column.type),
        comments.get(index + 1) ?? '',
      ]),
    }
  },
}
