import pg from 'pg'
import { startSchemaRegistry, type TestRegistry } from '../test-support/schema-registry/registry.ts'
import { startServices, type Services } from '../test-support/pipeline/services.ts'

import type { ReadRecord } from '../test-support/kafka/records.ts'

/** Unique, so that test files can share a broker. */
let next = 0
export function fresh(what: string): string {
  return `${what}_${process.pid}_${Date.now().toString(36)}_${(next += 1)}`
}

/** A stand-in on the run's Kafka, a session with it, and a registry if asked for. */
export class StandInBench {
  private running: Services | undefined
  private started: TestRegistry | undefined
  private session: pg.Client | undefined
  private last: Promise<unknown> = Promise.resolve()

  async open({ registry = false } = {}): Promise<void> {
    const [services, started] = await Promise.all([
      startServices({ listeners: [{ internal: true }] }),
      registry ? startSchemaRegistry() : undefined,
    ])
    this.running = services
    this.started = started
    this.session = await this.connect()
    await this.sql(
      `CREATE CONNECTION k TO KAFKA (BROKER '${this.kafka.brokers.PLAINTEXT}', SECURITY PROTOCOL 'PLAINTEXT')`,
    )
    if (started === undefined) return
    await this.sql(`CREATE CONNECTION r TO CONFLUENT SCHEMA REGISTRY (URL '${started.url}')`)
  }

  async close(): Promise<void> {
    await this.session?.end()
    await this.running?.stop()
    await this.started?.stop()
  }

  get services(): Services {
    return this.running!
  }

  get kafka(): Services['kafka'] {
    return this.services.kafka
  }

  get registry(): TestRegistry {
    return this.started!
  }

  /** Everything comes back as the text that was on the wire. */
  async connect(config: pg.ClientConfig = {}): Promise<pg.Client> {
    const { host, port } = this.services.standIn
    const types = {
      getTypeParser: () => (value: unknown) => value,
    } as unknown as pg.CustomTypesConfig
    const client = new pg.Client({
      host,
      port,
      user: 'materialize',
      database: 'materialize',
      types,
      ...config,
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  /** Rows of a statement, as texts in order of the columns; one statement after the other. */
  sql(text: string): Promise<(string | null)[][]> {
    const asked = this.last.then(async () => {
      const { rows } = await this.session!.query({ text, rowMode: 'array' })
      return rows as (string | null)[][]
    })
    this.last = asked.catch(() => undefined)
    return asked
  }

  /** As the system's own user, who may switch flags. */
  async system(text: string): Promise<void> {
    const client = await this.connect({ port: this.services.standIn.ports[1]!, user: 'mz_system' })
    await client.query(text)
    await client.end()
  }

  async refusal(text: string): Promise<{ code: string; message: string; detail?: string }> {
    return this.sql(text).then(
      () => ({ code: '00000', message: 'was accepted' }),
      ({ code, message, detail }: { code: string; message: string; detail?: string }) => ({
        code,
        message,
        ...(detail === undefined ? {} : { detail }),
      }),
    )
  }

  /** Rows of a query once there are as many as asked for, sorted. */
  async rows(query: string, count: number): Promise<(string | null)[][]> {
    const deadline = Date.now() + 15_000
    for (;;) {
      const rows = await this.sql(query)
      if (rows.length >= count || Date.now() > deadline) {
        return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** Records of a topic once there are as many as asked for. */
  async written(topic: string, count: number): Promise<ReadRecord[]> {
    const deadline = Date.now() + 15_000
    for (;;) {
      const records = await this.kafka.read(topic).catch(() => [])
      if (records.length >= count || Date.now() > deadline) return records
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** A table with rows, each in its parentheses. */
  async table(columns: string, ...values: string[]): Promise<string> {
    const name = fresh('t')
    await this.sql(`CREATE TABLE ${name} (${columns})`)
    if (values.length > 0) await this.sql(`INSERT INTO ${name} VALUES ${values.join(', ')}`)
    return name
  }

  /** A sink into a topic of its own name. */
  async sink(from: string, clauses: string, options = ''): Promise<string> {
    const name = fresh('s')
    await this.sql(
      `CREATE SINK ${name} FROM ${from} INTO KAFKA CONNECTION k (TOPIC '${name}'${options}) ${clauses}`,
    )
    return name
  }
}

/** Keys and values as text, sorted. */
export function texts(records: ReadRecord[]): (string | null)[][] {
  return records
    .map(({ key, value }) => [key?.toString() ?? null, value?.toString() ?? null])
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('not within 15 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
