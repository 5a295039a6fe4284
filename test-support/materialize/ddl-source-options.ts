import { existing } from './ddl-common.ts'
import { parseDurationMs } from './durations.ts'
import { planError, unknownHere } from './errors.ts'
import { noDuplicates } from './kafka-connection.ts'
import type { Session } from './session.ts'
import type { Option, Statement } from './statements.ts'

/** What WITH may say of a source or of a table from one. */
export function checkSourceOptions(session: Session, options: Option[]): void {
  noDuplicates(options)
  for (const { name, value } of options) {
    const text = value?.is === 'for' || value?.is === 'string' ? value.value : undefined
    const ms = text === undefined ? undefined : parseDurationMs(text)
    if (ms === undefined) throw unknownHere(`this ${name}`)
    if (name === 'TIMESTAMP INTERVAL') checkTick(session, ms)
  }
}

/** By default the least interval and the greatest are the same. */
function checkTick({ variables }: Session, ms: number): void {
  const least = variables.durationMs('min_timestamp_interval')
  const most = variables.durationMs('max_timestamp_interval')
  if (ms >= least && ms <= most) return
  throw planError(
    `invalid timestamp interval of ${ms}ms, must be in the range [${least}ms, ${most}ms]`,
  )
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
  checkSourceOptions(session, options)
  source.statement = { ...source.statement, with: options }
  session.environment.catalog.changed()
}
