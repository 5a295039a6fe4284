import { stringify } from 'yaml'
import { type BundleOptions, type BundleRun, leaksIn, runBundle } from '../runner/run-bundle.ts'
import type { UserName } from '../kafka/users.ts'
import type { Services } from './services.ts'

/** A spec as YAML holds it. Tests change one and write it out again. */
export type SpecSection = Record<string, Record<string, unknown>>
export interface SpecFile {
  connections?: SpecSection
  clusters?: SpecSection
  topics?: SpecSection
  sources?: SpecSection
  views?: SpecSection
  sinks?: SpecSection
  defaults?: Record<string, unknown>
}

export interface SpecRunOptions {
  inputs?: Record<string, string>
  user?: UserName
  /** A file of the checkout that holds the spec; left out: the input itself does. */
  path?: string
  bundle?: Pick<BundleOptions, 'watch' | 'withinMs'>
}

/** As the output `changes` says it; only a plan has differences. */
export interface ChangeOut {
  object: string
  kind: string
  action: string
  differences?: { attribute: string; there: string; asked: string; means: string }[]
}

/** Runs the bundle on a spec whose secrets are in the environment, and sees that none is shown. */
export async function runSpec(
  services: Services,
  spec: SpecFile,
  options: SpecRunOptions = {},
): Promise<BundleRun> {
  const { kafka } = services
  const { 'materialize-url': url = '' } = services.inputs()
  const user = kafka.users[options.user ?? 'full']
  const text = stringify(spec)
  const { path, inputs } = options
  const run = await runBundle(
    {
      'materialize-url': url,
      spec: path ?? text,
      timeout: '60s',
      'sample-rows': '0',
      ...inputs,
    },
    {
      ...options.bundle,
      ...(path !== undefined && { files: { [path]: text } }),
      env: { KAFKA_USERNAME: user.username, KAFKA_PASSWORD: user.password, KAFKA_CA: kafka.caPem },
    },
  )
  const leaks = leaksIn(run, [user.password])
  if (leaks.length > 0) throw new Error(`The password can be read: ${leaks.join('; ')}`)
  return run
}

/** What the runner would show of the log: without the lines that only mask. */
export function logOf(run: BundleRun): string {
  const lines = `${run.stdout}\n${run.stderr}`.split('\n')
  return lines.filter((line) => !line.startsWith('::add-mask::')).join('\n')
}

/** The run, if it ended well; else an error that holds its log. */
export function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] === 'healthy' && run.exitCode === 0) return run
  throw new Error(`${logOf(run)}\nexit code ${String(run.exitCode)}`)
}

export function changesOf({ outputs }: Pick<BundleRun, 'outputs'>): ChangeOut[] {
  return JSON.parse(outputs['changes'] || '[]') as ChangeOut[]
}

/** A connection’s `kafka` with login and TLS. */
export function secureKafka(services: Services): Record<string, unknown> {
  return {
    brokers: [services.kafka.brokers.SASL_SSL],
    username: { env: 'KAFKA_USERNAME' },
    password: { env: 'KAFKA_PASSWORD' },
    ca: { env: 'KAFKA_CA' },
  }
}
