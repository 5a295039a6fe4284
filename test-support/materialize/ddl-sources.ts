import { layoutOf } from './decode.ts'
import {
  add,
  checkLimit,
  clusterFor,
  existing,
  fromEngine,
  isFree,
  newItem,
  newPlace,
} from './ddl-common.ts'
import { checkSourceOptions } from './ddl-source-options.ts'
import { parseDurationMs } from './durations.ts'
import { planError, SqlError, unknownHere } from './errors.ts'
import { connectionConfig, find, noDuplicates, textOf } from './kafka-connection.ts'
import type { Column, ConnectionItem, SourceItem, TableItem } from './model.ts'
import { createStorage } from './relation-storage.ts'
import type { Session } from './session.ts'
import { purified, registryIds, resolveRegistries } from './purify-formats.ts'
import { registryClient } from './registry-client.ts'
import type { CreateSource, CreateTableFromSource, Name, Option } from './statements.ts'

const PROGRESS_COLUMNS: Column[] = [
  { name: 'partition', type: 'numrange', nullable: false },
  { name: 'offset', type: 'uint8', nullable: true },
]
const HOUR_MS = 3_600_000

/** A change that is ready and waits for its transaction. */
export type Change = () => Promise<void>

/** Everything CREATE SOURCE can say no to, and what is left to do afterwards. */
export async function planSource(
  session: Session,
  statement: CreateSource,
): Promise<Change | undefined> {
  const { environment } = session
  const { catalog } = environment
  const cluster = clusterFor(session, statement.cluster)
  const connection = kafkaConnection(session, statement.connection, 'source')
  resolveRegistries(session, statement.format)
  noDuplicates(statement.options)
  checkSourceOptions(session, statement.with)
  const topic = topicOf(statement)
  const offsets = startOffsets(statement.options)
  // Kafka is asked before anybody looks whether the name is taken.
  const resolved = await fromKafka(session, connection, {
    topic,
    offsets,
    options: statement.options,
  })
  const format = await purified(session, statement, topic)
  const registryOf = (id: string) => registryClient(catalog, catalog.item(id) as ConnectionItem)
  const { columns, keys } =
    format === undefined
      ? { columns: PROGRESS_COLUMNS, keys: [] }
      : layoutOf({ ...statement, format }, registryOf)
  const place = newPlace(session, statement.name)
  session.rights.cluster(cluster, 'CREATE')
  session.rights.usageOf(connection)
  session.rights.item(connection, 'USAGE')
  if (!isFree(session, place, { kind: 'source', ifNotExists: statement.ifNotExists })) {
    return undefined
  }
  checkLimit(session, 'source')
  const hasProgress = statement.format !== undefined
  const progressPlace = {
    schema: place.schema,
    name: statement.progress?.parts.at(-1) ?? `${place.name}_progress`,
  }
  if (hasProgress) isFree(session, progressPlace, { kind: 'source', ifNotExists: false })
  session.transaction?.taken.add(`${place.schema.id}.${place.name}`)

  return async () => {
    // Others may have dropped the connection or taken the name while Kafka answered.
    if (!catalog.items.has(connection.id)) {
      throw new SqlError('42704', `connection '${connection.id}' was dropped`)
    }
    if (!isFree(session, place, { kind: 'source', ifNotExists: statement.ifNotExists })) return
    const progress: SourceItem | undefined = hasProgress
      ? {
          ...newItem(session, progressPlace, 'source'),
          type: 'source',
          subtype: 'progress',
          columns: PROGRESS_COLUMNS,
          keys: [],
          uses: [],
        }
      : undefined
    const base = newItem(session, place, 'source')
    const prefix = find(statement.options, 'GROUP ID PREFIX')
    const source: SourceItem = {
      ...base,
      type: 'source',
      subtype: 'kafka',
      columns,
      keys,
      clusterId: cluster.id,
      connectionId: connection.id,
      uses: [
        connection.id,
        ...registryIds(format),
        ...(progress === undefined ? [] : [progress.id]),
      ],
      statement: {
        ...statement,
        options: resolved.options,
        ...(format === undefined ? {} : { format }),
      },
      topic,
      groupId:
        `${prefix === undefined ? '' : textOf(prefix, 'GROUP ID PREFIX')}` +
        `materialize-${catalog.environmentId}-${connection.id}-${base.id}`,
      ...(progress === undefined ? {} : { progressId: progress.id }),
    }
    await createStorage(environment, source.id, columns)
    if (progress !== undefined) {
      progress.parentId = source.id
      // Support staff may look at how far a source has come.
      progress.acl.unshift({
        grantee: 's2',
        grantor: progress.ownerId,
        privileges: new Set('r'),
      })
      await createStorage(environment, progress.id, PROGRESS_COLUMNS)
      add(session, progress)
    }
    add(session, source)
    if (hasProgress) environment.ingestions.start(source, resolved.offsets)
  }
}

export function kafkaConnection(
  session: Session,
  name: Name,
  of: 'source' | 'sink',
): ConnectionItem {
  const { catalog } = session.environment
  const item = catalog.resolve(name, session.scope)
  if (item.type === 'connection' && item.connectionType === 'kafka') return item
  throw planError(`KAFKA ${of} validation: ${catalog.fullName(item)} is not a KAFKA CONNECTION`)
}

