import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import { ident, inCluster, literal, qualified, statement, type Statement } from './sql.ts'

export function createSink(spec: SinkSpec): Statement {
  const key = spec.key.length === 0 ? '' : ` KEY (${spec.key.map(ident).join(', ')})`
  return statement(
    `CREATE SINK ${qualified(spec.name)}${inCluster(spec.cluster)} FROM ${qualified(spec.from)}` +
      ` INTO KAFKA CONNECTION ${qualified(spec.connection)} (TOPIC ${literal(spec.topic)})${key}` +
      ` FORMAT ${spec.format.toUpperCase()} ENVELOPE ${spec.envelope.toUpperCase()}`,
  )
}

export function alterSinkFrom(sink: QualifiedName, from: QualifiedName): Statement {
  return statement(`ALTER SINK ${qualified(sink)} SET FROM ${qualified(from)}`)
}
