import { readBracketText, readEnvelope, readFormats, readIncludes } from './definition-formats.ts'
import type {
  ClusterDefinition,
  ConnectionDefinition,
  Definition,
  External,
  Options,
  PartialName,
  Reference,
  SinkDefinition,
  SourceDefinition,
  SubsourceDefinition,
  TableDefinition,
  ViewDefinition,
} from './definition-model.ts'
import { lengthWithoutEnd, queryTokens } from './definition-query.ts'
import type { NameOf } from './definition-reader.ts'
import { TokenReader } from './definition-reader.ts'
import { tokenize } from './definition-tokens.ts'
import { brokersOf, readBracketedOptions } from './definition-values.ts'

export type * from './definition-model.ts'
export { optionsDiffer, sameDefinition, sameOption, sameReference } from './definition-compare.ts'
export { printDefinition, printReference, printValue } from './definition-print.ts'
export { readQuery } from './definition-query.ts'
export { type QueryContext, sameQuery } from './definition-same-query.ts'

/**
 * Reads the definitions that Materialize’s catalog keeps (`create_sql`, objects by id) and shows
 * (SHOW CREATE). A clause or option that a newer server adds is kept, not refused.
 */

/** A clause of a statement: whether it was there to take. */
type Clause = (reader: TokenReader) => boolean

/** Takes clauses in any order; what none of them takes goes to `other`. */
function readClauses(reader: TokenReader, other: string[], clauses: Clause[]): void {
  while (!reader.done) {
    const start = reader.at
    const isTaken = clauses.some((clause) => {
      reader.at = start
      return clause(reader)
    })
    if (isTaken) continue
    // What stands in brackets is no clause of its own.
    reader.at = start
    const end = reader.peek()?.close ?? start
    while (reader.at <= end) other.push(reader.takeText())
  }
}

function readCluster(reader: TokenReader, into: { cluster?: Reference }): boolean {
  const cluster = reader.takeWords('in', 'cluster') ? reader.reference() : undefined
  if (cluster) into.cluster = cluster
  return cluster !== undefined
}

function readWith(reader: TokenReader, into: { with: Options }): boolean {
  const options = reader.takeWords('with') ? readBracketedOptions(reader) : undefined
  if (options) into.with = { ...into.with, ...options }
  return options !== undefined
}

/** `KAFKA CONNECTION c (…)`. */
function readExternal(reader: TokenReader): External | undefined {
  const type = reader.wordsUpTo('connection', 'include', 'with', 'format')
  if (type === '') return undefined
  const connection = reader.takeWords('connection') ? reader.reference() : undefined
  const options = readBracketedOptions(reader) ?? {}
  return { type, ...(connection && { connection }), options }
}

function readConnection(reader: TokenReader, name: PartialName): ConnectionDefinition {
  const into: ConnectionDefinition = {
    is: 'connection',
    name,
    type: '',
    options: {},
    brokers: [],
    with: {},
    other: [],
  }
  readClauses(reader, into.other, [
    (at) => {
      if (into.type !== '' || !at.takeWords('to')) return false
      into.type = at.wordsUpTo('with')
      into.options = readBracketedOptions(at) ?? {}
      return into.type !== ''
    },
    (at) => readWith(at, into),
  ])
  into.brokers = brokersOf(into.options)
  return into
}

function readSource(reader: TokenReader, name: PartialName): SourceDefinition {
  const columns = reader.names()
  const into: SourceDefinition = {
    is: 'source',
    name,
    ...(columns && { columns }),
    includes: [],
    envelope: { name: 'none', options: {} },
    with: {},
    other: [],
  }
  readClauses(reader, into.other, [
    (at) => readCluster(at, into),
    (at) => {
      const from = at.takeWords('from') ? readExternal(at) : undefined
      if (from) into.from = from
      return from !== undefined
    },
    (at) => readFormats(at, into),
    (at) => readIncludes(at, into),
    (at) => readEnvelope(at, into),
    (at) => {
      const progress = at.takeWords('expose', 'progress', 'as') ? at.reference() : undefined
      if (progress) into.progress = progress
      return progress !== undefined
    },
    (at) => readWith(at, into),
  ])
  return into
}

function readSinkKey(reader: TokenReader, into: SinkDefinition): boolean {
  const columns = reader.takeWords('key') ? reader.names() : undefined
  if (columns) into.key = { columns, notEnforced: reader.takeWords('not', 'enforced') }
  return columns !== undefined
}

function readSinkHeaders(reader: TokenReader, into: SinkDefinition): boolean {
  const headers = reader.takeWords('headers') ? reader.takeName() : undefined
  if (headers !== undefined) into.headers = headers
  return headers !== undefined
}

