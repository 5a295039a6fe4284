import type {
  Definition,
  Envelope,
  External,
  Format,
  Formats,
  Include,
  Options,
  PartialName,
  Reference,
  Value,
} from './definition-model.ts'
import { ident, literal } from './sql.ts'

/** Prints definitions so that they read back equal, with ids where they have them. */

function printName({ database, schema, name }: PartialName): string {
  return [database, schema, name]
    .filter((part) => part !== undefined)
    .map(ident)
    .join('.')
}

export function printReference({ id, name }: Reference): string {
  if (id === undefined) return name ? printName(name) : '[]'
  return name ? `[${id} AS ${printName(name)}]` : `[${id}]`
}

function withOptions(text: string, options: Options | undefined): string {
  return options === undefined ? text : `${text} (${printOptions(options)})`
}

export function printValue(value: Value): string {
  switch (value.is) {
    case 'string':
      return literal(value.value)
    case 'number':
    case 'word':
      return value.value
    case 'boolean':
      return String(value.value)
    case 'interval':
      return `INTERVAL ${literal(value.value)}`
    case 'secret':
      return `SECRET ${printReference(value.reference)}`
    case 'reference':
      return withOptions(printReference(value.reference), value.options)
    case 'broker': {
      const through = `USING ${value.through.toUpperCase()} ${printReference(value.tunnel)}`
      const matching = value.matching ? 'MATCHING ' : ''
      return withOptions(`${matching}${literal(value.address)} ${through}`, value.options)
    }
    case 'list':
    case 'repeated':
      return `(${value.values.map(printValue).join(', ')})`
    case 'map':
      return `MAP[${value.entries.map(([key, one]) => `${literal(key)} => ${printValue(one)}`).join(', ')}]`
    case 'none':
      return ''
    case 'expression':
      return value.text
  }
}

function printOption(name: string, value: Value): string {
  if (value.is === 'repeated') {
    return value.values.map((one) => printOption(name, one)).join(', ')
  }
  return value.is === 'none' ? name : `${name} = ${printValue(value)}`
}

function printOptions(options: Options): string {
  return Object.entries(options)
    .map(([name, value]) => printOption(name, value))
    .join(', ')
}

function printNames(names: string[]): string {
  return `(${names.map(ident).join(', ')})`
}

function printCsv({ parameters }: Format): string {
  const { HEADER: header, COLUMNS: columns, 'DELIMITED BY': delimiter } = parameters
  const parts = ['CSV']
  if (header) parts.push('WITH HEADER')
  if (header?.is === 'list') {
    parts.push(printNames(header.values.map((one) => (one.is === 'string' ? one.value : ''))))
  }
  if (columns) parts.push(`WITH ${printValue(columns)} COLUMNS`)
  if (delimiter) parts.push(`DELIMITED BY ${printValue(delimiter)}`)
  return parts.join(' ')
}

function printParameters(parameters: Options): string[] {
  return Object.entries(parameters).map(([name, value]) => `${name} ${printValue(value)}`.trimEnd())
}

function printFormat(format: Format): string {
  if (format.name === 'csv') return printCsv(format)
  const { PATTERN: pattern, ...parameters } = format.parameters
  const parts = [format.name.toUpperCase()]
  if (pattern) parts.push(printValue(pattern))
  if (format.registry) {
    parts.push('USING CONFLUENT SCHEMA REGISTRY CONNECTION', printReference(format.registry))
  }
  const { SCHEMA: schema, MESSAGE: message, ...others } = parameters
  if (message) parts.push(`MESSAGE ${printValue(message)}`)
  if (schema) parts.push(`USING SCHEMA ${printValue(schema)}`)
  if (format.options) parts.push(`(${printOptions(format.options)})`)
  parts.push(...printParameters(others))
  if (format.seed) parts.push('SEED', ...printParameters(format.seed))
  return parts.join(' ')
}

function printFormats({ format, keyFormat, valueFormat }: Formats): string[] {
  return [
    ...(format ? [`FORMAT ${printFormat(format)}`] : []),
    ...(keyFormat ? [`KEY FORMAT ${printFormat(keyFormat)}`] : []),
    ...(valueFormat ? [`VALUE FORMAT ${printFormat(valueFormat)}`] : []),
  ]
}

