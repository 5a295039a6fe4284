import avro from 'avsc'
import { isNull, type AvroNode } from './avro-schema.ts'
import { decimalText } from './decimals.ts'
import { readJson } from './json-reader.ts'
import { DecodeFailure } from './decode-failure.ts'
import { listText, mapText, recordText, type Cell } from './text-forms.ts'

/** Avro's longs as BigInt: a double would lose their last digits. */
const LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

/** The library's type of a schema; those that it refers to come first. */
export function avroType(text: string, references: string[] = []): avro.Type {
  const registry: Record<string, avro.Type> = {}
  const typeHook = (schema: unknown) => (isLong(schema) ? LONG : undefined)
  const options = { registry, wrapUnions: true, typeHook }
  for (const reference of references) {
    avro.Type.forSchema(JSON.parse(reference) as avro.Schema, options)
  }
  return avro.Type.forSchema(JSON.parse(text) as avro.Schema, options)
}

/** With a logical type or without. */
function isLong(schema: unknown): boolean {
  return schema === 'long' || (schema as { type?: unknown } | null)?.type === 'long'
}

/** Cells of a relation's row, in the order of `avroColumns`. */
export function avroCells(node: AvroNode, value: unknown): Cell[] {
  if (node.is !== 'record') return fieldCells(node, value)
  const fields = value as Record<string, unknown>
  return node.fields.flatMap((field) => fieldCells(field.node, fields[field.name]))
}

function fieldCells(node: AvroNode, value: unknown): Cell[] {
  if (node.is !== 'union') return [avroCell(node, value)]
  const real = node.branches.filter((branch) => !isNull(branch))
  const [name, inner] = value === null ? [] : Object.entries(value as object)[0]!
  return real.map((branch) => (branchName(branch) === name ? avroCell(branch, inner) : null))
}

/** How the library names the branches of a union. */
function branchName(node: AvroNode): string {
  return 'name' in node ? node.name : node.is
}

function avroCell(node: AvroNode, value: unknown): Cell {
  switch (node.is) {
    case 'primitive':
    case 'fixed':
      return plainCell(node, value)
    case 'enum':
      return value as string
    case 'record':
      return recordText(avroCells(node, value))
    case 'array':
      return listText((value as unknown[]).map((one) => elementCell(node.items, one)))
    case 'map':
      return mapText(
        Object.entries(value as object).map(([key, one]) => [key, elementCell(node.values, one)]),
      )
    case 'union':
    case 'recursive':
      throw new Error(`a column of ${node.is} type`)
  }
}

/** Within a list or a map a union is of one type, or null. */
function elementCell(node: AvroNode, value: unknown): Cell {
  return node.is === 'union' ? fieldCells(node, value)[0]! : avroCell(node, value)
}

type Plain = Extract<AvroNode, { is: 'primitive' | 'fixed' }>

function plainCell(node: Plain, value: unknown): Cell {
  switch (node.logical?.is) {
    case 'date':
      return instantText(BigInt(value as number) * 86_400_000_000n).slice(0, -' 00:00:00'.length)
    case 'timestamp-millis':
      return instantText((value as bigint) * 1000n)
    case 'timestamp-micros':
      return instantText(value as bigint)
    case 'decimal':
      return decimalText(value as Buffer, node.logical.scale)
    case 'json':
      try {
        return readJson(Buffer.from(value as string))
      } catch {
        throw new DecodeFailure('JSON did not decode')
      }
    case 'uuid':
      return (value as string).toLowerCase()
  }
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number' && node.is === 'primitive' && node.name === 'float') {
    return shortFloat(value)
  }
  return String(value)
}

/** The shortest text that is read back as the same single-precision number. */
export function shortFloat(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === Math.fround(value)) return String(text)
  }
  return String(value)
}

/** `YYYY-MM-DD HH:MM:SS[.f]` of microseconds since 1970. */
export function instantText(micros: bigint): string {
  const MILLION = 1_000_000n
  const rest = ((micros % MILLION) + MILLION) % MILLION
  const seconds = Number((micros - rest) / MILLION)
  const whole = new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, -'.000Z'.length)
  if (rest === 0n) return whole
  return `${whole}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`
}
