import { openCursor, fetchRows } from './cursors.ts'
import { alterSink, createSink } from './ddl-sinks.ts'
import { changeOwner, comment, grantOrRevoke, grantRole, rename } from './ddl-alter.ts'
import {
  alterConnection,
  alterSecret,
  createConnection,
  createSecret,
  validateConnection,
} from './ddl-connections.ts'
import {
  alterCluster,
  alterRole,
  createCluster,
  createDatabase,
  createRole,
  createSchema,
} from './ddl-containers.ts'
import { drop } from './ddl-drop.ts'
import { createTable, createView, planWrite, tryWrite, write } from './ddl-relations.ts'
import { alterSource } from './ddl-source-options.ts'
import { planSource, planTableFromSource, type Change } from './ddl-sources.ts'
import { SqlError, unknownHere } from './errors.ts'
import { rewrite, runQuery, type Parameters } from './queries.ts'
import { newTransaction, type Session, type Transaction } from './session.ts'
import { resetVariable, setVariable } from './set-variables.ts'
import { showCreate, showObjects, showVariable } from './show.ts'
import type { Parsed, Statement } from './statements.ts'
import type { Rows } from './store.ts'
import { enter, type Effect } from './transactions.ts'

const NOTHING = { fields: [], rows: [] }

function done(tag: string): Rows {
  return { ...NOTHING, tag }
}

/** Runs one statement within whatever transaction is open. */
export async function execute(
  session: Session,
  parsed: Parsed,
  parameters?: Parameters,
): Promise<Rows> {
  const { statement } = parsed
  const transaction = session.transaction
  switch (statement.kind) {
    case 'begin':
      return begin(session, statement.modes)
    case 'commit':
      return commit(session)
    case 'rollback':
      return rollback(session)
  }
  if (transaction?.failed === true) {
    throw new SqlError(
      '25P02',
      'current transaction is aborted, commands ignored until end of transaction block',
    )
  }
  const effect = effectOf(statement)
  if (transaction !== undefined && enter(transaction, effect, parsed) === 'later') {
    return done(tagOf(statement))
  }
  return run(session, parsed, parameters)
}

/** What a statement does to the transaction it is in. */
function effectOf(statement: Statement): Effect {
  switch (statement.kind) {
    case 'select':
    case 'declare':
    case 'explain':
      return 'read'
    case 'dml':
      return statement.verb === 'INSERT' ? 'write' : 'alone'
    case 'create-source':
    case 'create-table-from-source':
    case 'rename':
      return 'ddl'
    case 'show':
    case 'show-create':
    case 'show-objects':
    case 'set':
    case 'reset':
    case 'fetch':
    case 'close':
    case 'deallocate':
    case 'discard':
      return 'none'
    default:
      return 'alone'
  }
}

async function run(session: Session, parsed: Parsed, parameters?: Parameters): Promise<Rows> {
  const { statement } = parsed
  switch (statement.kind) {
    case 'select':
      return runQuery(session, rewrite(session, statement.sql), parameters)
    case 'explain':
      throw unknownHere('EXPLAIN')
    case 'show':
      return showVariable(session, statement)
    case 'show-create':
      return showCreate(session, statement)
    case 'show-objects':
      return showObjects(session, statement)
    case 'declare':
      await declare(session, statement)
      return done('DECLARE CURSOR')
    case 'fetch':
      return fetchRows(session, statement)
    case 'close':
      session.transaction?.cursors.get(statement.cursor)?.close()
      session.transaction?.cursors.delete(statement.cursor)
      return done('CLOSE CURSOR')
    case 'dml':
      return runWrite(session, statement, parameters)
    case 'set':
      setVariable(session, statement)
      return done(statement.system ? 'ALTER SYSTEM' : 'SET')
    case 'reset':
      resetVariable(session, statement)
      return done(statement.system ? 'ALTER SYSTEM' : 'RESET')
    case 'deallocate':
      return done('DEALLOCATE')
    case 'discard':
      return done(`DISCARD ${statement.what.toUpperCase()}`)
    default:
      await change(session, statement)
      return done(tagOf(statement))
  }
}

async function declare(
  session: Session,
  statement: Statement & { kind: 'declare' },
): Promise<void> {
  const { transaction } = session
  if (transaction === undefined) {
    throw new SqlError('25P01', 'DECLARE CURSOR can only be used in transaction blocks')
  }
  if (transaction.cursors.has(statement.cursor)) {
    throw new SqlError('42P03', `cursor "${statement.cursor}" already exists`)
  }
  transaction.cursors.set(statement.cursor, await openCursor(session, statement.query))
}

async function runWrite(
  session: Session,
  statement: Statement & { kind: 'dml' },
  parameters: Parameters | undefined,
): Promise<Rows> {
  const query = planWrite(session, statement)
  if (parameters !== undefined && parameters.values.length > 0) {
    throw unknownHere('writes with parameters')
  }
  if (session.transaction === undefined) return done(await write(session, query.sql))
  const tag = await tryWrite(session, query)
  session.transaction.writes.push(query.sql)
  return done(tag)
}

