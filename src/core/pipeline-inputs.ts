import { connectionSecrets, tooLongForSecrets } from './connection-secrets.ts'
import type { Given } from './given.ts'
import type { InputName } from './input-table.ts'
import { type ConnectionSpec, CREDENTIALS, type KafkaConnection } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import { PLAIN_FORMATS } from './model-format.ts'
import { SINK_ENVELOPES, type SinkSpec } from './model-sink.ts'
import {
  type Decoding,
  type IncludeKind,
  INCLUDES,
  MOST_COPIED,
  PLAIN_ENVELOPES,
  type SourceSpec,
} from './model-source.ts'
import { type Spec, specOf, type TopicSpec } from './model.ts'
import { parseColumns, parseName, parseTopic, type Surroundings } from './names.ts'
import { sameName } from './observed.ts'
import { accept, choice, integer, parseBoolean, type Parsed, parseList, refuse } from './parse.ts'
import { columnFaults } from './sink-columns.ts'
import { columnsOf, uniqueKeyOf } from './source-columns.ts'
import { defaultReplicationFactor, presetSink, type Provider, replicationFault } from './presets.ts'

export interface PipelineFacts {
  within: Surroundings
  /** Undefined: the connection exists already. */
  kafka: KafkaConnection | undefined
  cluster: string | undefined
}

/** What should be there: one connection, its secrets, and a source, a sink or both. */
export function readPipeline(given: Given, facts: PipelineFacts): Spec {
  const connection = readConnection(given, facts)
  const source = readSource(given, { ...facts, connection })
  const plain = readSink(given, { ...facts, connection, source })
  const sink = plain && presetSink(plain, facts.kafka?.provider)
  if (!given.has('source') && !given.has('sink')) {
    given.refuse(['source', 'sink'], 'source and sink are both missing; give one of them or both')
  }
  checkDistinct(given, { connection, source, sink })
  if (source && sink && sink.topic === source.topic && sameName(sink.from, source.name)) {
    given.refuse(
      ['topic', 'sink-topic'],
      'sink-topic is the topic that the sink’s own source reads, so that every message would beget another; give another topic',
    )
  }
  return specOf({
    connections: [connection],
    topics: readTopics(given, source, facts.kafka?.provider),
    sources: source ? [source] : [],
    sinks: sink ? [sink] : [],
  })
}

/** One connection and its secrets, of whose credential alone there is something to say. */
export function readLogin(given: Given, facts: PipelineFacts): Spec {
  const connection = readConnection(given, facts)
  if (!given.has('connection')) {
    given.refuse(['connection'], 'connection is missing, and mode rotate needs it')
  }
  if (!facts.kafka) {
    given.refuse(
      ['kafka-brokers'],
      'kafka-brokers is missing, and mode rotate needs brokers and the new login',
    )
  }
  return specOf({ connections: [connection] })
}

/** What a sweep needs: the way to Kafka, if it is given. */
export function kafkaAlone({ kafka, within }: PipelineFacts): Spec {
  const connection = kafka && { name: { ...within, name: 'kafka' }, kafka, secrets: {} }
  return specOf({ connections: connection ? [connection] : [] })
}

function readConnection(given: Given, { within, kafka }: PipelineFacts): ConnectionSpec {
  const name = given.take('connection', (text) => parseName(text, within)) ?? {
    ...within,
    name: '',
  }
  const secrets = connectionSecrets(name, kafka)
  // Where a part of the login was refused, the others would be secrets all the same.
  const named = CREDENTIALS.filter((what) => secrets[what] || given.has(`kafka-${what}`))
  const tooLong = tooLongForSecrets(name.name, named)
  if (tooLong) {
    given.refuse(
      ['connection'],
      `connection ${given.show(name.name)} ${tooLong.fault}; allowed: ${tooLong.allowed ?? ''}`,
    )
  }
  return { name, ...(kafka && { kafka }), secrets }
}

type ObjectFacts = PipelineFacts & { connection: ConnectionSpec }

