import { isIP } from 'node:net'
import pg from 'pg'
import type { Deadline } from '../core/deadline.ts'
import { Failure } from '../core/failure.ts'
import type { MaterializeSettings } from '../core/model.ts'
import type { Statement } from '../core/sql.ts'
import type { Log, Materialize, MaterializeSession, ResultSet } from '../ports.ts'
import { requestCancel } from './materialize-cancel.ts'
import { connectFailure, queryFailure } from './materialize-faults.ts'

/** Self-managed Materialize asks for 600,000 SCRAM iterations, where pg stops at 100,000. */
const SCRAM_ITERATIONS = 1_000_000
const CONNECT_WITHIN_MS = 15_000

interface Options {
  settings: MaterializeSettings
  /** Seen in Materialize's session list and activity log. */
  applicationName: string
  log: Log
  deadline: Deadline
}

/** Materialize over the PostgreSQL protocol. */
export function openMaterialize(options: Options): Materialize {
  return { open: (purpose) => PgSession.open(options, purpose) }
}

class PgSession implements MaterializeSession {
  readonly version: string
  readonly #client: pg.Client
  readonly #options: Options
  /** Why the session is no longer usable. */
  #lost: Failure | undefined
  /** Resolves once the server was asked to stop what it was cut off at. */
  #cancelled: Promise<void> | undefined

  private constructor(client: pg.Client, options: Options, version: string) {
    this.#client = client
    this.#options = options
    this.version = version
    // A connection that ends by itself raises an event, which unheard would end the process.
    client.on('error', (error) => {
      this.#lost ??= queryFailure(error)
    })
  }

  static async open(options: Options, purpose: string): Promise<PgSession> {
    const { settings, deadline, log } = options
    const withinMs = Math.min(CONNECT_WITHIN_MS, deadline.remainingMs())
    const client = new pg.Client({
      ...clientConfig(options, purpose),
      // 0 would mean to wait for ever.
      connectionTimeoutMillis: Math.max(1, withinMs),
    })
    let version = 'unknown'
    watchParameters(client, (name, value) => {
      if (name === 'mz_version') version = value
    })
    client.on('notice', (notice) => {
      log.debug(`${notice.severity ?? 'NOTICE'}: ${notice.message ?? ''}`)
    })
    const ignore = (): void => undefined
    client.on('error', ignore)
    const connecting = client.connect()
    try {
      await cutOff(connecting, { withinMs: withinMs + 500, deadline, what: 'connecting' })
    } catch (error) {
      connecting.catch(ignore)
      destroy(client)
      throw connectFailure(error, settings)
    }
    return new PgSession(client, options, version)
  }

  async query(statement: Statement, withinMs = Number.POSITIVE_INFINITY): Promise<ResultSet> {
    if (this.#lost) throw this.#lost
    const { deadline, log } = this.#options
    if (deadline.signal.aborted) throw reasonOf(deadline.signal)
    log.debug(statement.shown)
    const running = this.#client.query<(string | null)[]>({
      text: statement.text,
      rowMode: 'array',
      // Every value as the server wrote it: what it means is decided in one place, by its type.
      types: { getTypeParser: () => (value: string) => value } as never,
    })
    try {
      const within = Math.min(withinMs, deadline.remainingMs())
      const answer = await cutOff(running, { withinMs: within, deadline, what: statement.shown })
      return {
        fields: answer.fields.map((field) => ({ name: field.name, type: field.dataTypeID })),
        rows: answer.rows,
      }
    } catch (error) {
      if (error instanceof Failure) {
        // The server still works on it: this session can answer nothing more.
        this.#lost = error
        running.catch(() => undefined)
        this.#cancelled = this.#cancel()
        throw error
      }
      throw queryFailure(error, statement)
    }
  }

  /** Closing the session alone leaves a SELECT running that nobody will read. */
  async #cancel(): Promise<void> {
    const { host, port } = this.#options.settings
    const { processID, secretKey } = this.#client as unknown as {
      processID: number | null
      secretKey: number | null
    }
    if (processID !== null && secretKey !== null) {
      const ssl = tlsOptions(this.#options.settings)
      await requestCancel({ host, port, ssl, processId: processID, secretKey })
    }
    destroy(this.#client)
  }

  async close(): Promise<void> {
    if (this.#cancelled) return this.#cancelled
    if (this.#lost) {
      destroy(this.#client)
      return
    }
    this.#lost = new Failure({ reason: 'materialize-lost', message: 'The session was closed.' })
    const ended = this.#client.end().catch(() => undefined)
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, 500).unref()
    })
    await Promise.race([ended, late])
    destroy(this.#client)
  }
}

/** Nothing is left to PG* variables and ~/.pgpass, which belong to other steps of the job. */
function clientConfig(options: Options, purpose: string): pg.ClientConfig {
  const { settings, applicationName } = options
  const config: pg.ClientConfig & { scramMaxIterations: number } = {
    host: settings.host,
    port: settings.port,
    user: settings.user,
    // As a function, since an empty password would be looked for elsewhere.
    password: () => settings.password ?? '',
    database: settings.database,
    application_name: `${applicationName} ${purpose}`,
    options: '--welcome_message=off',
    ssl: tlsOptions(settings),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    scramMaxIterations: SCRAM_ITERATIONS,
  }
  return config
}

function tlsOptions(settings: MaterializeSettings): pg.ClientConfig['ssl'] {
  if (settings.sslmode === 'disable') return false
  return {
    rejectUnauthorized: settings.sslmode === 'verify-full',
    // pg names the server only where it is a name: an address would be checked against nothing.
    ...(isIP(settings.host) ? { host: settings.host } : { servername: settings.host }),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  }
}

/** The server's parameters, which pg has no public event for. */
function watchParameters(client: pg.Client, take: (name: string, value: string) => void): void {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
  connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    take(message.parameterName, message.parameterValue)
  })
}

function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

/** A promise's value, unless time runs out or the run is cancelled before it comes. */
async function cutOff<T>(
  promise: Promise<T>,
  limit: { withinMs: number; deadline: Deadline; what: string },
): Promise<T> {
  const { signal } = limit.deadline
  if (signal.aborted) throw reasonOf(signal)
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const late = new Promise<never>((_resolve, reject) => {
    if (Number.isFinite(limit.withinMs)) {
      timer = setTimeout(() => {
        reject(
          new Failure({
            reason: 'deadline',
            message: `Time ran out while Materialize was working on: ${limit.what}.`,
          }),
        )
      }, limit.withinMs)
    }
    stop = () => {
      reject(reasonOf(signal))
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    if (stop) signal.removeEventListener('abort', stop)
  }
}

function reasonOf(signal: AbortSignal): Failure {
  return signal.reason instanceof Failure
    ? signal.reason
    : new Failure({ reason: 'cancelled', message: 'The run was cancelled.' })
}
