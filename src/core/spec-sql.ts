import { tokenize } from './definition-tokens.ts'
import type { ViewSpec } from './model.ts'
import { relationsRead } from './spec-sql-relations.ts'

/** How a query begins that a view can be made from. */
export const VIEWABLE = ['select', 'with', 'values', 'table']
/** How one begins that can be asked, and that changes nothing. */
export const EXPECTABLE = [...VIEWABLE, 'show']

/** What keeps the text from being one query, as far as can be seen without knowing SQL. */
export function queryFault(
  sql: string,
  beginnings: readonly string[] = VIEWABLE,
): string | undefined {
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
      : first.is === 'word' && beginnings.includes(first.text)
  return begins ? undefined : 'is not a query'
}

/** Whether it is a SHOW, which has a short answer and no cursor. */
export function isShow(sql: string): boolean {
  const [first] = tokenize(sql) ?? []
  return first?.is === 'word' && first.text === 'show'
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
