import Decoder from 'kafkajs/src/protocol/decoder.js'
import type { RawMessage } from '../ports.ts'
import { CODECS, decompress, type Codec } from './kafka-codecs.ts'

/*
 * The answer to Fetch, down to its records. kafkajs's own reading of it drops what an exact tail
 * takes: where a batch ends that shows no record, the order of headers, headers of one name, and
 * which of several interleaved transactions were aborted.
 */

export interface AbortedTransaction {
  producerId: bigint
  firstOffset: bigint
}

export interface FetchedPartition {
  errorCode: number
  aborted: AbortedTransaction[]
  /** Whole and possibly one cut record batch, as they lie on disk. */
  batches: Buffer
}

/** Reads versions 4 to 11 of the answer for one partition; undefined if it is not in there. */
export function decodeFetched(payload: Buffer, version: number): FetchedPartition | undefined {
  const decoder = new Decoder(payload)
  decoder.readInt32() // throttling, which the broker does by itself
  if (version >= 7) {
    const errorCode = decoder.readInt16()
    decoder.readInt32() // the fetch session, of which there is none
    if (errorCode !== 0) return { errorCode, aborted: [], batches: Buffer.alloc(0) }
  }
  const topics = decoder.readArray((topic) => {
    topic.readString()
    return topic.readArray((partition) => decodePartition(partition, version))
  })
  return topics.flat().at(0)
}

function decodePartition(decoder: Decoder, version: number): FetchedPartition {
  decoder.readInt32() // partition
  const errorCode = decoder.readInt16()
  decoder.readInt64() // high watermark
  decoder.readInt64() // last stable offset
  if (version >= 5) decoder.readInt64() // log start offset
  const aborted = decoder.readArray((transaction) => ({
    producerId: transaction.readInt64(),
    firstOffset: transaction.readInt64(),
  }))
  if (version >= 11) decoder.readInt32() // preferred replica
  const length = Math.max(0, decoder.readInt32())
  return { errorCode, aborted, batches: decoder.readBytes(length) ?? Buffer.alloc(0) }
}

interface Batch {
  baseOffset: bigint
  lastOffset: bigint
  codec: Codec | undefined
  isControl: boolean
  isTransactional: boolean
  /** Timestamps are the broker's: one for the whole batch. */
  appendTime: bigint | undefined
  baseTimestamp: bigint
  producerId: bigint
  count: number
  records: Buffer
}

const HEADER_BYTES = 61
/** What an entry's length does not count: its offset and the length itself. */
const PREFIX_BYTES = 12
const MAGIC = 2

/** The whole batches, in order; what follows the last whole one is left out. */
function* wholeBatches(data: Buffer): Generator<Batch> {
  for (let at = 0; at + HEADER_BYTES <= data.length;) {
    const end = at + PREFIX_BYTES + data.readInt32BE(at + 8)
    if (end > data.length) return
    yield readBatch(data.subarray(at, end))
    at = end
  }
}

function readBatch(data: Buffer): Batch {
  if (data.readInt8(16) !== MAGIC) {
    throw new Error('records in a format from before Kafka 0.11, which is not read here')
  }
  const attributes = data.readInt16BE(21)
  const baseOffset = data.readBigInt64BE(0)
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(data.readInt32BE(23)),
    codec: CODECS[attributes & 0x07],
    isControl: (attributes & 0x20) !== 0,
    isTransactional: (attributes & 0x10) !== 0,
    appendTime: (attributes & 0x08) === 0 ? undefined : data.readBigInt64BE(35),
    baseTimestamp: data.readBigInt64BE(27),
    producerId: data.readBigInt64BE(43),
    count: data.readInt32BE(57),
    records: data.subarray(HEADER_BYTES),
  }
}

/** The part of a partition that is wanted: from an offset up to but without another. */
export interface Range {
  partition: number
  from: bigint
  to: bigint
}

export interface Progress {
  /** Committed records of the range, in order. */
  messages: RawMessage[]
  /** The offset after the last batch, whether or not it showed a record; undefined without one. */
  next: bigint | undefined
}

/** Rejects with an Error if a batch is damaged, or compressed in a way that is not known. */
export async function readRecords(fetched: FetchedPartition, range: Range): Promise<Progress> {
  const isAborted = abortedFilter(fetched.aborted)
  const messages: RawMessage[] = []
  let next: bigint | undefined
  for (const batch of wholeBatches(fetched.batches)) {
    next = batch.lastOffset + 1n
    if (isAborted(batch) || batch.isControl || batch.count === 0) continue
    if (batch.lastOffset < range.from || batch.baseOffset >= range.to) continue
    for (const message of await decodeRecords(batch, range.partition)) {
      const offset = BigInt(message.offset)
      if (offset >= range.from && offset < range.to) messages.push(message)
    }
  }
  return { messages, next }
}

/**
 * Whether a batch was taken back; to be asked of every batch in order. A producer's first marker after
 * the start of a transaction that was aborted is the one that aborted it.
 */
function abortedFilter(transactions: AbortedTransaction[]): (batch: Batch) => boolean {
  const coming = transactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const open = new Set<bigint>()
  return (batch) => {
    while (coming[0] !== undefined && coming[0].firstOffset <= batch.lastOffset) {
      open.add(coming[0].producerId)
      coming.shift()
    }
    if (!batch.isTransactional) return false
    if (!batch.isControl) return open.has(batch.producerId)
    open.delete(batch.producerId)
    return false
  }
}

async function decodeRecords(batch: Batch, partition: number): Promise<RawMessage[]> {
  if (batch.codec === undefined) throw new Error('records in an unknown compression')
  const data = await decompress(batch.codec, batch.records)
  return recordsIn(data, batch).map((record) => ({ partition, ...record }))
}

function recordsIn(data: Buffer, batch: Batch): Omit<RawMessage, 'partition'>[] {
  const decoder = new Decoder(data)
  const records: Omit<RawMessage, 'partition'>[] = []
  for (let index = 0; index < batch.count; index += 1) {
    const length = decoder.readVarInt()
    const start = decoder.offset
    decoder.readInt8() // attributes, of which there are none yet
    const timestamp = batch.baseTimestamp + BigInt(decoder.readVarLong().toString())
    const offset = batch.baseOffset + BigInt(decoder.readVarInt())
    records.push({
      offset: String(offset),
      timestamp: String(batch.appendTime ?? timestamp),
      key: decoder.readVarIntBytes(),
      value: decoder.readVarIntBytes(),
      headers: readHeaders(decoder, start + length),
    })
    // kafkajs's decoder reads past the end without a word.
    if (decoder.offset !== start + length || decoder.offset > data.length) {
      throw new Error(`a damaged record at offset ${offset}`)
    }
  }
  return records
}

function readHeaders(decoder: Decoder, end: number): RawMessage['headers'] {
  const headers: RawMessage['headers'] = []
  for (let left = decoder.readVarInt(); left > 0 && decoder.offset < end; left -= 1) {
    headers.push([decoder.readVarIntString() ?? '', decoder.readVarIntBytes()])
  }
  return headers
}
