import type { SourceSpec } from './model-source.ts'
import { inCluster, literal, qualified, statement, type Statement } from './sql.ts'

export function createSource(spec: SourceSpec): Statement {
  // Without FORMAT, Materialize makes a source that has no rows of its own: it is always given.
  return statement(
    `CREATE SOURCE ${qualified(spec.name)}${inCluster(spec.cluster)}` +
      ` FROM KAFKA CONNECTION ${qualified(spec.connection)} (TOPIC ${literal(spec.topic)})` +
      ` FORMAT ${spec.format.toUpperCase()}`,
  )
}
