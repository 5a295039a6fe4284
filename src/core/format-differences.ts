import type { Envelope, Format, Formats, Include, Options, Value } from './definition-model.ts'
import { printValue } from './definition.ts'
import { tokenize } from './definition-tokens.ts'
import { type Difference, differs } from './difference.ts'
import {
  type AvroSinkFormat,
  formatName,
  type SinkFormat,
  type SourceFormat,
  type Strategy,
} from './model-format.ts'
import type { Decoding, Include as AskedInclude } from './model-source.ts'
import { digest } from './marker.ts'
import type { Observed } from './observed.ts'
import { brief } from './option-differences.ts'
import { referenceText, valueText } from './shared-differences.ts'
import { qualified } from './sql.ts'

/** In what formats, includes and envelopes are not those asked for. */

/** Options of a format as text, by the spec’s keys. What is absent is not given. */
type Parts = Record<string, string | undefined>

interface Asked {
  format: SourceFormat | SinkFormat
  keyFormat?: SourceFormat | SinkFormat
}

/** `named`: the catalog’s words for the formats, where the definition was not read. */
export function formatDifferences(
  asked: Asked | undefined,
  there: Formats | undefined,
  of: { observed: Observed; named: { key?: string | undefined; value?: string | undefined } },
): Difference[] {
  const { observed, named } = of
  if (!there) {
    return differs(
      'format',
      { there: named.value, asked: asked && formatName(asked.format) },
      'replace',
    )
  }
  const value = there.valueFormat ?? there.format
  if (!asked) return differs('format', { there: value?.name, asked: undefined }, 'replace')
  const attribute = asked.keyFormat ? 'value-format' : 'format'
  return [
    ...oneFormat('key-format', { asked: asked.keyFormat, there: there.keyFormat }, observed),
    ...oneFormat(attribute, { asked: asked.format, there: value }, observed),
  ]
}

function oneFormat(
  attribute: string,
  formats: { asked: SourceFormat | SinkFormat | undefined; there: Format | undefined },
  observed: Observed,
): Difference[] {
  const { asked, there } = formats
  const name = asked && formatName(asked)
  if (!asked || !there || name !== there.name) {
    return differs(attribute, { there: there?.name, asked: name }, 'replace')
  }
  const [has, wants] = [partsThere(there, observed), partsAsked(asked)]
  const keys = [...new Set([...Object.keys(wants), ...Object.keys(has)])]
  return keys.flatMap((key) =>
    differs(`${attribute}.${key}`, { there: has[key], asked: wants[key] }, 'replace').map(
      (one) => ({
        ...one,
        there: brief(one.there),
        asked: brief(one.asked),
      }),
    ),
  )
}

function partsAsked(format: SourceFormat | SinkFormat): Parts {
  if (typeof format === 'string') return {}
  if ('csv' in format) {
    const { columns, delimiter = ',' } = format.csv
    return {
      'csv.columns': typeof columns === 'number' ? String(columns) : undefined,
      'csv.header': typeof columns === 'number' ? undefined : columns.join(', '),
      'csv.delimiter': delimiter,
    }
  }
  if ('regex' in format) return { regex: format.regex }
  if ('protobuf' in format) {
    const { protobuf } = format
    return 'registry' in protobuf
      ? { 'protobuf.registry': qualified(protobuf.registry) }
      : { 'protobuf.message': protobuf.message, 'protobuf.schema': protobuf.descriptors }
  }
  const { avro } = format
  if ('docs' in avro) return sinkParts(avro)
  if ('registry' in avro) return { 'avro.registry': qualified(avro.registry) }
  const { schema, wireFormat = true } = avro
  return { 'avro.schema': sameJson(schema), 'avro.wire-format': String(wireFormat) }
}

function sinkParts(avro: AvroSinkFormat): Parts {
  const docs = avro.docs.map(({ only, column, text }) => docText(only, column, text))
  return {
    'avro.registry': qualified(avro.registry),
    'avro.key-fullname': avro.keyFullname,
    'avro.value-fullname': avro.valueFullname,
    'avro.null-defaults': avro.nullDefaults === true ? 'true' : undefined,
    'avro.key-compatibility': avro.keyCompatibility,
    'avro.value-compatibility': avro.valueCompatibility,
    'avro.docs': docs.length === 0 ? undefined : docs.sort().join(', '),
  }
}

function partsThere(format: Format, observed: Observed): Parts {
  const { parameters, options = {} } = format
  const text = (of: Options, name: string) => of[name] && valueText(of[name])
  const registry = format.registry && {
    [`${format.name}.registry`]: registryText(format, observed),
  }
  switch (format.name) {
    case 'csv':
      return {
        'csv.columns': text(parameters, 'COLUMNS'),
        'csv.header': text(parameters, 'HEADER'),
        'csv.delimiter': text(parameters, 'DELIMITED BY') ?? ',',
      }
    case 'regex':
      return { regex: text(parameters, 'PATTERN') }
    case 'protobuf':
      return (
        registry ?? {
          'protobuf.message': text(parameters, 'MESSAGE'),
          'protobuf.schema': text(parameters, 'SCHEMA')?.replace(/^\\x/, '').toLowerCase(),
        }
      )
    case 'avro': {
      if (!registry) {
        return {
          'avro.schema': sameJson(text(parameters, 'SCHEMA') ?? ''),
          'avro.wire-format': text(options, 'CONFLUENT WIRE FORMAT') ?? 'true',
        }
      }
      const docs = docsThere(options)
      return {
        ...registry,
        'avro.key-fullname': text(options, 'AVRO KEY FULLNAME'),
        'avro.value-fullname': text(options, 'AVRO VALUE FULLNAME'),
        'avro.null-defaults': isOn(options['NULL DEFAULTS']),
        'avro.key-compatibility': text(options, 'KEY COMPATIBILITY LEVEL')?.toUpperCase(),
        'avro.value-compatibility': text(options, 'VALUE COMPATIBILITY LEVEL')?.toUpperCase(),
        'avro.docs': docs.length === 0 ? undefined : docs.sort().join(', '),
      }
    }
    default:
      return Object.fromEntries(
        Object.keys(parameters).map((name) => [name.toLowerCase(), 'given']),
      )
  }
}

