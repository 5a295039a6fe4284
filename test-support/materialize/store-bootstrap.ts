import { SYSTEM_RELATIONS } from './system-relations.ts'

/**
 * PostgreSQL lacks Materialize's unsigned and other types, so they are made as base types over existing
 * ones: RowDescription then carries them through every expression, and only the numbers of the types have
 * to be translated on the way out.
 */
function baseType(name: string, like: string): string {
  return `
    CREATE TYPE mz_catalog.${name};
    CREATE FUNCTION mz_catalog.${name}_in(cstring, oid, int4) RETURNS mz_catalog.${name}
      LANGUAGE internal IMMUTABLE STRICT AS '${like}in';
    CREATE FUNCTION mz_catalog.${name}_out(mz_catalog.${name}) RETURNS cstring
      LANGUAGE internal IMMUTABLE STRICT AS '${like}out';
    CREATE TYPE mz_catalog.${name} (
      INPUT = mz_catalog.${name}_in, OUTPUT = mz_catalog.${name}_out, LIKE = ${like.replace('_', '')});`
}

/** Numbers that compare and compute as numeric does. */
function numberType(name: string): string {
  return `${baseType(name, 'numeric_')}
    CREATE CAST (mz_catalog.${name} AS numeric) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (numeric AS mz_catalog.${name}) WITHOUT FUNCTION AS ASSIGNMENT;
    ${['int2', 'int4', 'int8']
      .map((from) => `CREATE CAST (${from} AS mz_catalog.${name}) WITH INOUT AS ASSIGNMENT;`)
      .join('\n')}
    ${['int4', 'int8', 'float8']
      .map((to) => `CREATE CAST (mz_catalog.${name} AS ${to}) WITH INOUT AS ASSIGNMENT;`)
      .join('\n')}
    ${extremes(name)}`
}

function extremes(name: string): string {
  const of = `mz_catalog.${name}`
  return [
    ['max', 'larger'],
    ['min', 'smaller'],
  ]
    .map(
      ([aggregate, which]) => `
    CREATE FUNCTION ${of}_${which}(${of}, ${of}) RETURNS ${of}
      LANGUAGE internal IMMUTABLE STRICT AS 'numeric_${which}';
    CREATE AGGREGATE mz_catalog.${aggregate}(${of}) (SFUNC = ${of}_${which}, STYPE = ${of});`,
    )
    .join('')
}

/** Compared with itself only: Materialize has no arithmetic on it. */
function timestampType(): string {
  const type = 'mz_catalog.mz_timestamp'
  const operators: [string, string, string][] = [
    ['<', 'lt', '>'],
    ['<=', 'le', '>='],
    ['=', 'eq', '='],
    ['>=', 'ge', '<='],
    ['>', 'gt', '<'],
    ['<>', 'ne', '<>'],
  ]
  const made = operators.map(
    ([operator, name, commutator]) => `
    CREATE FUNCTION ${type}_${name}(${type}, ${type}) RETURNS bool
      LANGUAGE internal IMMUTABLE STRICT AS 'numeric_${name}';
    CREATE OPERATOR mz_catalog.${operator} (LEFTARG = ${type}, RIGHTARG = ${type},
      FUNCTION = ${type}_${name}, COMMUTATOR = OPERATOR(mz_catalog.${commutator}));`,
  )
  return `${baseType('mz_timestamp', 'numeric_')}${made.join('')}
    CREATE FUNCTION ${type}_cmp(${type}, ${type}) RETURNS int4
      LANGUAGE internal IMMUTABLE STRICT AS 'numeric_cmp';
    CREATE OPERATOR CLASS mz_catalog.mz_timestamp_ops DEFAULT FOR TYPE ${type} USING btree AS
      OPERATOR 1 mz_catalog.<, OPERATOR 2 mz_catalog.<=, OPERATOR 3 mz_catalog.=,
      OPERATOR 4 mz_catalog.>=, OPERATOR 5 mz_catalog.>, FUNCTION 1 ${type}_cmp(${type}, ${type});
    CREATE CAST (numeric AS ${type}) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (int4 AS ${type}) WITH INOUT AS IMPLICIT;
    CREATE CAST (int8 AS ${type}) WITH INOUT AS IMPLICIT;
    CREATE CAST (mz_catalog.uint8 AS ${type}) WITH INOUT AS IMPLICIT;
    CREATE FUNCTION ${type}_instant(${type}) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS
      $$ SELECT pg_catalog.to_timestamp($1::text::numeric / 1000) $$;
    CREATE CAST (${type} AS timestamptz) WITH FUNCTION ${type}_instant(${type}) AS ASSIGNMENT;
    ${extremes('mz_timestamp')}
    CREATE FUNCTION mz_catalog.mz_now() RETURNS ${type} LANGUAGE sql STABLE AS
      $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::numeric::${type} $$;`
}

