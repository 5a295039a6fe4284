import type { Runner } from './adapters/github.ts'
import type { Deadline } from './core/deadline.ts'
import { Failure, toFailure } from './core/failure.ts'
import type { Inputs } from './core/model.ts'
import { fail, type Report } from './core/report.ts'
import { openEdges } from './edges.ts'
import type { PullRequests } from './ports.ts'
import { run } from './run.ts'
import { VERSION } from './version.ts'

/** How long a run that is to end may take to close its connections and write what it has. */
const GRACE_MS = 1_500

/** Runs within a deadline, and ends soon after it. Never rejects for what it ran. */
export async function start(
  inputs: Inputs,
  of: {
    runner: Runner
    report: Report
    deadline: Deadline
    beforeMaking?: (() => void) | undefined
    pullRequests?: PullRequests | undefined
  },
): Promise<void> {
  const { runner, report, deadline, beforeMaking, pullRequests } = of
  const { repository, runId } = runner.context
  const held: Promise<unknown>[] = []
  const edges = openEdges({
    materialize: inputs.materialize,
    applicationName: `materialize-kafka-action/${VERSION} ${repository} run ${runId}`,
    admin: inputs.grants?.admin,
    ...{ log: runner, deadline, repository, beforeMaking, pullRequests },
    hold: (work) => void held.push(work),
  })
  const working = run(inputs, edges, report)
  // An edge that does not keep to the deadline must not keep the job: what was seen is reported.
  await Promise.race([working, overrun(report, { deadline, held })])
}

async function overrun(
  report: Report,
  of: { deadline: Deadline; held: Promise<unknown>[] },
): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = (): void => {
      setTimeout(resolve, GRACE_MS).unref()
    }
    of.deadline.signal.addEventListener('abort', late, { once: true })
    // A timer holds at most 2^31 ms; inputs allow hours.
    setTimeout(resolve, of.deadline.remainingMs() + 2 * GRACE_MS).unref()
  })
  // What must not be left behind has a limit of its own.
  await Promise.allSettled(of.held)
  if (report.failure) return
  const cancelled = of.deadline.signal.reason as unknown
  fail(
    report,
    cancelled instanceof Failure
      ? cancelled
      : new Failure({ reason: 'deadline', message: 'Time ran out.' }),
  )
}

/** The runner sends SIGINT, then SIGTERM, and kills some seconds later. */
export function cancelOn(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      controller.abort(
        new Failure({ reason: 'cancelled', message: `The run was cancelled (${signal}).` }),
      )
    })
  }
  // What a library throws where nobody waits for it ends the run, with a report.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      controller.abort(toFailure(thrown))
    })
  }
  return controller.signal
}

/** The process ends by itself once nothing is open; a library that leaks is not waited for. */
export function endSoon(process: NodeJS.Process, cancel: AbortSignal): void {
  const end = (): void => {
    process.exit()
  }
  setTimeout(end, cancel.aborted ? 100 : GRACE_MS).unref()
}
