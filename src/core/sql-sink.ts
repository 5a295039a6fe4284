import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import { formatClause, interval } from './sql-format.ts'
import { ident, inCluster, literal, qualified, statement, type Statement } from './sql.ts'

export function createSink(spec: SinkSpec): Statement {
  const enforced = spec.keyNotEnforced === true ? ' NOT ENFORCED' : ''
  const key = spec.key.length === 0 ? '' : ` KEY (${spec.key.map(ident).join(', ')})${enforced}`
  const headers = spec.headers === undefined ? '' : ` HEADERS ${ident(spec.headers)}`
  const snapshot = spec.snapshot === undefined ? '' : ` WITH (SNAPSHOT = ${String(spec.snapshot)})`
  return statement(
    `CREATE SINK ${qualified(spec.name)}${inCluster(spec.cluster)} FROM ${qualified(spec.from)}` +
      ` INTO KAFKA CONNECTION ${qualified(spec.connection)} (${kafkaOptions(spec).join(', ')})` +
      `${key}${headers}${formatClause(spec)} ENVELOPE ${spec.envelope.toUpperCase()}${snapshot}`,
  )
}

function kafkaOptions(spec: SinkSpec): string[] {
  const { topicConfig, metadataRefreshInterval, partitionBy } = spec
  const options = [`TOPIC ${literal(spec.topic)}`]
  const give = (name: string, value: string | undefined): void => {
    if (value !== undefined) options.push(`${name} ${value}`)
  }
  const text = (value: string | undefined) => (value === undefined ? undefined : literal(value))
  give('COMPRESSION TYPE', text(spec.compression))
  give('TRANSACTIONAL ID PREFIX', text(spec.transactionalIdPrefix))
  give('PROGRESS GROUP ID PREFIX', text(spec.progressGroupIdPrefix))
  // Its value may begin with a bracket, which only the sign sets apart.
  give('PARTITION BY =', partitionBy)
  give('TOPIC PARTITION COUNT', spec.topicPartitions?.toString())
  give('TOPIC REPLICATION FACTOR', spec.topicReplicationFactor?.toString())
  if (topicConfig && Object.keys(topicConfig).length > 0) {
    const entries = Object.entries(topicConfig).map(
      ([name, value]) => `${literal(name)} => ${literal(value)}`,
    )
    options.push(`TOPIC CONFIG MAP[${entries.join(', ')}]`)
  }
  if (metadataRefreshInterval !== undefined) {
    give('TOPIC METADATA REFRESH INTERVAL', interval(metadataRefreshInterval))
  }
  return options
}

export function alterSinkFrom(sink: QualifiedName, from: QualifiedName): Statement {
  return statement(`ALTER SINK ${qualified(sink)} SET FROM ${qualified(from)}`)
}
