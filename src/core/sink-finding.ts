import { secondsText, type Watch, watch, wentOn } from './evidence.ts'
import { type Evidence, type Finding, STILL_MS, type Thresholds } from './verdicts.ts'

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
    seen.stalled('sink') ??
    (seen.goesOn ? moving(seen, thresholds) : standing(seen, upstream))
  )
}

function moving(seen: Watch, thresholds: Thresholds): Finding {
  const settled = seen.ms >= 1_500
  const far = seen.tooFar(thresholds)
  if (far) return { ...far, settled }
  const { first, last } = seen
  const isIdle = last.watermarks && !wentOn(first.watermarks, last.watermarks)
  return seen.found(isIdle ? 'idle' : 'flowing', seen.lagText(), { settled })
}

/** Why a sink goes no further: what it reads may be the reason. */
function standing(seen: Watch, upstream: Upstream[]): Finding {
  const settled = seen.ms >= STILL_MS
  const bad = upstream.find(({ finding }) =>
    ['broken', 'stuck', 'paused', 'missing'].includes(finding.verdict),
  )
  if (bad) {
    return seen.found('stuck', `it waits for ${bad.label}, which is ${bad.finding.verdict}`, {
      reason: 'upstream-broken',
      settled: bad.finding.settled,
    })
  }
  const early = upstream.find(({ finding }) => finding.verdict === 'snapshotting')
  if (early)
    return seen.found('snapshotting', `it waits for the snapshot of ${early.label}`, { settled })
  if (!seen.isComplete) {
    return seen.found('snapshotting', 'it has not yet written all of its snapshot', { settled })
  }
  return seen.found(
    'stuck',
    `${seen.lagText()}, and it went no further for ${secondsText(seen.ms)}`,
    {
      reason: 'sink-stuck',
      settled,
    },
  )
}
