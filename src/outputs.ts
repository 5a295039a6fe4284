import type { Runner } from './adapters/github.ts'
import { describeFailure } from './core/failure.ts'
import type { ShowRows } from './core/model.ts'
import { blankedOutputs, outputsOf } from './core/outputs.ts'
import { redactDeep, secretForms } from './core/redact.ts'
import type { Report } from './core/report.ts'
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
 * error annotation. Rows go out as they are; everything else goes through the redactor once more.
 */
export function publish(report: Report, runner: Runner, showing: Showing): void {
  const { showRows } = showing
  const reportPath = runner.writeReport(reportJson(report, { runner, showRows }))
  const { values, cuts } = outputsOf(report, { showRows, reportPath })
  // The only free text among them. A word such as `healthy` stays, whatever the password is.
  values['failure-hint'] = runner.redact(values['failure-hint'])
  runner.setOutputs(values)
  const notes = [...cuts, ...blankNotes(values, showing.secrets)]
  // Redacted before it becomes Markdown, whose character references would hide a secret from us.
  const shown = redactDeep(report, (text) => runner.redact(text))
  runner.writeSummary(summaryOf(shown, { showRows, cuts: notes }))

  runner.endGroup()
  for (const note of notes) runner.notice(note)
  const perhaps = perhapsBlank(values, showing)
  if (perhaps !== undefined) runner.info(perhaps)
  runner.info(
    `status ${report.status}, ${String(report.changes.length)} change(s), ${String(report.rows.count)} row(s) seen`,
  )
  if (report.failure && report.status !== 'skipped') {
    runner.error(`Materialize Kafka pipeline: ${report.status}`, describeFailure(report.failure))
  }
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

function reportJson(report: Report, of: { runner: Runner; showRows: ShowRows }): string {
  const { rows, sinkMessages, ...rest } = report
  const hidden = of.showRows === 'none'
  const safe = redactDeep(rest, (text) => of.runner.redact(text))
  return `${JSON.stringify(
    {
      version: 1,
      ...safe,
      rows: hidden ? { ...rows, sample: [] } : rows,
      sinkMessages: hidden ? [] : sinkMessages,
    },
    null,
    2,
  )}\n`
}
