import type { SourceSpec } from './model-source.ts'
import type { ObservedObject } from './observed.ts'
import { sourceDifferences } from './source-differences.ts'
import { createSource } from './sql-source.ts'
import { nothing, type Wanted } from './wanted-model.ts'

export function wantedSource(spec: SourceSpec): Wanted {
  return {
    ...nothing,
    kind: 'source',
    name: spec.name,
    keeping: spec,
    input: 'source',
    cluster: spec.cluster ?? null,
    create: [createSource(spec)],
    differences: (found, observed) => sourceDifferences(spec, found as ObservedObject, observed),
  }
}
