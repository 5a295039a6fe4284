import type avro from 'avsc'
import { avroColumns, readAvroSchema } from './avro-schema.ts'
import { avroCells, avroType } from './avro-values.ts'
import { unframed } from './confluent.ts'
import { DecodeFailure } from './decode-failure.ts'
import type { Encoding } from './encoding.ts'
import { RegistryFailure, type RegistryClient } from './registry-client.ts'

export interface AvroReading {
  schema: string
  references: string[]
  /** Whether each record begins with a schema's id. */
  isFramed: boolean
  /** Where writers' schemas are found by that id; without it the reader's own must fit. */
  registry?: RegistryClient
}

type Resolver = NonNullable<Parameters<avro.Type['fromBuffer']>[1]>

/** Reads records by one schema, whatever schema they were written by. */
export function avroEncoding(reading: AvroReading): Encoding {
  const node = readAvroSchema(reading.schema, reading.references)
  const type = avroType(reading.schema, reading.references)
  const resolvers = new Map<number, Resolver>()

  const resolverOf = async (id: number, registry: RegistryClient): Promise<Resolver> => {
    const known = resolvers.get(id)
    if (known !== undefined) return known
    const resolver = await writerResolver(type, id, registry)
    resolvers.set(id, resolver)
    return resolver
  }

  return {
    columns: avroColumns(node),
    isUnnamed: false,
    decode: async (bytes) => {
      try {
        const { id, body } = reading.isFramed ? unframed(bytes, 'avro') : { id: 0, body: bytes }
        const { registry } = reading
        const resolver = registry === undefined ? undefined : await resolverOf(id, registry)
        return avroCells(node, type.fromBuffer(body, resolver))
      } catch (error) {
        if (error instanceof RegistryFailure && error.status === 0) throw error
        // Behind this prefix Materialize has its own decoder's words, of which only the frame's are known.
        throw new DecodeFailure(`avro deserialization error: ${(error as Error).message}`)
      }
    },
  }
}

async function writerResolver(
  reader: avro.Type,
  id: number,
  registry: RegistryClient,
): Promise<Resolver> {
  const found = await registry.byId(id)
  if (found === undefined) {
    throw new DecodeFailure(`failed to resolve Avro schema (id = ${String(id)})`)
  }
  const references = await registry.references(found)
  const writer = avroType(
    found.schema,
    references.map((one) => one.schema),
  )
  return reader.createResolver(writer) as Resolver
}
