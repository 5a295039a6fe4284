/** Sources and sinks that remember what they were told, for tests to look at. */
import type {
  KafkaEngine,
  RunningSink,
  RunningSource,
  SinkEvents,
  SourceEvents,
  SourceRecord,
} from '../engine-port.ts'

const DEADLINE_MS = 20_000

/** Looks every few milliseconds; what did not come by the deadline is named. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export interface WatchedSource extends RunningSource {
  topic: string
  records: SourceRecord[]
  values(): string[]
  progress: { partition: number; offset: bigint }[]
  offsetOf(partition: number): bigint | undefined
  statuses: string[]
  statistics(): Parameters<SourceEvents['statistics']>[0] | undefined
  /** Makes the next records wait to be taken until what is returned is called. */
  hold(): () => void
}

export function watchedSource(
  engine: KafkaEngine,
  config: Parameters<KafkaEngine['startSource']>[0],
): WatchedSource {
  const records: SourceRecord[] = []
  const progress: { partition: number; offset: bigint }[] = []
  const statuses: string[] = []
  let statistics: Parameters<SourceEvents['statistics']>[0] | undefined
  let held: Promise<void> = Promise.resolve()
  const running = engine.startSource(config, {
    records: (batch) => {
      records.push(...batch)
      return held
    },
    progress: (offsets) => void progress.push(...offsets),
    status: (status, error) => void statuses.push(told(status, error)),
    statistics: (latest) => void (statistics = latest),
  })
  return {
    topic: config.topic,
    records,
    values: () => records.map(({ value }) => String(value)),
    progress,
    offsetOf: (partition) => progress.findLast((one) => one.partition === partition)?.offset,
    statuses,
    statistics: () => statistics,
    hold: () => {
      let release: () => void = () => undefined
      held = new Promise((resolve) => (release = resolve))
      return () => release()
    },
    stop: () => running.stop(),
  }
}

export interface WatchedSink extends RunningSink {
  topic: string
  statuses: string[]
  frontiers: number[]
  statistics(): Parameters<SinkEvents['statistics']>[0] | undefined
}

export function watchedSink(
  engine: KafkaEngine,
  config: Parameters<KafkaEngine['startSink']>[0],
): WatchedSink {
  const statuses: string[] = []
  const frontiers: number[] = []
  let statistics: Parameters<SinkEvents['statistics']>[0] | undefined
  const running = engine.startSink(config, {
    status: (status, error) => void statuses.push(told(status, error)),
    frontier: (ms) => void frontiers.push(ms),
    statistics: (latest) => void (statistics = latest),
  })
  return {
    topic: config.topic,
    statuses,
    frontiers,
    statistics: () => statistics,
    write: (batch, timestampMs) => {
      const written = running.write(batch, timestampMs)
      // A test that fails before it awaits this must not end the whole run with it.
      written.catch(() => undefined)
      return written
    },
    stop: () => running.stop(),
  }
}

function told(status: string, error: string | undefined): string {
  return error === undefined ? status : `${status} ${error}`
}
