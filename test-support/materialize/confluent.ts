import { DecodeFailure } from './decode-failure.ts'

/** Confluent's framing: a zero, and the schema's id in four bytes. */
const HEADER = 5

/** Takes the frame off, or says what is wrong with it. */
export function unframed(
  bytes: Buffer,
  protocol: 'avro' | 'protobuf',
): { id: number; body: Buffer } {
  if (bytes.length < HEADER) {
    throw new DecodeFailure(
      `Confluent-style ${protocol} datum is too few bytes: expected at least ${HEADER} bytes, ` +
        `got ${bytes.length}`,
    )
  }
  if (bytes[0] !== 0) {
    throw new DecodeFailure(
      `wrong Confluent-style ${protocol} serialization magic: expected 0, got ${String(bytes[0])}`,
    )
  }
  return { id: bytes.readInt32BE(1), body: bytes.subarray(HEADER) }
}

export function framed(id: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER)
  header.writeInt32BE(id, 1)
  return Buffer.concat([header, body])
}
