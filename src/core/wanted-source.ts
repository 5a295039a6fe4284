import type { Difference } from './difference.ts'
import type { SourceSpec, TableSpec } from './model-source.ts'
import type { ObservedObject } from './observed.ts'
import { madeOf, sourceDifferences, tableDifferences } from './source-differences.ts'
import { alterSource, createSource, createTable, sourceSettings } from './sql-source.ts'
import type { Statement } from './sql.ts'
import { nothing, type Wanted } from './wanted-model.ts'

export function wantedSource(spec: SourceSpec): Wanted {
  return {
    ...nothing,
    kind: 'source',
    name: spec.name,
    keeping: spec,
    input: 'source',
    cluster: spec.cluster ?? null,
    made: madeOf(spec),
    create: [createSource(spec)],
    differences: (found, observed) => sourceDifferences(spec, found as ObservedObject, observed),
    alter: (differences) => settingChanges(spec, differences),
  }
}

/** Materialize takes one setting at a time. */
function settingChanges(spec: SourceSpec, differences: Difference[]): Statement[] {
  const settings = sourceSettings(spec)
  return differences.flatMap(({ attribute, means }) => {
    const option = attribute.toUpperCase().replaceAll('-', ' ')
    const isSetting = ['RETAIN HISTORY', 'TIMESTAMP INTERVAL'].includes(option)
    return isSetting && means === 'alter' ? [alterSource(spec.name, option, settings[option])] : []
  })
}

export function wantedTable(spec: TableSpec): Wanted {
  return {
    ...nothing,
    kind: 'table',
    name: spec.name,
    keeping: spec,
    input: 'spec',
    made: madeOf(spec),
    create: [createTable(spec)],
    differences: (found, observed) => tableDifferences(spec, found as ObservedObject, observed),
  }
}
