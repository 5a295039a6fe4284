import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createClientIdentity, createServerIdentity, createUnrelatedCa } from './certificates.ts'
import { connect, type KafkaFacts } from './connection.ts'
import { resolveKafka, type CommandLine, type KafkaDistribution } from './distribution.ts'
import { reachableKafka, type ReachableKafka } from './reachable.ts'
import { listeners, serverProperties, type Listener, type Ports } from './server-properties.ts'
import { createLogins, grants, scramArguments } from './users.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export interface KafkaOptions {
  /** Server properties over those of server-properties.ts. */
  properties?: Record<string, string>
}

/** A broker of our own, and what its owner may do to it. */
export interface TestKafka extends ReachableKafka {
  /** The broker's process and the one that watches over it. */
  pids(): number[]
  directory: string
  /** Ends the broker in good order and starts it on the same ports with the same data. */
  restart(): Promise<void>
  /** Connections are accepted from now on, and nothing is ever answered. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

type Signal = 'KILL' | 'TERM' | 'STOP' | 'CONT'

interface Installation {
  distribution: KafkaDistribution
  directory: string
  watchdog: Watchdog
  properties: Record<string, string>
}

interface RunningBroker {
  pid: number
  signal(name: Signal): Promise<void>
  /** Resolves when the process is gone. */
  exit: Promise<unknown>
}

const startDeadlineMs = 60_000
const attempts = 3
const stackFrames = /^\s+(at |\.\.\.).*\n/gm
const jvmOptions = [
  ...['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'],
  ...['-XX:-UsePerfData', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
]

/** Starts a broker; it is gone when this process is, however it ends. */
export async function startKafka({ properties = {} }: KafkaOptions = {}): Promise<TestKafka> {
  const distribution = await resolveKafka()
  const directory = await mkdtemp(join(tmpdir(), 'test-kafka-'))
  const watchdog = startWatchdog(directory)
  const installation: Installation = { distribution, directory, watchdog, properties }
  try {
    const facts = await install(installation)
    const broker = await launchOnFreePorts(installation, facts)
    const kafka = reachableKafka(facts)
    await kafka.setAcls(grants())
    return { ...kafka, ...ownership(installation, { facts, broker }) }
  } catch (error) {
    await watchdog.release()
    throw error
  }
}

function ownership(
  installation: Installation,
  running: { facts: KafkaFacts; broker: RunningBroker },
): Omit<TestKafka, keyof ReachableKafka> {
  const { directory, watchdog } = installation
  return {
    directory,
    pids: () => [running.broker.pid, watchdog.pid],
    restart: async () => {
      await running.broker.signal('TERM')
      await running.broker.exit
      running.broker = await launch(installation)
      await untilReady(installation, running)
    },
    pause: () => running.broker.signal('STOP'),
    resume: () => running.broker.signal('CONT'),
    stop: async () => {
      await running.broker.signal('KILL')
      await running.broker.exit
      await watchdog.release()
    },
  }
}

/** Writes all that a broker needs but its ports. */
async function install({ directory, distribution }: Installation): Promise<KafkaFacts> {
  const [identity, wrongCaPem, client, stranger] = await Promise.all([
    createServerIdentity(),
    createUnrelatedCa(),
    createClientIdentity(),
    createClientIdentity(),
  ])
  await writeFile(join(directory, 'keystore.pem'), identity.keyPem + identity.certPem)
  await writeFile(join(directory, 'truststore.pem'), client.caPem)
  return {
    version: distribution.version,
    brokers: Object.fromEntries(listeners.map((name) => [name, ''])) as Record<Listener, string>,
    caPem: identity.caPem,
    wrongCaPem,
    client,
    stranger,
    users: createLogins(),
  }
}

/** Somebody may take a free port before the broker does: then others are tried. */
async function launchOnFreePorts(
  installation: Installation,
  facts: KafkaFacts,
): Promise<RunningBroker> {
  for (let attempt = 1; ; attempt++) {
    await takeFreePorts(installation, facts)
    if (attempt === 1) await formatStorage(installation, facts)
    const broker = await launch(installation)
    try {
      await untilReady(installation, { facts, broker })
      return broker
    } catch (error) {
      await broker.signal('KILL')
      await broker.exit
      const isPortLost = /Address already in use/i.test((error as Error).message)
      if (!isPortLost || attempt === attempts) throw error
    }
  }
}

async function takeFreePorts(installation: Installation, facts: KafkaFacts): Promise<void> {
  const { directory, properties } = installation
  const ports = await freePorts()
  for (const listener of listeners) facts.brokers[listener] = `localhost:${ports[listener]}`
  await writeFile(
    join(directory, 'server.properties'),
    serverProperties({
      ports,
      dataDirectory: join(directory, 'data'),
      keystoreFile: join(directory, 'keystore.pem'),
      truststoreFile: join(directory, 'truststore.pem'),
      logins: facts.users,
      extra: properties,
    }),
  )
}

async function freePorts(): Promise<Ports> {
  const names = [...listeners, 'CONTROLLER'] as const
  // All at once, since a port that is let go may be handed out again.
  const servers = await Promise.all(names.map(listenAnywhere))
  const ports = servers.map((server, at) => [names[at]!, (server.address() as AddressInfo).port])
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()))
  return Object.fromEntries(ports) as Ports
}

