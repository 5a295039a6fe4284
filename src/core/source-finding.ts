import { behind, offsetsText, secondsText, type Watch, watch, wentOn } from './evidence.ts'
import { type Evidence, type Finding, STILL_MS, type Thresholds } from './verdicts.ts'

/**
 * What the evidence says of a source. Neither `running` nor `hydrated` counts for anything: its
 * frontier against the server’s clock does, and its progress against Kafka’s watermarks.
 */
export function sourceFinding(evidence: Evidence, thresholds: Thresholds): Finding {
  const seen = watch(evidence)
  if (!seen)
    return { verdict: 'unknown', because: 'nothing was seen of it', lag: {}, settled: false }
  return (
    seen.paused() ??
    undecodable(seen, evidence) ??
    stalled(seen) ??
    standing(seen) ??
    snapshotting(seen) ??
    moving(seen, evidence, thresholds)
  )
}

function undecodable(seen: Watch, { reading }: Evidence): Finding | undefined {
  if (reading !== 'undecodable') return undefined
  return seen.found('broken', 'a record cannot be decoded, so that every SELECT fails', {
    reason: 'rows-undecodable',
  })
}

/** Reading on outweighs a stall, as going on does. */
function stalled(seen: Watch): Finding | undefined {
  return hasRead(seen) ? undefined : seen.stalled('source')
}

function hasRead({ first, last }: Watch): boolean {
  return wentOn(first.progress, last.progress)
}

/** Behind what Kafka held when the watch began, and no further for long enough to mean something. */
function standing(seen: Watch): Finding | undefined {
  const { first, last, ms } = seen
  if (hasRead(seen)) return undefined
  const waiting =
    first.watermarks && last.progress ? behind(first.watermarks, last.progress) : undefined
  const frozen = seen.isComplete && !seen.goesOn
  if (waiting !== undefined && waiting > 0n && seen.isComplete) {
    return seen.found(
      'stuck',
      `${offsetsText(waiting)} wait in Kafka, and it read none of them for ${secondsText(ms)}`,
      { reason: 'source-stuck', settled: ms >= STILL_MS },
    )
  }
  if (!frozen) return undefined
  return seen.found('stuck', `${seen.lagText()}, and it went no further for ${secondsText(ms)}`, {
    reason: 'source-stuck',
    settled: ms >= STILL_MS,
  })
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
  const settled = seen.ms >= 1_500
  const far = seen.tooFar(thresholds)
  if (far) return { ...far, settled }
  if (hasRead(seen)) return seen.found('flowing', seen.lagText(), { settled })
  if (evidence.reading === 'silent') {
    return seen.found('unknown', 'a SELECT of it was not answered', { settled, reason: 'not-seen' })
  }
  if (!seen.last.progress) {
    return seen.found('unknown', evidence.blind.join(' ') || 'its progress cannot be read', {
      settled,
      reason: 'not-seen',
    })
  }
  const silent = seen.tooSilent(thresholds)
  return { ...(silent ?? seen.found('idle', seen.lagText())), settled }
}
