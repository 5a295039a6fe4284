import { invalidName } from './avro-sink-schema.ts'
import { existing, fromEngine } from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import { find, textOf } from './kafka-connection.ts'
import type { RelationItem } from './model.ts'
import { mapValueType } from './nested-types.ts'
import { resolveRelation } from './queries.ts'
import { registryClient, RegistryFailure } from './registry-client.ts'
import type { Session } from './session.ts'
import type { CreateSink, DocTarget, RegistryUse } from './statements.ts'

const LEVELS = new Set(
  'BACKWARD BACKWARD_TRANSITIVE FORWARD FORWARD_TRANSITIVE FULL FULL_TRANSITIVE NONE'.split(' '),
)

/** The use of a registry by a sink's key and value; one FORMAT is of both. */
function uses(statement: CreateSink): { side: 'key' | 'value' | 'both'; use: RegistryUse }[] {
  const { key, value } = statement.format ?? {}
  const of = (format: typeof value, side: 'key' | 'value' | 'both') =>
    format !== undefined && 'registry' in format ? [{ side, use: format.registry }] : []
  return [...of(key, 'key'), ...of(value, key === undefined ? 'both' : 'value')]
}

/** What CREATE SINK asks of a registry: which subjects it has. */
export async function checkRegistries(session: Session, statement: CreateSink): Promise<void> {
  for (const { use } of uses(statement)) {
    const item = existing(session, { name: use.connection, kind: 'connection' })!
    session.rights.usageOf(item)
    session.rights.item(item, 'USAGE')
    const asked = registryClient(session.environment.catalog, item).listSubjects()
    await fromEngine(session, asked).catch((error: unknown) => {
      if (!(error instanceof RegistryFailure)) throw error
      throw planError('failed to list schema registry subjects', { detail: error.message })
    })
  }
}

export function checkAvroOptions(statement: CreateSink): void {
  const hasKey = statement.key !== undefined
  for (const { use } of uses(statement)) {
    if (use.keyStrategy !== undefined) {
      throw planError('KEY STRATEGY option does not make sense with sinks')
    }
    if (use.valueStrategy !== undefined) {
      throw planError('VALUE STRATEGY option does not make sense with sinks')
    }
    const key = find(use.options, 'AVRO KEY FULLNAME')
    const value = find(use.options, 'AVRO VALUE FULLNAME')
    if (!hasKey && key !== undefined) {
      throw planError('Cannot specify AVRO KEY FULLNAME without a corresponding KEY field')
    }
    if (hasKey && (key === undefined) !== (value === undefined)) {
      throw planError(
        'Must specify both AVRO KEY FULLNAME and AVRO VALUE FULLNAME when specifying generated schema names',
      )
    }
    for (const name of [key, value]) {
      const wrong = name === undefined ? undefined : invalidName(textOf(name, 'AVRO FULLNAME'))
      if (wrong !== undefined) throw planError(wrong)
    }
    for (const name of ['KEY COMPATIBILITY LEVEL', 'VALUE COMPATIBILITY LEVEL']) {
      const level = find(use.options, name)
      if (level !== undefined && !LEVELS.has(textOf(level, name).toUpperCase())) {
        throw unknownHere(`how Materialize refuses a ${name}`)
      }
    }
    if (!hasKey && find(use.options, 'KEY COMPATIBILITY LEVEL') !== undefined) {
      throw unknownHere('how Materialize refuses KEY COMPATIBILITY LEVEL without KEY')
    }
  }
}

/** Comments of the relation become docs, where no option says otherwise. */
export function documentSink(session: Session, from: RelationItem, statement: CreateSink): void {
  const name = { parts: [from.name] }
  for (const { use } of uses(statement)) {
    for (const doc of use.docs) {
      const relation = resolveRelation(session, doc.relation)
      doc.relationId = relation.id
      if (doc.column === undefined || !('columns' in relation)) continue
      if (!relation.columns.some((column) => column.name === doc.column)) {
        throw unknownHere('how Materialize refuses DOC ON a COLUMN that does not exist')
      }
    }
    const isTold = (column: string | undefined) =>
      use.docs.some(
        (doc) => doc.relationId === from.id && doc.column === column && doc.of === 'all',
      )
    const told = [...from.comments].flatMap(([position, text]): DocTarget[] => {
      const column = position === 0 ? undefined : from.columns[position - 1]?.name
      if (isTold(column)) return []
      const target = { of: 'all', relation: name, relationId: from.id, text } as const
      return column === undefined
        ? [{ ...target, on: 'TYPE' }]
        : [{ ...target, on: 'COLUMN', column }]
    })
    use.docs.push(...told)
  }
}

export function checkHeaders(session: Session, from: RelationItem, statement: CreateSink): void {
  const { headers } = statement
  if (session.variables.get('enable_kafka_sink_headers') !== 'on') {
    throw planError('Enable the HEADERS option for Kafka sinks is not available', {
      detail: 'The requested feature (enable_kafka_sink_headers) is in private preview.',
      hint: 'Contact support to discuss enabling the feature in your Materialize region.',
    })
  }
  if (statement.envelope === 'debezium') {
    throw planError('HEADERS option is not supported with ENVELOPE DEBEZIUM')
  }
  const column = from.columns.find(({ name }) => name === headers)
  if (column === undefined) throw planError(`HEADERS column (${headers!}) is unknown`)
  if (!['text', 'bytea'].includes(mapValueType(column.type) ?? '')) {
    throw planError('HEADERS column must have type map[text => text] or map[text => bytea]')
  }
}
