import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import type { Definition } from 'kafkajs/src/protocol/requests/index.js'
import { Failure } from '../core/failure.ts'

export interface ProduceArgs {
  topic: string
  /** How long the broker may wait for the copies, in milliseconds. */
  timeout: number
  /** One encoded record batch for a partition. */
  partitions: { partition: number; batch: Buffer }[]
}

/** What became of one partition’s batch. */
export interface Produced {
  partition: number
  errorCode: number
  /** Of the batch’s first record; -1 with an error. */
  baseOffset: bigint
  /** The broker’s own words, of version 8 on. */
  words: string | null
}

/** The first version with headers, and the first with words (KIP-467, brokers from 2.4 on). */
const OLDEST = 3
const WITH_WORDS = 8
const ALL_COPIES = -1

/** Produce in versions 3 to 8, of which kafkajs knows the last by none and drops the words. */
export const produceRequest: Definition = {
  versions: [String(OLDEST), String(WITH_WORDS)],
  protocol: ({ version }) => {
    if (version < OLDEST) {
      throw new Failure({
        reason: 'kafka-refused',
        message: 'This Kafka is from before version 0.11: it takes no records with headers.',
      })
    }
    return (args) => ({
      request: {
        apiKey: apiKeys.Produce,
        apiVersion: version,
        apiName: 'Produce',
        encode: async () => encode(args as ProduceArgs),
      },
      response: {
        decode: async (payload) => decode(payload, version),
        parse: async (decoded) => decoded,
      },
    })
  },
}

function encode({ topic, timeout, partitions }: ProduceArgs): Encoder {
  return new Encoder()
    .writeString(null)
    .writeInt16(ALL_COPIES)
    .writeInt32(timeout)
    .writeArray([
      new Encoder()
        .writeString(topic)
        .writeArray(
          partitions.map(({ partition, batch }) =>
            new Encoder().writeInt32(partition).writeBytes(batch),
          ),
        ),
    ])
}

function decode(payload: Buffer, version: number): Produced[] {
  const decoder = new Decoder(payload)
  const topics = decoder.readArray((topic) => {
    topic.readString()
    return topic.readArray((partition) => decodePartition(partition, version))
  })
  return topics.flat()
}

function decodePartition(decoder: Decoder, version: number): Produced {
  const partition = decoder.readInt32()
  const errorCode = decoder.readInt16()
  const baseOffset = decoder.readInt64()
  decoder.readInt64() // when it was appended
  if (version >= 5) decoder.readInt64() // log start offset
  if (version < WITH_WORDS) return { partition, errorCode, baseOffset, words: null }
  const ofRecords = decoder.readArray((record) => {
    record.readInt32()
    return record.readString()
  })
  const ofAll = decoder.readString()
  // What is said of a record tells more than what is said of its batch.
  return { partition, errorCode, baseOffset, words: ofRecords.find((one) => one) ?? ofAll }
}
