import { randomUUID } from 'node:crypto'
import { getOctokit } from '@actions/github'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import type { Deadline } from '../core/deadline.ts'
import { Failure } from '../core/failure.ts'
import type { Commented, GitHubApi, Log, NewPost, Post } from '../ports.ts'
import { type Asked, githubFailure } from './github-faults.ts'

/** How long one answer may take before it is asked for again. */
const ANSWER_MS = 10_000
const RETRIES = 2
const PER_PAGE = 100
/** Of issues and comments more than this are not looked through. */
const MOST_PAGES = 20

/** Who GitHub says it is where a workflow’s own token may not ask. */
const WORKFLOWS_OWN = 'github-actions[bot]'

interface Opening {
  token: string
  /** Of the REST API, without a slash at its end. */
  apiUrl: string
  /** `owner/name`. */
  repository: string
  log: Log
  deadline: Deadline
}

interface Found {
  number?: number
  id: number
  body?: string | null | undefined
  user: { login: string } | null
  pull_request?: unknown
}

/** GitHub’s API, by way of the proxy that the environment names. Asks nothing yet. */
export function openGitHubApi(of: Opening): GitHubApi {
  const { deadline, log } = of
  const [owner = '', repo = ''] = of.repository.split('/')
  const here = { owner, repo }
  const octokit = octokitFor(of)
  let self: string | undefined

  const ask = async <T>(asked: Asked, send: () => Promise<T>): Promise<T> => {
    const { signal } = deadline
    const late = new AbortController()
    try {
      return await Promise.race([send(), end(deadline, late.signal)])
    } catch (thrown) {
      if (signal.aborted) throw signal.reason
      throw githubFailure(thrown, asked)
    } finally {
      late.abort()
    }
  }

  /** Whose issues and comments are ours. GraphQL alone tells it to every kind of token. */
  const whoAmI = async (): Promise<string> => {
    try {
      const { viewer } = await octokit.graphql<{ viewer: { login: string } }>(
        '{ viewer { login } }',
      )
      return viewer.login
    } catch (thrown) {
      const failure = githubFailure(thrown, { what: 'see whose token it is', permission: 'none' })
      if (failure.retriable) throw failure
      log.debug(failure.message)
      return WORKFLOWS_OWN
    }
  }
  const own = (found: Found[], mark: string): Post[] =>
    found
      .filter((one) => one.user?.login === self && one.pull_request === undefined)
      .map((one) => ({ id: one.number ?? one.id, body: one.body ?? '' }))
      .filter(({ body }) => body.startsWith(mark))
      .sort((a, b) => a.id - b.id)
  /** By who wrote it, we know who we are. */
  const written = (data: Found): Post => {
    if (data.user) self = data.user.login
    return { id: data.number ?? data.id, body: data.body ?? '' }
  }
  /** A post that failed may have been taken: it is sent again only if it is not there. */
  const once = async (post: () => Promise<Post>, find: () => Promise<Post[]>): Promise<Post> => {
    try {
      return await post()
    } catch (thrown) {
      if (!(thrown instanceof Failure) || !thrown.retriable) throw thrown
      const [there] = await find()
      return there ?? post()
    }
  }

  const openIssues = (mark: string): Promise<Post[]> =>
    ask({ what: 'list issues', permission: 'issues: read' }, async () => {
      const creator = (self ??= await whoAmI())
      const found = await pages((page) =>
        octokit.rest.issues.listForRepo({
          ...{ ...here, page, per_page: PER_PAGE, sort: 'created', direction: 'asc' },
          ...{ state: 'open', creator },
        }),
      )
      return own(found, mark)
    })
  const comments = (on: Commented, mark: string): Promise<Post[]> =>
    ask({ what: `list comments of ${nameOf(on)}`, permission: readOf(on) }, async () => {
      self ??= await whoAmI()
      const found = await pages((page) =>
        octokit.rest.issues.listComments({
          ...{ ...here, page, per_page: PER_PAGE, issue_number: on.number },
        }),
      )
      return own(found, mark)
    })
  return {
    openIssues,
    comments,
    createIssue: ({ mark, title, body }) =>
      once(
        () =>
          ask({ what: 'open an issue', permission: 'issues: write' }, async () =>
            written(
              (await octokit.rest.issues.create({ ...here, title, body, request: { retries: 0 } }))
                .data,
            ),
          ),
        () => openIssues(mark),
      ),
    updateIssue: (number, { body, close }) =>
      ask({ what: `change issue ${String(number)}`, permission: 'issues: write' }, async () => {
        await octokit.rest.issues.update({
          ...{ ...here, issue_number: number },
          ...(body !== undefined && { body }),
          ...(close && { state: 'closed', state_reason: close }),
        })
      }),
    comment: (on, { mark, body }: NewPost) =>
      once(
        () =>
          ask({ what: `comment on ${nameOf(on)}`, permission: writeOf(on) }, async () =>
            written(
              (
                await octokit.rest.issues.createComment({
                  ...{ ...here, issue_number: on.number, body, request: { retries: 0 } },
                })
              ).data,
            ),
          ),
        () => comments(on, mark),
      ),
    updateComment: (on, { id, body }) =>
      ask({ what: `change a comment of ${nameOf(on)}`, permission: writeOf(on) }, async () => {
        await octokit.rest.issues.updateComment({ ...here, comment_id: id, body })
      }),
    pullRequestState: async (number) => {
      try {
        const asked = { what: 'see a pull request', permission: 'pull-requests: read' } as const
        const { data } = await ask(asked, () =>
          octokit.rest.pulls.get({ ...here, pull_number: number }),
        )
        return data.state === 'open' ? 'open' : 'closed'
      } catch (thrown) {
        if (thrown instanceof Failure && thrown.reason === 'github-permission') return 'unknown'
        throw thrown
      }
    },
  }
}

