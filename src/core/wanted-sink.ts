import type { SinkSpec } from './model-sink.ts'
import type { ObservedObject } from './observed.ts'
import { sinkDifferences } from './sink-differences.ts'
import { alterSinkFrom, createSink } from './sql-sink.ts'
import { nothing, type Wanted } from './wanted-model.ts'

export function wantedSink(spec: SinkSpec): Wanted {
  return {
    ...nothing,
    kind: 'sink',
    name: spec.name,
    // Materialize has no grants on sinks.
    keeping: { ...spec, grants: [] },
    input: 'sink',
    cluster: spec.cluster ?? null,
    create: [createSink(spec)],
    differences: (found, observed) => sinkDifferences(spec, found as ObservedObject, observed),
    alter: (differences) =>
      differences.some(({ attribute, means }) => attribute === 'from' && means === 'alter')
        ? [alterSinkFrom(spec.name, spec.from)]
        : [],
  }
}
