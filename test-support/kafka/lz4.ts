/**
 * LZ4 as Kafka's Java takes it. lz4js does not write that: its frames leave out the flag of
 * independent blocks, on which Kafka insists, and its blocks may start a match within their last
 * twelve bytes, which the format forbids and the reference decoder refuses.
 */
export function toLz4Frame(plain: Buffer): Buffer {
  const parts: Buffer[] = [frameHeader]
  for (let start = 0; start < plain.length; start += blockBytes) {
    const block = plain.subarray(start, start + blockBytes)
    const packed = compressBlock(block)
    const isSmaller = packed.length < block.length
    const size = Buffer.alloc(4)
    // The highest bit says that the block is stored as it is.
    size.writeUInt32LE(isSmaller ? packed.length : (0x80000000 | block.length) >>> 0)
    parts.push(size, isSmaller ? packed : block)
  }
  return Buffer.concat([...parts, endMark])
}

/** Magic; independent blocks; of 64 KiB at most; and the checksum of these two bytes. */
const frameHeader = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const endMark = Buffer.alloc(4)
const blockBytes = 65_536

const shortestMatch = 4
/** The format's own limits, counted from a block's end. */
const lastMatchStart = 12
const lastLiterals = 5

/** Takes the latest place with the same four bytes for a match: quick, and good enough to be real. */
function compressBlock(block: Buffer): Buffer {
  const parts: Buffer[] = []
  const places = new Map<number, number>()
  let literalsFrom = 0
  let at = 0
  while (at <= block.length - lastMatchStart) {
    const four = block.readUInt32LE(at)
    const earlier = places.get(four)
    places.set(four, at)
    if (earlier === undefined) {
      at += 1
      continue
    }
    let length = shortestMatch
    while (
      at + length < block.length - lastLiterals &&
      block[earlier + length] === block[at + length]
    )
      length += 1
    parts.push(sequence(block.subarray(literalsFrom, at), { offset: at - earlier, length }))
    at += length
    literalsFrom = at
  }
  return Buffer.concat([...parts, sequence(block.subarray(literalsFrom))])
}

/** Literals, and the match that follows them; none follows a block's last literals. */
function sequence(literals: Buffer, match?: { offset: number; length: number }): Buffer {
  const extraLength = match ? match.length - shortestMatch : 0
  const token = (Math.min(literals.length, 15) << 4) | Math.min(extraLength, 15)
  const matchBytes = match
    ? [match.offset & 0xff, match.offset >> 8, ...lengthBytes(extraLength)]
    : []
  return Buffer.concat([
    Buffer.from([token, ...lengthBytes(literals.length)]),
    literals,
    Buffer.from(matchBytes),
  ])
}

/** What a length is above the 15 that its half of the token holds, in bytes up to 255. */
function lengthBytes(length: number): number[] {
  if (length < 15) return []
  const rest = length - 15
  return [...Array<number>(Math.floor(rest / 255)).fill(255), rest % 255]
}
