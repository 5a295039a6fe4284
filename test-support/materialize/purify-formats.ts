import { existing, fromEngine } from './ddl-common.ts'
import { planError } from './errors.ts'
import type { ConnectionItem } from './model.ts'
import { compiledSchema } from './protobuf-encoding.ts'
import {
  registryClient,
  RegistryFailure,
  type RegisteredSchema,
  type RegistryClient,
} from './registry-client.ts'
import type { Session } from './session.ts'
import type {
  AvroSeed,
  Format,
  FormatClause,
  ProtobufSchema,
  ProtobufSeed,
  RegistryUse,
  SourceEnvelope,
  Strategy,
} from './statements.ts'

function formatsOf(clause: FormatClause | undefined): Format[] {
  return [clause?.key, clause?.value].filter((format) => format !== undefined)
}

function uses(clause: FormatClause | undefined): RegistryUse[] {
  return formatsOf(clause).flatMap((format) => ('registry' in format ? [format.registry] : []))
}

/** Names of registries made ids, before anything is asked of anybody. */
export function resolveRegistries(session: Session, clause: FormatClause | undefined): void {
  const { catalog } = session.environment
  for (const use of uses(clause)) {
    const item = catalog.resolve(use.connection, session.scope)
    if (item.type !== 'connection' || item.connectionType !== 'confluent-schema-registry') {
      const full = 'schemaId' in item ? catalog.fullName(item) : item.name
      throw planError(`${full} is not a schema registry connection`)
    }
    use.connectionId = item.id
  }
}

/** Ids of the connections to registries that formats use. */
export function registryIds(clause: FormatClause | undefined): string[] {
  return [...new Set(uses(clause).map((use) => use.connectionId!))]
}

/** The formats with the schemas that the registry holds now, which the source keeps from then on. */
export async function purified(
  session: Session,
  of: { format?: FormatClause; envelope?: SourceEnvelope },
  topic: string,
): Promise<FormatClause | undefined> {
  const { format: clause } = of
  if (clause === undefined) return undefined
  const seeded = async (format: Format): Promise<Format> => {
    if (!('registry' in format)) return format
    const client = clientOf(session, format.registry)
    const needsKey = of.envelope?.is === 'debezium'
    if (format.is === 'avro') {
      const seed = await fromEngine(session, avroSeed(client, format.registry, topic))
      if (needsKey && seed.key === undefined) throw keyNeeded()
      return { ...format, seed }
    }
    const seed = await fromEngine(session, protobufSeed(client, topic))
    if (needsKey && seed.key === undefined) throw keyNeeded()
    return { ...format, seed }
  }
  const value = await seeded(clause.value!)
  if (clause.bare) return { value, bare: true }
  return { key: await seeded(clause.key!), value, bare: false }
}

function keyNeeded(): Error {
  return planError('Key schema is required for ENVELOPE DEBEZIUM')
}

function clientOf(session: Session, use: RegistryUse): RegistryClient {
  const { catalog } = session.environment
  const item = existing(session, { name: use.connection, kind: 'connection' })!
  session.rights.usageOf(item)
  session.rights.item(item, 'USAGE')
  return registryClient(catalog, catalog.item(use.connectionId!) as ConnectionItem)
}

async function avroSeed(
  client: RegistryClient,
  use: RegistryUse,
  topic: string,
): Promise<AvroSeed> {
  const value = await byStrategy(client, use.valueStrategy, `${topic}-value`)
  if (value === undefined) throw planError('No value schema found')
  const key = await byStrategy(client, use.keyStrategy, `${topic}-key`)
  const references = async (schema: RegisteredSchema | undefined) =>
    schema === undefined ? [] : (await client.references(schema)).map((one) => one.schema)
  return {
    value: value.schema,
    ...(key === undefined ? {} : { key: key.schema }),
    references: { key: await references(key), value: await references(value) },
  }
}

async function byStrategy(
  client: RegistryClient,
  strategy: Strategy | undefined,
  subject: string,
): Promise<RegisteredSchema | undefined> {
  const none = { id: 0, subject, schemaType: 'AVRO', references: [] }
  switch (strategy?.by) {
    case 'inline':
      return { ...none, schema: strategy.schema }
    case 'id':
      return asked(`ID ${String(strategy.id)}`, () => client.byId(strategy.id))
    default:
      return asked(`subject ${JSON.stringify(subject)}`, () => client.latest(subject))
  }
}

async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error
    throw planError(`failed to fetch schema ${what} from schema registry`, {
      detail: error.message,
    })
  }
}

async function protobufSeed(client: RegistryClient, topic: string): Promise<ProtobufSeed> {
  const value = await compiled(client, `${topic}-value`)
  // A key's schema that is missing, or no good, is no schema.
  const key = await compiled(client, `${topic}-key`).catch(() => undefined)
  return { value, ...(key === undefined ? {} : { key }) }
}

async function compiled(client: RegistryClient, subject: string): Promise<ProtobufSchema> {
  const what = `subject ${JSON.stringify(subject)}`
  return asked(what, async () => {
    const found = await client.latest(subject)
    if (found === undefined) {
      throw new RegistryFailure('subject not found', { status: 404, code: 40401 })
    }
    return compiledSchema(found, await client.references(found))
  })
}
