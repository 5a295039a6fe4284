import { existing, skippedMissing } from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import type { Item, Schema } from './model.ts'
import { isRelation, kindInCapitals } from './model.ts'
import type { Session } from './session.ts'
import type { Name, Statement } from './statements.ts'

type Drop = Extract<Statement, { kind: 'drop' }>

export async function drop(session: Session, statement: Drop): Promise<void> {
  for (const name of statement.names) await dropOne(session, { ...statement, name })
}

async function dropOne(session: Session, statement: Drop & { name: Name }): Promise<void> {
  switch (statement.object) {
    case 'cluster':
      return dropCluster(session, statement)
    case 'schema':
      return dropSchema(session, statement)
    case 'database':
      return dropDatabase(session, statement)
    case 'role':
      return dropRole(session, statement)
    case 'cluster-replica':
    case 'index':
    case 'column':
      throw unknownHere(`DROP ${statement.object}`)
  }
  const { name, ifExists, cascade } = statement
  const item = existing(session, { name, ifExists, kind: statement.object })
  if (item === undefined) return
  session.rights.owner(item)
  session.rights.usageOf(item)
  const others = dependents(session, item)
  // A source takes its progress relation along without being asked.
  const own = item.type === 'source' ? item.progressId : undefined
  if (!cascade) {
    const first = session.environment.catalog
      .dependents(item.id)
      .concat(own === undefined ? [] : session.environment.catalog.dependents(own))
      .filter((one) => one.id !== item.id)
      .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))[0]
    if (first !== undefined) throw stillUsed(item, first)
  }
  const lines = others.map(
    (one) =>
      `drop cascades to ${kindInCapitals(one.type)} ${JSON.stringify(session.environment.catalog.fullName(one))}`,
  )
  cascadeNotice(session, lines)
  await remove(session, [...others, item])
}

function cascadeNotice(session: Session, lines: string[]): void {
  if (lines.length === 0) return
  session.notice({
    code: '00000',
    message: `drop cascades to ${lines.length} other objects`,
    detail: lines.join('\n'),
  })
}

function stillUsed(item: Item, by: Item): Error {
  const kind = (one: Item) => one.type.replaceAll('-', ' ')
  return planError(
    `cannot drop ${kind(item)} ${JSON.stringify(item.name)}: still depended upon by ${kind(by)} ${JSON.stringify(by.name)}`,
    { hint: 'Use DROP ... CASCADE to drop the dependent objects too.' },
  )
}

/** All that falls with an item, what depends most on others first. */
function dependents(session: Session, item: Item): Item[] {
  const { catalog } = session.environment
  const order: Item[] = []
  const seen = new Set([item.id])
  const visit = (one: Item) => {
    if (seen.has(one.id)) return
    seen.add(one.id)
    below(one)
    order.push(one)
  }
  const below = (one: Item) => {
    catalog.dependents(one.id).forEach(visit)
    const progress = one.type === 'source' ? one.progressId : undefined
    const relation = progress === undefined ? undefined : catalog.items.get(progress)
    if (relation !== undefined) visit(relation)
  }
  below(item)
  return order
}

async function remove(session: Session, items: Item[]): Promise<void> {
  const { environment } = session
  const { catalog } = environment
  // Sinks first, so that nothing reads what is going.
  for (const item of items) if (item.type === 'sink') await environment.exports.stop(item.id)
  for (const item of items) {
    if (item.type === 'sink' || (item.type === 'source' && item.subtype === 'kafka')) {
      const of = item.type === 'sink' ? 'sink' : 'source'
      environment.statuses.record({ id: item.id, of }, { status: 'dropped' })
    }
    if (item.type === 'source' || item.type === 'table') await environment.ingestions.stop(item.id)
    catalog.items.delete(item.id)
    environment.statuses.forget(item.id)
  }
  for (const item of items) {
    if (!isRelation(item)) continue
    const kind = item.type === 'view' || item.type === 'materialized-view' ? 'VIEW' : 'TABLE'
    await environment.store.run(`DROP ${kind} IF EXISTS mz."${item.id}" CASCADE`)
    environment.forget(item.id)
  }
  catalog.changed()
}

