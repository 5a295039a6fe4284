import { PGlite } from '@electric-sql/pglite'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serialize } from 'pg-protocol'
import { TYPES } from './column-types.ts'
import { bootstrapSql } from './store-bootstrap.ts'

export interface Field {
  name: string
  /** Materialize's number of the type. */
  oid: number
  modifier: number
  /** The table whose column it is, by PostgreSQL's number, and which one; 0 if it is computed. */
  table?: number
  column?: number
}

export interface Rows {
  fields: Field[]
  rows: (string | null)[][]
  /** The command tag. */
  tag: string
}

/** What PostgreSQL said; only pg-errors.ts knows what Materialize would have said. */
export class PostgresFailure extends Error {
  readonly code: string
  readonly position: number | undefined

  constructor(message: string, at: { code: string; position: number | undefined }) {
    super(message)
    this.code = at.code
    this.position = at.position
  }
}

interface Message {
  name: string
  fields?: unknown
  text?: string
  message?: string
  code?: string
  position?: string
  dataTypeIDs?: number[]
}

interface RawField {
  name: string
  dataTypeID: number
  dataTypeModifier: number
  tableID: number
  columnID: number
}

const UNKNOWN_TYPE = 705
const TEXT = 25
const SETTINGS = "SET search_path = mz_catalog, pg_catalog; SET timezone = 'UTC';"

/** PostgreSQL in memory: tables, views and every SELECT over them. */
export class Store {
  private readonly postgres: PGlite
  private readonly fromPostgres: Map<number, number>
  private readonly toPostgres: Map<number, number>
  /** What the session functions answer; set again only when another session asks. */
  private settings = ''
  private queue: Promise<unknown> = Promise.resolve()

  private constructor(postgres: PGlite, types: Map<number, number>) {
    this.postgres = postgres
    this.fromPostgres = types
    this.toPostgres = new Map([...types].map(([theirs, ours]) => [ours, theirs]))
  }

  static async open(): Promise<Store> {
    const postgres = await openPostgres()
    await postgres.exec(SETTINGS)
    const found = await postgres.query<{ oid: number; typarray: number; typname: string }>(
      `SELECT oid, typarray, typname FROM pg_type
       WHERE typnamespace = 'mz_catalog'::regnamespace AND typtype = 'b'`,
    )
    const types = new Map<number, number>()
    for (const { oid, typarray, typname } of found.rows) {
      const facts = TYPES[typname.replace('mz_record', 'record')]
      if (facts === undefined) continue
      types.set(oid, facts.oid)
      if (typname === 'mz_aclitem') types.set(typarray, 16567)
    }
    return new Store(postgres, types)
  }

  async close(): Promise<void> {
    await this.postgres.close()
  }

  /** One user at a time: an exchange is several messages on one connection. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.queue.then(work)
    this.queue = mine.catch(() => undefined)
    return mine
  }

  /** Runs statements and gives the answer of the last one. */
  run(sql: string): Promise<Rows> {
    return this.exclusive(() => this.runNow(sql))
  }

  /** Runs a query for a session, whose functions answer as its settings say. */
  ask(
    settings: Record<string, string>,
    sql: string,
    params?: { types: number[]; values: (string | null)[] },
  ): Promise<Rows> {
    return this.exclusive(async () => {
      await this.use(settings)
      return params === undefined ? this.runNow(sql) : this.runWith(sql, params)
    })
  }

  /** Tag of a statement whose effect is taken back at once. */
  attempt(settings: Record<string, string>, sql: string): Promise<string> {
    return this.exclusive(async () => {
      await this.use(settings)
      await this.runNow('BEGIN')
      try {
        return (await this.runNow(sql)).tag
      } finally {
        await this.runNow('ROLLBACK')
      }
    })
  }

  /** Columns and parameters of a query, without running it. */
  describe(
    sql: string,
    parameterTypes: number[] = [],
  ): Promise<{ fields: Field[]; parameters: number[] }> {
    return this.exclusive(() => this.describeNow(sql, parameterTypes))
  }

  private async use(settings: Record<string, string>): Promise<void> {
    const sql = Object.entries(settings)
      .map(([name, value]) => `SELECT set_config('mz.${name}', ${literal(value)}, false)`)
      .join(';')
    if (sql === this.settings) return
    await this.runNow(sql)
    this.settings = sql
  }

  private async runNow(sql: string): Promise<Rows> {
    return this.collect(await this.send(serialize.query(sql)))
  }

