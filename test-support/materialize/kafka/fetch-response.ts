/** Reading of a Fetch answer, version 11, batch by batch. */
import kafkajs from 'kafkajs'
import { compressionNumber, compressions } from '../../kafka/codecs.ts'
import { DecoderClass, decodeRecordBatch } from './kafkajs-internals.ts'
import type { Decoder } from './kafkajs-internals.ts'
import type { SourceRecord } from '../engine-port.ts'

export interface FetchedPartition {
  topic: string
  partition: number
  errorCode: number
  highWatermark: bigint
  /** Committed records only, those of aborted transactions and control records left out. */
  records: SourceRecord[]
  /** Where to read on: behind the last batch, whatever of it was left out; null when nothing came. */
  nextOffset: bigint | null
  /** Set when a batch could not be read, for example one of an unknown compression. */
  decodeError?: Error
}

interface Aborted {
  producerId: string
  firstOffset: bigint
}

/** A batch's header: where it says how long it is, how it is compressed, and where its records begin. */
const LENGTH_AT = 8
const LENGTH_END = 12
const ATTRIBUTES_AT = 21
const RECORDS_AT = 61
const COMPRESSION_MASK = 0x07

export async function decodeFetchResponse(
  raw: Buffer,
): Promise<{ errorCode: number; partitions: FetchedPartition[] }> {
  const decoder = new DecoderClass(raw)
  decoder.readInt32() // throttle time
  const errorCode = decoder.readInt16()
  decoder.readInt32() // session id
  const topics = await decoder.readArrayAsync(async (inTopic) => {
    const topic = inTopic.readString()
    return inTopic.readArrayAsync((inPartition) => decodePartition(topic, inPartition))
  })
  return { errorCode, partitions: topics.flat() }
}

async function decodePartition(topic: string, decoder: Decoder): Promise<FetchedPartition> {
  const partition = decoder.readInt32()
  const errorCode = decoder.readInt16()
  const highWatermark = readOffset(decoder)
  decoder.readInt64() // last stable offset
  decoder.readInt64() // log start offset
  const aborted = decoder.readArray((inAborted) => ({
    producerId: inAborted.readInt64().toString(),
    firstOffset: readOffset(inAborted),
  }))
  decoder.readInt32() // preferred read replica
  const size = decoder.readInt32()
  const batches = size > 0 ? decoder.readBytes(size) : Buffer.alloc(0)
  return {
    topic,
    partition,
    errorCode,
    highWatermark,
    ...(await decodeBatches(batches, { partition, aborted })),
  }
}

async function decodeBatches(
  buffer: Buffer,
  of: { partition: number; aborted: Aborted[] },
): Promise<Pick<FetchedPartition, 'records' | 'nextOffset' | 'decodeError'>> {
  const records: SourceRecord[] = []
  const waiting = [...of.aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<string>()
  let nextOffset: bigint | null = null
  for (const bytes of wholeBatches(buffer)) {
    try {
      const batch = await decodeRecordBatch(new DecoderClass(await inflated(bytes)))
      const last = BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta)
      while (waiting[0] !== undefined && waiting[0].firstOffset <= last) {
        aborting.add(waiting.shift()!.producerId)
      }
      const control = batch.records.some((record) => record.isControlRecord)
      if (control) aborting.delete(batch.producerId)
      else if (!(batch.inTransaction && aborting.has(batch.producerId))) {
        for (const record of batch.records) records.push(toRecord(record, of.partition))
      }
      nextOffset = last + 1n
    } catch (error) {
      return { records, nextOffset, decodeError: error as Error }
    }
  }
  return { records, nextOffset }
}

/** The answer is cut at its size limit, maybe in the middle of a batch: that one comes again. */
function* wholeBatches(buffer: Buffer): Generator<Buffer> {
  let start = 0
  while (start + RECORDS_AT <= buffer.length) {
    const end = start + LENGTH_END + buffer.readInt32BE(start + LENGTH_AT)
    if (end > buffer.length) return
    yield buffer.subarray(start, end)
    start = end
  }
}

/**
 * The batch as it was before compression. Not left to kafkajs, which looks for a codec where the action
 * registers its own: one that the stand-in put there would hide that the action forgot it.
 */
async function inflated(batch: Buffer): Promise<Buffer> {
  const attributes = batch.readInt16BE(ATTRIBUTES_AT)
  const name = compressions[attributes & COMPRESSION_MASK]
  if (name === undefined) throw new Error('unsupported compression type')
  if (name === 'none') return batch
  const codec = (
    kafkajs.CompressionCodecs as unknown as Record<
      number,
      () => { decompress(compressed: Buffer): Promise<Buffer> }
    >
  )[compressionNumber(name)]!()
  const plain = await codec.decompress(batch.subarray(RECORDS_AT))
  const header = Buffer.from(batch.subarray(0, RECORDS_AT))
  header.writeInt16BE(attributes & ~COMPRESSION_MASK, ATTRIBUTES_AT)
  header.writeInt32BE(RECORDS_AT - LENGTH_END + plain.length, LENGTH_AT)
  return Buffer.concat([header, plain])
}

function toRecord(
  record: Awaited<ReturnType<typeof decodeRecordBatch>>['records'][number],
  partition: number,
): SourceRecord {
  return {
    partition,
    offset: BigInt(record.offset),
    timestampMs: Number(record.timestamp),
    key: record.key,
    value: record.value,
    headers: Object.entries(record.headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one): [string, Buffer | null] => [name, one]),
    ),
  }
}

function readOffset(decoder: Decoder): bigint {
  return BigInt(decoder.readInt64().toString())
}
