import type { HeadRequest, TopicHead } from '../ports.ts'
import { owned } from './kafka-newest.ts'
import { fetchFrom, records, type TailOptions } from './kafka-tail.ts'

/** See the port. Holds one answer, however long the piece is. */
export async function headOf(request: HeadRequest, options: TailOptions): Promise<TopicHead> {
  const { topic, partition, to, limit } = request
  const fetching = { ...options, topic, metadata: await options.cluster.metadata([topic]) }
  let { from } = request
  while (from < to) {
    const { fetched, start } = await fetchFrom(fetching, { partition, from, to })
    const range = { partition, from: start, to }
    const { messages, next = start } = await records(fetching, fetched, range)
    const kept = messages.slice(0, limit).map(owned)
    const last = kept.at(-1)
    const isCut = last !== undefined && kept.length < messages.length
    from = isCut ? BigInt(last.offset) + 1n : next > start ? next : start
    if (last) return { messages: kept, next: from }
  }
  return { messages: [], next: from }
}
