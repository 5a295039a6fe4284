import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startKafka } from '../test-support/kafka/broker.ts'
import { createClientIdentity } from '../test-support/kafka/certificates.ts'
import { mechanisms } from '../test-support/kafka/server-properties.ts'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** Connections of every kind, against the real broker where there is something to connect to. */

const bench = new StandInBench()

beforeAll(async () => {
  await bench.open()
  const { username, password } = bench.kafka.users.full
  const hex = (text: string) => `'\\x${Buffer.from(text).toString('hex')}'`
  await bench.sql(`CREATE SECRET pw AS ${hex(password)}`)
  await bench.sql(`CREATE SECRET us AS ${hex(username)}`)
}, 60_000)
afterAll(() => bench.close())

const kafka = (options: string, more = '') => {
  const name = fresh('c')
  return bench.sql(`CREATE CONNECTION ${name} TO KAFKA (${options}) ${more}`).then(() => name)
}

const options = (listener: 'SASL_SSL' | 'SASL_PLAINTEXT' | 'SSL', mechanism = 'SCRAM-SHA-256') =>
  [
    `BROKER '${bench.kafka.brokers[listener]}', SECURITY PROTOCOL '${listener}'`,
    ...(listener.startsWith('SASL')
      ? [`SASL MECHANISMS '${mechanism}', SASL USERNAME SECRET us, SASL PASSWORD SECRET pw`]
      : []),
    ...(listener.endsWith('SSL') ? [`SSL CERTIFICATE AUTHORITY '${bench.kafka.caPem}'`] : []),
  ].join(', ')

/** A source reads through the connection. */
async function through(connection: string): Promise<void> {
  const topic = fresh('c')
  await bench.kafka.createTopic(topic)
  await bench.kafka.produce(topic, ['one'])
  await bench.sql(
    `CREATE SOURCE ${topic} FROM KAFKA CONNECTION ${connection} (TOPIC '${topic}') FORMAT TEXT`,
  )
  expect(await bench.rows(`SELECT * FROM ${topic}`, 1)).toEqual([['one']])
}

describe('a Kafka connection', () => {
  test.each([
    ...mechanisms.flatMap((mechanism) => [
      ['SASL_SSL', mechanism] as const,
      ['SASL_PLAINTEXT', mechanism] as const,
    ]),
    ['SSL', undefined] as const,
  ])('speaks %s %s', async (listener, mechanism) => {
    await through(await kafka(options(listener, mechanism)))
  })

  test('shows its certificate where the broker asks for one', async () => {
    const client = await createClientIdentity('me')
    const broker = await startKafka({
      properties: {
        'listener.name.ssl.ssl.client.auth': 'required',
        'listener.name.ssl.ssl.truststore.type': 'PEM',
        'listener.name.ssl.ssl.truststore.certificates': client.caPem,
        'super.users': 'User:admin;User:ANONYMOUS;User:CN=me',
      },
    })
    try {
      const to = `BROKER '${broker.brokers.SSL}', SSL CERTIFICATE AUTHORITY '${broker.caPem}'`
      expect(await bench.refusal(`CREATE CONNECTION no TO KAFKA (${to})`)).toEqual({
        code: '58000',
        message: 'SSL authentication required',
      })
      await bench.sql(
        `CREATE SECRET client_key AS '\\x${Buffer.from(client.keyPem).toString('hex')}'`,
      )
      const name = await kafka(
        `${to}, SSL CERTIFICATE '${client.certPem}', SSL KEY SECRET client_key`,
      )
      await broker.createTopic('mutual')
      await broker.produce('mutual', ['one'])
      await bench.sql(
        `CREATE SOURCE mutual FROM KAFKA CONNECTION ${name} (TOPIC 'mutual') FORMAT TEXT`,
      )
      expect(await bench.rows('SELECT * FROM mutual', 1)).toEqual([['one']])
      await bench.sql('DROP SOURCE mutual')
    } finally {
      await broker.stop()
    }
  })

  test('begins with any of several brokers', async () => {
    const brokers = `BROKERS ('localhost:1', '${bench.kafka.brokers.PLAINTEXT}')`
    await through(await kafka(`${brokers}, SECURITY PROTOCOL 'PLAINTEXT'`))
  })

  test('names the topic of its sinks’ progress', async () => {
    const topic = fresh('progress')
    const to = `BROKER '${bench.kafka.brokers.PLAINTEXT}', SECURITY PROTOCOL 'PLAINTEXT'`
    const name = await kafka(
      `${to}, PROGRESS TOPIC '${topic}', PROGRESS TOPIC REPLICATION FACTOR 1`,
    )
    expect(
      await bench.sql(
        `SELECT k.sink_progress_topic FROM mz_kafka_connections k JOIN mz_connections c ON c.id = k.id WHERE c.name = '${name}'`,
      ),
    ).toEqual([[topic]])
    await bench.sql(`CREATE TABLE ${name}_t (n int)`)
    await bench.sql(`INSERT INTO ${name}_t VALUES (1)`)
    await bench.sql(
      `CREATE SINK ${name}_s FROM ${name}_t INTO KAFKA CONNECTION ${name} (TOPIC '${name}') FORMAT JSON ENVELOPE DEBEZIUM`,
    )
    const deadline = Date.now() + 10_000
    let records: unknown[] = []
    while (records.length === 0 && Date.now() < deadline) {
      records = await bench.kafka.read(topic).catch(() => [])
    }
    expect(records.length).toBeGreaterThan(0)
  })

  test('is made unseen where VALIDATE is false, and seen by VALIDATE CONNECTION', async () => {
    const name = await kafka(
      "BROKER 'localhost:1', SECURITY PROTOCOL 'PLAINTEXT'",
      'WITH (VALIDATE = false)',
    )
    expect(await bench.refusal(`VALIDATE CONNECTION ${name}`)).toEqual({
      code: '58000',
      message: 'Broker transport failure',
    })
  })
})

