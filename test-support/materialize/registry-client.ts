import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Catalog } from './catalog.ts'
import { SqlError, unknownHere } from './errors.ts'
import { find, optionReader } from './kafka-connection.ts'
import type { ConnectionItem } from './model.ts'

interface RegistryConfig {
  url: string
  username?: string
  password?: string
  ca?: string
  certificate?: string
  key?: string
}

export interface RegisteredSchema {
  id: number
  subject: string
  schema: string
  schemaType: string
  references: Reference[]
}

interface Reference {
  name: string
  subject: string
  version: number
}

/** What a registry answered, or why it did not. `status` is 0 where there was no answer. */
export class RegistryFailure extends Error {
  readonly status: number
  readonly code: number

  constructor(message: string, at: { status: number; code: number }) {
    super(message)
    this.status = at.status
    this.code = at.code
  }
}

const TIMEOUT_MS = 5_000
const NOT_FOUND = 404
const JSON_TYPE = 'application/vnd.schemaregistry.v1+json'

/** Confluent's HTTP interface, as far as Materialize uses it. */
export class RegistryClient {
  private readonly config: RegistryConfig

  constructor(config: RegistryConfig) {
    this.config = config
  }

  /** What a connection's check asks. */
  async listSubjects(): Promise<string[]> {
    return (await this.ask('GET', '/subjects')) as string[]
  }

  /** Nothing if there is no such subject. */
  async latest(subject: string): Promise<RegisteredSchema | undefined> {
    const found = await this.find(`/subjects/${encodeURIComponent(subject)}/versions/latest`)
    return found === undefined ? undefined : { ...registered(found), subject }
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    const found = await this.find(`/schemas/ids/${String(id)}`)
    return found === undefined ? undefined : { ...registered(found), id }
  }

  /** All that a schema refers to, each before the one that names it. */
  async references(schema: {
    references: Reference[]
  }): Promise<(RegisteredSchema & { name: string })[]> {
    const found = new Map<string, RegisteredSchema & { name: string }>()
    const visit = async (references: Reference[]) => {
      for (const { name, subject, version } of references) {
        const key = `${subject}/${String(version)}`
        if (found.has(key)) continue
        const path = `/subjects/${encodeURIComponent(subject)}/versions/${String(version)}`
        const one = registered(await this.ask('GET', path))
        await visit(one.references)
        found.set(key, { ...one, name })
      }
    }
    await visit(schema.references)
    return [...found.values()]
  }

  /** Id of the schema, new or known. */
  async publish(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const answer = await this.ask('POST', path, { schema, schemaType: 'AVRO' })
    return (answer as { id: number }).id
  }

  /** Of the subject alone; nothing while it has none of its own. */
  async compatibility(subject: string): Promise<string | undefined> {
    const found = await this.find(`/config/${encodeURIComponent(subject)}`)
    return (found as { compatibilityLevel?: string } | undefined)?.compatibilityLevel
  }

  async setCompatibility(subject: string, compatibility: string): Promise<void> {
    await this.ask('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility })
  }

  private async find(path: string): Promise<unknown> {
    try {
      return await this.ask('GET', path)
    } catch (error) {
      if (error instanceof RegistryFailure && error.status === NOT_FOUND) return undefined
      throw error
    }
  }

  private ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { username, password, ca, certificate, key } = this.config
    const url = new URL(path, this.config.url)
    const options = {
      method,
      headers: { accept: JSON_TYPE, 'content-type': JSON_TYPE },
      timeout: TIMEOUT_MS,
      ...(username === undefined ? {} : { auth: `${username}:${password ?? ''}` }),
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    }
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => reject(unreachable(url, error))
      const send = url.protocol === 'https:' ? requestHttps : requestHttp
      const sent = send(url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(JSON.parse(text))
          else reject(refused(status, response.statusMessage ?? '', text))
        })
      })
      sent.on('error', fail)
      sent.on('timeout', () => sent.destroy(new Error('operation timed out')))
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

function registered(answer: unknown): RegisteredSchema {
  const { id, subject, schema, schemaType, references } = answer as Partial<RegisteredSchema>
  return {
    id: id ?? 0,
    subject: subject ?? '',
    schema: schema ?? '',
    schemaType: schemaType ?? 'AVRO',
    references: references ?? [],
  }
}

/** A registry tells its own code and words; what stands before it may tell only a status. */
function refused(status: number, reason: string, text: string): RegistryFailure {
  let own: { error_code?: number; message?: string } = {}
  try {
    own = JSON.parse(text) as typeof own
  } catch {
    // No words of the registry's.
  }
  const code = own.error_code ?? status
  return new RegistryFailure(`server error ${String(code)}: ${own.message ?? reason}`, {
    status,
    code,
  })
}

/** In the words of the HTTP client that Materialize uses. */
function unreachable(url: URL, error: NodeJS.ErrnoException): RegistryFailure {
  const why =
    error.code === 'ECONNREFUSED'
      ? 'client error (Connect): tcp connect error: Connection refused (os error 111)'
      : error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN'
        ? 'client error (Connect): dns error: failed to lookup address information: Name or service not known'
        : `client error (Connect): ${error.message}`
  return new RegistryFailure(`error sending request for url (${url.href}): ${why}`, {
    status: 0,
    code: 0,
  })
}

/** A client with what the connection's options and secrets say at this moment. */
export function registryClient(
  catalog: Catalog,
  connection: Pick<ConnectionItem, 'options'>,
): RegistryClient {
  const { options } = connection
  for (const way of ['SSH TUNNEL', 'AWS PRIVATELINK']) {
    if (find(options, way) !== undefined) throw unknownHere(`reaching a schema registry by ${way}`)
  }
  const read = optionReader(catalog, options)
  const config: RegistryConfig = { url: read('URL') ?? '' }
  const username = read('USER')
  const password = read('PASSWORD')
  const ca = read('SSL CERTIFICATE AUTHORITY')
  const certificate = read('SSL CERTIFICATE')
  const key = read('SSL KEY')
  if (username !== undefined) config.username = username
  if (password !== undefined) config.password = password
  if (ca !== undefined) config.ca = ca
  if (certificate !== undefined) config.certificate = certificate
  if (key !== undefined) config.key = key
  return new RegistryClient(config)
}

/** The check of CREATE and VALIDATE CONNECTION. */
export async function validateRegistry(
  catalog: Catalog,
  connection: Pick<ConnectionItem, 'options'>,
): Promise<void> {
  try {
    await registryClient(catalog, connection).listSubjects()
  } catch (error) {
    if (error instanceof RegistryFailure) throw new SqlError('58000', error.message)
    throw error
  }
}
