import type { Answer, Comment, Item, Repository, Token } from './model.ts'

/** What GitHub answers to each request that this action sends, and to what is wrong with one. */

export interface Request {
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
  token: Token
  repository: Repository
  /** For links, with the base path. */
  base: string
}

type Handler = (request: Request, number: number) => Answer

interface Route {
  method: string
  path: RegExp
  answer: Handler
}

const LONGEST_BODY = 65_536
const LONGEST_TITLE = 256
const REPO = '/repos/[^/]+/[^/]+'

export const notFound: Answer = { status: 404, body: { message: 'Not Found' } }

const ROUTES: Route[] = [
  { method: 'GET', path: new RegExp(`^${REPO}/issues$`), answer: listIssues },
  { method: 'POST', path: new RegExp(`^${REPO}/issues$`), answer: createIssue },
  { method: 'PATCH', path: new RegExp(`^${REPO}/issues/(\\d+)$`), answer: updateIssue },
  { method: 'GET', path: new RegExp(`^${REPO}/issues/(\\d+)/comments$`), answer: listComments },
  { method: 'POST', path: new RegExp(`^${REPO}/issues/(\\d+)/comments$`), answer: createComment },
  { method: 'PATCH', path: new RegExp(`^${REPO}/issues/comments/(\\d+)$`), answer: updateComment },
  { method: 'GET', path: new RegExp(`^${REPO}/pulls/(\\d+)$`), answer: getPull },
]

export function answerTo(request: Request): Answer {
  for (const { method, path, answer } of ROUTES) {
    const match = path.exec(request.path)
    if (match && method === request.method) return answer(request, Number(match[1] ?? 0))
  }
  return notFound
}

/** GraphQL, of which one question is known. */
export function answerToGraphql(query: unknown, token: Token): Answer {
  if (
    typeof query === 'string' &&
    /^\s*(query\s*)?\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*$/.test(query)
  ) {
    return { status: 200, body: { data: { viewer: { login: token.login } } } }
  }
  return { status: 200, body: { errors: [{ message: 'The stand-in knows the viewer alone.' }] } }
}

function listIssues({ query, token, repository, base, path }: Request): Answer {
  if (!repository.issuesAreOn) return issuesAreOff
  if (!token.issues) return lacking('issues=read')
  const state = query.get('state') ?? 'open'
  if (!['open', 'closed', 'all'].includes(state)) return invalid('Issue', 'state', 'invalid')
  const creator = query.get('creator')
  const found = repository.items
    .filter((item) => state === 'all' || item.state === state)
    .filter((item) => creator === null || item.author === creator)
    .sort((a, b) => (query.get('direction') === 'asc' ? a.number - b.number : b.number - a.number))
  return paged(found.map(shownItem), { query, at: base + path })
}

function createIssue({ body, token, repository }: Request): Answer {
  if (!repository.issuesAreOn) return issuesAreOff
  if (token.issues !== 'write') return lacking('issues=write')
  const { title } = body
  if (typeof title !== 'string' || title.trim() === '')
    return invalid('Issue', 'title', 'missing_field')
  if (title.length > LONGEST_TITLE) return tooLong('Issue', 'title', LONGEST_TITLE)
  const text = typeof body['body'] === 'string' ? body['body'] : ''
  if (text.length > LONGEST_BODY) return tooLong('Issue', 'body', LONGEST_BODY)
  const item = repository.add({ kind: 'issue', title, body: text, author: token.login })
  return { status: 201, body: shownItem(item) }
}

const STATE_REASONS = ['completed', 'not_planned', 'duplicate', 'reopened', null]

function updateIssue({ body, token, repository }: Request, number: number): Answer {
  const item = repository.item(number)
  if (!item) return notFound
  if (!repository.issuesAreOn) return issuesAreOff
  if (token.issues !== 'write') return lacking('issues=write')
  const { state = item.state, state_reason: why = item.state_reason } = body
  if (state !== 'open' && state !== 'closed') return invalid('Issue', 'state', 'invalid')
  if (why !== null && !STATE_REASONS.includes(why as string)) {
    return invalid('Issue', 'state_reason', 'invalid')
  }
  const text = typeof body['body'] === 'string' ? body['body'] : item.body
  if (text.length > LONGEST_BODY) return tooLong('Issue', 'body', LONGEST_BODY)
  Object.assign(item, { state, state_reason: why, body: text })
  return { status: 200, body: shownItem(item) }
}

