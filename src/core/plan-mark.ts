import type { Marker } from './marker.ts'
import type { PlanOptions } from './plan.ts'
import type { Target } from './sql.ts'
import type { Wanted } from './wanted-model.ts'

/** The mark of what a plan makes, without what is known of the object itself. */
export function markFor(
  of: Target & Partial<Pick<Wanted, 'query' | 'made'>>,
  options: PlanOptions,
): Marker {
  const { repository, specFile, canary, environment } = options
  const until = untilOf(options, of)
  const pull = pullOf(options, of)
  const key = canary ? `canary:${canary.id}` : `${of.kind}:${of.name.name}`
  return {
    repository,
    key,
    ...(specFile === undefined ? {} : { spec: specFile }),
    ...(environment && { environment: environment.name }),
    ...(until === undefined ? {} : { until }),
    ...(pull === undefined ? {} : { pull }),
    ...(Object.keys(of.made ?? {}).length === 0 ? {} : { made: of.made }),
    ...(of.query === undefined ? {} : { query: of.query }),
  }
}

/** Of an environment its schema alone says it: one comment is written anew in each run. */
export function untilOf(
  { canary, environment }: PlanOptions,
  { kind }: Target,
): string | undefined {
  return canary?.until ?? (kind === 'schema' ? environment?.until : undefined)
}

/** Likewise, whose pull request it is. */
export function pullOf({ environment }: PlanOptions, { kind }: Target): number | undefined {
  return kind === 'schema' ? environment?.pull : undefined
}
