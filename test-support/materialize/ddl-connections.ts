import {
  add,
  checkConnectionLimit,
  checkLimit,
  existing,
  fromEngine,
  isFree,
  newItem,
  newPlace,
  wantsValidation,
} from './ddl-common.ts'
import { planError, unknownHere } from './errors.ts'
import { checkOptions, KINDS, kindOf, withPublicKeys } from './connection-kinds.ts'
import { mayUseReferences, referredIds, resolveReferences } from './connection-references.ts'
import { connectionConfig, find, sortedOptions } from './kafka-connection.ts'
import type { ConnectionItem } from './model.ts'
import { validateRegistry } from './registry-client.ts'
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

async function validate(
  session: Session,
  connection: Pick<ConnectionItem, 'connectionType' | 'options'>,
): Promise<void> {
  const { catalog, engine } = session.environment
  switch (connection.connectionType) {
    case 'kafka':
      await fromEngine(session, engine.validate(connectionConfig(catalog, connection.options)))
      return
    case 'confluent-schema-registry':
      await fromEngine(session, validateRegistry(catalog, connection))
      return
    default:
      throw unknownHere(`the check of a connection to ${KINDS[connection.connectionType].words}`)
  }
}

export async function createConnection(
  session: Session,
  statement: CreateConnection,
): Promise<void> {
  const connectionType = kindOf(statement.type)
  const given = resolveReferences(session, statement.options)
  checkOptions(connectionType, given)
  checkFlags(session, given)
  const options = sortedOptions(connectionType === 'ssh-tunnel' ? withPublicKeys(given) : given)
  const place = newPlace(session, statement.name)
  mayUseReferences(session, options)
  const of = { kind: 'connection', ifNotExists: false }
  if (!statement.ifNotExists) isFree(session, place, of)
  const isValidated = wantsValidation(statement.with, KINDS[connectionType].validatedByDefault)
  // The broker is asked before anybody looks whether IF NOT EXISTS leaves anything to do.
  if (isValidated) await validate(session, { connectionType, options })
  if (!isFree(session, place, { ...of, ifNotExists: statement.ifNotExists })) return
  checkConnectionLimit(session, connectionType)
  add(session, {
    ...newItem(session, place, 'connection'),
    type: 'connection',
    connectionType,
    options,
    uses: referredIds(options),
  })
}

function checkFlags(session: Session, options: Option[]): void {
  const brokers = find(options, 'BROKERS')
  const values = brokers?.is === 'list' ? brokers.values : []
  const matches = values.some((value) => value.is === 'broker' && value.broker.matching)
  if (matches && session.variables.get('enable_kafka_broker_matching_rules') !== 'on') {
    throw unknownHere(
      'how Materialize refuses MATCHING while enable_kafka_broker_matching_rules is off',
    )
  }
}

const NOT_ALTERABLE = ['PROGRESS TOPIC', 'PROGRESS TOPIC REPLICATION FACTOR']

export async function alterConnection(session: Session, statement: AlterConnection): Promise<void> {
  const { environment } = session
  const { name, ifExists, actions } = statement
  const connection = existing(session, { name, ifExists, kind: 'connection' })
  if (connection === undefined) return
  session.rights.owner(connection)
  const set = resolveReferences(
    session,
    actions.flatMap((action) => (action.do === 'set' ? [action.option] : [])),
  )
  const dropped = actions.flatMap((action) => (action.do === 'drop' ? [action.option] : []))
  const names = [...set.map((option) => option.name), ...dropped]
  const fixed = names.find((option) => NOT_ALTERABLE.includes(option))
  if (fixed !== undefined) throw planError(`cannot ALTER KAFKA option ${fixed}`)
  if (
    connection.connectionType === 'ssh-tunnel' &&
    names.some((name) => name.startsWith('PUBLIC'))
  ) {
    throw unknownHere('ALTER CONNECTION of public keys')
  }
  const both = set.find((option) => dropped.includes(option.name))
  if (both !== undefined) throw planError(`cannot both SET and DROP/RESET options ${both.name}`)
  const twice = names.find((option, index) => names.indexOf(option) !== index)
  if (twice !== undefined) throw planError(`${twice} specified more than once`)
  // One way of naming brokers replaces the other.
  if (names.includes('BROKER')) names.push('BROKERS')
  else if (names.includes('BROKERS')) names.push('BROKER')
  const kept = connection.options.filter((option) => !names.includes(option.name))
  const options = sortedOptions([...kept, ...set])
  const { connectionType } = connection
  checkOptions(connectionType, options)
  checkFlags(session, options)
  mayUseReferences(session, set)
  if (wantsValidation(statement.with, KINDS[connectionType].validatedByDefault)) {
    await validate(session, { connectionType, options })
  }
  connection.options = options
  connection.uses = referredIds(options)
  environment.catalog.changed()
  const uses = (item: { connectionId?: string; uses: string[] }) =>
    item.connectionId === connection.id || item.uses.includes(connection.id)
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
  await validate(session, connection)
}
