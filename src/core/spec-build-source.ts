import type { SourceSpec } from './model-source.ts'
import { PRIVILEGES_ON } from './spec-shape.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

/** A source of the file by its name. */
export function buildSource(
  scope: SpecScope,
  [name, { value }]: [string, Entry<'sources'>],
): SourceSpec {
  return {
    name: scope.own(name),
    connection: scope.connectionNamed(value.connection, scope.path('sources', name)),
    topic: value.topic?.value ?? '',
    format: value.format.value,
    ...scope.clusterOf(value),
    ...scope.keeping(value, { fit: PRIVILEGES_ON.source }),
  }
}