const UNSEEN = 'WITH (VALIDATE = false)'

describe('a way to brokers', () => {
  beforeAll(async () => {
    await bench.sql("CREATE CONNECTION tunnel TO SSH TUNNEL (HOST 'bastion', USER 'me', PORT 22)")
    await bench.system('ALTER SYSTEM SET max_aws_privatelink_connections = 5')
    await bench.sql(
      "CREATE CONNECTION link TO AWS PRIVATELINK (SERVICE NAME 'com.amazonaws.vpce.x', AVAILABILITY ZONES ('use1-az1', 'use1-az4'))",
    )
    await bench.sql(
      "CREATE CONNECTION iam TO AWS (ASSUME ROLE ARN = 'arn:aws:iam::1:role/x', REGION = 'us-east-1')",
    )
  })

  test.each([
    [
      'a tunnel for one broker',
      "BROKER 'a:9092' USING SSH TUNNEL tunnel",
      "BROKER = 'a:9092' USING SSH TUNNEL materialize.public.tunnel",
    ],
    [
      'a tunnel for all',
      "BROKER 'a:9092', SSH TUNNEL tunnel",
      "BROKER = 'a:9092', SSH TUNNEL = materialize.public.tunnel",
    ],
    [
      'PrivateLink for each broker',
      "BROKERS ('a:1' USING AWS PRIVATELINK link (AVAILABILITY ZONE 'use1-az1', PORT 9001), 'b:2' USING AWS PRIVATELINK link)",
      "BROKERS = ('a:1' USING AWS PRIVATELINK materialize.public.link (AVAILABILITY ZONE = 'use1-az1', PORT = 9001), 'b:2' USING AWS PRIVATELINK materialize.public.link)",
    ],
    [
      'PrivateLink for all',
      'AWS PRIVATELINK link (PORT 9092)',
      'AWS PRIVATELINK = materialize.public.link (PORT 9092)',
    ],
    [
      'AWS IAM',
      "BROKER 'a:9098', AWS CONNECTION iam",
      "AWS CONNECTION = materialize.public.iam, BROKER = 'a:9098'",
    ],
  ])('%s is kept and shown', async (_name, given, shown) => {
    const name = await kafka(given, UNSEEN)
    const [[, sql]] = (await bench.sql(`SHOW CREATE CONNECTION ${name}`)) as [[string, string]]
    expect(sql.replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')')).toBe(
      `CREATE CONNECTION materialize.public.${name} TO KAFKA (${shown});`,
    )
    expect((await bench.refusal(`VALIDATE CONNECTION ${name}`)).code).toBe('XXSTD')
  })

  test('a pattern of brokers needs the server’s flag', async () => {
    const given =
      "BROKERS ('a:9092' USING AWS PRIVATELINK link, MATCHING '*.use1-az1.*' USING AWS PRIVATELINK link (AVAILABILITY ZONE 'use1-az1'))"
    await expect(kafka(given, UNSEEN)).rejects.toMatchObject({ code: 'XXSTD' })
    await bench.system('ALTER SYSTEM SET enable_kafka_broker_matching_rules = true')
    const name = await kafka(given, UNSEEN)
    const [[, sql]] = (await bench.sql(`SHOW CREATE CONNECTION ${name}`)) as [[string, string]]
    expect(sql).toContain(
      "MATCHING '*.use1-az1.*' USING AWS PRIVATELINK materialize.public.link (AVAILABILITY ZONE = 'use1-az1')",
    )
    expect(
      await bench.sql(
        `SELECT k.brokers::text FROM mz_kafka_connections k JOIN mz_connections c ON c.id = k.id WHERE c.name = '${name}'`,
      ),
    ).toEqual([['{a:9092}']])
  })

  test('a tunnel tells the public keys to put on the bastion', async () => {
    const [[, sql]] = (await bench.sql('SHOW CREATE CONNECTION tunnel')) as [[string, string]]
    expect(sql).toMatch(
      /PUBLIC KEY 1 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/=]+ materialize'/,
    )
  })

  test('each is of its type, and is not dropped while something uses it', async () => {
    expect(
      await bench.sql(
        "SELECT name, type FROM mz_connections WHERE name IN ('tunnel', 'link', 'iam') ORDER BY 1",
      ),
    ).toEqual([
      ['iam', 'aws'],
      ['link', 'aws-privatelink'],
      ['tunnel', 'ssh-tunnel'],
    ])
    await kafka("BROKER 'a:9092' USING SSH TUNNEL tunnel", UNSEEN)
    expect((await bench.refusal('DROP CONNECTION tunnel')).message).toMatch(
      /^cannot drop connection "tunnel": still depended upon by connection /,
    )
  })
})

