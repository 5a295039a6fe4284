import { unknownHere } from './errors.ts'
import { alterConnection } from './parse-connection.ts'
import {
  alterCluster,
  comment,
  create,
  drop,
  grantOrRevoke,
  objectKind,
  renameOrOwner,
  roleAttributes,
} from './parse-objects.ts'
import { SOURCE_WITH, sourceOption } from './parse-kafka.ts'
import { assignment, begin, declare, fetch, setVariable, show } from './parse-session.ts'
import type { Parsed, Statement } from './statements.ts'
import { TokenStream } from './token-stream.ts'

/** Every statement of a query string; nothing runs if one of them cannot be read. */
export function parse(sql: string): Parsed[] {
  const s = new TokenStream(sql)
  const statements: Parsed[] = []
  for (;;) {
    while (s.acceptOperator(';'));
    if (s.peek().kind === 'end') return statements
    const start = s.peek().start
    const statement = parseStatement(s)
    if (!s.atEnd()) throw s.expected('end of statement')
    const last = s.tokens[s.at - 1]
    statements.push({ statement, text: sql.slice(start, last?.end ?? start) })
  }
}

const QUERY_WORDS = ['select', 'with', 'values', 'table']

function parseStatement(s: TokenStream): Statement {
  if (QUERY_WORDS.some((word) => s.isWord(word)) || s.isOperator('(')) {
    const { text, start } = s.restOfStatement()
    return { kind: 'select', sql: text, start }
  }
  const first = s.peek()
  const reader = first.kind === 'word' ? STATEMENTS[first.value] : undefined
  if (reader === undefined) throw s.expected('a keyword at the beginning of a statement')
  const whole = s.at
  s.next()
  return reader(s, whole)
}

type Reader = (s: TokenStream, whole: number) => Statement

const STATEMENTS: Record<string, Reader | undefined> = {
  create: (s) => create(s),
  alter: (s) => alter(s),
  drop: (s) => drop(s),
  validate: (s) => {
    s.expect('connection')
    return { kind: 'validate-connection', name: s.name() }
  },
  insert: (s, whole) => dml(s, { whole, verb: 'INSERT', before: 'into' }),
  update: (s, whole) => dml(s, { whole, verb: 'UPDATE' }),
  delete: (s, whole) => dml(s, { whole, verb: 'DELETE', before: 'from' }),
  grant: (s) => grantOrRevoke(s, 'grant'),
  revoke: (s) => grantOrRevoke(s, 'revoke'),
  comment: (s) => comment(s),
  set: (s) => setVariable(s),
  reset: (s) => ({ kind: 'reset', name: s.identifier(), system: false }),
  show: (s) => show(s),
  begin: (s) => begin(s),
  start: (s) => begin(s),
  commit: (s) => ends(s, 'commit'),
  end: (s) => ends(s, 'commit'),
  rollback: (s) => ends(s, 'rollback'),
  abort: (s) => ends(s, 'rollback'),
  declare: (s) => declare(s),
  fetch: (s) => fetch(s),
  close: (s) => ({ kind: 'close', cursor: s.identifier() }),
  deallocate: (s) => {
    s.accept('prepare')
    return { kind: 'deallocate', what: s.identifier() }
  },
  discard: (s) => ({ kind: 'discard', what: s.identifier() }),
  explain: (s) => {
    const { text } = s.restOfStatement()
    return { kind: 'explain', sql: text }
  },
  subscribe: () => {
    throw unknownHere('SUBSCRIBE outside a cursor')
  },
  copy: () => {
    throw unknownHere('COPY')
  },
  prepare: () => {
    throw unknownHere('PREPARE')
  },
  execute: () => {
    throw unknownHere('EXECUTE')
  },
}

function ends(s: TokenStream, kind: 'commit' | 'rollback'): Statement {
  if (!s.accept('transaction')) s.accept('work')
  return { kind }
}

function dml(
  s: TokenStream,
  of: { whole: number; verb: 'INSERT' | 'UPDATE' | 'DELETE'; before?: string },
): Statement {
  if (of.before !== undefined) s.expect(of.before)
  const table = s.name()
  s.at = of.whole
  const { text, start } = s.restOfStatement()
  return { kind: 'dml', verb: of.verb, table, sql: text, start }
}

function alter(s: TokenStream): Statement {
  if (s.accept('system')) return alterSystem(s)
  if (s.accept('connection')) return alterConnection(s)
  if (s.accept('secret')) return alterSecret(s)
  if (s.accept('sink')) return alterSink(s)
  if (s.accept('source')) return alterSource(s)
  if (s.accept('cluster')) return alterCluster(s)
  if (s.accept('role')) {
    const name = s.identifier()
    return { kind: 'alter-role', name, attributes: roleAttributes(s) }
  }
  if (s.isWord('default')) throw unknownHere('ALTER DEFAULT PRIVILEGES')
  return renameOrOwner(s, objectKind(s))
}

function alterSystem(s: TokenStream): Statement {
  if (s.accept('set')) return { ...assignment(s), system: true }
  s.expect('reset')
  return { kind: 'reset', name: s.identifier(), system: true }
}

function alterSecret(s: TokenStream): Statement {
  const start = s.at
  const ifExists = s.ifExists()
  const name = s.name()
  if (s.accept('as')) return { kind: 'alter-secret', name, ifExists, value: s.expression() }
  s.at = start
  return renameOrOwner(s, 'secret')
}

function alterSink(s: TokenStream): Statement {
  const start = s.at
  const ifExists = s.ifExists()
  const name = s.name()
  const alterTo = (action: (Statement & { kind: 'alter-sink' })['action']): Statement => ({
    kind: 'alter-sink',
    name,
    ifExists,
    action,
  })
  if (s.accept('set', 'from')) return alterTo({ do: 'from', item: s.name() })
  if (s.accept('set', 'cluster')) return alterTo({ do: 'cluster', cluster: s.identifier() })
  if (s.isWord('set') || s.isWord('reset')) {
    s.restOfStatement()
    return alterTo({ do: 'options' })
  }
  s.at = start
  return renameOrOwner(s, 'sink')
}

function alterSource(s: TokenStream): Statement {
  const start = s.at
  const ifExists = s.ifExists()
  const name = s.name()
  if (s.accept('set', 'cluster')) {
    s.identifier()
    return { kind: 'alter-source', name, ifExists, action: { do: 'cluster' } }
  }
  if (s.accept('set')) {
    s.expectOperator('(')
    const option = sourceOption(s)
    s.expectOperator(')')
    return { kind: 'alter-source', name, ifExists, action: { do: 'set', option } }
  }
  if (s.accept('reset')) {
    s.expectOperator('(')
    const option = s.optionName(SOURCE_WITH)
    s.expectOperator(')')
    return { kind: 'alter-source', name, ifExists, action: { do: 'reset', option } }
  }
  s.at = start
  return renameOrOwner(s, 'source')
}
