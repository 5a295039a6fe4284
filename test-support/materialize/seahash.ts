/** The hash by which a sink chooses a partition: SeaHash, of Ticki's public description. */
const SEEDS = [0x16f11fe89b0d677cn, 0xb480a793d8e6c86cn, 0x6fe2e5aaf078ebc9n, 0x14f994a4c5259381n]
const MASK = 0xffffffffffffffffn
const PRIME = 0x6eed0e9da4d94a4fn

function diffuse(input: bigint): bigint {
  let x = (input * PRIME) & MASK
  x ^= (x >> 32n) >> (x >> 60n)
  return (x * PRIME) & MASK
}

export function seahash(bytes: Buffer): bigint {
  const lanes = [...SEEDS]
  for (let at = 0; at < bytes.length; at += 8) {
    let word = 0n
    const chunk = bytes.subarray(at, at + 8)
    for (let index = chunk.length - 1; index >= 0; index--) {
      word = (word << 8n) | BigInt(chunk[index]!)
    }
    const lane = (at / 8) % 4
    lanes[lane] = diffuse(lanes[lane]! ^ word)
  }
  return diffuse(lanes[0]! ^ lanes[1]! ^ lanes[2]! ^ lanes[3]! ^ BigInt(bytes.length))
}
