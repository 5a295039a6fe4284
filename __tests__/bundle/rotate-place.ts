import { expect } from '@jest/globals'
import type { UserName } from '../../test-support/kafka/users.ts'
import { ddlIn, type Services } from '../../test-support/pipeline/services.ts'
import { type BundleOptions, leaksIn, runBundle } from '../../test-support/runner/run-bundle.ts'

/** Pipelines whose credentials are changed, each in a cluster of its own. */

const names = { connection: 'c', source: 's', sink: 'o' }
const own = (name: string) =>
  Object.fromEntries(Object.entries(names).map(([kind, of]) => [kind, `${name}_${of}`]))

interface Run {
  /** Whose pipeline. */
  of: string
  user: UserName
  inputs?: Record<string, string>
  options?: BundleOptions
}

/** One run of the bundle against the cluster of its own; nothing of it may show a password. */
export async function run(services: Services, { of, user, inputs = {}, options = {} }: Run) {
  const all: Record<string, string> = { ...services.inputs(user), cluster: `${of}_cl`, ...inputs }
  services.statements.splice(0)
  const done = await runBundle(all, options)
  const passwords = Object.values(services.kafka.users).map(({ password }) => password)
  expect(leaksIn(done, [...passwords, all['kafka-password'] ?? ''])).toEqual([])
  return { ...done, ddl: ddlIn(services.statements) }
}

export const rotation = (of: string, user: UserName, more: Partial<Run> = {}): Run => ({
  ...more,
  of,
  user,
  inputs: { mode: 'rotate', connection: `${of}_c`, ...more.inputs },
})

/** A pipeline of a user, in a cluster of its own. */
export async function pipeline(services: Services, { of, user, inputs = {} }: Run) {
  await services.sql(`CREATE CLUSTER ${of}_cl (SIZE '25cc', REPLICATION FACTOR 1)`)
  await services.kafka.createTopic(`${of}-in`)
  await services.kafka.produce(`${of}-in`, ['first'])
  const made = await run(services, {
    of,
    user,
    inputs: {
      ...own(of),
      ...{ topic: `${of}-in`, format: 'text', 'sink-topic': `${of}-out` },
      ...inputs,
    },
  })
  expect(made.outputs).toMatchObject({ status: 'healthy', 'failure-reason': '' })
}

/** What is there: objects with their comments, and how many replicas the cluster has. */
export async function catalog(services: Services, of: string) {
  const objects = await services.sql(
    `SELECT o.name, o.type, c.comment FROM mz_objects o LEFT JOIN mz_internal.mz_comments c ON c.id = o.id WHERE o.id LIKE 'u%' AND (o.name LIKE '${of}_%' OR o.name LIKE 'rotation_%') ORDER BY o.name`,
  )
  const [cluster] = await services.sql(
    `SELECT replication_factor::text AS factor FROM mz_clusters WHERE name = '${of}_cl'`,
  )
  return { objects, replicas: cluster?.['factor'] }
}
