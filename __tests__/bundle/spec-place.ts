import { expect } from '@jest/globals'
import {
  type TestRegistry,
  startSchemaRegistry,
} from '../../test-support/schema-registry/registry.ts'
import { runSql, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { type BundleRun, runBundle } from '../../test-support/runner/run-bundle.ts'

/** Runs specs of the bundle against the test broker, a stand-in and, if asked for, a registry. */
export interface SpecPlace {
  services: Services
  registry: TestRegistry
  /** `spec` without its connections: `k` is to Kafka, `r` to the registry. */
  run(spec: string, more?: RunOptions): Promise<BundleRun>
  /** Sends a statement as the system’s own user, who may switch flags. */
  system(statement: string): Promise<void>
  stop(): Promise<void>
}

export interface RunOptions {
  inputs?: Record<string, string>
  files?: Record<string, string>
}

export async function openSpecPlace(of: { registry: boolean }): Promise<SpecPlace> {
  const [services, registry] = await Promise.all([
    startServices({ listeners: [{ internal: true }] }),
    of.registry ? startSchemaRegistry() : undefined,
  ])
  const connections = [
    'connections:',
    `  k: { kafka: { brokers: ['${services.kafka.brokers.PLAINTEXT}'], protocol: PLAINTEXT } }`,
    ...(registry ? [`  r: { registry: { url: '${registry.url}' } }`] : []),
  ].join('\n')
  return {
    services,
    get registry() {
      if (!registry) throw new Error('this place has no registry')
      return registry
    },
    run: (spec, { inputs = {}, files = {} } = {}) => {
      const { 'materialize-url': url = '' } = services.inputs()
      return runBundle(
        { 'materialize-url': url, spec: `${connections}\n${spec}`, timeout: '60s', ...inputs },
        { files },
      )
    },
    system: async (statement) => {
      const { host, ports } = services.standIn
      await runSql({ host, port: ports[1] ?? 0, user: 'mz_system', database: 'materialize' }, [
        statement,
      ])
    },
    stop: async () => {
      await services.stop()
      await registry?.stop()
    },
  }
}

/** A run that was to go well: what went wrong with it is in the error otherwise. */
export function healthy(run: BundleRun): BundleRun {
  if (run.outputs['status'] !== 'healthy') throw new Error(run.stdout + run.stderr)
  return run
}

/** The rows of a run, in an order of their own. */
export function rowsOf(run: BundleRun): unknown[] {
  const rows = JSON.parse(run.outputs['rows'] ?? '') as unknown[]
  return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

export interface Planned {
  object: string
  kind: string
  action: string
  differences?: { attribute: string; there: string; asked: string }[]
}

/** That a spec which was just applied differs in nothing. */
export async function expectSettled(place: SpecPlace, ...of: Parameters<SpecPlace['run']>) {
  const [spec, more] = of
  const inputs = { ...more?.inputs, mode: 'plan' }
  const run = healthy(await place.run(spec, { ...more, inputs }))
  expect(JSON.parse(run.outputs['changes'] ?? '') as Planned[]).toEqual([])
}
