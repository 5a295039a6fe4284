import type {
  AvroFormat,
  AvroSinkFormat,
  CsvFormat,
  ProtobufFormat,
  SchemaDoc,
  SinkFormat,
  SourceFormat,
  Strategy,
} from './model-format.ts'
import type { QualifiedName } from './model-object.ts'
import type { Content, Spot } from './spec-read.ts'
import type { READ_FORMAT, WRITTEN_FORMAT } from './spec-schema-format.ts'
import type { SpecScope } from './spec-scope.ts'

type Read = Spot<Content<typeof READ_FORMAT>>
type Written = Spot<Content<typeof WRITTEN_FORMAT>>
type Of<F extends { form: string }, N extends string> = NonNullable<
  Extract<F, { form: N; of: Spot<unknown> }>['of']
>

interface Place {
  scope: SpecScope
  /** What messages call the format. */
  path: string
}

/** The parts of which one format is read; a part that was refused has its fault and is made up. */
export function sourceFormat(read: Read, place: Place): SourceFormat {
  const { value } = read
  if (value.of === undefined) return value.form
  const path = `${place.path}.${value.form}`
  switch (value.form) {
    case 'csv':
      return { csv: csvFormat(value.of, { ...place, path }) }
    case 'regex':
      return { regex: value.of.value }
    case 'avro':
      return { avro: avroFormat(value.of, { ...place, path }) }
    case 'protobuf':
      return { protobuf: protobufFormat(value.of, { ...place, path }) }
  }
}

function csvFormat(read: Of<Read['value'], 'csv'>, { scope, path }: Place): CsvFormat {
  const { columns, header, delimiter } = read.value
  oneOf(read, ['columns', 'header'], { scope, path })
  return {
    columns: header?.value.map((name) => name.value) ?? columns?.value ?? 1,
    ...(delimiter && { delimiter: delimiter.value }),
  }
}

function avroFormat(read: Of<Read['value'], 'avro'>, { scope, path }: Place): AvroFormat {
  const { registry, schema } = read.value
  oneOf(read, ['registry', 'schema'], { scope, path })
  if (read.given.has('schema')) {
    useless(read, ['key-strategy', 'value-strategy'], { scope, path, without: 'registry' })
    const wire = read.value['wire-format']
    return { schema: schema?.value ?? '', ...(wire && { wireFormat: wire.value }) }
  }
  useless(read, ['wire-format'], { scope, path, without: 'schema' })
  const keyStrategy = read.value['key-strategy']
  const valueStrategy = read.value['value-strategy']
  return {
    registry: scope.registryNamed(registry, path),
    ...(keyStrategy && { keyStrategy: strategyOf(keyStrategy.value) }),
    ...(valueStrategy && { valueStrategy: strategyOf(valueStrategy.value) }),
  }
}

type StrategyRead = NonNullable<Of<Read['value'], 'avro'>['value']['key-strategy']>['value']

function strategyOf(read: StrategyRead): Strategy {
  if (read.of === undefined) return 'latest'
  return read.form === 'id' ? { id: read.of.value } : { inline: read.of.value }
}

function protobufFormat(
  read: Of<Read['value'], 'protobuf'>,
  { scope, path }: Place,
): ProtobufFormat {
  const { registry, message, schema } = read.value
  oneOf(read, ['registry', 'schema'], { scope, path })
  if (!read.given.has('schema')) {
    useless(read, ['message'], { scope, path, without: 'schema' })
    return { registry: scope.registryNamed(registry, path) }
  }
  if (!read.given.has('message')) {
    scope.faults.add(read.keyAt, `${path}.message is missing, and schema needs it`)
  }
  return { message: message?.value ?? '', descriptors: schema?.value ?? '' }
}

/** `from` is what the sink writes: docs are about it where they name nothing else. */
export function sinkFormat(read: Written, place: Place & { from: QualifiedName }): SinkFormat {
  const { value } = read
  return value.of === undefined ? value.form : { avro: avroSinkFormat(value.of, place) }
}

function avroSinkFormat(
  read: Of<Written['value'], 'avro'>,
  { scope, path, from }: Place & { from: QualifiedName },
): AvroSinkFormat {
  const { value } = read
  const docs = value.docs?.value.map(({ value: doc }): SchemaDoc => ({
    type: doc.type ? scope.relationNamed(doc.type, `${path}.avro.docs.type`) : from,
    text: doc.text?.value ?? '',
    ...(doc.column && { column: doc.column.value }),
    ...(doc.only && { only: doc.only.value }),
  }))
  const given = {
    keyFullname: value['key-fullname'],
    valueFullname: value['value-fullname'],
    keyCompatibility: value['key-compatibility'],
    valueCompatibility: value['value-compatibility'],
    nullDefaults: value['null-defaults'],
  }
  return {
    registry: scope.registryNamed(value.registry, `${path}.avro`),
    docs: docs ?? [],
    ...valuesOf(given),
  }
}

/** What was given, without the rest. */
export function valuesOf<T extends Record<string, Spot<unknown> | undefined>>(
  spots: T,
): { [N in keyof T]?: NonNullable<T[N]> extends Spot<infer V> ? V : never } {
  const values: Record<string, unknown> = {}
  for (const [name, spot] of Object.entries(spots)) if (spot) values[name] = spot.value
  return values as ReturnType<typeof valuesOf<T>>
}

type Given = Pick<Spot<unknown>, 'given' | 'at' | 'keyAt'>

function oneOf(read: Given, keys: readonly [string, string], { scope, path }: Place): void {
  const [first, second] = keys
  const at = read.given.get(second)
  if (at !== undefined && read.given.has(first)) {
    scope.faults.add(at, `${path}.${second} and ${path}.${first} are both given; give one of them`)
  } else if (at === undefined && !read.given.has(first)) {
    scope.faults.add(read.keyAt, `${path} lacks ${first} and ${second}; give one of them`)
  }
}

function useless(
  read: Given,
  keys: readonly string[],
  { scope, path, without }: Place & { without: string },
): void {
  for (const key of keys) {
    const at = read.given.get(key)
    if (at !== undefined) {
      scope.faults.add(at, `${path}.${key} has no use without ${without}`)
    }
  }
}
