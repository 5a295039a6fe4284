import { skippedExisting, skippedMissing } from './ddl-common.ts'
import { planError, SqlError, unknownHere } from './errors.ts'
import { SIZE_NAMES } from './replica-sizes.ts'
import { ownGrants } from './privileges.ts'
import type { Session } from './session.ts'
import type { Option, Statement } from './statements.ts'
import { textOf } from './kafka-connection.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>

interface Shape {
  size?: string
  replicas?: number
}

/** What every new container shows besides its owner's grants. */
function withSupport(kind: 'cluster' | 'schema' | 'database', ownerId: string) {
  const own = ownGrants(kind, ownerId)
  return [...own, { grantee: 's2', grantor: ownerId, privileges: new Set('U') }]
}

function clusterShape(options: Option[]): Shape {
  const shape: Shape = {}
  for (const { name, value } of options) {
    if (name === 'SIZE' && value !== undefined) {
      shape.size = textOf(value, 'SIZE')
      if (!SIZE_NAMES.includes(shape.size)) {
        throw planError(`unknown cluster replica size ${shape.size}`, {
          hint: `Valid cluster replica sizes are: ${SIZE_NAMES.join(', ')}`,
        })
      }
    } else if (name === 'REPLICATION FACTOR' && value?.is === 'number') {
      shape.replicas = Number(value.value)
    } else if (
      name === 'MANAGED' &&
      (value === undefined || (value.is === 'boolean' && value.value))
    ) {
      continue
    } else throw unknownHere(`the cluster option ${name}`)
  }
  return shape
}

export function createCluster(session: Session, statement: Of<'create-cluster'>): void {
  const { catalog } = session.environment
  session.rights.system('CREATECLUSTER')
  const shape = clusterShape(statement.options)
  if (shape.size === undefined) throw unknownHere('a cluster without SIZE')
  if (catalog.findCluster(statement.name) !== undefined) {
    if (statement.ifNotExists) return skippedExisting(session, 'cluster', statement.name)
    throw planError(`cluster '${statement.name}' already exists`)
  }
  const replicas =
    shape.replicas ?? Number(session.variables.get('default_cluster_replication_factor'))
  const id = catalog.id('cluster')
  catalog.clusters.set(id, {
    id,
    name: statement.name,
    ownerId: session.role.id,
    acl: withSupport('cluster', session.role.id),
    size: shape.size,
    replicas: newReplicas(session, replicas),
  })
  catalog.changed()
}

function newReplicas(session: Session, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    id: session.environment.catalog.id('replica'),
    name: `r${index + 1}`,
  }))
}

export async function alterCluster(
  session: Session,
  statement: Of<'alter-cluster'>,
): Promise<void> {
  const { catalog, ingestions, exports } = session.environment
  const cluster = catalog.findCluster(statement.name)
  if (cluster === undefined) {
    if (!statement.ifExists) throw planError(`unknown cluster '${statement.name}'`)
    return skippedMissing(session, 'cluster', { parts: [statement.name] })
  }
  session.rights.ownerOf('CLUSTER', cluster, cluster.name)
  if (statement.reset.length > 0) throw unknownHere('ALTER CLUSTER … RESET')
  const shape = clusterShape(statement.set)
  if (shape.size !== undefined) cluster.size = shape.size
  if (shape.replicas !== undefined && shape.replicas !== cluster.replicas.length) {
    cluster.replicas = newReplicas(session, shape.replicas)
    catalog.changed()
    // What runs in the cluster ends and begins with its replicas, and reads its secrets anew.
    await ingestions.restart((source) => source.clusterId === cluster.id)
    await exports.restart((sink) => sink.clusterId === cluster.id, true)
  }
  catalog.changed()
}

export function createSchema(session: Session, statement: Of<'create-schema'>): void {
  const { catalog } = session.environment
  const [first, second] = statement.name.parts
  const database = catalog.database(second === undefined ? session.scope.database : first!)
  const name = second ?? first!
  session.rights.database(database, 'CREATE')
  const taken = [...catalog.schemas.values()].some(
    (schema) => schema.name === name && (schema.databaseId ?? database.id) === database.id,
  )
  if (taken) {
    if (statement.ifNotExists) return skippedExisting(session, 'schema', name)
    throw planError(`schema '${name}' already exists`)
  }
  if (/^(mz|pg)_/.test(name)) {
    throw new SqlError('42939', `unacceptable schema name '${name}'`, {
      detail: 'The prefixes "mz_" and "pg_" are reserved for system schemas.',
    })
  }
  const id = catalog.id('schema')
  catalog.schemas.set(id, {
    id,
    oid: catalog.oid(),
    databaseId: database.id,
    name,
    ownerId: session.role.id,
    acl: withSupport('schema', session.role.id),
  })
  catalog.changed()
}

export function createDatabase(session: Session, statement: Of<'create-database'>): void {
  const { catalog } = session.environment
  session.rights.system('CREATEDB')
  if (catalog.findDatabase(statement.name) !== undefined) {
    if (statement.ifNotExists) return skippedExisting(session, 'database', statement.name)
    throw planError(`database '${statement.name}' already exists`)
  }
  const id = catalog.id('database')
  const acl = withSupport('database', session.role.id)
  catalog.databases.set(id, {
    id,
    oid: catalog.oid(),
    name: statement.name,
    ownerId: session.role.id,
    acl,
  })
  const schemaId = catalog.id('schema')
  catalog.schemas.set(schemaId, {
    id: schemaId,
    oid: catalog.oid(),
    databaseId: id,
    name: 'public',
    ownerId: session.role.id,
    acl: withSupport('schema', session.role.id),
  })
  catalog.changed()
}

export function createRole(session: Session, statement: Of<'create-role'>): void {
  const { catalog } = session.environment
  session.rights.system('CREATEROLE')
  if (catalog.findRole(statement.name) !== undefined) {
    throw planError(`role '${statement.name}' already exists`)
  }
  const id = catalog.id('role')
  catalog.roles.set(id, {
    id,
    oid: catalog.oid(),
    name: statement.name,
    canLogin: false,
    superuser: null,
    isSuperuser: false,
    password: null,
    memberOf: new Set(),
  })
  setAttributes(session, statement)
  catalog.changed()
}

export function alterRole(session: Session, statement: Of<'alter-role'>): void {
  session.rights.system('CREATEROLE')
  setAttributes(session, statement)
}

function setAttributes(session: Session, statement: { name: string; attributes: Option[] }): void {
  const role = session.environment.catalog.role(statement.name)
  for (const { name, value } of statement.attributes) {
    switch (name) {
      case 'LOGIN':
      case 'NOLOGIN':
        role.canLogin = name === 'LOGIN'
        break
      case 'PASSWORD':
        role.password = value?.is === 'string' ? value.value : null
        break
      case 'SUPERUSER':
      case 'NOSUPERUSER':
        role.isSuperuser = name === 'SUPERUSER'
        role.superuser = role.isSuperuser
        break
    }
  }
}
