import { environmentTopics } from './core/environment.ts'
import { Failure } from './core/failure.ts'
import type { Inputs } from './core/model.ts'
import { type Observed, sameName } from './core/observed.ts'
import { plan } from './core/planner.ts'
import type { Target } from './core/sql.ts'
import { topicSteps } from './core/topics.ts'
import { type Granting, notesOf } from './grants.ts'
import type { Edges, Planned } from './work.ts'

/**
 * Plans the inputs’ spec, with what the inputs allow.
 * @param edges whose repository marks what is made.
 * @param of isPart: the spec is a part of the one that the inputs name.
 */
export function plannerOf(
  inputs: Inputs,
  edges: Pick<Edges, 'repository'>,
  of: { isPart?: true } = {},
): (now: Observed, granting?: Pick<Granting, 'acls' | 'shared'>) => Planned {
  const { spec, specFile, allowed, environment } = inputs
  return (now, { acls, shared } = { acls: [], shared: [] }) => {
    const topics = topicSteps(spec, now)
    const planned = plan(spec, now, {
      ...allowed,
      ...of,
      mayReplace: ({ kind, name }: Target) =>
        ['all', `${kind}s`, name.name].some((word) => allowed.replace.includes(word)),
      repository: edges.repository,
      ...(specFile === undefined ? {} : { specFile }),
      ...(environment && { environment }),
      newTopics: (connection) => [
        ...(environment ? environmentTopics(spec, environment.tag, connection) : []),
        ...topics.steps
          .filter((step) => step.action === 'create' && step.ours)
          .filter((step) => sameName(step.connection, connection))
          .map((step) => step.spec.name),
      ],
      newAcls: (connection) => notesOf([...acls, ...shared], connection),
    })
    planned.refusals.push(...topics.refusals.map((facts) => new Failure(facts)))
    return { ...planned, topics: topics.steps, acls }
  }
}
