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
import { kafkaConnection } from './ddl-sources.ts'
import { isSystem } from './environment.ts'
import { planError, unknownHere } from './errors.ts'
import { connectionConfig, find, noDuplicates, textOf } from './kafka-connection.ts'
import type { RelationItem, SinkItem } from './model.ts'
import { quotedIdentifier } from './keywords.ts'
import { checkAvroOptions, checkHeaders, checkRegistries, documentSink } from './sink-clauses.ts'
import { registryIds, resolveRegistries } from './purify-formats.ts'
import { sinkSchemas } from './sink-encoders.ts'
import { hashedExpression } from './partition-by.ts'
import { resolveRelation, rewrite } from './queries.ts'
import type { Session } from './session.ts'
import type { CreateSink, Format, Name, Statement } from './statements.ts'

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const KEY_HINT = { hint: 'See: https://materialize.com/s/sink-key-selection' }

export async function createSink(session: Session, statement: CreateSink): Promise<void> {
  const { environment } = session
  const { catalog, engine } = environment
  const cluster = clusterFor(session, statement.cluster)
  const from = sinkable(session, statement.from)
  const connection = kafkaConnection(session, statement.connection, 'sink')
  resolveRegistries(session, statement.format)
  await fromEngine(session, engine.checkSink(connectionConfig(catalog, connection.options)))
  await checkRegistries(session, statement)
  checkFrom(from, statement.from)
  if (statement.name === undefined) throw unknownHere('a sink without a name')
  const place = newPlace(session, statement.name)
  session.rights.cluster(cluster, 'CREATE')
  session.rights.usageOf(from)
  session.rights.item(from, 'SELECT')
  session.rights.usageOf(connection)
  session.rights.item(connection, 'USAGE')
  if (!isFree(session, place, { kind: 'sink', ifNotExists: statement.ifNotExists })) return
  checkLimit(session, 'sink')
  const topic = checkOptions(statement)
  checkPartitionBy(session, from, statement)
  checkShape(session, from, { statement, name: place.name })
  documentSink(session, from, statement)
  // Names that Avro cannot have, and types that it has no form for, are refused here.
  sinkSchemas({ statement, fromId: from.id }, from.columns)
  const sink: SinkItem = {
    ...newItem(session, place, 'sink'),
    type: 'sink',
    clusterId: cluster.id,
    connectionId: connection.id,
    fromId: from.id,
    uses: [from.id, connection.id, ...registryIds(statement.format)],
    topic,
    statement,
    version: 0,
  }
  add(session, sink)
  environment.exports.start(sink)
}

function sinkable(session: Session, name: Name): RelationItem {
  const relation = resolveRelation(session, name)
  if (isSystem(relation)) {
    throw planError('creating a sink directly on a catalog object not yet supported')
  }
  return relation as RelationItem
}

function checkFrom(from: RelationItem, name: Name): void {
  if (from.type === 'view') {
    throw planError(`view ${name.parts.at(-1)} cannot be exported as a sink`)
  }
}

function checkOptions(statement: CreateSink): string {
  const { options } = statement
  noDuplicates(options)
  const topic = find(options, 'TOPIC')
  if (topic === undefined) throw planError('KAFKA CONNECTION must specify TOPIC')
  if (find(options, 'LEGACY IDS') !== undefined) {
    throw planError('LEGACY IDs option is not supported')
  }
  const compression = find(options, 'COMPRESSION TYPE')
  if (compression !== undefined) {
    const text = textOf(compression, 'COMPRESSION TYPE')
    if (!COMPRESSIONS.includes(text.toLowerCase())) {
      throw planError(`invalid COMPRESSION TYPE: ${text}`)
    }
  }
  for (const name of ['TOPIC PARTITION COUNT', 'TOPIC REPLICATION FACTOR']) {
    const value = find(options, name)
    if (value !== undefined && value.is !== 'number') {
      throw planError(`invalid ${name} option value: cannot use value as number`)
    }
  }
  if (find(statement.with, 'VERSION') !== undefined) {
    throw planError('CREATE SINK...WITH (VERSION..) is not allowed')
  }
  for (const name of ['PARTITION STRATEGY', 'COMMIT INTERVAL']) {
    if (find(statement.with, name) !== undefined) throw unknownHere(`sinks WITH (${name} …)`)
  }
  return textOf(topic, 'TOPIC')
}

