/** The stand-in's Kafka: real connections, reads and writes, told of in Materialize's words. */
import { connectionFault } from './connection-fault.ts'
import type { Phase } from './connection-fault.ts'
import { Link } from './link.ts'
import { SourceHub } from './source-hub.ts'
import { Sink } from './sink.ts'
import { Source } from './source.ts'
import { Fault, METADATA_FAILED, topicFault } from './words.ts'
import type { KafkaConnectionConfig, KafkaEngine } from '../engine-port.ts'

/** How long a link that nobody uses any more is kept for the next statement. */
const LINGER_MS = 3_000
const BEAT_MS = 1_000
/** With many sinks each beats less often, so that all of them stay within some fifty beats a second. */
const BEAT_MS_PER_SINK = 20

interface SharedLink {
  link: Link
  hub: SourceHub
  users: number
  timer: NodeJS.Timeout | undefined
}

export function createKafkaEngine({
  // A failed check takes Materialize ten seconds whatever failed. Here it takes as long as Kafka does to
  // refuse, and this at most: tests have many of them, and none measures it.
  validationTimeoutMs = 3_000,
}: { validationTimeoutMs?: number } = {}): KafkaEngine {
  const links = new Map<string, SharedLink>()
  const running = new Set<Source | Sink>()
  const sinks = new Set<Sink>()
  const beatMs = () => Math.max(BEAT_MS, BEAT_MS_PER_SINK * sinks.size)

  function acquire(connection: KafkaConnectionConfig): SharedLink {
    const key = JSON.stringify(connection)
    let shared = links.get(key)
    if (shared === undefined) {
      const link = new Link(connection)
      shared = { link, hub: new SourceHub(link), users: 0, timer: undefined }
      links.set(key, shared)
    }
    clearTimeout(shared.timer)
    shared.users += 1
    return shared
  }

  function release(connection: KafkaConnectionConfig): void {
    const key = JSON.stringify(connection)
    const shared = links.get(key)
    if (shared === undefined) return
    shared.users -= 1
    if (shared.users > 0) return
    shared.timer = setTimeout(() => {
      links.delete(key)
      shared.link.close()
    }, LINGER_MS).unref()
  }

  async function using<T>(
    connection: KafkaConnectionConfig,
    work: (link: Link) => Promise<T>,
  ): Promise<T> {
    const { link } = acquire(connection)
    try {
      return await work(link)
    } finally {
      release(connection)
    }
  }

  return {
    async validate(connection) {
      const link = new Link(connection, validationTimeoutMs)
      let phase: Phase = 'connect'
      try {
        await link.connect()
        phase = 'request'
        await link.metadata([])
      } catch (error) {
        throw connectionFault(error, { connection, phase })
      } finally {
        link.close()
      }
    },

    async describeTopic(connection, topic) {
      return using(connection, async (link) => {
        try {
          return { partitions: (await link.topic(topic)).size }
        } catch (error) {
          throw topicFault(error)
        }
      })
    },

    async checkSink(connection) {
      await using(connection, async (link) => {
        try {
          await link.metadata([])
        } catch {
          throw new Fault('XX000', 'KAFKA sink validation: admin client errored', {
            detail: METADATA_FAILED,
          })
        }
      })
    },

    async offsetsAtTimestamp(connection, { topic, timestampMs }) {
      return using(connection, async (link) => {
        try {
          const leaders = await link.topic(topic)
          const found = await link.offsets(topic, { leaders, timestamp: timestampMs })
          // No record so young: the source begins with the next one.
          const ends = await link.offsets(topic, { leaders, timestamp: -1 })
          return [...leaders.keys()]
            .sort((a, b) => a - b)
            .map((partition) => {
              const offset = found.get(partition) ?? -1n
              return offset >= 0n ? offset : (ends.get(partition) ?? 0n)
            })
        } catch (error) {
          throw topicFault(error)
        }
      })
    },

    startSource(config, events) {
      const { link, hub } = acquire(config.connection)
      const onStop = () => {
        if (running.delete(source)) release(config.connection)
      }
      const source = new Source(config, events, { link, hub, onStop })
      running.add(source)
      return source
    },

    startSink(config, events) {
      const { link } = acquire(config.connection)
      const onStop = () => {
        sinks.delete(sink)
        if (running.delete(sink)) release(config.connection)
      }
      const sink = new Sink(config, events, { link, beatMs, onStop })
      running.add(sink)
      sinks.add(sink)
      return sink
    },

    async close() {
      const stops = [...running].map((each) => each.stop())
      for (const { link, timer } of links.values()) {
        clearTimeout(timer)
        // At once: a broker that does not answer must not hold up the end of a test run.
        link.close()
      }
      await Promise.all(stops)
      for (const { timer } of links.values()) clearTimeout(timer)
      links.clear()
    },
  }
}
