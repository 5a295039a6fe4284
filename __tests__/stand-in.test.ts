import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { selfSigned } from '../test-support/materialize/conformance/certificate.ts'
import type { SourceEvents } from '../test-support/materialize/engine-port.ts'
import { createMemoryEngine } from '../test-support/materialize/memory-engine.ts'
import { MemoryKafka } from '../test-support/materialize/memory-kafka.ts'
import { startMaterialize, type StandIn } from '../test-support/materialize/stand-in.ts'

/** What the recordings do not show of the stand-in: that it refuses, hides, ends and survives as it should. */

let kafka: MemoryKafka
let standIn: StandIn
const clients: pg.Client[] = []

beforeAll(async () => {
  kafka = new MemoryKafka()
  standIn = await startMaterialize({
    engine: createMemoryEngine(kafka),
    listeners: [{ internal: true }, { tls: selfSigned(), requireTls: true }],
  })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)))
})

afterAll(() => standIn.stop())

async function session(config: pg.ClientConfig = {}): Promise<pg.Client> {
  const { host, port } = standIn
  const client = new pg.Client({
    host,
    port,
    user: 'materialize',
    database: 'materialize',
    ...config,
  })
  client.on('error', () => undefined)
  clients.push(client)
  await client.connect()
  return client
}

const system = () => session({ port: standIn.ports[1]!, user: 'mz_system' })

/** A source of one row, under a name of its own. */
async function source(client: pg.Client, name: string, cluster = 'quickstart'): Promise<void> {
  await client.query(
    `CREATE CONNECTION kc_${name} TO KAFKA (BROKER 'localhost:29092', SECURITY PROTOCOL 'PLAINTEXT')`,
  )
  kafka.createTopic(name)
  kafka.produce(name, { value: 'one' })
  await client.query(
    `CREATE SOURCE ${name} IN CLUSTER ${cluster} FROM KAFKA CONNECTION kc_${name} (TOPIC '${name}') FORMAT TEXT`,
  )
}

describe('what it has not learned', () => {
  test.each([
    'CREATE INDEX i ON t (a)',
    'EXPLAIN SELECT 1',
    'SELECT pg_sleep(1)',
    'SELECT * FROM mz_internal.mz_notices',
    'COPY t FROM STDIN',
  ])('is refused by a code of its own: %s', async (sql) => {
    const client = await session()
    await expect(client.query(sql)).rejects.toMatchObject({
      code: 'XXSTD',
      message: expect.stringMatching(/^stand-in does not know: /),
    })
    expect((await client.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }])
  })
})

describe('queries', () => {
  test.each([
    ['a WITH query with named columns', 'WITH c (a) AS (SELECT 1) SELECT a FROM c', '1'],
    ['a list of values with named columns', 'SELECT v.b FROM (VALUES (1, 2)) v (a, b)', '2'],
    [
      'a join of catalog relations',
      "SELECT c.name FROM mz_clusters c JOIN mz_cluster_replicas r ON r.cluster_id = c.id AND r.id = 'u1'",
      'quickstart',
    ],
    ['a lateral function', 'SELECT n FROM generate_series(3, 3) AS n', '3'],
    [
      'a subquery in a condition',
      'SELECT count(*)::text FROM mz_databases d WHERE EXISTS (SELECT 1 FROM mz_schemas s WHERE s.database_id = d.id)',
      '1',
    ],
    ['jsonb as text', `SELECT '{"b": 1.50, "a": [1, 2]}'::jsonb::text`, '{"a":[1,2],"b":1.5}'],
    ['IS DISTINCT FROM', "SELECT (name IS DISTINCT FROM 'x')::text FROM mz_databases", 'true'],
    ['EXTRACT', "SELECT extract(year FROM timestamp '2026-01-02')::text", '2026'],
  ])('%s', async (_what, sql, expected) => {
    const client = await session()
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    expect(rows.map((row) => String((row as unknown[])[0]))).toEqual([expected])
  })
})

