import Decoder from 'kafkajs/src/protocol/decoder.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import type { Definition } from 'kafkajs/src/protocol/requests/index.js'

/*
 * What a user may do, by the broker’s own word (KIP-430, brokers from 2.3 on): a bit for each operation,
 * in the versions of two requests that kafkajs does not have. Asking makes nothing.
 */

/** What the broker tells of a topic or a group. */
export interface Told {
  name: string
  errorCode: number
  operations: number
}

export interface TopicsTold {
  topics: Told[]
  cluster: number
}

/** Metadata, version 8. */
export const topicRights: Definition = definition('Metadata', 8, {
  encode: (args) =>
    strings((args as { topics: string[] }).topics)
      .writeBoolean(false)
      .writeBoolean(true)
      .writeBoolean(true),
  decode: (decoder): TopicsTold => {
    decoder.readInt32()
    decoder.readArray(() => {
      decoder.readInt32()
      decoder.readString()
      decoder.readInt32()
      decoder.readString()
    })
    decoder.readString()
    decoder.readInt32()
    const topics = decoder.readArray(decodeTopic)
    return { topics, cluster: decoder.readInt32() }
  },
})

/** DescribeGroups, version 3. */
export const groupRights: Definition = definition('DescribeGroups', 3, {
  encode: (args) => strings((args as { groupIds: string[] }).groupIds).writeBoolean(true),
  decode: (decoder): { groups: Told[] } => {
    decoder.readInt32()
    return { groups: decoder.readArray(decodeGroup) }
  },
})

function definition(
  api: 'Metadata' | 'DescribeGroups',
  version: number,
  coding: { encode(args: object): Encoder; decode(decoder: Decoder): object },
): Definition {
  return {
    versions: [String(version)],
    protocol: (chosen) => (args) => {
      if (chosen.version < version) {
        throw Object.assign(new Error('an older broker'), {
          name: 'KafkaJSServerDoesNotSupportApiKey',
        })
      }
      return {
        request: {
          apiKey: apiKeys[api],
          apiVersion: version,
          apiName: api,
          encode: async () => coding.encode(args),
        },
        response: {
          decode: async (payload) => coding.decode(new Decoder(payload)),
          parse: async (decoded) => decoded,
        },
      }
    },
  }
}

function strings(names: string[]): Encoder {
  return new Encoder().writeArray(names.map((name) => new Encoder().writeString(name)))
}

function decodeTopic(decoder: Decoder): Told {
  const errorCode = decoder.readInt16()
  const name = decoder.readString() ?? ''
  decoder.readInt8()
  decoder.readArray(() => {
    decoder.readInt16()
    for (let field = 0; field < 3; field++) decoder.readInt32()
    for (let list = 0; list < 3; list++) decoder.readArray(() => decoder.readInt32())
  })
  return { name, errorCode, operations: decoder.readInt32() }
}

function decodeGroup(decoder: Decoder): Told {
  const errorCode = decoder.readInt16()
  const name = decoder.readString() ?? ''
  for (let field = 0; field < 3; field++) decoder.readString()
  decoder.readArray(() => {
    for (let field = 0; field < 3; field++) decoder.readString()
    for (let field = 0; field < 2; field++) decoder.readBytes(decoder.readInt32())
  })
  return { name, errorCode, operations: decoder.readInt32() }
}
