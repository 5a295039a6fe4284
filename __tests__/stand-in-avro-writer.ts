import avro from 'avsc'
import type { TestRegistry } from '../test-support/schema-registry/registry.ts'

/** A plain Avro library with Confluent's framing; longs come and go as BigInt, unions by their branch. */

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
  compare: (a: bigint, b: bigint) => Number(a - b),
})

function typeOf(schema: string, references: string[] = []): avro.Type {
  const registry = {}
  const typeHook = (of: unknown) =>
    of === 'long' || (of as { type?: unknown }).type === 'long' ? LONG : undefined
  const options = { registry, typeHook, wrapUnions: true }
  for (const one of references) avro.Type.forSchema(JSON.parse(one) as avro.Schema, options)
  return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, options)
}

export const record = (name: string, fields: [string, unknown][]) => ({
  type: 'record',
  name,
  fields: fields.map(([field, type]) => ({ name: field, type })),
})

/** Registers a schema and writes values by it. */
export async function writer(
  registry: TestRegistry,
  subject: string,
  of: { schema: object; references?: string[] },
): Promise<(value: unknown) => Buffer> {
  const schema = JSON.stringify(of.schema)
  const subjects = of.references ?? []
  const referred = await Promise.all(subjects.map((one) => registry.latest(one)))
  const id = await registry.publish(subject, {
    schema,
    references: subjects.map((one, at) => ({
      name: (JSON.parse(referred[at]!.schema) as { name: string }).name,
      subject: one,
      version: referred[at]!.version,
    })),
  })
  const type = typeOf(
    schema,
    referred.map((one) => one!.schema),
  )
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  return (value) => Buffer.concat([header, type.toBuffer(value)])
}

/** Reads what somebody wrote by a schema of the registry. */
export async function readAvro(registry: TestRegistry, bytes: Buffer): Promise<unknown> {
  if (bytes[0] !== 0) throw new Error(`no frame: ${bytes.toString('hex')}`)
  const value: unknown = typeOf(await registry.byId(bytes.readInt32BE(1))).fromBuffer(
    bytes.subarray(5),
  )
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)),
  )
}
