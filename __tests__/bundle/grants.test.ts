import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AclRule, allAcls } from '../../test-support/kafka/acls.ts'
import { startKafka, type TestKafka } from '../../test-support/kafka/broker.ts'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { changesOf, healthy, logOf } from '../../test-support/pipeline/spec-runs.ts'

/** A broker of its own, so that the whole list of its rules can be compared. */
let kafka: TestKafka
let services: Services

beforeAll(async () => {
  kafka = await startKafka()
  services = await startServices({ kafka })
}, 240_000)

afterAll(async () => {
  await services.stop()
  await kafka.stop()
})

type Inputs = Record<string, string>

/** A pipeline of a user who may do nothing, its topic with two records. */
async function pipeline(name: string): Promise<Inputs> {
  await kafka.createTopic(name)
  await kafka.produce(name, ['one', 'two'])
  return {
    ...services.inputs('bare'),
    ...{ connection: `${name}_c`, source: name, topic: name },
    ...{ sink: `${name}_out`, 'sink-topic': `${name}-out`, 'sink-envelope': 'debezium' },
    'sample-rows': '0',
  }
}

function ensuring(): Inputs {
  const { username, password } = kafka.users.admin
  return { grants: 'ensure', 'kafka-admin-username': username, 'kafka-admin-password': password }
}

interface GrantOut {
  resource: string
  name: string
  pattern: string
  operation: string
  state: string
  because?: string
  optional?: boolean
  'needed-by': string[]
}

function grantsOf(run: BundleRun): GrantOut[] {
  return JSON.parse(run.outputs['grants'] ?? '[]') as GrantOut[]
}

/** Runs the bundle; throws if it shows the administrator’s password, or hands it to Materialize. */
async function run(inputs: Inputs, kill?: { line: string } | { statement: RegExp }) {
  const { password } = kafka.users.admin
  services.statements.splice(0)
  let end: (() => void) | undefined
  if (kill && 'statement' in kill) {
    services.onStatement = (text) => {
      if (kill.statement.test(text)) end?.()
    }
  }
  const done = await runBundle(inputs, {
    watch: (printed, by) => {
      end = () => by('SIGKILL')
      if (kill && 'line' in kill && printed.includes(kill.line)) end()
    },
  })
  services.onStatement = undefined
  const sent = services.statements.join('\n')
  expect(leaksIn(done, [password])).toEqual([])
  expect(sent).not.toContain(password)
  expect(sent).not.toContain(Buffer.from(password).toString('hex'))
  return done
}

const aclsIn = (done: BundleRun): string[] =>
  changesOf(done)
    .filter(({ kind }) => kind === 'acl')
    .map(({ object, action }) => `${action} ${object.replace(/docker\S*-0-/, 'ENV-')}`)

const own = (name: string) => [
  `create READ on topic ${name}`,
  expect.stringMatching(/^create READ on group materialize-ENV-u\d+-…$/),
  `create WRITE on topic ${name}-out`,
  `create CREATE on topic ${name}-out`,
  expect.stringMatching(/^create READ on topic _materialize-progress-ENV-u\d+$/),
  expect.stringMatching(/^create WRITE on topic _materialize-progress-ENV-u\d+$/),
  expect.stringMatching(/^create CREATE on topic _materialize-progress-ENV-u\d+$/),
  expect.stringMatching(/^create WRITE on transactional id materialize-ENV-u\d+-…$/),
]

