import { randomUUID } from 'node:crypto'
import { planError, SqlError, unknownItem } from './errors.ts'
import { bootstrap } from './catalog-bootstrap.ts'
import type {
  Cluster,
  Database,
  Grant,
  Item,
  RelationItem,
  Role,
  Schema,
  SystemRelation,
} from './model.ts'
import { isRelation } from './model.ts'
import type { Name } from './statements.ts'
import { SYSTEM_RELATIONS } from './system-relations.ts'

/** What name resolution needs to know of a session. */
export interface Scope {
  database: string
  searchPath: string[]
}

export const SYSTEM_SCHEMAS = ['mz_catalog', 'pg_catalog', 'mz_internal', 'mz_introspection']
const FIRST_USER_OID = 20003

/** Everything that exists, by id. The relations a client reads are computed from it. */
export class Catalog {
  readonly environmentId = `docker-container-${randomUUID()}-0`
  readonly roles = new Map<string, Role>()
  readonly databases = new Map<string, Database>()
  readonly schemas = new Map<string, Schema>()
  readonly clusters = new Map<string, Cluster>()
  readonly items = new Map<string, Item>()
  readonly systemGrants: Grant[] = []
  readonly systemVariables = new Map<string, string>()
  /** Counts committed changes, so that an open transaction notices others' DDL. */
  version = 0
  private nextItem = 1
  private nextOid = FIRST_USER_OID
  private readonly nextIds = { role: 2, database: 2, schema: 4, cluster: 2, replica: 2 }

  constructor() {
    bootstrap(this)
  }

  changed(): void {
    this.version++
  }

  oid(): number {
    return this.nextOid++
  }

  itemId(): string {
    return `u${this.nextItem++}`
  }

  id(of: 'role' | 'database' | 'schema' | 'cluster' | 'replica'): string {
    return `u${this.nextIds[of]++}`
  }

  role(name: string): Role {
    const role = this.findRole(name)
    if (role === undefined) throw planError(`unknown role '${name}'`)
    return role
  }

  findRole(name: string): Role | undefined {
    return [...this.roles.values()].find((role) => role.name === name)
  }

  findCluster(name: string): Cluster | undefined {
    return [...this.clusters.values()].find((cluster) => cluster.name === name)
  }

  cluster(name: string): Cluster {
    const cluster = this.findCluster(name)
    if (cluster === undefined) throw planError(`unknown cluster '${name}'`)
    return cluster
  }

  findDatabase(name: string): Database | undefined {
    return [...this.databases.values()].find((database) => database.name === name)
  }

  database(name: string): Database {
    const database = this.findDatabase(name)
    if (database === undefined) throw planError(`unknown database '${name}'`)
    return database
  }

  findSchema(name: Name, scope: Scope): Schema | undefined {
    const schemaName = name.parts.at(-1)!
    const system = [...this.schemas.values()].find(
      (schema) => schema.databaseId === null && schema.name === schemaName,
    )
    if (name.parts.length === 1 && system !== undefined) return system
    const database = this.findDatabase(name.parts.length > 1 ? name.parts[0]! : scope.database)
    return [...this.schemas.values()].find(
      (schema) => schema.name === schemaName && schema.databaseId === database?.id,
    )
  }

  schema(name: Name, scope: Scope): Schema {
    if (name.parts.length > 1) this.database(name.parts[0]!)
    const schema = this.findSchema(name, scope)
    if (schema === undefined) throw planError(`unknown schema '${name.parts.join('.')}'`)
    return schema
  }

  /** The schema in which an unqualified name is made: the first of the search path that exists. */
  currentSchema(scope: Scope): Schema {
    for (const name of scope.searchPath) {
      const schema = this.findSchema({ parts: [name] }, scope)
      if (schema !== undefined) return schema
    }
    throw new SqlError('3F000', 'no valid schema selected', {
      hint:
        'Use SET schema = name to select a schema.  Use SHOW SCHEMAS to list available schemas.' +
        '  Use SHOW search_path to show the schema names that we looked for, but none of them existed.',
    })
  }

  /** Where a new item goes. */
  placeFor(name: Name, scope: Scope): { schema: Schema; name: string } {
    const last = name.parts.at(-1)!
    if (name.parts.length === 1) return { schema: this.currentSchema(scope), name: last }
    return { schema: this.schema({ parts: name.parts.slice(0, -1) }, scope), name: last }
  }

  find(name: Name, scope: Scope): Item | SystemRelation | undefined {
    const last = name.parts.at(-1)!
    if (name.parts.length === 1) {
      for (const schema of ['pg_catalog', 'mz_catalog']) {
        const relation = systemRelation(schema, last)
        if (relation !== undefined) return relation
      }
      for (const schemaName of scope.searchPath) {
        const found = this.inSchema(this.findSchema({ parts: [schemaName] }, scope), last)
        if (found !== undefined) return found
      }
      return undefined
    }
    return this.inSchema(this.schema({ parts: name.parts.slice(0, -1) }, scope), last)
  }

  private inSchema(schema: Schema | undefined, name: string): Item | SystemRelation | undefined {
    if (schema === undefined) return undefined
    if (schema.databaseId === null) return systemRelation(schema.name, name)
    return this.itemIn(schema.id, name)
  }

  itemIn(schemaId: string, name: string): Item | undefined {
    for (const item of this.items.values()) {
      if (item.schemaId === schemaId && item.name === name) return item
    }
    return undefined
  }

  resolve(name: Name, scope: Scope): Item | SystemRelation {
    const item = this.find(name, scope)
    if (item === undefined) throw unknownItem(name.parts.join('.'))
    return item
  }

  item(id: string): Item {
    const item = this.items.get(id)
    if (item === undefined) throw planError(`unknown catalog item '${id}'`)
    return item
  }

  relation(id: string): RelationItem {
    const item = this.item(id)
    if (!isRelation(item)) throw planError(`unknown catalog item '${id}'`)
    return item
  }

  schemaName(schemaId: string): string[] {
    const schema = this.schemas.get(schemaId)!
    const database = this.databases.get(schema.databaseId ?? '')
    return database === undefined ? [schema.name] : [database.name, schema.name]
  }

  /** Database, schema and name. */
  path(item: Item | SystemRelation): string[] {
    if ('schema' in item) return [item.schema, item.name]
    return [...this.schemaName(item.schemaId), item.name]
  }

  fullName(item: Item | SystemRelation): string {
    return this.path(item).join('.')
  }

  /** What needs an object, directly; the progress relation goes with its source and is no obstacle. */
  dependents(id: string): Item[] {
    return [...this.items.values()].filter((item) => item.uses.includes(id))
  }
}

const SYSTEM_BY_NAME = new Map(
  SYSTEM_RELATIONS.map((relation) => [`${relation.schema}.${relation.name}`, relation]),
)

export function systemRelation(schema: string, name: string): SystemRelation | undefined {
  return SYSTEM_BY_NAME.get(`${schema}.${name}`)
}
