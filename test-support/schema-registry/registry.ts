import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startWatchdog } from '../kafka/watchdog.ts'
import { resolveRegistry } from './distribution.ts'
import { startFront, type Front, type FrontOptions } from './front.ts'

export interface SchemaReference {
  name: string
  subject: string
  version: number
}

export interface Published {
  schema: string
  type?: 'AVRO' | 'PROTOBUF' | 'JSON'
  references?: SchemaReference[]
}

/** A schema registry of a test's own, which speaks Confluent's HTTP interface. */
export interface TestRegistry {
  /** With everything allowed. */
  url: string
  /** Another way in, with a login or TLS. */
  front(options: FrontOptions): Promise<Front>
  /** Registers a schema and gives its id. */
  publish(subject: string, published: Published): Promise<number>
  /** The latest schema of a subject, nothing if there is none. */
  latest(subject: string): Promise<{ id: number; version: number; schema: string } | undefined>
  byId(id: number): Promise<string>
  /** How the subject's schemas may change, nothing if that was never said of it. */
  compatibility(subject: string): Promise<string | undefined>
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const START_MS = 60_000
const jvmOptions = [
  ...['-Xmx192m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'],
  ...['-XX:-UsePerfData', '-Dquarkus.http.access-log.enabled=false', '-Dquarkus.http.io-threads=2'],
]

/** Starts Apicurio's registry with nothing in it; it is gone when this process is, however it ends. */
export async function startSchemaRegistry(): Promise<TestRegistry> {
  const jar = await resolveRegistry()
  const directory = await mkdtemp(join(tmpdir(), 'test-registry-'))
  const watchdog = startWatchdog(directory)
  const port = await freePort()
  const log = await open(join(directory, 'registry.log'), 'a')
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java'
  const child = spawn(
    java,
    [
      ...jvmOptions,
      ...[`-Djava.io.tmpdir=${directory}`, `-Dquarkus.http.host=${HOST}`],
      ...[`-Dquarkus.http.port=${port}`, '-jar', jar],
    ],
    { cwd: directory, stdio: ['ignore', log.fd, log.fd] },
  )
  const exit = once(child, 'exit')
  exit.catch(() => {})
  watchdog.onDeath(`kill -KILL ${child.pid}`)
  child.unref()
  await log.close()
  const stop = async () => {
    child.ref()
    child.kill('SIGKILL')
    await exit
    await watchdog.release()
  }
  try {
    await untilAnswering(port, exit, join(directory, 'registry.log'))
    return await registryAt(port, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function registryAt(port: number, end: () => Promise<void>): Promise<TestRegistry> {
  const fronts: Front[] = []
  const front = async (options: FrontOptions) => {
    const made = await startFront(port, options)
    fronts.push(made)
    return made
  }
  const { url } = await front({})
  const of = (subject: string) => encodeURIComponent(subject)
  return {
    url,
    front,
    publish: async (subject, { schema, type = 'AVRO', references = [] }) => {
      const body = { schema, schemaType: type, references }
      const made = await ask(`${url}/subjects/${of(subject)}/versions`, { method: 'POST', body })
      return (made as { id: number }).id
    },
    latest: async (subject) =>
      (await ask(`${url}/subjects/${of(subject)}/versions/latest`)) as
        { id: number; version: number; schema: string } | undefined,
    byId: async (id) => ((await ask(`${url}/schemas/ids/${id}`)) as { schema: string }).schema,
    compatibility: async (subject) =>
      ((await ask(`${url}/config/${of(subject)}`)) as { compatibilityLevel?: string } | undefined)
        ?.compatibilityLevel,
    stop: async () => {
      await Promise.all(fronts.map((one) => one.close()))
      await end()
    },
  }
}

/** The answer, or nothing where the registry has nothing of that name. */
async function ask(
  url: string,
  { method = 'GET', body }: { method?: string; body?: unknown } = {},
): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (answer.status === 404) return undefined
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the registry answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilAnswering(port: number, exit: Promise<unknown>, log: string): Promise<void> {
  let isGone = false
  void exit.then(() => {
    isGone = true
  })
  const deadline = Date.now() + START_MS
  while (!isGone && Date.now() < deadline) {
    const answer = await fetch(`http://${HOST}:${port}/apis/ccompat/v7/subjects`).catch(() => null)
    if (answer?.ok === true) return
    await delay(50)
  }
  const text = await readFile(log, 'utf8')
  throw new Error(`the schema registry did not start:\n${text.slice(-4_000)}`)
}