function readSource(given: Given, facts: ObjectFacts): SourceSpec | undefined {
  const name = given.take('source', (text) => parseName(text, facts.within))
  const topic = given.take('topic', parseTopic)
  const format = given.take('format', choice(PLAIN_FORMATS)) ?? 'bytes'
  const startOffsets = given.take('start-offsets', parseOffsets)
  const copyFirst = given.take('copy-first', integer({ from: 1, to: MOST_COPIED }))
  if (startOffsets && copyFirst !== undefined) {
    given.refuse(
      ['copy-first', 'start-offsets'],
      'copy-first and start-offsets are both given; the copy has offsets of its own',
    )
  }
  const decoding = { format, ...readKeyed(given) }
  needTogether(given, 'source', ['topic'])
  if (!given.has('source')) useless(given, OF_SOURCE)
  return (
    name && {
      name,
      connection: facts.connection.name,
      topic: topic ?? '',
      ...decoding,
      ...(startOffsets && { startOffsets }),
      ...(copyFirst !== undefined && { copyFirst }),
      ...(facts.cluster !== undefined && { cluster: facts.cluster }),
    }
  )
}

const OF_SOURCE = ['key-format', 'include', 'start-offsets', 'copy-first'] as const

/** What goes with a record’s key. */
function readKeyed(given: Given): Omit<Decoding, 'format'> {
  const keyFormat = given.take('key-format', choice(PLAIN_FORMATS))
  const envelope = given.take('envelope', choice(PLAIN_ENVELOPES)) ?? 'none'
  const include = given.take('include', parseIncludes)
  const needs = (input: InputName, word: string): void => {
    if (given.has('key-format')) return
    given.refuse([input, 'key-format'], `key-format is missing, and ${input} ${word} needs it`)
  }
  if (envelope === 'upsert') needs('envelope', envelope)
  if (include?.includes('key')) needs('include', 'key')
  return {
    ...(keyFormat !== undefined && { keyFormat }),
    ...(envelope !== 'none' && { envelope }),
    ...(include && { include: include.map((kind) => ({ kind })) }),
  }
}

function parseIncludes(text: string): Parsed<IncludeKind[]> {
  return eachOf(text, choice(INCLUDES), true)
}

function parseOffsets(text: string): Parsed<number[]> {
  return eachOf(text, integer({ from: 0, to: Number.MAX_SAFE_INTEGER }), false)
}

/** The entries of a list, each read; `once`: none may come twice. */
function eachOf<T>(text: string, parse: (entry: string) => Parsed<T>, once: boolean): Parsed<T[]> {
  const list = parseList(text)
  if ('refusal' in list) return list
  const values: T[] = []
  for (const entry of list.value) {
    const parsed = parse(entry)
    if ('refusal' in parsed) return { refusal: { ...parsed.refusal, piece: entry } }
    if (once && values.includes(parsed.value)) return refuse('has an entry twice', { piece: entry })
    values.push(parsed.value)
  }
  return accept(values)
}

function readSink(
  given: Given,
  facts: ObjectFacts & { source: SourceSpec | undefined },
): SinkSpec | undefined {
  const name = given.take('sink', (text) => parseName(text, facts.within))
  const from =
    given.take('sink-from', (text) => parseName(text, facts.within)) ?? facts.source?.name
  const topic = given.take('sink-topic', parseTopic)
  const format = given.take('sink-format', choice(PLAIN_FORMATS)) ?? 'json'
  const envelope = given.take('sink-envelope', choice(SINK_ENVELOPES)) ?? 'debezium'
  const key = given.take('sink-key', parseColumns) ?? []
  needTogether(given, 'sink', ['sink-topic'])
  if (!given.has('sink')) useless(given, ['sink-from', 'sink-key'])
  else if (!given.has('sink-from') && !given.has('source')) {
    given.refuse(['sink-from'], 'sink-from is missing, and without a source the sink needs it')
  }
  if (given.has('sink') && envelope === 'upsert' && !given.has('sink-key')) {
    given.refuse(['sink-key'], 'sink-key is missing, and sink-envelope upsert needs it')
  }
  if (facts.source && from && sameName(from, facts.source.name)) {
    checkWritten(given, facts.source, { format, envelope, key })
  }
  return (
    name && {
      name,
      from: from ?? { ...name, name: '' },
      connection: facts.connection.name,
      topic: topic ?? '',
      format,
      envelope,
      key,
      ...(facts.cluster !== undefined && { cluster: facts.cluster }),
    }
  )
}

