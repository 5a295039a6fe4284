import type { Runner } from './adapters/github.ts'
import { describeFailure } from './core/failure.ts'
import type { ShowRows } from './core/model.ts'
import { junitOf } from './core/junit.ts'
import { blankedOutputs, outputsOf, shownExpectations } from './core/outputs.ts'
import { secretForms } from './core/redact.ts'
import { redactReport, type Report } from './core/report.ts'
import { removalOf, stayingText } from './core/summary-removal.ts'
import { summaryOf } from './core/summary.ts'

/** What to show, and what GitHub may hold as a secret. */
export interface Showing {
  showRows: ShowRows
  /** Values that are masked for sure. */
  secrets: readonly string[]
  /** Values that are public to us and that users often keep as secrets all the same. */
  perhapsMasked: readonly string[]
}

/**
 * The end of every run, the only place that writes: report file, outputs, summary, and at most one
 * error annotation. Rows go out as they are; every other free text goes through the redactor once
 * more. What cannot be written keeps nothing else from being written.
 * @returns whether the next step gets its outputs.
 */
export function publish(report: Report, runner: Runner, showing: Showing): boolean {
  const { showRows } = showing
  const part = <T>(what: string, write: () => T, otherwise: T): T => {
    try {
      return write()
    } catch (error) {
      runner.warning(`The ${what} could not be written: ${String(error)}`)
      return otherwise
    }
  }
  const shown = redactReport(report, (text) => runner.redact(text))
  const written = (name: string, text: () => string): string =>
    part(`file of ${name}`, () => runner.writeFile(name, text()), '')
  const reportPath = written('report.json', () => reportJson(report, shown, showRows))
  const planPath =
    report.mode === 'plan' ? written('plan.sql', () => `${shown.planSql.join(';\n')};\n`) : ''
  const junitPath = written('junit.xml', () => junitOf(shown))
  // Of expectations the rows are there to explain, and are no data that a next step would need.
  const whole = { ...report, expectations: shown.expectations }
  const paths = { reportPath, planPath, junitPath }
  const outputs = part(
    'outputs',
    () => outputsOf(whole, { showRows, ...paths }),
    outputsOf(
      { ...whole, rows: { sample: [], count: 0, more: true }, sinkMessages: [] },
      { showRows, ...paths },
    ),
  )
  const { values, cuts } = outputs
  // The only free text among them. A word such as `healthy` stays, whatever the password is.
  values['failure-hint'] = runner.redact(values['failure-hint'])
  const isSet = part('outputs', () => runner.setOutputs(values), false)
  const notes = [...cuts, ...blankNotes(values, showing.secrets)]
  part(
    'summary',
    () => {
      // Redacted before it becomes Markdown, whose character references would hide a secret from us.
      runner.writeSummary(summaryOf(shown, { showRows, cuts: notes }))
    },
    undefined,
  )
  runner.endGroup()
  for (const note of notes) runner.notice(note)
  const perhaps = perhapsBlank(values, showing)
  if (perhaps !== undefined) runner.info(perhaps)
  runner.info(
    `status ${report.status}, ${String(report.changes.length)} change(s), ${String(report.rows.count)} row(s) seen`,
  )
  if (report.failure && report.status !== 'skipped') {
    const title = `Materialize Kafka pipeline: ${report.status}`
    if (report.tolerated) runner.warning(`${title}: ${describeFailure(report.failure)}`)
    else runner.error(title, describeFailure(report.failure))
  }
  return isSet
}

/**
 * The end of a step’s post, which has no outputs: a section of the summary, and an error annotation if
 * something stays of the environment.
 */
export function publishRemoval(report: Report, runner: Runner, name: string): void {
  const shown = redactReport(report, (text) => runner.redact(text))
  try {
    runner.writeSummary(removalOf(runner.redact(name), shown))
  } catch (error) {
    runner.warning(`The summary could not be written: ${String(error)}`)
  }
  runner.endGroup()
  runner.info(`${String(report.changes.length)} thing(s) removed with environment ${name}`)
  if (!report.failure) return
  const said = `${describeFailure(report.failure)} ${stayingText(name, report)}`
  runner.error('Materialize Kafka pipeline: not all was removed after the job', said)
}

/** A job’s output that holds a masked text reaches other jobs empty, and nothing says so there. */
function blankNotes(values: Record<string, string>, secrets: readonly string[]): string[] {
  const blank = blankedOutputs(values, secrets.flatMap(secretForms))
  if (blank.length === 0) return []
  return [
    `Passed on to other jobs, GitHub will blank these outputs, since they hold a masked text: ${blank.join(', ')}; read the file that the output report names instead.`,
  ]
}

/**
 * The same for values that are no secrets to us but may be to GitHub. Only a line in the log: most
 * users keep them as variables, and a short name is found in many a row.
 */
function perhapsBlank(values: Record<string, string>, showing: Showing): string | undefined {
  const { rows, changes } = values
  const texts = { rows, changes, 'sink-rows': values['sink-rows'] } as Record<string, string>
  const names = showing.perhapsMasked.filter((text) => text.length > 3)
  const blank = blankedOutputs(texts, names)
  if (blank.length === 0) return undefined
  return `Outputs that hold the user name, a broker, a topic or another input’s text: ${blank.join(', ')}. If that input is stored as a secret, GitHub blanks them on their way to other jobs.`
}

/** Not indented: what is nested deeply would grow by its depth. */
function reportJson(report: Report, shown: Report, showRows: ShowRows): string {
  const hidden = showRows === 'none'
  const { rows, sinkMessages } = report
  return `${JSON.stringify({
    version: 1,
    ...shown,
    rows: hidden ? { ...rows, sample: [] } : rows,
    sinkMessages: hidden ? [] : sinkMessages,
    expectations: shownExpectations(shown, showRows),
  })}\n`
}