/** The expression must be one that can be computed here. */
function checkPartitionBy(session: Session, from: RelationItem, statement: CreateSink): void {
  const given = find(statement.options, 'PARTITION BY')
  if (given?.is !== 'expression') return
  const expression = hashedExpression(given.sql) ?? given.sql
  const { catalog } = session.environment
  rewrite(
    session,
    `SELECT ${expression} FROM ${catalog.path(from).map(quotedIdentifier).join('.')}`,
  )
}

function checkShape(
  session: Session,
  from: RelationItem,
  of: { statement: CreateSink; name: string },
): void {
  const { statement } = of
  if (statement.envelope === undefined) throw planError('ENVELOPE clause is required')
  if (statement.format?.value === undefined) {
    throw planError('sink without format not yet supported')
  }
  if (statement.headers !== undefined) checkHeaders(session, from, statement)
  checkKey(session, from, of)
  const keyColumns = statement.key?.columns.length ?? 0
  checkFormat(statement.format.value, from.columns.length)
  if (keyColumns > 0) checkFormat(statement.format.key ?? statement.format.value, keyColumns)
  else if (statement.format.key !== undefined) throw unknownHere('KEY FORMAT on a sink without KEY')
  checkAvroOptions(statement)
}

function checkFormat(format: Format, columns: number): void {
  switch (format.is) {
    case 'json':
      return
    case 'avro':
      if (format.from === 'registry') return
      throw unknownHere('FORMAT AVRO USING SCHEMA on a sink')
    case 'text':
    case 'bytes':
      if (columns <= 1) return
      throw planError('BYTES or TEXT format with multiple columns not yet supported')
    default:
      throw planError(`sink format ${format.is} not yet supported`)
  }
}

function checkKey(
  session: Session,
  from: RelationItem,
  { statement, name }: { statement: CreateSink; name: string },
): void {
  const { key } = statement
  if (key === undefined) {
    if (statement.envelope === 'upsert')
      throw planError('upsert sinks must specify a key', KEY_HINT)
    return
  }
  for (const column of key.columns) {
    if (!from.columns.some((one) => one.name === column)) {
      throw planError(`column referenced in KEY does not exist: ${column}`)
    }
  }
  if (statement.envelope !== 'upsert') return
  const isUnique = from.keys.some((unique) => unique.every((one) => key.columns.includes(one)))
  if (isUnique) return
  const list = key.columns.map((column) => JSON.stringify(column)).join(', ')
  if (key.notEnforced) {
    session.notice({
      severity: 'WARNING',
      code: '01000',
      message: 'upsert key not validated to be unique',
      detail:
        `Materialize did not validate that the specified upsert envelope key (${list}) was a unique key of ` +
        `the underlying relation ${JSON.stringify(name)}. If this key is not unique, the sink might produce ` +
        'multiple updates for the same key at the same time, which may confuse downstream consumers.',
    })
    return
  }
  const known = from.keys.map(
    (unique) => `\n  (${unique.map((one) => JSON.stringify(one)).join(', ')})`,
  )
  const full = session.environment.catalog.fullName(from)
  throw planError('upsert key could not be validated as unique', {
    detail:
      `Materialize could not prove that the specified upsert envelope key (${list}) was a unique key of the ` +
      `underlying relation ${JSON.stringify(full)}. ` +
      (known.length === 0
        ? 'There are no known valid unique keys for the underlying relation.'
        : `The following keys are known to be unique for the underlying relation:${known.join('')}`),
    ...KEY_HINT,
  })
}

export async function alterSink(
  session: Session,
  statement: Extract<Statement, { kind: 'alter-sink' }>,
): Promise<void> {
  const { environment } = session
  const { name, ifExists, action } = statement
  const sink = existing(session, { name, ifExists, kind: 'sink' })
  if (sink === undefined) return
  session.rights.owner(sink)
  if (action.do === 'options') throw planError('ALTER SINK SET options not yet supported')
  if (action.do === 'cluster') {
    throw unknownHere('ALTER SINK … SET CLUSTER')
  }
  const from = sinkable(session, action.item)
  checkFrom(from, action.item)
  session.rights.usageOf(from)
  session.rights.item(from, 'SELECT')
  checkShape(session, from, { statement: sink.statement, name: sink.name })
  sink.fromId = from.id
  sink.uses = [from.id, sink.connectionId, ...registryIds(sink.statement.format)]
  sink.version++
  environment.catalog.changed()
  // The topic already holds the old relation's rows; the new one's snapshot is not written again.
  await environment.exports.restart((one) => one.id === sink.id, true)
}
