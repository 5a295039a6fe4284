import type { OutputName } from './output-table.ts'
import type { EnvironmentNames } from './environment.ts'
import { cut } from './redact.ts'
import { severityOf } from './health.ts'
import {
  type Change,
  type ExpectationReport,
  type GrantReport,
  type ObjectReport,
  type PlannedChange,
  type Report,
  statusOf,
} from './report.ts'
import { targetName } from './sql.ts'
import type { ShowRows, TopicMessage } from './model.ts'
import type { Row } from './rows.ts'

/**
 * How much each output may hold, in bytes of UTF-8. A step that takes one as an environment variable,
 * as it should, cannot be started with more than 131,071; and GitHub allows a job about a megabyte.
 */
const ROOM = {
  rows: 100_000,
  messages: 100_000,
  changes: 40_000,
  expectations: 40_000,
  text: 4_000,
} as const

export interface Outputs {
  values: Record<OutputName, string>
  /** What was cut, each as a sentence. */
  cuts: string[]
}

/** The report as outputs, every one of them set. */
export function outputsOf(
  report: Report,
  of: { showRows: ShowRows; reportPath: string; planPath: string; junitPath: string },
): Outputs {
  const cuts: string[] = []
  const hidden = of.showRows === 'none'
  const rows = fit<Row>(hidden ? [] : report.rows.sample, ROOM.rows, 'first')
  const messages = fit<TopicMessage>(hidden ? [] : report.sinkMessages, ROOM.messages, 'last')
  const listed: (Change | PlannedChange)[] = [...report.plannedChanges, ...report.changes]
  const changes = fit<Change | PlannedChange>(listed, ROOM.changes, 'first')
  const expected = shownExpectations(report, of.showRows)
  const expectations = fit<ExpectationReport>(expected, ROOM.expectations, 'first')
  const told = (name: OutputName, fitted: Fitted, all: number): void => {
    if (!fitted.cut) return
    const kept = `${String(fitted.kept)} of ${String(all)} entries`
    const how = fitted.kept === all ? 'has long texts shortened' : `was cut to ${kept}`
    cuts.push(`Output ${name} ${how}; the report file holds more.`)
  }
  const verdicts = report.mode === 'verify' ? report.objects.map(verdictOf) : []
  const found = fit(verdicts, ROOM.changes, 'first')
  const rights = report.grants.map(grantOf)
  const grants = fit(rights, ROOM.changes, 'first')
  told('verdicts', found, verdicts.length)
  told('grants', grants, rights.length)
  const produced = fit(report.produced, ROOM.changes, 'first')
  const canaries = fit(report.canaries, ROOM.changes, 'first')
  told('produced', produced, report.produced.length)
  told('canaries', canaries, report.canaries.length)
  told('rows', rows, report.rows.sample.length)
  told('sink-rows', messages, report.sinkMessages.length)
  told('changes', changes, listed.length)
  told('expectations', expectations, expected.length)
  return {
    cuts,
    values: {
      status: report.status,
      changed: String(report.changes.length > 0),
      'has-changes': String(report.hasChanges),
      changes: changes.text,
      'plan-sql': of.planPath,
      rows: rows.text,
      'row-count': String(report.rows.count),
      'rows-truncated': String(rows.cut || report.rows.more || report.rows.count > rows.kept),
      'source-status': statusOf(report, 'source'),
      'sink-status': statusOf(report, 'sink'),
      'sink-rows': messages.text,
      verdicts: found.text,
      rotation: report.rotation?.result ?? '',
      'restart-ms': restartMs(report),
      grants: grants.text,
      environment: report.environment ? environmentText(report.environment) : '',
      report: of.reportPath,
      'failure-reason': report.failure?.reason ?? '',
      'failure-hint': cut(report.failure?.hint ?? '', ROOM.text),
      expectations: expectations.text,
      produced: produced.text,
      canaries: canaries.text,
      'junit-path': of.junitPath,
    },
  }
}

/** So many names that they do not fit are left to the report. */
function environmentText(names: EnvironmentNames): string {
  const text = JSON.stringify(names)
  const { name, tag, schema } = names
  return bytesOf(text) <= ROOM.changes ? text : JSON.stringify({ name, tag, schema })
}

function grantOf({ add: _add, neededBy, ...grant }: GrantReport): Record<string, unknown> {
  return { ...grant, 'needed-by': neededBy }
}

function verdictOf(object: ObjectReport): Record<string, unknown> {
  const { kind, verdict, reason, because, hint, lag } = object
  return {
    ...{ object: targetName(object), kind, verdict, status: severityOf(object) },
    ...(reason !== undefined && { reason }),
    because,
    ...(hint !== undefined && { hint }),
    ...(lag?.offsets !== undefined && { 'lag-messages': lag.offsets }),
    ...(lag?.ms !== undefined && { 'lag-seconds': lag.ms / 1000 }),
  }
}

/** The expectations with the rows that may be shown. */
export function shownExpectations(report: Report, showRows: ShowRows): ExpectationReport[] {
  if (showRows !== 'none') return report.expectations
  return report.expectations.map(({ seen: _seen, missing: _missing, ...rest }) => rest)
}

function restartMs({ rotation }: Report): string {
  if (!rotation || rotation.restarts.length === 0) return ''
  return String(rotation.restarts.reduce((sum, { ms }) => sum + ms, 0))
}

interface Fitted {
  text: string
  kept: number
  cut: boolean
}

/** As many entries of a list as fit into JSON text of a size; one too large for all gets shorter. */
function fit<Entry>(entries: readonly Entry[], room: number, end: 'first' | 'last'): Fitted {
  const ordered = end === 'first' ? entries : [...entries].reverse()
  const kept: string[] = []
  let size = 2
  let shortened = false
  for (const entry of ordered) {
    let text = JSON.stringify(entry)
    if (bytesOf(text) > room / 4) {
      text = JSON.stringify(entry, (_key, value: unknown) =>
        typeof value === 'string' ? cut(value, room / 50) : value,
      )
      shortened = true
    }
    const bytes = bytesOf(text) + 1
    if (size + bytes > room) break
    size += bytes
    kept.push(text)
  }
  if (end === 'last') kept.reverse()
  return {
    text: `[${kept.join(',')}]`,
    kept: kept.length,
    cut: shortened || kept.length < entries.length,
  }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** The outputs that hold one of these texts, which GitHub would hand to other jobs as empty. */
export function blankedOutputs(
  values: Record<string, string>,
  masked: readonly string[],
): string[] {
  const texts = masked.filter((text) => text.trim() !== '')
  return Object.entries(values)
    .filter(([, value]) => texts.some((text) => value.includes(text)))
    .map(([name]) => name)
}
