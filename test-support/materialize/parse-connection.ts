import { unknownHere } from './errors.ts'
import type { AlterConnection, Option, OptionValue, Statement } from './statements.ts'
import type { TokenStream } from './token-stream.ts'

/** The options of every connection type: Materialize parses them alike and refuses the unfit ones when it plans. */
const CONNECTION_OPTIONS = [
  'ACCESS KEY ID',
  'ASSUME ROLE ARN',
  'ASSUME ROLE SESSION NAME',
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
  'PUBLIC KEY 1',
  'PUBLIC KEY 2',
  'PROGRESS TOPIC REPLICATION FACTOR',
  'REGION',
  'SASL MECHANISMS',
  'SASL PASSWORD',
  'SASL USERNAME',
  'SECRET ACCESS KEY',
  'SECURITY PROTOCOL',
  'SERVICE NAME',
  'SESSION TOKEN',
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

const OF_CONNECTIONS = ['AWS CONNECTION', 'AWS PRIVATELINK', 'SSH TUNNEL']

function connectionOption(s: TokenStream): Option {
  const name = spelled(s.optionName(CONNECTION_OPTIONS))
  if (OF_CONNECTIONS.includes(name)) {
    s.acceptOperator('=')
    return { name, value: object(s, name === 'AWS PRIVATELINK' ? ['PORT'] : []) }
  }
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

/** Two names for one option, of which Materialize keeps the shorter. */
function spelled(name: string): string {
  return name === 'USERNAME' ? 'USER' : name
}

function object(s: TokenStream, names: string[]): OptionValue {
  const name = s.name()
  if (names.length === 0 || !s.isOperator('(')) return { is: 'object', name }
  return { is: 'object', name, options: s.options(names) }
}

function broker(s: TokenStream): OptionValue {
  const matching = s.accept('matching')
  const address = s.string()
  if (!s.accept('using')) {
    if (matching) throw s.expected('USING')
    return { is: 'string', value: address }
  }
  const is = s.accept('ssh', 'tunnel') ? 'SSH TUNNEL' : 'AWS PRIVATELINK'
  if (is === 'AWS PRIVATELINK') s.expect('aws', 'privatelink')
  const connection: OptionValue = { is: 'object', name: s.name() }
  const options =
    is === 'AWS PRIVATELINK' && s.isOperator('(') ? s.options(['AVAILABILITY ZONE', 'PORT']) : []
  return { is: 'broker', broker: { address, matching, using: { is, connection, options } } }
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
    const option = spelled(s.optionName(CONNECTION_OPTIONS))
    if (parens) s.expectOperator(')')
    return { do: 'drop', option }
  })
  const withOptions = s.accept('with') ? s.options(['VALIDATE']) : []
  return { kind: 'alter-connection', name, ifExists, actions, with: withOptions }
}
