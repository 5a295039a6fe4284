import { execute, finish } from './execute.ts'
import { SqlError, toSqlError, unknownHere } from './errors.ts'
import { parse } from './parser.ts'
import { describeQuery, rewrite, type Parameters } from './queries.ts'
import { newTransaction, type Session } from './session.ts'
import { REPORTED } from './session-variables.ts'
import type { Parsed } from './statements.ts'
import type { Field, Rows } from './store.ts'
import { Body, write, type Frame } from './wire.ts'

/** The session that a statement came by. */
export interface SentBy {
  /** As long as the server runs, no two sessions have the same. */
  session: number
  application: string
}

export type StatementHook = (sql: string, role: string, by: SentBy) => void | Promise<void>

interface Prepared {
  parsed: Parsed | undefined
  parameters: number[]
  fields: Field[] | undefined
}

interface Portal {
  prepared: Prepared
  parameters: Parameters
  /** Rows that a limited Execute has left. */
  pending: Rows | undefined
}

const SHOWING = new Set(['show', 'show-create', 'show-objects'])

/** One session's conversation after it has logged in. */
export class Protocol {
  private readonly session: Session
  private readonly send: (message: Buffer) => void
  private readonly onStatement: StatementHook | undefined
  private readonly statements = new Map<string, Prepared>()
  private readonly portals = new Map<string, Portal>()
  private readonly reported = new Map<string, string>()
  /** After an error everything up to the next Sync is skipped. */
  private skipping = false

  constructor(
    session: Session,
    send: (message: Buffer) => void,
    onStatement: StatementHook | undefined,
  ) {
    this.session = session
    this.send = send
    this.onStatement = onStatement
  }

  begin(): void {
    this.send(write.authenticationOk())
    this.reportVariables()
    this.send(write.backendKeyData(this.session.processId, this.session.secretKey))
  }

  ready(): void {
    this.send(write.readyForQuery(this.session.status()))
  }

  private reportVariables(): void {
    for (const name of REPORTED) {
      const value = this.session.variables.get(name)
      if (this.reported.get(name) === value) continue
      this.reported.set(name, value)
      this.send(write.parameterStatus(name, value))
    }
  }

  async handle(frame: Frame): Promise<void> {
    if (frame.type === 'S') {
      this.skipping = false
      await this.endImplicit()
      this.ready()
    } else if (frame.type === 'Q') {
      await this.simple(new Body(frame.body).text())
      this.ready()
    } else if (!this.skipping) {
      try {
        await this.extended(frame)
      } catch (error) {
        this.fail(error)
        this.skipping = true
      }
    }
  }

  private fail(error: unknown): void {
    const { transaction } = this.session
    if (transaction?.explicit === true) {
      transaction.failed = true
      for (const cursor of transaction.cursors.values()) cursor.close()
    } else this.session.endTransaction()
    this.send(write.error(toSqlError(error)))
  }

  private async endImplicit(): Promise<void> {
    const { transaction } = this.session
    if (transaction === undefined || transaction.explicit) return
    this.session.endTransaction()
    try {
      await finish(this.session, transaction)
    } catch (error) {
      this.fail(error)
    }
  }

  private async simple(sql: string): Promise<void> {
    try {
      const statements = parse(sql)
      if (statements.length === 0) return this.send(write.emptyQuery())
      // Several statements in one message are one transaction, begun or not.
      if (statements.length > 1) this.session.transaction ??= newTransaction(false)
      for (const [index, parsed] of statements.entries()) {
        const answer = await this.perform(parsed)
        const isLast = index === statements.length - 1
        if (isLast && this.session.transaction?.explicit === false) {
          const { transaction } = this.session
          this.session.endTransaction()
          await finish(this.session, transaction)
        }
        this.answer(answer, { describe: true })
      }
    } catch (error) {
      this.fail(error)
    }
  }

  private async perform(parsed: Parsed, parameters?: Parameters): Promise<Rows> {
    this.session.cancel = new AbortController()
    const { role, processId: session, variables } = this.session
    const application = variables.get('application_name')
    await this.onStatement?.(parsed.text, role.name, { session, application })
    return execute(this.session, parsed, parameters)
  }

  private answer(answer: Rows, of: { describe: boolean }): void {
    this.reportVariables()
    const hasRows = answer.fields.length > 0 || answer.tag.startsWith('SELECT')
    if (hasRows && of.describe) this.send(write.rowDescription(answer.fields))
    for (const row of answer.rows) this.send(write.dataRow(row))
    this.send(write.commandComplete(answer.tag))
  }

