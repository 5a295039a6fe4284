import type { Catalog } from './catalog.ts'
import { SqlError } from './errors.ts'
import type { Cluster, Database, Grant, Item, Role, Schema, SystemRelation } from './model.ts'
import { kindInCapitals } from './model.ts'

const LETTERS: Record<string, string> = {
  INSERT: 'a',
  SELECT: 'r',
  UPDATE: 'w',
  DELETE: 'd',
  USAGE: 'U',
  CREATE: 'C',
  CREATEROLE: 'R',
  CREATEDB: 'B',
  CREATECLUSTER: 'N',
  CREATENETWORKPOLICY: 'P',
}
const ORDER = 'arwdUCRBNP'
const ALL: Record<string, string> = {
  table: 'arwd',
  view: 'r',
  'materialized-view': 'r',
  source: 'r',
  secret: 'U',
  connection: 'U',
  cluster: 'UC',
  schema: 'UC',
  database: 'UC',
  system: 'RBNP',
}

/** The grants as mz_aclitem[] writes them. */
export function aclText(acl: Grant[]): string {
  return `{${acl.map(aclItem).join(',')}}`
}

export function aclItem(grant: Grant): string {
  const letters = [...ORDER].filter((letter) => grant.privileges.has(letter)).join('')
  return `${grant.grantee === 'p' ? '' : grant.grantee}=${letters}/${grant.grantor}`
}

/** What an owner starts with. */
export function ownGrants(kind: string, ownerId: string): Grant[] {
  const letters = ALL[kind]
  if (letters === undefined) return []
  return [{ grantee: ownerId, grantor: ownerId, privileges: new Set(letters) }]
}

export function lettersFor(privileges: string[] | 'all', kind: string): string[] {
  if (privileges === 'all') return [...(ALL[kind] ?? '')]
  return privileges.map((privilege) => LETTERS[privilege]!)
}

export function allows(kind: string, letter: string): boolean {
  return (ALL[kind] ?? '').includes(letter)
}

function rolesOf(catalog: Catalog, role: Role): Set<string> {
  const all = new Set(['p', role.id])
  const visit = (one: Role) => {
    for (const id of one.memberOf) {
      if (all.has(id)) continue
      all.add(id)
      const parent = catalog.roles.get(id)
      if (parent !== undefined) visit(parent)
    }
  }
  visit(role)
  return all
}

/** Rights of one role. Superusers have them all. */
export class Rights {
  private readonly catalog: Catalog
  readonly role: Role

  constructor(catalog: Catalog, role: Role) {
    this.catalog = catalog
    this.role = role
  }

  has(acl: Grant[], privilege: string): boolean {
    if (this.role.isSuperuser) return true
    const mine = rolesOf(this.catalog, this.role)
    const letter = LETTERS[privilege]!
    return acl.some((grant) => mine.has(grant.grantee) && grant.privileges.has(letter))
  }

  owns(ownerId: string): boolean {
    return this.role.isSuperuser || rolesOf(this.catalog, this.role).has(ownerId)
  }

  private need(acl: Grant[], privilege: string, what: string): void {
    if (this.has(acl, privilege)) return
    throw new SqlError('42501', `permission denied for ${what}`, {
      detail: `The '${this.role.name}' role needs ${privilege} privileges on ${what}`,
    })
  }

  schema(schema: Schema, privilege: 'CREATE' | 'USAGE'): void {
    if (schema.databaseId === null && privilege === 'USAGE') return
    const name = this.catalog.schemaName(schema.id).join('.')
    this.need(schema.acl, privilege, `SCHEMA ${JSON.stringify(name)}`)
  }

  database(database: Database, privilege: 'CREATE' | 'USAGE'): void {
    this.need(database.acl, privilege, `DATABASE ${JSON.stringify(database.name)}`)
  }

  cluster(cluster: Cluster, privilege: 'CREATE' | 'USAGE'): void {
    this.need(cluster.acl, privilege, `CLUSTER ${JSON.stringify(cluster.name)}`)
  }

  system(privilege: string): void {
    this.need(this.catalog.systemGrants, privilege, 'SYSTEM')
  }

  item(item: Item | SystemRelation, privilege: string): void {
    const acl = 'acl' in item ? item.acl : this.systemAcl(item)
    const name = this.catalog.fullName(item)
    this.need(acl, privilege, `${kindInCapitals(item.type)} ${JSON.stringify(name)}`)
  }

  private systemAcl(relation: SystemRelation): Grant[] {
    const grantee = relation.restricted === true ? 'g1' : 'p'
    return [{ grantee, grantor: 's1', privileges: new Set('r') }]
  }

  /** USAGE of the schema is needed to name an object at all. */
  usageOf(item: Item): void {
    this.schema(this.catalog.schemas.get(item.schemaId)!, 'USAGE')
  }

  owner(item: Item): void {
    if (this.owns(item.ownerId)) return
    throw new SqlError(
      '42501',
      `must be owner of ${kindInCapitals(item.type)} ${this.catalog.fullName(item)}`,
    )
  }

  ownerOf(
    kind: 'CLUSTER' | 'SCHEMA' | 'DATABASE',
    object: { ownerId: string },
    name: string,
  ): void {
    if (this.owns(object.ownerId)) return
    throw new SqlError('42501', `must be owner of ${kind} ${name}`)
  }
}

export function grant(
  acl: Grant[],
  to: { grantee: string; grantor: string; letters: string[] },
): void {
  let entry = acl.find((one) => one.grantee === to.grantee && one.grantor === to.grantor)
  if (entry === undefined) {
    entry = { grantee: to.grantee, grantor: to.grantor, privileges: new Set() }
    acl.push(entry)
  }
  for (const letter of to.letters) entry.privileges.add(letter)
}

export function revoke(acl: Grant[], from: { grantee: string; letters: string[] }): void {
  for (const entry of acl) {
    if (entry.grantee !== from.grantee) continue
    for (const letter of from.letters) entry.privileges.delete(letter)
  }
  for (let at = acl.length - 1; at >= 0; at--) {
    if (acl[at]!.privileges.size === 0) acl.splice(at, 1)
  }
}
