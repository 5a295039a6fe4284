import { planError, SqlError, unknownHere } from './errors.ts'
import { PostgresFailure } from './store.ts'

const FUNCTION_HINT =
  'No function matches the given name and argument types. You might need to add explicit type casts.'
const OPERATOR_HINT =
  'No operator matches the given name and argument types. You might need to add explicit type casts.'

export function noSuchFunction(name: string): SqlError {
  return planError(`function "${name}" does not exist`, { hint: FUNCTION_HINT })
}

/** Failures that Materialize words as PostgreSQL does; the rest is not guessed. */
export function translated(error: unknown): unknown {
  if (!(error instanceof PostgresFailure)) return error
  const { message, code } = error
  switch (code) {
    case '22012':
    case '42703':
    case '42702':
      return planError(message)
    case '42883':
      return planError(message, {
        hint: message.startsWith('operator') ? OPERATOR_HINT : FUNCTION_HINT,
      })
    case '42P02':
      return new SqlError('42P02', message)
    default:
      return unknownHere(`how Materialize would say: ${message} (${code})`)
  }
}
