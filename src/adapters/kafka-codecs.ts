import { promisify } from 'node:util'
import zlib from 'node:zlib'
import lz4 from 'lz4js'
import snappy from 'snappyjs'

const gunzip = promisify(zlib.gunzip)

/** The names of the codecs by their number in a record batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof CODECS)[number]

/**
 * Most bytes that one batch may become. Brokers take batches of a megabyte unless told otherwise, so
 * real ones stay far below; a batch made to fill this process's memory does not.
 */
export const LARGEST_BATCH = 100 * 1024 * 1024

/**
 * The records of a batch in plain. Rejects with an Error if the data is damaged or would be longer
 * than `limit` bytes.
 */
export async function decompress(
  codec: Codec,
  data: Buffer,
  limit: number = LARGEST_BATCH,
): Promise<Buffer> {
  switch (codec) {
    case 'none':
      return data
    case 'gzip':
      return gunzip(data, { maxOutputLength: limit })
    case 'zstd':
      // Node has it from 22.15 on; looked up here, so that an older one reads the rest.
      return promisify(zlib.zstdDecompress)(data, { maxOutputLength: limit })
    case 'snappy':
      return unsnappy(data, limit)
    case 'lz4':
      return unlz4(data, limit)
  }
}

/** What xerial's snappy-java, and so every Java producer, writes before a series of raw blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER = XERIAL_MAGIC.length + 8

function unsnappy(data: Buffer, limit: number): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return snappy.uncompress(data, limit)
  }
  const blocks: Buffer[] = []
  let left = limit
  for (let at = XERIAL_HEADER; at < data.length;) {
    const end = at + 4 + (at + 4 > data.length ? 0 : data.readUInt32BE(at))
    if (end > data.length) throw new Error('snappy: a block is cut short')
    const block = snappy.uncompress(data.subarray(at + 4, end), left)
    blocks.push(block)
    left -= block.length
    at = end
  }
  return Buffer.concat(blocks)
}

const LZ4_MAGIC = 0x184d2204
const LZ4_PLAIN_BLOCK = 0x80000000
const LZ4_BLOCK_SIZES = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
])
/** A byte of compressed data stands for 255 bytes at most. */
const LZ4_LARGEST_RATIO = 255

interface Lz4Block {
  start: number
  length: number
  compressed: boolean
}

/**
 * Walks the frame here and leaves only the blocks to lz4js, whose own walk looks for a block's
 * checksum on the wrong side of the block and takes the length that a frame claims on trust.
 */
function unlz4(data: Buffer, limit: number): Buffer {
  const { blocks, blockSize } = lz4Blocks(data)
  const most = blocks.reduce(
    (sum, { length, compressed }) =>
      sum + (compressed ? Math.min(blockSize, length * LZ4_LARGEST_RATIO) : length),
    0,
  )
  // One more than allowed shows an output that is too long; more than that is never kept.
  const output = Buffer.alloc(Math.min(most, limit + 1))
  let end = 0
  for (const { start, length, compressed } of blocks) {
    if (end + length > limit && !compressed) throw tooLong('lz4', limit)
    if (compressed) {
      end = lz4.decompressBlock(data, output, start, length, end)
    } else {
      end += data.copy(output, end, start, start + length)
    }
    if (end > limit) throw tooLong('lz4', limit)
    if (end > output.length) throw new Error('lz4: a block is longer than its frame allows')
  }
  return output.subarray(0, end)
}

function lz4Blocks(data: Buffer): { blocks: Lz4Block[]; blockSize: number } {
  if (data.length < 7 || data.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('lz4: not a frame')
  const flags = data.readUInt8(4)
  const blockSize = LZ4_BLOCK_SIZES.get((data.readUInt8(5) >> 4) & 7)
  if (blockSize === undefined || flags >> 6 !== 1) throw new Error('lz4: an unknown kind of frame')
  const [checksums, contentSize, dictionary] = [flags & 0x10, flags & 0x08, flags & 0x01]
  if (dictionary !== 0) throw new Error('lz4: a frame with a dictionary')

  const blocks: Lz4Block[] = []
  let at = 7 + (contentSize === 0 ? 0 : 8)
  for (;;) {
    if (at + 4 > data.length) throw new Error('lz4: a frame without an end')
    const word = data.readUInt32LE(at)
    if (word === 0) return { blocks, blockSize }
    const compressed = word < LZ4_PLAIN_BLOCK
    const length = compressed ? word : word - LZ4_PLAIN_BLOCK
    const start = at + 4
    if (start + length > data.length) throw new Error('lz4: a block is cut short')
    blocks.push({ start, length, compressed })
    at = start + length + (checksums === 0 ? 0 : 4)
  }
}

function tooLong(codec: Codec, limit: number): Error {
  return new Error(`${codec}: a batch would take more than ${limit} bytes`)
}
