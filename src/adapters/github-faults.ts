import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/redact.ts'

/** What was asked of GitHub, and which permission of the token that takes. */
export interface Asked {
  /** Completes “to …”, for instance `open an issue`. */
  what: string
  permission:
    'none' | 'issues: read' | 'issues: write' | 'pull-requests: read' | 'pull-requests: write'
}

interface Answer {
  status?: unknown
  message?: unknown
  cause?: unknown
  response?: { headers?: Record<string, unknown>; data?: { message?: unknown } }
}

/** GitHub’s refusals that a permission would not mend. */
const BEYOND_PERMISSION = /archived|locked|blocked|issues (?:has been|are) disabled/i

/** What GitHub or the way there answered, as a Failure. */
export function githubFailure(thrown: unknown, { what, permission }: Asked): Failure {
  if (thrown instanceof Failure) return thrown
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Answer
  const status = typeof error.status === 'number' ? error.status : 0
  const words = oneLine(messageOf(error), 300)
  const fault = (reason: Failure['reason'], message: string, hint?: string): Failure =>
    new Failure({ reason, message, cause: thrown, ...(hint !== undefined && { hint }) })
  const said = `GitHub said (${String(status)}): ${words}`
  if (isLimited(error, status)) {
    return fault(
      'github-unavailable',
      `GitHub asks for fewer requests, so it was not asked to ${what}. ${said}`,
    )
  }
  if (status === 401) {
    return fault(
      'github-permission',
      `GitHub does not know the token, so it was not asked to ${what}. ${said}`,
      'Give github-token a token that is valid, or leave it out.',
    )
  }
  if ((status === 403 || status === 404) && !BEYOND_PERMISSION.test(words)) {
    return fault(
      'github-permission',
      `The token may not ${what}: that takes the permission ${permission}. ${said}`,
    )
  }
  if (status >= 400 && status < 500) {
    return fault('github-refused', `GitHub did not ${what}. ${said}`)
  }
  return new Failure({
    reason: 'github-unavailable',
    message: `GitHub could not be reached to ${what}: ${words}`,
    cause: thrown,
    // It may have done it all the same.
    retriable: true,
  })
}

/** Primary and secondary limits come as 403 or 429. */
function isLimited({ response }: Answer, status: number): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  const message = response?.data?.message
  return (
    response?.headers?.['x-ratelimit-remaining'] === '0' ||
    (typeof message === 'string' && /secondary rate|rate limit/i.test(message))
  )
}

function messageOf({ message, response, cause }: Answer): string {
  const said = response?.data?.message
  if (typeof said === 'string') return said
  const code = codeIn(cause)
  const words = typeof message === 'string' && message !== '' ? message : 'no words'
  return code === undefined ? words : `${words} (${code})`
}

/** The system’s own word, for instance ECONNREFUSED, which fetch keeps under its own error. */
function codeIn(cause: unknown, depth = 0): string | undefined {
  if (typeof cause !== 'object' || cause === null || depth > 3) return undefined
  const { code, cause: under } = cause as { code?: unknown; cause?: unknown }
  return typeof code === 'string' ? code : codeIn(under, depth + 1)
}
