import { columnType } from './column-types.ts'
import { unknownHere } from './errors.ts'
import { createConnection } from './parse-connection.ts'
import { createSink, createSource, createTableFromSource } from './parse-kafka.ts'
import type { ColumnDefinition, ObjectKind, Option, Statement } from './statements.ts'
import type { TokenStream } from './token-stream.ts'

const KINDS: readonly [string, ObjectKind][] = [
  ['materialized view', 'materialized-view'],
  ['cluster replica', 'cluster-replica'],
  ['secret', 'secret'],
  ['connection', 'connection'],
  ['source', 'source'],
  ['sink', 'sink'],
  ['table', 'table'],
  ['view', 'view'],
  ['index', 'index'],
  ['cluster', 'cluster'],
  ['schema', 'schema'],
  ['database', 'database'],
  ['role', 'role'],
  ['column', 'column'],
]

const CLUSTER_OPTIONS = [
  'AVAILABILITY ZONES',
  'DISK',
  'INTROSPECTION INTERVAL',
  'INTROSPECTION DEBUGGING',
  'MANAGED',
  'REPLICAS',
  'REPLICATION FACTOR',
  'SIZE',
  'SCHEDULE',
  'WORKLOAD CLASS',
]

export function objectKind(s: TokenStream): ObjectKind {
  const found = KINDS.find(([words]) => s.accept(...words.split(' ')))
  if (found === undefined) {
    throw s.expectedOneOf(KINDS.map(([words]) => words.split(' ')[0]!.toUpperCase()))
  }
  return found[1]
}

export function create(s: TokenStream): Statement {
  const orReplace = s.accept('or', 'replace')
  const temporary = s.accept('temporary') || s.accept('temp')
  if (s.accept('secret')) return createSecret(s)
  if (s.accept('connection')) return createConnection(s)
  if (s.accept('source')) return createSource(s)
  if (s.accept('sink')) return createSink(s)
  if (s.accept('table')) return createTable(s, temporary)
  if (s.accept('materialized', 'view')) return createView(s, { orReplace, materialized: true })
  if (s.accept('view')) return createView(s, { orReplace, materialized: false })
  if (s.accept('cluster', 'replica')) throw unknownHere('CREATE CLUSTER REPLICA')
  if (s.accept('cluster')) return createCluster(s)
  if (s.accept('schema')) {
    const ifNotExists = s.ifNotExists()
    return { kind: 'create-schema', name: s.name(), ifNotExists }
  }
  if (s.accept('database')) {
    const ifNotExists = s.ifNotExists()
    return { kind: 'create-database', name: s.identifier(), ifNotExists }
  }
  if (s.accept('role') || s.accept('user')) {
    const name = s.identifier()
    return { kind: 'create-role', name, attributes: roleAttributes(s) }
  }
  if (['index', 'default', 'network', 'type'].some((word) => s.isWord(word))) {
    throw unknownHere(`CREATE ${s.peek().value.toUpperCase()}`)
  }
  throw s.expected('DATABASE, SCHEMA, ROLE, TYPE, INDEX, SINK, SOURCE, TABLE, SECRET or VIEW')
}

function createSecret(s: TokenStream): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.name()
  s.expect('as')
  return { kind: 'create-secret', name, ifNotExists, value: s.expression() }
}

function createTable(s: TokenStream, temporary: boolean): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.name()
  if (s.accept('from', 'source')) return createTableFromSource(s, { name, ifNotExists })
  const start = s.at
  if (s.isOperator('(')) {
    // Names only, then FROM SOURCE: the columns come from the source.
    try {
      const columns = s.parenthesised(() => s.identifier())
      if (s.accept('from', 'source')) {
        return createTableFromSource(s, { name, ifNotExists, columns })
      }
    } catch {
      // A table with types; read again below.
    }
    s.at = start
  }
  const columns = s.parenthesised(() => columnDefinition(s))
  if (s.isWord('with')) throw unknownHere('options of a table')
  return { kind: 'create-table', name, ifNotExists, columns, temporary }
}

function columnDefinition(s: TokenStream): ColumnDefinition {
  const name = s.identifier()
  const { type, stored, printed } = columnType(s)
  const column: ColumnDefinition = {
    name,
    type,
    storedType: stored,
    printedType: printed,
    nullable: true,
  }
  for (;;) {
    if (s.accept('not', 'null')) column.nullable = false
    else if (s.accept('null')) column.nullable = true
    else if (s.accept('default')) column.default = s.expression()
    else break
  }
  if (!s.isOperator(',') && !s.isOperator(')')) throw unknownHere('constraints of a column')
  return column
}

function createView(
  s: TokenStream,
  flags: { orReplace: boolean; materialized: boolean },
): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.name()
  const columns = s.isOperator('(') ? s.parenthesised(() => s.identifier()) : undefined
  const cluster = s.accept('in', 'cluster') ? s.identifier() : undefined
  if (s.isWord('with') && s.isOperator('(', 1)) throw unknownHere('options of a materialized view')
  s.expect('as')
  const { text, start } = s.restOfStatement()
  return {
    kind: 'create-view',
    name,
    ifNotExists,
    ...flags,
    ...(columns === undefined ? {} : { columns }),
    ...(cluster === undefined ? {} : { cluster }),
    query: text,
    queryStart: start,
  }
}

