import {
  add,
  checkLimit,
  existing,
  fromEngine,
  isFree,
  newItem,
  newPlace,
  wantsValidation,
} from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import { checkKafkaOptions, connectionConfig, sortedOptions } from './kafka-connection.ts'
import { secretValue } from './secret-values.ts'
import type { Session } from './session.ts'
import type { AlterConnection, CreateConnection, Option, Statement } from './statements.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>

export function createSecret(session: Session, statement: Of<'create-secret'>): void {
  const { catalog } = session.environment
  const place = newPlace(session, statement.name)
  const value = secretValue(statement.value)
  const taken = catalog.itemIn(place.schema.id, place.name)
  if (taken !== undefined && !statement.ifNotExists) {
    throw planError(`catalog item '${place.name}' already exists`)
  }
  if (!isFree(session, place, { kind: 'secret', ifNotExists: statement.ifNotExists })) return
  checkLimit(session, 'secret')
  add(session, { ...newItem(session, place, 'secret'), type: 'secret', uses: [], value })
}

export function alterSecret(session: Session, statement: Of<'alter-secret'>): void {
  const { name, ifExists } = statement
  const secret = existing(session, { name, ifExists, kind: 'secret' })
  if (secret === undefined) return
  session.rights.owner(secret)
  secret.value = secretValue(statement.value)
}

/** Names of secrets made ids, with the check that they may be used. */
function resolveSecrets(session: Session, options: Option[]): Option[] {
  const { catalog } = session.environment
  return options.map((option) => {
    if (option.value?.is !== 'secret') return option
    const item = catalog.resolve(option.value.name, session.scope)
    if (!('type' in item) || item.type !== 'secret') {
      throw unknownHere(`how Materialize refuses a ${item.type} as a secret`)
    }
    return { name: option.name, value: { is: 'secret-id', id: item.id } }
  })
}

function secretIds(options: Option[]): string[] {
  const ids = options.flatMap((option) =>
    option.value?.is === 'secret-id' ? [option.value.id] : [],
  )
  return [...new Set(ids)]
}

function mayUseSecrets(session: Session, options: Option[]): void {
  for (const id of secretIds(options)) {
    const secret = session.environment.catalog.item(id)
    session.rights.usageOf(secret)
    session.rights.item(secret, 'USAGE')
  }
}

async function validate(session: Session, options: Option[]): Promise<void> {
  const { catalog, engine } = session.environment
  await fromEngine(session, engine.validate(connectionConfig(catalog, options)))
}

export async function createConnection(
  session: Session,
  statement: CreateConnection,
): Promise<void> {
  if (statement.type !== 'KAFKA') throw unknownHere(`connections to ${statement.type}`)
  const options = sortedOptions(resolveSecrets(session, statement.options))
  checkKafkaOptions(options)
  const place = newPlace(session, statement.name)
  mayUseSecrets(session, options)
  const of = { kind: 'connection', ifNotExists: false }
  if (!statement.ifNotExists) isFree(session, place, of)
  // The broker is asked before anybody looks whether IF NOT EXISTS leaves anything to do.
  if (wantsValidation(statement.with)) await validate(session, options)
  if (!isFree(session, place, { ...of, ifNotExists: statement.ifNotExists })) return
  checkLimit(session, 'connection')
  add(session, {
    ...newItem(session, place, 'connection'),
    type: 'connection',
    connectionType: 'kafka',
    options,
    uses: secretIds(options),
  })
}

const NOT_ALTERABLE = ['PROGRESS TOPIC', 'PROGRESS TOPIC REPLICATION FACTOR']

export async function alterConnection(session: Session, statement: AlterConnection): Promise<void> {
  const { environment } = session
  const { name, ifExists, actions } = statement
  const connection = existing(session, { name, ifExists, kind: 'connection' })
  if (connection === undefined) return
  session.rights.owner(connection)
  const set = resolveSecrets(
    session,
    actions.flatMap((action) => (action.do === 'set' ? [action.option] : [])),
  )
  const dropped = actions.flatMap((action) => (action.do === 'drop' ? [action.option] : []))
  const names = [...set.map((option) => option.name), ...dropped]
  const fixed = names.find((option) => NOT_ALTERABLE.includes(option))
  if (fixed !== undefined) throw planError(`cannot ALTER KAFKA option ${fixed}`)
  const both = set.find((option) => dropped.includes(option.name))
  if (both !== undefined) throw planError(`cannot both SET and DROP/RESET options ${both.name}`)
  const twice = names.find((option, index) => names.indexOf(option) !== index)
  if (twice !== undefined) throw planError(`${twice} specified more than once`)
  // One way of naming brokers replaces the other.
  if (names.includes('BROKER')) names.push('BROKERS')
  else if (names.includes('BROKERS')) names.push('BROKER')
  const kept = connection.options.filter((option) => !names.includes(option.name))
  const options = sortedOptions([...kept, ...set])
  checkKafkaOptions(options)
  mayUseSecrets(session, set)
  if (wantsValidation(statement.with)) await validate(session, options)
  connection.options = options
  connection.uses = secretIds(options)
  environment.catalog.changed()
  const uses = (item: { connectionId?: string }) => item.connectionId === connection.id
  await environment.ingestions.restart(uses)
  await environment.exports.restart(uses, true)
}

export async function validateConnection(
  session: Session,
  statement: Of<'validate-connection'>,
): Promise<void> {
  const connection = existing(session, { name: statement.name, kind: 'connection' })!
  session.rights.usageOf(connection)
  session.rights.item(connection, 'USAGE')
  await validate(session, connection.options)
}
