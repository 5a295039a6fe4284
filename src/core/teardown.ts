import { Failure, type FailureFacts } from './failure.ts'
import type { Spec } from './model.ts'
import { type Observed, type ObservedObject, sameName } from './observed.ts'
import { emptyPlan, type Plan } from './plan.ts'
import { dependentsFirst, targetOf } from './targets.ts'
import * as sql from './sql.ts'
import type { Target } from './sql.ts'
import { wantedOf } from './wanted.ts'

/**
 * What takes a spec’s objects away again: only those that this action made, dependents first. What
 * others made from them stops it, unless it may go too.
 */
export function teardown(
  spec: Spec,
  observed: Observed,
  options: { repository: string; dropDependents: boolean },
): Plan {
  const result = emptyPlan()
  const isOurs = (found: { marker?: { repository: string } }): boolean =>
    found.marker?.repository === options.repository
  const wanted = wantedOf(spec)
  const named = observed.objects.filter((object) =>
    wanted.some((one) => one.kind !== 'cluster' && sameName(one.name, object.name)),
  )
  const ours = new Set(
    named.filter((object) => isOurs(object) || isNoted(object, observed, isOurs)),
  )
  for (const object of named) {
    if (!ours.has(object))
      result.notes.push(`${text(object)} was not made by this action: it stays.`)
  }
  const clusters = observed.clusters.filter(
    (cluster) => isOurs(cluster) && spec.clusters.some((one) => one.name === cluster.name),
  )
  const dependents = observed.objects.filter(
    (object) =>
      !ours.has(object) &&
      (clusters.some((cluster) => cluster.name === object.cluster) ||
        leadsTo(object, ours, observed)),
  )
  refuseDependents(result, { dependents, places: wanted, dropDependents: options.dropDependents })
  for (const object of dependentsFirst([...dependents, ...ours])) {
    const target = targetOf(object)
    result.drops.push({ target, statement: sql.dropAny(object.type, object.name) })
    result.steps.push({
      ...target,
      action: 'drop',
      ownership: ours.has(object) ? 'ours' : 'foreign',
      differences: [],
      statements: [],
      finish: [],
      id: object.id,
    })
  }
  for (const cluster of clusters) {
    const target = { kind: 'cluster', name: sql.clusterName(cluster.name) } as const
    result.drops.push({ target, statement: sql.drop(target) })
    result.steps.push({
      ...target,
      action: 'drop',
      ownership: 'ours',
      differences: [],
      statements: [],
      finish: [],
      id: cluster.id,
    })
  }
  return result
}

function isNoted(
  object: ObservedObject,
  observed: Observed,
  isOurs: (found: ObservedObject) => boolean,
): boolean {
  const target = targetOf(object)
  const note = `${target.kind}:${sql.targetName(target)}`
  return (
    object.comment === '' &&
    observed.objects.some((other) => isOurs(other) && other.marker?.making?.includes(note))
  )
}

/** What others made stops a teardown; it may only go where everything else of the spec lies. */
function refuseDependents(
  result: Plan,
  of: { dependents: ObservedObject[]; places: Target[]; dropDependents: boolean },
): void {
  const isElsewhere = ({ name }: ObservedObject): boolean =>
    !of.places.some((one) => one.name.database === name.database && one.name.schema === name.schema)
  const stopping = of.dropDependents ? of.dependents.filter(isElsewhere) : of.dependents
  if (stopping.length === 0) return
  refuse(result, {
    reason: 'dependents-exist',
    message: `Others depend on what would be dropped: ${stopping.map(text).join(', ')}.`,
    hint: of.dropDependents
      ? 'drop-dependents reaches only into the schema of the spec: drop these first. Nothing was dropped.'
      : 'Drop them first, or set drop-dependents to true to have those in the spec’s schema dropped too. Nothing was dropped.',
  })
}

/** Whether an object is made, directly or by others, from one of these. */
function leadsTo(
  object: ObservedObject,
  to: ReadonlySet<ObservedObject>,
  observed: Observed,
): boolean {
  const seen = new Set<string>()
  const visit = (one: ObservedObject): boolean => {
    if (seen.has(one.id)) return false
    seen.add(one.id)
    return one.dependsOn.some((id) => {
      const below = observed.objects.find((candidate) => candidate.id === id)
      return below !== undefined && (to.has(below) || visit(below))
    })
  }
  return visit(object)
}

function text(object: ObservedObject): string {
  return `${object.type} ${sql.qualified(object.name)}`
}

function refuse(plan: Plan, facts: FailureFacts): void {
  plan.refusals.push(new Failure(facts))
}
