import { type Difference, differs } from './difference.ts'
import type { Value } from './definition-model.ts'
import { decodingDifferences, forgotten, formatDifferences } from './format-differences.ts'
import type { SourceSpec, TableSpec } from './model-source.ts'
import type { Observed, ObservedObject } from './observed.ts'
import { asSpan, intervalText, optionDifferences } from './option-differences.ts'
import {
  clusterUsed,
  connectionUsed,
  definitionOf,
  referenceText,
  unaskedOptions,
  valueText,
} from './shared-differences.ts'
import { hasRows } from './sql-source.ts'
import { ident, qualified } from './sql.ts'

export function sourceDifferences(
  spec: SourceSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const source = found.source ?? { type: 'unknown' }
  const definition = definitionOf(found, 'source')
  const named = { key: source.keyFormat, value: source.valueFormat }
  const columns = (names: string[] | undefined) => names?.map(ident).join(', ')
  return [
    ...connectionUsed(spec, source.connectionId, observed),
    ...differs('topic', { there: source.topic, asked: spec.topic }, 'replace'),
    ...formatDifferences(hasRows(spec) ? spec : undefined, definition, { observed, named }),
    ...decodingDifferences(spec, definition, source.envelope),
    ...differs(
      'columns',
      { there: columns(definition?.columns), asked: definition && columns(spec.columns) },
      'replace',
    ),
    ...optionDifferences(definition?.from?.options, [
      { attribute: 'group-id-prefix', option: 'GROUP ID PREFIX', asked: spec.groupIdPrefix },
      // Of a start timestamp only the offsets are kept that it came to.
      ...(spec.startTimestamp === undefined
        ? [
            {
              attribute: 'start-offsets',
              option: 'START OFFSET',
              asked: offsetsText(spec.startOffsets?.map(String) ?? []),
              read: offsetsThere,
            },
          ]
        : []),
    ]),
    ...asSpan(
      optionDifferences(definition?.from?.options, [
        {
          attribute: 'metadata-refresh-interval',
          option: 'TOPIC METADATA REFRESH INTERVAL',
          asked: spec.metadataRefreshInterval?.toString(),
          byDefault: '30000',
          read: intervalText,
        },
      ]),
    ),
    ...progressDifferences(spec, found),
    ...settingDifferences(spec, definition?.with),
    ...madeDifferences(madeOf(spec), found),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.from?.options, [
      'TOPIC',
      'GROUP ID PREFIX',
      'START OFFSET',
      'TOPIC METADATA REFRESH INTERVAL',
    ]),
    ...unaskedOptions(definition?.with, ['RETAIN HISTORY', 'TIMESTAMP INTERVAL']),
  ]
}

export function tableDifferences(
  spec: TableSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const definition = definitionOf(found, 'table')
  const source = definition?.source
  const reads = observed.objects.find((object) => object.id === source?.id)
  const columns = spec.columns?.map(ident).join(' , ')
  return [
    ...differs(
      'source',
      {
        there: reads ? qualified(reads.name) : referenceText(source),
        asked: qualified(spec.source),
      },
      'replace',
    ),
    ...formatDifferences(spec, definition, { observed, named: {} }),
    ...decodingDifferences(spec, definition, undefined),
    ...differs('columns', { there: definition?.columns, asked: columns }, 'replace'),
    ...settingDifferences(spec, definition?.with).map((one) => ({
      ...one,
      means: 'replace' as const,
    })),
    ...madeDifferences(madeOf(spec), found),
    // DETAILS is the server’s own.
    ...unaskedOptions(definition?.with, ['DETAILS', 'RETAIN HISTORY', 'TIMESTAMP INTERVAL']),
  ]
}

/** What Materialize does not keep of the spec, for the mark. */
export function madeOf(spec: Partial<SourceSpec>): Record<string, string> {
  return {
    ...(spec.startTimestamp !== undefined && { 'start-timestamp': String(spec.startTimestamp) }),
    ...forgotten(spec),
  }
}

/** Against the mark, where there is one: nothing else tells. */
function madeDifferences(asked: Record<string, string>, found: ObservedObject): Difference[] {
  if (!found.marker) return []
  const there = found.marker.made ?? {}
  return [...new Set([...Object.keys(there), ...Object.keys(asked)])].flatMap((attribute) =>
    differs(attribute, { there: there[attribute], asked: asked[attribute] }, 'replace'),
  )
}

function settingDifferences(
  spec: Pick<SourceSpec, 'retainHistory' | 'timestampInterval'>,
  options: Parameters<typeof optionDifferences>[0],
): Difference[] {
  return asSpan(
    optionDifferences(options, [
      {
        attribute: 'retain-history',
        option: 'RETAIN HISTORY',
        asked: spec.retainHistory?.toString(),
        read: intervalText,
        means: 'alter',
      },
      {
        attribute: 'timestamp-interval',
        option: 'TIMESTAMP INTERVAL',
        asked: spec.timestampInterval?.toString(),
        byDefault: '1000',
        read: intervalText,
        means: 'alter',
      },
    ]),
  )
}

/** Any name that Materialize chose itself does; it adds to `<source>_progress` where that is taken. */
function progressDifferences(spec: SourceSpec, found: ObservedObject): Difference[] {
  const there = definitionOf(found, 'source')?.progress
  if (!there) return []
  const isOwn = there.name?.name.startsWith(`${spec.name.name}_progress`) === true
  if (!spec.progress && isOwn) return []
  return differs(
    'progress',
    { there: referenceText(there), asked: spec.progress && qualified(spec.progress) },
    'replace',
  )
}

/** Where a source began to read, by partition: what it was given, or what a time came to. */
export function startOf(found: ObservedObject | undefined): bigint[] {
  const value = found && definitionOf(found, 'source')?.from?.options['START OFFSET']
  const offsets = value?.is === 'list' ? value.values.map(valueText) : []
  return offsets.map((offset) => (/^\d+$/.test(offset) ? BigInt(offset) : 0n))
}

function offsetsThere(value: Value): string {
  return offsetsText(value.is === 'list' ? value.values.map(valueText) : [valueText(value)])
}

/** Partitions beyond the list begin at 0, and so may those of the list. */
function offsetsText(offsets: string[]): string {
  const last = offsets.findLastIndex((offset) => offset !== '0')
  return last < 0 ? 'none' : offsets.slice(0, last + 1).join(', ')
}
