import type { QualifiedName } from './model-object.ts'
import type { Surroundings } from './names.ts'
import type { FailOn, Thresholds } from './verdicts.ts'

/** Objects to check by name alone. */
export interface Names {
  sources: QualifiedName[]
  sinks: QualifiedName[]
  /** All that use it. */
  connection?: QualifiedName
  /** All Kafka sources and sinks of the schema. */
  schema?: Surroundings
}

/** What mode verify takes for well. */
export interface Checks {
  thresholds: Thresholds
  failOn: FailOn
}
