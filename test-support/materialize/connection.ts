import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { invalidPassword, ScramExchange } from './auth.ts'
import type { Environment } from './environment.ts'
import { SqlError, toSqlError } from './errors.ts'
import type { Role } from './model.ts'
import { Protocol, type StatementHook } from './protocol.ts'
import { Session } from './session.ts'
import { applyStartup, greet } from './startup.ts'
import { Body, Framer, write, type Frame } from './wire.ts'

export interface ListenerOptions {
  auth?: 'none' | 'password' | 'scram'
  tls?: { certPem: string; keyPem: string } | undefined
  /** Refuses a plain connection, as Materialize Cloud does. */
  requireTls?: boolean
  /** Lets `mz_system` in, as the emulator's internal port does. */
  internal?: boolean
  port?: number
}

const SSL_REQUEST = 80877103
const CANCEL_REQUEST = 80877102
const GSS_REQUEST = 80877104
const VERSION_3 = 196608

export class Connection {
  private socket: Socket
  private readonly framer = new Framer()
  private readonly environment: Environment
  private readonly options: ListenerOptions
  private readonly onStatement: StatementHook | undefined
  private session: Session | undefined
  private protocol: Protocol | undefined
  private pumping = false
  private waiting: ((frame: Frame | undefined) => void) | undefined
  private idleTimer: NodeJS.Timeout | undefined
  private closed = false

  constructor(
    socket: Socket,
    environment: Environment,
    options: ListenerOptions & { onStatement?: StatementHook | undefined },
  ) {
    this.socket = socket
    this.environment = environment
    this.options = options
    this.onStatement = options.onStatement
    this.attach(socket)
  }

