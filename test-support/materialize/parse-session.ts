import { parseError, unknownHere } from './errors.ts'
import { parseDurationMs } from './durations.ts'
import { positionOf } from './lexer.ts'
import type { CursorQuery, ObjectKind, ShowObjects, Statement } from './statements.ts'
import type { TokenStream } from './token-stream.ts'

export function setVariable(s: TokenStream): Statement {
  const local = s.accept('local')
  if (!local) s.accept('session')
  if (s.isWord('transaction') || s.isWord('characteristics')) {
    throw unknownHere('SET TRANSACTION')
  }
  return { ...assignment(s), local, system: false }
}

/** The part after SET that ALTER SYSTEM SET shares. */
export function assignment(s: TokenStream): Statement & { kind: 'set' } {
  const name = s.accept('time', 'zone') ? 'timezone' : s.identifier()
  if (!s.acceptOperator('=') && !s.accept('to') && name !== 'timezone') {
    throw s.expected('equals sign or TO')
  }
  if (s.accept('default')) {
    return { kind: 'set', name, value: 'default', local: false, system: false }
  }
  const value = s.separated(() => {
    const token = s.next()
    if (['string', 'identifier', 'word', 'number'].includes(token.kind)) return token.value
    throw parseError(
      `Expected variable value, found ${token.value}`,
      positionOf(s.sql, token.start),
    )
  })
  return { kind: 'set', name, value, local: false, system: false }
}

const SHOW_LISTS: readonly ShowObjects[] = [
  'cluster replicas',
  'materialized views',
  'sources',
  'sinks',
  'secrets',
  'connections',
  'clusters',
  'schemas',
  'databases',
  'tables',
  'views',
  'roles',
  'objects',
]
const CREATE_KINDS: readonly [string, ObjectKind][] = [
  ['connection', 'connection'],
  ['source', 'source'],
  ['sink', 'sink'],
  ['table', 'table'],
  ['cluster', 'cluster'],
  ['materialized view', 'materialized-view'],
  ['view', 'view'],
  ['index', 'index'],
]

export function show(s: TokenStream): Statement {
  const redacted = s.accept('redacted')
  if (s.accept('create')) {
    const found = CREATE_KINDS.find(([words]) => s.accept(...words.split(' ')))
    if (found === undefined) {
      throw s.expectedOneOf(['TABLE', 'VIEW', 'SOURCE', 'SINK', 'INDEX', 'CONNECTION', 'CLUSTER'])
    }
    return { kind: 'show-create', object: found[1], name: s.name(), redacted }
  }
  if (s.accept('columns')) {
    if (!s.accept('from')) s.expect('in')
    return { kind: 'show-objects', what: 'columns', in: s.name(), ...likeFilter(s) }
  }
  const what = SHOW_LISTS.find((words) => s.accept(...words.split(' ')))
  if (what !== undefined) {
    const scope = s.accept('from') || s.accept('in') ? { in: showScope(s) } : {}
    return { kind: 'show-objects', what, ...scope, ...likeFilter(s) }
  }
  if (s.accept('transaction', 'isolation', 'level')) {
    return { kind: 'show', name: 'transaction_isolation' }
  }
  if (s.accept('time', 'zone')) return { kind: 'show', name: 'timezone' }
  return { kind: 'show', name: s.identifier() }
}

function showScope(s: TokenStream) {
  if (s.isWord('cluster')) throw unknownHere('SHOW … IN CLUSTER')
  s.accept('schema')
  return s.name()
}

function likeFilter(s: TokenStream): { filter?: string } {
  if (s.accept('like')) return { filter: s.string() }
  if (s.isWord('where')) throw unknownHere('SHOW … WHERE')
  return {}
}

export function begin(s: TokenStream): Statement {
  if (!s.accept('transaction')) s.accept('work')
  return { kind: 'begin', modes: transactionModes(s) }
}

function transactionModes(s: TokenStream): string[] {
  const modes: string[] = []
  while (!s.atEnd()) {
    if (s.accept('isolation', 'level')) {
      const level = ['read', 'uncommitted', 'committed', 'repeatable', 'serializable', 'strict']
      const words: string[] = []
      while (level.some((word) => s.isWord(word)) || s.isWord('strong')) {
        words.push(s.next().value)
      }
      modes.push(`isolation ${words.join(' ')}`)
    } else if (s.accept('read', 'only')) modes.push('read only')
    else if (s.accept('read', 'write')) modes.push('read write')
    else throw s.expected('end of statement')
    s.acceptOperator(',')
  }
  return modes
}

export function declare(s: TokenStream): Statement {
  const cursor = s.identifier()
  s.expect('cursor')
  if (!s.accept('with', 'hold')) s.accept('without', 'hold')
  s.expect('for')
  if (s.accept('subscribe')) return { kind: 'declare', cursor, query: subscribe(s) }
  const { text, start } = s.restOfStatement()
  if (!/^\s*(select|with|values|table|\()/i.test(text)) throw unknownHere('this kind of cursor')
  return { kind: 'declare', cursor, query: { is: 'select', sql: text, start } }
}

function subscribe(s: TokenStream): CursorQuery {
  s.accept('to')
  const start = s.peek().start
  const what = s.acceptOperator('(') ? { sql: parenthesisedQuery(s) } : { relation: s.name() }
  const options = { snapshot: true, progress: false }
  for (const word of ['envelope', 'within', 'as', 'up']) {
    if (s.isWord(word)) throw unknownHere(`SUBSCRIBE … ${word.toUpperCase()}`)
  }
  if (s.accept('with')) {
    for (const option of s.options(['SNAPSHOT', 'PROGRESS'])) {
      const value = option.value
      const on = value === undefined || (value.is === 'boolean' && value.value)
      if (value !== undefined && value.is !== 'boolean') {
        throw unknownHere('SUBSCRIBE options other than true and false')
      }
      if (option.name === 'SNAPSHOT') options.snapshot = on
      else options.progress = on
    }
  }
  if (!s.atEnd()) throw unknownHere('SUBSCRIBE with AS OF, UP TO or an envelope')
  return { is: 'subscribe', start, ...what, ...options }
}

function parenthesisedQuery(s: TokenStream): string {
  const from = s.peek().start
  let depth = 1
  for (;;) {
    const token = s.next()
    if (token.kind === 'end') throw s.expected('right parenthesis')
    if (token.kind !== 'operator') continue
    if (token.value === '(') depth++
    if (token.value === ')' && --depth === 0) return s.sql.slice(from, token.start)
  }
}

export function fetch(s: TokenStream): Statement {
  s.accept('forward')
  let count: number | 'all' = 1
  if (s.accept('all')) count = 'all'
  else if (s.peek().kind === 'number') count = s.integer()
  if (!s.accept('from')) s.accept('in')
  const cursor = s.identifier()
  let timeoutMs: number | undefined
  if (s.accept('with')) {
    const option = s.options(['TIMEOUT'])[0]
    if (option?.value?.is !== 'string') throw unknownHere('a FETCH timeout that is no string')
    timeoutMs = parseDurationMs(option.value.value)
    if (timeoutMs === undefined) throw unknownHere(`the FETCH timeout ${option.value.value}`)
  }
  return { kind: 'fetch', cursor, count, timeoutMs }
}
