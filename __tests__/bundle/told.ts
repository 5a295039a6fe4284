import {
  type GitHubOptions,
  type GitHubStandIn,
  startGitHub,
} from '../../test-support/github/stand-in.ts'
import type { Item } from '../../test-support/github/model.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  type BundleOptions,
  type BundleRun,
  runBundle,
} from '../../test-support/runner/run-bundle.ts'

/** A source to look at, a GitHub to tell it to, and runs of the bundle between the two. */
export interface Told {
  services: Services
  github: GitHubStandIn
  /** Runs the bundle, with mode verify unless the inputs say otherwise. */
  run(inputs: Record<string, string>, options?: BundleOptions & { id?: number }): Promise<BundleRun>
  /** Another GitHub, with nothing in it. */
  anew(options?: GitHubOptions): Promise<void>
  issues(): Item[]
  /** Statements that make a source, or a sink, of a name. */
  source(name: string): string
  sink(name: string): string
  stop(): Promise<void>
}

/** @param name of the source that is there, and of its topic. */
export async function startTold(name: string): Promise<Told> {
  const services = await startServices()
  const { kafka, sql } = services
  const topic = name.replaceAll('_', '-')
  await kafka.createTopic(topic)
  await kafka.produce(topic, ['one', 'two'])
  const { username, password } = kafka.users.full
  const told: Told = {
    services,
    github: await startGitHub(),
    run: (inputs, { id = 4711, ...options } = {}) =>
      runBundle(
        {
          'materialize-url': services.inputs()['materialize-url'] ?? '',
          mode: 'verify',
          timeout: '60s',
          ...inputs,
        },
        {
          ...options,
          env: {
            GITHUB_API_URL: told.github.url,
            GITHUB_SERVER_URL: 'https://github.example',
            GITHUB_RUN_ID: String(id),
            ...options.env,
          },
        },
      ),
    anew: async (options) => {
      await told.github.stop()
      told.github = await startGitHub(options)
    },
    issues: () => told.github.repository.items.filter(({ kind }) => kind === 'issue'),
    source: (of) =>
      `CREATE SOURCE ${of} FROM KAFKA CONNECTION ${name}_conn (TOPIC '${topic}') FORMAT TEXT`,
    sink: (of) =>
      `CREATE SINK ${of} FROM ${name} INTO KAFKA CONNECTION ${name}_conn (TOPIC '${of.replaceAll('_', '-')}') FORMAT JSON ENVELOPE DEBEZIUM`,
    stop: async () => {
      await told.github.stop()
      await services.stop()
    },
  }
  await sql(
    `CREATE SECRET ${name}_pw AS '${password}'`,
    `CREATE SECRET ${name}_ca AS '${kafka.caPem}'`,
    `CREATE CONNECTION ${name}_conn TO KAFKA (BROKER '${kafka.brokers.SASL_SSL}', SECURITY PROTOCOL = 'SASL_SSL', SASL MECHANISMS = 'SCRAM-SHA-256', SASL USERNAME = '${username}', SASL PASSWORD = SECRET ${name}_pw, SSL CERTIFICATE AUTHORITY = SECRET ${name}_ca)`,
    told.source(name),
  )
  return told
}
