import { SqlError, unknownHere } from './errors.ts'
import { statementText } from './statement-text.ts'
import type { Transaction } from './session.ts'
import type { Parsed } from './statements.ts'

/** How a statement gets on with others in one transaction. */
export type Effect = 'none' | 'read' | 'write' | 'ddl' | 'alone'

const ONLY_ONE = 'this transaction can only execute a single statement'
const ONLY_DDL = 'transactions which modify objects are restricted to just modifying objects'

/** Lets a statement into a transaction, puts it off to the end, or refuses it. */
export function enter(transaction: Transaction, effect: Effect, parsed: Parsed): 'now' | 'later' {
  if (effect === 'none') return 'now'
  if (transaction.readOnly && effect !== 'read') {
    // Its own tests say so of INSERT; what it says to DDL is not recorded.
    if (effect !== 'write') throw unknownHere('DDL in a transaction that is READ ONLY')
    throw new SqlError('25006', 'transaction in read-only mode')
  }
  if (transaction.kind === 'single') throw new SqlError('25000', ONLY_ONE)
  if (transaction.kind === 'ddl' && effect !== 'ddl') throw new SqlError('25000', ONLY_DDL)
  switch (effect) {
    case 'alone':
      if (transaction.explicit && transaction.kind === 'none' && parsed.statement.kind !== 'dml') {
        transaction.kind = 'single'
        transaction.single = parsed
        return 'later'
      }
      throw new SqlError(
        '25001',
        `${statementText(parsed)} cannot be run inside a transaction block`,
      )
    case 'ddl':
      if (transaction.kind === 'read' || transaction.kind === 'write') {
        throw new SqlError('25000', ONLY_DDL)
      }
      break
    case 'read':
      if (transaction.kind === 'write') {
        throw new SqlError('25000', 'transaction in write-only mode')
      }
      break
    case 'write':
      if (transaction.kind === 'read') {
        throw new SqlError('25006', 'transaction in read-only mode')
      }
      break
  }
  transaction.kind = effect
  return 'now'
}
