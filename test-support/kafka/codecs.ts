import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { toLz4Frame } from './lz4.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

// By require, since neither package has types and a declaration here would be the whole program's.
const require = createRequire(import.meta.url)
const lz4 = require('lz4js') as { decompress(frame: Uint8Array): Uint8Array }
const snappy = require('snappyjs') as {
  compress(plain: Buffer): Buffer
  uncompress(compressed: Buffer): Buffer
}

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

interface Codec {
  compress(plain: Buffer): Promise<Buffer>
  decompress(compressed: Buffer): Promise<Buffer>
}

type Factory = () => {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(compressed: Buffer): Promise<Buffer>
}

/** The codecs by the number that a record batch names them with; kafkajs itself has only gzip. */
const codecs: Record<number, Codec> = {
  [CompressionTypes.Snappy]: {
    compress: async (plain) => toXerialStream(plain),
    decompress: async (compressed) => fromXerialStream(compressed),
  },
  [CompressionTypes.LZ4]: {
    compress: async (plain) => toLz4Frame(plain),
    decompress: async (compressed) => Buffer.from(lz4.decompress(compressed)),
  },
  [CompressionTypes.ZSTD]: {
    compress: promisify<Buffer, Buffer>(zstdCompress),
    decompress: promisify<Buffer, Buffer>(zstdDecompress),
  },
}

const registered = CompressionCodecs as unknown as Record<number, Factory>

/**
 * kafkajs looks a compressor up by the number it is given, but writes only the number's low three
 * bits into the batch. So 8 more than the real number is a place of our own, and the codecs that
 * the action registers under the real numbers stay the ones that the action is tested with.
 */
const ownNumber = 8

for (const [number, codec] of Object.entries(codecs)) {
  registered[Number(number) + ownNumber] = () => forKafkajs(codec)
}

export function compressionNumber(name: Compression): number {
  const numbers: Record<Compression, number> = {
    none: CompressionTypes.None,
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy + ownNumber,
    lz4: CompressionTypes.LZ4 + ownNumber,
    zstd: CompressionTypes.ZSTD + ownNumber,
  }
  return numbers[name]
}

/** What was in the real places before the first of the readers now at work. */
const displaced = new Map<number, { original: Factory; ours: Factory }>()
let readers = 0

/**
 * Decoding goes by the real numbers only. The places that the action has not filled are lent ours
 * while `read` runs, and are given back: else reading here would hide that the action forgot one.
 */
export async function withDecoders<T>(read: () => Promise<T>): Promise<T> {
  if (readers++ === 0) lendDecoders()
  try {
    return await read()
  } finally {
    if (--readers === 0) takeBackDecoders()
  }
}

function lendDecoders(): void {
  for (const [key, codec] of Object.entries(codecs)) {
    const number = Number(key)
    const original = registered[number]!
    if (isImplemented(original)) continue
    const ours = () => forKafkajs(codec)
    registered[number] = ours
    displaced.set(number, { original, ours })
  }
}

function takeBackDecoders(): void {
  for (const [number, { original, ours }] of displaced) {
    if (registered[number] === ours) registered[number] = original
  }
  displaced.clear()
}

/** kafkajs fills the places of the codecs it lacks with functions that throw. */
function isImplemented(factory: Factory): boolean {
  try {
    factory()
    return true
  } catch {
    return false
  }
}

function forKafkajs(codec: Codec): ReturnType<Factory> {
  return {
    compress: (encoder) => codec.compress(encoder.buffer),
    decompress: codec.decompress,
  }
}

/** Java clients' stream of Snappy blocks: magic, two version numbers, then length and block. */
const xerialHeader = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1])
const xerialBlockBytes = 32_768

function toXerialStream(plain: Buffer): Buffer {
  const parts: Buffer[] = [xerialHeader]
  for (let start = 0; start < plain.length; start += xerialBlockBytes) {
    const block = snappy.compress(plain.subarray(start, start + xerialBlockBytes))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** librdkafka writes one bare block instead of the stream, and readers are to take both. */
function fromXerialStream(compressed: Buffer): Buffer {
  const magic = xerialHeader.subarray(0, 8)
  if (!compressed.subarray(0, magic.length).equals(magic)) return snappy.uncompress(compressed)

  const parts: Buffer[] = []
  let position = xerialHeader.length
  while (position < compressed.length) {
    const start = position + 4
    position = start + compressed.readUInt32BE(start - 4)
    parts.push(snappy.uncompress(compressed.subarray(start, position)))
  }
  return Buffer.concat(parts)
}
