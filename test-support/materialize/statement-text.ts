import { readableIdentifier } from './keywords.ts'
import type { Name, Parsed } from './statements.ts'

function nameText(name: Name): string {
  return name.parts.map(readableIdentifier).join('.')
}

/**
 * A statement as Materialize prints it back in an error: with its literals, secrets included. Statements it
 * would lay out anew are given as they were sent.
 */
export function statementText({ statement, text }: Parsed): string {
  if (statement.kind === 'create-table') {
    const columns = statement.columns.map(
      (column) =>
        `${readableIdentifier(column.name)} ${column.storedType}${column.nullable ? '' : ' NOT NULL'}`,
    )
    return `CREATE TABLE ${nameText(statement.name)} (${columns.join(', ')})`
  }
  return text.replace(/\s+/g, ' ')
}
