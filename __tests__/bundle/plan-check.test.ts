import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/** What Materialize itself says to a plan, with nothing of it kept. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('checked')
  const run = await runBundle(inputs({ mode: 'provision' }))
  if (run.outputs['status'] !== 'healthy') throw new Error(run.stdout)
})
afterAll(async () => {
  await services.stop()
})

const inputs = (change: Record<string, string>): Record<string, string> => ({
  ...services.inputs(),
  connection: 'check_conn',
  source: 'check_first',
  topic: 'checked',
  'plan-check': 'server',
  mode: 'plan',
  'sample-rows': '0',
  ...change,
})

interface Planned {
  object: string
  action: string
  check?: { result: string; because?: string }
}
const checks = (run: BundleRun) =>
  (JSON.parse(run.outputs['changes'] ?? '[]') as Planned[]).map(({ object, action, check }) => [
    object.split('.').at(-1),
    action,
    check?.result,
    check?.because,
  ])

describe('plan-check: server', () => {
  test('a new source that Materialize accepts, and a sink that it cannot try', async () => {
    const before = services.statements.length
    const run = await runBundle(
      inputs({ source: 'check_second', sink: 'check_out', 'sink-topic': 'checked-out' }),
    )
    expect(checks(run)).toEqual([
      ['"check_second"', 'create', 'accepted', undefined],
      ['"check_out"', 'create', 'not checked', 'only new sources can be tried'],
    ])
    expect(run.outputs).toMatchObject({ status: 'healthy', changed: 'false' })
    const sent = services.statements.slice(before)
    const at = sent.findIndex((text) => text.startsWith('CREATE SOURCE'))
    expect([sent[at - 1], sent[at + 1]]).toEqual(['BEGIN', 'ROLLBACK'])
    const left = await services.sql("SELECT name FROM mz_objects WHERE name LIKE 'check_second%'")
    expect(left).toEqual([])
  })

  test('a source made anew, tried under another name', async () => {
    const run = await runBundle(inputs({ format: 'json', 'allow-replace': 'sources' }))
    expect(checks(run)).toEqual([['"check_first"', 'replace', 'accepted', undefined]])
    expect(await services.sql("SELECT name FROM mz_objects WHERE name LIKE 'plan_check%'")).toEqual(
      [],
    )
  })

  test('a source that Materialize refuses, since its Kafka user may not see the topic', async () => {
    await services.sql(
      `CREATE SECRET check_none AS '${services.kafka.users.none.password}'`,
      `CREATE CONNECTION check_theirs TO KAFKA (BROKER '${services.kafka.brokers.SASL_SSL}', SASL MECHANISMS = 'SCRAM-SHA-256', SASL USERNAME = '${services.kafka.users.none.username}', SASL PASSWORD = SECRET check_none, SSL CERTIFICATE AUTHORITY = '${services.kafka.caPem}')`,
    )
    const { 'kafka-brokers': _b, 'kafka-username': _u, 'kafka-password': _p, ...rest } = inputs({})
    const { 'kafka-ca': _c, ...bare } = rest
    const run = await runBundle({ ...bare, connection: 'check_theirs', source: 'check_refused' })
    expect(checks(run)).toEqual([
      [
        '"check_refused"',
        'create',
        'refused',
        expect.stringMatching(/refused to create source .*[Aa]uthorization failed/),
      ],
    ])
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'kafka-authorization',
      changed: 'false',
    })
    expect(services.statements.at(-1)).toBe('ROLLBACK')
  })
})