/** DDL, which waits for other DDL as long as it changes the catalog. */
async function change(session: Session, statement: Statement): Promise<void> {
  const { ddl } = session.environment
  switch (statement.kind) {
    case 'create-source':
      return planned(session, () => planSource(session, statement))
    case 'create-table-from-source':
      return planned(session, () => planTableFromSource(session, statement))
    case 'create-sink':
      return createSink(session, statement)
    case 'validate-connection':
      return validateConnection(session, statement)
    default:
      return ddl.run(() => changeNow(session, statement))
  }
}

/** Kafka is asked outside the lock; in a transaction the change itself waits for COMMIT. */
async function planned(session: Session, plan: () => Promise<Change | undefined>): Promise<void> {
  const { transaction, environment } = session
  if (transaction !== undefined) {
    transaction.version ??= environment.catalog.version
    const { version } = transaction
    if (version !== environment.catalog.version) throw modifiedElsewhere()
    const made = await plan()
    if (made !== undefined) transaction.changes.push(made)
    return
  }
  const ready = await plan()
  if (ready !== undefined) await environment.ddl.run(ready)
}

function modifiedElsewhere(): SqlError {
  return new SqlError(
    '40001',
    'another session modified the catalog while this DDL transaction was open',
    {
      hint: 'Currently, DDL transactions fail when any other DDL happens concurrently, even on unrelated schemas/clusters.',
    },
  )
}

async function changeNow(session: Session, statement: Statement): Promise<void> {
  switch (statement.kind) {
    case 'create-secret':
      return createSecret(session, statement)
    case 'alter-secret':
      return alterSecret(session, statement)
    case 'create-connection':
      return createConnection(session, statement)
    case 'alter-connection':
      return alterConnection(session, statement)
    case 'create-table':
      return createTable(session, statement)
    case 'create-view':
      return createView(session, statement)
    case 'create-cluster':
      return createCluster(session, statement)
    case 'alter-cluster':
      return alterCluster(session, statement)
    case 'create-schema':
      return createSchema(session, statement)
    case 'create-database':
      return createDatabase(session, statement)
    case 'create-role':
      return createRole(session, statement)
    case 'alter-role':
      return alterRole(session, statement)
    case 'alter-sink':
      return alterSink(session, statement)
    case 'alter-source':
      return alterSource(session, statement)
    case 'drop':
      return drop(session, statement)
    case 'rename':
      return rename(session, statement)
    case 'owner':
      return changeOwner(session, statement)
    case 'comment':
      return comment(session, statement)
    case 'grant':
    case 'revoke':
      return grantOrRevoke(session, statement)
    case 'grant-role':
    case 'revoke-role':
      return grantRole(session, statement)
    default:
      throw unknownHere(`the statement ${statement.kind}`)
  }
}

const TAGS: Partial<Record<Statement['kind'], string>> = {
  'create-table-from-source': 'CREATE TABLE',
  'grant-role': 'GRANT ROLE',
  'revoke-role': 'REVOKE ROLE',
}

function tagOf(statement: Statement): string {
  const special = TAGS[statement.kind]
  if (special !== undefined) return special
  if (statement.kind === 'drop')
    return `DROP ${statement.object.replaceAll('-', ' ').toUpperCase()}`
  if (statement.kind === 'rename' || statement.kind === 'owner') {
    return `ALTER ${statement.object.replaceAll('-', ' ').toUpperCase()}`
  }
  if (statement.kind === 'create-view' && statement.materialized) return 'CREATE MATERIALIZED VIEW'
  return statement.kind.replaceAll('-', ' ').toUpperCase()
}

function begin(session: Session, modes: string[]): Rows {
  if (session.transaction?.explicit === true) {
    session.notice({
      severity: 'WARNING',
      code: '25001',
      message: 'there is already a transaction in progress',
    })
  }
  if (!modes.every((mode) => mode.startsWith('isolation') || mode === 'read only')) {
    throw unknownHere(`BEGIN ${modes.join(', ')}`)
  }
  session.transaction ??= newTransaction(true)
  session.transaction.explicit = true
  session.transaction.readOnly ||= modes.includes('read only')
  return done('BEGIN')
}

function rollback(session: Session): Rows {
  if (session.transaction?.explicit !== true) {
    session.notice({
      severity: 'WARNING',
      code: '25P01',
      message: 'there is no transaction in progress',
    })
  }
  session.endTransaction()
  return done('ROLLBACK')
}

async function commit(session: Session): Promise<Rows> {
  const { transaction } = session
  if (transaction === undefined) {
    session.notice({
      severity: 'WARNING',
      code: '25P01',
      message: 'there is no transaction in progress',
    })
    return done('COMMIT')
  }
  session.endTransaction()
  if (transaction.failed) return done('ROLLBACK')
  await finish(session, transaction)
  return done('COMMIT')
}

/** What a transaction put off is done now, all of it or nothing. */
export async function finish(session: Session, transaction: Transaction): Promise<void> {
  const { environment } = session
  if (transaction.changes.length > 0) {
    await environment.ddl.run(async () => {
      if (transaction.version !== environment.catalog.version) throw modifiedElsewhere()
      for (const made of transaction.changes) await made()
    })
  }
  if (transaction.writes.length > 0) await write(session, transaction.writes.join(';'))
  if (transaction.single !== undefined) await run(session, transaction.single)
}
