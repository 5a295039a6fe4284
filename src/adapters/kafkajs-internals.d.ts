/**
 * The parts of kafkajs 2.2.4 that its own types leave out: one connection, its requests and its
 * decoder. Written from its sources; only what this action calls.
 */

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net'
  import type Encoder from 'kafkajs/src/protocol/encoder.js'

  export interface KafkajsLogger {
    namespace(name: string): KafkajsLogger
    error(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    info(message: string, extra?: object): void
    debug(message: string, extra?: object): void
  }

  export interface KafkajsRequest {
    apiKey: number
    apiName: string
    apiVersion: number
    encode(): Promise<Encoder>
  }

  /** A request of one version with the way to read its answer. */
  export interface KafkajsCall {
    request: KafkajsRequest
    response: {
      decode(payload: Buffer): Promise<unknown>
      parse(decoded: unknown): Promise<unknown>
    }
    requestTimeout?: number
    logResponseError?: boolean
  }

  export type ApiVersions = Record<number, { minVersion: number; maxVersion: number }>

  export default class Connection {
    constructor(options: {
      host: string
      port: number
      clientId: string
      logger: KafkajsLogger
      socketFactory(options: { onConnect(): void }): Socket
      sasl: { mechanism: string; username: string; password: string } | null
      requestTimeout: number
      connectionTimeout: number
      enforceRequestTimeout: boolean
    })
    connect(): Promise<unknown>
    authenticate(): Promise<void>
    isConnected(): boolean
    send(call: KafkajsCall): Promise<unknown>
    setVersions(versions: ApiVersions): void
    setSupportAuthenticationProtocol(isSupported: boolean): void
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: unknown[]
    scheduleCheckPendingRequests(): void
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  import type { ApiVersions, KafkajsCall } from 'kafkajs/src/network/connection.js'

  export interface Definition {
    versions: string[]
    protocol(options: { version: number }): (args: object) => KafkajsCall
  }

  const protocol: {
    requests: Record<
      | 'AlterConfigs'
      | 'ApiVersions'
      | 'CreateAcls'
      | 'CreatePartitions'
      | 'CreateTopics'
      | 'DeleteAcls'
      | 'DeleteGroups'
      | 'DeleteTopics'
      | 'DescribeAcls'
      | 'DescribeConfigs'
      | 'DescribeGroups'
      | 'Fetch'
      | 'ListGroups'
      | 'ListOffsets'
      | 'Metadata'
      | 'SaslAuthenticate'
      | 'SaslHandshake',
      Definition
    >
    lookup(
      versions: ApiVersions,
    ): (apiKey: number, definition: Definition) => (args: object) => KafkajsCall
  }
  export default protocol
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: {
    Fetch: number
    ListOffsets: number
    Metadata: number
    DescribeGroups: number
    ListGroups: number
    SaslHandshake: number
    ApiVersions: number
    CreateTopics: number
    DeleteTopics: number
    DescribeAcls: number
    CreateAcls: number
    DeleteAcls: number
    DescribeConfigs: number
    AlterConfigs: number
    SaslAuthenticate: number
    CreatePartitions: number
    DeleteGroups: number
    IncrementalAlterConfigs: number
    InitProducerId: number
    Produce: number
  }
  export default apiKeys
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(initialSize?: number)
    readonly buffer: Buffer
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeUInt32(value: number): this
    writeInt64(value: number | string): this
    writeVarInt(value: number): this
    writeVarLong(value: string): this
    writeVarIntString(value: string): this
    writeVarIntBytes(value: Buffer | null): this
    /** With its length before it, in four bytes. */
    writeBytes(value: Buffer): this
    writeBuffer(value: Buffer): this
    writeBoolean(value: boolean): this
    /** Throws a RangeError for more than 32767 bytes. */
    writeString(value: string | null): this
    writeArray(values: Encoder[]): this
    /** Without a value, the empty list of tagged fields. */
    writeUVarIntBytes(value?: Buffer): this
    writeUVarIntString(value: string | null): this
    writeUVarIntArray(values: Encoder[]): this
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer)
    readInt8(): number
    readInt16(): number
    readInt32(): number
    readInt64(): bigint
    readString(): string | null
    /** Null for length -1. */
    readVarIntBytes(): Buffer | null
    readVarIntString(): string | null
    /** How far it has read. */
    offset: number
    readVarInt(): number
    /** A Long of kafkajs, which wraps a bigint. */
    readVarLong(): { toString(): string }
    readUVarInt(): number
    readTaggedFields(): void
    readBytes(length: number): Buffer | null
    readArray<T>(read: (decoder: Decoder) => T): T[]
  }
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/index.js' {
  export default function crc32C(data: Buffer): number
}

declare module 'kafkajs/src/producer/partitioners/default/murmur2.js' {
  /** As Java’s clients do; may be negative. */
  export default function murmur2(key: Buffer): number
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: {
    createErrorFromCode(code: number): Error & { type: string; code: number; retriable: boolean }
  }
  export default errors
}