test('a user without rights: said, added, proven, and taken away again', async () => {
  const before = await allAcls(kafka)
  const inputs = await pipeline('hello')

  const check = await run({ ...inputs, grants: 'check' })
  expect(check.outputs['failure-reason']).toBe('kafka-read-right')
  expect(check.exitCode).toBe(1)
  expect(changesOf(check)).toEqual([])
  expect(await services.sql(`SELECT 1 FROM mz_objects WHERE name = 'hello_c'`)).toEqual([])
  const lacking = grantsOf(check).filter(({ state }) => state === 'missing')
  const lackingFor = (by: string) =>
    lacking
      .filter((one) => !one.optional && one['needed-by'].includes(by))
      .map(({ operation, resource }) => `${operation} ${resource}`)
  expect(lackingFor('source hello')).toEqual(['DESCRIBE topic', 'READ topic', 'READ group'])
  expect(lackingFor('sink hello_out')).toEqual([
    ...['READ group', 'DESCRIBE topic', 'WRITE topic', 'DESCRIBE topic', 'READ topic'],
    ...['WRITE topic', 'CREATE topic', 'DESCRIBE transactional-id', 'WRITE transactional-id'],
  ])
  // Who may not see the topic is not told whether it is there.
  expect(grantsOf(check).filter(({ state }) => state === 'not known')).toMatchObject([
    { operation: 'CREATE', name: 'hello-out' },
  ])
  expect(logOf(check)).toContain(
    `kafka-acls.sh --bootstrap-server '${kafka.brokers.SASL_SSL}' --command-config admin.properties --add --allow-principal 'User:bare' --operation Read --topic 'hello'`,
  )
  expect(check.summary).toContain('0 of 13 right(s)')
  expect(check.summary).toContain('--operation Read --topic &#39;hello&#39;')

  const asked = await run({ ...inputs, grants: 'check', mode: 'plan' })
  expect(asked.outputs['failure-reason']).toBe('kafka-read-right')
  expect(changesOf(asked).map(({ kind }) => kind)).toContain('source')

  const plan = await run({ ...inputs, ...ensuring(), mode: 'plan' })
  expect(plan.outputs).toMatchObject({ status: 'healthy', 'has-changes': 'true' })
  expect(aclsIn(plan)).toHaveLength(8)
  expect(await allAcls(kafka)).toEqual(before)

  const made = healthy(await run({ ...inputs, ...ensuring() }))
  expect(aclsIn(made)).toEqual(own('hello'))
  const after = await allAcls(kafka)
  expect(after).toHaveLength(before.length + 8)
  expect(after.filter((line) => !before.includes(line)).join()).not.toMatch(/\*,|u,/)
  expect(grantsOf(made).filter(({ state }) => state !== 'has')).toMatchObject([
    { operation: 'DESCRIBE_CONFIGS', optional: true },
  ])

  // Whose rules they are is not for every role to read.
  const comments = JSON.stringify(await services.sql('SELECT comment FROM mz_internal.mz_comments'))
  expect(comments).toContain('READ topic literal')
  expect(comments).not.toContain('bare')

  const again = healthy(await run({ ...inputs, ...ensuring() }))
  expect(again.outputs).toMatchObject({ changed: 'false', 'has-changes': 'false' })
  healthy(await run({ ...inputs, grants: 'check' }))
  expect(await allAcls(kafka)).toEqual(after)

  const down = healthy(await run({ ...inputs, ...ensuring(), mode: 'teardown' }))
  expect(aclsIn(down)).toHaveLength(8)
  expect(await allAcls(kafka)).toEqual(before)
}, 240_000)

test('canaries, whose rights come with the others and go with them', async () => {
  const before = await allAcls(kafka)
  const inputs = { ...(await pipeline('bird')), ...ensuring() }
  for (const canary of ['inline', 'isolated']) {
    const done = healthy(await run({ ...inputs, canary }))
    expect(JSON.parse(done.outputs['canaries'] ?? '')).toMatchObject([{ way: canary, held: true }])
    const forIt = aclsIn(done).filter((text) => !own('bird').some((one) => matches(one, text)))
    expect(forIt.sort()).toEqual(CANARY_RULES[canary])
  }
  healthy(await run({ ...inputs, mode: 'teardown' }))
  expect(await allAcls(kafka)).toEqual(before)
}, 240_000)

const CANARY_RULES: Record<string, unknown[]> = {
  inline: ['create READ on topic bird-out', 'create WRITE on topic bird'],
  isolated: ['CREATE', 'DELETE', 'READ', 'WRITE'].map((operation) =>
    expect.stringMatching(`^create ${operation} on topic mka-canary-[0-9a-f]{16}-…$`),
  ),
}