  private async runWith(
    sql: string,
    params: { types: number[]; values: (string | null)[] },
  ): Promise<Rows> {
    const types = params.types.map((type) => this.toPostgres.get(type) ?? type)
    return this.collect([
      ...(await this.send(serialize.parse({ text: sql, types }))),
      ...(await this.send(serialize.bind({ values: params.values }))),
      ...(await this.send(serialize.describe({ type: 'P' }))),
      ...(await this.send(serialize.execute({ rows: 0 }))),
      ...(await this.send(serialize.sync())),
    ])
  }

  private async describeNow(
    sql: string,
    parameterTypes: number[],
  ): Promise<{ fields: Field[]; parameters: number[] }> {
    const types = parameterTypes.map((type) => this.toPostgres.get(type) ?? type)
    const messages = [
      ...(await this.send(serialize.parse({ text: sql, types }))),
      ...(await this.send(serialize.describe({ type: 'S' }))),
      ...(await this.send(serialize.sync())),
    ]
    const { fields } = this.collect(messages)
    const parameters = messages.find((message) => message.name === 'parameterDescription')
    return {
      fields,
      parameters: (parameters?.dataTypeIDs ?? []).map(
        (type) => this.fromPostgres.get(type) ?? type,
      ),
    }
  }

  private async send(message: Uint8Array): Promise<Message[]> {
    const { messages } = await this.postgres.execProtocol(message, { throwOnError: false })
    const failed = messages.find((one) => one.name === 'error') as unknown as Message | undefined
    if (failed !== undefined) {
      // An error in the extended protocol makes the server skip everything up to the next Sync.
      await this.postgres.execProtocol(serialize.sync(), { throwOnError: false })
      throw new PostgresFailure(failed.message ?? '', {
        code: failed.code ?? '',
        position: failed.position === undefined ? undefined : Number(failed.position),
      })
    }
    return messages as unknown as Message[]
  }

  private collect(messages: Message[]): Rows {
    let answer: Rows = { fields: [], rows: [], tag: '' }
    for (const message of messages) {
      if (message.name === 'rowDescription') {
        answer = {
          fields: (message.fields as RawField[]).map((raw) => this.field(raw)),
          rows: [],
          tag: '',
        }
      } else if (message.name === 'dataRow') {
        answer.rows.push(this.row(message.fields as (string | null)[], answer.fields))
      } else if (message.name === 'commandComplete') {
        answer.tag = message.text ?? ''
      }
    }
    return answer
  }

  private field(raw: RawField): Field {
    const oid = this.fromPostgres.get(raw.dataTypeID) ?? raw.dataTypeID
    return {
      name: raw.name,
      oid: oid === UNKNOWN_TYPE ? TEXT : oid,
      modifier: raw.dataTypeModifier,
      table: raw.tableID,
      column: raw.columnID,
    }
  }

  private row(values: (string | null)[], fields: Field[]): (string | null)[] {
    return values.map((value, index) => {
      if (value === null) return null
      if (fields[index]?.oid === 1700) return trimNumeric(value)
      if (fields[index]?.oid === 3802) return compactJson(value)
      return value
    })
  }
}

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

function trimNumeric(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** PostgreSQL's jsonb text made Materialize's: no blanks, keys in order, numbers digit by digit. */
export function compactJson(text: string): string {
  const numbers: string[] = []
  // Numbers beyond 2^53 must survive, so they travel through JSON.parse as marked strings.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => {
    if (token.startsWith('"')) return token
    numbers.push(trimNumeric(token))
    return `"\\u0000${numbers.length - 1}"`
  })
  const write = (value: unknown): string => {
    if (typeof value === 'string') {
      return value.startsWith('\u0000') ? numbers[Number(value.slice(1))]! : JSON.stringify(value)
    }
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`).join(',')}}`
    }
    return String(value)
  }
  return write(JSON.parse(marked))
}

/** Making a database takes seconds, reading a finished one back half a second: it is kept between runs. */
async function openPostgres(): Promise<PGlite> {
  const sql = bootstrapSql()
  const modules = new URL('../../node_modules/', import.meta.url)
  const engine = readFileSync(new URL('@electric-sql/pglite/package.json', modules))
  const key = createHash('sha256').update(sql).update(engine).digest('hex').slice(0, 16)
  const directory = fileURLToPath(new URL('.cache/stand-in/', modules))
  const path = `${directory}${key}.tar`
  if (existsSync(path)) {
    const kept = new PGlite({ loadDataDir: new Blob([readFileSync(path)]) })
    await kept.waitReady
    return kept
  }
  const fresh = new PGlite()
  await fresh.exec(sql)
  const dump = await fresh.dumpDataDir('none')
  mkdirSync(directory, { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()))
  renameSync(unfinished, path)
  return fresh
}