function clusterOptions(s: TokenStream): Option[] {
  const option = () => s.option(CLUSTER_OPTIONS)
  return s.isOperator('(') ? s.parenthesised(option) : s.separated(option)
}

function createCluster(s: TokenStream): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.identifier()
  return { kind: 'create-cluster', name, ifNotExists, options: clusterOptions(s) }
}

export function alterCluster(s: TokenStream): Statement {
  const ifExists = s.ifExists()
  const name = s.identifier()
  const of = { object: 'cluster' as const, name: { parts: [name] }, ifExists }
  if (s.accept('rename', 'to')) return { kind: 'rename', ...of, to: s.identifier() }
  if (s.accept('owner', 'to')) return { kind: 'owner', ...of, to: s.identifier() }
  if (s.accept('set')) {
    const set = s.options(CLUSTER_OPTIONS)
    if (s.isWord('with')) throw unknownHere('ALTER CLUSTER … WITH')
    return { kind: 'alter-cluster', name, ifExists, set, reset: [] }
  }
  if (s.accept('reset')) {
    const reset = s.parenthesised(() => s.optionName(CLUSTER_OPTIONS))
    return { kind: 'alter-cluster', name, ifExists, set: [], reset }
  }
  throw unknownHere('this ALTER CLUSTER')
}

export function roleAttributes(s: TokenStream): Option[] {
  s.accept('with')
  const attributes: Option[] = []
  while (!s.atEnd()) {
    const token = s.next()
    const name = token.value.toUpperCase()
    if (name === 'PASSWORD') {
      if (s.accept('null')) attributes.push({ name, value: { is: 'null' } })
      else attributes.push({ name, value: { is: 'string', value: s.string() } })
    } else if (['INHERIT', 'LOGIN', 'NOLOGIN', 'SUPERUSER', 'NOSUPERUSER'].includes(name)) {
      attributes.push({ name })
    } else {
      s.at--
      throw s.expected('SUPERUSER, INHERIT, LOGIN or PASSWORD')
    }
  }
  return attributes
}

export function drop(s: TokenStream): Statement {
  const object = objectKind(s)
  if (object === 'cluster-replica' || object === 'index' || object === 'column') {
    throw unknownHere(`DROP ${object}`)
  }
  const ifExists = s.ifExists()
  const names = s.names()
  const cascade = s.accept('cascade')
  if (!cascade) s.accept('restrict')
  return { kind: 'drop', object, names, ifExists, cascade }
}

/** ALTER … RENAME and OWNER, alike for every kind. */
export function renameOrOwner(s: TokenStream, object: ObjectKind): Statement {
  const ifExists = s.ifExists()
  const name = s.name()
  if (s.accept('rename', 'to'))
    return { kind: 'rename', object, name, ifExists, to: s.identifier() }
  if (s.accept('owner', 'to')) return { kind: 'owner', object, name, ifExists, to: s.identifier() }
  throw unknownHere(`this ALTER ${object}`)
}

export function comment(s: TokenStream): Statement {
  s.expect('on')
  const object = objectKind(s)
  const name = s.name()
  s.expect('is')
  return { kind: 'comment', object, name, text: s.accept('null') ? null : s.string() }
}

const PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'USAGE',
  'CREATE',
  'CREATEROLE',
  'CREATEDB',
  'CREATECLUSTER',
  'CREATENETWORKPOLICY',
]

export function grantOrRevoke(s: TokenStream, kind: 'grant' | 'revoke'): Statement {
  const link = kind === 'grant' ? 'to' : 'from'
  const isPrivilege = s.isWord('all') || PRIVILEGES.some((word) => s.isWord(word))
  if (!isPrivilege) {
    const role = s.identifier()
    s.expect(link)
    const members = s.separated(() => s.identifier())
    return { kind: kind === 'grant' ? 'grant-role' : 'revoke-role', role, members }
  }
  let privileges: string[] | 'all' = 'all'
  if (s.accept('all')) s.accept('privileges')
  else privileges = s.separated(() => s.optionName(PRIVILEGES))
  s.expect('on')
  if (s.accept('system')) {
    s.expect(link)
    return { kind, privileges, object: 'system', names: [], roles: grantees(s) }
  }
  if (s.isWord('all')) throw unknownHere('GRANT ON ALL …')
  const known = KINDS.some(([words]) => s.isWord(words.split(' ')[0]!))
  // Without a kind the name is of a relation, as in PostgreSQL.
  const object = known ? objectKind(s) : 'table'
  const names = s.names()
  s.expect(link)
  return { kind, privileges, object, names, roles: grantees(s) }
}

function grantees(s: TokenStream): string[] {
  return s.separated(() => {
    s.accept('group')
    return s.identifier()
  })
}