function matches(expected: unknown, text: string): boolean {
  return typeof expected === 'string'
    ? expected === text
    : (expected as { asymmetricMatch(text: string): boolean }).asymmetricMatch(text)
}

describe('killed, the next run goes on, and a teardown leaves the list as it was', () => {
  const commented = /^COMMENT ON CONNECTION/
  const kills: {
    name: string
    mode?: string
    kill: { line: string } | { statement: RegExp }
    next: 'run' | 'teardown'
  }[] = [
    { name: 'while the mark is written', kill: { statement: commented }, next: 'run' },
    { name: 'the same, and torn down', kill: { statement: commented }, next: 'teardown' },
    { name: 'while rules are added', kill: { line: 'Adding 8 rule' }, next: 'run' },
    { name: 'the same, and torn down', kill: { line: 'Adding 8 rule' }, next: 'teardown' },
    { name: 'before the source', kill: { statement: /^CREATE SOURCE/ }, next: 'teardown' },
    { name: 'before the sink', kill: { statement: /^CREATE SINK/ }, next: 'run' },
    {
      name: 'while rules are removed',
      mode: 'teardown',
      kill: { line: 'Removing 8 rule' },
      next: 'teardown',
    },
    {
      name: 'before the connection is dropped',
      mode: 'teardown',
      kill: { statement: /^DROP CONNECTION/ },
      next: 'teardown',
    },
  ]
  test.each(kills.map((one, n) => ({ ...one, n })))(
    '$name',
    async ({ mode = 'provision', kill, next, n }) => {
      const before = await allAcls(kafka)
      const inputs = { ...(await pipeline(`kill${String(n)}`)), ...ensuring() }
      if (mode === 'teardown') healthy(await run(inputs))
      const killed = await run({ ...inputs, mode }, kill)
      expect(killed.signal).toBe('SIGKILL')
      if (next === 'run') healthy(await run(inputs))
      healthy(await run({ ...inputs, mode: 'teardown' }))
      expect(await allAcls(kafka)).toEqual(before)
    },
    240_000,
  )
})

describe('rules of others', () => {
  const rule = (change: Partial<AclRule>): AclRule => ({
    ...{ user: 'bare', resource: 'topic', name: 'others', operations: ['read'] },
    ...change,
  })

  test('one that is there is neither added nor taken away', async () => {
    const given = [rule({}), rule({ name: 'others-', operations: ['write'], pattern: 'prefixed' })]
    await kafka.setAcls(given)
    const before = await allAcls(kafka)
    const inputs = { ...(await pipeline('others')), ...ensuring() }
    const made = healthy(await run(inputs))
    // READ on the source’s topic and WRITE on the sink’s are there.
    expect(aclsIn(made)).toEqual(own('others').filter((_, n) => n !== 0 && n !== 2))
    healthy(await run({ ...inputs, mode: 'teardown' }))
    expect(await allAcls(kafka)).toEqual(before)
    await kafka.removeAcls(given)
  }, 240_000)

  test('one that denies is named, and nothing is made', async () => {
    const given = [rule({ name: 'denied', permission: 'deny' })]
    await kafka.setAcls(given)
    const before = await allAcls(kafka)
    const done = await run({ ...(await pipeline('denied')), ...ensuring() })
    expect(done.outputs['failure-reason']).toBe('kafka-read-right')
    expect(logOf(done)).toContain('READ on topic denied (source denied; a rule denies it')
    expect(changesOf(done)).toEqual([])
    expect(await allAcls(kafka)).toEqual(before)
    await kafka.removeAcls(given)
  }, 120_000)
})

