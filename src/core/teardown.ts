import { Failure, type FailureFacts } from './failure.ts'
import { isOf } from './marker.ts'
import type { Spec } from './model.ts'
import { type Observed, type ObservedObject, sameName } from './observed.ts'
import { isNoted, marksOf } from './making.ts'
import { ownIdentifier } from './environment-names.ts'
import { emptyPlan, type Plan } from './plan.ts'
import { dependentsFirst, foundSchema, targetOf } from './targets.ts'
import * as sql from './sql.ts'
import type { Target } from './sql.ts'
import type { Found, FoundSchema } from './wanted-model.ts'
import { wantedOf } from './wanted.ts'

/**
 * What takes a spec’s objects away again: only those that this action made, dependents first. What
 * others made from them stops it, unless it may go too.
 */
export function teardown(
  spec: Spec,
  observed: Observed,
  options: {
    repository: string
    dropDependents: boolean
    /** Then everything goes that carries its mark, be it in the spec or no longer. */
    environment?: { name: string; tag: string }
  },
): Plan {
  const result = emptyPlan()
  const { repository, environment } = options
  const marks = marksOf(observed, repository)
  const isOurs = (found: Found): boolean =>
    isOf(found.marker, repository, environment?.name) ||
    isNoted({ target: targetOf(found), found }, marks)
  const wanted = wantedOf(spec)
  const isMarked = (found: Found): boolean =>
    environment !== undefined && isOf(found.marker, repository, environment.name)
  const schemas = schemasOf(spec, observed, isMarked)
  const named = observed.objects.filter(
    (object) =>
      isMarked(object) ||
      (isIn(schemas, object) && isOurs(object)) ||
      wanted.some((one) => isSchemas(one) && sameName(one.name, object.name)),
  )
  const ours = new Set(named.filter(isOurs))
  for (const object of named) {
    if (!ours.has(object))
      result.notes.push(`${text(object)} was not made by this action: it stays.`)
  }
  const isNamed = (name: string): boolean =>
    spec.clusters.some((one) => one.name === name) ||
    (environment !== undefined && name.endsWith(ownIdentifier('', environment.tag)))
  const clusters = observed.clusters.filter((one) => isOurs(one) && isNamed(one.name))
  const dependents = observed.objects.filter(
    (object) =>
      !ours.has(object) &&
      (clusters.some((cluster) => cluster.name === object.cluster) ||
        (isIn(schemas, object) && !isProgress(object)) ||
        leadsTo(object, ours, observed)),
  )
  refuseDependents(result, { dependents, places: wanted, dropDependents: options.dropDependents })
  for (const found of [...ours, ...clusters, ...schemas]) {
    // What a killed run has not marked: the note of it may be dropped before it is.
    if (found.marker === undefined) result.before.push(markOf(found, options))
  }
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
  for (const found of [...clusters, ...schemas]) {
    const target = targetOf(found)
    result.drops.push({ target, statement: sql.drop(target) })
    result.steps.push({
      ...target,
      action: 'drop',
      ownership: 'ours',
      differences: [],
      statements: [],
      finish: [],
      id: found.id,
    })
  }
  return result
}

/** It goes with its source: with both, if another run has dropped them while the catalog was read. */
function isProgress({ type, source }: ObservedObject): boolean {
  return type === 'source' && (source === undefined || source.type === 'progress')
}

/** Clusters and schemas are in no schema themselves. */
function isSchemas({ kind }: Target): boolean {
  return kind !== 'cluster' && kind !== 'schema'
}

/** An environment’s schema is known by its name, too, where a killed run has not marked it. */
function schemasOf(
  spec: Spec,
  observed: Observed,
  isMarked: (found: Found) => boolean,
): FoundSchema[] {
  return observed.schemas
    .map(foundSchema)
    .filter(
      (found) =>
        isMarked(found) ||
        (found.marker === undefined &&
          spec.schemas?.some((one) => one.name === found.name && one.database === found.database)),
    )
}

function isIn(schemas: FoundSchema[], { name }: ObservedObject): boolean {
  return schemas.some((one) => one.name === name.schema && one.database === name.database)
}

function markOf(
  found: Found,
  of: { repository: string; environment?: { name: string } },
): sql.Statement {
  const target = targetOf(found)
  const marker = {
    repository: of.repository,
    key: `${target.kind}:${target.name.name}`,
    ...(of.environment && { environment: of.environment.name }),
  }
  return sql.commentOn(target, { own: found.comment, marker })
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
      ? 'drop-dependents reaches only into the schema of the spec: drop these first. Nothing of the spec was dropped.'
      : 'Drop them first, or set drop-dependents to true to have those in the spec’s schema dropped too. Nothing of the spec was dropped.',
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
