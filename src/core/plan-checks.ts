import { digest } from './marker.ts'
import type { QualifiedName } from './model-object.ts'
import type { SourceSpec } from './model-source.ts'
import type { Spec } from './model.ts'
import { sameName } from './observed.ts'
import type { Plan, Step } from './plan.ts'
import { createSource } from './sql-source.ts'
import type { Statement } from './sql.ts'
import type { TopicStep } from './topics.ts'

/** How one step of a plan can be tried: by a statement whose transaction is rolled back, or not. */
export interface PlanCheck {
  step: Step
  statement?: Statement
  /** Why it cannot be tried. */
  why?: string
}

/**
 * What Materialize itself can be asked about a plan. Only CREATE SOURCE can be rolled back, and only
 * where all that it needs is there already.
 */
export function planChecks(
  spec: Spec,
  planned: Pick<Plan, 'steps'> & { topics: TopicStep[] },
): PlanCheck[] {
  const changing = planned.steps.filter((step) =>
    ['create', 'alter', 'replace'].includes(step.action),
  )
  return changing.map((step): PlanCheck => {
    const source = spec.sources.find(
      (one) => step.kind === 'source' && sameName(one.name, step.name),
    )
    if (!source) return { step, why: 'only new sources can be tried' }
    if (step.action === 'alter') return { step, why: 'only new sources can be tried' }
    const isChanging = (kind: Step['kind'], name: QualifiedName): boolean =>
      changing.some((other) => other.kind === kind && sameName(other.name, name))
    if (isChanging('connection', source.connection)) {
      return { step, why: 'its connection is to be made or changed first' }
    }
    if (
      changing.some(
        ({ kind, action, name }) =>
          kind === 'cluster' && action === 'create' && name.name === source.cluster,
      )
    ) {
      return { step, why: 'its cluster is to be made first' }
    }
    const topic = planned.topics.find(
      (one) => one.spec.name === source.topic && sameName(one.connection, source.connection),
    )
    if (topic?.action === 'create') return { step, why: 'its topic is to be made first' }
    return { step, statement: createSource(step.action === 'replace' ? standIn(source) : source) }
  })
}

/** The same source under another name, since the present one has the name and its progress’s still. */
function standIn(source: SourceSpec): SourceSpec {
  const name = `plan_check_${digest(source.name.name)}`
  return {
    ...source,
    name: { ...source.name, name },
    ...(source.progress && { progress: { ...source.progress, name: `${name}_progress` } }),
  }
}
