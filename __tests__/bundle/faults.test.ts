import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:net'
import { commandsIn, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'

/** What goes wrong, how it is said, and that nothing was made where nothing should be. */

let services: Services
/** Accepts connections and never answers. */
let silent: Server
let silentPort = 0
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('faults')
  await services.kafka.produce('faults', ['x'])
  silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  silentPort = (silent.address() as { port: number }).port
})
afterAll(async () => {
  silent.close()
  await services.stop()
})

type Inputs = Record<string, string>
interface Case {
  name: string
  change: (base: Inputs) => Inputs
  reason: string
  /** In the annotation. */
  says: RegExp
  /** The hint or message must name these. */
  names: string[]
}
const fromSource = (base: Inputs): Inputs => ({ ...base, source: 'f', topic: 'faults' })

async function fail(inputs: Inputs) {
  const before = services.statements.length
  const run = await runBundle(inputs)
  const secrets = [
    inputs['kafka-password'] ?? '',
    ...Object.values(services.kafka.users).map((user) => user.password),
  ]
  expect(
    leaksIn(
      run,
      secrets.filter((secret) => secret.trim().length > 3),
    ),
  ).toEqual([])
  expect(run.exitCode).toBe(1)
  expect(run.stderr).toBe('')
  expect(run.milliseconds).toBeLessThan(20_000)
  const errors = commandsIn(run.stdout).filter((command) => command.name === 'error')
  expect(errors).toHaveLength(1)
  expect(run.outputs['failure-hint']).not.toBe('')
  return { run, text: errors[0]?.text ?? '', ddl: ddlIn(services.statements.slice(before)) }
}

describe('refused before anything is made', () => {
  const cases: Case[] = [
    {
      name: 'wrong password',
      change: (base) => ({ ...base, 'kafka-password': 'not the password' }),
      reason: 'kafka-login',
      says: /login|password/i,
      names: ['kafka-password'],
    },
    {
      name: 'wrong user',
      change: (base) => ({ ...base, 'kafka-username': 'nobody' }),
      reason: 'kafka-login',
      says: /login/i,
      names: ['kafka-username'],
    },
    {
      name: 'wrong PLAIN password',
      change: (base) => ({
        ...base,
        'kafka-sasl-mechanism': 'PLAIN',
        'kafka-password': 'wrong one',
      }),
      reason: 'kafka-login',
      says: /PLAIN/,
      names: ['kafka-sasl-mechanism'],
    },
    {
      name: 'wrong certificate authority',
      change: (base) => ({ ...base, 'kafka-ca': services.kafka.wrongCaPem }),
      reason: 'kafka-tls',
      says: /certificate/i,
      names: ['kafka-ca'],
    },
    {
      name: 'no certificate authority',
      change: (base) => ({ ...base, 'kafka-ca': '' }),
      reason: 'kafka-tls',
      says: /certificate/i,
      names: ['kafka-ca'],
    },
    {
      name: 'unknown host, kafka-check always',
      change: (base) => ({
        ...base,
        'kafka-brokers': 'nope.invalid:9092',
        'kafka-check': 'always',
      }),
      reason: 'kafka-host-unknown',
      says: /nope\.invalid/,
      names: ['kafka-brokers'],
    },
    {
      name: 'refused port, kafka-check always',
      change: (base) => ({ ...base, 'kafka-brokers': '127.0.0.1:1', 'kafka-check': 'always' }),
      reason: 'kafka-unreachable',
      says: /127\.0\.0\.1:1/,
      names: ['kafka-brokers'],
    },
    {
      name: 'TLS against a plaintext port',
      change: (base) => ({ ...base, 'kafka-brokers': services.kafka.brokers.SASL_PLAINTEXT }),
      reason: 'kafka-tls-mismatch',
      says: /TLS/,
      names: ['kafka-security-protocol'],
    },
    {
      name: 'plaintext against a TLS port',
      change: (base) => ({ ...base, 'kafka-ca': '', 'kafka-security-protocol': 'SASL_PLAINTEXT' }),
      reason: 'kafka-tls-mismatch',
      says: /TLS/,
      names: ['kafka-security-protocol'],
    },
    {
      name: 'missing topic',
      change: (base) => ({ ...base, topic: 'no-such-topic' }),
      reason: 'topic-unknown',
      says: /no-such-topic/,
      names: ['topic', 'create-topic'],
    },
    {
      name: 'user without rights',
      change: (base) => ({
        ...base,
        'kafka-username': services.kafka.users.none.username,
        'kafka-password': services.kafka.users.none.password,
      }),
      reason: 'kafka-authorization',
      says: /faults/,
      names: ['right'],
    },
    {
      name: 'unknown cluster',
      change: (base) => ({ ...base, cluster: 'nope' }),
      reason: 'cluster-unknown',
      says: /"nope".*"quickstart"/,
      names: ['cluster'],
    },
    {
      name: 'unknown schema',
      change: (base) => ({ ...base, schema: 'nope' }),
      reason: 'schema-unknown',
      says: /"nope".*"public"/,
      names: ['schema'],
    },
    {
      name: 'unknown database',
      change: (base) => ({
        ...base,
        'materialize-url': (base['materialize-url'] ?? '').replace(/materialize$/, 'nope'),
      }),
      reason: 'database-unknown',
      says: /"nope".*"materialize"/,
      names: ['materialize-database'],
    },
    {
      name: 'unknown sink-from',
      change: (base) => ({ ...base, sink: 'k', 'sink-topic': 'k', 'sink-from': 'nope' }),
      reason: 'relation-unknown',
      says: /"nope"/,
      names: ['sink-from'],
    },
    {
      name: 'Materialize refuses the port',
      change: (base) => ({ ...base, 'materialize-url': 'postgres://u@127.0.0.1:1/materialize' }),
      reason: 'materialize-unreachable',
      says: /127\.0\.0\.1:1/,
      names: ['port'],
    },
    {
      name: 'Materialize’s host unknown',
      change: (base) => ({
        ...base,
        'materialize-url': 'postgres://u@nope.invalid/materialize?sslmode=disable',
      }),
      reason: 'materialize-host-unknown',
      says: /nope\.invalid/,
      names: ['materialize-host'],
    },
    {
      name: 'TLS asked of a Materialize without',
      change: (base) => ({ ...base, 'materialize-sslmode': 'verify-full' }),
      reason: 'materialize-tls',
      says: /no TLS/,
      names: ['materialize-sslmode'],
    },
    {
      name: 'Materialize never answers',
      change: (base) => ({
        ...base,
        'materialize-url': `postgres://u@127.0.0.1:${String(silentPort)}/materialize`,
        timeout: '3s',
      }),
      reason: 'materialize-unreachable',
      says: /no answer/,
      names: ['port'],
    },
    {
      name: 'Kafka never answers, kafka-check always',
      change: (base) => ({
        ...base,
        'kafka-brokers': `127.0.0.1:${String(silentPort)}`,
        'kafka-check': 'always',
        timeout: '15s',
      }),
      reason: 'kafka-unreachable',
      says: /127\.0\.0\.1/,
      names: ['kafka-brokers'],
    },
  ]
  test.each(cases)('$name', async ({ change, reason, says, names }) => {
    const { run, text, ddl } = await fail(change(fromSource(services.inputs())))
    expect(run.outputs['failure-reason']).toBe(reason)
    expect(text).toMatch(says)
    for (const name of names) expect(text).toContain(name)
    expect(ddl).toEqual([])
    expect(run.outputs['changes']).toBe('[]')
  })

  test('two bad inputs are both said', async () => {
    const { run, text } = await fail({
      ...fromSource(services.inputs()),
      format: 'xml',
      timeout: 'soon',
    })
    expect(run.outputs['failure-reason']).toBe('input-invalid')
    expect(text).toMatch(/format.*xml/)
    expect(text).toMatch(/timeout.*soon/)
  })
})

