import pg from 'pg'
import type { StandIn } from '../stand-in.ts'
import type { Answer, WireError, WireNotice } from './transcript.ts'

/** Everything comes back as the text that was on the wire. */
const AS_TEXT = {
  getTypeParser: () => (value: unknown) => value,
} as unknown as pg.CustomTypesConfig

interface Result {
  command: string
  rowCount: number | null
  fields: { name: string; dataTypeID: number }[]
  rows: (string | null)[][]
}

function answerOf(result: Result): Answer {
  return {
    tag: result.command,
    rowCount: result.rowCount,
    fields: result.fields.map((field) => `${field.name}:${field.dataTypeID}`),
    rows: result.rows,
  }
}

const PARTS = ['severity', 'code', 'message', 'detail', 'hint', 'position'] as const

function parts(source: object): Record<string, string> {
  const found: Record<string, string> = {}
  for (const part of PARTS) {
    const value = (source as Record<string, unknown>)[part]
    if (typeof value === 'string') found[part] = value
  }
  return found
}

export class WireSession {
  readonly client: pg.Client
  readonly parameters: Record<string, string> = {}
  private notices: WireNotice[] = []

  constructor(config: pg.ClientConfig) {
    this.client = new pg.Client({ types: AS_TEXT, ...config })
    this.client.on('error', () => undefined)
    this.client.on('notice', (notice) => {
      this.notices.push(parts(notice) as unknown as WireNotice)
    })
    const connection = (this.client as unknown as { connection: NodeJS.EventEmitter }).connection
    connection.on(
      'parameterStatus',
      (status: { parameterName: string; parameterValue: string }) => {
        this.parameters[status.parameterName] = status.parameterValue
      },
    )
  }

  async connect(): Promise<this> {
    await this.client.connect()
    return this
  }

  takeNotices(): WireNotice[] {
    return this.notices.splice(0)
  }

  async ask(sql: string, params?: string[]): Promise<Answer> {
    this.notices = []
    try {
      const result = (await this.client.query({
        text: sql,
        rowMode: 'array',
        ...(params === undefined ? {} : { values: params }),
      })) as unknown as Result | Result[]
      const notices = this.takeNotices()
      const answer: Answer = Array.isArray(result)
        ? { results: result.map(answerOf) }
        : answerOf(result)
      return notices.length === 0 ? answer : { ...answer, notices }
    } catch (error) {
      return { error: parts(error as object) as unknown as WireError }
    }
  }

  async end(): Promise<void> {
    await this.client.end().catch(() => undefined)
  }
}

const ROLES: Record<string, string> = { user: 'materialize', system: 'mz_system' }

/** One session a role, as the recording had. */
export class Sessions {
  private readonly standIn: StandIn
  private readonly all = new Map<string, WireSession>()

  constructor(standIn: StandIn) {
    this.standIn = standIn
  }

  config(user: string): pg.ClientConfig {
    const { host, ports } = this.standIn
    const port = user === 'mz_system' ? ports[1]! : ports[0]!
    // The recording turned the welcome off, except where it was the subject.
    return { host, port, user, database: 'materialize', options: '--welcome_message=off' }
  }

  async of(as = 'user'): Promise<WireSession> {
    const existing = this.all.get(as)
    if (existing !== undefined) return existing
    const session = await new WireSession(this.config(ROLES[as] ?? as)).connect()
    this.all.set(as, session)
    return session
  }

  async drop(as = 'user'): Promise<void> {
    const session = this.all.get(as)
    this.all.delete(as)
    await session?.end()
  }

  async close(): Promise<void> {
    await Promise.all([...this.all.keys()].map((as) => this.drop(as)))
  }
}
