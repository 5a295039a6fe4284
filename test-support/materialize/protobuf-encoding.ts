import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { unframed } from './confluent.ts'
import { DecodeFailure } from './decode-failure.ts'
import type { Encoding } from './encoding.ts'
import { planError } from './errors.ts'
import type { Column } from './model.ts'
import { recordType } from './nested-types.ts'
import type { RegisteredSchema } from './registry-client.ts'
import type { ProtobufSchema } from './statements.ts'
import { shortFloat } from './avro-values.ts'
import { listText, recordText, type Cell } from './text-forms.ts'

/** Reads messages of one type, which a FileDescriptorSet describes. */
export function protobufEncoding(schema: ProtobufSchema, isFramed: boolean): Encoding {
  const type = messageType(schema)
  return {
    columns: messageColumns(type, [type.name]),
    isUnnamed: false,
    decode: (bytes) => {
      const body = isFramed ? withoutMessageIndex(bytes) : bytes
      try {
        return messageCells(type.decode(body), type)
      } catch (error) {
        if (error instanceof DecodeFailure) throw error
        // Behind this prefix Materialize has its own decoder's words.
        throw new DecodeFailure(`protobuf deserialization error: ${(error as Error).message}`)
      }
    },
  }
}

/** After the id stands which message of the file it is; only the first is read. */
function withoutMessageIndex(bytes: Buffer): Buffer {
  const prefix = 'protobuf deserialization error: '
  try {
    const { body } = unframed(bytes, 'protobuf')
    if (body[0] === 0) return body.subarray(1)
    if (body.length === 0) {
      throw new DecodeFailure(
        'Confluent-style protobuf datum is too few bytes: expected a message id after magic and ' +
          'schema id, got a buffer of length 0',
      )
    }
    throw new DecodeFailure(
      'unsupported Confluent-style protobuf message descriptor id: expected 0, but found: ' +
        `${String(body[0])}. See https://github.com/MaterializeInc/database-issues/issues/2837`,
    )
  } catch (error) {
    throw new DecodeFailure(`${prefix}${(error as Error).message}`)
  }
}

function messageType({ schema, message }: ProtobufSchema): protobuf.Type {
  const bytes = Buffer.from(schema.replace(/^\\x/, ''), 'hex')
  const root = protobuf.Root.fromDescriptor(bytes, { keepCase: true })
  const found = root.resolveAll().lookup(message)
  // The library also finds a message by its last name alone, which Materialize does not.
  if (found instanceof protobuf.Type && found.fullName === `.${message}`) return found
  throw planError(`protobuf message ${JSON.stringify(message)} not found in file descriptor set`)
}

const FILES = descriptor.FileDescriptorSet as unknown as protobuf.Type

const TYPES: Record<string, string> = {
  bool: 'bool',
  int32: 'int4',
  sint32: 'int4',
  sfixed32: 'int4',
  int64: 'int8',
  sint64: 'int8',
  sfixed64: 'int8',
  uint32: 'uint4',
  fixed32: 'uint4',
  uint64: 'uint8',
  fixed64: 'uint8',
  float: 'float4',
  double: 'float8',
  string: 'text',
  bytes: 'bytea',
}

function messageColumns(type: protobuf.Type, ancestors: string[]): Column[] {
  return type.fieldsArray.map((field) => {
    if (field.map) throw planError('Protobuf map fields are not supported')
    const inner = innerType(field.resolve(), ancestors)
    if (field.repeated) return { name: field.name, type: `${inner.type} list`, nullable: false }
    return { name: field.name, ...inner }
  })
}

function innerType(
  field: protobuf.Field,
  ancestors: string[],
): { type: string; nullable: boolean } {
  const of = field.resolvedType
  if (of instanceof protobuf.Enum) return { type: 'text', nullable: false }
  if (of === null) return { type: TYPES[field.type]!, nullable: false }
  if (ancestors.includes(of.name)) {
    throw planError(`Recursive types are not supported: ${of.name}`)
  }
  return { type: recordType(messageColumns(of, [...ancestors, of.name])), nullable: true }
}

/** A field that is not in the message has its type's default; a message has none. */
function messageCells(message: protobuf.Message, type: protobuf.Type): Cell[] {
  const fields = message as unknown as Record<string, unknown>
  return type.fieldsArray.map((field) => {
    const value = fields[field.name]
    if (field.repeated) {
      return listText(((value ?? []) as unknown[]).map((one) => fieldCell(field, one)))
    }
    return fieldCell(field, value)
  })
}

function fieldCell(field: protobuf.Field, value: unknown): Cell {
  const of = field.resolvedType
  if (of instanceof protobuf.Type) {
    if (value === undefined || value === null) return null
    return recordText(messageCells(value as protobuf.Message, of))
  }
  const given = value ?? field.typeDefault
  if (of instanceof protobuf.Enum) {
    const name = of.valuesById[Number(given)]
    if (name !== undefined) return name
    throw new DecodeFailure(
      'protobuf deserialization error: error decoding protobuf: unknown enum value ' +
        `${String(given)} while decoding field ${field.name}`,
    )
  }
  if (field.type === 'bytes') return `\\x${Buffer.from(given as Uint8Array).toString('hex')}`
  if (typeof given === 'boolean') return given ? 't' : 'f'
  if (field.type === 'float') return shortFloat(given as number)
  return String(given)
}

/** What a registry's text comes to: its descriptor, and its only message. */
export function compiledSchema(
  main: RegisteredSchema,
  references: (RegisteredSchema & { name: string })[],
): ProtobufSchema {
  const root = new protobuf.Root()
  for (const { schema } of references) protobuf.parse(schema, root, { keepCase: true })
  const { package: within } = protobuf.parse(main.schema, root, { keepCase: true })
  root.resolveAll()
  const namespace = within === undefined ? root : root.lookup(within)
  const declared = namespace instanceof protobuf.Namespace ? namespace.nestedArray : []
  const own = declared.filter(
    (one): one is protobuf.Type =>
      one instanceof protobuf.Type && new RegExp(`message\\s+${one.name}\\b`).test(main.schema),
  )
  if (own.length !== 1) {
    const how = own.length === 0 ? 'no messages' : 'multiple messages'
    throw planError(`Protobuf schemas with ${how} not yet supported`)
  }
  const bytes = FILES.encode(root.toDescriptor('proto3')).finish()
  return { message: own[0]!.name, schema: `\\x${Buffer.from(bytes).toString('hex')}` }
}
