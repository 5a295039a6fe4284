/** Decimals as Avro writes them: an integer in two's complement, and a scale that the schema knows. */

export function decimalText(bytes: Buffer, scale: number): string {
  const bits = BigInt(bytes.length) * 8n
  const raw = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
  const value = bits > 0n && raw >> (bits - 1n) === 1n ? raw - (1n << bits) : raw
  const sign = value < 0n ? '-' : ''
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  if (scale === 0) return `${sign}${digits}`
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** `width` bytes of a number's text at a scale; digits beyond the scale are cut off. */
export function decimalBytes(text: string, of: { scale: number; width: number }): Buffer {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text)!
  const digits = `${whole}${fraction.slice(0, of.scale).padEnd(of.scale, '0')}`
  const value = BigInt(`${sign ?? ''}${digits === '' ? '0' : digits}`)
  const bits = BigInt(of.width) * 8n
  const hex = BigInt.asUintN(Number(bits), value)
    .toString(16)
    .padStart(of.width * 2, '0')
  return Buffer.from(hex, 'hex')
}
