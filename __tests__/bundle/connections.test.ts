import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runSql, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'

/** Every way of logging in to Kafka, for real; and what only Materialize can reach. */

let services: Services
beforeAll(async () => {
  services = await startServices({ listeners: [{ internal: true }] })
})
afterAll(async () => {
  await services.stop()
})

const env = (): Record<string, string> => ({
  FULL: services.kafka.users.full.username,
  FULL_PASSWORD: services.kafka.users.full.password,
  PLAIN_PASSWORD: services.kafka.users.plainuser.password,
  CA: services.kafka.caPem,
  CLIENT_KEY: services.kafka.client.keyPem,
})

const files = (): Record<string, string> => ({
  'ca.pem': services.kafka.caPem,
  'client.pem': services.kafka.client.certPem,
})

async function runSpec(spec: unknown, inputs: Record<string, string> = {}): Promise<BundleRun> {
  const { 'materialize-url': url = '' } = services.inputs()
  const run = await runBundle(
    {
      'materialize-url': url,
      spec: JSON.stringify(spec, null, 1),
      timeout: '90s',
      'sample-rows': '0',
      ...inputs,
    },
    { env: env(), files: files() },
  )
  const { users, client } = services.kafka
  expect(leaksIn(run, [users.full.password, users.plainuser.password, client.keyPem])).toEqual([])
  return run
}

function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] !== 'healthy') throw new Error(run.stdout + run.stderr)
  return run
}

interface Change {
  object: string
  kind: string
  action: string
  differences?: { attribute: string; there: string; asked: string }[]
}
const changes = (run: BundleRun): Change[] => JSON.parse(run.outputs['changes'] ?? '') as Change[]

describe('logins', () => {
  const full = { username: { env: 'FULL' }, password: { env: 'FULL_PASSWORD' } }
  const rows: { name: string; kafka: () => object; holds: RegExp }[] = [
    {
      name: 'scram_256',
      kafka: () => ({ brokers: [services.kafka.brokers.SASL_SSL], ca: { env: 'CA' }, ...full }),
      holds: /MECHANISMS = 'SCRAM-SHA-256', .*USERNAME = SECRET/,
    },
    {
      name: 'scram_512',
      kafka: () => ({
        brokers: [services.kafka.brokers.SASL_SSL],
        ca: { file: 'ca.pem' },
        mechanism: 'SCRAM-SHA-512',
        ...full,
      }),
      holds: /MECHANISMS = 'SCRAM-SHA-512'/,
    },
    {
      name: 'plain_by_a_readable_user',
      kafka: () => ({
        brokers: [services.kafka.brokers.SASL_SSL],
        ca: { text: services.kafka.caPem },
        mechanism: 'PLAIN',
        username: { text: 'plainuser' },
        password: { env: 'PLAIN_PASSWORD' },
      }),
      holds:
        /MECHANISMS = 'PLAIN', .*USERNAME = 'plainuser', .*AUTHORITY = '-----BEGIN CERTIFICATE/s,
    },
    {
      name: 'plain_without_tls',
      kafka: () => ({
        brokers: [services.kafka.brokers.SASL_PLAINTEXT],
        protocol: 'SASL_PLAINTEXT',
        mechanism: 'PLAIN',
        ...full,
      }),
      holds: /PROTOCOL = 'SASL_PLAINTEXT'/,
    },
    {
      name: 'a_certificate_of_its_own',
      kafka: () => ({
        brokers: [services.kafka.brokers.MUTUAL_SSL],
        protocol: 'SSL',
        ca: { env: 'CA' },
        certificate: { file: 'client.pem' },
        key: { env: 'CLIENT_KEY' },
      }),
      holds: /SSL CERTIFICATE = SECRET .*SSL KEY = SECRET/,
    },
    {
      name: 'a_readable_certificate',
      kafka: () => ({
        brokers: [services.kafka.brokers.MUTUAL_SSL],
        protocol: 'SSL',
        ca: { env: 'CA' },
        certificate: { text: services.kafka.client.certPem },
        key: { env: 'CLIENT_KEY' },
      }),
      holds: /SSL CERTIFICATE = '-----BEGIN/,
    },
    {
      name: 'tls_and_nobody',
      kafka: () => ({
        brokers: [services.kafka.brokers.SSL],
        protocol: 'SSL',
        ca: { env: 'CA' },
      }),
      holds: /PROTOCOL = 'SSL'/,
    },
    {
      name: 'nothing_at_all',
      kafka: () => ({
        provider: 'self-managed',
        brokers: [services.kafka.brokers.PLAINTEXT],
        protocol: 'PLAINTEXT',
        'progress-topic': 'mz-progress-own',
      }),
      holds: /PROGRESS TOPIC = 'mz-progress-own'/,
    },
  ]
  const spec = () => ({
    connections: Object.fromEntries(rows.map(({ name, kafka }) => [name, { kafka: kafka() }])),
    sources: Object.fromEntries(
      rows.map(({ name }) => [`s_${name}`, { connection: name, topic: 'logins', format: 'text' }]),
    ),
  })

  let run: BundleRun
  beforeAll(async () => {
    await services.kafka.createTopic('logins')
    await services.kafka.produce('logins', ['hello'])
    run = healthy(await runSpec(spec()))
  })

  test.each(rows)('$name: data comes by it', async ({ name, holds }) => {
    const report = JSON.parse(run.report) as {
      objects: { name: { name: string }; verdict: string }[]
    }
    expect(report.objects.find((one) => one.name.name === `s_${name}`)?.verdict).toBe('proven')
    expect(await services.sql(`SELECT text FROM s_${name}`)).toEqual([{ text: 'hello' }])
    const [made] = await services.sql(
      `SELECT create_sql FROM mz_connections WHERE name = '${name}'`,
    )
    expect(String(made?.['create_sql'])).toMatch(holds)
  })

  test('again there is nothing to change', async () => {
    const again = await runSpec(spec(), { mode: 'plan', 'fail-on-changes': 'true' })
    expect(changes(healthy(again))).toEqual([])
  })

  test('a certificate by the inputs', async () => {
    const { 'materialize-url': url = '' } = services.inputs()
    const { brokers, caPem, client } = services.kafka
    const flat = await runBundle({
      'materialize-url': url,
      'kafka-brokers': brokers.MUTUAL_SSL,
      'kafka-security-protocol': 'SSL',
      'kafka-ca': caPem,
      'kafka-certificate': client.certPem,
      'kafka-key': client.keyPem,
      connection: 'flat_mutual',
      source: 'flat_mutual_s',
      topic: 'logins',
      format: 'text',
      'min-rows': '1',
    })
    healthy(flat)
    expect(leaksIn(flat, [client.keyPem])).toEqual([])
    expect(JSON.parse(flat.outputs['rows'] ?? '')).toEqual([{ text: 'hello' }])
  })
})

