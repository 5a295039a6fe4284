import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { createServerIdentity, createUnrelatedCa } from '../../test-support/kafka/certificates.ts'

/** The ways in which Materialize is run: Cloud, self-managed, emulator. */

const password = 'mzp_app$password\'with "quotes"'
let services: Services
let ca = ''
let wrongCa = ''
/** Index of a listener among the stand-in's ports. */
const listeners = { emulator: 0, cloud: 1, sasl: 2 }
beforeAll(async () => {
  const { caPem, certPem, keyPem } = await createServerIdentity()
  ca = caPem
  wrongCa = await createUnrelatedCa()
  const tls = { certPem, keyPem }
  services = await startServices({
    first: { auth: 'none' },
    listeners: [
      { auth: 'password', tls, requireTls: true },
      { auth: 'scram', tls },
    ],
    roles: [{ name: 'ci@acme.test', password, superuser: true }],
  })
  await services.kafka.createTopic('deployments')
  await services.kafka.produce('deployments', ['x'])
})
afterAll(async () => {
  await services.stop()
})

interface Case {
  name: string
  listener: keyof typeof listeners
  inputs: () => Record<string, string>
  status: string
  reason?: string
}
const login = { 'materialize-user': 'ci@acme.test', 'materialize-password': password }
const cases: Case[] = [
  {
    name: 'emulator: no TLS, no password',
    listener: 'emulator',
    inputs: () => ({ 'materialize-user': 'materialize' }),
    status: 'healthy',
  },
  {
    name: 'Cloud: TLS and app password',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-ca': ca }),
    status: 'healthy',
  },
  {
    name: 'Cloud: wrong app password',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-password': 'mzp_wrong', 'materialize-ca': ca }),
    status: 'failed',
    reason: 'materialize-login',
  },
  {
    name: 'Cloud: unknown user',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-user': 'nobody', 'materialize-ca': ca }),
    status: 'failed',
    reason: 'materialize-login',
  },
  {
    name: 'Cloud: wrong certificate authority',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-ca': wrongCa }),
    status: 'failed',
    reason: 'materialize-tls',
  },
  {
    name: 'Cloud: certificate of nobody known',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-sslmode': 'verify-full' }),
    status: 'failed',
    reason: 'materialize-tls',
  },
  {
    name: 'Cloud: certificate not checked',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-sslmode': 'no-verify' }),
    status: 'healthy',
  },
  {
    name: 'Cloud: without TLS',
    listener: 'cloud',
    inputs: () => ({ ...login, 'materialize-sslmode': 'disable' }),
    status: 'failed',
    reason: 'materialize-tls',
  },
  {
    name: 'self-managed: SCRAM with 600,000 iterations',
    listener: 'sasl',
    inputs: () => ({ ...login, 'materialize-ca': ca }),
    status: 'healthy',
  },
  {
    name: 'self-managed: wrong SCRAM password',
    listener: 'sasl',
    inputs: () => ({ ...login, 'materialize-password': 'wrong one', 'materialize-ca': ca }),
    status: 'failed',
    reason: 'materialize-login',
  },
]

describe('a run against', () => {
  test.each(cases)('$name: $status', async ({ name, listener, inputs, status, reason }) => {
    const { 'materialize-url': _url, ...base } = services.inputs()
    const run = await runBundle({
      ...base,
      'materialize-host': 'localhost',
      'materialize-port': String(services.standIn.ports[listeners[listener]]),
      // Each role owns what it makes.
      connection: `c ${name}`,
      source: `s ${name}`,
      topic: 'deployments',
      'min-rows': '1',
      ...inputs(),
    })
    if (status === 'healthy' && run.outputs['status'] !== status) throw new Error(run.stdout)
    expect(run.outputs).toMatchObject({ status, 'failure-reason': reason ?? '' })
    expect(leaksIn(run, [password, 'mzp_wrong', 'wrong one'])).toEqual([])
    if (name.includes('not checked')) expect(run.stdout).toMatch(/::warning::.*no-verify/)
  })

  test('a URL that holds it all, percent-encoded', async () => {
    const port = String(services.standIn.ports[listeners.cloud])
    const run = await runBundle({
      ...services.inputs(),
      'materialize-url': `postgres://ci%40acme.test:${encodeURIComponent(password)}@localhost:${port}/materialize?sslmode=verify-full`,
      'materialize-ca': ca,
      connection: 'url',
      source: 'by_url',
      topic: 'deployments',
    })
    expect(run.outputs).toMatchObject({ status: 'healthy' })
    expect(leaksIn(run, [password, encodeURIComponent(password)])).toEqual([])
  })
})

describe('a pull request from a fork', () => {
  const event = {
    repository: { private: false, full_name: 'acme/shop' },
    pull_request: { head: { repo: { full_name: 'stranger/shop' } } },
  }
  const base = { source: 's', topic: 'deployments', 'kafka-brokers': 'b:9092' }
  test('without secrets: skipped, with one notice and exit code 0', async () => {
    const run = await runBundle(base, { event })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ status: 'skipped', 'failure-reason': 'secrets-missing' })
    expect(run.stdout.match(/::notice::/g)).toHaveLength(1)
    expect(run.stdout).not.toContain('::error')
  })

  test('the same from the repository itself is an error', async () => {
    const own = { ...event, pull_request: { head: { repo: { full_name: 'acme/shop' } } } }
    const run = await runBundle(base, { event: own })
    expect(run.exitCode).toBe(1)
    expect(run.outputs['failure-reason']).toBe('input-invalid')
  })
})
