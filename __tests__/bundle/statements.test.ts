import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { RECORD_TO } from '../../test-support/pipeline/recorded.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  healthy,
  runSpec,
  secureKafka,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'
import { statementsOn } from '../../test-support/statements/page.ts'
import { shapeOf } from '../../test-support/statements/shape.ts'

/**
 * A spec through every mode. `npm run statements` records what the bundle sends in it; otherwise all
 * of it must be in docs/statements.sql.
 */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.sql(
    ...['etl', 'analysts'].map((role) => `CREATE ROLE ${role}`),
    'GRANT etl TO materialize',
    'CREATE SCHEMA replay',
    'CREATE TABLE replay.others (a int)',
  )
})
afterAll(() => services.stop())

function startingWith(format: string): SpecFile & { expect: unknown } {
  const source = { connection: 'kc', topic: 'orders' }
  return {
    connections: { kc: { kafka: secureKafka(services) } },
    clusters: { ingest: { size: '25cc' } },
    topics: { orders: { connection: 'kc' } },
    sources: { r_lines: { ...source, format: 'text' }, r_other: { ...source, format } },
    views: { r_totals: { sql: 'SELECT text, count(*) AS n FROM r_lines GROUP BY text' } },
    sinks: {
      r_out: { from: 'r_totals', connection: 'kc', topic: 'r-out' },
      r_others: { from: 'others', connection: 'kc', topic: 'r-others' },
    },
    expect: { nothing: { sql: 'SELECT text FROM r_lines', empty: true } },
    defaults: {
      ...{ schema: 'replay', cluster: 'ingest', owner: 'etl' },
      grants: [{ to: 'analysts', privileges: ['select', 'usage'] }],
    },
  }
}

/** So that statements come in one order. */
const ONE_BY_ONE = { 'max-parallel': '1' }

test('what the bundle sends in any mode is on the list', async () => {
  const before = services.statements.length
  const run = async (format: string, inputs: Record<string, string>) =>
    healthy(await runSpec(services, startingWith(format), { inputs: { ...inputs, ...ONE_BY_ONE } }))
  await run('json', { mode: 'plan', 'plan-check': 'server' })
  await run('json', { 'sample-rows': '10' })
  await run('json', { mode: 'verify', grants: 'check' })
  await run('json', { mode: 'rotate', 'restart-replicas': 'true' })
  await run('text', { 'allow-replace': 'all' })
  await run('text', { mode: 'verify', canary: 'isolated' })
  await run('text', { mode: 'verify', canary: 'inline' })
  await run('text', { mode: 'teardown', 'delete-topics': 'true' })

  const sent = new Set(services.statements.slice(before).map(shapeOf))
  expect(sent.size).toBeGreaterThan(70)
  if (process.env[RECORD_TO] !== undefined) return
  const page = readFileSync(new URL('../../docs/statements.sql', import.meta.url), 'utf8')
  const listed = new Set(statementsOn(page).map(shapeOf))
  expect([...sent].filter((shape) => !listed.has(shape))).toEqual([])
}, 300_000)
