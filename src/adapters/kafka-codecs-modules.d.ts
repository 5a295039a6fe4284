declare module 'lz4js' {
  const lz4: {
    /** Writes a whole frame: blocks that depend on each other, no checksums, no content size. */
    compress(data: Uint8Array): Uint8Array
    /** Returns the index after the last byte written; what passes the end of `to` is dropped. */
    decompressBlock(
      from: Uint8Array,
      to: Uint8Array,
      fromIndex: number,
      fromLength: number,
      toIndex: number,
    ): number
  }
  export default lz4
}

declare module 'snappyjs' {
  const snappy: {
    compress(data: Buffer): Buffer
    /** Throws if the data claims to be longer than maxLength. */
    uncompress(data: Buffer, maxLength?: number): Buffer
  }
  export default snappy
}
