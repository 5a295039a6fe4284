import { createServer, type AddressInfo, type Server } from 'node:net'
import { Connection, type ListenerOptions } from './connection.ts'
import type { KafkaEngine } from './engine-port.ts'
import { Environment } from './environment.ts'
import type { StatementHook } from './protocol.ts'

export interface RoleOptions {
  name: string
  password?: string
  superuser?: boolean
}

/** The listener described at the top is the first; more may share its catalog. */
export interface StandInOptions extends ListenerOptions {
  engine: KafkaEngine
  listeners?: ListenerOptions[]
  roles?: RoleOptions[]
  /** How far the status relations trail behind; seconds in Materialize, a quarter of one here. */
  statusLagMs?: number
  /** How often statistics are published; a minute in Materialize, a second here. */
  statisticsIntervalMs?: number
  /** Sees every statement before it runs: it may delay it, or throw in its place. */
  onStatement?: StatementHook
}

export interface StandIn {
  host: string
  port: number
  /** Of every listener, in the order given. */
  ports: number[]
  environment: Environment
  /** Ends all sessions, with a FATAL error or, if abrupt, as a server that was killed. */
  terminateConnections(options?: { abrupt?: boolean }): void
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const STATUS_LAG_MS = 250
const STATISTICS_INTERVAL_MS = 1000

/** Starts something that answers as Materialize does, as far as the transcripts tell. */
export async function startMaterialize(options: StandInOptions): Promise<StandIn> {
  const { engine, listeners = [], roles = [], onStatement, ...first } = options
  const environment = await Environment.open(engine, {
    statusLagMs: options.statusLagMs ?? STATUS_LAG_MS,
    statisticsIntervalMs: options.statisticsIntervalMs ?? STATISTICS_INTERVAL_MS,
  })
  for (const role of roles) addRole(environment, role)
  const connections = new Set<Connection>()
  const servers = await Promise.all(
    [first, ...listeners].map((listener) =>
      listen(listener.port ?? 0, (socket) => {
        socket.setNoDelay(true)
        const connection = new Connection(socket, environment, { ...listener, onStatement })
        connections.add(connection)
        socket.on('close', () => connections.delete(connection))
      }),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  const terminateConnections = ({ abrupt = false } = {}) => {
    for (const connection of connections) connection.terminate(abrupt)
  }
  return {
    host: HOST,
    port: ports[0]!,
    ports,
    environment,
    terminateConnections,
    stop: async () => {
      const closing = servers.map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      )
      terminateConnections({ abrupt: true })
      await Promise.all(closing)
      await environment.close()
    },
  }
}

function listen(
  port: number,
  onSocket: Parameters<typeof createServer>[1] & object,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket)
    server.once('error', reject)
    server.listen(port, HOST, () => resolve(server))
  })
}

function addRole(environment: Environment, options: RoleOptions): void {
  const { catalog } = environment
  const found = catalog.findRole(options.name)
  const id = found?.id ?? catalog.id('role')
  const isSuperuser = options.superuser ?? found?.isSuperuser ?? false
  catalog.roles.set(id, {
    id,
    oid: found?.oid ?? catalog.oid(),
    name: options.name,
    canLogin: options.password !== undefined || found?.canLogin === true,
    superuser: options.superuser ?? found?.superuser ?? null,
    isSuperuser,
    password: options.password ?? null,
    memberOf: new Set(),
  })
}
