import type { Options, Value } from './definition-model.ts'
import { queryTokens } from './definition-query.ts'
import type { TokenReader } from './definition-reader.ts'

/**
 * Options and their values. The server prints `=`; people may leave it out, and only knowing the
 * names of options tells then where a value of bare words begins.
 */

const KNOWN_OPTIONS = new Set(
  `AVAILABILITY ZONE,AVAILABILITY ZONES,AVRO KEY FULLNAME,AVRO VALUE FULLNAME,AWS CONNECTION,
  AWS PRIVATELINK,BROKER,BROKERS,COMPRESSION TYPE,CONFLUENT WIRE FORMAT,DATABASE,DETAILS,DISK,
  EXCLUDE COLUMNS,GROUP ID PREFIX,HOST,INTROSPECTION DEBUGGING,INTROSPECTION INTERVAL,
  KEY COMPATIBILITY LEVEL,MANAGED,NULL DEFAULTS,PARTITION BY,PASSWORD,PORT,PROGRESS,
  PROGRESS GROUP ID PREFIX,PROGRESS TOPIC,PROGRESS TOPIC REPLICATION FACTOR,REFERENCE,REFRESH,
  REGION,REPLICAS,REPLICATION FACTOR,RETAIN HISTORY,SASL MECHANISMS,SASL PASSWORD,SASL USERNAME,
  SCHEDULE,SECURITY PROTOCOL,SIZE,SNAPSHOT,SSH TUNNEL,SSL CERTIFICATE,SSL CERTIFICATE AUTHORITY,
  SSL KEY,SSL MODE,START OFFSET,START TIMESTAMP,TEXT COLUMNS,TIMESTAMP INTERVAL,TOPIC,TOPIC CONFIG,
  TOPIC METADATA REFRESH INTERVAL,TOPIC PARTITION COUNT,TOPIC REPLICATION FACTOR,
  TRANSACTIONAL ID PREFIX,URL,USER,USERNAME,VALIDATE,VALUE COMPATIBILITY LEVEL,
  VALUE DECODING ERRORS,VERSION,WORKLOAD CLASS,ASSERT NOT NULL`.split(/,\s*/),
)
const LONGEST_NAME = 4
/** Words that begin a value, so that they end an unknown option’s name. */
const VALUE_WORDS = ['secret', 'map', 'interval', 'array', 'list']
/** What stands in brackets behind a tunnel’s name. */
const TUNNEL_OPTIONS = ['AVAILABILITY ZONE', 'PORT']
/** What is nested deeper is kept as text, so that no text can exhaust the stack. */
const DEPTH = 16

function wordCount(reader: TokenReader): number {
  let count = 0
  while (reader.peek(count)?.is === 'word') count += 1
  return count
}

function nameOfWords(reader: TokenReader, count: number): string {
  return Array.from({ length: count }, (_, ahead) => reader.peek(ahead)?.text ?? '')
    .join(' ')
    .toUpperCase()
}

/** How many words the name of the option has; 0 when it has none. */
function nameLength(reader: TokenReader): number {
  const words = wordCount(reader)
  const equals = reader.peek(words)
  const isGiven = equals?.is === 'symbol' && equals.text === '='
  // The one option whose value may hold an equals sign of its own.
  if (isGiven && !reader.sees('partition', 'by')) return words
  for (let count = Math.min(words, LONGEST_NAME); count > 0; count -= 1) {
    if (KNOWN_OPTIONS.has(nameOfWords(reader, count))) return count
  }
  for (let count = 1; count < words; count += 1) {
    if (VALUE_WORDS.includes(reader.peek(count)?.text ?? '')) return count
  }
  return words
}

function readOption(item: TokenReader, depth: number): [string, Value] | undefined {
  const count = nameLength(item)
  if (count === 0) return undefined
  const name = nameOfWords(item, count)
  item.at += count
  const isGiven = item.takeSymbol('=')
  if (isGiven && item.done) return undefined
  return [name, readValue(item, depth)]
}

/** Options between commas; undefined when something among them is none. */
export function readOptions(reader: TokenReader, depth = 0): Options | undefined {
  const options: Options = {}
  for (const item of reader.items()) {
    const option = readOption(item, depth)
    if (option === undefined) return undefined
    const [name, value] = option
    const before = options[name]
    if (before?.is === 'repeated') before.values.push(value)
    else options[name] = before ? { is: 'repeated', values: [before, value] } : value
  }
  return options
}

