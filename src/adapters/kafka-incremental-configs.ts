import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import type { Definition } from 'kafkajs/src/protocol/requests/index.js'

/** What to do with one setting. */
export interface IncrementalChange {
  name: string
  /** Null takes the setting away, so that the default holds again. */
  value: string | null
}

export interface IncrementalArgs {
  resources: { type: number; name: string; changes: IncrementalChange[] }[]
}

const SET = 0
const DELETE = 1

/**
 * IncrementalAlterConfigs (KIP-339, brokers from 2.3 on), which kafkajs knows by number alone. Of its
 * versions only 0 is needed: 1 says the same in another encoding.
 */
export const incrementalAlterConfigs: Definition = {
  versions: ['0'],
  protocol: () => (args) => ({
    request: {
      apiKey: apiKeys.IncrementalAlterConfigs,
      apiVersion: 0,
      apiName: 'IncrementalAlterConfigs',
      encode: async () => {
        const { resources } = args as IncrementalArgs
        return new Encoder().writeArray(resources.map(encodeResource)).writeBoolean(false)
      },
    },
    response: {
      decode: async (payload) => {
        const decoder = new Decoder(payload)
        return { throttleTime: decoder.readInt32(), resources: decoder.readArray(decodeResource) }
      },
      parse: async (decoded) => decoded,
    },
  }),
}

function encodeResource({ type, name, changes }: IncrementalArgs['resources'][number]): Encoder {
  return new Encoder()
    .writeInt8(type)
    .writeString(name)
    .writeArray(
      changes.map((change) =>
        new Encoder()
          .writeString(change.name)
          .writeInt8(change.value === null ? DELETE : SET)
          .writeString(change.value),
      ),
    )
}

function decodeResource(decoder: Decoder): object {
  return {
    errorCode: decoder.readInt16(),
    errorMessage: decoder.readString(),
    resourceType: decoder.readInt8(),
    resourceName: decoder.readString(),
  }
}
