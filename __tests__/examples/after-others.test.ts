import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openShop, type Shop } from '../../test-support/act/shop.ts'
import type { WorkflowRun } from '../../test-support/act/run-workflow.ts'
import { sqlCommand } from '../../test-support/act/sql-command.ts'

/**
 * What is checked after Terraform and after dbt. Neither can be had here: a small command of the
 * same name stands in for each, and makes by SQL what it would make. All else is the example itself,
 * run by a real workflow runner.
 */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  const { kafka } = shop.services
  await kafka.createTopic('orders')
  await kafka.produce('orders', ['{"region": "eu"}'])
  shop.checkout.idleAction('hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd')
  shop.checkout.write({ 'terraform/main.tf': '# Not read here.\n' })
}, 600_000)
afterAll(() => shop.stop())
afterEach(async () => {
  await shop.services.sql(
    'DROP CONNECTION IF EXISTS shop CASCADE',
    'DROP SECRET IF EXISTS shop_password',
  )
})

/** A connection, by literals of SQL. */
const connection = (username: string, password: string) => [
  `CREATE SECRET shop_password AS ${password}`,
  `CREATE CONNECTION shop TO KAFKA (BROKER '${shop.services.kafka.brokers.SASL_SSL}', SECURITY PROTOCOL SASL_SSL, SASL MECHANISMS 'SCRAM-SHA-256', SASL USERNAME ${username}, SASL PASSWORD SECRET shop_password, SSL CERTIFICATE AUTHORITY '${shop.services.kafka.caPem}')`,
]
const source = `CREATE SOURCE orders FROM KAFKA CONNECTION shop (TOPIC 'orders') FORMAT JSON`
const sink = `CREATE SINK totals_out FROM orders INTO KAFKA CONNECTION shop (TOPIC 'totals') FORMAT JSON ENVELOPE DEBEZIUM`

const url = () => shop.services.inputs()['materialize-url'] ?? ''
const secrets = { MZ_PASSWORD: 'mz-of-terraform-and-dbt' }

const verdicts = (run: WorkflowRun): string[] => {
  const [step] = run.steps.filter(({ outputs }) => 'verdicts' in outputs)
  const told = JSON.parse(step?.outputs['verdicts'] ?? '[]') as {
    object: string
    verdict: string
  }[]
  return told.map(({ object, verdict }) => `${object.replace(/^.*\."|"$/g, '')} ${verdict}`).sort()
}

describe('after Terraform', () => {
  const terraform = (...objects: string[]) => {
    const needs = ['MZ_PASSWORD', 'TF_VAR_kafka_username', 'TF_VAR_kafka_password']
    const program = sqlCommand({
      ...{ url: url(), needs, idle: ['-chdir=terraform init -input=false'] },
      acts: '-chdir=terraform apply -input=false -auto-approve',
      statements: [...connection('$TF_VAR_kafka_username', '$TF_VAR_kafka_password'), ...objects],
    })
    shop.checkout.command('terraform', program)
  }

  test('data flows through what it made', async () => {
    terraform(source, sink)
    const run = await shop.run('after-terraform', { event: 'push', secrets })
    expect(run.jobs).toEqual({ apply: 'success' })
    expect(verdicts(run)).toEqual([
      expect.stringMatching(/^orders (flowing|idle)$/),
      expect.stringMatching(/^totals_out (flowing|idle)$/),
    ])
    expect(run.steps.at(-1)?.outputs).toMatchObject({ status: 'healthy', 'row-count': '1' })
    expect(run.steps.at(-1)?.summary).toContain('all is well')
  })

  test('it ended well and made no sink: the job fails', async () => {
    terraform(source)
    const run = await shop.run('after-terraform', { event: 'push', secrets })
    expect(run.jobs).toEqual({ apply: 'failure' })
    expect(run.steps.map(({ result }) => result)).toEqual([
      ...['success', 'success', 'success', 'failure'],
    ])
    expect(verdicts(run)).toContain('totals_out missing')
    expect(run.steps.at(-1)?.outputs).toMatchObject({ 'failure-reason': 'object-missing' })
  })
})

describe('after dbt', () => {
  const vars = { MZ_HOST: '127.0.0.1', MZ_USER: 'materialize' }
  beforeEach(async () => {
    const { username } = shop.services.kafka.users.full
    const { password } = shop.services.kafka.users.full
    await shop.services.sql(...connection(`'${username}'`, `'${password}'`))
    shop.checkout.command(
      'pipx',
      `process.exit(process.argv.slice(2).join(' ') === 'install --include-deps dbt-materialize==1.9.11' ? 0 : 2)`,
    )
    const program = sqlCommand({
      ...{ url: url(), acts: 'build --profiles-dir .', statements: [source, sink] },
      needs: ['MZ_HOST', 'MZ_USER', 'MZ_PASSWORD'],
    })
    shop.checkout.command('dbt', program)
  })

  test('everything of the schema moves', async () => {
    const run = await shop.run('after-dbt', { event: 'push', secrets, vars })
    expect(run.jobs).toEqual({ run: 'success' })
    expect(verdicts(run)).toHaveLength(2)
    expect(run.steps.at(-1)?.outputs).toMatchObject({ status: 'healthy', changed: 'false' })
  })

  test('a source of the schema reads a topic that was deleted: the job fails', async () => {
    await shop.services.kafka.createTopic('gone')
    await shop.services.sql(source.replaceAll('orders', 'gone'))
    await shop.services.kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['gone'] }))
    const run = await shop.run('after-dbt', { event: 'push', secrets, vars })
    expect(run.jobs).toEqual({ run: 'failure' })
    expect(verdicts(run)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^gone (?!flow|idle)/)]),
    )
    expect(run.steps.at(-1)?.outputs).toMatchObject({ 'failure-reason': 'topic-deleted' })
    expect(run.steps.at(-1)?.summary).toContain('topic-deleted')
  })
})
