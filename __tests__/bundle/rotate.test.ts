import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { UserName } from '../../test-support/kafka/users.ts'
import { removeAcls, setAcls } from '../../test-support/kafka/acls.ts'
import { type Proxy, startProxy } from '../../test-support/network/proxy.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { catalog, pipeline, rotation, run } from './rotate-place.ts'

/** Credentials changed to one that works, to one that does not, and to one that only the runner can use. */

let services: Services
let proxy: Proxy
beforeAll(async () => {
  services = await startServices()
  const [, port] = services.kafka.brokers.SASL_SSL.split(':')
  proxy = await startProxy(Number(port))
})
afterAll(async () => {
  await proxy.stop()
  await services.stop()
})

const rule = (user: UserName, topic: string) =>
  ({ user, resource: 'topic', name: topic, operations: ['all'], permission: 'deny' }) as const

/** Whether the source is refused by Kafka once that user may do nothing with its topic any more. */
async function stallsWithout(of: string, user: UserName): Promise<boolean> {
  const rules = [{ ...rule(user, `${of}-in`), operations: ['all' as const] }]
  await setAcls(services.kafka, rules)
  try {
    const [source] = await services.sql(`SELECT id FROM mz_sources WHERE name = '${of}_s'`)
    const stalls = `SELECT error FROM mz_internal.mz_source_status_history WHERE source_id = '${String(source?.['id'])}' AND status = 'stalled'`
    const until = Date.now() + 6_000
    for (let n = 0; Date.now() < until; n++) {
      // The first may still come by a fetch that the broker had allowed before.
      if (n < 2) await services.kafka.produce(`${of}-in`, [`later ${String(n)}`])
      if ((await services.sql(stalls)).length > 0) return true
    }
    return false
  } finally {
    await removeAcls(services.kafka, rules)
  }
}

describe('to a credential that works', () => {
  test('without a restart it is validated, and what runs keeps the old one', async () => {
    await pipeline(services, { of: 'calm', user: 'quotes' })
    const before = await catalog(services, 'calm')
    const done = await run(services, rotation('calm', 'dollar'))
    expect(done.exitCode).toBe(0)
    expect(done.outputs).toMatchObject({
      status: 'healthy',
      changed: 'false',
      rotation: 'validated, not proven',
      'restart-ms': '',
    })
    expect(done.ddl.filter((text) => text.startsWith('ALTER'))).toEqual([
      expect.stringMatching(/^ALTER SECRET .*"calm_c_username"/),
      expect.stringMatching(/^ALTER SECRET .*"calm_c_password"/),
      expect.stringMatching(/^ALTER SECRET .*"calm_c_ca"/),
    ])
    expect(await catalog(services, 'calm')).toEqual(before)
    expect(await stallsWithout('calm', 'quotes')).toBe(true)
  })

  test('with a restart it is proven, and what runs has the new one', async () => {
    await pipeline(services, { of: 'anew', user: 'quotes' })
    const before = await catalog(services, 'anew')
    const done = await run(
      services,
      rotation('anew', 'dollar', {
        inputs: { 'restart-replicas': 'true', canary: 'isolated' },
      }),
    )
    expect(done.outputs).toMatchObject({ status: 'healthy', rotation: 'proven' })
    expect(Number(done.outputs['restart-ms'])).toBeGreaterThan(0)
    expect(JSON.parse(done.outputs['canaries'] ?? '')).toMatchObject([
      { way: 'isolated', held: true },
    ])
    expect(done.summary).toContain('Stood still for')
    expect(await catalog(services, 'anew')).toEqual(before)
    expect(await stallsWithout('anew', 'quotes')).toBe(false)
    const rows = await services.sql("SELECT text FROM anew_s WHERE text LIKE 'later%'")
    expect(rows).toHaveLength(2)
  })

  test('again, it ends the same', async () => {
    const before = await catalog(services, 'anew')
    const done = await run(services, rotation('anew', 'dollar'))
    expect(done.outputs).toMatchObject({ changed: 'false', rotation: 'validated, not proven' })
    expect(await catalog(services, 'anew')).toEqual(before)
  })
})

describe('what leaves everything as it was', () => {
  beforeAll(async () => {
    const brokers = { 'kafka-brokers': proxy.address }
    await pipeline(services, { of: 'kept', user: 'quotes', inputs: brokers })
    await services.sql(
      "CREATE SECRET theirs_pw AS 'x'",
      `CREATE CONNECTION theirs TO KAFKA (BROKER 'localhost:1', SASL MECHANISMS 'PLAIN', SASL USERNAME 'u', SASL PASSWORD SECRET theirs_pw) WITH (VALIDATE = false)`,
    )
  })

  const cases: {
    name: string
    user: UserName
    inputs: Record<string, string>
    reason: string
    /** Whether the new credential got as far as Materialize. */
    tried: boolean
    onStatement?: (text: string) => void
  }[] = [
    {
      name: 'a wrong password',
      user: 'quotes',
      inputs: { 'kafka-password': 'wrong-by-a-letter' },
      reason: 'kafka-login',
      tried: false,
    },
    {
      name: 'one that the runner can use and Materialize cannot',
      user: 'dollar',
      inputs: {},
      reason: 'kafka-unreachable',
      tried: true,
      onStatement: (text) => {
        if (!/^VALIDATE CONNECTION .*rotation_/.test(text)) return
        proxy.mode = 'swallow'
        proxy.cut()
      },
    },
    {
      name: 'brokers that are others, too',
      user: 'dollar',
      inputs: { 'kafka-brokers': 'localhost:1,localhost:2', 'kafka-check': 'never' },
      reason: 'definition-differs',
      tried: false,
    },
    {
      name: 'a connection of somebody else',
      user: 'dollar',
      inputs: { connection: 'theirs' },
      reason: 'not-ours',
      tried: false,
    },
    {
      name: 'a connection that is not there',
      user: 'dollar',
      inputs: { connection: 'nowhere' },
      reason: 'connection-unknown',
      tried: false,
    },
  ]
  test.each(cases)('$name', async ({ user, inputs, reason, tried, onStatement }) => {
    const before = await catalog(services, 'kept')
    services.onStatement = onStatement
    const brokers = { 'kafka-brokers': proxy.address }
    const done = await run(
      services,
      rotation('kept', user, { inputs: { ...brokers, 'restart-replicas': 'true', ...inputs } }),
    )
    services.onStatement = undefined
    proxy.mode = 'pass'
    expect(done.outputs).toMatchObject({ 'failure-reason': reason, rotation: '' })
    expect(done.exitCode).toBe(1)
    const touched = done.ddl.filter((text) => !text.includes('rotation_'))
    expect(touched.filter((text) => !text.startsWith('COMMENT ON'))).toEqual([])
    expect(done.ddl.some((text) => text.includes('rotation_'))).toBe(tried)
    expect(await catalog(services, 'kept')).toEqual(before)
  })
})