/** Off is the same as not given. */
function isOn(value: Value | undefined): string | undefined {
  if (!value) return undefined
  return value.is === 'none' || valueText(value) === 'true' ? 'true' : undefined
}

function registryText({ registry }: Format, observed: Observed): string {
  const found = observed.objects.find((object) => object.id === registry?.id)
  return found ? qualified(found.name) : referenceText(registry)
}

/** Spacing in a schema means nothing. */
function sameJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

function docText(only: string | undefined, column: string | undefined, text: string): string {
  return `${only === undefined ? '' : `${only} `}${column ?? 'type'}: ${JSON.stringify(text)}`
}

/** `DOC ON COLUMN [u7 AS "a"."b"."c"]."d" = 'text'`, with KEY or VALUE before it. */
function docsThere(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const [, only, on] = /^(?:(KEY|VALUE) )?DOC ON (TYPE|COLUMN)\b/.exec(name) ?? []
    if (on === undefined) return []
    const values = value.is === 'repeated' ? value.values : [value]
    return values.map((one) => {
      const tokens = tokenize(printValue(one)) ?? []
      const equals = tokens.findLastIndex((token) => token.is === 'symbol' && token.text === '=')
      const column = on === 'COLUMN' ? tokens[equals - 1]?.text : undefined
      return docText(only?.toLowerCase(), column, tokens[equals + 1]?.text ?? '')
    })
  })
}

/** Includes and envelope; a definition that was not read says nothing of the first. */
export function decodingDifferences(
  asked: Pick<Decoding, 'include' | 'envelope' | 'inlineErrors'>,
  there: { includes: Include[]; envelope: Envelope } | undefined,
  named: string | undefined,
): Difference[] {
  const envelope = {
    there: there?.envelope.name ?? named ?? 'none',
    asked: asked.envelope ?? 'none',
  }
  const differences = differs('envelope', envelope, 'replace')
  if (!there) return differences
  const errors = there.envelope.options['VALUE DECODING ERRORS']
  const wanted = asked.inlineErrors && inlineText(asked.inlineErrors.as)
  const includes = there.includes.map(includeText).join(', ')
  const wants = (asked.include ?? []).map(includeText).join(', ')
  return [
    ...differences,
    ...differs(
      'envelope.upsert.decoding-errors',
      { there: errors && errorsThere(printValue(errors)), asked: wanted },
      'replace',
    ),
    ...differs('include', { there: includes || undefined, asked: wants || undefined }, 'replace'),
  ]
}

/** `(INLINE AS "oops")` in whatever brackets. */
function errorsThere(text: string): string {
  const tokens = tokenize(text) ?? []
  const as = tokens.findIndex((token) => token.is === 'word' && token.text === 'as')
  return inlineText(as < 0 ? undefined : tokens[as + 1]?.text)
}

function inlineText(as: string | undefined): string {
  return as === undefined || as === 'error' ? 'inline' : `inline as ${as}`
}

function includeText(include: Include | AskedInclude): string {
  if (include.kind === 'header' && 'header' in include) {
    const alias = 'as' in include ? include.as : 'alias' in include ? include.alias : undefined
    return `header ${JSON.stringify(include.header)} as ${alias ?? ''}${include.bytes === true ? ' bytes' : ''}`
  }
  const alias = 'as' in include ? include.as : 'alias' in include ? include.alias : undefined
  // The key’s column is called key only where its format gives one column.
  const isDefault = alias === undefined || (alias === include.kind && alias !== 'key')
  return isDefault ? include.kind : `${include.kind} as ${alias}`
}

/** What Materialize does not keep of what an object was made with, by the spec’s keys. */
export function forgotten(asked: Partial<Decoding>): Record<string, string> {
  const formats = [
    ['key-format', asked.keyFormat],
    [asked.keyFormat ? 'value-format' : 'format', asked.format],
  ] as const
  const found: Record<string, string> = {}
  for (const [attribute, format] of formats) {
    if (typeof format !== 'object' || !('avro' in format) || !('registry' in format.avro)) continue
    const { keyStrategy, valueStrategy } = format.avro
    if (keyStrategy) found[`${attribute}.avro.key-strategy`] = strategyText(keyStrategy)
    if (valueStrategy) found[`${attribute}.avro.value-strategy`] = strategyText(valueStrategy)
  }
  return found
}

function strategyText(strategy: Strategy): string {
  if (strategy === 'latest') return 'latest'
  return 'id' in strategy ? `id ${String(strategy.id)}` : `inline ${digest(strategy.inline)}`
}
