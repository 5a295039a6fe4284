import { unknownHere } from './errors.ts'
import { formatClause } from './parse-formats.ts'
import type {
  CreateSink,
  CreateSource,
  CreateTableFromSource,
  Include,
  IncludeKind,
  Option,
  SourceEnvelope,
  Statement,
} from './statements.ts'
import type { TokenStream } from './token-stream.ts'

const SOURCE_OPTIONS = [
  'GROUP ID PREFIX',
  'START OFFSET',
  'START TIMESTAMP',
  'TOPIC',
  'TOPIC METADATA REFRESH INTERVAL',
]
const SINK_OPTIONS = [
  'COMPRESSION TYPE',
  'PARTITION BY',
  'PROGRESS GROUP ID PREFIX',
  'TOPIC',
  'TOPIC CONFIG',
  'TOPIC METADATA REFRESH INTERVAL',
  'TOPIC PARTITION COUNT',
  'TOPIC REPLICATION FACTOR',
  'TRANSACTIONAL ID PREFIX',
  'LEGACY IDS',
]
export const SOURCE_WITH = ['TIMESTAMP INTERVAL', 'RETAIN HISTORY']
const TABLE_WITH = ['TEXT COLUMNS', 'EXCLUDE COLUMNS', 'PARTITION BY', 'RETAIN HISTORY']
const SINK_WITH = ['PARTITION STRATEGY', 'SNAPSHOT', 'VERSION', 'COMMIT INTERVAL']

/** Keeps absent clauses absent, as `exactOptionalPropertyTypes` asks. */
export function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}

export function columnList(s: TokenStream): string[] | undefined {
  return s.isOperator('(') ? s.parenthesised(() => s.identifier()) : undefined
}

function inCluster(s: TokenStream): string | undefined {
  return s.accept('in', 'cluster') ? s.identifier() : undefined
}

export function createSource(s: TokenStream): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.name()
  const columns = columnList(s)
  const cluster = inCluster(s)
  s.expect('from')
  if (!s.accept('kafka')) {
    if (s.isWord('load') || s.isWord('postgres') || s.isWord('mysql') || s.isWord('sql')) {
      throw unknownHere('sources other than Kafka')
    }
    throw s.expected('one of KAFKA or POSTGRES or SQL or MYSQL or LOAD')
  }
  s.expect('connection')
  const connection = s.name()
  const options = s.isOperator('(') ? s.options(SOURCE_OPTIONS) : []
  const format = formatClause(s)
  const include = includes(s)
  const envelope = sourceEnvelope(s)
  if (s.accept('for', 'all', 'tables')) {
    throw unknownHere('FOR ALL TABLES on a Kafka source')
  }
  const progress = s.accept('expose', 'progress', 'as') ? s.name() : undefined
  const withOptions = s.accept('with') ? s.parenthesised(() => sourceOption(s)) : []
  const statement: CreateSource = {
    kind: 'create-source',
    name,
    ifNotExists,
    connection,
    options,
    include,
    with: withOptions,
    ...present('columns', columns),
    ...present('cluster', cluster),
    ...present('format', format),
    ...present('envelope', envelope),
    ...present('progress', progress),
  }
  return statement
}

/** `RETAIN HISTORY [=] FOR '…'` has a word that no other option has. */
export function sourceOption(s: TokenStream, names: readonly string[] = SOURCE_WITH): Option {
  const name = s.optionName(names)
  if (name !== 'RETAIN HISTORY') {
    const value = s.optionValue()
    return value === undefined ? { name } : { name, value }
  }
  s.acceptOperator('=')
  s.expect('for')
  return { name, value: { is: 'for', value: s.string() } }
}

