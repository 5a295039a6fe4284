import { planError, unknownHere } from './errors.ts'
import type { Column } from './model.ts'
import { recordType } from './nested-types.ts'

/** An Avro schema with its names resolved. A type that names one of those around it is `recursive`. */
export type AvroNode =
  | { is: 'primitive'; name: Primitive; logical?: Logical }
  | { is: 'fixed'; name: string; size: number; logical?: Logical }
  | { is: 'enum'; name: string; symbols: string[] }
  | { is: 'record'; name: string; fields: { name: string; node: AvroNode }[] }
  | { is: 'array'; items: AvroNode }
  | { is: 'map'; values: AvroNode }
  | { is: 'union'; branches: AvroNode[] }
  | { is: 'recursive'; name: string }

type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'
type Logical =
  | { is: 'date' | 'timestamp-millis' | 'timestamp-micros' | 'uuid' | 'json' }
  | { is: 'decimal'; precision: number; scale: number }

type Json = string | Json[] | { [key: string]: unknown; type?: Json }

const PRIMITIVES = new Set<string>(
  'null boolean int long float double bytes string'.split(' ') satisfies string[],
)
const MOST_DIGITS = 39

/** Reads a schema; those that it refers to come first. */
export function readAvroSchema(text: string, references: string[] = []): AvroNode {
  const reader = new Reader()
  for (const reference of references) reader.node(parsed(reference), '')
  return reader.node(parsed(text), '')
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw unknownHere(`how Materialize refuses an Avro schema that is no JSON (${String(error)})`)
  }
}

class Reader {
  private readonly named = new Map<string, AvroNode>()
  /** Names of the types that are being read. */
  private readonly open = new Set<string>()

  node(schema: Json, namespace: string): AvroNode {
    if (Array.isArray(schema)) {
      return { is: 'union', branches: schema.map((branch) => this.node(branch, namespace)) }
    }
    if (typeof schema === 'string') return this.reference(schema, namespace)
    const { type } = schema
    switch (type) {
      case 'record':
      case 'error':
        return this.record(schema, namespace)
      case 'enum':
        return this.define(schema, namespace, (name) => ({
          is: 'enum',
          name,
          symbols: schema['symbols'] as string[],
        }))
      case 'fixed':
        return this.define(schema, namespace, (name) => ({
          ...withLogical({ is: 'fixed', name, size: schema['size'] as number }, schema),
        }))
      case 'array':
        return { is: 'array', items: this.node(schema['items'] as Json, namespace) }
      case 'map':
        return { is: 'map', values: this.node(schema['values'] as Json, namespace) }
      case undefined:
        throw schemaError('No `type` in complex type')
      default: {
        const inner = this.node(type, namespace)
        return inner.is === 'primitive' ? withLogical(inner, schema) : inner
      }
    }
  }

  private reference(name: string, namespace: string): AvroNode {
    if (PRIMITIVES.has(name)) return { is: 'primitive', name: name as Primitive }
    const full = fullName(name, namespace)
    if (this.open.has(full)) return { is: 'recursive', name: full }
    const found = this.named.get(full) ?? this.named.get(name)
    if (found === undefined) throw schemaError(`Unknown type: ${name}`)
    return found
  }

  private define(
    schema: { [key: string]: unknown },
    namespace: string,
    make: (name: string) => AvroNode,
  ): AvroNode {
    const name = fullName(String(schema['name']), String(schema['namespace'] ?? namespace))
    const node = make(name)
    this.named.set(name, node)
    return node
  }

  private record(schema: { [key: string]: unknown }, namespace: string): AvroNode {
    return this.define(schema, namespace, (name) => {
      this.open.add(name)
      const within = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
      const fields = (schema['fields'] as { name: string; type: Json }[]).map((field) => ({
        name: field.name,
        node: this.node(field.type, within),
      }))
      this.open.delete(name)
      return { is: 'record', name, fields }
    })
  }
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function schemaError(what: string): Error {
  return planError(`validating avro schema: Schema parse error: ${what}`)
}

type Plain = Extract<AvroNode, { is: 'primitive' | 'fixed' }>

function withLogical<T extends Plain>(node: T, schema: { [key: string]: unknown }): T {
  const connect = String(schema['connect.name'] ?? '')
  if (connect === 'io.debezium.data.Json') return { ...node, logical: { is: 'json' } }
  if (connect.startsWith('io.debezium.time.')) {
    throw unknownHere(`what Materialize makes of Avro's connect.name ${connect}`)
  }
  const base = node.is === 'fixed' ? 'fixed' : node.name
  switch (`${String(schema['logicalType'])} ${base}`) {
    case 'date int':
      return { ...node, logical: { is: 'date' } }
    case 'timestamp-millis long':
      return { ...node, logical: { is: 'timestamp-millis' } }
    case 'timestamp-micros long':
      return { ...node, logical: { is: 'timestamp-micros' } }
    case 'uuid string':
      return { ...node, logical: { is: 'uuid' } }
    case 'decimal bytes':
    case 'decimal fixed': {
      const precision = Number(schema['precision'])
      return {
        ...node,
        logical: { is: 'decimal', precision, scale: Number(schema['scale'] ?? 0) },
      }
    }
    default:
      return node
  }
}

/** Columns of a relation: a record's fields, else one that has no name. */
export function avroColumns(node: AvroNode): Column[] {
  if (node.is !== 'record') return namedColumns(node, '?column?')
  return node.fields.flatMap((field) => namedColumns(field.node, field.name))
}

/** A union of several types is a column for each of them. */
function namedColumns(node: AvroNode, name: string): Column[] {
  if (node.is !== 'union') return [{ name, type: avroType(node), nullable: false }]
  const real = node.branches.filter((branch) => !isNull(branch))
  if (real.length === 0) throw planError('Empty or null-only unions are not supported')
  return real.map((branch, at) => ({
    name: real.length === 1 ? name : `${name}${at + 1}`,
    type: avroType(branch),
    nullable: node.branches.length > 1,
  }))
}

export function isNull(node: AvroNode): boolean {
  return node.is === 'primitive' && node.name === 'null'
}

const TYPES: Record<Primitive, string> = {
  null: '',
  boolean: 'bool',
  int: 'int4',
  long: 'int8',
  float: 'float4',
  double: 'float8',
  bytes: 'bytea',
  string: 'text',
}

function avroType(node: AvroNode): string {
  switch (node.is) {
    case 'primitive':
      if (isNull(node)) throw planError('null outside of union types is not supported')
      return logicalType(node.logical) ?? TYPES[node.name]
    case 'fixed':
      return logicalType(node.logical) ?? 'bytea'
    case 'enum':
      return 'text'
    case 'record':
      return recordType(node.fields.flatMap((field) => namedColumns(field.node, field.name)))
    case 'array':
      return `${avroType(node.items)} list`
    case 'map':
      return `map[${avroType(node.values)}]`
    case 'recursive':
      throw planError(`Recursive types are not supported: ${node.name}`)
    case 'union': {
      const columns = namedColumns(node, '?column?')
      if (columns.length === 1) return columns[0]!.type
      throw planError('Union of more than one non-null type not valid here')
    }
  }
}

function logicalType(logical: Logical | undefined): string | undefined {
  if (logical === undefined) return undefined
  switch (logical.is) {
    case 'timestamp-millis':
    case 'timestamp-micros':
      return 'timestamp'
    case 'json':
      return 'jsonb'
    case 'decimal':
      if (logical.precision > MOST_DIGITS) {
        throw planError(`decimals with precision greater than ${MOST_DIGITS} are not supported`)
      }
      return 'numeric'
    default:
      return logical.is
  }
}