function topicOf(statement: CreateSource): string {
  const topic = find(statement.options, 'TOPIC')
  if (topic === undefined) {
    throw planError('KAFKA source validation: KAFKA CONNECTION without TOPIC')
  }
  const refresh = find(statement.options, 'TOPIC METADATA REFRESH INTERVAL')
  if (refresh !== undefined) {
    const ms = parseDurationMs(textOf(refresh, 'TOPIC METADATA REFRESH INTERVAL'))
    if (ms === undefined) throw unknownHere('this TOPIC METADATA REFRESH INTERVAL')
    if (ms > HOUR_MS) {
      throw planError('TOPIC METADATA REFRESH INTERVAL cannot be greater than 1 hour')
    }
  }
  return textOf(topic, 'TOPIC')
}

function startOffsets(options: Option[]): bigint[] | undefined {
  const given = find(options, 'START OFFSET')
  if (given === undefined) return undefined
  if (find(options, 'START TIMESTAMP') !== undefined) {
    throw planError('cannot specify START TIMESTAMP and START OFFSET at same time')
  }
  const values = given.is === 'list' ? given.values : [given]
  return values.map((value) => {
    const text = textOf(value, 'START OFFSET')
    if (!/^\d+$/.test(text)) throw planError('START OFFSET must be a nonnegative integer')
    return BigInt(text)
  })
}

interface FromKafka {
  offsets: bigint[]
  /** START TIMESTAMP made the offsets it stands for. */
  options: Option[]
}

async function fromKafka(
  session: Session,
  item: ConnectionItem,
  of: { topic: string; offsets: bigint[] | undefined; options: Option[] },
): Promise<FromKafka> {
  const { catalog, engine } = session.environment
  const connection = connectionConfig(catalog, item.options)
  const { topic } = of
  const { partitions } = await fromEngine(session, engine.describeTopic(connection, topic))
  const given = of.offsets ?? []
  if (given.length > partitions) {
    throw planError(
      `START OFFSET specified more partitions (${given.length}) than topic (${topic}) contains (${partitions})`,
    )
  }
  const timestamp = find(of.options, 'START TIMESTAMP')
  if (timestamp === undefined) {
    const offsets = Array.from({ length: partitions }, (_, at) => given[at] ?? 0n)
    return { offsets, options: of.options }
  }
  const ms = Number(textOf(timestamp, 'START TIMESTAMP'))
  const at = { topic, timestampMs: ms < 0 ? Date.now() + ms : ms }
  const offsets = await fromEngine(session, engine.offsetsAtTimestamp(connection, at))
  const list: Option = {
    name: 'START OFFSET',
    value: {
      is: 'list',
      values: offsets.map((offset) => ({ is: 'number', value: String(offset) })),
    },
  }
  const options = of.options.map((option) => (option.name === 'START TIMESTAMP' ? list : option))
  return { offsets, options }
}

export async function planTableFromSource(
  session: Session,
  statement: CreateTableFromSource,
): Promise<Change | undefined> {
  const { environment } = session
  const source = existing(session, { name: statement.source, kind: 'source' })!
  if (session.variables.get('enable_create_table_from_source') !== 'on') {
    throw planError('CREATE TABLE ... FROM SOURCE is not supported')
  }
  if (source.statement === undefined || source.statement.format !== undefined) {
    throw unknownHere('CREATE TABLE FROM a source that has a FORMAT of its own')
  }
  checkReference(session, source, statement.reference)
  checkSourceOptions(session, statement.with)
  resolveRegistries(session, statement.format)
  const format = await purified(session, statement, source.topic!)
  const { catalog } = environment
  const { columns, keys } = layoutOf(
    { ...statement, ...(format === undefined ? {} : { format }) },
    (id) => registryClient(catalog, catalog.item(id) as ConnectionItem),
  )
  const place = newPlace(session, statement.name)
  if (!isFree(session, place, { kind: 'table', ifNotExists: statement.ifNotExists })) {
    return undefined
  }
  checkLimit(session, 'table')
  const connection = environment.catalog.item(source.connectionId!) as ConnectionItem
  const { offsets } = await fromKafka(session, connection, {
    topic: source.topic!,
    offsets: startOffsets(source.statement.options),
    options: source.statement.options,
  })
  session.transaction?.taken.add(`${place.schema.id}.${place.name}`)
  return async () => {
    if (!isFree(session, place, { kind: 'table', ifNotExists: statement.ifNotExists })) return
    const table: TableItem = {
      ...newItem(session, place, 'table'),
      type: 'table',
      columns,
      keys,
      definitions: [],
      sourceId: source.id,
      statement: {
        ...statement,
        reference: { parts: [source.topic!] },
        ...(format === undefined ? {} : { format }),
      },
      uses: [source.id, ...registryIds(format)],
    }
    await createStorage(environment, table.id, columns)
    add(session, table)
    environment.ingestions.start(table, offsets)
  }
}

/** The one thing that a Kafka source has to offer is its topic. */
function checkReference(session: Session, source: SourceItem, reference: Name | undefined): void {
  if (reference === undefined || reference.parts.at(-1) === source.topic) return
  throw unknownHere(
    `how Materialize refuses the reference ${reference.parts.join('.')} of a source on ${source.topic!} ` +
      `(${session.environment.catalog.fullName(source)})`,
  )
}
