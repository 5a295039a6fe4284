import type { Spec } from './model.ts'
import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import type { Spot } from './spec-read.ts'
import { feedbackOf, relationNamed } from './spec-references.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

/** A sink of the file by its name. */
export function buildSink(scope: SpecScope, [name, read]: [string, Entry<'sinks'>]): SinkSpec {
  const { value } = read
  const path = scope.path('sinks', name)
  const key = value.key?.value.map((column) => column.value) ?? []
  if (value.envelope.value === 'upsert' && key.length === 0 && !refusedKey(read)) {
    scope.faults.add(
      read.given.get('key') ?? read.keyAt,
      `${path}.key ${value.key ? 'is empty' : 'is missing'}, and the envelope upsert needs it`,
    )
  }
  return {
    name: scope.own(name),
    from: relationOf(scope, value.from, path),
    connection: scope.connectionNamed(value.connection, path),
    topic: value.topic?.value ?? '',
    format: value.format.value,
    envelope: value.envelope.value,
    key,
    ...scope.clusterOf(value),
    ...scope.keeping(value, { fit: [] }),
  }
}

/** What can be told of a sink only when everything else is known. */
export function checkSink(
  scope: SpecScope,
  sink: SinkSpec,
  { read, spec }: { read: Entry<'sinks'>; spec: Spec },
): void {
  const { from, topic } = read.value
  const path = scope.path('sinks', sink.name.name)
  const { database, schema, name } = sink.from
  const here = database === scope.within.database && schema === scope.within.schema
  const taken = (['connections', 'sinks'] as const).find((section) =>
    scope.file[section]?.given.has(name),
  )
  if (from && here && taken && !scope.relations.has(name)) {
    scope.faults.add(
      from.at,
      `${path}.from is ${scope.path(taken, name)}, which has no rows to write; name a source, table or materialized view`,
    )
  }
  const source = topic && feedbackOf(sink, spec)
  if (source) {
    scope.faults.add(
      topic.at,
      `${path}.topic is the topic that ${scope.path('sources', source.name.name)} reads, which the sink’s rows come from, so that every message would beget another; give another topic`,
    )
  }
}

function relationOf(scope: SpecScope, spot: Spot<string> | undefined, path: string): QualifiedName {
  if (!spot) return scope.own('')
  const parsed = relationNamed(spot.value, scope.relations, scope.within)
  if ('value' in parsed) return parsed.value
  scope.faults.refuse(spot.at, `${path}.from`, { ...parsed.refusal, quote: spot.value })
  return scope.own('')
}

/** Whether a key was given and could not be read, of which enough has been said. */
function refusedKey(read: Entry<'sinks'>): boolean {
  return read.given.has('key') && !read.value.key
}
