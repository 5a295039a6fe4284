import { canceled, fromFault, planError, SqlError, unknownHere } from './errors.ts'
import { isSystem } from './environment.ts'
import type { Cluster, ConnectionItem, Item, Schema } from './model.ts'
import { ownGrants } from './privileges.ts'
import type { Session } from './session.ts'
import type { Name, ObjectKind, Option } from './statements.ts'

/** Where a new object goes, after the check that its maker may put it there. */
export interface Place {
  schema: Schema
  name: string
}

export function newPlace(session: Session, name: Name): Place {
  const { catalog } = session.environment
  const place = catalog.placeFor(name, session.scope)
  if (place.schema.databaseId === null) {
    throw unknownHere(`creating an object in the system schema ${place.schema.name}`)
  }
  session.rights.schema(place.schema, 'CREATE')
  return place
}

const DUPLICATE_CODES: Partial<Record<string, string>> = {
  schema: '42P06',
  database: '42P04',
  table: '42P07',
  view: '42P07',
  'materialized-view': '42P07',
}

export function skippedExisting(session: Session, kind: string, name: string): void {
  session.notice({
    code: DUPLICATE_CODES[kind] ?? '42710',
    message: `${kind.replaceAll('-', ' ')} ${JSON.stringify(name)} already exists, skipping`,
  })
}

export function skippedMissing(session: Session, kind: string, name: Name): void {
  session.notice({
    code: '42704',
    message: `${kind.replaceAll('-', ' ').toUpperCase()} ${JSON.stringify(name.parts.at(-1))} does not exist, skipping`,
  })
}

/** Whether the name is free; a taken one is an error or, with IF NOT EXISTS, a notice. */
export function isFree(
  session: Session,
  place: Place,
  of: { kind: string; ifNotExists: boolean },
): boolean {
  const { catalog } = session.environment
  const existing = catalog.itemIn(place.schema.id, place.name)
  const isTaken =
    existing !== undefined ||
    session.transaction?.taken.has(`${place.schema.id}.${place.name}`) === true
  if (!isTaken) return true
  if (of.ifNotExists) {
    skippedExisting(session, of.kind, place.name)
    return false
  }
  const full = [...catalog.schemaName(place.schema.id), place.name].join('.')
  const kind = (existing?.type ?? of.kind).replaceAll('-', ' ')
  throw planError(`${kind} ${JSON.stringify(full)} already exists`)
}

/** The object of a statement that changes it; absent, with a notice, under IF EXISTS. */
export function existing<T extends Item['type']>(
  session: Session,
  of: { name: Name; kind: T; ifExists?: boolean },
): Extract<Item, { type: T }> | undefined {
  const { catalog } = session.environment
  if (of.ifExists === true && lookUp(session, of.name) === undefined) {
    skippedMissing(session, of.kind, of.name)
    return undefined
  }
  const item = catalog.resolve(of.name, session.scope)
  if (isSystem(item)) {
    throw planError(`system item '${catalog.fullName(item)}' cannot be modified`)
  }
  if (item.type !== of.kind) {
    throw unknownHere(`how Materialize refuses a ${item.type} where a ${of.kind} is asked for`)
  }
  return item as Extract<Item, { type: T }>
}

/** Under IF EXISTS a missing schema is as good as a missing object. */
export function lookUp(session: Session, name: Name): Item | undefined {
  try {
    const found = session.environment.catalog.find(name, session.scope)
    return found === undefined || isSystem(found) ? undefined : found
  } catch (error) {
    if (error instanceof SqlError && /^unknown (schema|database)/.test(error.message)) {
      return undefined
    }
    throw error
  }
}

export function clusterFor(session: Session, name: string | undefined): Cluster {
  return session.environment.catalog.cluster(name ?? session.variables.get('cluster'))
}

/** The part of a new item that is alike for all kinds. */
export function newItem(session: Session, place: Place, kind: ObjectKind) {
  const { catalog } = session.environment
  return {
    id: catalog.itemId(),
    oid: catalog.oid(),
    schemaId: place.schema.id,
    name: place.name,
    ownerId: session.role.id,
    acl: ownGrants(kind, session.role.id),
    comments: new Map<number, string>(),
  }
}

export function add(session: Session, item: Item): void {
  const { catalog } = session.environment
  catalog.items.set(item.id, item)
  catalog.changed()
}

const LIMITS: [Item['type'], string][] = [
  ['secret', 'max_secrets'],
  ['source', 'max_sources'],
  ['sink', 'max_sinks'],
  ['table', 'max_tables'],
  ['materialized-view', 'max_materialized_views'],
]

/** Progress relations do not count. */
export function checkLimit(session: Session, kind: Item['type']): void {
  const variable = LIMITS.find(([of]) => of === kind)?.[1]
  if (variable === undefined) return
  const limit = Number(session.variables.get(variable))
  const current = [...session.environment.catalog.items.values()].filter(
    (item) => item.type === kind && !(item.type === 'source' && item.subtype === 'progress'),
  ).length
  withinLimit({ variable, limit, current, shown: kind.replaceAll('-', ' ') })
}

const CONNECTION_LIMITS: Partial<Record<ConnectionItem['connectionType'], [string, string]>> = {
  kafka: ['max_kafka_connections', 'Kafka Connection'],
  'aws-privatelink': ['max_aws_privatelink_connections', 'AWS PrivateLink Connection'],
}

export function checkConnectionLimit(
  session: Session,
  connectionType: ConnectionItem['connectionType'],
): void {
  const [variable, shown] = CONNECTION_LIMITS[connectionType] ?? []
  if (variable === undefined || shown === undefined) return
  const limit = Number(session.variables.get(variable))
  const current = [...session.environment.catalog.items.values()].filter(
    (item) => item.type === 'connection' && item.connectionType === connectionType,
  ).length
  withinLimit({ variable, limit, current, shown })
}

function withinLimit(of: {
  variable: string
  limit: number
  current: number
  shown: string
}): void {
  const { variable, limit, current, shown } = of
  if (current < limit) return
  throw new SqlError(
    '53000',
    `creating ${shown} would violate ${variable} limit (desired: ${current + 1}, limit: ${limit}, current: ${current})`,
    {
      hint: `Drop an existing ${shown} or contact support to request a limit increase.`,
    },
  )
}

/** Whether a connection statement asks for its check. */
export function wantsValidation(options: Option[], isDefault: boolean): boolean {
  const validate = options.find((option) => option.name === 'VALIDATE')
  if (validate === undefined) return isDefault
  if (validate.value === undefined) return true
  if (validate.value.is !== 'boolean') throw unknownHere('VALIDATE with a value that is no boolean')
  return validate.value.value
}

/** An answer of Kafka's, unless the statement is cancelled first; faults in Materialize's words. */
export async function fromEngine<T>(session: Session, asked: Promise<T>): Promise<T> {
  const { signal } = session
  try {
    return await Promise.race([
      asked,
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(canceled()), { once: true })
      }),
    ])
  } catch (error) {
    throw fromFault(error)
  }
}