function textType(name: string): string {
  return `${baseType(name, 'text')}
    CREATE CAST (mz_catalog.${name} AS text) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (text AS mz_catalog.${name}) WITHOUT FUNCTION AS ASSIGNMENT;`
}

/** Answers of these depend on the session, which sets them before it asks. */
const SESSION_FUNCTIONS: [string, string][] = [
  ['current_user', 'text'],
  ['session_user', 'text'],
  ['current_database', 'text'],
  ['current_schema', 'text'],
  ['mz_environment_id', 'text'],
  ['mz_version', 'text'],
  ['version', 'text'],
  ['mz_is_superuser', 'bool'],
]
export const SESSION_FUNCTION_NAMES = new Set(SESSION_FUNCTIONS.map(([name]) => name))
export const PRIVILEGE_FUNCTIONS = [
  'table',
  'schema',
  'database',
  'cluster',
  'connection',
  'secret',
  'system',
].map((of) => `has_${of}_privilege`)

/** Materialize writes jsonb without blanks and with its keys in alphabetical order, also as text. */
const JSON_TEXT = `
  CREATE FUNCTION mz_catalog.json_text(jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
  DECLARE kind text := jsonb_typeof($1);
  BEGIN
    IF kind = 'object' THEN
      RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || mz_catalog.json_text(value), ','
        ORDER BY key COLLATE "C") FROM jsonb_each($1)), '') || '}';
    ELSIF kind = 'array' THEN
      RETURN '[' || coalesce((SELECT string_agg(mz_catalog.json_text(value), ',' ORDER BY ordinality)
        FROM jsonb_array_elements($1) WITH ORDINALITY), '') || ']';
    ELSIF kind = 'number' THEN
      RETURN trim_scale(($1 #>> '{}')::numeric)::text;
    ELSIF kind = 'string' THEN
      RETURN to_json($1 #>> '{}')::text;
    ELSE
      RETURN $1 #>> '{}';
    END IF;
  END $$;
  CREATE CAST (jsonb AS text) WITH FUNCTION mz_catalog.json_text(jsonb) AS ASSIGNMENT;`

export function bootstrapSql(): string {
  const session = SESSION_FUNCTIONS.map(
    ([name, type]) => `CREATE FUNCTION mz_catalog."${name}"() RETURNS ${type} LANGUAGE sql STABLE AS
      $$ SELECT current_setting('mz.${name}')::${type} $$;`,
  )
  const privileges = PRIVILEGE_FUNCTIONS.map(
    (name) => `CREATE FUNCTION mz_catalog.${name}(answer bool) RETURNS bool LANGUAGE sql AS
      $$ SELECT answer $$;`,
  )
  const relations = SYSTEM_RELATIONS.map((relation) => {
    const columns = relation.columns.map((column) => `"${column.name}" ${column.type}`)
    return `CREATE TABLE mz."${relation.id}" (${columns.join(', ')});`
  })
  return `
    CREATE SCHEMA mz;
    CREATE SCHEMA mz_catalog;
    CREATE SCHEMA mz_internal;
    ${['uint8', 'uint4', 'uint2'].map(numberType).join('')}
    ${timestampType()}
    ${['mz_aclitem', 'list', 'map', 'mz_record'].map(textType).join('')}
    ${JSON_TEXT}
    ${session.join('\n')}
    ${privileges.join('\n')}
    SET search_path = mz_catalog, pg_catalog;
    ${relations.join('\n')}`
}
