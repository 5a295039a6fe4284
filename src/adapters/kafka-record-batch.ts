import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import type { OutgoingRecord } from '../ports.ts'

const MAGIC = 2
/** No producer id, epoch or sequence: neither a transaction nor an idempotent producer. */
const NO_PRODUCER = -1

/**
 * A record batch of format 2, uncompressed. kafkajs’s own takes headers as an object: it would lose
 * their order, and a header without a value ends it with an error.
 */
export function encodeBatch(records: OutgoingRecord[], now: number): Buffer {
  const times = records.map(({ timestamp }) => timestamp ?? String(now))
  const [base = String(now)] = times
  const latest = times.reduce((a, b) => (BigInt(b) > BigInt(a) ? b : a), base)
  const body = new Encoder()
    .writeInt16(0)
    .writeInt32(records.length - 1)
    .writeInt64(base)
    .writeInt64(latest)
    .writeInt64(NO_PRODUCER)
    .writeInt16(NO_PRODUCER)
    .writeInt32(NO_PRODUCER)
    .writeInt32(records.length)
  for (const [index, record] of records.entries()) {
    const encoded = encodeRecord(record, index, BigInt(times[index] ?? base) - BigInt(base))
    body.writeVarInt(encoded.length).writeBuffer(encoded)
  }
  const batch = new Encoder()
    .writeInt32(-1)
    .writeInt8(MAGIC)
    .writeUInt32(crc32C(body.buffer))
    .writeBuffer(body.buffer)
  return new Encoder().writeInt64(0).writeBytes(batch.buffer).buffer
}

/** About how many bytes a record takes in a batch; never less than it does. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  const ofHeader = ([name, data]: OutgoingRecord['headers'][number]): number =>
    Buffer.byteLength(name) + (data?.length ?? 0) + 10
  return (
    36 +
    (key?.length ?? 0) +
    (value?.length ?? 0) +
    headers.reduce((sum, one) => sum + ofHeader(one), 0)
  )
}

function encodeRecord(
  { key, value, headers }: OutgoingRecord,
  index: number,
  later: bigint,
): Buffer {
  const record = new Encoder()
    .writeInt8(0)
    .writeVarLong(String(later))
    .writeVarInt(index)
    .writeVarIntBytes(key)
    .writeVarIntBytes(value)
    .writeVarInt(headers.length)
  for (const [name, data] of headers) record.writeVarIntString(name).writeVarIntBytes(data)
  return record.buffer
}