  private attach(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.framer.push(chunk)
      this.wake()
    })
    socket.on('error', () => this.close())
    socket.on('close', () => this.close())
  }

  private send = (message: Buffer): void => {
    if (!this.closed && this.socket.writable) this.socket.write(message)
  }

  private close(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.idleTimer)
    this.session?.cancel.abort()
    this.session?.endTransaction()
    if (this.session !== undefined) this.environment.sessions.delete(this.session)
    this.waiting?.(undefined)
    this.socket.destroy()
  }

  /** Ends the connection: with a farewell, or as a server that was killed. */
  terminate(abrupt: boolean): void {
    if (!abrupt) {
      this.send(
        write.error(
          new SqlError('57P01', 'terminating connection due to administrator command', {
            severity: 'FATAL',
          }),
        ),
      )
      this.socket.end()
    }
    this.close()
  }

  private wake(): void {
    if (this.waiting !== undefined) {
      const frame = this.framer.next()
      if (frame === undefined) return
      const resolve = this.waiting
      this.waiting = undefined
      resolve(frame)
      return
    }
    if (!this.pumping) void this.pump()
  }

  /** A message that is part of logging in. */
  private nextFrame(): Promise<Frame | undefined> {
    const frame = this.framer.next()
    if (frame !== undefined) return Promise.resolve(frame)
    return new Promise((resolve) => {
      this.waiting = resolve
    })
  }

  private async pump(): Promise<void> {
    this.pumping = true
    try {
      if (this.protocol === undefined) await this.startup()
      while (this.protocol !== undefined && !this.closed) {
        const frame = this.framer.next()
        if (frame === undefined) break
        clearTimeout(this.idleTimer)
        if (frame.type === 'X') return this.close()
        await this.protocol.handle(frame)
        this.watchIdle()
      }
    } catch (error) {
      const failure = toSqlError(error)
      this.send(
        write.error(new SqlError(failure.code, failure.message, { ...failure, severity: 'FATAL' })),
      )
      this.socket.end()
      this.close()
    } finally {
      this.pumping = false
    }
  }

  private watchIdle(): void {
    if (this.session === undefined || this.session.status() === 'I') return
    const limit = this.session.variables.durationMs('idle_in_transaction_session_timeout')
    if (limit === 0) return
    this.idleTimer = setTimeout(() => {
      this.send(
        write.error(
          new SqlError('25P03', 'terminating connection due to idle-in-transaction timeout', {
            severity: 'FATAL',
          }),
        ),
      )
      this.socket.end()
      this.close()
    }, limit)
    this.idleTimer.unref()
  }

  private async startup(): Promise<void> {
    const packet = this.framer.startup()
    if (packet === undefined) return
    const body = new Body(packet)
    const code = body.int32()
    if (code === SSL_REQUEST) return this.answerTls()
    if (code === GSS_REQUEST) return this.send(Buffer.from('N'))
    if (code === CANCEL_REQUEST) return this.cancel(body.int32(), body.int32())
    if (code !== VERSION_3) {
      throw new SqlError('08004', "server does not support the client's requested protocol version")
    }
    const parameters = new Map<string, string>()
    while (!body.ended) {
      const name = body.text()
      if (name === '') break
      parameters.set(name, body.text())
    }
    if (this.options.requireTls === true && !(this.socket instanceof TLSSocket)) {
      throw new SqlError('08004', 'TLS encryption is required')
    }
    await this.login(parameters)
  }

  private answerTls(): void {
    const { tls } = this.options
    if (tls === undefined || this.socket instanceof TLSSocket) {
      this.send(Buffer.from('N'))
      return
    }
    const plain = this.socket
    plain.write('S')
    plain.removeAllListeners('data')
    const early = this.framer.rest()
    if (early.length > 0) plain.unshift(early)
    this.socket = new TLSSocket(plain, { isServer: true, cert: tls.certPem, key: tls.keyPem })
    this.attach(this.socket)
  }

  private cancel(processId: number, secretKey: number): void {
    for (const session of this.environment.sessions) {
      if (session.processId === processId && session.secretKey === secretKey) {
        session.cancel.abort()
      }
    }
    this.socket.end()
    this.close()
  }

  private async login(parameters: Map<string, string>): Promise<void> {
    const user = parameters.get('user') ?? ''
    const role = await this.authenticate(user)
    if (this.closed) return
    const session = new Session(this.environment, role, (notice) => this.send(write.notice(notice)))
    if (role.name === 'mz_system') session.variables.setDefault('cluster', ['mz_system'])
    const protocol = new Protocol(session, this.send, this.onStatement)
    const early: Parameters<Session['onNotice']>[0][] = []
    // Settings come before AuthenticationOk and their notices after it.
    const quiet = new Proxy(session, {
      get: (target, key) =>
        key === 'notice'
          ? (notice: Parameters<Session['notice']>[0]) =>
              early.push({ severity: 'NOTICE', ...notice })
          : (Reflect.get(target, key) as unknown),
    })
    applyStartup(quiet, parameters)
    protocol.begin()
    for (const notice of early) session.onNotice(notice)
    greet(this.environment, session)
    protocol.ready()
    this.environment.sessions.add(session)
    this.session = session
    this.protocol = protocol
  }

  private async authenticate(user: string): Promise<Role> {
    const { catalog } = this.environment
    const known = catalog.findRole(user)
    if (user.startsWith('mz_') && this.options.internal !== true) {
      throw new SqlError('28000', `unauthorized login to user '${user}'`)
    }
    switch (this.options.auth ?? 'none') {
      case 'none':
        return known ?? this.makeRole(user)
      case 'password': {
        this.send(write.cleartextPassword())
        const given = await this.nextFrame()
        const password = given === undefined ? '' : new Body(given.body).text()
        if (known === undefined || known.password !== password) throw invalidPassword()
        return known
      }
      case 'scram': {
        await this.scram(known?.password ?? null)
        if (known === undefined) throw invalidPassword()
        return known
      }
    }
  }

  private async scram(password: string | null): Promise<void> {
    const exchange = new ScramExchange(password)
    this.send(write.sasl('SCRAM-SHA-256'))
    const initial = await this.nextFrame()
    if (initial === undefined) throw invalidPassword()
    const body = new Body(initial.body)
    body.text()
    body.int32()
    this.send(write.saslContinue(await exchange.first(body.remaining().toString('utf8'))))
    const final = await this.nextFrame()
    if (final === undefined) throw invalidPassword()
    this.send(write.saslFinal(exchange.final(final.body.toString('utf8'))))
  }

  /** Without authentication a role is made by connecting as it. */
  private makeRole(name: string): Role {
    const { catalog } = this.environment
    const role: Role = {
      id: catalog.id('role'),
      oid: catalog.oid(),
      name,
      canLogin: false,
      superuser: null,
      isSuperuser: false,
      password: null,
      memberOf: new Set(),
    }
    catalog.roles.set(role.id, role)
    return role
  }
}