describe('connections', () => {
  test('a plain one is refused where TLS is required, an encrypted one is not', async () => {
    const port = standIn.ports[2]!
    await expect(session({ port })).rejects.toMatchObject({
      code: '08004',
      message: 'TLS encryption is required',
    })
    const client = await session({ port, ssl: { rejectUnauthorized: false } })
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  test('end with a farewell or without, and others can be made', async () => {
    const first = await session()
    const told = expect(first.query('SELECT 1; SELECT mz_now()').then(() => delay(20))).resolves
    await told.toBeUndefined()
    const ended = once(first, 'error')
    standIn.terminateConnections()
    expect((await ended)[0]).toMatchObject({ code: '57P01' })
    const second = await session()
    const broken = once(second, 'error')
    standIn.terminateConnections({ abrupt: true })
    expect((await broken)[0]).toMatchObject({ message: 'Connection terminated unexpectedly' })
    await expect((await session()).query('SELECT 1')).resolves.toBeDefined()
  })

  test('bytes that are no protocol end only their own connection', async () => {
    const socket = connect(standIn.port, standIn.host)
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await delay(50)
    socket.destroy()
    await expect((await session()).query('SELECT 1')).resolves.toBeDefined()
  })
})

describe('a source without a replica', () => {
  test('is read once its cluster has one, and its rows are there once', async () => {
    const admin = await system()
    await admin.query("CREATE CLUSTER c (SIZE '25cc', REPLICATION FACTOR 0)")
    await admin.query('GRANT ALL ON CLUSTER c TO materialize')
    const client = await session()
    await source(client, 'paused', 'c')
    const reading = client.query('SELECT count(*) FROM paused')
    expect(await Promise.race([reading, delay(150, 'waits')])).toBe('waits')
    await admin.query('ALTER CLUSTER c SET (REPLICATION FACTOR 1)')
    expect((await reading).rows).toEqual([{ count: '1' }])
    await admin.query('ALTER CLUSTER c SET (REPLICATION FACTOR 0)')
    kafka.produce('paused', { value: 'two' })
    await admin.query('ALTER CLUSTER c SET (REPLICATION FACTOR 1)')
    await delay(100)
    expect((await client.query('SELECT count(*) FROM paused')).rows).toEqual([{ count: '2' }])
  })
})

describe('a source that has not told how much there is', () => {
  test('cannot be read yet, though it runs and has told where it stands', async () => {
    let told: SourceEvents | undefined
    const own = await startMaterialize({
      engine: {
        ...createMemoryEngine(kafka),
        startSource: (_config, events) => {
          told = events
          events.status('running')
          events.progress([{ partition: 0, offset: 0n }])
          return { stop: async () => undefined }
        },
      },
    })
    const client = await session({ port: own.port })
    await source(client, 'silent')
    const reading = client.query('SELECT count(*) FROM silent')
    expect(await Promise.race([reading, delay(150, 'waits')])).toBe('waits')
    told!.statistics({
      messagesReceived: 0,
      bytesReceived: 0,
      offsetKnown: 0n,
      offsetCommitted: 0n,
    })
    expect((await reading).rows).toEqual([{ count: '0' }])
    await client.end()
    await own.stop()
  })
})

describe('a subscription', () => {
  test('brings what comes later, in the order of its coming', async () => {
    const client = await session()
    await source(client, 'followed')
    await client.query('BEGIN')
    await client.query('DECLARE c CURSOR FOR SUBSCRIBE followed WITH (SNAPSHOT)')
    expect((await client.query("FETCH 1 c WITH (TIMEOUT = '5s')")).rows).toMatchObject([
      { mz_diff: '1', text: 'one' },
    ])
    kafka.produce('followed', { value: 'two' })
    expect((await client.query("FETCH 1 c WITH (TIMEOUT = '5s')")).rows).toMatchObject([
      { mz_diff: '1', text: 'two' },
    ])
    await client.query('ROLLBACK')
  })
})

describe('a transaction that is READ ONLY', () => {
  test('reads, refuses to write, and may do so again after its end', async () => {
    const client = await session()
    await client.query('CREATE TABLE read_only (a int)')
    await client.query('BEGIN READ ONLY')
    expect((await client.query('SELECT * FROM read_only')).rows).toEqual([])
    await expect(client.query('INSERT INTO read_only VALUES (1)')).rejects.toMatchObject({
      code: '25006',
      message: 'transaction in read-only mode',
    })
    await client.query('ROLLBACK')
    await client.query('INSERT INTO read_only VALUES (1)')
    // Before any read, too.
    await client.query('BEGIN READ ONLY')
    await expect(client.query('INSERT INTO read_only VALUES (2)')).rejects.toMatchObject({
      code: '25006',
    })
    await client.query('ROLLBACK')
    expect((await client.query('SELECT * FROM read_only')).rows).toEqual([{ a: 1 }])
  })
})

describe('rights', () => {
  test('a stranger sees that objects are there and can neither read nor change them', async () => {
    await source(await session(), 'owned')
    const stranger = await session({ user: 'stranger' })
    const { rows } = await stranger.query("SELECT name FROM mz_sources WHERE name = 'owned'")
    expect(rows).toEqual([{ name: 'owned' }])
    for (const sql of [
      'SELECT * FROM owned',
      'DROP SOURCE owned',
      "COMMENT ON SOURCE owned IS 'mine'",
    ]) {
      await expect(stranger.query(sql)).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('nobody logs in as the system but by its own port', async () => {
    await expect(session({ user: 'mz_system' })).rejects.toMatchObject({ code: '28000' })
  })
})

test('as a process it tells its address and ends with its standard input', async () => {
  const main = new URL('../test-support/materialize/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { host, port } = JSON.parse(line.toString()) as { host: string; port: number }
  const client = await session({ host, port })
  expect((await client.query('SELECT mz_environment_id() AS id')).rows).toHaveLength(1)
  await client.end()
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})
