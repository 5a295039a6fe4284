import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * pass: everything goes through. swallow: connections are accepted, what comes is taken, and nothing is
 * ever answered. refuse: connections are ended at once. A text: only connections whose first bytes hold
 * it go through, the others are swallowed; that tells clients apart where they speak in the clear.
 */
export type ProxyMode = 'pass' | 'swallow' | 'refuse' | { only: string }

export interface Proxy {
  /** `localhost:port` */
  address: string
  port: number
  mode: ProxyMode
  /** Where connections go on to; may be set once that is known. */
  target: number
  /** What the other side sends is changed on its way: a text for another of the same length. */
  rewrite: [string, string] | undefined
  /** Ends the connections there are, as a network that fails does. */
  cut(): void
  stop(): Promise<void>
}

/** A way to a port of this machine that can be broken. */
export async function startProxy(target = 0): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer((client) => {
    keep(client)
    const { mode } = proxy
    if (mode === 'refuse') client.destroy()
    else if (mode === 'swallow') client.resume()
    else if (mode === 'pass') join(client, keep(connect(proxy.target, '127.0.0.1')), proxy.rewrite)
    else {
      client.once('data', (first) => {
        if (!first.includes(mode.only)) {
          client.resume()
          return
        }
        const upstream = keep(connect(proxy.target, '127.0.0.1'))
        upstream.write(first)
        join(client, upstream, proxy.rewrite)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy: Proxy = {
    address: `localhost:${String(port)}`,
    port,
    mode: 'pass',
    target,
    rewrite: undefined,
    cut,
    stop: async () => {
      cut()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
  return proxy
}

function join(client: Socket, upstream: Socket, rewrite: Proxy['rewrite']): void {
  client.pipe(upstream)
  if (rewrite) {
    const [from, to] = rewrite
    upstream.on('data', (bytes) => {
      const at = bytes.indexOf(from)
      if (at >= 0) bytes.write(to, at, 'latin1')
      client.write(bytes)
    })
  } else upstream.pipe(client)
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroy())
}
