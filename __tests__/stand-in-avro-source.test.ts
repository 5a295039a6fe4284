import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Message } from 'kafkajs'
import { createClientIdentity, createServerIdentity } from '../test-support/kafka/certificates.ts'
import { record, writer as write } from './stand-in-avro-writer.ts'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** Avro through a real registry: written by a plain Avro library, framed as Confluent's clients do. */

const bench = new StandInBench()
beforeAll(() => bench.open({ registry: true }), 120_000)
afterAll(() => bench.close())

const writer = (subject: string, schema: object, references: string[] = []) =>
  write(bench.registry, subject, { schema, references })

async function topic(...records: Message[]): Promise<string> {
  const name = fresh('a')
  await bench.kafka.createTopic(name)
  if (records.length > 0) await bench.kafka.produce(name, records)
  return name
}

const FORMAT = 'FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION r'
const create = (name: string, clauses: string) =>
  bench.sql(`CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}') ${clauses}`)

describe('an Avro source', () => {
  test('reads every type there is', async () => {
    const name = await topic()
    const schema = record('everything', [
      ['b', 'boolean'],
      ['i', 'int'],
      ['l', 'long'],
      ['f', 'float'],
      ['d', 'double'],
      ['y', 'bytes'],
      ['s', ['null', 'string']],
      ['e', { type: 'enum', name: 'colour', symbols: ['RED', 'GREEN'] }],
      ['x', { type: 'fixed', name: 'two', size: 2 }],
      ['day', { type: 'int', logicalType: 'date' }],
      ['ms', { type: 'long', logicalType: 'timestamp-millis' }],
      ['us', { type: 'long', logicalType: 'timestamp-micros' }],
      ['u', { type: 'string', logicalType: 'uuid' }],
      ['n', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }],
      ['j', { type: 'string', 'connect.name': 'io.debezium.data.Json' }],
      ['list', { type: 'array', items: ['null', 'string'] }],
      ['map', { type: 'map', values: 'int' }],
      [
        'r',
        [
          'null',
          record('inner', [
            ['a', 'int'],
            ['b', 'string'],
          ]),
        ],
      ],
      ['many', ['null', 'int', 'string']],
    ])
    const written = await writer(`${name}-value`, schema)
    await bench.kafka.produce(name, [
      {
        value: written({
          ...{ b: true, i: -1, l: 9007199254740993n, f: 0.1, d: 2.5 },
          ...{ y: Buffer.from('00ff', 'hex'), s: { string: 'é' }, e: 'GREEN' },
          ...{ x: Buffer.from('0102', 'hex'), day: 19000, ms: 1700000000123n, us: -1n },
          ...{ u: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', n: Buffer.from('ff85', 'hex') },
          ...{ j: '{"b":1, "a":[]}', list: [{ string: 'a b' }, null], map: { k: 1 } },
          ...{ r: { inner: { a: 1, b: 'x,y' } }, many: { string: 'second' } },
        }),
      },
    ])
    await create(name, FORMAT)
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([
      [
        ...['t', '-1', '9007199254740993', '0.1', '2.5', '\\x00ff', 'é', 'GREEN', '\\x0102'],
        ...['2022-01-08', '2023-11-14 22:13:20.123', '1969-12-31 23:59:59.999999'],
        ...['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '-1.23', '{"a":[],"b":1}', '{"a b",NULL}'],
        ...['{k=>1}', '(1,"x,y")', null, 'second'],
      ],
    ])
    const columns = await bench.sql(`SHOW COLUMNS FROM ${name}`)
    expect(columns.map(([column, nullable, type]) => [column, nullable, type]).slice(-6)).toEqual([
      ['j', 'f', 'jsonb'],
      ['list', 'f', 'list'],
      ['map', 'f', 'map'],
      ['r', 't', 'record'],
      ['many1', 't', 'integer'],
      ['many2', 't', 'text'],
    ])
  })

  test('reads by the schema it was made with what is written by later ones', async () => {
    const name = await topic()
    const first = await writer(
      `${name}-value`,
      record('r', [
        ['a', 'int'],
        ['b', 'string'],
      ]),
    )
    await create(name, FORMAT)
    const second = await writer(
      `${name}-value`,
      record('r', [
        ['b', 'string'],
        ['c', 'long'],
        ['a', 'int'],
      ]),
    )
    await bench.kafka.produce(name, [
      { value: first({ a: 1, b: 'x' }) },
      { value: second({ a: 2, b: 'y', c: 3n }) },
    ])
    expect(await bench.rows(`SELECT * FROM ${name}`, 2)).toEqual([
      ['1', 'x'],
      ['2', 'y'],
    ])
  })

  test('reads by the schema that a strategy names', async () => {
    const name = await topic()
    const first = record('r', [['a', 'int']])
    await writer(`${name}-value`, first)
    const { id } = (await bench.registry.latest(`${name}-value`))!
    const written = await writer(
      `${name}-value`,
      record('r', [
        ['a', 'int'],
        ['b', 'int'],
      ]),
    )
    await bench.kafka.produce(name, [{ value: written({ a: 1, b: 2 }) }])
    for (const [at, [strategy, row]] of Object.entries({
      [`ID ${id}`]: ['1'],
      LATEST: ['1', '2'],
      [`INLINE '${JSON.stringify(first)}'`]: ['1'],
    }).entries()) {
      const source = `${name}_${at}`
      await bench.sql(
        `CREATE SOURCE ${source} FROM KAFKA CONNECTION k (TOPIC '${name}') ${FORMAT} VALUE STRATEGY ${strategy}`,
      )
      expect(await bench.rows(`SELECT * FROM ${source}`, 1)).toEqual([row])
    }
  })

  test('reads types that other subjects hold', async () => {
    const name = await topic()
    await writer(`${name}-user`, record('com.example.User', [['id', 'long']]))
    const written = await writer(
      `${name}-value`,
      record('com.example.Event', [
        ['by', 'com.example.User'],
        ['at', ['null', 'com.example.User']],
      ]),
      [`${name}-user`],
    )
    await bench.kafka.produce(name, [{ value: written({ by: { id: 1n }, at: null }) }])
    await create(name, FORMAT)
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([['(1)', null]])
  })

  test('upserts by the key that the registry knows of', async () => {
    const name = await topic()
    const key = await writer(
      `${name}-key`,
      record('k', [
        ['id', 'int'],
        ['part', 'string'],
      ]),
    )
    const value = await writer(`${name}-value`, record('v', [['n', 'int']]))
    await bench.kafka.produce(name, [
      { key: key({ id: 1, part: 'a' }), value: value({ n: 1 }) },
      { key: key({ id: 1, part: 'b' }), value: value({ n: 2 }) },
      { key: key({ id: 1, part: 'a' }), value: value({ n: 3 }) },
      { key: key({ id: 1, part: 'b' }), value: null },
    ])
    await create(name, `${FORMAT} ENVELOPE UPSERT`)
    await bench.sql(
      `CREATE SOURCE ${name}_named FROM KAFKA CONNECTION k (TOPIC '${name}') ${FORMAT} INCLUDE KEY AS k ENVELOPE UPSERT`,
    )
    expect(await bench.rows(`SELECT id, part, n FROM ${name}`, 1)).toEqual([['1', 'a', '3']])
    expect(await bench.rows(`SELECT k, n FROM ${name}_named`, 1)).toEqual([['(1,a)', '3']])
    expect(
      await bench.sql(
        `SELECT envelope_type, key_format, value_format FROM mz_sources WHERE name = '${name}'`,
      ),
    ).toEqual([['upsert', 'avro', 'avro']])
  })

  test('follows a Debezium envelope', async () => {
    const name = await topic()
    const row = record('row', [
      ['id', 'int'],
      ['v', ['null', 'string']],
    ])
    const key = await writer(`${name}-key`, record('k', [['id', 'int']]))
    const value = await writer(
      `${name}-value`,
      record('envelope', [
        ['before', ['null', row]],
        ['after', ['null', 'row']],
        ['op', 'string'],
      ]),
    )
    const after = (id: number, v: string | null) => ({
      row: { id, v: v === null ? null : { string: v } },
    })
    await bench.kafka.produce(name, [
      { key: key({ id: 1 }), value: value({ before: null, after: after(1, 'a'), op: 'c' }) },
      { key: key({ id: 2 }), value: value({ before: null, after: after(2, 'b'), op: 'c' }) },
      {
        key: key({ id: 1 }),
        value: value({ before: after(1, 'a'), after: after(1, null), op: 'u' }),
      },
      { key: key({ id: 2 }), value: value({ before: after(2, 'b'), after: null, op: 'd' }) },
    ])
    await create(name, `${FORMAT} INCLUDE OFFSET ENVELOPE DEBEZIUM`)
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([['1', null, '2']])
  })

  test('keeps the schemas it was made with in its definition', async () => {
    const name = await topic()
    await writer(`${name}-value`, record('r', [['a', 'int']]))
    await create(name, FORMAT)
    const { schema } = (await bench.registry.latest(`${name}-value`))!
    const [[internal]] = (await bench.sql(
      `SELECT create_sql FROM mz_sources WHERE name = '${name}'`,
    )) as [[string]]
    expect(internal).toMatch(
      /FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION \[u\d+ AS "materialize"\."public"\."r"\] SEED VALUE SCHEMA '/,
    )
    expect(internal).toContain(`SEED VALUE SCHEMA '${schema}'`)
    const [[, shown]] = (await bench.sql(`SHOW CREATE SOURCE ${name}`)) as [[string, string]]
    expect(shown).toContain(
      `FORMAT\n    AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION materialize.public.r SEED VALUE SCHEMA '${schema}'`,
    )
  })
})

describe('an Avro source is refused', () => {
  test.each([
    ['without a schema', FORMAT, {}, 'No value schema found'],
    [
      'for Debezium without a key’s schema',
      `${FORMAT} ENVELOPE DEBEZIUM`,
      { value: record('r', [['after', 'int']]) },
      'Key schema is required for ENVELOPE DEBEZIUM',
    ],
    [
      'for a type within itself',
      FORMAT,
      { value: record('r', [['next', ['null', 'r']]]) },
      'Recursive types are not supported: r',
    ],
    [
      'for names that come twice',
      `${FORMAT} INCLUDE KEY`,
      { key: record('k', [['id', 'int']]), value: record('v', [['id', 'int']]) },
      'column "id" specified more than once',
    ],
  ] as [string, string, { key?: object; value?: object }, string][])('%s', async (...row) => {
    const [, clauses, { key, value }, message] = row
    const name = await topic()
    if (key !== undefined) await writer(`${name}-key`, key)
    if (value !== undefined) await writer(`${name}-value`, value)
    expect(
      await bench.refusal(
        `CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}') ${clauses}`,
      ),
    ).toEqual({ code: 'XX000', message })
  })

  test('by what is no registry', async () => {
    const name = await topic()
    expect(
      await bench.refusal(
        `CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}') FORMAT AVRO USING CONFLUENT SCHEMA REGISTRY CONNECTION k`,
      ),
    ).toEqual({
      code: 'XX000',
      message: 'materialize.public.k is not a schema registry connection',
    })
  })
})

describe('a connection to a registry', () => {
  test('logs in, and is refused with another password', async () => {
    const { url } = await bench.registry.front({ login: { username: 'me', password: 'pä:ss' } })
    await bench.sql(
      `CREATE SECRET IF NOT EXISTS good AS '\\x${Buffer.from('pä:ss').toString('hex')}'`,
    )
    await bench.sql("CREATE SECRET IF NOT EXISTS wrong AS 'x'")
    const of = (name: string, secret: string) =>
      `CREATE CONNECTION ${name} TO CONFLUENT SCHEMA REGISTRY (URL '${url}', USERNAME 'me', PASSWORD SECRET ${secret})`
    expect(await bench.refusal(of('r_wrong', 'wrong'))).toEqual({
      code: '58000',
      message: 'server error 401: Unauthorized',
    })
    await bench.sql(of('r_login', 'good'))
    await bench.sql('VALIDATE CONNECTION r_login')
    expect(await bench.sql('SHOW CREATE CONNECTION r_login')).toEqual([
      [
        'materialize.public.r_login',
        'CREATE CONNECTION materialize.public.r_login\nTO CONFLUENT SCHEMA REGISTRY\n' +
          `    (PASSWORD = SECRET materialize.public.good, URL = '${url}', USER = 'me');`,
      ],
    ])
    expect(await bench.sql("SELECT type FROM mz_connections WHERE name = 'r_login'")).toEqual([
      ['confluent-schema-registry'],
    ])
    expect((await bench.refusal('DROP SECRET good')).message).toMatch(/^cannot drop secret "good"/)
  })

  test('trusts the authority it is given, and shows a certificate where one is asked for', async () => {
    const [server, client] = await Promise.all([createServerIdentity(), createClientIdentity('me')])
    const { url } = await bench.registry.front({ identity: server, clientCa: client.caPem })
    await bench.sql(`CREATE SECRET r_key AS '\\x${Buffer.from(client.keyPem).toString('hex')}'`)
    const of = (name: string, options: string) =>
      `CREATE CONNECTION ${name} TO CONFLUENT SCHEMA REGISTRY (URL '${url}'${options})`
    const ca = `, SSL CERTIFICATE AUTHORITY '${server.caPem}'`
    expect((await bench.refusal(of('r_ca', ''))).code).toBe('58000')
    expect((await bench.refusal(of('r_ca', ca))).code).toBe('58000')
    await bench.sql(of('r_ca', `${ca}, SSL CERTIFICATE '${client.certPem}', SSL KEY SECRET r_key`))
  })

  test.each([
    ['no URL', "USERNAME 'me'", 'XX000', 'invalid CONNECTION: must specify URL'],
    [
      'a path',
      "URL 'http://localhost:1/x'",
      'XX000',
      'invalid CONNECTION: URL must have an empty path',
    ],
    [
      'a certificate without its key',
      "URL 'http://localhost:1', SSL CERTIFICATE 'x'",
      'XX000',
      'invalid CONNECTION: reading from SSL-auth Confluent Schema Registry requires both SSL KEY and SSL CERTIFICATE',
    ],
    [
      'a password as text',
      "URL 'http://localhost:1', PASSWORD 'x'",
      'XX000',
      'invalid PASSWORD: must provide a secret value',
    ],
    [
      'a broker',
      "URL 'http://localhost:1', BROKER 'x'",
      'XX000',
      'CONFLUENT SCHEMA REGISTRY connections do not support BROKER values',
    ],
    [
      'nobody there',
      "URL 'http://localhost:1'",
      '58000',
      'error sending request for url (http://localhost:1/subjects): client error (Connect): tcp connect error: Connection refused (os error 111)',
    ],
  ])('is refused with %s', async (...row) => {
    const [, options, code, message] = row
    expect(
      await bench.refusal(`CREATE CONNECTION r_no TO CONFLUENT SCHEMA REGISTRY (${options})`),
    ).toEqual({ code, message })
  })
})
