/** PARTITION BY has one function that PostgreSQL lacks: the text that `seahash(…)` is given. */
export function hashedExpression(sql: string): string | undefined {
  return /^\s*(?:mz_catalog\s*\.\s*)?seahash\s*\((.*)\)\s*$/is.exec(sql)?.[1]
}

export interface Spelled {
  identifier(name: string): string
  type(id: string, name: string): string
}

/** The expression with its names resolved, where it is simple enough to be sure of them. */
export function printedExpression(sql: string, spelled: Spelled): string {
  const identifier = (name: string) => spelled.identifier(name.toLowerCase())
  if (/^\w+$/.test(sql)) return identifier(sql)
  const [, column, cast] = /^(\w+)\s*(::\s*text)?$/i.exec(hashedExpression(sql)?.trim() ?? '') ?? []
  if (column === undefined) return sql
  const path = ['mz_catalog', 'seahash'].map(identifier).join('.')
  const type = cast === undefined ? '' : `::${spelled.type('s46', 'pg_catalog.text')}`
  return `${path}(${identifier(column)}${type})`
}
