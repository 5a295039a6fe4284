/** One running source: what it has read, and what Materialize would say of it. */
import type { FetchedPartition } from './fetch-response.ts'
import { protocolErrorType } from './kafkajs-internals.ts'
import type { Link, TopicMetadata } from './link.ts'
import type { SourceHub } from './source-hub.ts'
import { METADATA_FAILED, POLL_TRANSPORT, protocolError, rdkafkaWords } from './words.ts'
import type { KafkaEngine, RunningSource, SourceEvents } from '../engine-port.ts'

type SourceConfig = Parameters<KafkaEngine['startSource']>[0]

interface PartitionState {
  partition: number
  leader: number
  /** The next offset to read. */
  offset: bigint
  highWatermark: bigint
  lastError: string | null
  notBefore: number
}

const BACK_OFF_MS = 500
/** The high watermark of a partition that has not answered yet. */
const UNKNOWN = -1n
const COMMIT_PAUSE_MS = 30_000

export class Source implements RunningSource {
  readonly topic: string
  private readonly config: SourceConfig
  private readonly events: SourceEvents
  private readonly link: Link
  private readonly hub: SourceHub
  private readonly onStop: () => void
  private readonly partitions = new Map<number, PartitionState>()
  private readonly name: string
  private last: string | undefined
  private groupSeen = false
  private ended = false
  private stopped = false
  private probeError: string | null = null
  private adoptAt = 0
  private delivery: Promise<void> | null = null
  private messages = 0
  private bytes = 0
  private uncommitted = false
  private commitAt = 0

  constructor(
    config: SourceConfig,
    events: SourceEvents,
    within: { link: Link; hub: SourceHub; onStop: () => void },
  ) {
    this.config = config
    this.events = events
    this.topic = config.topic
    this.link = within.link
    this.hub = within.hub
    this.onStop = within.onStop
    // The group id ends in the source's id, and Materialize names a source's consumer by it.
    this.name = `kafka-${config.groupId.split('-').at(-1)}`
    this.status('starting')
    this.hub.add(this)
  }

  async stop(): Promise<void> {
    this.stopped = true
    if (!this.ended) this.end()
    // Not through a connection that is known to be bad, for stopping must not wait for it.
    if (this.uncommitted && this.last === 'running') await this.commit()
    this.onStop()
  }

  /** The partitions to fetch now: none while records are being taken. */
  wanted(): PartitionState[] {
    if (this.delivery !== null || this.ended) return []
    const now = Date.now()
    return [...this.partitions.values()].filter(({ notBefore }) => notBefore <= now)
  }

  async probed(found: TopicMetadata | undefined): Promise<void> {
    if (this.ended) return
    const error = found === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : found.error
    if (error === 'UNKNOWN_TOPIC_OR_PARTITION') return this.failForGood('topic was deleted')
    if (error !== null || found === undefined) return this.stallProbing(rdkafkaWords(error ?? ''))
    this.probeError = null
    if (!(await this.groupAllowed())) return
    if (this.ended) return
    this.adopt(found.partitions)
    if (this.ended) return
    // Said although nothing was read yet, as Materialize does: a user who may describe the topic but
    // not read it has a source that says running, stalled, running.
    this.status('running')
    if (this.uncommitted && Date.now() >= this.commitAt) void this.commit()
  }

  unprobed(): void {
    if (!this.ended) this.stallProbing(METADATA_FAILED)
  }

  disconnected(): void {
    if (!this.ended) this.stallPolling(POLL_TRANSPORT)
  }

  fetched(answers: FetchedPartition[]): void {
    if (this.ended || this.delivery !== null) return
    this.delivery = this.deliver(answers)
      .catch((error: unknown) => this.stall(String((error as Error).message)))
      .finally(() => {
        this.delivery = null
        this.hub.fetchSoon()
      })
  }

  private async deliver(answers: FetchedPartition[]): Promise<void> {
    const good = []
    for (const answer of answers) {
      const state = this.partitions.get(answer.partition)
      if (state === undefined) continue
      const type = answer.errorCode === 0 ? null : protocolErrorType(answer.errorCode)
      if (type !== null) await this.refused(state, type)
      else {
        good.push({ answer, state })
        if (answer.decodeError === undefined) state.lastError = null
        else this.stallConsuming(state, `Message consumption error: ${answer.decodeError.message}`)
      }
    }
    const records = good.flatMap(({ answer, state }) =>
      answer.records.filter((record) => record.offset >= state.offset),
    )
    if (records.length > 0 && !this.ended) await this.events.records(records)
    if (this.ended) return
    for (const { key, value } of records) {
      this.messages += 1
      this.bytes += (key?.length ?? 0) + (value?.length ?? 0)
    }
    const moved = good.filter(({ answer, state }) => (answer.nextOffset ?? 0n) > state.offset)
    for (const { answer, state } of moved) state.offset = answer.nextOffset ?? state.offset
    const known = good.filter(({ answer, state }) => answer.highWatermark !== state.highWatermark)
    for (const { answer, state } of known) state.highWatermark = answer.highWatermark
    if (moved.length > 0) {
      this.uncommitted = true
      this.events.progress(
        moved.map(({ state }) => ({ partition: state.partition, offset: state.offset })),
      )
    }
    if (moved.length > 0 || known.length > 0) this.tellStatistics()
  }

