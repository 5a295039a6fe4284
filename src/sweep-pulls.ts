import { isExpired, type Marked } from './core/environment-sweep.ts'
import { type Failure, survived } from './core/failure.ts'
import type { PullRequests } from './ports.ts'
import { note } from './observe.ts'
import type { Sweeping } from './sweep.ts'

/** Whether an environment is over, with why as a sentence; untold: GitHub does not say. */
export type Standing = { because: string } | 'stays' | 'untold'

/** Those of the environments that are over. Their time alone is enough; else GitHub is asked. */
export async function whatIsOver(
  all: Marked[],
  of: Sweeping,
): Promise<(Marked & { because: string })[]> {
  const { clock, pullRequests } = of.edges
  const asking = { now: clock.now(), pullRequests: pullRequests && once(pullRequests) }
  const over: (Marked & { because: string })[] = []
  const untold = new Set<number>()
  let failure: Failure | undefined
  for (const one of all) {
    let standing: Standing
    try {
      standing = await standingOf(one, asking)
    } catch (thrown) {
      // What is over by its time goes without a word of GitHub’s.
      failure = survived(thrown)
      asking.pullRequests = undefined
      standing = 'untold'
    }
    if (standing === 'untold') for (const pull of one.pulls) untold.add(pull)
    else if (standing !== 'stays') over.push({ ...one, ...standing })
  }
  if (untold.size > 0) noteUntold([...untold], { failure, ...of })
  return over
}

/** @param of now: milliseconds since the epoch. Rejects with GitHub’s Failure. */
export async function standingOf(
  one: Marked,
  of: { now: number; pullRequests?: PullRequests | undefined },
): Promise<Standing> {
  if (isExpired(one, of.now)) return { because: `It was to stay until ${one.until ?? ''}` }
  if (one.pulls.length === 0) return 'stays'
  const { pullRequests } = of
  if (!pullRequests) return 'untold'
  const states = await Promise.all(one.pulls.map((pull) => pullRequests.pullRequestState(pull)))
  if (states.includes('open')) return 'stays'
  if (states.includes('unknown')) return 'untold'
  return { because: `Closed: pull request ${numbers(one.pulls)}` }
}

/** Many environments may be of one pull request. */
function once(pullRequests: PullRequests): PullRequests {
  const asked = new Map<number, ReturnType<PullRequests['pullRequestState']>>()
  return {
    pullRequestState: (pull) => {
      const answer = asked.get(pull) ?? pullRequests.pullRequestState(pull)
      asked.set(pull, answer)
      return answer
    },
  }
}

function noteUntold(pulls: number[], of: Sweeping & { failure: Failure | undefined }): void {
  const why =
    of.failure?.message ??
    (of.edges.pullRequests
      ? 'The token may not see them, which takes the permission pull-requests: read, or there are none of these numbers.'
      : 'There is no github-token with the permission pull-requests: read.')
  const text = `Whether pull request ${numbers(pulls)} is closed is not known: what was made for it stays until its time is over. ${why}`
  note(text, of)
}

function numbers(pulls: number[]): string {
  return pulls.map(String).join(', ')
}
