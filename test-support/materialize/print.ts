import type { Catalog } from './catalog.ts'
import { KINDS } from './connection-kinds.ts'
import { quotedIdentifier, quotedString, readableIdentifier } from './keywords.ts'
import type { ConnectionItem, Item, SinkItem, SourceItem, TableItem } from './model.ts'
import { printedExpression } from './partition-by.ts'
import { printedFormat } from './print-formats.ts'
import type {
  Broker,
  CreateSource,
  FormatClause,
  Include,
  Option,
  OptionValue,
  SourceEnvelope,
} from './statements.ts'

const WIDTH = 100
const DETAILS: Option = { name: 'DETAILS', value: { is: 'string', value: '2200' } }

/**
 * Three spellings of one definition: `internal` and `redacted` are what the catalog keeps (objects by id,
 * with and without quotes), `readable` is what SHOW CREATE answers.
 */
export type Spelling = 'internal' | 'redacted' | 'readable'

/** A part of a definition, on a line of its own in the readable form; its body may need another. */
export interface Clause {
  title: string
  body?: string
  list?: string[]
}

export class Printer {
  private readonly catalog: Catalog
  private readonly spelling: Spelling

  constructor(catalog: Catalog, spelling: Spelling) {
    this.catalog = catalog
    this.spelling = spelling
  }

  identifier(name: string): string {
    return this.spelling === 'internal' ? quotedIdentifier(name) : readableIdentifier(name)
  }

  path(item: Item): string {
    return this.catalog
      .path(item)
      .map((part) => this.identifier(part))
      .join('.')
  }

  reference(id: string): string {
    const path = this.path(this.catalog.item(id))
    return this.spelling === 'readable' ? path : `[${id} AS ${path}]`
  }

  cluster(id: string): string {
    return this.spelling === 'readable'
      ? this.identifier(this.catalog.clusters.get(id)!.name)
      : `[${id}]`
  }

  type(printed: string): string {
    return printed
      .split('.')
      .map((part) => (this.spelling === 'internal' ? quotedIdentifier(part) : part))
      .join('.')
  }

  private value(value: OptionValue): string {
    switch (value.is) {
      case 'string':
        return quotedString(value.value)
      case 'number':
      case 'word':
        return value.value
      case 'boolean':
        return String(value.value)
      case 'secret':
        return `SECRET ${value.name.parts.map((part) => this.identifier(part)).join('.')}`
      case 'secret-id':
        return `SECRET ${this.reference(value.id)}`
      case 'object':
        return value.name.parts.map((part) => this.identifier(part)).join('.')
      case 'object-id': {
        const port = value.options?.find(({ name }) => name === 'PORT')?.value
        return `${this.reference(value.id)}${port === undefined ? '' : ` (PORT ${this.value(port)})`}`
      }
      case 'broker':
        return this.broker(value.broker)
      case 'list':
        return `(${value.values.map((one) => this.value(one)).join(', ')})`
      case 'map':
        return `MAP[${value.entries.map(([key, one]) => `${quotedString(key)} => ${this.value(one)}`).join(', ')}]`
      case 'expression':
        return printedExpression(value.sql, {
          identifier: (name) => this.identifier(name),
          type: (id, name) => `[${id} AS ${this.type(name)}]`,
        })
      case 'for':
        return `FOR ${quotedString(value.value)}`
      case 'null':
        return 'NULL'
    }
  }

  private broker({ address, matching, using }: Broker): string {
    const text = `${matching ? 'MATCHING ' : ''}${quotedString(address)}`
    if (using === undefined) return text
    const options = using.options.length === 0 ? '' : ` (${this.options(using.options)})`
    return `${text} USING ${using.is} ${this.value(using.connection)}${options}`
  }

  option(option: Option): string {
    return option.value === undefined ? option.name : `${option.name} = ${this.value(option.value)}`
  }

  options(options: Option[]): string {
    return options.map((option) => this.option(option)).join(', ')
  }

  connection(item: ConnectionItem): Clause[] {
    return [
      { title: `CREATE CONNECTION ${this.path(item)}` },
      {
        title: `TO ${KINDS[item.connectionType].words}`,
        list: item.options.map((option) => this.option(option)),
      },
    ]
  }

  source(item: SourceItem): Clause[] {
    const statement = item.statement!
    const clauses = [
      { title: `CREATE SOURCE ${this.path(item)}${this.columns(statement.columns)}` },
      { title: `IN CLUSTER ${this.cluster(item.clusterId!)}` },
      { title: 'FROM', body: this.kafka(item.connectionId!, statement.options) },
      ...this.decoding(statement),
    ]
    if (item.progressId !== undefined) {
      clauses.push({ title: 'EXPOSE PROGRESS AS', body: this.reference(item.progressId) })
    }
    if (statement.with.length > 0) clauses.push({ title: `WITH (${this.options(statement.with)})` })
    return clauses
  }

  private columns(columns: string[] | undefined): string {
    if (columns === undefined) return ''
    return ` (${columns.map((column) => this.identifier(column)).join(', ')})`
  }

  private kafka(connectionId: string, options: Option[]): string {
    const list = options.length === 0 ? '' : ` (${this.options(options)})`
    return `KAFKA CONNECTION ${this.reference(connectionId)}${list}`
  }

