import { tokenize } from './definition-tokens.ts'
import type { ViewSpec } from './model.ts'
import { relationsRead } from './spec-sql-relations.ts'

const BEGINNINGS = ['select', 'with', 'values', 'table']

/** What keeps the text from being one query, as far as can be seen without knowing SQL. */
export function queryFault(sql: string): string | undefined {
  const tokens = tokenize(sql)
  if (!tokens)
    return 'is no SQL: a quote, comment or bracket is not closed, or a letter is out of place'
  const [first] = tokens
  if (!first) return 'holds no query'
  if (tokens.some((token) => token.is === 'symbol' && token.text === ';')) {
    return 'has a semicolon in it'
  }
  const begins =
    first.is === 'symbol'
      ? first.text === '('
      : first.is === 'word' && BEGINNINGS.includes(first.text)
  return begins ? undefined : 'is not a query'
}

/**
 * Which of the names, all in the view’s own schema, its query reads from. Only what stands where a
 * relation can stand counts, so that a column of the same name makes no dependency.
 */
export function dependenciesOf(
  view: Pick<ViewSpec, 'name' | 'sql'>,
  names: ReadonlySet<string>,
): string[] {
  const { database, schema } = view.name
  const found = new Set<string>()
  for (const parts of relationsRead(tokenize(view.sql) ?? [])) {
    const [name = '', inSchema = schema, inDatabase = database] = parts.toReversed()
    if (inSchema === schema && inDatabase === database && names.has(name)) found.add(name)
  }
  return [...found]
}
