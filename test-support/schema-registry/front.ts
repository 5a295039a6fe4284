import {
  createServer as createHttp,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import type { ServerIdentity } from '../kafka/certificates.ts'

export interface Login {
  username: string
  password: string
}

export interface FrontOptions {
  /** Who may ask; left out: everybody. */
  login?: Login
  /** How it shows itself by TLS; left out: plain HTTP. */
  identity?: ServerIdentity
  /** The authority that clients' certificates must come from; left out: none are asked for. */
  clientCa?: string
}

export interface Front {
  url: string
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** Materialize takes only a registry whose paths begin at the root. */
const PREFIX = '/apis/ccompat/v7'
const UNAUTHORIZED = 401

/** Stands before the registry: its paths at the root, with the login and TLS that a test wants. */
export async function startFront(port: number, options: FrontOptions): Promise<Front> {
  const { identity, clientCa, login } = options
  const handle = (asked: IncomingMessage, answer: ServerResponse) => {
    if (login !== undefined && asked.headers.authorization !== basic(login)) refuse(answer)
    else pass(asked, answer, port)
  }
  const server: Server =
    identity === undefined
      ? createHttp(handle)
      : createHttps(
          {
            cert: identity.certPem,
            key: identity.keyPem,
            ...(clientCa === undefined
              ? {}
              : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          handle,
        )
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  server.unref()
  const scheme = identity === undefined ? 'http' : 'https'
  return {
    url: `${scheme}://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        ;(server as ReturnType<typeof createHttp>).closeAllConnections()
      }),
  }
}

function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function refuse(answer: ServerResponse): void {
  answer.writeHead(UNAUTHORIZED, { 'content-type': 'application/json' })
  answer.end(JSON.stringify({ error_code: UNAUTHORIZED, message: 'Unauthorized' }))
}

function pass(asked: IncomingMessage, answer: ServerResponse, port: number): void {
  const { authorization: _, host: __, ...headers } = asked.headers
  const onward = request(
    { host: HOST, port, method: asked.method, path: `${PREFIX}${asked.url}`, headers },
    (back) => {
      answer.writeHead(back.statusCode ?? 0, back.headers)
      back.pipe(answer)
    },
  )
  onward.on('error', () => answer.destroy())
  asked.pipe(onward)
}
