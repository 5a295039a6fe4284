import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { StandIn } from '../stand-in.ts'
import type { Outcome } from './replay.ts'
import { transcript, type EventLine, type ThenStep, type WireError } from './transcript.ts'

const FILE = 'connect'
export const PASSWORD_ROLE = { name: 'pw_user', password: 'right password' }
/** Order of the listeners that this replay expects. */
export const LISTENERS = { plain: 0, internal: 1, password: 2, scram: 3 }
const CANCEL_REQUEST = 80877102

interface Step {
  sql?: string
  wait?: number
  rows?: unknown[]
  error?: WireError
  other?: Step
}

const ERROR_PARTS = ['severity', 'code', 'message', 'detail', 'hint', 'position'] as const

function errorOf(error: unknown): WireError {
  const found: Partial<Record<(typeof ERROR_PARTS)[number], string>> = {}
  for (const part of ERROR_PARTS) {
    const value = (error as Record<string, unknown>)[part]
    if (typeof value === 'string') found[part] = value
  }
  return found as WireError
}

async function ask(client: pg.Client, sql: string): Promise<Step> {
  try {
    const result = (await client.query(sql)) as pg.QueryResult
    return { sql, rows: result.rows }
  } catch (error) {
    return { sql, error: errorOf(error) }
  }
}

function cancel(client: pg.Client, standIn: StandIn): void {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const packet = Buffer.alloc(16)
  packet.writeInt32BE(16, 0)
  packet.writeInt32BE(CANCEL_REQUEST, 4)
  packet.writeInt32BE(processID, 8)
  packet.writeInt32BE(secretKey, 12)
  connect(standIn.port, standIn.host).end(packet)
}

/** Replays how the recording connected, was cancelled and raced. */
export class Connecting {
  readonly outcomes: Outcome[] = []
  private readonly standIn: StandIn

  constructor(standIn: StandIn) {
    this.standIn = standIn
  }

  async run(): Promise<void> {
    for (const line of transcript<EventLine>(FILE)) {
      if (line.event === 'race') await this.race(line)
      else if (line.config === undefined) await this.login(line)
      else await this.connection(line)
    }
  }

  private record(sql: string, expected: unknown, actual: unknown): void {
    const clean = (value: unknown) =>
      JSON.stringify(value ?? null)
        .replace(/docker-container-[0-9a-f-]{36}-\d/g, '<environment>')
        .replace(/Session UUID: [0-9a-f-]+/g, 'Session UUID: <uuid>')
    const agrees = clean(expected) === clean(actual)
    this.outcomes.push({ file: FILE, sql, agrees, expected, actual })
  }

  private client(config: Record<string, string>): pg.Client {
    const { ssl, ...rest } = config
    const client = new pg.Client({
      host: this.standIn.host,
      port: this.standIn.port,
      user: 'materialize',
      database: 'materialize',
      ...rest,
      ...(ssl === undefined ? {} : { ssl: { rejectUnauthorized: false } }),
    })
    client.on('error', () => undefined)
    return client
  }

  private async connection(line: EventLine): Promise<void> {
    const note = line.note!
    const client = this.client(line.config!)
    const notices: unknown[] = []
    const parameters: Record<string, string> = {}
    client.on('notice', (notice) => notices.push(errorOf(notice)))
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
    connection.on(
      'parameterStatus',
      (status: { parameterName: string; parameterValue: string }) => {
        if (line.parameters?.[status.parameterName] !== undefined) {
          parameters[status.parameterName] = status.parameterValue
        }
      },
    )
    try {
      await client.connect()
    } catch (error) {
      return this.record(`(${note})`, { error: line.error }, { error: errorOf(error) })
    }
    // Notices and the first ReadyForQuery arrive together.
    await delay(5)
    const { connected, parameters: expected, notices: expectedNotices = [] } = line
    this.record(
      `(${note})`,
      { connected, notices: expectedNotices, parameters: expected },
      { connected: true, notices, parameters },
    )
    if (note === 'cancel') await this.prepareCancel(client)
    for (const step of line.then ?? []) await this.step(client, note, step)
    await client.end().catch(() => undefined)
  }

  private async prepareCancel(client: pg.Client): Promise<void> {
    await client.query('CREATE TABLE cz (a int)')
    await client.query('BEGIN')
    await client.query('DECLARE c CURSOR FOR SUBSCRIBE cz WITH (SNAPSHOT = false)')
    setTimeout(() => cancel(client, this.standIn), 100)
  }

  private async step(client: pg.Client, note: string, step: ThenStep): Promise<void> {
    if (step.wait !== undefined) return delay(step.wait)
    this.record(`(${note}) ${step.sql!}`, step, await ask(client, step.sql!))
  }

  private async login(line: EventLine): Promise<void> {
    const note = line.note!
    const isScram = note.startsWith('SASL')
    const port = this.standIn.ports[isScram ? LISTENERS.scram : LISTENERS.password]!
    const { name, password } = PASSWORD_ROLE
    const user = note.includes('unknown role') ? 'nobody' : name
    const given = note.includes('right password') ? password : 'something else'
    const client = new pg.Client({
      host: this.standIn.host,
      port,
      user,
      database: 'materialize',
      ssl: { rejectUnauthorized: false },
      password: note.includes('no password') ? '' : given,
      ...(note.includes('default iteration cap') ? {} : { scramMaxIterations: 1_000_000 }),
    } as pg.ClientConfig)
    client.on('error', () => undefined)
    try {
      await client.connect()
      this.record(`(${note})`, { connected: line.connected }, { connected: true })
    } catch (error) {
      const { code, message } = errorOf(error)
      this.record(`(${note})`, line.error, { ...(code === undefined ? {} : { code }), message })
    }
    await client.end().catch(() => undefined)
  }

  private async race(line: EventLine): Promise<void> {
    const note = line.note!
    const [one, two] = [this.client({}), this.client({})]
    await Promise.all([one.connect(), two.connect()])
    const steps = line.results!
    const actual: Step[] = []
    if (note.includes('create the same source')) {
      await one.query(
        "CREATE CONNECTION rk TO KAFKA (BROKER 'localhost:29092', SECURITY PROTOCOL 'PLAINTEXT')",
      )
    }
    if (note.includes('transaction of sources')) {
      for (const step of steps) {
        if (step.other === undefined) actual.push(await ask(one, step.sql!))
        else actual.push({ other: await ask(two, step.other.sql) })
      }
    } else if (note === 'drop against create') {
      // The recording's DROP was the faster one.
      for (const step of steps) actual.push(await ask(one, step.sql!))
    } else {
      const [first, second] = steps
      actual.push(...(await Promise.all([ask(one, first!.sql!), ask(two, second!.sql!)])))
    }
    const order = (all: unknown[]) =>
      note.startsWith('two sessions') ? all.map((step) => JSON.stringify(step)).sort() : all
    this.record(`(${note})`, order(steps), order(actual))
    await Promise.all([one.end(), two.end()])
  }
}
