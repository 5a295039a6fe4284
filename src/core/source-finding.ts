import { behind, offsetsText, secondsText, type Watch, watch, wentOn } from './evidence.ts'
import { type Evidence, type Finding, FOLLOWS_MS, STILL_MS, type Thresholds } from './verdicts.ts'

/**
 * What the evidence says of a source. Neither `running` nor `hydrated` counts for anything: its
 * frontier against the server’s clock does, and its progress against Kafka’s watermarks. A frontier
 * passes a moment only once all that Kafka held then has been read.
 */
export function sourceFinding(evidence: Evidence, thresholds: Thresholds): Finding {
  const seen = watch(evidence)
  if (!seen)
    return { verdict: 'unknown', because: 'nothing was seen of it', lag: {}, settled: false }
  return (
    seen.paused() ??
    undecodable(seen, evidence) ??
    recreated(seen, evidence) ??
    // Neither alone outweighs a stall: a source that may not read still hears of new offsets, and one
    // that has read everything is complete for as long as nothing new comes.
    seen.stalled('source', hasRead(seen) && seen.followsClock) ??
    standing(seen, evidence) ??
    snapshotting(seen) ??
    moving(seen, evidence, thresholds)
  )
}

function undecodable(seen: Watch, { reading, undecodable: found }: Evidence): Finding | undefined {
  if (reading !== 'undecodable') return undefined
  return seen.found(
    'broken',
    `a record cannot be decoded, so that every SELECT fails${found ? `; ${unfitText(found)}` : ''}`,
    { reason: 'rows-undecodable' },
  )
}

/**
 * Watermarks never go back: a topic that holds less than was read of it is another one. A source may
 * be told to begin beyond the end, and there it waits without having read anything.
 */
function recreated(seen: Watch, { readBefore = [], start = [] }: Evidence): Finding | undefined {
  const { ends } = seen.last
  if (!ends) return undefined
  const endOf = new Map(ends.map(({ partition, offset }) => [partition, offset]))
  const ahead = readBefore.find(
    ({ partition, offset }) =>
      offset > (endOf.get(partition) ?? 0n) && offset > (start[partition] ?? 0n),
  )
  if (!ahead) return undefined
  const { partition, offset } = ahead
  return seen.found(
    'broken',
    `its topic was made anew: it has read partition ${String(partition)} up to ${String(offset)}, and Kafka ends at ${String(endOf.get(partition) ?? 0n)}`,
    { reason: 'topic-recreated' },
  )
}

function unfitText({ looked, count, first }: NonNullable<Evidence['undecodable']>): string {
  if (count === 0) return `none of the newest ${String(looked)} records is one of them`
  const places = first.map(({ partition, offset }) => `partition ${String(partition)} at ${offset}`)
  const more = count > first.length ? ' and others' : ''
  return `of the newest ${String(looked)} record(s) ${String(count)} do not fit: ${places.join(', ')}${more}`
}

function hasRead({ first, last }: Watch): boolean {
  return wentOn(first.progress, last.progress)
}

/** Behind what Kafka held when the watch began, and no further for long enough to mean something. */
function standing(seen: Watch, { unread }: Evidence): Finding | undefined {
  const { ms } = seen
  if (hasRead(seen)) return undefined
  const waiting = waitingIn(seen)
  const because = (words: string): string => `${words} for ${secondsText(ms)}`
  // A frontier that follows the clock and records that wait cannot both be: the records are surer.
  if (waiting > 0n && (unread === true || (seen.isComplete && !seen.goesOn))) {
    return seen.found(
      'stuck',
      because(`${offsetsText(waiting)} wait in Kafka, and it read none of them`),
      { reason: 'source-stuck', settled: ms >= STILL_MS },
    )
  }
  if (!seen.isComplete || seen.goesOn) return undefined
  // By the last look it may still be on its way; what stands is soon further behind than that.
  const settled = ms >= STILL_MS && (seen.lag.ms ?? 0) >= FOLLOWS_MS
  return seen.found('stuck', because(`${seen.lagText()}, and it went no further`), {
    reason: 'source-stuck',
    settled,
  })
}

/** Offsets that Kafka had when the watch began and that it has not read since. */
function waitingIn({ first, last }: Watch): bigint {
  return first.watermarks && last.progress ? behind(first.watermarks, last.progress) : 0n
}

/**
 * Whether it has to be looked what lies between its progress and Kafka’s watermarks: it stands still
 * there, and offsets alone do not say that anything is waiting.
 */
export function asksForUnread(evidence: Evidence): boolean {
  const seen = watch(evidence)
  if (!seen || evidence.unread !== undefined) return false
  return !hasRead(seen) && waitingIn(seen) > 0n && seen.ms >= 2_000
}

function snapshotting(seen: Watch): Finding | undefined {
  if (seen.isComplete) return undefined
  const { offsets } = seen.lag
  const words =
    offsets === undefined || offsets === 0n ? '' : `, ${offsetsText(offsets)} behind Kafka`
  return seen.found('snapshotting', `its first records are still being read${words}`, {
    settled: seen.ms >= STILL_MS,
  })
}

function moving(seen: Watch, evidence: Evidence, thresholds: Thresholds): Finding {
  const mayWait = !hasRead(seen) && waitingIn(seen) > 0n && evidence.unread === undefined
  const settled = seen.ms >= (mayWait ? STILL_MS : 1_500) && !seen.isInDoubt
  const far = seen.tooFar(thresholds)
  if (far) return { ...far, settled }
  const half = seen.halfWell()
  if (half) return seen.found('flowing', half.because, { settled, reason: half.reason })
  if (hasRead(seen)) return seen.found('flowing', seen.lagText(), { settled })
  const came = comes(seen)
  if (came) return seen.found('flowing', `${seen.lagText()}, and ${came}`, { settled })
  const silent = seen.tooSilent(thresholds)
  const unsure =
    canTell(seen) || evidence.blind.length === 0 ? '' : ', new records were not to be seen'
  return { ...(silent ?? seen.found('idle', `${seen.lagText()}${unsure}`)), settled }
}

/** What else than its progress shows that records come. */
function comes({ first, last }: Watch): string | undefined {
  if (wentOn(first.watermarks, last.watermarks)) return 'Kafka’s watermarks went on'
  const [before, after] = [first.statistics?.offsetCommitted, last.statistics?.offsetCommitted]
  return before !== undefined && after !== undefined && after > before
    ? 'its statistics went on'
    : undefined
}

function canTell({ last }: Watch): boolean {
  return last.progress !== undefined || last.watermarks !== undefined
}
