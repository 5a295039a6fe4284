import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServerIdentity } from '../../test-support/kafka/certificates.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import {
  startSchemaRegistry,
  type TestRegistry,
} from '../../test-support/schema-registry/registry.ts'

/** Connections to a schema registry: its logins, TLS, faults, and what changes in them. */

const LOGIN = { username: 'etl', password: 'registry-pass-4711' }

let services: Services
let registry: TestRegistry
/** By what one must show to be let in. */
let fronts: { login: string; tls: string; mutual: string }
let caPem: string
beforeAll(async () => {
  services = await startServices()
  registry = await startSchemaRegistry()
  const identity = await createServerIdentity()
  caPem = identity.caPem
  fronts = {
    login: (await registry.front({ login: LOGIN })).url,
    tls: (await registry.front({ login: LOGIN, identity })).url,
    mutual: (await registry.front({ identity, clientCa: services.kafka.client.caPem })).url,
  }
})
afterAll(async () => {
  await registry.stop()
  await services.stop()
})

async function runSpec(
  connections: object,
  { inputs = {}, password = LOGIN.password }: { inputs?: object; password?: string } = {},
): Promise<BundleRun> {
  const { 'materialize-url': url = '' } = services.inputs()
  const { client } = services.kafka
  const run = await runBundle(
    {
      'materialize-url': url,
      spec: JSON.stringify({ connections }, null, 1),
      timeout: '60s',
      ...inputs,
    },
    {
      env: { REGISTRY_PASSWORD: password, CA: caPem, CLIENT_KEY: client.keyPem },
      files: { 'client.pem': client.certPem },
    },
  )
  expect(leaksIn(run, [password, client.keyPem])).toEqual([])
  return run
}

function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] !== 'healthy') throw new Error(run.stdout + run.stderr)
  return run
}

const changes = (run: BundleRun) =>
  JSON.parse(run.outputs['changes'] ?? '') as {
    object: string
    action: string
    differences?: { attribute: string; there: string; asked: string }[]
  }[]

const login = { username: 'etl', password: { env: 'REGISTRY_PASSWORD' } }
const mutual = () => ({
  url: fronts.mutual,
  ca: { env: 'CA' },
  certificate: { file: 'client.pem' },
  key: { env: 'CLIENT_KEY' },
})

/** One connection for each way in. */
const all = () => ({
  open: { registry: { url: registry.url } },
  by_login: { registry: { url: fronts.login, ...login, username: { text: 'etl' } } },
  by_tls: { registry: { url: fronts.tls, ...login, ca: { env: 'CA' } } },
  mutual: { registry: mutual() },
})

test('every way in is made and checked by Materialize, and then there is nothing to change', async () => {
  const run = healthy(await runSpec(all()))
  expect(
    changes(run)
      .filter(({ object }) => !/_/.test(object))
      .map(({ action }) => action),
  ).toEqual(['create', 'create'])
  const validated = services.statements.filter((text) => text.startsWith('VALIDATE CONNECTION'))
  expect(validated).toHaveLength(4)
  const [made] = await services.sql("SELECT create_sql FROM mz_connections WHERE name = 'by_login'")
  expect(String(made?.['create_sql'])).toMatch(/USER = 'etl'/)
  expect(changes(healthy(await runSpec(all(), { inputs: { mode: 'plan' } })))).toEqual([])
})

describe('what changes', () => {
  test('by hand is named and altered back', async () => {
    await services.sql(
      "CREATE SECRET other AS 'x'",
      `ALTER CONNECTION open SET (URL = '${fronts.login}') WITH (VALIDATE = false)`,
      "ALTER CONNECTION by_login SET (USER = 'another') WITH (VALIDATE = false)",
      'ALTER CONNECTION by_tls SET (PASSWORD = SECRET other), DROP (SSL CERTIFICATE AUTHORITY) WITH (VALIDATE = false)',
      'ALTER CONNECTION mutual DROP (SSL CERTIFICATE), DROP (SSL KEY) WITH (VALIDATE = false)',
    )
    const plan = healthy(await runSpec(all(), { inputs: { mode: 'plan' } }))
    const M = '"materialize"."public".'
    expect(
      Object.fromEntries(
        changes(plan).map(({ object, differences = [] }) => [
          object.replace(M, ''),
          differences.map(({ attribute, there, asked }) => [attribute, there, asked]),
        ]),
      ),
    ).toEqual({
      '"open"': [['url', `${fronts.login}/`, `${registry.url}/`]],
      '"by_login"': [['username', 'another in clear text', 'etl in clear text']],
      '"by_tls"': [
        ['password', `${M}"other"`, `${M}"by_tls_password"`],
        ['ca', 'none', `${M}"by_tls_ca"`],
      ],
      '"mutual"': [
        ['certificate', 'none', `${M}"mutual_certificate"`],
        ['key', 'none', `${M}"mutual_key"`],
      ],
    })
    healthy(await runSpec(all()))
    expect(changes(healthy(await runSpec(all(), { inputs: { mode: 'plan' } })))).toEqual([])
  })

  test('in the spec is altered, secrets that were not there before it', async () => {
    const asked = { ...all(), open: { registry: mutual() } }
    const run = healthy(await runSpec(asked))
    expect(changes(run).map(({ object, action }) => `${action} ${object}`)).toEqual(
      expect.arrayContaining([
        'create "materialize"."public"."open_certificate"',
        'create "materialize"."public"."open_key"',
        'alter "materialize"."public"."open"',
      ]),
    )
    expect(changes(healthy(await runSpec(asked, { inputs: { mode: 'plan' } })))).toEqual([])
  })
})

describe('faults', () => {
  test.each([
    {
      name: 'a wrong password',
      connection: () => ({ url: fronts.login, ...login }),
      password: 'not-the-password-9f2c',
      reason: 'registry-login',
      words: /server error 401: Unauthorized/,
    },
    {
      name: 'a port where nobody listens',
      connection: () => ({ url: 'http://localhost:1' }),
      reason: 'registry-unreachable',
      words: /error sending request for url/,
    },
    {
      name: 'an authority that is not public',
      connection: () => ({ url: fronts.tls, ...login }),
      reason: 'registry-unreachable',
      words: /error sending request for url/,
    },
  ])('$name', async ({ connection, password, reason, words }) => {
    const run = await runSpec(
      { broken: { registry: connection() } },
      password === undefined ? {} : { password },
    )
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': reason })
    expect(run.stdout).toMatch(words)
    expect(run.outputs['failure-hint']).toContain('Materialize’s view of the schema registry')
    await services.sql('DROP CONNECTION broken')
  })

  test('validate: false leaves it unchecked', async () => {
    healthy(await runSpec({ broken: { registry: { url: 'http://localhost:1', validate: false } } }))
  })
})

test('teardown takes them and their secrets', async () => {
  healthy(await runSpec(all(), { inputs: { mode: 'teardown' } }))
  expect(
    await services.sql(
      "SELECT name FROM mz_objects WHERE id LIKE 'u%' AND (name LIKE 'by_%' OR name LIKE 'mutual%' OR name LIKE 'open%') AND name NOT LIKE 'open_%'",
    ),
  ).toEqual([])
})