describe('checks', () => {
  const away = (more = {}) => ({
    connections: { away: { kafka: { brokers: ['localhost:1'], protocol: 'PLAINTEXT', ...more } } },
  })
  const asked = () => services.statements.filter((text) => text.startsWith('VALIDATE'))

  test('a connection that cannot be used is refused, and stays for the next run', async () => {
    const run = await runSpec(away(), { 'kafka-check': 'never' })
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'kafka-unreachable' })
    expect(await services.sql("SELECT name FROM mz_connections WHERE name = 'away'")).toHaveLength(
      1,
    )
  })

  test('validate: false: nobody asks, when it is made or kept', async () => {
    await services.sql('DROP CONNECTION away')
    services.statements.length = 0
    for (const action of ['create', undefined]) {
      const run = healthy(await runSpec(away({ validate: false }), { 'kafka-check': 'never' }))
      expect(changes(run).map((one) => one.action)).toEqual(action === undefined ? [] : [action])
      expect(asked()).toEqual([])
    }
  })
})

describe('what only Materialize can reach', () => {
  const M = '"materialize"."public".'
  beforeAll(async () => {
    const port = services.standIn.ports[1] ?? 0
    const connectionString = `postgres://mz_system@127.0.0.1:${String(port)}/materialize`
    await runSql({ connectionString }, [
      'ALTER SYSTEM SET max_aws_privatelink_connections = 5',
      'ALTER SYSTEM SET enable_kafka_broker_matching_rules = true',
    ])
    await services.sql(
      "CREATE CONNECTION bastion TO SSH TUNNEL (HOST 'bastion', USER 'me', PORT 22)",
      "CREATE CONNECTION bastion2 TO SSH TUNNEL (HOST 'bastion2', USER 'me', PORT 22)",
      "CREATE CONNECTION link TO AWS PRIVATELINK (SERVICE NAME 'com.amazonaws.vpce.x', AVAILABILITY ZONES ('use1-az1', 'use1-az4'))",
      "CREATE CONNECTION role TO AWS (ASSUME ROLE ARN = 'arn:aws:iam::1:role/x', REGION = 'us-east-1')",
      "CREATE CONNECTION role2 TO AWS (ASSUME ROLE ARN = 'arn:aws:iam::1:role/y', REGION = 'us-east-1')",
    )
  })

  /** How each connection is first, how somebody changes it by hand, and how the spec does. */
  const rows: {
    name: string
    first: Record<string, unknown>
    hand: string
    handSays: [attribute: string, there: string, asked: string]
    then: Record<string, unknown>
    thenSays: [attribute: string, there: string, asked: string]
  }[] = [
    {
      name: 'one_broker',
      first: { brokers: [{ address: 'b:9092', 'ssh-tunnel': 'bastion' }] },
      hand: "SET (BROKER 'b:9092')",
      handSays: ['brokers', 'b:9092', `b:9092 by ssh-tunnel ${M}"bastion"`],
      then: {
        brokers: [
          'a',
          { address: 'b:1', 'aws-privatelink': 'link', 'availability-zone': 'use1-az4', port: 2 },
        ],
      },
      thenSays: [
        'brokers',
        `b:9092 by ssh-tunnel ${M}"bastion"`,
        `a:9092, b:1 by aws-privatelink ${M}"link" (availability-zone use1-az4, port 2)`,
      ],
    },
    {
      name: 'patterns',
      first: { brokers: ['b', { matching: '*.use1-az1.*', 'aws-privatelink': 'link' }] },
      hand: "SET (BROKERS ('b:9092'))",
      handSays: [
        'brokers',
        'b:9092',
        `b:9092, matching *.use1-az1.* by aws-privatelink ${M}"link"`,
      ],
      then: { brokers: ['b', { matching: '*.use1-az4.*', 'aws-privatelink': 'link' }] },
      thenSays: [
        'brokers',
        `b:9092, matching *.use1-az1.* by aws-privatelink ${M}"link"`,
        `b:9092, matching *.use1-az4.* by aws-privatelink ${M}"link"`,
      ],
    },
    {
      name: 'all_by_tunnel',
      first: { brokers: ['b'], 'ssh-tunnel': 'bastion' },
      hand: 'DROP (SSH TUNNEL)',
      handSays: ['ssh-tunnel', 'none', `${M}"bastion"`],
      then: { brokers: ['b'], 'ssh-tunnel': 'public.bastion2' },
      thenSays: ['ssh-tunnel', `${M}"bastion"`, `${M}"bastion2"`],
    },
    {
      name: 'all_by_link',
      first: { 'aws-privatelink': { connection: 'link', port: 9092 } },
      hand: 'SET (AWS PRIVATELINK link (PORT 9093))',
      handSays: ['aws-privatelink', `${M}"link" (port 9093)`, `${M}"link" (port 9092)`],
      then: { 'aws-privatelink': 'link' },
      thenSays: ['aws-privatelink', `${M}"link" (port 9092)`, `${M}"link"`],
    },
    {
      name: 'login_by_iam',
      first: { brokers: ['b:9098'], protocol: 'SASL_SSL', 'aws-connection': 'role' },
      hand: 'SET (AWS CONNECTION = role2)',
      handSays: ['aws-connection', `${M}"role2"`, `${M}"role"`],
      then: { brokers: ['b:9098'], protocol: 'SASL_SSL', 'aws-connection': 'role2' },
      thenSays: ['aws-connection', `${M}"role"`, `${M}"role2"`],
    },
  ]
  const spec = (which: 'first' | 'then') => ({
    connections: Object.fromEntries(
      rows.map((row) => [
        row.name,
        { kafka: { protocol: 'PLAINTEXT', validate: false, ...row[which] } },
      ]),
    ),
  })
  const said = (run: BundleRun) =>
    Object.fromEntries(
      changes(run).map(({ object, differences = [] }) => [
        object,
        differences.map(({ attribute, there, asked }) => [attribute, there, asked]),
      ]),
    )
  const expected = (says: 'handSays' | 'thenSays') =>
    Object.fromEntries(rows.map((row) => [`${M}"${row.name}"`, [row[says]]]))

  test('all are made, and the look at Kafka is left out with one note', async () => {
    const run = healthy(await runSpec(spec('first')))
    expect(changes(run).map(({ action }) => action)).toEqual(rows.map(() => 'create'))
    const notes = run.stdout.match(/::notice::This runner does not look at the Kafka of .*/g)
    expect(notes).toHaveLength(1)
    for (const { name } of rows) expect(notes?.[0]).toContain(name)
    expect(changes(healthy(await runSpec(spec('first'), { mode: 'plan' })))).toEqual([])
  })

  test('kafka-check: always refuses them before anything is asked', async () => {
    services.statements.length = 0
    const run = await runSpec(spec('first'), { 'kafka-check': 'always' })
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid' })
    expect(run.stdout).toContain(
      'kafka-check is always, and the connection "one_broker" goes by ssh-tunnel, which the runner does not have.',
    )
    expect(services.statements).toEqual([])
  })

  test('changed by hand: each is named, and altered back', async () => {
    for (const { name, hand } of rows) {
      await services.sql(`ALTER CONNECTION ${name} ${hand} WITH (VALIDATE = false)`)
    }
    expect(said(healthy(await runSpec(spec('first'), { mode: 'plan' })))).toEqual(
      expected('handSays'),
    )
    const mended = healthy(await runSpec(spec('first')))
    expect(changes(mended).map(({ action }) => action)).toEqual(rows.map(() => 'alter'))
    expect(changes(healthy(await runSpec(spec('first'), { mode: 'plan' })))).toEqual([])
  })

  test('changed in the spec: each is named, and altered', async () => {
    expect(said(healthy(await runSpec(spec('then'), { mode: 'plan' })))).toEqual(
      expected('thenSays'),
    )
    healthy(await runSpec(spec('then')))
    expect(changes(healthy(await runSpec(spec('then'), { mode: 'plan' })))).toEqual([])
  })

  test('a tunnel that is not there is refused, and nothing is sent', async () => {
    services.statements.length = 0
    const run = await runSpec({
      connections: {
        lost: { kafka: { protocol: 'PLAINTEXT', brokers: ['b'], 'ssh-tunnel': 'nosuch' } },
      },
    })
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'connection-unknown' })
    expect(services.statements.filter((text) => /^(CREATE|ALTER|COMMENT)/.test(text))).toEqual([])
  })
})