describe('what can go wrong', () => {
  test('a connection that is not ours holds no list of rules, so that none is added', async () => {
    const before = await allAcls(kafka)
    const inputs = await pipeline('foreign')
    healthy(await run({ ...inputs, ...services.inputs('full') }))
    await services.sql(`COMMENT ON CONNECTION foreign_c IS 'mine'`)
    const done = await run({ ...inputs, ...ensuring() })
    expect(done.outputs['failure-reason']).toBe('definition-differs')
    expect(await allAcls(kafka)).toEqual(before)
  }, 120_000)

  test('the administrator’s password is wrong', async () => {
    const inputs = { ...(await pipeline('wrong')), ...ensuring() }
    const done = await run({ ...inputs, 'kafka-admin-password': 'not-it' })
    expect(done.outputs['failure-reason']).toBe('kafka-login')
    expect(done.outputs['failure-hint']).toContain('kafka-admin-password')
    expect(logOf(done)).toContain('Of the administrator at Kafka')
  }, 120_000)

  test('the administrator is none', async () => {
    const { username, password } = kafka.users.full
    const admin = { 'kafka-admin-username': username, 'kafka-admin-password': password }
    const before = await allAcls(kafka)
    const inputs = { ...(await pipeline('noadmin')), ...ensuring(), ...admin }
    const done = await run(inputs)
    expect(done.outputs['failure-reason']).toBe('kafka-authorization')
    expect(logOf(done)).toContain('lacks the right ALTER on the cluster')
    healthy(await run({ ...inputs, mode: 'teardown' }))
    expect(await allAcls(kafka)).toEqual(before)
  }, 120_000)

  test('a teardown without an administrator says what stays, and how it goes', async () => {
    const before = await allAcls(kafka)
    const inputs = await pipeline('stays')
    healthy(await run({ ...inputs, ...ensuring() }))
    const down = healthy(await run({ ...inputs, mode: 'teardown' }))
    expect(logOf(down)).toContain(`--remove --allow-principal 'User:bare' --operation Read --topic`)
    const left = (await allAcls(kafka)).filter((line) => !before.includes(line))
    expect(left).toHaveLength(8)
  }, 120_000)

  test('mode verify finds a right that will be missed, while all still works', async () => {
    const inputs = await pipeline('later')
    healthy(await run({ ...inputs, ...ensuring() }))
    const [progress] = await services.sql(
      `SELECT sink_progress_topic AS topic FROM mz_kafka_connections c JOIN mz_connections m ON m.id = c.id WHERE m.name = 'later_c'`,
    )
    const name = String(progress?.['topic'])
    const given: AclRule[] = [{ user: 'bare', resource: 'topic', name, operations: ['read'] }]
    await kafka.removeAcls(given)
    const seen = await run({ ...inputs, mode: 'verify', grants: 'check' })
    expect(seen.outputs['failure-reason']).toBe('kafka-progress-right')
    expect(seen.exitCode).toBe(1)
    const missing = grantsOf(seen).filter(({ state }) => state === 'missing')
    expect(missing).toMatchObject([{ operation: 'READ', name, 'needed-by': ['sink later_out'] }])
    const passed = await run({ ...inputs, mode: 'verify', grants: 'check', 'fail-on': 'never' })
    expect(passed.exitCode).toBe(0)
  }, 120_000)
})

test('topics of the spec are made by the administrator, and their user needs no right for that', async () => {
  const before = await allAcls(kafka)
  const inputs: Inputs = {
    ...(await pipeline('unused')),
    ...{ connection: 'fresh_c', source: 'fresh', topic: 'fresh', 'create-topic': 'true' },
    ...{ sink: '', 'sink-topic': '', 'sink-envelope': '' },
    ...ensuring(),
  }
  const made = healthy(await run(inputs))
  expect(changesOf(made)).toContainEqual({ object: 'fresh', kind: 'topic', action: 'create' })
  expect(aclsIn(made)).toEqual(own('fresh').slice(0, 2))
  const down = { ...inputs, mode: 'teardown', 'delete-topics': 'true' }
  const torn = healthy(await run(down))
  expect(changesOf(torn)).toContainEqual({ object: 'fresh', kind: 'topic', action: 'drop' })
  expect(await allAcls(kafka)).toEqual(before)
}, 120_000)