/** What can be told of a sink that writes the source of the same inputs. */
function checkWritten(
  given: Given,
  source: SourceSpec,
  sink: Pick<SinkSpec, 'format' | 'envelope' | 'key'>,
): void {
  const decoding = { ...source, format: source.format ?? 'bytes' }
  const faults = columnFaults({ ...sink }, columnsOf(decoding) ?? [], (name) => given.show(name))
  for (const { key, text } of faults) {
    const input = key === 'key' ? 'sink-key' : 'sink-format'
    given.refuse([input], `${input} ${text}`)
  }
  const unique = uniqueKeyOf(decoding) ?? []
  if (faults.length > 0 || sink.envelope !== 'upsert' || sink.key.length === 0) return
  if (unique.length > 0 && unique.every((name) => sink.key.includes(name))) return
  if (unique.length > 0) {
    const names = unique.map((name) => given.show(name)).join(', ')
    given.refuse(['sink-key'], `sink-key lacks ${names}, which alone tells the source’s rows apart`)
    return
  }
  given.refuse(
    ['sink-envelope', 'envelope'],
    'sink-envelope is upsert, and nothing tells the rows of the source apart; give envelope upsert and key-format, too',
  )
}

function readTopics(
  given: Given,
  source: SourceSpec | undefined,
  provider: Provider | undefined,
): TopicSpec[] {
  const create = given.take('create-topic', parseBoolean) ?? false
  const partitions = given.take('topic-partitions', integer({ from: 1, to: 10_000 })) ?? 1
  const asked = given.take(
    'topic-replication-factor',
    integer({ from: 1, to: 99, also: { value: -1, meaning: 'the broker’s default' } }),
  )
  const replicationFactor =
    asked !== undefined && given.isChosen('topic-replication-factor')
      ? asked
      : defaultReplicationFactor(provider)
  const fault = replicationFault(provider, replicationFactor)
  if (fault !== undefined) {
    given.refuse(['topic-replication-factor'], `topic-replication-factor ${fault}`)
  }
  if (create && !given.has('source')) {
    given.refuse(
      ['create-topic', 'source'],
      'create-topic is true and source is missing; only a source’s topic is created, a sink creates its own',
    )
  }
  if (!create || !source) return []
  const { topic, connection } = source
  return [{ name: topic, connection, partitions, replicationFactor, config: {} }]
}

/** Records what `name` needs and lacks, and what was given without it. */
function needTogether(given: Given, name: 'source' | 'sink', others: readonly InputName[]): void {
  for (const other of others) {
    if (given.has(name) && !given.has(other)) {
      given.refuse([other], `${other} is missing, and ${name} needs it`)
    }
  }
  if (!given.has(name)) useless(given, others)
}

function useless(given: Given, names: readonly InputName[]): void {
  for (const name of names.filter((one) => given.has(one))) {
    const owner = name.startsWith('sink') ? 'sink' : 'source'
    given.refuse(
      [name, owner],
      `${name} has no use without ${owner}; give ${owner} or leave it out`,
    )
  }
}

interface Objects {
  connection: ConnectionSpec
  source: SourceSpec | undefined
  sink: SinkSpec | undefined
}

/** In Materialize connections, secrets, sources and sinks of one schema share their names. */
function checkDistinct(given: Given, { connection, source, sink }: Objects): void {
  if (sink && given.has('sink-from') && sameName(sink.from, sink.name)) {
    given.refuse(['sink', 'sink-from'], 'sink and sink-from are the same name')
  }
  const secrets = Object.values(connection.secrets).map((secret) => ({
    input: 'connection' as const,
    what: `the secret ${given.show(secret.name.name)} of connection`,
    name: secret.name,
  }))
  const objects: { input: InputName; what: string; name: QualifiedName }[] = [
    { input: 'connection', what: 'connection', name: connection.name },
    ...secrets,
    ...(source ? [{ input: 'source' as const, what: 'source', name: source.name }] : []),
    ...(sink ? [{ input: 'sink' as const, what: 'sink', name: sink.name }] : []),
  ]
  for (const [i, object] of objects.entries()) {
    const twin = objects.slice(0, i).find((other) => sameName(other.name, object.name))
    if (twin && twin.input !== object.input) {
      given.refuse(
        [twin.input, object.input],
        `${twin.what} and ${object.what} have the same name; objects of one schema need different ones`,
      )
    }
  }
}
