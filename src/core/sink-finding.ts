import { secondsText, type Watch, watch, wentOn } from './evidence.ts'
import { type Evidence, type Finding, FOLLOWS_MS, STILL_MS, type Thresholds } from './verdicts.ts'

/** What a sink is made from, as far as its own verdict depends on it. */
export interface Upstream {
  /** The object’s name as people write it. */
  label: string
  finding: Finding
}

/**
 * What the evidence says of a sink. A broken one says `running` every few seconds: its frontier
 * against the server’s clock tells, which a healthy sink follows within seconds.
 */
export function sinkFinding(
  evidence: Evidence,
  upstream: Upstream[],
  thresholds: Thresholds,
): Finding {
  const seen = watch(evidence)
  if (!seen)
    return { verdict: 'unknown', because: 'nothing was seen of it', lag: {}, settled: false }
  return (
    seen.paused() ??
    seen.stalled('sink', seen.goesOn) ??
    (seen.goesOn ? moving(seen, thresholds) : standing(seen, { evidence, upstream, thresholds }))
  )
}

function moving(seen: Watch, thresholds: Thresholds): Finding {
  const settled = seen.ms >= 1_500 && !seen.isInDoubt
  const far = seen.tooFar(thresholds)
  if (far) return { ...far, settled }
  const half = seen.halfWell()
  if (half) return seen.found('flowing', half.because, { settled, reason: half.reason })
  const { first, last } = seen
  const isIdle = last.watermarks && !wentOn(first.watermarks, last.watermarks)
  return seen.found(isIdle ? 'idle' : 'flowing', seen.lagText(), { settled })
}

/** Why a sink goes no further: what it reads may be the reason. */
function standing(
  seen: Watch,
  of: { evidence: Evidence; upstream: Upstream[]; thresholds: Thresholds },
): Finding {
  const { evidence, upstream, thresholds } = of
  const settled = seen.ms >= STILL_MS
  const waits = (what: string, isSettled: boolean): Finding =>
    seen.found('stuck', `it waits for ${what}`, { reason: 'upstream-broken', settled: isSettled })
  const bad = upstream.find(({ finding }) =>
    ['broken', 'stuck', 'paused', 'missing'].includes(finding.verdict),
  )
  if (bad) return waits(`${bad.label}, which is ${bad.finding.verdict}`, bad.finding.settled)
  const idle = evidence.views?.find((view) => view.replicas === 0)
  if (idle) return waits(`${idle.label}, whose cluster has no replica`, true)
  const early = upstream.find(({ finding }) => finding.verdict === 'snapshotting')
  if (early) {
    return seen.found('snapshotting', `it waits for the snapshot of ${early.label}`, { settled })
  }
  const slow = upstream.find((one) => readsOn(one) && keepsUpWith(seen, one.finding))
  if (slow) {
    const { finding, label } = slow
    const because = `${seen.lagText()}, as far as ${label} has come, which is ${finding.verdict}`
    const far = finding.verdict === 'lagging' ? finding : seen.tooFar(thresholds)
    if (far) return seen.found('lagging', because, { reason: 'lag-too-large', settled })
    return seen.found('flowing', because, { settled })
  }
  const still = standingView(seen, evidence)
  if (still !== undefined) return waits(`${still}, which went no further either`, settled)
  if (!seen.isComplete) {
    return seen.found('snapshotting', 'it has not yet written all of its snapshot', { settled })
  }
  return seen.found(
    'stuck',
    `${seen.lagText()}, and it went no further for ${secondsText(seen.ms)}`,
    {
      reason: 'sink-stuck',
      settled: settled && (seen.lag.ms ?? 0) >= latest(upstream) + FOLLOWS_MS,
    },
  )
}

/**
 * Up to how long ago what it reads is complete, in milliseconds: as late as that, a sink may be too.
 * One a second behind its source passes a limit first, and would be blamed for it.
 */
function latest(upstream: Upstream[]): number {
  return Math.max(0, ...upstream.filter(readsOn).map(({ finding }) => finding.lag.ms ?? 0))
}

function readsOn({ finding }: Upstream): boolean {
  return finding.verdict === 'flowing' || finding.verdict === 'lagging'
}

/**
 * Whether a source that reads on explains why the sink goes no further: it is complete up to no later
 * moment, as one is that has a mass of new records before it.
 */
function keepsUpWith({ isComplete, lag }: Watch, { lag: source }: Finding): boolean {
  const late = source.ms ?? 0
  return isComplete && late >= FOLLOWS_MS && (lag.ms ?? 0) <= late + FOLLOWS_MS
}

/** The view on the way that stands still, by its label. */
function standingView({ first, last }: Watch, { views = [] }: Evidence): string | undefined {
  return views.find(({ id }) => {
    const at = last.views?.get(id)
    return at !== undefined && at <= (first.views?.get(id) ?? 0n)
  })?.label
}