  private decoding(of: Pick<CreateSource, 'format' | 'include' | 'envelope'>): Clause[] {
    const clauses: Clause[] = []
    if (of.format !== undefined) clauses.push(...this.formats(of.format))
    if (of.include.length > 0) {
      const body = of.include.map((include) => this.include(include)).join(', ')
      clauses.push({ title: 'INCLUDE', body })
    }
    if (of.envelope !== undefined) {
      clauses.push({ title: 'ENVELOPE', body: this.envelope(of.envelope) })
    }
    return clauses
  }

  private formats(clause: FormatClause): Clause[] {
    const value = printedFormat(clause.value!, this)
    if (clause.bare) return [{ title: 'FORMAT', body: value }]
    const key = printedFormat(clause.key!, this)
    const together = `KEY FORMAT ${key} VALUE FORMAT ${value}`
    if (together.length <= WIDTH) return [{ title: together }]
    return [
      { title: 'KEY FORMAT', body: key },
      { title: 'VALUE FORMAT', body: value },
    ]
  }

  private include(include: Include): string {
    const header = include.header === undefined ? '' : ` ${quotedString(include.header)}`
    const alias = include.alias === undefined ? '' : ` AS ${this.identifier(include.alias)}`
    return `${include.is}${header}${alias}${include.bytes === true ? ' BYTES' : ''}`
  }

  private envelope(envelope: SourceEnvelope): string {
    if (envelope.is !== 'upsert-inline') return envelope.is.toUpperCase()
    const alias = envelope.alias === undefined ? '' : ` AS ${this.identifier(envelope.alias)}`
    return `UPSERT (VALUE DECODING ERRORS = (INLINE${alias}))`
  }

  progress(item: SourceItem): string {
    const type = (id: string, name: string) => `[${id} AS ${this.type(name)}]`
    return (
      `CREATE SUBSOURCE ${this.path(item)} (${this.identifier('partition')} ` +
      `${type('s80', 'pg_catalog.numrange')} NOT NULL, ${this.identifier('offset')} ` +
      `${type('s70', 'mz_catalog.uint8')}) WITH (PROGRESS = true)`
    )
  }

  sink(item: SinkItem): Clause[] {
    const { statement } = item
    const key =
      statement.key === undefined
        ? ''
        : ` KEY (${statement.key.columns.map((name) => this.identifier(name)).join(', ')})` +
          (statement.key.notEnforced ? ' NOT ENFORCED' : '')
    const headers =
      statement.headers === undefined ? '' : ` HEADERS ${this.identifier(statement.headers)}`
    const clauses: Clause[] = [
      { title: `CREATE SINK ${this.path(item)}` },
      { title: `IN CLUSTER ${this.cluster(item.clusterId)}` },
      { title: 'FROM', body: this.reference(item.fromId) },
      {
        title: 'INTO',
        body: `${this.kafka(item.connectionId, statement.options)}${key}${headers}`,
      },
      ...this.formats(statement.format!),
      { title: 'ENVELOPE', body: statement.envelope!.toUpperCase() },
    ]
    const options: Option[] = [...statement.with]
    if (item.version > 0) {
      options.push({ name: 'VERSION', value: { is: 'number', value: String(item.version) } })
    }
    if (options.length > 0) clauses.push({ title: `WITH (${this.options(options)})` })
    return clauses
  }

  table(item: TableItem): Clause[] {
    if (item.statement !== undefined) return this.tableFromSource(item)
    const columns = item.definitions.map(
      (column) =>
        `${this.identifier(column.name)} ${this.type(column.printedType)}` +
        `${column.nullable ? '' : ' NOT NULL'}` +
        `${column.default === undefined ? '' : ` DEFAULT ${column.default}`}`,
    )
    return [{ title: `CREATE TABLE ${this.path(item)}`, list: columns }]
  }

  private tableFromSource(item: TableItem): Clause[] {
    const { statement } = item
    const reference =
      statement!.reference === undefined
        ? ''
        : ` (REFERENCE = ${statement!.reference.parts.map((part) => this.identifier(part)).join('.')})`
    return [
      { title: `CREATE TABLE ${this.path(item)}${this.columns(statement!.columns)}` },
      { title: 'FROM SOURCE', body: `${this.reference(item.sourceId!)}${reference}` },
      ...this.decoding(statement!),
      // An encoded proto that tells nothing about a Kafka topic, always the same.
      { title: `WITH (${this.options([...statement!.with, DETAILS])})` },
    ]
  }
}

function flat(clause: Clause): string {
  if (clause.list !== undefined) return `${clause.title} (${clause.list.join(', ')})`
  return clause.body === undefined ? clause.title : `${clause.title} ${clause.body}`
}

export function onOneLine(clauses: Clause[]): string {
  return clauses.map(flat).join(' ')
}

const INDENT = '    '

/** SHOW CREATE's form: a clause a line, broken further where it is wider than a hundred columns. */
export function overLines(clauses: Clause[]): string {
  const lines = clauses.map((clause, index) => {
    const end = index === clauses.length - 1 ? ';' : ''
    const line = `${flat(clause)}${end}`
    if (line.length <= WIDTH) return line
    if (clause.list !== undefined) return brokenList(clause, end)
    if (clause.body === undefined) return line
    return `${clause.title}\n${INDENT}${clause.body}${end}`
  })
  return lines.join('\n')
}

function brokenList(clause: Clause, end: string): string {
  const together = `${INDENT}(${clause.list!.join(', ')})${end}`
  if (together.length <= WIDTH) return `${clause.title}\n${together}`
  const entries = clause.list!.map((entry) => `${INDENT}${INDENT}${entry}`).join(',\n')
  return `${clause.title}\n${INDENT}(\n${entries}\n${INDENT})${end}`
}
