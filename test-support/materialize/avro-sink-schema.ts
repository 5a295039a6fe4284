import { unknownHere } from './errors.ts'
import type { Column } from './model.ts'
import { elementType, mapValueType, recordFields } from './nested-types.ts'

/** What the options of a sink's registry say of a schema. */
export interface SchemaWords {
  fullName: string
  nullDefaults: boolean
  /** Of the record itself, under the empty name, and of its fields by their columns' names. */
  docs: Map<string, string>
}

export type Json = string | number | null | boolean | Json[] | { [key: string]: Json }

const NAMESPACE = 'com.materialize.sink'
/** Digits that a numeric of known scale can have, and one of none. */
const DIGITS = 39
const WIDE_DIGITS = 81

/** A row's schema, as Materialize composes it from a relation's columns. */
export function rowSchema(columns: Column[], words: SchemaWords): Json {
  return named(words.fullName, words, new Namer().fields(columns, words))
}

/** A Debezium envelope around rows, whose docs are the inner record's. */
export function envelopeSchema(columns: Column[], words: SchemaWords): Json {
  const namer = new Namer()
  const row = named('row', words, namer.fields(columns, words))
  const field = (name: string, type: Json): Json => ({
    name,
    type: ['null', type],
    ...(words.nullDefaults ? { default: null } : {}),
  })
  const fields = [field('before', row), field('after', 'row')]
  return named(words.fullName, { ...words, docs: new Map() }, fields)
}

function named(fullName: string, words: SchemaWords, fields: Json[]): Json {
  const dot = fullName.lastIndexOf('.')
  const doc = words.docs.get('')
  return {
    type: 'record',
    name: fullName.slice(dot + 1),
    ...(dot === -1 ? {} : { namespace: fullName.slice(0, dot) }),
    ...(doc === undefined ? {} : { doc }),
    fields,
  }
}

/** Why a name cannot be one of Avro's, if it cannot. */
export function invalidName(fullName: string): string | undefined {
  const wrong = fullName.split('.').find((part) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(part))
  if (wrong === undefined) return undefined
  return (
    'Invalid name. Must start with [A-Za-z_] and subsequently only contain [A-Za-z0-9_]. ' +
    `Found: ${wrong}`
  )
}

class Namer {
  private readonly defined = new Set<string>()
  private records = 0

  fields(columns: Column[], words: Pick<SchemaWords, 'nullDefaults' | 'docs'>): Json[] {
    const names = new FieldNames()
    return columns.map((column) => {
      const type = this.type(column)
      const doc = words.docs.get(column.name)
      return {
        name: names.valid(column.name),
        type,
        ...(words.nullDefaults && column.nullable ? { default: null } : {}),
        ...(doc === undefined ? {} : { doc }),
      }
    })
  }

  private type(column: Column): Json {
    const type = this.plainType(column)
    return column.nullable ? ['null', type] : type
  }

  private plainType({ type, scale }: Column): Json {
    const inner = (of: string) => this.type({ name: '', type: of, nullable: true })
    const element = elementType(type)
    if (element !== undefined) return { type: 'array', items: inner(element) }
    const value = mapValueType(type)
    if (value !== undefined) return { type: 'map', values: inner(value) }
    const record = recordFields(type)
    if (record !== undefined) {
      const name = `${NAMESPACE}.record${this.records++}`
      const fields = this.fields(record, { nullDefaults: false, docs: new Map() })
      return { type: 'record', name, fields }
    }
    if (type === 'numeric') {
      const digits =
        scale === undefined
          ? { precision: WIDE_DIGITS, scale: DIGITS }
          : { precision: DIGITS, scale }
      return { type: 'bytes', logicalType: 'decimal', ...digits }
    }
    const fixed = FIXED[type]
    if (fixed !== undefined) return this.fixed(fixed.name, fixed.size)
    const plain = PLAIN[type]
    if (plain === undefined) throw unknownHere(`how an Avro sink writes the type ${type}`)
    return plain
  }

  private fixed(name: string, size: number): Json {
    const full = `${NAMESPACE}.${name}`
    if (this.defined.has(full)) return full
    this.defined.add(full)
    return { type: 'fixed', size, name: full }
  }
}

/** Names of columns made Avro's, which allow less; what then comes twice is numbered. */
class FieldNames {
  private readonly counts = new Map<string, number>()

  valid(name: string): string {
    const valid = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_')
    const count = this.counts.get(valid) ?? 0
    this.counts.set(valid, count + 1)
    return count === 0 ? valid : `${valid}${count}`
  }
}

const FIXED: Record<string, { name: string; size: number }> = {
  uint2: { name: 'uint2', size: 2 },
  uint4: { name: 'uint4', size: 4 },
  oid: { name: 'uint4', size: 4 },
  uint8: { name: 'uint8', size: 8 },
  interval: { name: 'interval', size: 16 },
}

const PLAIN: Record<string, Json> = {
  bool: 'boolean',
  int2: 'int',
  int4: 'int',
  int8: 'long',
  float4: 'float',
  float8: 'double',
  date: { type: 'int', logicalType: 'date' },
  time: { type: 'long', logicalType: 'time-micros' },
  timestamp: { type: 'long', logicalType: 'timestamp-micros' },
  timestamptz: { type: 'long', logicalType: 'timestamp-micros' },
  bytea: 'bytes',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  jsonb: { type: 'string', 'connect.name': 'io.debezium.data.Json' },
  uuid: { type: 'string', logicalType: 'uuid' },
  mz_timestamp: 'string',
  numrange: 'string',
}
