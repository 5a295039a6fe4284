import { existing } from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import type { Grant, Item } from './model.ts'
import { allows, grant, lettersFor, revoke } from './privileges.ts'
import type { Session } from './session.ts'
import type { Name, ObjectKind, Statement } from './statements.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>
type ItemKind = Item['type']

const ITEM_KINDS: readonly ObjectKind[] = [
  'secret',
  'connection',
  'source',
  'sink',
  'table',
  'view',
  'materialized-view',
]

function isItemKind(kind: ObjectKind | 'system'): kind is ItemKind {
  return ITEM_KINDS.includes(kind as ObjectKind)
}

interface Container {
  id: string
  name: string
  ownerId: string
  acl: Grant[]
  comment?: string
}

/** A cluster, schema or database, with the capitals its messages use. */
function container(
  session: Session,
  kind: ObjectKind | 'system',
  name: Name,
): { object: Container; label: 'CLUSTER' | 'SCHEMA' | 'DATABASE'; full: string } {
  const { catalog } = session.environment
  switch (kind) {
    case 'cluster': {
      const object = catalog.cluster(name.parts.join('.'))
      return { object, label: 'CLUSTER', full: object.name }
    }
    case 'schema': {
      const object = catalog.schema(name, session.scope)
      return { object, label: 'SCHEMA', full: catalog.schemaName(object.id).join('.') }
    }
    case 'database': {
      const object = catalog.database(name.parts[0]!)
      return { object, label: 'DATABASE', full: object.name }
    }
    default:
      throw unknownHere(`this statement about a ${kind}`)
  }
}

export function comment(session: Session, statement: Of<'comment'>): void {
  const { catalog } = session.environment
  if (statement.object === 'column') return commentOnColumn(session, statement)
  if (isItemKind(statement.object)) {
    const item = existing(session, { name: statement.name, kind: statement.object })!
    session.rights.owner(item)
    session.rights.usageOf(item)
    setComment(item, 0, statement.text)
  } else {
    const { object, label, full } = container(session, statement.object, statement.name)
    session.rights.ownerOf(label, object, full)
    if (statement.text === null) delete object.comment
    else object.comment = statement.text
  }
  catalog.changed()
}

function commentOnColumn(session: Session, statement: Of<'comment'>): void {
  const { catalog } = session.environment
  const relation = { parts: statement.name.parts.slice(0, -1) }
  const column = statement.name.parts.at(-1)!
  const item = catalog.resolve(relation, session.scope)
  if (!('columns' in item) || !('comments' in item)) {
    throw unknownHere('comments on this kind of column')
  }
  session.rights.owner(item)
  session.rights.usageOf(item)
  const position = item.columns.findIndex((one) => one.name === column) + 1
  if (position === 0) throw planError(`column "${column}" does not exist`)
  setComment(item, position, statement.text)
  catalog.changed()
}

function setComment(item: Item, position: number, text: string | null): void {
  if (text === null) item.comments.delete(position)
  else item.comments.set(position, text)
}

export function rename(session: Session, statement: Of<'rename'>): void {
  const { catalog } = session.environment
  if (!isItemKind(statement.object)) {
    const { object, label, full } = container(session, statement.object, statement.name)
    session.rights.ownerOf(label, object, full)
    object.name = statement.to
  } else {
    const { name, ifExists } = statement
    const item = existing(session, { name, ifExists, kind: statement.object })
    if (item === undefined) return
    session.rights.owner(item)
    if (catalog.itemIn(item.schemaId, statement.to) !== undefined) {
      throw planError(`catalog item '${statement.to}' already exists`)
    }
    if (catalog.dependents(item.id).some((one) => 'definition' in one)) {
      throw unknownHere('renaming what a view reads')
    }
    item.name = statement.to
  }
  catalog.changed()
}

export function changeOwner(session: Session, statement: Of<'owner'>): void {
  const { catalog } = session.environment
  const role = catalog.role(statement.to)
  let object: { ownerId: string; acl: Grant[] }
  if (isItemKind(statement.object)) {
    const { name, ifExists } = statement
    const item = existing(session, { name, ifExists, kind: statement.object })
    if (item === undefined) return
    session.rights.owner(item)
    object = item
  } else {
    const found = container(session, statement.object, statement.name)
    session.rights.ownerOf(found.label, found.object, found.full)
    object = found.object
  }
  for (const entry of object.acl) {
    if (entry.grantee === object.ownerId) entry.grantee = role.id
    if (entry.grantor === object.ownerId) entry.grantor = role.id
  }
  object.ownerId = role.id
  catalog.changed()
}

export function grantOrRevoke(session: Session, statement: Of<'grant' | 'revoke'>): void {
  const { catalog } = session.environment
  const grantees = statement.roles.map((name) => (name === 'public' ? 'p' : catalog.role(name).id))
  for (const target of targets(session, statement)) {
    const letters = lettersFor(statement.privileges, target.kind)
    const unfit = letters.find((letter) => !allows(target.kind, letter))
    if (unfit !== undefined) throw unknownHere(`how Materialize refuses this privilege`)
    for (const grantee of grantees) {
      if (statement.kind === 'grant') {
        grant(target.acl, { grantee, grantor: target.ownerId, letters })
      } else revoke(target.acl, { grantee, letters })
    }
  }
  catalog.changed()
}

function targets(
  session: Session,
  statement: Of<'grant' | 'revoke'>,
): { kind: string; acl: Grant[]; ownerId: string }[] {
  const { catalog } = session.environment
  const { object } = statement
  if (object === 'system') {
    if (!session.role.isSuperuser) throw unknownHere('GRANT ON SYSTEM by an ordinary role')
    return [{ kind: 'system', acl: catalog.systemGrants, ownerId: 's1' }]
  }
  return statement.names.map((name) => {
    if (!isItemKind(object)) {
      const found = container(session, object, name)
      session.rights.ownerOf(found.label, found.object, found.full)
      return { kind: object, acl: found.object.acl, ownerId: found.object.ownerId }
    }
    const item = catalog.resolve(name, session.scope)
    if (!('acl' in item)) {
      throw planError(`system item '${catalog.fullName(item)}' cannot be modified`)
    }
    // TABLE stands for every kind of relation here.
    if (object !== 'table' && item.type !== object) {
      throw unknownHere(`a grant on a ${object} that is a ${item.type}`)
    }
    session.rights.owner(item)
    return { kind: item.type, acl: item.acl, ownerId: item.ownerId }
  })
}

export function grantRole(session: Session, statement: Of<'grant-role' | 'revoke-role'>): void {
  const { catalog } = session.environment
  session.rights.system('CREATEROLE')
  const role = catalog.role(statement.role)
  for (const name of statement.members) {
    const member = catalog.role(name)
    if (statement.kind === 'grant-role') member.memberOf.add(role.id)
    else member.memberOf.delete(role.id)
  }
  catalog.changed()
}
