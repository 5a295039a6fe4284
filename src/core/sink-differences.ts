import type { SinkDefinition, Value } from './definition-model.ts'
import { printValue, sameQuery } from './definition.ts'
import { type Difference, differs } from './difference.ts'
import { formatDifferences } from './format-differences.ts'
import type { SinkSpec } from './model-sink.ts'
import { findObject, type Observed, type ObservedObject } from './observed.ts'
import { asSpan, intervalText, optionDifferences } from './option-differences.ts'
import {
  clusterUsed,
  connectionUsed,
  definitionOf,
  referenceText,
  unaskedOptions,
} from './shared-differences.ts'
import { qualified } from './sql.ts'

export function sinkDifferences(
  spec: SinkSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const sink = found.sink ?? { type: 'unknown' }
  const definition = definitionOf(found, 'sink')
  const named = { key: sink.keyFormat, value: sink.valueFormat }
  return [
    ...fromDifferences(spec, found, observed),
    ...connectionUsed(spec, sink.connectionId, observed),
    ...differs('topic', { there: sink.topic, asked: spec.topic }, 'replace'),
    ...formatDifferences(spec, definition, { observed, named }),
    ...differs('envelope', { there: sink.envelope, asked: spec.envelope }, 'replace'),
    ...keyDifferences(spec, definition),
    ...optionsOf(spec, definition),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.into?.options, KNOWN),
    // VERSION is how the server counts ALTER SINK.
    ...unaskedOptions(definition?.with, ['VERSION', 'SNAPSHOT']),
  ]
}

function fromDifferences(spec: SinkSpec, found: ObservedObject, observed: Observed): Difference[] {
  const definition = definitionOf(found, 'sink')
  const from = findObject(observed, spec.from)
  // A registry is a connection, too.
  const reads = found.dependsOn.filter((id) => {
    const object = observed.objects.find((one) => one.id === id)
    return id !== found.sink?.connectionId && object?.type !== 'connection'
  })
  const present = observed.objects.find((object) => reads.includes(object.id))
  if (from !== undefined && reads.includes(from.id)) return []
  return differs(
    'from',
    {
      there: present ? qualified(present.name) : referenceText(definition?.from),
      asked: qualified(spec.from),
    },
    'alter',
  )
}

function keyDifferences(spec: SinkSpec, definition: SinkDefinition | undefined): Difference[] {
  const columns = (key: string[] | undefined): string | undefined =>
    key && key.length > 0 ? key.join(', ') : undefined
  const key = { there: columns(definition?.key?.columns), asked: columns(spec.key) }
  if (!definition) return differs('key', key, 'replace')
  const notEnforced = {
    there: String(definition.key?.notEnforced ?? false),
    asked: String(spec.keyNotEnforced ?? false),
  }
  return [
    ...differs('key', key, 'replace'),
    ...differs('key-not-enforced', notEnforced, 'replace'),
    ...differs('headers', { there: definition.headers, asked: spec.headers }, 'replace'),
  ]
}

const KNOWN = [
  'TOPIC',
  'COMPRESSION TYPE',
  'TRANSACTIONAL ID PREFIX',
  'PROGRESS GROUP ID PREFIX',
  'PARTITION BY',
  'TOPIC PARTITION COUNT',
  'TOPIC REPLICATION FACTOR',
  'TOPIC CONFIG',
  'TOPIC METADATA REFRESH INTERVAL',
]

function optionsOf(spec: SinkSpec, definition: SinkDefinition | undefined): Difference[] {
  const options = definition?.into?.options
  const config = Object.entries(spec.topicConfig ?? {}).map(([name, value]) => `${name}=${value}`)
  const within = { database: spec.name.database, schema: spec.name.schema }
  return [
    ...optionDifferences(options, [
      {
        attribute: 'compression',
        option: 'COMPRESSION TYPE',
        asked: spec.compression,
        byDefault: 'lz4',
      },
      {
        attribute: 'transactional-id-prefix',
        option: 'TRANSACTIONAL ID PREFIX',
        asked: spec.transactionalIdPrefix,
      },
      {
        attribute: 'progress-group-id-prefix',
        option: 'PROGRESS GROUP ID PREFIX',
        asked: spec.progressGroupIdPrefix,
      },
      {
        attribute: 'partition-by',
        option: 'PARTITION BY',
        asked: spec.partitionBy,
        read: (value) => {
          const there = printValue(value)
          const asked = spec.partitionBy ?? ''
          return sameQuery(`SELECT ${there}`, `SELECT ${asked}`, within) ? asked : there
        },
      },
      {
        attribute: 'topic-partitions',
        option: 'TOPIC PARTITION COUNT',
        asked: spec.topicPartitions?.toString(),
        byDefault: '-1',
      },
      {
        attribute: 'topic-replication-factor',
        option: 'TOPIC REPLICATION FACTOR',
        asked: spec.topicReplicationFactor?.toString(),
        byDefault: '-1',
      },
      {
        attribute: 'topic-config',
        option: 'TOPIC CONFIG',
        asked: config.length === 0 ? undefined : config.sort().join(', '),
        read: configText,
      },
    ]),
    ...asSpan(
      optionDifferences(options, [
        {
          attribute: 'metadata-refresh-interval',
          option: 'TOPIC METADATA REFRESH INTERVAL',
          asked: spec.metadataRefreshInterval?.toString(),
          byDefault: '30000',
          read: intervalText,
        },
      ]),
    ),
    ...optionDifferences(definition?.with, [
      {
        attribute: 'snapshot',
        option: 'SNAPSHOT',
        asked: spec.snapshot === undefined ? undefined : String(spec.snapshot),
        byDefault: 'true',
        read: (value) => (value.is === 'none' ? 'true' : printValue(value)),
      },
    ]),
  ]
}

function configText(value: Value): string {
  if (value.is !== 'map') return printValue(value)
  const text = (of: Value) => (of.is === 'string' ? of.value : printValue(of))
  return value.entries
    .map(([name, of]) => `${name}=${text(of)}`)
    .sort()
    .join(', ')
}
