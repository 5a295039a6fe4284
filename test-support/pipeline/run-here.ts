import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Deadline, startDeadline } from '../../src/core/deadline.ts'
import { toFailure } from '../../src/core/failure.ts'
import { fail, type ObjectReport, type Report, startReport } from '../../src/core/report.ts'
import { openEdges, ownClock } from '../../src/edges.ts'
import { readInputs } from '../../src/inputs.ts'
import type { Log, PullRequests } from '../../src/ports.ts'
import { run } from '../../src/run.ts'

/** One run in this process, by the real adapters: what a bundle does, without starting one each time. */
export interface RunHere {
  report: Report
  milliseconds: number
  /** Every line of the log. */
  lines: string[]
}

/** How a run gets to GitHub’s pull requests. */
export type OpenPulls = (of: { log: Log; deadline: Deadline }) => PullRequests

const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as {
  inputs: Record<string, { default?: string }>
}

/** @param ahead by how many milliseconds its clock is ahead of all others. */
export async function runHere(
  given: Record<string, string>,
  {
    ahead = 0,
    cancel = new AbortController(),
    pulls,
  }: { ahead?: number; cancel?: AbortController; pulls?: OpenPulls } = {},
): Promise<RunHere> {
  const env: Record<string, string | undefined> = { ...process.env }
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    env[`INPUT_${name.toUpperCase()}`] = given[name] ?? value ?? ''
  }
  const lines: string[] = []
  const say = (text: string): void => {
    lines.push(text)
  }
  const log = { group: say, info: say, notice: say, warning: say, debug: () => undefined }
  const report = startReport(new Date().toISOString(), 'auto')
  const begun = Date.now()
  try {
    const { inputs } = readInputs(env)
    report.mode = inputs.mode
    const { signal } = cancel
    const clock = { ...ownClock, now: () => Date.now() + ahead }
    const deadline = startDeadline({ timeoutMs: inputs.timeoutMs, now: () => clock.now(), signal })
    const edges = openEdges({
      materialize: inputs.materialize,
      applicationName: 'test',
      ...{ log, deadline, repository: 'acme/shop' },
      admin: inputs.grants?.admin,
      hold: () => undefined,
      clock,
      pullRequests: pulls?.({ log, deadline }),
    })
    await run(inputs, edges, report)
  } catch (thrown) {
    fail(report, toFailure(thrown))
  }
  return { report, milliseconds: Date.now() - begun, lines }
}

/** An object of the report, by its name alone. */
export function objectIn(report: Report, name: string): ObjectReport | undefined {
  return report.objects.find((object) => object.name.name === name)
}