/** `(…)` with options in it. */
export function readBracketedOptions(reader: TokenReader, depth = 0): Options | undefined {
  const start = reader.at
  const inside = reader.group('(')
  const options = inside && readOptions(inside, depth)
  if (options === undefined) reader.at = start
  return options
}

/** The value that is the whole rest of an item. */
export function readValue(item: TokenReader, depth = 0): Value {
  if (item.done) return { is: 'none' }
  const start = item.at
  for (const attempt of [readScalar, readNamed, readBroker, readMap, readList]) {
    const value = attempt(item, depth + 1)
    if (value !== undefined && item.done) return value
    item.at = start
  }
  return { is: 'expression', text: queryTokens(item).join(' ') }
}

function readScalar(item: TokenReader): Value | undefined {
  const token = item.peek()
  const sign = item.takeSymbol('-') ? '-' : ''
  const number = item.take('number')
  if (number !== undefined) return { is: 'number', value: sign + number }
  const string = item.take('string')
  if (string !== undefined && sign === '') return { is: 'string', value: string }
  if (token?.is !== 'word') return undefined
  if (item.takeWords('interval') && item.is('string')) {
    return { is: 'interval', value: item.take('string') ?? '' }
  }
  item.takeWords(token.text)
  if (token.text === 'true' || token.text === 'false') {
    return { is: 'boolean', value: token.text === 'true' }
  }
  return { is: 'word', value: token.text }
}

function readNamed(item: TokenReader, depth: number): Value | undefined {
  if (item.left > 1 && item.takeWords('secret')) {
    const reference = item.reference()
    return reference && { is: 'secret', reference }
  }
  const reference = item.reference()
  if (reference === undefined) return undefined
  const options = depth > DEPTH ? undefined : readBracketedOptions(item, depth)
  // Anything else in brackets is a function’s arguments.
  if (!Object.keys(options ?? {}).every((name) => TUNNEL_OPTIONS.includes(name))) return undefined
  return { is: 'reference', reference, ...(options && { options }) }
}

/** `'host:port' USING SSH TUNNEL c`; without a tunnel it is a mere string. */
function readBroker(item: TokenReader, depth: number): Value | undefined {
  const matching = item.takeWords('matching')
  const address = item.take('string')
  if (address === undefined || !item.takeWords('using')) return undefined
  const through = item.takeWords('ssh', 'tunnel')
    ? 'ssh tunnel'
    : item.takeWords('aws', 'privatelink')
      ? 'aws privatelink'
      : undefined
  const tunnel = through === undefined ? undefined : item.reference()
  if (through === undefined || tunnel === undefined) return undefined
  const options = depth > DEPTH ? undefined : readBracketedOptions(item, depth)
  return {
    is: 'broker',
    address,
    ...(matching && { matching }),
    through,
    tunnel,
    ...(options && { options }),
  }
}

function readMap(item: TokenReader, depth: number): Value | undefined {
  if (depth > DEPTH || !item.takeWords('map')) return undefined
  const entries: [string, Value][] = []
  for (const entry of item.group('[')?.items() ?? []) {
    const key = entry.take('string')
    if (key === undefined || !entry.takeSymbol('=>') || entry.done) return undefined
    entries.push([key, readValue(entry, depth)])
  }
  return { is: 'map', entries }
}

function readList(item: TokenReader, depth: number): Value | undefined {
  if (depth > DEPTH) return undefined
  const inside = item.group('(') ?? item.group('[')
  return inside && { is: 'list', values: inside.items().map((one) => readValue(one, depth)) }
}

function addresses(value: Value): string[] {
  switch (value.is) {
    case 'string':
      return [value.value]
    case 'broker':
      return value.matching ? [] : [value.address]
    case 'list':
    case 'repeated':
      return value.values.flatMap(addresses)
    default:
      return []
  }
}

/** The addresses that BROKER or BROKERS gives. */
export function brokersOf(options: Options): string[] {
  return [options['BROKER'], options['BROKERS']].flatMap((value) =>
    value === undefined ? [] : addresses(value),
  )
}