/** For how many seconds to wait, what was asked by whom, and how often that was asked again. */
type Limited = [seconds: number, asked: unknown, octokit: unknown, tries: number]

function octokitFor({ token, apiUrl, log, deadline }: Opening) {
  /** A wait for GitHub’s limits is worth it only if something can be asked after it. */
  const mayWait = (what: string, [seconds, , , tries]: Limited): boolean => {
    const isWorth = tries < RETRIES && seconds * 1_000 < deadline.remainingMs()
    log.info(
      `GitHub’s ${what} is reached: ${isWorth ? `asking again in ${String(seconds)} s` : `it would take ${String(seconds)} s, which there is no time for`}.`,
    )
    return isWorth
  }
  const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const options = {
    baseUrl: apiUrl,
    userAgent: 'materialize-kafka-action',
    log: quiet,
    // Limits are the other plugin’s.
    retry: { retries: RETRIES, doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
    throttle: {
      // Paces are kept by it, for the whole process unless it has a name.
      id: randomUUID(),
      onRateLimit: (...of: Limited) => mayWait('rate limit', of),
      onSecondaryRateLimit: (...of: Limited) => mayWait('secondary rate limit', of),
    },
  }
  const octokit = getOctokit(token, options, retry, throttling)
  octokit.hook.before('request', (request) => {
    const ms = Math.min(ANSWER_MS, deadline.remainingMs())
    request.request.signal = AbortSignal.any([deadline.signal, AbortSignal.timeout(ms)])
    request.request['log'] = quiet
  })
  return octokit
}

function nothing(): void {
  // What the library has to say is said by our failures.
}

/** Rejects when the time is over or the run is cancelled; ends unsettled when it is no longer needed. */
function end(deadline: Deadline, unneeded: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = (): void => {
      reject(
        new Failure({ reason: 'github-unavailable', message: 'GitHub did not answer in time.' }),
      )
    }
    const timer = setTimeout(late, deadline.remainingMs())
    deadline.signal.addEventListener('abort', late, { once: true, signal: unneeded })
    unneeded.addEventListener('abort', () => {
      clearTimeout(timer)
    })
  })
}

async function pages<T>(get: (page: number) => Promise<{ data: T[] }>): Promise<T[]> {
  const found: T[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { data } = await get(page)
    found.push(...data)
    if (data.length < PER_PAGE) break
  }
  return found
}

function nameOf({ kind, number }: Commented): string {
  return `${kind} ${String(number)}`
}

function readOf({ kind }: Commented): Asked['permission'] {
  return kind === 'issue' ? 'issues: read' : 'pull-requests: read'
}

function writeOf({ kind }: Commented): Asked['permission'] {
  return kind === 'issue' ? 'issues: write' : 'pull-requests: write'
}
