import { baseType } from './column-types.ts'
import type { Environment } from './environment.ts'
import { quotedIdentifier } from './keywords.ts'
import type { Column } from './model.ts'

/** Name of a column's type in the store, where `record` can be no column. */
function storedType(column: Column): string {
  const type = baseType(column.type)
  return type === 'record' ? 'mz_record' : type
}

export async function createStorage(
  environment: Environment,
  id: string,
  columns: (Column & { storedAs?: string })[],
): Promise<void> {
  const written = columns.map(
    (column) =>
      `${quotedIdentifier(column.name)} ${column.storedAs ?? storedType(column)}` +
      `${column.nullable ? '' : ' NOT NULL'}` +
      `${column.default === undefined ? '' : ` DEFAULT ${column.default}`}`,
  )
  await environment.store.run(`CREATE TABLE mz."${id}" (${written.join(', ')})`)
}
