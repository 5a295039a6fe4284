import type { Runner } from './adapters/github.ts'
import { openGitHubApi } from './adapters/github-api.ts'
import type { Deadline } from './core/deadline.ts'
import { describeFailure, type Failure, toFailure } from './core/failure.ts'
import { afterOpening, issueMark, type IssueStep, issueSteps, type Seen } from './core/issue.ts'
import type { Inputs } from './core/model.ts'
import { commentBody, commentMark } from './core/pull-comment.ts'
import { redactReport, type Report } from './core/report.ts'
import { checkOf, type Telling } from './core/telling.ts'
import type { GitHubApi } from './ports.ts'

interface Told {
  telling: Telling
  /** As they were given: without the names of an environment. */
  inputs: Inputs
  environment: string | undefined
  runner: Runner
  /** The whole run’s, of which some is kept for this. */
  deadline: Deadline
}

/**
 * The end of a run that is to open or close an issue, or to comment on the pull request. Never rejects:
 * what GitHub does not take changes nothing of the run’s result, and is a note of the summary.
 */
export async function tellGitHub(report: Report, of: Told): Promise<void> {
  const { telling, runner, deadline } = of
  // Neither says how things are.
  if (report.status === 'skipped' || report.failure?.reason === 'cancelled') return
  const { apiUrl, repository, fromFork } = runner.context
  const api = openGitHubApi({ token: telling.token, apiUrl, repository, log: runner, deadline })
  const seen = seenIn(report, of)
  const failures: { what: 'issue' | 'comment'; failure: Failure }[] = []
  const attempt = async (what: 'issue' | 'comment', work: () => Promise<void>): Promise<void> => {
    await work().catch((thrown: unknown) => {
      failures.push({ what, failure: toFailure(thrown) })
    })
  }
  runner.group('GitHub')
  if (telling.issue) await attempt('issue', () => keepIssue(api, { ...of, seen }))
  if (telling.comment) await attempt('comment', () => comment(api, { ...of, seen, report }))
  let isSaid = false
  for (const { what, failure } of failures) {
    const isReadOnly = failure.reason === 'github-permission' && (fromFork || what === 'comment')
    const text = isReadOnly
      ? `There is no ${what}, and the summary has all that it would say: ${fromFork ? 'a pull request from a fork is given a token that may only read.' : describeFailure(failure)}`
      : `The ${what} is not up to date: ${describeFailure(failure)}`
    report.notes.push(text)
    if (!isReadOnly) runner.warning(text)
    else if (!isSaid) runner.notice(text)
    isSaid ||= isReadOnly
  }
}

function seenIn(report: Report, { telling, inputs, environment, runner }: Told): Seen {
  const { workflow, job, url, runUrl, runId } = runner.context
  const check = checkOf(inputs, telling, { workflow, job, environment })
  return {
    report: redactReport(report, (text) => runner.redact(text)),
    isWell: report.status === 'healthy' || report.tolerated === true,
    check: { ...check, label: runner.redact(check.label) },
    place: { url, runUrl, runId },
    now: Date.now(),
  }
}

async function keepIssue(api: GitHubApi, of: Told & { seen: Seen }): Promise<void> {
  const { runner, seen } = of
  const mark = issueMark(seen.check)
  const take = async (step: IssueStep): Promise<void> => {
    if (step.do === 'open') {
      const opened = await api.createIssue(step)
      runner.info(`Issue ${String(opened.id)} was opened.`)
      for (const next of afterOpening(opened, await api.openIssues(mark))) await take(next)
      return
    }
    const id = String(step.id)
    if (step.do === 'drop') {
      await api.updateIssue(step.id, { close: 'not_planned' })
      runner.info(`Issue ${id} was closed: an older one is of the same check.`)
    } else if (step.do === 'update') {
      const { body, close } = step
      await api.updateIssue(step.id, { body, ...(close && { close }) })
      runner.info(`Issue ${id} was ${close ? 'closed' : 'updated'}.`)
    } else {
      await api.comment({ kind: 'issue', number: step.id }, step)
    }
  }
  for (const step of issueSteps(await api.openIssues(mark), seen)) await take(step)
}

async function comment(
  api: GitHubApi,
  { runner, seen, report }: Told & { seen: Seen; report: Report },
): Promise<void> {
  const { pullRequest } = runner.context
  if (!pullRequest) {
    const text = 'There is no comment, since this run is of no pull request.'
    report.notes.push(text)
    runner.notice(text)
    return
  }
  const on = { kind: 'pull request', number: pullRequest.number } as const
  const mark = commentMark(seen.check)
  const [there, ...others] = await api.comments(on, mark)
  const { sha } = pullRequest
  const body = commentBody({ ...seen, ...(sha !== undefined && { sha }) }, there?.body)
  if (there) await api.updateComment(on, { ...there, body })
  else await api.comment(on, { mark, body })
  if (others.length > 0) {
    runner.info(`${String(others.length)} more comment(s) of the same check are left as they are.`)
  }
  runner.info(
    `The comment of pull request ${String(on.number)} was ${there ? 'updated' : 'written'}.`,
  )
}