async function dropCluster(session: Session, statement: Drop & { name: Name }): Promise<void> {
  const { catalog } = session.environment
  const cluster = catalog.findCluster(statement.name.parts.join('.'))
  if (cluster === undefined) {
    if (!statement.ifExists) throw planError(`unknown cluster '${statement.name.parts.join('.')}'`)
    return skippedMissing(session, 'cluster', statement.name)
  }
  session.rights.ownerOf('CLUSTER', cluster, cluster.name)
  const within = [...catalog.items.values()].filter(
    (item) => 'clusterId' in item && item.clusterId === cluster.id,
  )
  if (within.length > 0 && !statement.cascade) {
    throw unknownHere('how Materialize refuses to drop a cluster in use')
  }
  const all = await removeAll(session, within)
  const lines = all.map(
    (one) =>
      `drop cascades to ${kindInCapitals(one.type)} ${JSON.stringify(catalog.fullName(one))}`,
  )
  cascadeNotice(session, [
    ...lines,
    ...cluster.replicas.map(
      (replica) => `drop cascades to CLUSTER REPLICA ${JSON.stringify(replica.name)}`,
    ),
  ])
  catalog.clusters.delete(cluster.id)
  catalog.changed()
}

async function removeAll(session: Session, roots: Item[]): Promise<Item[]> {
  const all = new Map<string, Item>()
  for (const root of roots) {
    for (const item of [...dependents(session, root), root]) all.set(item.id, item)
  }
  await remove(session, [...all.values()])
  return [...all.values()]
}

function itemsOf(session: Session, schema: Schema): Item[] {
  return [...session.environment.catalog.items.values()].filter(
    (item) => item.schemaId === schema.id,
  )
}

async function dropSchema(session: Session, statement: Drop & { name: Name }): Promise<void> {
  const { catalog } = session.environment
  const schema = catalog.findSchema(statement.name, session.scope)
  if (schema === undefined) {
    if (!statement.ifExists) throw planError(`unknown schema '${statement.name.parts.join('.')}'`)
    return skippedMissing(session, 'schema', statement.name)
  }
  const full = catalog.schemaName(schema.id).join('.')
  if (schema.databaseId === null) throw unknownHere('dropping a system schema')
  session.rights.ownerOf('SCHEMA', schema, full)
  const within = itemsOf(session, schema)
  if (within.length > 0 && !statement.cascade) {
    throw planError(`schema '${full}' cannot be dropped without CASCADE while it contains objects`)
  }
  const all = await removeAll(session, within)
  cascadeNotice(
    session,
    all.map(
      (one) =>
        `drop cascades to ${kindInCapitals(one.type)} ${JSON.stringify(pathIn(schema, full, one))}`,
    ),
  )
  catalog.schemas.delete(schema.id)
  catalog.changed()
}

function pathIn(schema: Schema, full: string, item: Item): string {
  return item.schemaId === schema.id ? `${full}.${item.name}` : item.name
}

async function dropDatabase(session: Session, statement: Drop & { name: Name }): Promise<void> {
  const { catalog } = session.environment
  const database = catalog.findDatabase(statement.name.parts[0]!)
  if (database === undefined) {
    if (!statement.ifExists) throw planError(`unknown database '${statement.name.parts[0]!}'`)
    return skippedMissing(session, 'database', statement.name)
  }
  session.rights.ownerOf('DATABASE', database, database.name)
  const schemas = [...catalog.schemas.values()].filter((one) => one.databaseId === database.id)
  for (const schema of schemas) {
    await removeAll(session, itemsOf(session, schema))
    catalog.schemas.delete(schema.id)
  }
  catalog.databases.delete(database.id)
  catalog.changed()
}

async function dropRole(session: Session, statement: Drop & { name: Name }): Promise<void> {
  const { catalog } = session.environment
  const name = statement.name.parts.join('.')
  const role = catalog.findRole(name)
  if (role === undefined) {
    if (!statement.ifExists) throw planError(`unknown role '${name}'`)
    return skippedMissing(session, 'role', statement.name)
  }
  session.rights.system('CREATEROLE')
  const isUsed =
    [...catalog.items.values()].some(
      (item) => item.ownerId === role.id || item.acl.some((one) => one.grantee === role.id),
    ) ||
    [...catalog.schemas.values(), ...catalog.databases.values(), ...catalog.clusters.values()].some(
      (one) => one.ownerId === role.id || one.acl.some((entry) => entry.grantee === role.id),
    )
  if (isUsed) throw unknownHere('how Materialize refuses to drop a role in use')
  catalog.roles.delete(role.id)
  catalog.changed()
}
