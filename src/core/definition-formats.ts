import type { Envelope, Format, Formats, Include, Options, Value } from './definition-model.ts'
import { queryTokens } from './definition-query.ts'
import { TokenReader } from './definition-reader.ts'
import { readBracketedOptions, readValue } from './definition-values.ts'

/** FORMAT, INCLUDE and ENVELOPE, which sources, sinks and tables share. */

/** Where a format’s own words end. */
function seesClause(reader: TokenReader): boolean {
  return (
    ['include', 'envelope', 'expose', 'with', 'from', 'format', 'in', 'into'].some((lead) =>
      reader.sees(lead),
    ) ||
    reader.sees('key', 'format') ||
    reader.sees('value', 'format')
  )
}

/** The next token alone, or the bracket that it opens. */
function valueHere(reader: TokenReader): Value {
  const end = (reader.peek()?.close ?? reader.at) + 1
  const value = readValue(new TokenReader(reader, reader.at, end))
  reader.at = end
  return value
}

function readCsv(reader: TokenReader): Options {
  const parameters: Options = {}
  if (reader.takeWords('with', 'header') || reader.takeWords('with', 'headers')) {
    const names = reader.names()
    parameters['HEADER'] = names
      ? { is: 'list', values: names.map((value) => ({ is: 'string', value })) }
      : { is: 'none' }
  } else if (reader.sees('with') && reader.peek(1)?.is === 'number') {
    reader.at += 1
    parameters['COLUMNS'] = valueHere(reader)
    reader.takeWords('columns')
  }
  if (reader.takeWords('delimited', 'by') && !reader.done) {
    parameters['DELIMITED BY'] = valueHere(reader)
  }
  return parameters
}

/** `ID 5`, `INLINE '…'` or `LATEST`. */
function readStrategy(reader: TokenReader): Value {
  const from = reader.at
  const isAlone = reader.peek(1)?.is !== 'number' && reader.peek(1)?.is !== 'string'
  reader.at = Math.min(reader.end, from + (isAlone ? 1 : 2))
  return readValue(new TokenReader(reader, from, reader.at))
}

/** `KEY SCHEMA '…'`, `MESSAGE '…'`: words and what they are followed by. */
function readParameter(reader: TokenReader, into: Options): boolean {
  for (const part of ['key', 'value']) {
    if (reader.takeWords(part, 'strategy')) {
      into[`${part.toUpperCase()} STRATEGY`] = readStrategy(reader)
      return true
    }
  }
  const words = reader.wordsUpTo().toUpperCase()
  if (words === '' || reader.done) return false
  into[words] = valueHere(reader)
  return true
}

function readAvroOrProtobuf(reader: TokenReader, name: string): Format {
  const format: Format = { name, parameters: {} }
  let into = format.parameters
  while (!reader.done && !seesClause(reader)) {
    const start = reader.at
    if (reader.takeWords('using')) continue
    if (reader.takeWords('confluent', 'schema', 'registry', 'connection')) {
      const registry = reader.reference()
      if (registry) format.registry = registry
      continue
    }
    if (reader.takeWords('seed')) {
      format.seed = into = {}
      continue
    }
    const options = readBracketedOptions(reader)
    if (options) {
      format.options = options
      continue
    }
    if (!readParameter(reader, into)) {
      reader.at = start
      break
    }
  }
  return format
}

function readFormat(reader: TokenReader): Format | undefined {
  const name = reader.take('word')
  switch (name) {
    case undefined:
      return undefined
    case 'csv':
      return { name, parameters: readCsv(reader) }
    case 'regex':
      return { name, parameters: reader.done ? {} : { PATTERN: valueHere(reader) } }
    case 'json':
      return { name, parameters: reader.takeWords('array') ? { ARRAY: { is: 'none' } } : {} }
    case 'avro':
    case 'protobuf':
      return readAvroOrProtobuf(reader, name)
    default:
      return { name, parameters: {} }
  }
}

const FORMAT_CLAUSES = [
  { words: ['format'], as: 'format' },
  { words: ['key', 'format'], as: 'keyFormat' },
  { words: ['value', 'format'], as: 'valueFormat' },
] as const

export function readFormats(reader: TokenReader, into: Formats): boolean {
  for (const clause of FORMAT_CLAUSES) {
    const format = reader.takeWords(...clause.words) ? readFormat(reader) : undefined
    if (format === undefined) continue
    into[clause.as] = format
    return true
  }
  return false
}

function readIncludeItem(reader: TokenReader): Include | undefined {
  const kind = reader.take('word')
  if (kind === undefined) return undefined
  const header = reader.take('string')
  const alias = reader.takeWords('as') ? reader.takeName() : undefined
  return {
    kind,
    ...(header !== undefined && { header }),
    ...(alias !== undefined && { alias }),
    ...(reader.takeWords('bytes') && { bytes: true }),
  }
}

export function readIncludes(reader: TokenReader, into: { includes: Include[] }): boolean {
  if (!reader.takeWords('include')) return false
  const includes: Include[] = []
  do {
    const include = readIncludeItem(reader)
    if (include === undefined) return false
    includes.push(include)
  } while (reader.takeSymbol(','))
  into.includes = includes
  return true
}

export function readEnvelope(reader: TokenReader, into: { envelope?: Envelope }): boolean {
  if (!reader.takeWords('envelope')) return false
  const name = reader.take('word')
  if (name === undefined) return false
  into.envelope = { name, options: readBracketedOptions(reader) ?? {} }
  return true
}

/** The text of a bracket’s content, whatever it is. */
export function readBracketText(reader: TokenReader): string | undefined {
  const inside = reader.group('(')
  return inside && queryTokens(inside).join(' ')
}
