import { unknownHere } from './errors.ts'
import type { Session } from './session.ts'
import { setSystemVariable } from './session-variables.ts'
import type { Statement } from './statements.ts'

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>

export function setVariable(session: Session, statement: Of<'set'>): void {
  if (statement.system) return setSystem(session, statement)
  if (statement.local) throw unknownHere('SET LOCAL')
  if (statement.value === 'default') {
    session.variables.reset(statement.name)
    return
  }
  const name = session.variables.set(statement.name, statement.value)
  warnOfMissing(session, name)
}

function setSystem(session: Session, statement: Of<'set'>): void {
  if (!session.role.isSuperuser) throw unknownHere('ALTER SYSTEM by an ordinary role')
  const { systemVariables } = session.environment.catalog
  if (statement.value === 'default') systemVariables.delete(statement.name)
  else setSystemVariable(systemVariables, statement.name, statement.value)
  session.notice({
    code: '00000',
    message: `variable "${statement.name}" was updated for the system, this will have no effect on the current session`,
  })
}

export function resetVariable(session: Session, statement: Of<'reset'>): void {
  if (statement.system) {
    if (!session.role.isSuperuser) throw unknownHere('ALTER SYSTEM by an ordinary role')
    session.environment.catalog.systemVariables.delete(statement.name)
  } else if (statement.name === 'all') session.variables.resetAll()
  else session.variables.reset(statement.name)
}

function warnOfMissing(session: Session, name: string): void {
  const { catalog } = session.environment
  if (session.variables.get('current_object_missing_warnings') === 'off') return
  const value = session.variables.get(name)
  if (name === 'cluster' && catalog.findCluster(value) === undefined) {
    session.notice({
      code: 'MZ007',
      message: `cluster ${JSON.stringify(value)} does not exist`,
      hint:
        'Create the cluster with CREATE CLUSTER or pick an extant cluster with SET CLUSTER = name. ' +
        'List available clusters with SHOW CLUSTERS.',
    })
  }
  if (name === 'database' && catalog.findDatabase(value) === undefined) {
    session.notice({
      code: 'MZ006',
      message: `database ${JSON.stringify(value)} does not exist`,
      hint:
        'Create the database with CREATE DATABASE or pick an extant database with SET DATABASE = name. ' +
        'List available databases with SHOW DATABASES.',
    })
  }
}
