import { avroEncoding } from './avro-encoding.ts'
import { plainEncoding, type Encoding } from './encoding.ts'
import { protobufEncoding } from './protobuf-encoding.ts'
import type { RegistryClient } from './registry-client.ts'
import type { Format, FormatClause } from './statements.ts'

export interface Encodings {
  key?: Encoding
  value: Encoding
}

/** A client for a connection to a registry. */
export type RegistryOf = (connectionId: string) => RegistryClient

/** A registry's subject may have a key's schema beside the value's, though one FORMAT is written. */
export function encodingsOf(clause: FormatClause, registryOf: RegistryOf): Encodings {
  const value = pair(clause.value!, registryOf)
  if (clause.bare) return value
  const key = pair(clause.key!, registryOf)
  return { key: key.key ?? key.value, value: value.value }
}

/** Whether records have keys that are read: what mz_sources calls a key format. */
export function keyFormat(clause: FormatClause): Format | undefined {
  if (!clause.bare) return clause.key
  const { value } = clause
  const isSeeded = value !== undefined && 'seed' in value && value.seed?.key !== undefined
  return isSeeded ? value : undefined
}

function pair(format: Format, registryOf: RegistryOf): Encodings {
  switch (format.is) {
    case 'avro': {
      if (format.from === 'schema') {
        const { schema, wireFormat } = format
        return { value: avroEncoding({ schema, references: [], isFramed: wireFormat ?? true }) }
      }
      const { key, value, references } = format.seed!
      const registry = registryOf(format.registry.connectionId!)
      const one = (schema: string, of: string[]) =>
        avroEncoding({ schema, references: of, isFramed: true, registry })
      return {
        value: one(value, references.value),
        ...(key === undefined ? {} : { key: one(key, references.key) }),
      }
    }
    case 'protobuf': {
      if (format.from === 'schema') return { value: protobufEncoding(format, false) }
      const { key, value } = format.seed!
      return {
        value: protobufEncoding(value, true),
        ...(key === undefined ? {} : { key: protobufEncoding(key, true) }),
      }
    }
    default:
      return { value: plainEncoding(format) }
  }
}