  private async refused(state: PartitionState, type: string): Promise<void> {
    state.notBefore = Date.now() + BACK_OFF_MS
    if (type === 'OFFSET_OUT_OF_RANGE') await this.resetOffset(state)
    else if (type.endsWith('_AUTHORIZATION_FAILED')) {
      this.stallConsuming(state, `Message consumption error: ${rdkafkaWords(type)}`)
    } else this.hub.probeSoon()
  }

  /** Records expired, or the topic is another one under the same name. */
  private async resetOffset(state: PartitionState): Promise<void> {
    const { partition } = state
    const leaders = new Map([[partition, state.leader]])
    const end = (await this.link.offsets(this.topic, { leaders, timestamp: -1 })).get(partition)
    const begin = (await this.link.offsets(this.topic, { leaders, timestamp: -2 })).get(partition)
    if (end === undefined || begin === undefined) return
    if (end < state.highWatermark) {
      return this.failForGood(
        `topic was recreated: high watermark of partition ${partition} regressed from ` +
          `${state.highWatermark} to ${end}`,
      )
    }
    // Beyond the end is a START OFFSET for records still to come: those before it are skipped.
    if (state.offset < begin) state.offset = begin
  }

  private adopt(leaders: Map<number, number>): void {
    for (const [partition, leader] of leaders) {
      const state = this.partitions.get(partition)
      if (state !== undefined) state.leader = leader
    }
    if (Date.now() < this.adoptAt) return
    this.adoptAt = Date.now() + this.config.metadataRefreshMs
    if (leaders.size < this.partitions.size) {
      return this.failForGood(
        `topic was recreated: partition count regressed from ${this.partitions.size} to ` +
          `${leaders.size}`,
      )
    }
    const added = [...leaders].filter(([partition]) => !this.partitions.has(partition))
    for (const [partition, leader] of added.sort(([a], [b]) => a - b)) {
      this.partitions.set(partition, {
        partition,
        leader,
        offset: this.config.startOffsets[partition] ?? 0n,
        highWatermark: UNKNOWN,
        lastError: null,
        notBefore: 0,
      })
    }
    if (added.length === 0) return
    this.events.progress(added.map(([partition]) => ({ partition, offset: 0n })))
    this.hub.fetchSoon()
  }

  /** Once: a missing group grant stalls a source before its first read and is not spoken of again. */
  private async groupAllowed(): Promise<boolean> {
    if (this.groupSeen) return true
    try {
      await this.link.coordinator(this.config.groupId, 'group')
      this.groupSeen = true
      return true
    } catch (error) {
      const type = protocolError(error)
      if (type !== 'GROUP_AUTHORIZATION_FAILED') {
        // Right after Kafka's start there is no coordinator yet; reading needs none.
        return type !== undefined
      }
      this.groupSeen = true
      this.commitAt = Date.now() + COMMIT_PAUSE_MS
      this.stallPolling(`Message consumption error: ${rdkafkaWords(type)}`)
      return false
    }
  }

  private async commit(): Promise<void> {
    const offsets = [...this.partitions.values()].filter(({ offset }) => offset > 0n)
    this.uncommitted = false
    try {
      const { nodeId } = await this.link.coordinator(this.config.groupId, 'group')
      await this.link.request(nodeId, (broker) =>
        broker.offsetCommit({
          groupId: this.config.groupId,
          // What a consumer says that assigned itself its partitions.
          groupGenerationId: -1,
          memberId: '',
          topics: [
            {
              topic: this.topic,
              partitions: offsets.map(({ partition, offset }) => ({
                partition,
                offset: String(offset),
              })),
            },
          ],
        }),
      )
    } catch {
      // Materialize only logs it: the offsets are for people to look at.
      this.uncommitted = true
      this.commitAt = Date.now() + COMMIT_PAUSE_MS
    }
  }

  /** Not before every partition has answered: till then nobody knows how much there is to read. */
  private tellStatistics(): void {
    if ([...this.partitions.values()].some((state) => state.highWatermark === UNKNOWN)) return
    const sum = (of: 'highWatermark' | 'offset') =>
      [...this.partitions.values()].reduce((total, state) => total + state[of], 0n)
    this.events.statistics({
      messagesReceived: this.messages,
      bytesReceived: this.bytes,
      offsetKnown: sum('highWatermark'),
      offsetCommitted: sum('offset'),
    })
  }

  private failForGood(reason: string): void {
    this.stall(`source must be dropped and recreated due to failure: ${reason}`)
    this.end()
  }

  private end(): void {
    this.ended = true
    this.hub.remove(this)
  }

  /** Told once for as long as it lasts, so that it does not take turns with what reading says. */
  private stallProbing(what: string): void {
    if (this.probeError === what) return
    this.probeError = what
    this.stall(what)
  }

  private stallPolling(what: string): void {
    this.stall(
      `kafka error when polling consumer for source: ${this.name} topic: ${this.topic} : ${what}`,
    )
  }

  /** librdkafka reports a partition's error when it first comes, and again after a good read. */
  private stallConsuming(state: PartitionState, what: string): void {
    state.notBefore = Date.now() + BACK_OFF_MS
    if (state.lastError === what) return
    state.lastError = what
    this.stall(
      `error consuming from source: ${this.name} topic: ${this.topic}:partition: ` +
        `${state.partition} last processed offset:${state.offset - 1n} : ${what}`,
    )
  }

  private stall(error: string): void {
    this.status('stalled', `kafka: ${error}`)
  }

  private status(status: 'starting' | 'running' | 'stalled', error?: string): void {
    const told = error === undefined ? status : `${status} ${error}`
    if (told === this.last || this.stopped) return
    this.last = told
    this.events.status(status, error)
  }
}
