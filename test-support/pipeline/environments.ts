import type { Services } from './services.ts'

const PAST = '2026-01-01T00:00:00.000Z'

/** The mark of a schema, as JSON. */
export async function schemaMark(
  services: Services,
  schema: string,
): Promise<Record<string, unknown>> {
  const [row] = await services.sql(
    `SELECT comment FROM mz_internal.mz_comments c JOIN mz_schemas s ON s.id = c.id
     WHERE c.object_type = 'schema' AND s.name = '${schema}'`,
  )
  return JSON.parse(String(row?.['comment'])) as Record<string, unknown>
}

/** As if the time of the environment with this schema had passed. Throws if it has none. */
export async function expire(services: Services, schema: string): Promise<void> {
  const mark = await schemaMark(services, schema)
  if (mark['until'] === undefined) throw new Error(`${schema} would stay for ever`)
  const text = JSON.stringify({ ...mark, until: PAST }).replaceAll("'", "''")
  await services.sql(`COMMENT ON SCHEMA "${schema}" IS '${text}'`)
}
