import type { Reason } from './failure.ts'

/** Kafka as each of the two sides sees it, this runner and Materialize. */

/** Why one side did not get through to Kafka. */
export interface SideFailure {
  reason: Reason
  /** As a sentence. */
  message: string
}

/** A topic as the runner saw it. */
export interface TopicSight {
  name: string
  exists: boolean
  partitions: number
  /** What it may do to it, in Kafka’s words; undefined where the broker does not tell. */
  may?: string[]
  failure?: SideFailure
}

/** What the runner itself saw of a connection’s Kafka. */
export interface RunnerView {
  /** Whether it looked at the brokers that Materialize’s connection names. */
  isSame: boolean
  /** Whether it logged in as the user that the connection has. */
  isSameUser: boolean
  /** Why it did not get through. */
  failure?: SideFailure
  topic?: TopicSight
  /** Where the connection’s sinks keep their progress. */
  progressTopic?: TopicSight
  /** What it may do to the source’s consumer group. */
  group?: string[]
}

/** What Materialize says of it. */
export interface MaterializeView {
  version: string
  /** host:port each, by the catalog. */
  brokers: string[]
  /** The connection’s, in upper case. */
  mechanism?: string
  /** Of VALIDATE CONNECTION; undefined: it was not asked. */
  validation?: 'ok' | SideFailure | { blind: string }
  /** Its words for recent stalls, each once. */
  words: string[]
  status: string
}

/** Both sides of something that is not well. */
export interface Sides {
  kind: 'source' | 'sink'
  runner?: RunnerView
  materialize: MaterializeView
}

/** A sentence for the middle of another. */
export function bare(text: string): string {
  return text.trim().replace(/\.$/, '')
}

/** Both views in a line each, for people. */
export function viewTexts({ kind, runner, materialize }: Sides): {
  runner: string
  materialize: string
} {
  return {
    runner: runner ? runnerText(kind, runner) : 'did not look',
    materialize: materializeText(materialize),
  }
}

function runnerText(kind: Sides['kind'], view: RunnerView): string {
  const parts = [
    ...(view.isSame ? [] : ['other brokers than the connection’s']),
    view.failure ? bare(view.failure.message) : 'logged in',
    ...(view.topic ? [topicText(view.topic)] : []),
    ...(kind === 'sink' && view.progressTopic ? [`progress ${topicText(view.progressTopic)}`] : []),
    ...(view.group ? [`group: ${mayText(view.group)}`] : []),
  ]
  return parts.join('; ')
}

function topicText({ name, exists, partitions, may, failure }: TopicSight): string {
  if (failure) return `topic ${name}: ${bare(failure.message)}`
  if (!exists) return `topic ${name} is not there`
  const rights = may ? `, ${mayText(may)}` : ''
  return `topic ${name} with ${String(partitions)} partition(s)${rights}`
}

/** Of the rights those that sources and sinks need. */
const NEEDED: ReadonlySet<string> = new Set(['READ', 'WRITE', 'CREATE', 'DESCRIBE'])

function mayText(all: string[]): string {
  const may = all.filter((right) => NEEDED.has(right))
  return may.length === 0 ? 'no right' : `may ${may.join(', ')}`
}

function materializeText({ validation, words, status }: MaterializeView): string {
  const tried =
    validation === undefined
      ? []
      : validation === 'ok'
        ? ['its connection validates']
        : 'blind' in validation
          ? [`its connection was not tried: ${bare(validation.blind)}`]
          : [`its connection is refused: ${bare(validation.message)}`]
  return [`status ${status}`, ...words.map(bare), ...tried].join('; ')
}