  private async extended(frame: Frame): Promise<void> {
    const body = new Body(frame.body)
    switch (frame.type) {
      case 'P':
        return this.parseMessage(body)
      case 'B':
        return this.bind(body)
      case 'D':
        return this.describe(body)
      case 'E':
        return this.executeMessage(body)
      case 'C': {
        const from = body.byte() === 'S' ? this.statements : this.portals
        from.delete(body.text())
        return this.send(write.closeComplete())
      }
      case 'H':
        return
      default:
        throw unknownHere(`the message ${frame.type}`)
    }
  }

  private async parseMessage(body: Body): Promise<void> {
    const name = body.text()
    const sql = body.text()
    const given = Array.from({ length: body.int16() }, () => body.uint32())
    const statements = parse(sql)
    if (statements.length > 1) {
      throw new SqlError('42601', 'cannot insert multiple commands into a prepared statement')
    }
    const parsed = statements[0]
    let prepared: Prepared = { parsed, parameters: [], fields: undefined }
    if (parsed?.statement.kind === 'select') {
      if (this.session.transaction?.failed !== true) {
        const query = rewrite(this.session, parsed.statement.sql)
        prepared = { parsed, ...(await describeQuery(this.session, query, given)) }
      }
    }
    this.statements.set(name, prepared)
    this.send(write.parseComplete())
  }

  private bind(body: Body): void {
    const portal = body.text()
    const name = body.text()
    const prepared = this.statements.get(name)
    if (prepared === undefined) {
      throw new SqlError('26000', `prepared statement ${JSON.stringify(name)} does not exist`)
    }
    const formats = Array.from({ length: body.int16() }, () => body.int16())
    const count = body.int16()
    if (count !== prepared.parameters.length) {
      throw new SqlError(
        '08P01',
        `bind message supplies ${count} parameters, but prepared statement "${name}" requires ${prepared.parameters.length}`,
      )
    }
    const values = Array.from({ length: count }, (_, index) => {
      const length = body.int32()
      if (length === -1) return null
      const bytes = body.take(length)
      const isBinary = (formats.length === 1 ? formats[0] : formats[index]) === 1
      if (!isBinary) return bytes.toString('utf8')
      if (prepared.parameters[index] === 17) return `\\x${bytes.toString('hex')}`
      throw unknownHere('parameters in binary form')
    })
    const results = Array.from({ length: body.int16() }, () => body.int16())
    if (results.includes(1)) throw unknownHere('answers in binary form')
    this.portals.set(portal, {
      prepared,
      parameters: { types: prepared.parameters, values },
      pending: undefined,
    })
    this.send(write.bindComplete())
  }

  private async describe(body: Body): Promise<void> {
    const isStatement = body.byte() === 'S'
    const name = body.text()
    const prepared = isStatement ? this.statements.get(name) : this.portals.get(name)?.prepared
    if (prepared === undefined) {
      throw isStatement
        ? new SqlError('26000', `prepared statement ${JSON.stringify(name)} does not exist`)
        : new SqlError('34000', `portal ${JSON.stringify(name)} does not exist`)
    }
    if (isStatement) this.send(write.parameterDescription(prepared.parameters))
    const fields = await this.fieldsOf(prepared)
    this.send(fields === undefined ? write.noData() : write.rowDescription(fields))
  }

  private async fieldsOf(prepared: Prepared): Promise<Field[] | undefined> {
    const statement = prepared.parsed?.statement
    if (statement === undefined) return undefined
    if (statement.kind === 'fetch') {
      return this.session.transaction?.cursors.get(statement.cursor)?.fields
    }
    // SHOW changes nothing, so its columns are had by asking it.
    if (SHOWING.has(statement.kind)) return (await execute(this.session, prepared.parsed!)).fields
    return prepared.fields
  }

  private async executeMessage(body: Body): Promise<void> {
    const name = body.text()
    const limit = body.int32()
    const portal = this.portals.get(name)
    if (portal === undefined) {
      throw new SqlError('34000', `portal ${JSON.stringify(name)} does not exist`)
    }
    const { parsed } = portal.prepared
    if (parsed === undefined) return this.send(write.emptyQuery())
    portal.pending ??= await this.perform(
      parsed,
      portal.parameters.values.length === 0 ? undefined : portal.parameters,
    )
    const answer = portal.pending
    if (limit > 0 && answer.rows.length > limit) {
      for (const row of answer.rows.splice(0, limit)) this.send(write.dataRow(row))
      return this.send(write.portalSuspended())
    }
    portal.pending = undefined
    this.answer(answer, { describe: false })
  }
}
