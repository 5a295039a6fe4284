/**
 * Reads for all sources of one link with one request at a time: a socket, a fetch and a metadata
 * request for a hundred sources as for one. Materialize has a consumer for each; nobody outside can tell.
 */
import { Alarm } from './alarm.ts'
import type { FetchedPartition } from './fetch-response.ts'
import type { FetchFrom, Link } from './link.ts'
import type { Source } from './source.ts'

/** Materialize looks at a source's topic once a second; that is when it says `running`. */
const PROBE_MS = 1_000
/** Sources made together are looked at together. */
const FIRST_PROBE_MS = 150
const LONG_POLL_MS = 250
/** Keeps a busy topic from being fetched record by record. */
const PACE_MS = 50
const RETRY_MS = 500

interface Wanted {
  from: FetchFrom
  sources: Source[]
}

export class SourceHub {
  private readonly link: Link
  private readonly sources = new Set<Source>()
  private readonly probeAlarm = new Alarm()
  private readonly fetchAlarm = new Alarm()
  private nextProbe = 0
  private probing = false
  private fetching = false
  private unreachable = false

  constructor(link: Link) {
    this.link = link
  }

  add(source: Source): void {
    this.sources.add(source)
    this.probeSoon()
    if (!this.probing) void this.probeLoop()
    if (!this.fetching) void this.fetchLoop()
  }

  remove(source: Source): void {
    this.sources.delete(source)
    if (this.sources.size > 0) return
    this.probeAlarm.ring()
    this.fetchAlarm.ring()
  }

  /** Something about a topic changed: leaders, or its being there at all. */
  probeSoon(): void {
    this.nextProbe = Math.min(this.nextProbe, Date.now() + FIRST_PROBE_MS)
    this.probeAlarm.ring()
  }

  /** A source can take records again. */
  fetchSoon(): void {
    this.fetchAlarm.ring()
  }

  private async probeLoop(): Promise<void> {
    this.probing = true
    this.nextProbe = Date.now() + FIRST_PROBE_MS
    while (this.sources.size > 0) {
      const delay = this.nextProbe - Date.now()
      if (delay > 0) {
        await this.probeAlarm.wait(delay)
        continue
      }
      this.nextProbe = Date.now() + PROBE_MS
      await this.probe()
    }
    this.probing = false
  }

  private async probe(): Promise<void> {
    const sources = [...this.sources]
    try {
      const found = await this.link.metadata([...new Set(sources.map((source) => source.topic))])
      await Promise.all(sources.map((source) => source.probed(found.get(source.topic))))
      this.fetchAlarm.ring()
    } catch {
      for (const source of sources) source.unprobed()
    }
  }

  private async fetchLoop(): Promise<void> {
    this.fetching = true
    while (this.sources.size > 0) {
      const plan = this.plan()
      if (plan.size === 0) {
        await this.fetchAlarm.wait(RETRY_MS)
        continue
      }
      try {
        await Promise.all([...plan].map(([node, lanes]) => this.fetchFrom(node, lanes)))
        this.unreachable = false
        await this.fetchAlarm.wait(PACE_MS)
      } catch {
        // librdkafka tells of a lost broker once, not each time it tries again.
        if (!this.unreachable) for (const source of this.sources) source.disconnected()
        this.unreachable = true
        await this.fetchAlarm.wait(RETRY_MS)
      }
    }
    this.fetching = false
  }

  /**
   * By broker, the requests to send. A request may name a partition once, so sources that stand at
   * different offsets of one partition go to different lanes; those at the same offset share the answer.
   */
  private plan(): Map<number, Wanted[][]> {
    const lanesOf = new Map<number, Wanted[][]>()
    const wanted = new Map<string, Map<bigint, Wanted>>()
    for (const source of this.sources) {
      for (const { partition, offset, leader } of source.wanted()) {
        const key = `${leader}/${partition}/${source.topic}`
        const atOffsets = wanted.get(key) ?? new Map<bigint, Wanted>()
        wanted.set(key, atOffsets)
        const same = atOffsets.get(offset)
        if (same !== undefined) {
          same.sources.push(source)
          continue
        }
        const entry = { from: { topic: source.topic, partition, offset }, sources: [source] }
        const lanes = lanesOf.get(leader) ?? []
        lanesOf.set(leader, lanes)
        lanes[atOffsets.size] = [...(lanes[atOffsets.size] ?? []), entry]
        atOffsets.set(offset, entry)
      }
    }
    return lanesOf
  }

  private async fetchFrom(node: number, lanes: Wanted[][]): Promise<void> {
    // A broker answers one request of a connection at a time: a lane must not wait in another's way.
    const maxWaitMs = lanes.length === 1 ? LONG_POLL_MS : 0
    const answers = await Promise.all(
      lanes.map((lane) =>
        this.link.fetch(node, { partitions: lane.map(({ from }) => from), maxWaitMs }),
      ),
    )
    const forSource = new Map<Source, FetchedPartition[]>()
    for (const [index, lane] of lanes.entries()) {
      for (const answer of answers[index] ?? []) {
        const entry = lane.find(
          ({ from }) => from.topic === answer.topic && from.partition === answer.partition,
        )
        for (const source of entry?.sources ?? []) {
          forSource.set(source, [...(forSource.get(source) ?? []), answer])
        }
      }
    }
    for (const [source, fetched] of forSource) source.fetched(fetched)
  }
}
