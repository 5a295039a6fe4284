/** What Materialize counts of a source. */
export interface SourceStatistics {
  messagesReceived: number
  bytesReceived: number
  updatesStaged: number
  updatesCommitted: number
  offsetKnown: bigint
  offsetCommitted: bigint
  snapshotCommitted: boolean
}

export const NO_STATISTICS: SourceStatistics = {
  messagesReceived: 0,
  bytesReceived: 0,
  updatesStaged: 0,
  updatesCommitted: 0,
  offsetKnown: 0n,
  offsetCommitted: 0n,
  snapshotCommitted: false,
}
