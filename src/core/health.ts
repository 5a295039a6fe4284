import { Failure, hintFor, type Reason } from './failure.ts'
import type { ObjectReport, Report } from './report.ts'
import { targetName } from './sql.ts'
import { type FailOn, failsOn, SEVERITIES, type Severity, VERDICTS } from './verdicts.ts'

/**
 * How bad what was found of an object is. An idle source that must not be silent so long, for one, is
 * worse than its verdict.
 */
export function severityOf({ verdict, reason }: ObjectReport): Severity {
  if (!(verdict in VERDICTS)) return 'healthy'
  const { status } = VERDICTS[verdict as keyof typeof VERDICTS]
  return status === 'healthy' && reason !== undefined ? 'degraded' : status
}

/** The objects, worst first, otherwise in the order they had. */
function worstFirst(objects: ObjectReport[]): ObjectReport[] {
  const rank = (object: ObjectReport): number => SEVERITIES.indexOf(severityOf(object))
  return objects.toSorted((a, b) => rank(b) - rank(a))
}

/** What a health check came to: the status, and if anything is not well, what and how to mend it. */
export function concludeHealth(report: Report, failOn: FailOn): void {
  report.objects = worstFirst(report.objects)
  const ill = report.objects.filter((object) => severityOf(object) !== 'healthy')
  const [worst] = ill
  if (!worst) {
    report.status = 'healthy'
    return
  }
  const severity = severityOf(worst)
  const reason = worst.reason ?? reasonFor(worst)
  const shown = ill.slice(0, 3).map(sentence)
  const more = ill.length > 3 ? [`And ${String(ill.length - 3)} more.`] : []
  const failure = new Failure({
    reason,
    message: [...shown, ...more].join(' '),
    hint: worst.hint ?? hintFor(reason),
  })
  report.status = severity === 'failed' ? 'failed' : 'degraded'
  const { message, hint, inputs } = failure
  report.failure = { reason, message, hint, inputs }
  if (!failsOn(severity, failOn)) report.tolerated = true
}

function sentence(object: ObjectReport): string {
  return `The ${object.kind} ${targetName(object)} is ${object.verdict}: ${object.because}.`
}

function reasonFor({ verdict }: ObjectReport): Reason {
  if (verdict === 'missing') return 'object-missing'
  return verdict === 'drifted' ? 'drifted' : 'not-seen'
}
