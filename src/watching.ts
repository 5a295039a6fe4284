import { QUIET_MS, waitingPart, waitText } from './core/deadline.ts'
import type { Inputs } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import { sinkFinding } from './core/sink-finding.ts'
import { asksForUnread, sourceFinding } from './core/source-finding.ts'
import { type Finding, VERDICTS } from './core/verdicts.ts'
import type { MaterializeSession } from './ports.ts'
import { openReader, type Reader } from './reader.ts'
import { lookAt, readSilence, type Sightings, type Subject } from './sightings.ts'
import { askForRights, type Explained, explain, Validations } from './two-sides.ts'
import { countUndecodable, lookForUnread } from './records.ts'
import type { Edges } from './work.ts'

/** How long something in doubt is watched, milliseconds, if the deadline allows. */
const WATCH_MS = 14_000
/** How long relations that do not answer may hold up everything else, milliseconds. */
const READ_MS = 20_000

export interface Watching {
  inputs: Inputs
  edges: Edges
  session: MaterializeSession
  observed: Observed
  /** A further session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
}

/** Looks until what is found is settled, or the time for that is up; then says what both sides know. */
export async function watchAll(
  subjects: Subject[],
  of: Watching,
): Promise<Map<Subject, Explained>> {
  const { inputs, edges, session, observed } = of
  const { clock } = edges
  const role = observed.role
  const lanes = Math.max(1, Math.min(inputs.maxParallel, subjects.length))
  const reader = (purpose: string): Reader => openReader(() => of.open(purpose))
  const readers = Array.from({ length: lanes }, (_, lane) => reader(`rows ${String(lane)}`))
  const until = clock.now() + Math.min(READ_MS, waitingPart(edges.deadline).remainingMs())
  const sightings = { session, clock, readers, observed, until }
  const validations = new Validations({ role, observed, reader: () => reader('validate') })
  const findings = await watch(subjects, { ...of, sightings, validations })
  await lookAgain(subjects, { ...of, sightings, validations, findings })
  const explained = new Map<Subject, Explained>()
  await askForRights(subjects)
  const { version } = session
  for (const subject of subjects) {
    const finding = findings.get(subject)
    if (!finding) continue
    if (finding.reason === 'rows-undecodable') {
      await countUndecodable(subject)
      findings.set(subject, sourceFinding(subject.evidence, inputs.checks.thresholds))
    }
    const last = concluded(findings.get(subject) ?? finding)
    explained.set(subject, await explain(subject, last, { observed, validations, version }))
  }
  return explained
}

type Tools = Watching & { sightings: Sightings; validations: Validations }

async function watch(subjects: Subject[], of: Tools): Promise<Map<Subject, Finding>> {
  const { inputs, edges, sightings, validations } = of
  const { clock, log } = edges
  const deadline = waitingPart(edges.deadline)
  const begun = clock.now()
  let nextWord = begun + QUIET_MS
  let findings = new Map<Subject, Finding>()
  let open = subjects
  for (let pause = 700; open.length > 0; pause = Math.min(2_000, pause * 1.3)) {
    await lookAt(open, sightings)
    for (const subject of open) findings.delete(subject)
    findings = new Map([...findings, ...findAll(subjects, inputs, findings)])
    const standing = open.filter((one) => one.kind === 'source' && asksForUnread(one.evidence))
    for (const subject of standing) await lookForUnread(subject)
    findings = new Map([...findings, ...findAll(standing, inputs, new Map())])
    if (inputs.checks.thresholds.maxSilenceMs !== undefined) {
      const idle = open.filter((one) => findings.get(one)?.verdict === 'idle')
      for (const subject of idle) await readSilence(subject, clock)
      findings = new Map([...findings, ...findAll(idle, inputs, new Map())])
    }
    for (const subject of open) {
      const finding = findings.get(subject)
      if (finding && isOfConnection(finding)) validations.begin(connectionOf(subject))
    }
    open = stillOpen(subjects, findings)
    const now = clock.now()
    if (open.length === 0 || now - begun > WATCH_MS || deadline.remainingMs() < pause) break
    if (now >= nextWord) {
      nextWord = now + QUIET_MS
      const time = waitText(now - begun, Math.min(WATCH_MS - (now - begun), deadline.remainingMs()))
      for (const subject of open.slice(0, 5)) {
        const { verdict = '', because = '' } = findings.get(subject) ?? {}
        log.info(
          `Watching ${subject.kind} ${subject.evidence.label} (${time}): ${verdict}, ${because}`,
        )
      }
    }
    await clock.sleep(pause, deadline.signal)
  }
  return findings
}

/** What is not settled, and the sources of such sinks: how far both have come is held against each other. */
function stillOpen(subjects: Subject[], findings: ReadonlyMap<Subject, Finding>): Subject[] {
  const open = subjects.filter((subject) => findings.get(subject)?.settled !== true)
  const upstream = new Set(open.flatMap((subject) => subject.upstream))
  return subjects.filter((one) => open.includes(one) || upstream.has(one.object.id))
}

/** What seemed broken may have been a broker that started anew: its connection works by now. */
async function lookAgain(
  subjects: Subject[],
  of: Tools & { findings: Map<Subject, Finding> },
): Promise<void> {
  const { findings, validations, inputs } = of
  const again: Subject[] = []
  for (const subject of subjects) {
    const isStalled = findings.get(subject)?.verdict === 'broken' && subject.evidence.stalls > 0
    const validation = await validations.of(connectionOf(subject))
    if (isStalled && validation === 'ok') again.push(subject)
  }
  if (again.length === 0) return
  await lookAt(again, of.sightings)
  for (const [subject, finding] of findAll(again, inputs, new Map())) findings.set(subject, finding)
}

function connectionOf({ object }: Subject): string | undefined {
  return (object.source ?? object.sink)?.connectionId
}

/** Whether trying its connection could tell more. */
function isOfConnection({ verdict, reason }: Finding): boolean {
  const ofItself = ['rows-undecodable', 'upstream-broken', 'cluster-without-replicas']
  return ['broken', 'stuck'].includes(verdict) && !ofItself.includes(reason ?? '')
}

/** What stood still for less than it takes to mean something is not called bad. */
function concluded(finding: Finding): Finding {
  if (finding.settled || VERDICTS[finding.verdict].status !== 'failed') return finding
  if (finding.verdict === 'broken' || finding.verdict === 'paused') return finding
  return {
    ...finding,
    verdict: 'unknown',
    reason: 'not-seen',
    because: `time ran out while it was watched: ${finding.because}`,
    hint: 'Raise timeout to half a minute at least.',
  }
}

function findAll(
  subjects: Subject[],
  inputs: Inputs,
  before: ReadonlyMap<Subject, Finding>,
): Map<Subject, Finding> {
  const { thresholds } = inputs.checks
  const findings = new Map<Subject, Finding>()
  const isOpen = (subject: Subject): boolean => before.get(subject)?.settled !== true
  const sources = subjects.filter((one) => one.kind === 'source')
  for (const subject of sources.filter(isOpen)) {
    findings.set(subject, sourceFinding(subject.evidence, thresholds))
  }
  const byId = new Map(sources.map((one) => [one.object.id, one]))
  for (const subject of subjects.filter((one) => one.kind === 'sink' && isOpen(one))) {
    const upstream = subject.upstream.flatMap((id) => {
      const source = byId.get(id)
      const finding = source && (findings.get(source) ?? before.get(source))
      return finding ? [{ label: `source ${source.evidence.label}`, finding }] : []
    })
    findings.set(subject, sinkFinding(subject.evidence, upstream, thresholds))
  }
  return findings
}
