import { unknownHere } from './errors.ts'
import type { AlterConnection, Option, OptionValue, Statement } from './statements.ts'
import type { TokenStream } from './token-stream.ts'

/** The options of every connection type: Materialize parses them alike and refuses the unfit ones when it plans. */
const CONNECTION_OPTIONS = [
  'ACCESS KEY ID',
  'ASSUME ROLE ARN',
  'AVAILABILITY ZONES',
  'AWS CONNECTION',
  'AWS PRIVATELINK',
  'BROKER',
  'BROKERS',
  'CREDENTIAL',
  'DATABASE',
  'ENDPOINT',
  'HOST',
  'PASSWORD',
  'PORT',
  'PROGRESS TOPIC',
  'PROGRESS TOPIC REPLICATION FACTOR',
  'REGION',
  'SASL MECHANISMS',
  'SASL PASSWORD',
  'SASL USERNAME',
  'SECRET ACCESS KEY',
  'SECURITY PROTOCOL',
  'SERVICE NAME',
  'SSH TUNNEL',
  'SSL CERTIFICATE',
  'SSL CERTIFICATE AUTHORITY',
  'SSL KEY',
  'SSL MODE',
  'URL',
  'USER',
  'USERNAME',
] as const

const CONNECTION_TYPES = [
  'AWS PRIVATELINK',
  'AWS',
  'KAFKA',
  'CONFLUENT SCHEMA REGISTRY',
  'POSTGRES',
  'SSH TUNNEL',
  'SQL SERVER',
  'MYSQL',
  'ICEBERG CATALOG',
] as const

export function createConnection(s: TokenStream): Statement {
  const ifNotExists = s.ifNotExists()
  const name = s.name()
  let options: Option[]
  let type: string
  if (s.accept('for')) {
    type = connectionType(s)
    options = s.separated(() => connectionOption(s))
  } else {
    s.expect('to')
    type = connectionType(s)
    options = s.parenthesised(() => connectionOption(s))
  }
  return {
    kind: 'create-connection',
    name,
    ifNotExists,
    type,
    options,
    with: s.accept('with') ? s.options(['VALIDATE']) : [],
  }
}

function connectionType(s: TokenStream): string {
  return s.optionName(CONNECTION_TYPES)
}

function connectionOption(s: TokenStream): Option {
  const name = s.optionName(CONNECTION_OPTIONS)
  if (name !== 'BROKER' && name !== 'BROKERS') {
    const value = s.optionValue()
    return value === undefined ? { name } : { name, value }
  }
  s.acceptOperator('=')
  if (name === 'BROKER') return { name, value: broker(s) }
  const close = s.acceptOperator('[') ? ']' : ')'
  if (close === ')') s.expectOperator('(')
  const values = s.isOperator(close) ? [] : s.separated(() => broker(s))
  s.expectOperator(close)
  return { name, value: { is: 'list', values } }
}

function broker(s: TokenStream): OptionValue {
  if (s.isWord('matching')) throw unknownHere('brokers found by MATCHING')
  const value: OptionValue = { is: 'string', value: s.string() }
  if (s.isWord('using')) throw unknownHere('brokers behind AWS PRIVATELINK or an SSH TUNNEL')
  return value
}

export function alterConnection(s: TokenStream): Statement {
  const ifExists = s.ifExists()
  const name = s.name()
  if (s.accept('rename', 'to')) {
    return { kind: 'rename', object: 'connection', name, ifExists, to: s.identifier() }
  }
  if (s.accept('owner', 'to')) {
    return { kind: 'owner', object: 'connection', name, ifExists, to: s.identifier() }
  }
  if (s.isWord('rotate')) throw unknownHere('ALTER CONNECTION … ROTATE KEYS')
  const actions = s.separated((): AlterConnection['actions'][number] => {
    if (s.accept('set')) {
      s.expectOperator('(')
      const option = connectionOption(s)
      s.expectOperator(')')
      return { do: 'set', option }
    }
    if (!s.accept('drop') && !s.accept('reset')) throw s.expected('ROTATE, SET, DROP, or RESET')
    const parens = s.acceptOperator('(')
    const option = s.optionName(CONNECTION_OPTIONS)
    if (parens) s.expectOperator(')')
    return { do: 'drop', option }
  })
  const withOptions = s.accept('with') ? s.options(['VALIDATE']) : []
  return { kind: 'alter-connection', name, ifExists, actions, with: withOptions }
}