function listComments(request: Request, number: number): Answer {
  const { query, token, repository, base, path } = request
  const item = repository.item(number)
  if (!item) return notFound
  const may = token.issues ?? (item.kind === 'pull request' ? token.pullRequests : undefined)
  if (!may) return lacking('issues=read; pull_requests=read')
  return paged(item.comments.map(shownComment), { query, at: base + path })
}

function createComment({ body, token, repository }: Request, number: number): Answer {
  const item = repository.item(number)
  if (!item) return notFound
  if (!mayWriteTo(item, token)) return lacking('issues=write; pull_requests=write')
  if (item.locked) {
    return {
      status: 403,
      body: { message: 'Unable to create comment because issue is locked.' },
    }
  }
  const refused = refusedText(body['body'])
  if (refused) return refused
  const comment = repository.comment(item, { author: token.login, body: String(body['body']) })
  return { status: 201, body: shownComment(comment) }
}

function updateComment({ body, token, repository }: Request, id: number): Answer {
  const found = repository.commentOf(id)
  if (!found) return notFound
  if (!mayWriteTo(found.item, token)) return lacking('issues=write; pull_requests=write')
  const refused = refusedText(body['body'])
  if (refused) return refused
  found.comment.body = String(body['body'])
  return { status: 200, body: shownComment(found.comment) }
}

function getPull({ token, repository }: Request, number: number): Answer {
  const item = repository.item(number)
  if (!token.pullRequests) return lacking('pull_requests=read')
  if (item?.kind !== 'pull request') return notFound
  return { status: 200, body: { number, state: item.state, title: item.title } }
}

function mayWriteTo(item: Item, token: Token): boolean {
  return (
    token.issues === 'write' || (item.kind === 'pull request' && token.pullRequests === 'write')
  )
}

function refusedText(text: unknown): Answer | undefined {
  if (typeof text !== 'string' || text.trim() === '') {
    return invalid('IssueComment', 'body', 'missing_field')
  }
  return text.length > LONGEST_BODY ? tooLong('IssueComment', 'body', LONGEST_BODY) : undefined
}

const issuesAreOff: Answer = {
  status: 410,
  body: { message: 'Issues has been disabled in this repository.' },
}

function lacking(permissions: string): Answer {
  return {
    status: 403,
    body: { message: 'Resource not accessible by integration', status: '403' },
    headers: { 'x-accepted-github-permissions': permissions },
  }
}

function invalid(resource: string, field: string, code: string): Answer {
  return {
    status: 422,
    body: { message: 'Validation Failed', errors: [{ resource, field, code }] },
  }
}

function tooLong(resource: string, field: string, most: number): Answer {
  const message = `${field} is too long (maximum is ${String(most)} characters)`
  return {
    status: 422,
    body: { message: 'Validation Failed', errors: [{ resource, field, code: 'custom', message }] },
  }
}

function paged(all: unknown[], of: { query: URLSearchParams; at: string }): Answer {
  const size = Math.min(100, Number(of.query.get('per_page') ?? 30))
  const page = Number(of.query.get('page') ?? 1)
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (rel: string, to: number): string => {
    const query = new URLSearchParams(of.query)
    query.set('page', String(to))
    return `<${of.at}?${query.toString()}>; rel="${rel}"`
  }
  const links = page < last ? [link('next', page + 1), link('last', last)] : []
  return {
    status: 200,
    body: all.slice((page - 1) * size, page * size),
    ...(links.length > 0 && { headers: { link: links.join(', ') } }),
  }
}

const userOf = (login: string) => ({ login, type: login.endsWith('[bot]') ? 'Bot' : 'User' })

function shownItem({ kind, author, comments, ...item }: Item) {
  return {
    ...item,
    id: 900_000 + item.number,
    user: userOf(author),
    comments: comments.length,
    ...(kind === 'pull request' && { pull_request: { url: '' } }),
  }
}

function shownComment({ author, ...comment }: Comment) {
  return { ...comment, user: userOf(author) }
}
