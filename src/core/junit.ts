import { severityOf } from './health.ts'
import { cut } from './redact.ts'
import type { ExpectationReport, ObjectReport, Report } from './report.ts'
import { targetName } from './sql.ts'
import { VERDICTS } from './verdicts.ts'

/** A sentence is enough; the report has all of it. */
const MOST_TEXT = 2_000

interface Case {
  kind: string
  name: string
  seconds?: number
  /** Absent: it passed. */
  outcome?: { is: 'failure' | 'skipped'; type: string; text: string }
}

/**
 * The report as JUnit XML, which most tools that show test results read: a case for each object, for
 * each expectation, and for the run itself where nothing else tells of its failure. No row is in it.
 * @param report redacted.
 */
export function junitOf(report: Report): string {
  const cases = [...report.objects.map(objectCase), ...report.expectations.map(expectationCase)]
  const failure = report.failure
  const isCarried = cases.some(
    ({ outcome }) =>
      outcome?.is === 'failure' && outcome.text !== '' && failure?.message.includes(outcome.text),
  )
  // Some tools take a file without any case for a fault of its own.
  if ((failure && !isCarried) || cases.length === 0) cases.push(runCase(report))
  const count = (is: 'failure' | 'skipped'): string =>
    String(cases.filter(({ outcome }) => outcome?.is === is).length)
  const suite = {
    name: `Materialize Kafka pipeline: ${report.mode}`,
    tests: String(cases.length),
    failures: count('failure'),
    errors: '0',
    skipped: count('skipped'),
    time: (report.durationMs / 1000).toFixed(3),
    // ISO 8601 without a zone, which some readers do not take.
    timestamp: report.startedAt.replace(/(\.\d+)?Z$/, ''),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  ${opening('testsuite', suite)}>`,
    ...cases.map((one) => caseText(one).replace(/^/gm, '    ')),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function objectCase(object: ObjectReport): Case {
  const { kind, verdict, because } = object
  const head = { kind, name: targetName(object) }
  if (verdict === 'proven' || isWellWatched(object)) return head
  if (verdict !== '') return { ...head, outcome: { is: 'failure', type: verdict, text: because } }
  const text = 'this kind of object is not watched, or the run ended before'
  return { ...head, outcome: { is: 'skipped', type: '', text } }
}

/** Of a health check: nothing was found that needs doing. */
function isWellWatched(object: ObjectReport): boolean {
  return object.verdict in VERDICTS && severityOf(object) === 'healthy'
}

function expectationCase({ name, held, because, asked, ms }: ExpectationReport): Case {
  const head = { kind: 'expectation', name, seconds: ms / 1000 }
  if (held) return head
  return {
    ...head,
    outcome:
      asked === 0
        ? { is: 'skipped', type: '', text: because }
        : { is: 'failure', type: 'expectation-failed', text: because },
  }
}

function runCase({ mode, status, failure, durationMs }: Report): Case {
  const head = { kind: 'run', name: mode, seconds: durationMs / 1000 }
  if (!failure) return head
  const text = `${failure.message} ${failure.hint}`
  const is = status === 'skipped' ? 'skipped' : 'failure'
  return { ...head, outcome: { is, type: failure.reason, text } }
}

function caseText({ kind, name, seconds, outcome }: Case): string {
  const head = opening('testcase', {
    classname: kind,
    name,
    ...(seconds !== undefined && { time: seconds.toFixed(3) }),
  })
  if (!outcome) return `${head}/>`
  const message = cut(outcome.text, MOST_TEXT)
  const inner =
    outcome.is === 'skipped'
      ? opening('skipped', { message })
      : opening('failure', { message, type: outcome.type })
  return `${head}>\n  ${inner}/>\n</testcase>`
}

function opening(tag: string, attributes: Record<string, string>): string {
  const texts = Object.entries(attributes).map(([name, text]) => `${name}="${escaped(text)}"`)
  return `<${[tag, ...texts].join(' ')}`
}

/** What XML 1.0 has no form for, not even as a reference; and C1, which it advises against. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Text without those letters: their numbers stand in for them. */
export function visible(text: string): string {
  return text.replace(FORBIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** An attribute’s text. Blanks other than a space would be read as one, so they are references. */
function escaped(text: string): string {
  return visible(text).replace(/[&<>"'\t\n\r]/g, (c) => `&#${String(c.charCodeAt(0))};`)
}