describe('what only Materialize can say leaves what was made, and the next run goes on', () => {
  test('a sink whose user may not write', async () => {
    const reader = services.kafka.users.reader
    const inputs = {
      ...services.inputs('reader'),
      connection: 'readonly',
      source: 'readable',
      topic: 'faults',
      sink: 'unwritable',
      'sink-topic': 'unwritable-out',
    }
    const { run, text } = await fail(inputs)
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'kafka-transaction-right',
      changed: 'true',
    })
    expect(text).toMatch(/unwritable.*[Aa]uthorization/)
    const kinds = (JSON.parse(run.outputs['changes'] ?? '') as { kind: string }[]).map(
      (c) => c.kind,
    )
    expect(kinds).toEqual(['secret', 'secret', 'secret', 'connection', 'source', 'sink'])

    await services.kafka.setAcls([
      { user: reader.username, resource: 'topic', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'transactionalId', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'group', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'cluster', name: 'kafka-cluster', operations: ['all'] },
    ])
    const next = await runBundle(inputs)
    await services.kafka.removeAcls([
      { user: reader.username, resource: 'topic', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'transactionalId', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'group', name: '*', operations: ['all'] },
      { user: reader.username, resource: 'cluster', name: 'kafka-cluster', operations: ['all'] },
    ])
    expect(next.outputs).toMatchObject({ status: 'healthy', changed: 'false' })
  })

  test('a wrong password that the runner was told not to look for', async () => {
    const inputs = {
      ...fromSource(services.inputs()),
      connection: 'blind',
      source: 'blind_source',
      'kafka-check': 'never',
    }
    const { run, text } = await fail({ ...inputs, 'kafka-password': 'not the password' })
    expect(run.outputs['failure-reason']).toBe('kafka-login')
    expect(text).toMatch(/Materialize could not use connection.*SASL authentication failed/)
    const next = await runBundle(inputs)
    expect(next.outputs).toMatchObject({ status: 'healthy', changed: 'true' })
  })

  test('a host that neither side knows, kafka-check auto', async () => {
    const { run, text } = await fail({
      ...fromSource(services.inputs()),
      connection: 'nowhere',
      source: 'nowhere_source',
      'kafka-brokers': 'nope.invalid:9092',
    })
    expect(run.outputs['failure-reason']).toBe('kafka-host-unknown')
    expect(text).toMatch(/Failed to resolve hostname/)
    expect(run.stdout).toMatch(/nope\.invalid/)
  })
})
