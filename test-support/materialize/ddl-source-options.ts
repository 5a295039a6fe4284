import { existing } from './ddl-common.ts'
import { parseDurationMs } from './durations.ts'
import { planError, unknownHere } from './errors.ts'
import { noDuplicates } from './kafka-connection.ts'
import type { Session } from './session.ts'
import type { Option, Statement } from './statements.ts'

/** The only interval that Materialize's defaults of its least and its greatest allow. */
const TICK_MS = 1000

/** What WITH may say of a source or of a table from one. */
export function checkSourceOptions(options: Option[]): void {
  noDuplicates(options)
  for (const { name, value } of options) {
    const text = value?.is === 'for' || value?.is === 'string' ? value.value : undefined
    const ms = text === undefined ? undefined : parseDurationMs(text)
    if (ms === undefined) throw unknownHere(`this ${name}`)
    if (name === 'TIMESTAMP INTERVAL' && ms !== TICK_MS) {
      throw unknownHere('how Materialize refuses a TIMESTAMP INTERVAL other than a second')
    }
  }
}

export function alterSource(
  session: Session,
  statement: Extract<Statement, { kind: 'alter-source' }>,
): void {
  const { action, name, ifExists } = statement
  if (action.do === 'cluster') {
    throw planError('ALTER ... SET CLUSTER syntax is not available')
  }
  const source = existing(session, { name, ifExists, kind: 'source' })
  if (source === undefined) return
  session.rights.owner(source)
  if (source.statement === undefined) throw unknownHere('ALTER SOURCE of a progress relation')
  const changed = action.do === 'set' ? action.option.name : action.option
  const kept = source.statement.with.filter((option) => option.name !== changed)
  const options = action.do === 'set' ? [...kept, action.option] : kept
  checkSourceOptions(options)
  source.statement = { ...source.statement, with: options }
  session.environment.catalog.changed()
}