function readSink(reader: TokenReader, name: PartialName): SinkDefinition {
  const into: SinkDefinition = { is: 'sink', name, with: {}, other: [] }
  readClauses(reader, into.other, [
    (at) => readCluster(at, into),
    (at) => {
      const from = at.takeWords('from') ? at.reference() : undefined
      if (from) into.from = from
      return from !== undefined
    },
    (at) => {
      const external = at.takeWords('into') ? readExternal(at) : undefined
      if (external) into.into = external
      return external !== undefined
    },
    (at) => readFormats(at, into),
    (at) => readSinkKey(at, into),
    (at) => readSinkHeaders(at, into),
    (at) => readEnvelope(at, into),
    (at) => readWith(at, into),
  ])
  return into
}

function readTable(reader: TokenReader, name: PartialName): TableDefinition {
  const columns = readBracketText(reader)
  const into: TableDefinition = {
    is: 'table',
    name,
    ...(columns !== undefined && { columns }),
    options: {},
    includes: [],
    envelope: { name: 'none', options: {} },
    with: {},
    other: [],
  }
  readClauses(reader, into.other, [
    (at) => {
      const source = at.takeWords('from', 'source') ? at.reference() : undefined
      if (source === undefined) return false
      into.source = source
      into.options = readBracketedOptions(at) ?? {}
      return true
    },
    (at) => readFormats(at, into),
    (at) => readIncludes(at, into),
    (at) => readEnvelope(at, into),
    (at) => readWith(at, into),
  ])
  return into
}

function readSubsource(reader: TokenReader, name: PartialName): SubsourceDefinition {
  const columns = readBracketText(reader)
  const into: SubsourceDefinition = {
    is: 'subsource',
    name,
    ...(columns !== undefined && { columns }),
    with: {},
    other: [],
  }
  readClauses(reader, into.other, [(at) => readWith(at, into)])
  return into
}

/** Where the time stands that the server adds behind a query, `AS OF 1234`. */
function asOf(reader: TokenReader): number {
  for (let at = Math.max(reader.at, reader.end - 6); at < reader.end - 2; at += 1) {
    const ending = new TokenReader(reader, at, reader.end)
    if (ending.takeWords('as', 'of') && (ending.is('number') || ending.is('string'))) return at
  }
  return reader.end
}

function readView(reader: TokenReader, name: PartialName): ViewDefinition | undefined {
  const columns = reader.names()
  const into: ViewDefinition = {
    is: 'materialized-view',
    name,
    ...(columns && { columns }),
    with: {},
    query: [],
    other: [],
  }
  readClauses(reader, into.other, [
    (at) => readCluster(at, into),
    (at) => readWith(at, into),
    (at) => {
      if (into.query.length > 0 || !at.takeWords('as')) return false
      const end = asOf(at)
      into.query = queryTokens(new TokenReader(at, at.at, end))
      into.other.push(...queryTokens(new TokenReader(at, end, at.end)))
      at.at = at.end
      return true
    },
  ])
  return into.query.length === 0 ? undefined : into
}

function readClusterOptions(reader: TokenReader, name: PartialName): ClusterDefinition {
  const into: ClusterDefinition = {
    is: 'cluster',
    name,
    options: readBracketedOptions(reader) ?? {},
    other: [],
  }
  readClauses(reader, into.other, [])
  return into
}

const KINDS: {
  words: string[]
  read: (reader: TokenReader, name: PartialName) => Definition | undefined
}[] = [
  { words: ['connection'], read: readConnection },
  { words: ['source'], read: readSource },
  { words: ['sink'], read: readSink },
  { words: ['table'], read: readTable },
  { words: ['subsource'], read: readSubsource },
  { words: ['materialized', 'view'], read: readView },
  { words: ['cluster'], read: readClusterOptions },
]

/**
 * What a CREATE statement defines; undefined when it is not understood, whatever the text.
 * `nameOf` gives the names of what stands by its id alone, as clusters do.
 */
export function readDefinition(text: string, nameOf?: NameOf): Definition | undefined {
  const tokens = tokenize(text)
  if (tokens === undefined) return undefined
  const end = lengthWithoutEnd(tokens)
  // Two statements are no definition.
  if (tokens.slice(0, end).some((token) => token.is === 'symbol' && token.text === ';')) {
    return undefined
  }
  const reader = new TokenReader({ tokens, nameOf }, 0, end)
  if (!reader.takeWords('create')) return undefined
  reader.takeWords('or', 'replace')
  const kind = KINDS.find(({ words }) => reader.takeWords(...words))
  if (kind === undefined) return undefined
  reader.takeWords('if', 'not', 'exists')
  const name = reader.partialName()
  const read = name && kind.read(reader, name)
  // No clause begins so, and behind a name it would be a part of that.
  return read?.other[0] === '.' ? undefined : read
}
