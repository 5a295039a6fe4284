/** One running sink: its queue of batches, and what Materialize would say of it. */
import { Alarm } from './alarm.ts'
import { murmur2 } from './kafkajs-internals.ts'
import type { Link } from './link.ts'
import {
  checkProgressReadable,
  ensureDataTopic,
  ensureProgressTopic,
  partitionCount,
} from './sink-topics.ts'
import type { SinkConfig } from './sink-topics.ts'
import { TransactionalProducer } from './transaction.ts'
import type { Message, Staged } from './transaction.ts'
import { Stall } from './words.ts'
import type { RunningSink, SinkEvents, SinkMessage } from '../engine-port.ts'

/** How long a sink stays `starting`, then `running` before it has done anything, then `stalled`. */
const STARTING_MS = 100
const UNPROVEN_MS = 400
const STALLED_MS = 1_500
/** What a transaction under way has to end in when the sink is dropped; a dead broker gets no more. */
const STOP_MS = 2_000
/** How soon a sink that waits for its relation looks again. */
const UNFED_MS = 50
/** The frontier of a healthy sink stays this far behind the clock. */
const LAG_MS = 1_000

interface Pending {
  batch: SinkMessage[]
  timestampMs: number
  resolve(): void
  reject(error: Error): void
}

interface Serving {
  producer: TransactionalProducer
  partitions: number
}

export class Sink implements RunningSink {
  private readonly config: SinkConfig
  private readonly events: SinkEvents
  private readonly link: Link
  private readonly beatMs: () => number
  private readonly onStop: () => void
  private readonly queue: Pending[] = []
  private readonly alarm = new Alarm()
  private readonly loop: Promise<void>
  private stopped = false
  private topicMade = false
  private lastTimestamp = 0
  private readonly counts = {
    messagesStaged: 0,
    messagesCommitted: 0,
    bytesStaged: 0,
    bytesCommitted: 0,
  }

  constructor(
    config: SinkConfig,
    events: SinkEvents,
    within: { link: Link; beatMs: () => number; onStop: () => void },
  ) {
    this.config = config
    this.events = events
    this.link = within.link
    this.beatMs = within.beatMs
    this.onStop = within.onStop
    this.loop = this.run()
  }

  write(batch: SinkMessage[], timestampMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.stopped) return reject(new Error('the sink is stopped'))
      this.queue.push({ batch, timestampMs, resolve, reject })
      this.alarm.ring()
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.alarm.ring()
    let timer: NodeJS.Timeout | undefined
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS)
    })
    await Promise.race([this.loop, grace])
    clearTimeout(timer)
    // Only now: a batch whose transaction was under way may have been committed.
    for (const { reject } of this.queue.splice(0)) reject(new Error('the sink is stopped'))
    this.onStop()
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.events.status('starting')
      await this.pause(STARTING_MS)
      if (this.stopped) break
      // Said before anything was tried, as Materialize does, also of a sink that may not write.
      this.events.status('running')
      await this.pause(UNPROVEN_MS)
      try {
        if (!this.stopped) await this.serve(await this.open())
      } catch (error) {
        if (this.stopped) break
        const stall = error instanceof Stall ? error : new Stall((error as Error).message)
        const hints = stall.hints.length > 0 ? stall.hints : undefined
        this.events.status('stalled', `kafka: ${stall.message}`, hints)
        await this.pause(STALLED_MS)
      }
    }
  }

  /** In Materialize's order, which decides which of several missing grants is spoken of. */
  private async open(): Promise<Serving> {
    const { link, config } = this
    const producer = await TransactionalProducer.open(link, config)
    await ensureProgressTopic(link, config)
    await checkProgressReadable(link, config)
    if (!this.topicMade) await ensureDataTopic(link, config)
    return { producer, partitions: await partitionCount(link, config.topic) }
  }

  private async serve(serving: Serving): Promise<void> {
    let nextBeat = 0
    while (!this.stopped) {
      const next = this.queue[0]
      if (next !== undefined) {
        await this.commitBatch(serving, next)
        next.resolve()
        if (this.queue[0] === next) this.queue.shift()
      } else if (Date.now() >= nextBeat && this.config.isFed?.() !== false) {
        // A record of progress with nothing beside it: what shows that the sink still may write.
        await serving.producer.commit(this.progress(Date.now() - LAG_MS))
      } else {
        await this.alarm.wait(Math.max(nextBeat - Date.now(), UNFED_MS))
        continue
      }
      this.topicMade = true
      if (this.stopped) break
      this.events.frontier(Math.max(Date.now() - LAG_MS, this.lastTimestamp))
      nextBeat = Date.now() + this.beatMs()
    }
  }

  private async commitBatch(serving: Serving, { batch, timestampMs }: Pending): Promise<void> {
    const staged: Staged = this.progress(timestampMs + 1)
    const partitions = new Map<number, Message[]>()
    let bytes = 0
    for (const message of batch) {
      const partition = partitionOf(message, serving.partitions)
      const { key, value } = message
      const headers = { 'materialize-timestamp': String(timestampMs), ...message.headers }
      const messages = partitions.get(partition) ?? []
      partitions.set(partition, messages)
      messages.push({ key, value, headers })
      bytes += (key?.length ?? 0) + (value?.length ?? 0)
    }
    if (batch.length > 0) staged.set(this.config.topic, partitions)
    this.count({ messagesStaged: batch.length, bytesStaged: bytes })
    await serving.producer.commit(staged)
    this.lastTimestamp = Math.max(this.lastTimestamp, timestampMs)
    this.count({ messagesCommitted: batch.length, bytesCommitted: bytes })
  }

  private progress(frontier: number): Staged {
    const message = {
      key: `mz-sink-${this.config.transactionalId.split('-').at(-1)}`,
      value: JSON.stringify({ frontier: [frontier], version: 0 }),
    }
    return new Map([[this.config.progressTopic, new Map([[0, [message]]])]])
  }

  private count(more: Partial<typeof this.counts>): void {
    for (const [name, by] of Object.entries(more)) {
      this.counts[name as keyof typeof this.counts] += by
    }
    this.events.statistics({ ...this.counts })
  }

  /** Batches that arrive meanwhile do not cut it short. */
  private async pause(ms: number): Promise<void> {
    const end = Date.now() + ms
    while (!this.stopped && Date.now() < end) await this.alarm.wait(end - Date.now())
  }
}

function partitionOf({ key, partitionHash }: SinkMessage, count: number): number {
  if (partitionHash !== undefined) return Number(partitionHash % BigInt(count))
  return key === null ? 0 : (murmur2(key) & 0x7fffffff) % count
}
