import type { Spec } from './model.ts'
import type { SinkSpec } from './model-sink.ts'
import { sameName } from './observed.ts'
import { columnFaults } from './sink-columns.ts'
import { columnsOf, uniqueKeyOf } from './source-columns.ts'
import type { Spot } from './spec-read.ts'
import { sinkFormat, valuesOf } from './spec-build-format.ts'
import { times } from './spec-build-source.ts'
import { feedbackOf } from './spec-references.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

/** A sink of the file by its name. */
export function buildSink(scope: SpecScope, [name, read]: [string, Entry<'sinks'>]): SinkSpec {
  const { value } = read
  const path = scope.path('sinks', name)
  const key = value.key?.value.map((column) => column.value) ?? []
  checkKey(read, { scope, path })
  checkFormats(read, { scope, path })
  const from = value.from ? scope.relationNamed(value.from, `${path}.from`) : scope.own('')
  const at = (of: 'format' | 'key-format' | 'value-format') => {
    const format = value[of]
    return format && sinkFormat(format, { scope, path: `${path}.${of}`, from })
  }
  const keyFormat = at('key-format')
  const config = value['topic-config']?.value
  return {
    name: scope.own(name),
    from,
    connection: scope.connectionNamed(value.connection, path),
    topic: value.topic?.value ?? '',
    format: at('value-format') ?? at('format') ?? 'json',
    ...(keyFormat && { keyFormat }),
    envelope: value.envelope.value,
    key,
    ...valuesOf({
      keyNotEnforced: value['key-not-enforced'],
      headers: value.headers,
      partitionBy: value['partition-by'],
      topicPartitions: value['topic-partitions'],
      topicReplicationFactor: value['topic-replication-factor'],
      compression: value.compression,
      transactionalIdPrefix: value['transactional-id-prefix'],
      progressGroupIdPrefix: value['progress-group-id-prefix'],
      snapshot: value.snapshot,
    }),
    ...(config && {
      topicConfig: Object.fromEntries([...config].map(([one, spot]) => [one, spot.value])),
    }),
    ...times({ metadataRefreshInterval: value['metadata-refresh-interval'] }),
    ...scope.clusterOf(value),
    ...scope.keeping(value, { fit: [] }),
  }
}

interface Place {
  scope: SpecScope
  /** What messages call the sink. */
  path: string
}

/** What needs a key, and what needs the envelope upsert. */
function checkKey(read: Entry<'sinks'>, { scope, path }: Place): void {
  const { value, given } = read
  const { faults } = scope
  const upserts = value.envelope.value === 'upsert'
  if (!hasKey(read)) {
    if (upserts) {
      faults.add(
        given.get('key') ?? read.keyAt,
        `${path}.key ${value.key ? 'is empty' : 'is missing'}, and the envelope upsert needs it`,
      )
    }
    for (const needy of ['key-not-enforced', 'key-format']) {
      const at = given.get(needy)
      if (at !== undefined) faults.add(at, `${path}.${needy} has no use without key`)
    }
  }
  const at = given.get('headers')
  if (at !== undefined && !upserts) {
    faults.add(at, `${path}.headers needs the envelope upsert`)
  }
}

/** Also one that could not be read, of which enough has been said. */
function hasKey({ value, given }: Entry<'sinks'>): boolean {
  return value.key ? value.key.value.length > 0 : given.has('key')
}

function checkFormats(read: Entry<'sinks'>, { scope, path }: Place): void {
  const { value, given } = read
  const { faults } = scope
  for (const key of ['key-format', 'value-format'] as const) {
    const at = given.get(key)
    const other = key === 'key-format' ? 'value-format' : 'key-format'
    if (at === undefined) continue
    if (given.has('format')) {
      faults.add(
        at,
        `${path}.${key} and ${path}.format are both given; give ${key} and ${other}, or format alone`,
      )
    } else if (!given.has(other)) {
      faults.add(at, `${path}.${other} is missing, and ${key} needs it`)
    }
  }
  const keys = value.key?.value.length ?? 0
  for (const key of ['key-format', 'format'] as const) {
    const form = value[key]?.value.form
    if (keys < 2 || (form !== 'text' && form !== 'bytes')) continue
    faults.add(
      given.get(key) ?? read.at,
      `${path}.${key} ${form} writes one column, and key has ${String(keys)}`,
    )
  }
  for (const key of ['format', 'key-format', 'value-format'] as const) {
    const format = value[key]?.value
    if (format?.form === 'avro') checkNames(format.of, read, { scope, path: `${path}.${key}.avro` })
  }
}

/** Names of schemas come in pairs where there is a key. */
function checkNames(
  { given, at }: Pick<Spot<unknown>, 'given' | 'at'>,
  sink: Entry<'sinks'>,
  { scope, path }: Place,
): void {
  const names = ['key-fullname', 'value-fullname'] as const
  const [missing, ...more] = names.filter((name) => !given.has(name))
  if (!hasKey(sink)) {
    const useless = given.get('key-fullname')
    if (useless !== undefined) {
      scope.faults.add(useless, `${path}.key-fullname has no use without key`)
    }
  } else if (missing !== undefined && more.length === 0) {
    scope.faults.add(at, `${path}.${missing} is missing; a sink with a key names both schemas`)
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
  checkColumns(scope, sink, { read, spec })
  const source = topic && feedbackOf(sink, spec)
  if (source) {
    scope.faults.add(
      topic.at,
      `${path}.topic is the topic that ${scope.path('sources', source.name.name)} reads, which the sink’s rows come from, so that every message would beget another; give another topic`,
    )
  }
}

/** What can be told where the relation is a source or table of the file. */
function checkColumns(
  scope: SpecScope,
  sink: SinkSpec,
  { read, spec }: { read: Entry<'sinks'>; spec: Spec },
): void {
  const source = [...spec.sources, ...spec.tables].find((one) => sameName(one.name, sink.from))
  if (source?.format === undefined) return
  const path = scope.path('sinks', sink.name.name)
  const { given, at } = read
  const decoding = { ...source, format: source.format }
  const columns = columnsOf(decoding)
  const faults = columns ? columnFaults(sink, columns, (name) => scope.faults.show(name)) : []
  for (const { key, text } of faults)
    scope.faults.add(given.get(key) ?? at, `${path}.${key} ${text}`)
  const unique = uniqueKeyOf(decoding)
  if (sink.envelope !== 'upsert' || sink.keyNotEnforced || !unique || faults.length > 0) return
  if (sink.key.length === 0) return
  if (unique.length > 0 && unique.every((name) => sink.key.includes(name))) return
  const why =
    unique.length === 0
      ? 'whose rows nothing tells apart'
      : `whose rows only ${unique.map((name) => scope.faults.show(name)).join(', ')} tells apart`
  scope.faults.add(
    given.get('key') ?? at,
    `${path}.key is not unique in ${scope.faults.part(sink.from.name)}, ${why}; with key-not-enforced: true it is taken as it is`,
  )
}
