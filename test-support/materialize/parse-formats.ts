import { parseError, unknownHere } from './errors.ts'
import { positionOf } from './lexer.ts'
import type {
  AvroFormat,
  DocTarget,
  Format,
  FormatClause,
  Option,
  ProtobufFormat,
  RegistryUse,
  Strategy,
} from './statements.ts'
import type { TokenStream } from './token-stream.ts'

const REGISTRY_OPTIONS = [
  'AVRO KEY FULLNAME',
  'AVRO VALUE FULLNAME',
  'NULL DEFAULTS',
  'KEY COMPATIBILITY LEVEL',
  'VALUE COMPATIBILITY LEVEL',
]
const DOC_OPTIONS = ['DOC ON', 'KEY DOC ON', 'VALUE DOC ON']

export function formatClause(s: TokenStream): FormatClause | undefined {
  if (s.accept('format')) return { value: format(s), bare: true }
  if (s.isWord('key') && s.isWord('format', 1)) {
    s.expect('key', 'format')
    const key = format(s)
    s.expect('value', 'format')
    return { key, value: format(s), bare: false }
  }
  return undefined
}

function format(s: TokenStream): Format {
  if (s.accept('bytes')) return { is: 'bytes' }
  if (s.accept('text')) return { is: 'text' }
  if (s.accept('json')) {
    if (s.accept('array')) throw unknownHere('FORMAT JSON ARRAY')
    return { is: 'json' }
  }
  if (s.accept('regex')) return { is: 'regex', pattern: s.string() }
  if (s.accept('csv')) return csvFormat(s)
  if (s.accept('avro')) return avroFormat(s)
  if (s.accept('protobuf')) return protobufFormat(s)
  throw s.expected('AVRO, PROTOBUF, REGEX, CSV, JSON, TEXT, or BYTES')
}

function csvFormat(s: TokenStream): Format {
  s.expect('with')
  let columns: { columns: number } | { header: string[] }
  if (s.accept('header')) {
    columns = { header: s.isOperator('(') ? s.parenthesised(() => s.identifier()) : [] }
  } else {
    columns = { columns: s.integer() }
    s.expect('columns')
  }
  if (!s.accept('delimited', 'by')) return { is: 'csv', ...columns }
  const token = s.peek()
  const delimiter = s.string()
  if ([...delimiter].length !== 1) {
    throw parseError('Expected one-character string', positionOf(s.sql, token.start))
  }
  return { is: 'csv', ...columns, delimiter }
}

function avroFormat(s: TokenStream): AvroFormat {
  s.expect('using')
  if (s.accept('schema')) {
    const schema = s.string()
    if (!s.isOperator('(')) return { is: 'avro', from: 'schema', schema }
    const [option] = s.options(['CONFLUENT WIRE FORMAT'])
    const wireFormat = option?.value?.is === 'boolean' ? option.value.value : true
    return { is: 'avro', from: 'schema', schema, wireFormat }
  }
  return { is: 'avro', from: 'registry', registry: registryUse(s) }
}

function protobufFormat(s: TokenStream): ProtobufFormat {
  if (s.accept('message')) {
    const message = s.string()
    s.expect('using')
    if (!s.isWord('schema')) {
      // The Terraform provider writes a message before a registry, which the grammar has no room for.
      throw s.expected('SCHEMA')
    }
    s.expect('schema')
    return { is: 'protobuf', from: 'schema', message, schema: s.string() }
  }
  s.expect('using')
  return { is: 'protobuf', from: 'registry', registry: registryUse(s) }
}

function registryUse(s: TokenStream): RegistryUse {
  s.expect('confluent', 'schema', 'registry', 'connection')
  const use: RegistryUse = { connection: s.name(), options: [], docs: [] }
  if (s.isOperator('(')) s.parenthesised(() => registryOption(s, use))
  if (s.isWord('seed')) throw unknownHere('SEED in a statement of a client')
  for (;;) {
    if (s.accept('key', 'strategy')) use.keyStrategy = strategy(s)
    else if (s.accept('value', 'strategy')) use.valueStrategy = strategy(s)
    else return use
  }
}

function registryOption(s: TokenStream, use: RegistryUse): void {
  const name = s.optionName([...REGISTRY_OPTIONS, ...DOC_OPTIONS])
  if (!DOC_OPTIONS.includes(name)) {
    const value = s.optionValue()
    const option: Option = value === undefined ? { name } : { name, value }
    use.options.push(option)
    return
  }
  const on = s.accept('type') ? 'TYPE' : 'COLUMN'
  if (on === 'COLUMN') s.expect('column')
  const { parts } = s.name()
  const of = name.startsWith('KEY') ? 'key' : name.startsWith('VALUE') ? 'value' : 'all'
  const column = on === 'COLUMN' ? parts.pop()! : undefined
  if (parts.length === 0) throw s.expected('a column with the name of its relation')
  s.acceptOperator('=')
  const doc: DocTarget = { of, on, relation: { parts }, text: s.string() }
  if (column !== undefined) doc.column = column
  use.docs.push(doc)
}

function strategy(s: TokenStream): Strategy {
  if (s.accept('id')) return { by: 'id', id: s.integer() }
  if (s.accept('latest')) return { by: 'latest' }
  if (s.accept('inline')) return { by: 'inline', schema: s.string() }
  throw s.expected('one of ID or LATEST or INLINE')
}
