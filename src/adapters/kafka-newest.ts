import type { RawMessage } from '../ports.ts'

/** Most bytes of messages that are kept, but for a single message that is larger by itself. */
export const KEPT_BYTES = 4 * 1024 * 1024

/** The last messages of a list, as many as the limit and KEPT_BYTES allow. */
export function lastOf(messages: RawMessage[], limit: number): RawMessage[] {
  let first = messages.length
  let bytes = 0
  while (first > 0 && messages.length - first < limit) {
    const message = messages[first - 1]
    if (message === undefined) break
    bytes += bytesOf(message)
    if (bytes > KEPT_BYTES && first < messages.length) break
    first -= 1
  }
  return messages.slice(first)
}

/** The newest of messages from any partitions, by time, in order of partition and offset. */
export function newest(messages: RawMessage[], limit: number): RawMessage[] {
  return lastOf(messages.toSorted(byTime), limit).sort(byPlace)
}

/** A copy that does not hold on to the answer, a megabyte or more, that the message came in. */
export function owned(message: RawMessage): RawMessage {
  return {
    ...message,
    key: copied(message.key),
    value: copied(message.value),
    headers: message.headers.map(([name, value]) => [name, copied(value)]),
  }
}

function copied(bytes: Buffer | null): Buffer | null {
  return bytes && Buffer.from(bytes)
}

function bytesOf({ key, value, headers }: RawMessage): number {
  const inHeaders = headers.reduce(
    (sum, [name, data]) => sum + name.length + (data?.length ?? 0),
    0,
  )
  return (key?.length ?? 0) + (value?.length ?? 0) + inHeaders
}

/** Of one partition, offsets tell the order: producers may set any time. */
function byTime(a: RawMessage, b: RawMessage): number {
  return Number(a.timestamp) - Number(b.timestamp) || byPlace(a, b)
}

function byPlace(a: RawMessage, b: RawMessage): number {
  return a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset))
}
