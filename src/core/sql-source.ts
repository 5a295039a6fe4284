import type { QualifiedName } from './model-object.ts'
import type { Decoding, SourceSpec, TableSpec } from './model-source.ts'
import { columnList, decodingClauses, interval, retention } from './sql-format.ts'
import { ident, inCluster, literal, qualified, statement, type Statement } from './sql.ts'

export function createSource(spec: SourceSpec): Statement {
  const { startOffsets, startTimestamp, groupIdPrefix, metadataRefreshInterval } = spec
  const options = [`TOPIC ${literal(spec.topic)}`]
  if (groupIdPrefix !== undefined) options.push(`GROUP ID PREFIX ${literal(groupIdPrefix)}`)
  if (startOffsets) options.push(`START OFFSET (${startOffsets.map(String).join(', ')})`)
  if (startTimestamp !== undefined) options.push(`START TIMESTAMP ${String(startTimestamp)}`)
  if (metadataRefreshInterval !== undefined) {
    options.push(`TOPIC METADATA REFRESH INTERVAL ${interval(metadataRefreshInterval)}`)
  }
  const progress = spec.progress ? ` EXPOSE PROGRESS AS ${qualified(spec.progress)}` : ''
  return statement(
    `CREATE SOURCE ${qualified(spec.name)}${columnList(spec.columns)}${inCluster(spec.cluster)}` +
      ` FROM KAFKA CONNECTION ${qualified(spec.connection)} (${options.join(', ')})` +
      // Without FORMAT, Materialize makes a source that has no rows of its own: tables are made from it.
      (hasRows(spec) ? decodingClauses(spec) : '') +
      progress +
      withOptions(sourceSettings(spec)),
  )
}

/** Whether a source’s own relation holds rows, and not its progress. */
export function hasRows(spec: SourceSpec): spec is SourceSpec & Decoding {
  return spec.format !== undefined
}

export function createTable(spec: TableSpec): Statement {
  return statement(
    `CREATE TABLE ${qualified(spec.name)}${columnList(spec.columns)}` +
      ` FROM SOURCE ${qualified(spec.source)} (REFERENCE ${ident(spec.topic)})` +
      decodingClauses(spec) +
      withOptions(sourceSettings(spec)),
  )
}

/** Sets one of a source’s settings; undefined: back to its default. */
export function alterSource(
  name: QualifiedName,
  option: string,
  to: string | undefined,
): Statement {
  const change = to === undefined ? `RESET (${option})` : `SET (${option} = ${to})`
  return statement(`ALTER SOURCE ${qualified(name)} ${change}`)
}

/** What stands behind WITH, by option. */
export function sourceSettings(
  spec: Pick<SourceSpec, 'retainHistory' | 'timestampInterval'>,
): Record<string, string> {
  const { retainHistory, timestampInterval } = spec
  return {
    ...(timestampInterval !== undefined && {
      'TIMESTAMP INTERVAL': interval(timestampInterval),
    }),
    ...(retainHistory !== undefined && { 'RETAIN HISTORY': retention(retainHistory) }),
  }
}

function withOptions(options: Record<string, string>): string {
  const list = Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  return list.length === 0 ? '' : ` WITH (${list.join(', ')})`
}
