import { setTimeout as delay } from 'node:timers/promises'
import type { SourceRecord } from './engine-port.ts'

const STEP_MS = 200

/**
 * How fast the records of topics are taken in, where a test says so: a small replica may need hours
 * for what a large topic holds, and everything that looks at it meets it in the middle.
 */
export class Paces {
  private readonly perSecond = new Map<string, number>()

  /** @param perSecond records, 5 at least; each source of the topic by itself. */
  limit(topic: string, perSecond: number): void {
    this.perSecond.set(topic, perSecond)
  }

  isSlow(topic: string): boolean {
    return this.perSecond.has(topic)
  }

  /** A batch in pieces, each when it is due. */
  async *pieces(topic: string, batch: SourceRecord[]): AsyncGenerator<SourceRecord[]> {
    for (let at = 0; at < batch.length;) {
      const rate = this.perSecond.get(topic)
      const size = rate === undefined ? batch.length : Math.ceil((rate * STEP_MS) / 1000)
      if (rate !== undefined) await delay(STEP_MS)
      yield batch.slice(at, (at += size))
    }
  }
}

/** The offsets to read next after some records. */
export function offsetsAfter(records: SourceRecord[]): { partition: number; offset: bigint }[] {
  const next = new Map(records.map(({ partition, offset }) => [partition, offset + 1n]))
  return [...next].map(([partition, offset]) => ({ partition, offset }))
}

export function sumOf(offsets: ReadonlyMap<number, bigint>): bigint {
  return [...offsets.values()].reduce((sum, offset) => sum + offset, 0n)
}