export function createTableFromSource(
  s: TokenStream,
  head: { name: CreateSource['name']; ifNotExists: boolean; columns?: string[] },
): Statement {
  const source = s.name()
  let reference
  if (s.acceptOperator('(')) {
    s.expect('reference')
    s.acceptOperator('=')
    reference = s.name()
    s.expectOperator(')')
  }
  const format = formatClause(s)
  const include = includes(s)
  const envelope = sourceEnvelope(s)
  const withOptions = s.accept('with') ? s.parenthesised(() => sourceOption(s, TABLE_WITH)) : []
  const unknown = withOptions.find((option) => option.name !== 'RETAIN HISTORY')
  if (unknown !== undefined) throw unknownHere(`${unknown.name} of a table from a Kafka source`)
  const statement: CreateTableFromSource = {
    kind: 'create-table-from-source',
    ...head,
    source,
    include,
    with: withOptions,
    ...present('reference', reference),
    ...present('format', format),
    ...present('envelope', envelope),
  }
  return statement
}

const INCLUDES: readonly IncludeKind[] = [
  'KEY',
  'TIMESTAMP',
  'PARTITION',
  'OFFSET',
  'HEADERS',
  'HEADER',
]

function includes(s: TokenStream): Include[] {
  if (!s.accept('include')) return []
  return s.separated((): Include => {
    const is = INCLUDES.find((word) => s.isWord(word))
    if (is === undefined) throw s.expectedOneOf([...INCLUDES])
    s.next()
    if (is === 'HEADER') {
      const header = s.string()
      s.expect('as')
      const alias = s.identifier()
      return { is, header, alias, bytes: s.accept('bytes') }
    }
    return s.accept('as') ? { is, alias: s.identifier() } : { is }
  })
}

function sourceEnvelope(s: TokenStream): SourceEnvelope | undefined {
  if (!s.accept('envelope')) return undefined
  if (s.accept('none')) return { is: 'none' }
  if (s.accept('debezium')) return { is: 'debezium' }
  if (s.isWord('materialize')) throw unknownHere('ENVELOPE MATERIALIZE')
  if (!s.accept('upsert')) throw s.expected('NONE, DEBEZIUM, UPSERT, or MATERIALIZE')
  if (!s.acceptOperator('(')) return { is: 'upsert' }
  s.expect('value', 'decoding', 'errors')
  s.acceptOperator('=')
  const parens = s.acceptOperator('(')
  s.expect('inline')
  const alias = s.accept('as') ? s.identifier() : undefined
  if (parens) s.expectOperator(')')
  s.expectOperator(')')
  return { is: 'upsert-inline', ...present('alias', alias) }
}

export function createSink(s: TokenStream): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.isWord('from') || s.isWord('in') ? undefined : s.name()
  const cluster = inCluster(s)
  s.expect('from')
  const from = s.name()
  s.expect('into')
  if (s.isWord('iceberg')) throw unknownHere('Iceberg sinks')
  s.expect('kafka', 'connection')
  const connection = s.name()
  const options = s.isOperator('(') ? s.parenthesised(() => sinkOption(s)) : []
  const key = sinkKey(s)
  const headers = s.accept('headers') ? s.identifier() : undefined
  const format = formatClause(s)
  const envelope = sinkEnvelope(s)
  const withOptions = s.accept('with') ? s.options(SINK_WITH) : []
  const statement: CreateSink = {
    kind: 'create-sink',
    ifNotExists,
    from,
    connection,
    options,
    with: withOptions,
    ...present('name', name),
    ...present('cluster', cluster),
    ...present('key', key),
    ...present('headers', headers),
    ...present('format', format),
    ...present('envelope', envelope),
  }
  return statement
}

function sinkOption(s: TokenStream): Option {
  const name = s.optionName(SINK_OPTIONS)
  if (name === 'PARTITION BY') {
    s.acceptOperator('=')
    return { name, value: { is: 'expression', sql: s.expression() } }
  }
  const value = s.optionValue()
  return value === undefined ? { name } : { name, value }
}

function sinkKey(s: TokenStream): CreateSink['key'] {
  if (!s.isWord('key') || s.isWord('format', 1)) return undefined
  s.expect('key')
  const columns = s.parenthesised(() => s.identifier())
  return { columns, notEnforced: s.accept('not', 'enforced') }
}

function sinkEnvelope(s: TokenStream): CreateSink['envelope'] {
  if (!s.accept('envelope')) return undefined
  if (s.accept('upsert')) return 'upsert'
  if (s.accept('debezium')) return 'debezium'
  throw s.expected('UPSERT, DEBEZIUM')
}
