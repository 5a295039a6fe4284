import { registryOf } from './model-format.ts'
import type { Decoding, Include } from './model-source.ts'
import { columnsOf } from './source-columns.ts'
import { sourceFormat } from './spec-build-format.ts'
import type { Spot } from './spec-read.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

/** How a source or a table reads records, and what of it does not fit together. */

const KEYS = ['format', 'key-format', 'value-format', 'include', 'envelope', 'columns'] as const
type Keys = (typeof KEYS)[number]

/** What both sources and tables have. */
export interface DecodingRead extends Pick<Spot<unknown>, 'at' | 'keyAt' | 'given'> {
  value: Pick<Entry<'sources'>['value'], Keys>
}

interface Place {
  scope: SpecScope
  /** What messages call the source or table. */
  path: string
}

export function decodingOf(read: DecodingRead, { scope, path }: Place): Decoding {
  const { value } = read
  checkFormats(read, { scope, path })
  const at = (key: 'format' | 'key-format' | 'value-format') => {
    const format = value[key]
    return format && sourceFormat(format, { scope, path: `${path}.${key}` })
  }
  const keyFormat = at('key-format')
  const include = value.include?.value.map(includeOf) ?? []
  const envelope = envelopeOf(value.envelope?.value)
  const decoding: Decoding = {
    format: at('value-format') ?? at('format') ?? 'bytes',
    ...(keyFormat && { keyFormat }),
    ...(include.length > 0 && { include }),
    ...envelope,
    ...(value.columns && { columns: value.columns.value.map((name) => name.value) }),
  }
  checkKey(read, decoding, { scope, path })
  checkColumns(read, decoding, { scope, path })
  return decoding
}

/** Where rows are in tables, the source itself reads nothing. */
export function refuseDecoding(
  read: DecodingRead,
  { scope, path, table }: Place & { table: string },
): void {
  for (const key of KEYS) {
    const at = read.given.get(key)
    if (at === undefined) continue
    scope.faults.add(
      at,
      `${path}.${key} has no use, since ${table} is made from it and says how records are read; move it there`,
    )
  }
}

function includeOf({
  value,
}: {
  value: NonNullable<DecodingRead['value']['include']>['value'][number]['value']
}): Include {
  if (value.form === 'header') {
    const { name, as, bytes } = value.of.value
    return {
      kind: 'header',
      header: name?.value ?? '',
      as: as?.value ?? '',
      bytes: bytes?.value ?? false,
    }
  }
  const as = value.of?.value.as?.value
  return { kind: value.form, ...(as !== undefined && { as }) }
}

type EnvelopeRead = NonNullable<DecodingRead['value']['envelope']>['value']

function envelopeOf(read: EnvelopeRead | undefined): Pick<Decoding, 'envelope' | 'inlineErrors'> {
  if (!read || read.form === 'none') return {}
  const errors = read.of?.value['decoding-errors']?.value
  const as = errors?.of?.value.as?.value
  return {
    envelope: read.form,
    ...(errors && { inlineErrors: as === undefined ? {} : { as } }),
  }
}

function checkFormats({ given, value }: DecodingRead, { scope, path }: Place): void {
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
      const instead = key === 'value-format' ? ', or call it format' : ''
      faults.add(at, `${path}.${other} is missing, and ${key} needs it; give it${instead}`)
    }
  }
  const strategies = [
    ['key-format', 'value-strategy'],
    ['value-format', 'key-strategy'],
  ] as const
  for (const [key, strategy] of strategies) {
    const format = value[key]?.value
    const at = format?.form === 'avro' ? format.of.given.get(strategy) : undefined
    if (at !== undefined) faults.add(at, `${path}.${key}.avro.${strategy} has no use in ${key}`)
  }
}

/** What needs the key, which no format but those with a registry reads by itself. */
function checkKey(read: DecodingRead, decoding: Decoding, { scope, path }: Place): void {
  const { faults } = scope
  const { given } = read
  // A format that was refused says nothing about keys.
  if (
    ['format', 'key-format', 'value-format'].some(
      (key) => given.has(key) && !read.value[key as Keys],
    )
  ) {
    return
  }
  const { format, keyFormat, envelope, include = [] } = decoding
  const isRead = keyFormat !== undefined || registryOf(format) !== undefined
  const needsKey = `needs the key to be read; give key-format and value-format in place of format`
  const at = given.get('envelope')
  if (at !== undefined && envelope !== undefined) {
    const isAvro = typeof format !== 'string' && 'avro' in format
    if (envelope === 'debezium' && !isAvro) {
      faults.add(at, `${path}.envelope debezium takes Avro alone; give the format avro`)
    } else if (!isRead) {
      faults.add(at, `${path}.envelope ${envelope} ${needsKey}`)
    }
  }
  if (include.some((one) => one.kind === 'key') && !isRead) {
    faults.add(given.get('include') ?? read.at, `${path}.include key ${needsKey}`)
  }
  const kinds = include.map((one) => one.kind).filter((kind) => kind !== 'header')
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice !== undefined) {
    faults.add(given.get('include') ?? read.at, `${path}.include has ${twice} twice`)
  }
}

function checkColumns(read: DecodingRead, decoding: Decoding, { scope, path }: Place): void {
  const { faults } = scope
  const names = columnsOf(decoding)
  if (!names) return
  const given = decoding.columns?.length ?? 0
  if (given > names.length) {
    faults.add(
      read.given.get('columns') ?? read.at,
      `${path}.columns names ${String(given)} columns, and there are ${String(names.length)}`,
    )
    return
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    faults.add(
      read.given.get('columns') ?? read.given.get('include') ?? read.at,
      `${path} has two columns ${faults.show(twice)}; name them apart by as, or by columns`,
    )
  }
}
