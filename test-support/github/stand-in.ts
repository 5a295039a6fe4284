import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, Repository, type Seen, type Token } from './model.ts'
import { answerTo, answerToGraphql, notFound, type Request } from './routes.ts'

/**
 * A stand-in for GitHub’s REST API, for issues and comments of one repository: it refuses what GitHub
 * refuses. The action finds it by GITHUB_API_URL.
 */
export interface GitHubStandIn {
  /** For GITHUB_API_URL. */
  url: string
  repository: Repository
  /** By their texts. The runner’s own is RUNNER_TOKEN, which may write both. */
  tokens: Map<string, Token>
  /** What was asked, in order, with what was answered; 0: nothing. */
  requests: Seen[]
  /** Requests that change something, as `POST /repos/…`. */
  writes(): string[]
  /** What goes wrong with the next requests that begin so, for instance `POST /repos`. */
  disturb(begin: string, ...troubles: Trouble[]): void
  stop(): Promise<void>
}

/** taken: GitHub does what is asked and answers that it failed. silent: there is no answer. */
export type Trouble = 'secondary limit' | 'primary limit' | 'server error' | 'taken' | 'silent'

export const RUNNER_TOKEN = 'ghs_standInRunnerToken0123456789'
export const RUNNER_LOGIN = 'github-actions[bot]'

export interface GitHubOptions {
  /** `owner/name`; by default that of a run of the bundle. */
  repository?: string
  /** As GitHub Enterprise Server has it: `/api/v3`. */
  basePath?: string
}

export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const { repository: name = 'acme/shop', basePath = '' } = options
  const repository = new Repository()
  const tokens = new Map<string, Token>([
    [RUNNER_TOKEN, { login: RUNNER_LOGIN, issues: 'write', pullRequests: 'write' }],
  ])
  const requests: Seen[] = []
  const troubles: { begin: string; trouble: Trouble }[] = []
  let url = ''

  const answer = (asked: Omit<Request, 'token' | 'repository' | 'base'>, login: string): Answer => {
    const [scheme = '', secret = ''] = login.split(' ')
    if (login === '') return { status: 401, body: { message: 'Requires authentication' } }
    const token = /^(token|bearer)$/i.test(scheme) ? tokens.get(secret) : undefined
    if (!token) return { status: 401, body: { message: 'Bad credentials' } }
    if (asked.path === GRAPHQL) return answerToGraphql(asked.body['query'], token)
    if (!asked.path.startsWith(`/repos/${name}/`)) return notFound
    return answerTo({ ...asked, token, repository, base: url })
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://stand-in')
    const { method = 'GET', headers } = request
    const path = pathOf(pathname, basePath)
    const text = await textOf(request)
    const body = bodyOf(text)
    const seen: Seen = { method, path: path ?? pathname, body: body ?? {}, headers, status: 0 }
    requests.push(seen)
    const at = troubles.findIndex(({ begin }) => `${method} ${seen.path}`.startsWith(begin))
    const [disturbed] = at < 0 ? [] : troubles.splice(at, 1)
    if (disturbed?.trouble === 'silent') return
    const trouble = disturbed && TROUBLES[disturbed.trouble]
    const asked = { method, path: path ?? '', query, body: body ?? {} }
    // Of what GitHub takes and then answers with a failure, the failure alone is seen.
    const done: Answer =
      path === undefined
        ? notFound
        : trouble && disturbed.trouble !== 'taken'
          ? trouble()
          : body
            ? answer(asked, headers.authorization ?? '')
            : { status: 400, body: { message: 'Problems parsing JSON' } }
    const sent = disturbed?.trouble === 'taken' && trouble ? trouble() : done
    seen.status = sent.status
    response.writeHead(sent.status, {
      'content-type': 'application/json; charset=utf-8',
      'x-github-request-id': `STANDIN:${String(requests.length)}`,
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': String(1000 - requests.length),
      ...sent.headers,
    })
    response.end(JSON.stringify(sent.body))
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${basePath}`
  return {
    url,
    repository,
    tokens,
    requests,
    writes: () =>
      requests
        .filter(({ method, path }) => method !== 'GET' && path !== GRAPHQL)
        .map(({ method, path }) => `${method} ${path}`),
    disturb: (begin, ...more) => {
      troubles.push(...more.map((trouble) => ({ begin, trouble })))
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

const GRAPHQL = '/graphql'

/** Without the base path. GraphQL of GitHub Enterprise Server lies beside `v3`. */
function pathOf(pathname: string, basePath: string): string | undefined {
  if (pathname === `${basePath.replace(/\/v3$/, '')}${GRAPHQL}`) return GRAPHQL
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : undefined
}

const failed: () => Answer = () => ({ status: 502, body: { message: 'Server Error' } })

const TROUBLES: Record<Exclude<Trouble, 'silent'>, () => Answer> = {
  'secondary limit': () => ({
    status: 403,
    body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
    headers: { 'retry-after': '1' },
  }),
  'primary limit': () => ({
    status: 403,
    body: { message: 'API rate limit exceeded for installation.' },
    headers: {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1),
    },
  }),
  'server error': failed,
  taken: failed,
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function bodyOf(text: string): Record<string, unknown> | undefined {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
