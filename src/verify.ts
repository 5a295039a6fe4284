import { readCatalog } from './catalog.ts'
import { waitingPart } from './core/deadline.ts'
import { concludeHealth } from './core/health.ts'
import type { Inputs } from './core/model.ts'
import { type Observed, sameName } from './core/observed.ts'
import type { Step } from './core/plan.ts'
import { type ObjectReport, type Report, stepReport } from './core/report.ts'
import { sinkFinding } from './core/sink-finding.ts'
import { sourceFinding } from './core/source-finding.ts'
import { targetName } from './core/sql.ts'
import { type Finding, VERDICTS } from './core/verdicts.ts'
import { checkExpectations } from './expect.ts'
import type { MaterializeSession } from './ports.ts'
import { openReader } from './reader.ts'
import { lookAt, readSilence, type Subject } from './sightings.ts'
import { selected, subjectsOf, type Target, targetsOf } from './verify-targets.ts'
import type { Edges } from './work.ts'

interface Verifying {
  inputs: Inputs
  edges: Edges
  report: Report
  /** A session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
  /** In what the spec’s objects are not as it says; of names alone there are none. */
  drift(observed: Observed): Step[]
}

/** How long something in doubt is watched, milliseconds, if the deadline allows. */
const WATCH_MS = 12_000

/**
 * Says of each source and sink how it does, by looking at it several times. Sends nothing that changes
 * anything.
 */
export async function verify(of: Verifying): Promise<void> {
  const { inputs, edges, report } = of
  edges.log.group('Looking at what is there')
  const session = await of.open('verify')
  report.materializeVersion = session.version
  const observed = await readCatalog(session, selected(inputs))
  const steps = of.drift(observed).map(byItself)
  const targets = targetsOf(inputs, observed)
  const subjects = await subjectsOf(targets, { ...of, session, observed })
  const findings = await watchAll(subjects, { ...of, session })
  for (const target of targets) {
    const subject = subjects.find((one) => one.object === target.object)
    const finding = subject && findings.get(subject)
    const step = steps.find((one) => one.kind === target.kind && sameName(one.name, target.name))
    report.objects.push(objectReport(target, { finding, step }))
  }
  report.objects.push(...othersDrifted(steps))
  concludeHealth(report, inputs.checks.failOn)
  for (const object of report.objects) {
    edges.log.info(`${object.kind} ${targetName(object)}: ${object.verdict}, ${object.because}`)
  }
  await checkExpectations(of)
}

/** Looks until what is found is settled, or the time for that is up. */
async function watchAll(
  subjects: Subject[],
  of: Verifying & { session: MaterializeSession },
): Promise<Map<Subject, Finding>> {
  const { inputs, edges, session } = of
  const { clock, log } = edges
  const deadline = waitingPart(edges.deadline)
  const lanes = Math.max(1, Math.min(inputs.maxParallel, subjects.length))
  const readers = Array.from({ length: lanes }, (_, lane) =>
    openReader(() => of.open(`rows ${String(lane)}`)),
  )
  const begun = clock.now()
  let findings = new Map<Subject, Finding>()
  let open = subjects
  for (let pause = 700; open.length > 0; pause = Math.min(2_000, pause * 1.3)) {
    await lookAt(open, { session, clock, readers })
    findings = new Map([...findings, ...findAll(subjects, inputs, findings)])
    if (inputs.checks.thresholds.maxSilenceMs !== undefined) {
      const idle = open.filter((one) => findings.get(one)?.verdict === 'idle')
      for (const subject of idle) await readSilence(subject, clock)
      findings = new Map([...findings, ...findAll(idle, inputs, new Map())])
    }
    open = subjects.filter((subject) => findings.get(subject)?.settled !== true)
    const spent = clock.now() - begun
    if (open.length === 0 || spent > WATCH_MS || deadline.remainingMs() < pause) break
    if (spent > 3_000) log.info(`Watching ${String(open.length)} object(s) that are in doubt`)
    await clock.sleep(pause, deadline.signal)
  }
  return findings
}

function findAll(
  subjects: Subject[],
  inputs: Inputs,
  before: ReadonlyMap<Subject, Finding>,
): Map<Subject, Finding> {
  const { thresholds } = inputs.checks
  const findings = new Map<Subject, Finding>()
  const isOpen = (subject: Subject): boolean => before.get(subject)?.settled !== true
  for (const subject of subjects.filter((one) => one.kind === 'source' && isOpen(one))) {
    findings.set(subject, sourceFinding(subject.evidence, thresholds))
  }
  for (const subject of subjects.filter((one) => one.kind === 'sink' && isOpen(one))) {
    const upstream = subjects
      .filter((one) => one.kind === 'source' && subject.upstream.includes(one.object.id))
      .flatMap((one) => {
        const finding = findings.get(one) ?? before.get(one)
        return finding ? [{ label: `source ${one.evidence.label}`, finding }] : []
      })
    findings.set(subject, sinkFinding(subject.evidence, upstream, thresholds))
  }
  return findings
}

/** That something would go with what it is made from is no drift of its own. */
function byItself(step: Step): Step {
  return { ...step, differences: step.differences.filter((one) => one.attribute !== 'made from') }
}

function objectReport(
  { kind, name, object }: Target,
  of: { finding: Finding | undefined; step: Step | undefined },
): ObjectReport {
  const { finding, step } = of
  const base: ObjectReport = {
    ...{ kind, name, action: 'keep' as const, ours: step?.ownership === 'ours' },
    ...{ differences: step?.differences ?? [], status: '', verdict: 'missing', because: '' },
  }
  if (!object) return { ...base, because: `there is no ${kind} of that name` }
  if (!finding) return { ...base, verdict: 'unknown', because: 'nothing was seen of it' }
  const { verdict, because, reason, hint, lag } = finding
  const isWell = VERDICTS[verdict].status === 'healthy' && reason === undefined
  const report: ObjectReport = {
    ...base,
    ...{ verdict, because },
    ...(reason && { reason }),
    ...(hint !== undefined && { hint }),
    lag: {
      ...(lag.offsets !== undefined && { offsets: String(lag.offsets) }),
      ...(lag.ms !== undefined && { ms: lag.ms }),
    },
  }
  if (!isWell || base.differences.length === 0) return report
  return { ...report, verdict: 'drifted', because: driftText(base.differences, because) }
}

function driftText(differences: ObjectReport['differences'], because: string): string {
  const parts = differences.map(
    ({ attribute, there, asked }) => `${attribute} is ${there}, not ${asked}`,
  )
  return [...parts, because].filter((part) => part !== '').join('; ')
}

/** What of the spec is neither source nor sink, and not as it says. */
function othersDrifted(steps: Step[]): ObjectReport[] {
  return steps
    .filter(({ kind }) => kind !== 'source' && kind !== 'sink')
    .flatMap((step): ObjectReport[] => {
      const report = { ...stepReport(step), action: 'keep' as const }
      if (step.action === 'create') {
        return [{ ...report, verdict: 'missing', because: `there is no ${step.kind} of that name` }]
      }
      if (step.differences.length === 0) return []
      return [{ ...report, verdict: 'drifted', because: driftText(step.differences, '') }]
    })
}
