import Decoder from 'kafkajs/src/protocol/decoder.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocol, { type Definition } from 'kafkajs/src/protocol/requests/index.js'

/**
 * The requests about rules (ACLs), in the version that knows prefixes (brokers from 2.0 on): by the one
 * before it, a rule for all names that begin alike would become one for a single name.
 */
export const aclRequests = {
  DescribeAcls: withPrefixes(protocol.requests.DescribeAcls),
  CreateAcls: withPrefixes(protocol.requests.CreateAcls),
  DeleteAcls: withPrefixes(protocol.requests.DeleteAcls),
}

function withPrefixes({ protocol: versioned }: Definition): Definition {
  return {
    versions: ['1'],
    protocol: (chosen) => {
      if (chosen.version < 1) throw olderBroker()
      return versioned(chosen)
    },
  }
}

function olderBroker(): Error {
  return Object.assign(new Error('an older broker'), { name: 'KafkaJSServerDoesNotSupportApiKey' })
}

/** Which kafkajs does not know, not even by number. */
export const DESCRIBE_TRANSACTIONS = 65

/**
 * DescribeTransactions (KIP-664, brokers from 3.0 on), of one transactional id, and of the answer only
 * the error code: any broker checks the right to see the id before it looks for its transaction, and
 * asking makes nothing, unlike asking for the id’s coordinator.
 */
export const transactionSight: Definition = {
  versions: ['0'],
  protocol: () => (args) => ({
    request: {
      apiKey: DESCRIBE_TRANSACTIONS,
      apiVersion: 0,
      apiName: 'DescribeTransactions',
      // The first and the last are lists of tagged fields: of the header and of the request.
      encode: async () =>
        new Encoder()
          .writeUVarIntBytes()
          .writeUVarIntArray([new Encoder().writeUVarIntString((args as { id: string }).id)])
          .writeUVarIntBytes(),
    },
    response: {
      decode: async (payload) => {
        const decoder = new Decoder(payload)
        decoder.readTaggedFields()
        decoder.readInt32()
        const count = decoder.readUVarInt() - 1
        return { errorCode: count > 0 ? decoder.readInt16() : -1 }
      },
      parse: async (decoded) => decoded,
    },
  }),
}
