import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { commitOffsets, kafkaLeft } from '../../test-support/pipeline/kafka-left.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'

/** Many pipelines from one file: made, seen to drift, changed, and taken away again. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.sql('CREATE ROLE etl', 'CREATE ROLE analysts')
})
afterAll(async () => {
  await services.stop()
})

interface Options {
  inputs?: Record<string, string>
  user?: 'full' | 'admin'
  files?: Record<string, string>
}

async function runSpec(spec: string, options: Options = {}): Promise<BundleRun> {
  const { kafka } = services
  const { 'materialize-url': url = '' } = services.inputs()
  const user = kafka.users[options.user ?? 'full']
  const run = await runBundle(
    { 'materialize-url': url, spec, timeout: '60s', 'sample-rows': '0', ...options.inputs },
    {
      files: options.files ?? {},
      env: { KAFKA_USERNAME: user.username, KAFKA_PASSWORD: user.password, KAFKA_CA: kafka.caPem },
    },
  )
  expect(leaksIn(run, [user.password])).toEqual([])
  return run
}

function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] !== 'healthy') throw new Error(run.stdout + run.stderr)
  return run
}

const changes = (run: BundleRun) =>
  JSON.parse(run.outputs['changes'] ?? '') as {
    object: string
    kind: string
    action: string
    differences?: { attribute: string; there: string; asked: string }[]
  }[]

const connectionText = (name: string, brokers = services.kafka.brokers.SASL_SSL) => `  ${name}:
    kafka:
      brokers: ['${brokers}']
      username: { env: KAFKA_USERNAME }
      password: { env: KAFKA_PASSWORD }
      ca: { env: KAFKA_CA }
`

const plan = { inputs: { mode: 'plan' } }

describe('two connections, twenty sources, ten sinks', () => {
  const spec = () =>
    [
      'connections:',
      connectionText('first') + connectionText('second') + 'topics:',
      ...Array.from(
        { length: 20 },
        (_, n) =>
          `  many-${String(n)}: { connection: ${n % 2 ? 'first' : 'second'}, partitions: 1 }`,
      ),
      'sources:',
      ...Array.from(
        { length: 20 },
        (_, n) =>
          `  many_${String(n)}: { connection: ${n % 2 ? 'first' : 'second'}, topic: many-${String(n)}, format: text }`,
      ),
      'sinks:',
      ...Array.from(
        { length: 10 },
        (_, n) =>
          `  many_out_${String(n)}: { from: many_${String(n)}, connection: first, topic: many-out-${String(n)}, format: json, envelope: debezium }`,
      ),
    ].join('\n')

  test('plan says what would be made, and makes nothing', async () => {
    const before = services.statements.length
    const run = healthy(await runSpec(spec(), plan))
    expect(run.outputs).toMatchObject({ 'has-changes': 'true', changed: 'false' })
    expect(changes(run).filter((change) => change.kind === 'source')).toHaveLength(20)
    expect(changes(run).filter((change) => change.kind === 'topic')).toHaveLength(20)
    expect(ddlIn(services.statements.slice(before))).toEqual([])
  })

  test('provision makes them, the sources in one transaction', async () => {
    const run = healthy(await runSpec(spec()))
    expect(changes(run)).toHaveLength(6 + 2 + 20 + 20 + 10)
    expect(run.stdout).toContain('Created 20 sources in one transaction')
  })

  test('again: no DDL but ALTER SECRET', async () => {
    const before = services.statements.length
    const run = healthy(await runSpec(spec()))
    expect(run.outputs).toMatchObject({ changed: 'false', 'has-changes': 'false' })
    for (const text of ddlIn(services.statements.slice(before))) {
      expect(text).toMatch(/^ALTER SECRET /)
    }
  })

  test('plan has nothing to say, and sends nothing', async () => {
    const before = services.statements.length
    const run = healthy(
      await runSpec(spec(), { inputs: { mode: 'plan', 'fail-on-changes': 'true' } }),
    )
    expect(changes(run)).toEqual([])
    expect(ddlIn(services.statements.slice(before))).toEqual([])
  })

  test('teardown takes all of it away, topics too; again it is nothing', async () => {
    const groups = await services.sql(
      "SELECT topic, group_id_prefix AS id FROM mz_kafka_sources WHERE topic = 'many-11'",
    )
    for (const { topic, id } of groups) {
      await commitOffsets(services.kafka, { groupId: String(id), topic: String(topic) })
    }
    const inputs = { mode: 'teardown', 'delete-topics': 'true' }
    const run = healthy(await runSpec(spec(), { inputs, user: 'admin' }))
    const dropped = changes(run).filter((change) => change.action === 'drop')
    const of = (kind: string) => dropped.filter((one) => one.kind === kind)
    expect(dropped.filter((one) => !['topic', 'consumer-group'].includes(one.kind))).toHaveLength(
      38,
    )
    // Those of the spec, and the one in which the sinks of the first connection kept their progress.
    expect(of('topic')).toHaveLength(20 + 1)
    expect(of('topic').map((one) => one.object)).toContainEqual(
      expect.stringMatching(/^_materialize-progress-/),
    )
    expect(
      of('consumer-group')
        .map((one) => one.object)
        .sort(),
    ).toEqual(groups.map(({ id }) => id).sort())
    // Sinks make their topics themselves, and nobody but the user knows what is in them.
    const [place] = await services.sql('SELECT mz_environment_id() AS id')
    const ours = new RegExp(`^(many-\\d{1,2}$|_?materialize-(progress-)?${String(place?.['id'])}-)`)
    const left = await kafkaLeft(services.kafka, ours)
    expect(left).toEqual({ topics: [], groups: [] })
    const objects = await services.sql(
      "SELECT name FROM mz_objects WHERE id LIKE 'u%' AND (name LIKE 'many%' OR name LIKE 'first%' OR name LIKE 'second%')",
    )
    expect(objects).toEqual([])
    const again = healthy(await runSpec(spec(), { inputs, user: 'admin' }))
    expect(changes(again)).toEqual([])
  })
})

describe('by hand', () => {
  const spec = () => `connections:
${connectionText('hand')}topics:
  hand-in: { connection: hand }
sources:
  hand_in: { connection: hand, topic: hand-in, format: text }
`
  beforeAll(async () => {
    healthy(await runSpec(spec()))
  })

  test('a foreign source that is another one is refused and named, and adopted only by replacing it', async () => {
    await services.sql(
      'DROP SOURCE hand_in',
      "CREATE SOURCE hand_in FROM KAFKA CONNECTION hand (TOPIC 'hand-in') FORMAT BYTES",
    )
    const planned = healthy(await runSpec(spec(), plan))
    expect(changes(planned).find((one) => one.kind === 'source')?.differences).toEqual([
      { attribute: 'format', there: 'bytes', asked: 'text', means: 'replace' },
    ])
    const refused = await runSpec(spec())
    expect(refused.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'definition-differs',
    })
    const adopted = healthy(
      await runSpec(spec(), { inputs: { adopt: 'true', 'allow-replace': 'hand_in' } }),
    )
    expect(changes(adopted).map((one) => `${one.action} ${one.kind}`)).toContain('replace source')
    expect(changes(healthy(await runSpec(spec(), plan)))).toEqual([])
  })

  test('an equal foreign source is used as it is, keeps its comment, and can be adopted', async () => {
    await services.sql(
      'DROP SOURCE hand_in',
      "CREATE SOURCE hand_in FROM KAFKA CONNECTION hand (TOPIC 'hand-in') FORMAT TEXT",
      "COMMENT ON SOURCE hand_in IS 'made by Ada'",
    )
    const used = healthy(await runSpec(spec()))
    expect(changes(used)).toEqual([])
    healthy(await runSpec(spec(), { inputs: { adopt: 'true' } }))
    const [row] = await services.sql(
      "SELECT comment FROM mz_internal.mz_comments c JOIN mz_sources s ON s.id = c.id WHERE s.name = 'hand_in'",
    )
    expect(row?.['comment']).toMatch(/^made by Ada\n\{"manager"/)
  })

  test('what others made from ours stops the teardown, and goes when that is allowed', async () => {
    await services.sql('CREATE MATERIALIZED VIEW by_hand AS SELECT count(*) AS n FROM hand_in')
    const refused = await runSpec(spec(), { inputs: { mode: 'teardown' } })
    expect(refused.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'dependents-exist',
      changed: 'false',
    })
    expect(refused.stdout).toMatch(/by_hand/)
    const run = healthy(
      await runSpec(spec(), { inputs: { mode: 'teardown', 'drop-dependents': 'true' } }),
    )
    expect(changes(run).map((one) => one.kind)).toEqual([
      'view',
      'source',
      'connection',
      'secret',
      'secret',
      'secret',
    ])
  })
})

test('an orphan is named, and dropped by prune', async () => {
  const spec = (more: string) => `connections:
${connectionText('prune')}topics:
  prune-in: { connection: prune }
sources:
  prune_a: { connection: prune, topic: prune-in, format: text }
${more}`
  const file = 'streams/prune.yaml'
  const at = (more: string, inputs = {}) => runSpec(file, { inputs, files: { [file]: spec(more) } })
  healthy(await at('  prune_b: { connection: prune, topic: prune-in, format: text }\n'))
  const named = healthy(await at(''))
  expect(named.stdout).toMatch(/prune_b.*is not in the spec/)
  const pruned = healthy(await at('', { prune: 'true' }))
  expect(changes(pruned)).toEqual([
    { object: '"materialize"."public"."prune_b"', kind: 'source', action: 'drop' },
  ])
})
