import { unknownHere } from './errors.ts'
import type { TokenStream } from './token-stream.ts'

interface TypeFacts {
  /** Schema in which Materialize keeps it. */
  schema: 'pg_catalog' | 'mz_catalog'
  oid: number
  /** As mz_columns and SHOW COLUMNS name it. */
  shown: string
}

/** Every type a column can have here, by Materialize's own name for it. */
export const TYPES: Record<string, TypeFacts> = {
  bool: { schema: 'pg_catalog', oid: 16, shown: 'boolean' },
  bytea: { schema: 'pg_catalog', oid: 17, shown: 'bytea' },
  int8: { schema: 'pg_catalog', oid: 20, shown: 'bigint' },
  int2: { schema: 'pg_catalog', oid: 21, shown: 'smallint' },
  int4: { schema: 'pg_catalog', oid: 23, shown: 'integer' },
  text: { schema: 'pg_catalog', oid: 25, shown: 'text' },
  oid: { schema: 'pg_catalog', oid: 26, shown: 'oid' },
  float4: { schema: 'pg_catalog', oid: 700, shown: 'real' },
  float8: { schema: 'pg_catalog', oid: 701, shown: 'double precision' },
  bpchar: { schema: 'pg_catalog', oid: 1042, shown: 'character' },
  varchar: { schema: 'pg_catalog', oid: 1043, shown: 'character varying' },
  date: { schema: 'pg_catalog', oid: 1082, shown: 'date' },
  time: { schema: 'pg_catalog', oid: 1083, shown: 'time' },
  timestamp: { schema: 'pg_catalog', oid: 1114, shown: 'timestamp without time zone' },
  timestamptz: { schema: 'pg_catalog', oid: 1184, shown: 'timestamp with time zone' },
  interval: { schema: 'pg_catalog', oid: 1186, shown: 'interval' },
  numeric: { schema: 'pg_catalog', oid: 1700, shown: 'numeric' },
  uuid: { schema: 'pg_catalog', oid: 2950, shown: 'uuid' },
  jsonb: { schema: 'pg_catalog', oid: 3802, shown: 'jsonb' },
  numrange: { schema: 'pg_catalog', oid: 3906, shown: 'numrange' },
  record: { schema: 'pg_catalog', oid: 2249, shown: 'record' },
  uint2: { schema: 'mz_catalog', oid: 16460, shown: 'uint2' },
  uint4: { schema: 'mz_catalog', oid: 16462, shown: 'uint4' },
  uint8: { schema: 'mz_catalog', oid: 16464, shown: 'uint8' },
  mz_timestamp: { schema: 'mz_catalog', oid: 16552, shown: 'mz_timestamp' },
  mz_aclitem: { schema: 'mz_catalog', oid: 16566, shown: 'mz_aclitem' },
  list: { schema: 'mz_catalog', oid: 16384, shown: 'list' },
  map: { schema: 'mz_catalog', oid: 16385, shown: 'map' },
}

const ARRAY_OIDS: Record<string, number> = {
  bool: 1000,
  bytea: 1001,
  int2: 1005,
  int4: 1007,
  text: 1009,
  int8: 1016,
  float4: 1021,
  float8: 1022,
  timestamp: 1115,
  date: 1182,
  timestamptz: 1185,
  numeric: 1231,
  uuid: 2951,
  jsonb: 3807,
  mz_aclitem: 16567,
}

const SPELLINGS: Record<string, string> = {
  boolean: 'bool',
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  real: 'float4',
  float: 'float8',
  double: 'float8',
  decimal: 'numeric',
  dec: 'numeric',
  string: 'text',
  bytes: 'bytea',
  json: 'jsonb',
  char: 'bpchar',
  character: 'bpchar',
}

/** `int4 list`, `map[int4]` and records carry what they hold, which encoders need to know. */
export function baseType(type: string): string {
  if (type.endsWith(' list')) return 'list'
  if (type.startsWith('record{')) return 'record'
  return type.startsWith('map[') ? 'map' : type
}

export function typeOid(full: string): number {
  const type = baseType(full)
  if (type.endsWith('[]')) {
    const oid = ARRAY_OIDS[type.slice(0, -2)]
    if (oid !== undefined) return oid
  }
  const facts = TYPES[type]
  if (facts === undefined) throw unknownHere(`the type ${type}`)
  return facts.oid
}

/** Name of the type with an OID, as this file spells it. */
export function typeOfOid(oid: number): string | undefined {
  const scalar = Object.entries(TYPES).find(([, facts]) => facts.oid === oid)
  if (scalar !== undefined) return scalar[0]
  const array = Object.entries(ARRAY_OIDS).find(([, id]) => id === oid)
  return array === undefined ? undefined : `${array[0]}[]`
}

export function shownType(full: string): string {
  const type = baseType(full)
  if (type.endsWith('[]')) return `${shownType(type.slice(0, -2))}[]`
  return TYPES[type]?.shown ?? type
}

export interface ColumnType {
  type: string
  /** With length or precision, as PostgreSQL takes it. */
  stored: string
  /** With schema, as Materialize prints it. */
  printed: string
}

export function columnType(s: TokenStream): ColumnType {
  if (s.isWord('map') && s.isOperator('[', 1)) return mapType(s)
  const element = scalarType(s)
  if (s.accept('list')) {
    return {
      type: `${element.type} list`,
      stored: 'list',
      printed: `${element.printed} list`,
    }
  }
  if (!s.acceptOperator('[')) return element
  s.expectOperator(']')
  return {
    type: `${element.type}[]`,
    stored: `${element.stored}[]`,
    printed: `${element.printed}[]`,
  }
}

function mapType(s: TokenStream): ColumnType {
  s.expect('map')
  s.expectOperator('[')
  const key = scalarType(s)
  s.expectOperator('=>')
  const value = scalarType(s)
  s.expectOperator(']')
  return {
    type: `map[${value.type}]`,
    stored: 'map',
    printed: `map[${key.printed}=>${value.printed}]`,
  }
}

function scalarType(s: TokenStream): ColumnType {
  let word = s.identifier()
  if ((word === 'pg_catalog' || word === 'mz_catalog') && s.acceptOperator('.')) {
    word = s.identifier()
  }
  if (word === 'double') s.expect('precision')
  if ((word === 'character' || word === 'char') && s.accept('varying')) word = 'varchar'
  let type = SPELLINGS[word] ?? word
  let modifiers = ''
  if (s.acceptOperator('(')) {
    modifiers = `(${s.separated(() => s.integer()).join(', ')})`
    s.expectOperator(')')
  }
  if (type === 'bpchar' && modifiers === '') modifiers = '(1)'
  if (type === 'timestamp' || type === 'time') {
    if (s.accept('with', 'time', 'zone')) type += 'tz'
    else s.accept('without', 'time', 'zone')
  }
  if (TYPES[type] === undefined || ['list', 'map', 'record', 'numrange'].includes(type)) {
    throw unknownHere(`the column type ${word}`)
  }
  return {
    type,
    stored: `${type}${modifiers}`,
    printed: `${TYPES[type]!.schema}.${type}${modifiers}`,
  }
}
