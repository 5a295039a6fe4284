import type { SinkFormat, SourceFormat } from '../../src/core/model-format.ts'
import type { QualifiedName } from '../../src/core/model-object.ts'
import type { SinkSpec } from '../../src/core/model-sink.ts'
import type { Decoding, Include, SourceSpec, TableSpec } from '../../src/core/model-source.ts'
import type { Spec } from '../../src/core/model.ts'
import { qualified } from '../../src/core/sql.ts'

/** Specs written back as the file that would say them. */

const span = (ms: number | undefined) => (ms === undefined ? undefined : `${String(ms)}ms`)

/** Without what was not given. */
function given(keys: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined))
}

function readFormat(format: SourceFormat): unknown {
  if (typeof format === 'string' || 'regex' in format) return format
  if ('csv' in format) {
    const { columns, delimiter } = format.csv
    return {
      csv: given({ [typeof columns === 'number' ? 'columns' : 'header']: columns, delimiter }),
    }
  }
  if ('protobuf' in format) {
    const { protobuf } = format
    return 'registry' in protobuf
      ? { protobuf: { registry: protobuf.registry.name } }
      : { protobuf: { message: protobuf.message, schema: protobuf.descriptors } }
  }
  const { avro } = format
  return 'registry' in avro
    ? {
        avro: given({
          registry: avro.registry.name,
          'key-strategy': avro.keyStrategy,
          'value-strategy': avro.valueStrategy,
        }),
      }
    : { avro: given({ schema: avro.schema, 'wire-format': avro.wireFormat }) }
}

function writtenFormat(format: SinkFormat): unknown {
  if (typeof format === 'string') return format
  const { registry, docs, ...avro } = format.avro
  return {
    avro: given({
      registry: registry.name,
      'key-fullname': avro.keyFullname,
      'value-fullname': avro.valueFullname,
      'null-defaults': avro.nullDefaults,
      'key-compatibility': avro.keyCompatibility,
      'value-compatibility': avro.valueCompatibility,
      docs: docs.map(({ type, ...doc }) => ({ ...doc, type: qualified(type) })),
    }),
  }
}

/** Key and value apart, or one for both. */
function formats<F>(one: { format?: F; keyFormat?: F }, text: (format: F) => unknown) {
  const { format, keyFormat } = one
  if (format === undefined) return {}
  return keyFormat === undefined
    ? { format: text(format) }
    : { 'key-format': text(keyFormat), 'value-format': text(format) }
}

function includeText(include: Include): unknown {
  if ('header' in include) {
    const { header, as, bytes } = include
    return { header: { name: header, as, bytes } }
  }
  const { kind, as } = include
  return as === undefined ? kind : { [kind]: { as } }
}

function decodingKeys(of: Partial<Decoding>): Record<string, unknown> {
  const { include, envelope, inlineErrors, columns } = of
  const errors = inlineErrors?.as === undefined ? 'inline' : { inline: { as: inlineErrors.as } }
  return {
    ...formats(of, readFormat),
    ...given({
      include: include?.map(includeText),
      envelope: inlineErrors ? { upsert: { 'decoding-errors': errors } } : envelope,
      columns,
    }),
  }
}

const kept = ({ comment, owner, grants }: Pick<SourceSpec, 'comment' | 'owner' | 'grants'>) =>
  given({ comment, owner, grants })

const sourceKeys = (one: SourceSpec) => ({
  connection: one.connection.name,
  topic: one.topic,
  ...decodingKeys(one),
  ...given({
    'start-offsets': one.startOffsets,
    'start-timestamp': one.startTimestamp,
    'group-id-prefix': one.groupIdPrefix,
    'metadata-refresh-interval': span(one.metadataRefreshInterval),
    progress: one.progress?.name,
    'retain-history': span(one.retainHistory),
    'timestamp-interval': span(one.timestampInterval),
    cluster: one.cluster,
  }),
  ...kept(one),
})

const tableKeys = (one: TableSpec) => ({
  source: one.source.name,
  ...decodingKeys(one),
  ...given({ 'retain-history': span(one.retainHistory) }),
  ...kept(one),
})

const sinkKeys = (one: SinkSpec, from: string) => ({
  from,
  connection: one.connection.name,
  topic: one.topic,
  ...formats(one, writtenFormat),
  envelope: one.envelope,
  key: one.key,
  ...given({
    'key-not-enforced': one.keyNotEnforced,
    headers: one.headers,
    'partition-by': one.partitionBy,
    'topic-partitions': one.topicPartitions,
    'topic-replication-factor': one.topicReplicationFactor,
    'topic-config': one.topicConfig,
    compression: one.compression,
    'transactional-id-prefix': one.transactionalIdPrefix,
    'progress-group-id-prefix': one.progressGroupIdPrefix,
    'metadata-refresh-interval': span(one.metadataRefreshInterval),
    snapshot: one.snapshot,
    cluster: one.cluster,
  }),
  ...kept(one),
})

function byName<T extends { name: QualifiedName }>(all: T[], keys: (one: T) => unknown) {
  return Object.fromEntries(all.map((one) => [one.name.name, keys(one)]))
}

/** A spec as the contents of a file, and the variables that it names. */
export function contentsOf(asked: Spec): { contents: unknown; env: Record<string, string> } {
  const env: Record<string, string> = {}
  const variable = (value: string) => {
    const named = `V_${String(Object.keys(env).length)}`
    env[named] = value
    return { env: named }
  }
  const login = (of: { username?: string; password?: string }) => ({
    ...(of.username !== undefined && { username: variable(of.username) }),
    ...(of.password !== undefined && { password: variable(of.password) }),
  })
  const own = new Set([...asked.sources, ...asked.views].map((one) => qualified(one.name)))
  const factor = (value: number | undefined) =>
    value === undefined ? {} : { 'replication-factor': value }
  const contents = {
    connections: byName(asked.connections, ({ kafka, registry, ...one }) => {
      if (registry) return { registry: { url: registry.url, ...login(registry) }, ...kept(one) }
      if (!kafka) return kept(one)
      const { sasl, ...plain } = kafka
      const mechanism = sasl && { mechanism: sasl.mechanism }
      return { kafka: { ...plain, ...mechanism, ...login(sasl ?? {}) }, ...kept(one) }
    }),
    clusters: Object.fromEntries(
      asked.clusters.map(({ name: key, replicationFactor, ...one }) => [
        key,
        { ...one, ...factor(replicationFactor) },
      ]),
    ),
    topics: Object.fromEntries(
      asked.topics.map(({ name: key, connection, replicationFactor, ...one }) => [
        key,
        { ...one, connection: connection.name, ...factor(replicationFactor) },
      ]),
    ),
    sources: byName(asked.sources, sourceKeys),
    tables: byName(asked.tables, tableKeys),
    // The file’s order of views says nothing.
    views: byName(asked.views.toReversed(), ({ name: _, ...one }) => one),
    sinks: byName(asked.sinks, (one) =>
      sinkKeys(one, own.has(qualified(one.from)) ? one.from.name : qualified(one.from)),
    ),
    defaults: {
      database: asked.connections[0]?.name.database,
      schema: asked.connections[0]?.name.schema,
    },
  }
  return { contents, env }
}