function printInclude({ kind, header, alias, bytes }: Include): string {
  return [
    kind.toUpperCase(),
    ...(header === undefined ? [] : [literal(header)]),
    ...(alias === undefined ? [] : [`AS ${ident(alias)}`]),
    ...(bytes ? ['BYTES'] : []),
  ].join(' ')
}

function printIncludes(includes: Include[]): string[] {
  return includes.length === 0 ? [] : [`INCLUDE ${includes.map(printInclude).join(', ')}`]
}

function printBracketed(options: Options): string[] {
  return Object.keys(options).length === 0 ? [] : [`(${printOptions(options)})`]
}

function printEnvelope(envelope: Envelope | undefined): string[] {
  if (envelope === undefined) return []
  return [`ENVELOPE ${envelope.name.toUpperCase()}`, ...printBracketed(envelope.options)]
}

function printExternal({ type, connection, options }: External): string[] {
  // Without brackets, the words of what follows would be the type’s.
  if (!connection) return [withOptions(type.toUpperCase(), options)]
  return [
    `${type.toUpperCase()} CONNECTION ${printReference(connection)}`,
    ...printBracketed(options),
  ]
}

function printCluster(cluster: Reference | undefined): string[] {
  return cluster ? [`IN CLUSTER ${printReference(cluster)}`] : []
}

function printWith(options: Options): string[] {
  return Object.keys(options).length === 0 ? [] : [`WITH (${printOptions(options)})`]
}

/** What stands behind a definition’s name. */
function printBody(definition: Definition): string[] {
  switch (definition.is) {
    case 'connection':
      return [
        ...(definition.type === ''
          ? []
          : [withOptions(`TO ${definition.type.toUpperCase()}`, definition.options)]),
        ...printWith(definition.with),
      ]
    case 'source':
      return [
        ...(definition.columns ? [printNames(definition.columns)] : []),
        ...printCluster(definition.cluster),
        ...(definition.from ? ['FROM', ...printExternal(definition.from)] : []),
        ...printFormats(definition),
        ...printIncludes(definition.includes),
        ...printEnvelope(definition.envelope),
        ...(definition.progress
          ? [`EXPOSE PROGRESS AS ${printReference(definition.progress)}`]
          : []),
        ...printWith(definition.with),
      ]
    case 'sink':
      return [
        ...printCluster(definition.cluster),
        ...(definition.from ? [`FROM ${printReference(definition.from)}`] : []),
        ...(definition.into ? ['INTO', ...printExternal(definition.into)] : []),
        ...(definition.key ? [`KEY ${printNames(definition.key.columns)}`] : []),
        ...(definition.key?.notEnforced ? ['NOT ENFORCED'] : []),
        ...(definition.headers === undefined ? [] : [`HEADERS ${ident(definition.headers)}`]),
        ...printFormats(definition),
        ...printEnvelope(definition.envelope),
        ...printWith(definition.with),
      ]
    case 'table':
      return [
        ...(definition.columns === undefined ? [] : [`(${definition.columns})`]),
        ...(definition.source ? [`FROM SOURCE ${printReference(definition.source)}`] : []),
        ...(definition.source ? printBracketed(definition.options) : []),
        ...printFormats(definition),
        ...printIncludes(definition.includes),
        ...(definition.source ? printEnvelope(definition.envelope) : []),
        ...printWith(definition.with),
      ]
    case 'subsource':
      return [
        ...(definition.columns === undefined ? [] : [`(${definition.columns})`]),
        ...printWith(definition.with),
      ]
    case 'materialized-view':
      return [
        ...(definition.columns ? [printNames(definition.columns)] : []),
        ...printCluster(definition.cluster),
        ...printWith(definition.with),
        'AS',
        ...definition.query,
      ]
    case 'cluster':
      return [`(${printOptions(definition.options)})`]
  }
}

/** The definition as a statement. */
export function printDefinition(definition: Definition): string {
  const kind = definition.is.replace('-', ' ').toUpperCase()
  return [
    `CREATE ${kind} ${printName(definition.name)}`,
    ...printBody(definition),
    ...definition.other,
  ].join(' ')
}
