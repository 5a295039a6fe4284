import net from 'node:net'
import tls from 'node:tls'
import type pg from 'pg'

const SSL_REQUEST = 80877103
const CANCEL_REQUEST = 80877102
/** The request has no answer but the end of the connection. */
const WITHIN_MS = 1_000

export interface CancelTarget {
  host: string
  port: number
  /** As the session’s own. */
  ssl: pg.ClientConfig['ssl']
  processId: number
  secretKey: number
}

/**
 * Asks the server to stop what a session is working on, over a connection of its own, as PostgreSQL’s
 * protocol has it. Never rejects, and takes no longer than a second or two: a server that does not
 * hear it loses nothing but time.
 */
export async function requestCancel(target: CancelTarget): Promise<void> {
  const socket = net.connect({ host: target.host, port: target.port })
  let late: NodeJS.Timeout | undefined
  try {
    const timeout = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('late')), WITHIN_MS)
    })
    await Promise.race([ask(socket, target), timeout])
  } catch {
    // Whoever waits for the statement has already been told that it was cut off.
  } finally {
    clearTimeout(late)
    socket.destroy()
  }
}

async function ask(plain: net.Socket, target: CancelTarget): Promise<void> {
  await event(plain, 'connect')
  const socket = target.ssl ? await secured(plain, target.ssl) : plain
  const ended = event(socket, 'close')
  socket.write(message([CANCEL_REQUEST, target.processId, target.secretKey]))
  socket.resume()
  await ended
}

async function secured(
  plain: net.Socket,
  options: Exclude<pg.ClientConfig['ssl'], undefined>,
): Promise<net.Socket> {
  const answer = event(plain, 'data')
  plain.write(message([SSL_REQUEST]))
  const [bytes] = (await answer) as [Buffer]
  if (bytes.toString('latin1') !== 'S') throw new Error('the server speaks no TLS any more')
  const secure = tls.connect({ ...(typeof options === 'object' ? options : {}), socket: plain })
  await event(secure, 'secureConnect')
  return secure
}

function event(socket: net.Socket, name: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once(name, (...args: unknown[]) => resolve(args))
  })
}

/** Length and 32-bit words, which is all that messages before a login consist of. */
function message(words: number[]): Buffer {
  const buffer = Buffer.alloc(4 + 4 * words.length)
  buffer.writeInt32BE(buffer.length, 0)
  words.forEach((word, at) => buffer.writeInt32BE(word, 4 + 4 * at))
  return buffer
}