async function listenAnywhere(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function formatStorage(installation: Installation, facts: KafkaFacts): Promise<void> {
  const clusterId = Buffer.from('materialize-test').toString('base64url')
  const { file, args } = commandLine(installation, {
    mainClass: 'kafka.tools.StorageTool',
    args: [
      ...['format', '--cluster-id', clusterId],
      ...['--config', join(installation.directory, 'server.properties')],
      ...scramArguments(facts.users),
    ],
  })
  await promisify(execFile)(file, args).catch((error: Error & { stderr?: string }) => {
    throw new Error(
      `StorageTool failed: ${(error.stderr || error.message).replace(stackFrames, '')}`,
    )
  })
}

async function launch(installation: Installation): Promise<RunningBroker> {
  const command = commandLine(installation, {
    mainClass: 'kafka.Kafka',
    args: [join(installation.directory, 'server.properties')],
  })
  const log = await open(join(installation.directory, 'kafka.log'), 'a')
  const child = spawn(command.file, command.args, { stdio: ['ignore', log.fd, log.fd] })
  const exit = once(child, 'exit')
  await once(child, 'spawn')
  installation.watchdog.onDeath(killCommand(command, child))
  child.unref()
  await log.close()
  return {
    pid: child.pid!,
    exit: exit.finally(() => installation.watchdog.onDeath(':')),
    signal: (name) => signalTo(command, { child, name }),
  }
}

function killCommand(command: CommandLine, child: ChildProcess): string {
  return command.signalCommand?.('KILL').join(' ') ?? `kill -KILL ${child.pid}`
}

async function signalTo(
  command: CommandLine,
  { child, name }: { child: ChildProcess; name: Signal },
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // Who waits for the end must be told of it: an unreferenced child could end unseen.
  if (name === 'KILL' || name === 'TERM') child.ref()
  if (command.signalCommand === null) {
    child.kill(`SIG${name}`)
  } else {
    const [file, ...args] = command.signalCommand(name)
    await promisify(execFile)(file!, args)
  }
}

function commandLine(
  { distribution, directory }: Installation,
  program: { mainClass: string; args: string[] },
): CommandLine {
  return distribution.commandLine({
    ...program,
    directory,
    // What Java unpacks there for itself (native libraries of codecs) is to go with the rest.
    jvmOptions: [...jvmOptions, `-Djava.io.tmpdir=${directory}`],
  })
}

async function untilReady(
  { directory }: Installation,
  { facts, broker }: { facts: KafkaFacts; broker: RunningBroker },
): Promise<void> {
  const abort = new AbortController()
  const isGone = broker.exit.then(async () => {
    const log = await readFile(join(directory, 'kafka.log'), 'utf8')
    throw new Error(`Kafka did not start:\n${log.replace(stackFrames, '').slice(-4_000)}`)
  })
  try {
    await Promise.race([isGone, untilAnswering(facts, abort.signal)])
  } finally {
    abort.abort()
    isGone.catch(() => {})
  }
}

async function untilAnswering(facts: KafkaFacts, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + startDeadlineMs
  while (!signal.aborted) {
    if (await isAnswering(facts)) return
    if (Date.now() > deadline) throw new Error(`Kafka did not answer in ${startDeadlineMs} ms`)
    await delay(50)
  }
}

/** The controller lists a broker once it lets clients at it. */
async function isAnswering(facts: KafkaFacts): Promise<boolean> {
  const admin = connect(facts, { retries: 0 }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length > 0
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}