describe('a connection is refused', () => {
  test.each([
    [
      'KAFKA',
      "BROKER 'a:1', BROKERS ('b:1')",
      'invalid CONNECTION: can only set one of BROKER, BROKERS, or AWS PRIVATELINK',
    ],
    [
      'KAFKA',
      "SECURITY PROTOCOL 'SSL'",
      'invalid CONNECTION: must set one of BROKER, BROKERS, or AWS PRIVATELINK',
    ],
    ['KAFKA', "BROKER 'a:1', SSH TUNNEL k", 'k is not an SSH connection'],
    ['KAFKA', "BROKER 'a:1' USING AWS PRIVATELINK k", 'k is not an AWS PRIVATELINK connection'],
    ['KAFKA', "BROKER 'a:1', AWS CONNECTION k", 'k is not an AWS connection'],
    [
      'KAFKA',
      "BROKER 'a:1', PROGRESS TOPIC REPLICATION FACTOR 0",
      'invalid CONNECTION: PROGRESS TOPIC REPLICATION FACTOR must be greater than 0',
    ],
    [
      'KAFKA',
      "BROKER 'a:1', SECURITY PROTOCOL 'SSL', SSL KEY 'x'",
      'invalid SSL KEY: must provide a secret value',
    ],
    [
      'KAFKA',
      "BROKER 'a:1', PORT 1, ACCESS KEY ID 'x'",
      'KAFKA connections do not support ACCESS KEY ID, PORT values',
    ],
    ['SSH TUNNEL', "HOST 'a'", 'USER option is required'],
    [
      'SSH TUNNEL',
      "HOST 'a', USER SECRET us",
      'SSH connections do not support supplying USER value as SECRET',
    ],
    [
      'AWS',
      "REGION 'x'",
      'must specify either ASSUME ROLE ARN or ACCESS KEY ID and SECRET ACCESS KEY',
    ],
    [
      'AWS',
      "ACCESS KEY ID 'x'",
      'must specify both ACCESS KEY ID and SECRET ACCESS KEY with optional SESSION TOKEN',
    ],
    ['AWS PRIVATELINK', "SERVICE NAME 'x'", 'AVAILABILITY ZONES option is required'],
  ])('to %s (%s)', async (type, given, message) => {
    expect(await bench.refusal(`CREATE CONNECTION no TO ${type} (${given})`)).toEqual({
      code: 'XX000',
      message,
    })
  })

  test('through a zone that the link has not', async () => {
    await bench.sql(
      "CREATE CONNECTION link2 TO AWS PRIVATELINK (SERVICE NAME 'x', AVAILABILITY ZONES ('a'))",
    )
    await expect(
      kafka("BROKER 'a:1' USING AWS PRIVATELINK link2 (AVAILABILITY ZONE 'b')", UNSEEN),
    ).rejects.toMatchObject({
      message:
        'AWS PrivateLink availability zone "b" does not match any of the availability zones on the AWS PrivateLink connection "materialize.public.link2"',
    })
  })

  test('beyond the number of links that the server allows', async () => {
    await bench.system('ALTER SYSTEM SET max_aws_privatelink_connections = 0')
    expect(
      await bench.refusal(
        "CREATE CONNECTION no TO AWS PRIVATELINK (SERVICE NAME 'x', AVAILABILITY ZONES ('a'))",
      ),
    ).toMatchObject({
      code: '53000',
      message: expect.stringMatching(
        /^creating AWS PrivateLink Connection would violate max_aws_privatelink_connections limit/,
      ),
    })
  })
})
