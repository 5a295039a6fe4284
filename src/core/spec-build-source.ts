import type { SourceSpec, TableSpec } from './model-source.ts'
import { decodingOf, refuseDecoding } from './spec-build-decoding.ts'
import { valuesOf } from './spec-build-format.ts'
import { unknownName } from './spec-references.ts'
import { PRIVILEGES_ON } from './spec-shape.ts'
import { millisecondsOf } from './spec-texts-format.ts'
import { keysOf, type Entry, type SpecScope } from './spec-scope.ts'

/** A source of the file by its name. */
export function buildSource(
  scope: SpecScope,
  [name, read]: [string, Entry<'sources'>],
): SourceSpec {
  const { value } = read
  const path = scope.path('sources', name)
  const table = scope.tableOf(name)
  if (table !== undefined) refuseDecoding(read, { scope, path, table: scope.path('tables', table) })
  checkStart(scope, [name, read])
  return {
    name: scope.own(name),
    connection: scope.connectionNamed(value.connection, path),
    topic: value.topic?.value ?? '',
    ...(table === undefined && decodingOf(read, { scope, path })),
    ...valuesOf({ groupIdPrefix: value['group-id-prefix'] }),
    ...(value['start-offsets'] && {
      startOffsets: value['start-offsets'].value.map((offset) => offset.value),
    }),
    ...(value['start-timestamp'] && { startTimestamp: Number(value['start-timestamp'].value) }),
    ...(value.progress && { progress: scope.own(value.progress.value) }),
    ...times({
      metadataRefreshInterval: value['metadata-refresh-interval'],
      retainHistory: value['retain-history'],
      timestampInterval: value['timestamp-interval'],
    }),
    ...valuesOf({ copyFirst: value['copy-first'], canary: value.canary }),
    ...scope.clusterOf(value),
    ...scope.keeping(value, { fit: PRIVILEGES_ON.source }),
  }
}

/** A table of the file by its name. */
export function buildTable(scope: SpecScope, [name, read]: [string, Entry<'tables'>]): TableSpec {
  const { value } = read
  const path = scope.path('tables', name)
  const { source } = value
  const { sources } = scope.file
  const show = (text: string) => scope.faults.show(text)
  const unknown = source && unknownName(source.value, keysOf(sources), show)
  if (source && unknown !== undefined) {
    scope.faults.add(
      source.at,
      `${path}.source ${show(source.value)} is not among sources; ${unknown}`,
    )
  }
  return {
    name: scope.own(name),
    source: scope.own(source?.value ?? ''),
    topic: (source && sources?.value.get(source.value)?.value.topic?.value) ?? '',
    ...decodingOf(read, { scope, path }),
    ...times({ retainHistory: value['retain-history'] }),
    ...scope.keeping(value, { fit: PRIVILEGES_ON.table }),
  }
}

/** Durations that were given, in milliseconds. */
export function times<N extends string>(
  spots: Record<N, { value: string } | undefined>,
): Partial<Record<N, number>> {
  const values: Partial<Record<N, number>> = {}
  for (const name of Object.keys(spots) as N[]) {
    const spot = spots[name]
    if (spot) values[name] = millisecondsOf(spot.value)
  }
  return values
}

function checkStart(scope: SpecScope, [name, read]: [string, Entry<'sources'>]): void {
  const { value, given } = read
  const path = scope.path('sources', name)
  const at = given.get('start-offsets')
  if (at === undefined) return
  if (given.has('copy-first')) {
    scope.faults.add(
      at,
      `${path}.start-offsets and ${path}.copy-first are both given; the copy has offsets of its own`,
    )
  }
  if (given.has('start-timestamp')) {
    scope.faults.add(
      at,
      `${path}.start-offsets and ${path}.start-timestamp are both given; give one of them`,
    )
  }
  const { topic, connection } = value
  const made = topic && scope.file.topics?.value.get(topic.value)?.value
  const offsets = value['start-offsets']?.value.length ?? 0
  if (!made || made.connection?.value !== connection?.value) return
  const partitions = made.partitions.value
  if (offsets > partitions) {
    scope.faults.add(
      at,
      `${path}.start-offsets has ${String(offsets)} offsets, and ${scope.path('topics', topic.value)} has ${String(partitions)} partition(s)`,
    )
  }
}
