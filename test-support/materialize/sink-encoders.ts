import type { Catalog } from './catalog.ts'
import { avroEnvelope, avroRow } from './avro-sink-writer.ts'
import { envelopeSchema, rowSchema, type Json, type SchemaWords } from './avro-sink-schema.ts'
import { framed } from './confluent.ts'
import { jsonRow } from './json-encode.ts'
import { find, textOf } from './kafka-connection.ts'
import type { Column, ConnectionItem, SinkItem } from './model.ts'
import { registryClient, RegistryFailure, type RegistryClient } from './registry-client.ts'
import type { CreateSink, Format, RegistryUse } from './statements.ts'
import { recordText, type Cell } from './text-forms.ts'

type Bytes = string | Buffer

/** How one sink writes its records, once its schemas have their ids. */
export interface SinkEncoders {
  key(row: Cell[]): Bytes
  /** A whole row, or what it was and what it is. */
  value(row: Cell[]): Bytes
  envelope(before: Cell[] | null, after: Cell[] | null): Bytes
}

/** The columns of a sink's key, in the order in which KEY names them. */
export function keyColumns(statement: CreateSink, columns: Column[]): Column[] {
  return (statement.key?.columns ?? []).map((name) =>
    columns.find((column) => column.name === name)!,
  )
}

/** Registers what has a schema, as Materialize does when a sink begins to run. */
export async function sinkEncoders(
  catalog: Catalog,
  item: SinkItem,
  columns: Column[],
): Promise<SinkEncoders> {
  const { statement, topic } = item
  const keys = keyColumns(statement, columns)
  const format = statement.format!
  const valueFormat = format.value!
  const keyFormat = format.key ?? valueFormat
  const schemas = sinkSchemas(item, columns)
  const keyId = await published(catalog, {
    format: keyFormat,
    subject: `${topic}-key`,
    schema: schemas.key,
    side: 'key',
  })
  const valueId = await published(catalog, {
    format: valueFormat,
    subject: `${topic}-value`,
    schema: schemas.value,
    side: 'value',
  })
  const row = (of: Format, id: number, some: Column[]) => (cells: Cell[]) =>
    of.is === 'avro' ? framed(id, avroRow(some, cells)) : plainRow(of, some, cells)
  return {
    key: row(keyFormat, keyId, keys),
    value: row(valueFormat, valueId, columns),
    envelope: (before, after) =>
      valueFormat.is === 'avro'
        ? framed(valueId, avroEnvelope(columns, before, after))
        : plainEnvelope(valueFormat, columns, [before, after]),
  }
}

/** The schemas that a sink will register, as text; none for formats without. */
export function sinkSchemas(
  item: Pick<SinkItem, 'statement' | 'fromId'>,
  columns: Column[],
): { key?: Json; value?: Json } {
  const { statement } = item
  const { key: given, value } = statement.format!
  const key = given ?? value!
  const keys = keyColumns(statement, columns)
  const schemas: { key?: Json; value?: Json } = {}
  if (key.is === 'avro' && key.from === 'registry' && keys.length > 0) {
    schemas.key = rowSchema(keys, schemaWords(key.registry, item.fromId, 'key'))
  }
  if (value?.is === 'avro' && value.from === 'registry') {
    const words = schemaWords(value.registry, item.fromId, 'value')
    schemas.value =
      statement.envelope === 'debezium' ? envelopeSchema(columns, words) : rowSchema(columns, words)
  }
  return schemas
}

function schemaWords(use: RegistryUse, fromId: string, side: 'key' | 'value'): SchemaWords {
  const fullName = find(use.options, `AVRO ${side.toUpperCase()} FULLNAME`)
  const defaults = use.options.find(({ name }) => name === 'NULL DEFAULTS')
  const docs = new Map<string, string>()
  // What is said of one schema alone goes before what is said of both.
  for (const said of ['all', side]) {
    for (const doc of use.docs) {
      if (doc.of === said && doc.relationId === fromId) docs.set(doc.column ?? '', doc.text)
    }
  }
  return {
    fullName:
      fullName === undefined
        ? side === 'key'
          ? 'row'
          : 'envelope'
        : textOf(fullName, 'AVRO FULLNAME'),
    nullDefaults:
      defaults !== undefined && !(defaults.value?.is === 'boolean' && !defaults.value.value),
    docs,
  }
}

async function published(
  catalog: Catalog,
  of: { format: Format; subject: string; schema: Json | undefined; side: 'key' | 'value' },
): Promise<number> {
  const { format, subject, schema, side } = of
  if (schema === undefined || format.is !== 'avro' || format.from !== 'registry') return 0
  const { connectionId, options } = format.registry
  const client = registryClient(catalog, catalog.item(connectionId!) as ConnectionItem)
  const told = (what: string) => (error: unknown) => {
    if (!(error instanceof RegistryFailure)) throw error
    throw new Error(
      `error publishing kafka schemas for sink: unable to ${what} in kafka sink: ${error.message}`,
    )
  }
  const level = find(options, `${side.toUpperCase()} COMPATIBILITY LEVEL`)
  if (level !== undefined) {
    await setLevel(client, subject, textOf(level, 'COMPATIBILITY LEVEL')).catch(
      told(`update ${side} schema compatibility level`),
    )
  }
  return client
    .publish(subject, JSON.stringify(schema))
    .catch(told(`publish ${side} schema to registry`)) as Promise<number>
}

/** A level that the subject has already is left alone. */
async function setLevel(client: RegistryClient, subject: string, level: string): Promise<void> {
  if ((await client.compatibility(subject)) !== undefined) return
  await client.setCompatibility(subject, level.toUpperCase())
}

function plainRow(format: Format, columns: Column[], row: Cell[]): Bytes {
  if (format.is === 'json') return jsonRow(columns, row)
  const cell = row[0] ?? ''
  if (format.is === 'bytes' && columns[0]?.type === 'bytea') {
    return Buffer.from(cell.slice(2), 'hex')
  }
  return cell
}

function plainEnvelope(
  format: Format,
  columns: Column[],
  rows: [Cell[] | null, Cell[] | null],
): Bytes {
  const [before, after] = rows
  // FORMAT TEXT has no room for the envelope: what comes is written as a row literal.
  if (format.is !== 'json') return recordText(after ?? before ?? [])
  const write = (row: Cell[] | null) => (row === null ? 'null' : jsonRow(columns, row))
  return `{"before":${write(before)},"after":${write(after)}}`
}
