import { readFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { CODECS, decompress, type Codec } from '../src/adapters/kafka-codecs.ts'
import { readRecords } from '../src/adapters/kafka-records.ts'

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/kafka-batches.json', import.meta.url), 'utf8'),
) as Record<'java' | 'librdkafka', Record<Codec, string>>

describe('a batch as other clients write it', () => {
  const writers = ['java', 'librdkafka'] as const
  const cases = writers.flatMap((writer) => CODECS.map((codec) => ({ writer, codec })))

  test.each(cases)('$codec by $writer', async ({ writer, codec }) => {
    const batches = Buffer.from(fixture[writer][codec], 'base64')
    const range = { partition: 3, from: 0n, to: 40n }
    const { messages, next } = await readRecords({ errorCode: 0, aborted: [], batches }, range)

    expect(next).toBe(40n)
    expect(messages).toEqual(
      Array.from({ length: 40 }, (_, i) => ({
        partition: 3,
        offset: String(i),
        timestamp: String(1700000000000 + i),
        key: i % 7 === 0 ? null : Buffer.from(`key ${i}`),
        value: i % 11 === 5 ? null : Buffer.from(`row ${i} `.repeat(codec === 'none' ? 2 : 500)),
        headers: [
          ['n', Buffer.from(String(i))],
          ['n', null],
        ],
      })),
    )
  })
})

interface Packer {
  name: string
  codec: Codec
  pack(plain: Buffer): Buffer
}

const packers: Packer[] = [
  { name: 'none', codec: 'none', pack: (plain) => plain },
  { name: 'gzip', codec: 'gzip', pack: (plain) => gzipSync(plain) },
  { name: 'zstd', codec: 'zstd', pack: (plain) => zstdCompressSync(plain) },
  { name: 'bare snappy', codec: 'snappy', pack: (plain) => snappy.compress(plain) },
  { name: 'snappy in blocks', codec: 'snappy', pack: xerial },
  { name: 'lz4', codec: 'lz4', pack: (plain) => Buffer.from(lz4.compress(plain)) },
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
    const parts = { checksums: bits & 1, contentSize: bits & 2, contentChecksum: bits & 4 }
    const names = Object.entries(parts).flatMap(([name, bit]) => (bit === 0 ? [] : [name]))
    return {
      name: `lz4 with ${names.join(', ') || 'no extras'}`,
      codec: 'lz4' as const,
      pack: (plain: Buffer) => lz4Frame(plain, parts),
    }
  }),
]

/** Plain text of which some repeats and some does not. */
const plainText = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3000 }))
        .map(([word, times]) => Buffer.concat(Array.from({ length: times }, () => word))),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts))

test.each(packers)('what went into $name comes out', async ({ codec, pack }) => {
  await fc.assert(
    fc.asyncProperty(plainText, async (plain) => {
      expect((await decompress(codec, pack(plain))).equals(plain)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

const compressing = packers.filter(({ codec }) => codec !== 'none')

test.each(compressing)('$name of zeros does not pass the limit', async ({ codec, pack }) => {
  const packed = pack(Buffer.alloc(3_000_000))
  await expect(decompress(codec, packed, 2_999_999)).rejects.toThrow()
  await expect(decompress(codec, packed, 3_000_000)).resolves.toHaveLength(3_000_000)
})

test('an lz4 frame that lies about its size gets no more than its blocks can fill', async () => {
  const frame = lz4Frame(Buffer.from('short'), { checksums: 0, contentSize: 1, contentChecksum: 0 })
  frame.writeBigUInt64LE(2n ** 62n, 6)
  await expect(decompress('lz4', frame)).resolves.toEqual(Buffer.from('short'))
})

test('an lz4 block may reach back into the block before it', async () => {
  const first = Buffer.from('abcdefgh')
  const second = Buffer.from([0x04, 8, 0, 0x50, ...Buffer.from('hello')])
  const frame = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0]),
    ...[lz4Size(first.length, true), first],
    ...[lz4Size(second.length, false), second],
    Buffer.alloc(4),
  ])
  await expect(decompress('lz4', frame)).resolves.toEqual(Buffer.from('abcdefghabcdefghhello'))
})

test.each(compressing)('damaged $name ends, within its limit', async ({ codec, pack }) => {
  const packed = pack(Buffer.from('some words, some words, some other words'.repeat(50)))
  const limit = 100_000
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: packed.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, flip, cut) => {
        const damaged = Buffer.from(cut ? packed.subarray(0, at) : packed)
        if (!cut) damaged[at] = (damaged[at] ?? 0) ^ flip
        const length = await decompress(codec, damaged, limit).then(
          (plain) => plain.length,
          (error: unknown) => {
            expect(error).toHaveProperty('message')
            return 0
          },
        )
        expect(length).toBeLessThanOrEqual(limit)
      },
    ),
    { numRuns: 200 },
  )
})

function xerial(plain: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (let at = 0; at < plain.length; at += 32_768) {
    const block = snappy.compress(plain.subarray(at, at + 32_768))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

function lz4Size(length: number, plain: boolean): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(length + (plain ? 0x80000000 : 0))
  return size
}

/** lz4js's one block in a frame of our own, with the parts of a frame that lz4js never writes. */
function lz4Frame(
  plain: Buffer,
  parts: { checksums: number; contentSize: number; contentChecksum: number },
): Buffer {
  const flags =
    0x40 |
    (parts.checksums === 0 ? 0 : 0x10) |
    (parts.contentSize === 0 ? 0 : 0x08) |
    (parts.contentChecksum === 0 ? 0 : 0x04)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(plain.length))
  const checksum = Buffer.from('sum!')
  const blocks = Buffer.from(lz4.compress(plain)).subarray(7, -4)
  return Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x70]),
    ...(parts.contentSize === 0 ? [] : [size]),
    Buffer.from([0]),
    blocks,
    ...(parts.checksums === 0 || blocks.length === 0 ? [] : [checksum]),
    Buffer.alloc(4),
    ...(parts.contentChecksum === 0 ? [] : [checksum]),
  ])
}
