import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UserName } from '../kafka/users.ts'
import { runBundle } from '../runner/run-bundle.ts'
import { type Services, startServices } from '../pipeline/services.ts'
import { type Checkout, makeCheckout } from './checkout.ts'
import { runWorkflow, type WorkflowOptions, type WorkflowRun } from './run-workflow.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
const PIPELINE = ['materialize.yml', 'test.yml', 'totals.sql', 'orders.jsonl']

/** A user's repository with the examples in it, and the Kafka and Materialize that they go to. */
export interface Shop {
  services: Services
  checkout: Checkout
  /** Runs an example as it stands in its file, with the secrets of a user of Kafka. */
  run(example: string, options: ExampleOptions): Promise<WorkflowRun>
  /** Puts a file of examples/pipeline into the checkout, changed or as it is. */
  put(file: string, change?: (text: string) => string): void
  /** What is in production before an example runs: the whole of examples/pipeline. */
  provision(): Promise<void>
  stop(): Promise<void>
}

export interface ExampleOptions extends Omit<WorkflowOptions, 'workflow'> {
  user?: UserName
}

/** Files of the pipeline are taken as they are, but for the names of the brokers. */
export async function openShop(): Promise<Shop> {
  const services = await startServices()
  const { kafka } = services
  const read = (path: string) => readFileSync(join(examples, path), 'utf8')
  const pipelineFile = (name: string) =>
    read(`pipeline/${name}`).replace(/brokers: \[.*\]/, `brokers: ['${kafka.brokers.SASL_SSL}']`)
  const files: Record<string, string> = {
    ...Object.fromEntries(PIPELINE.map((name) => [`pipeline/${name}`, pipelineFile(name)])),
    'pipeline/kafka-ca.pem': kafka.caPem,
  }
  const checkout = makeCheckout(files)
  const run = async (
    example: string,
    { user = 'full', ...options }: ExampleOptions,
  ): Promise<WorkflowRun> => {
    const workflow = `.github/workflows/${example}.yml`
    checkout.write({ [workflow]: read(`${example}.yml`) })
    const { 'materialize-url': url = '' } = services.inputs()
    const { username, password } = kafka.users[user]
    const secrets = {
      ...{ MATERIALIZE_URL: url, KAFKA_USERNAME: username, KAFKA_PASSWORD: password },
      ...options.secrets,
    }
    const vars = { KAFKA_BROKERS: kafka.brokers.SASL_SSL, KAFKA_CA: kafka.caPem, ...options.vars }
    const done = await runWorkflow(checkout, { ...options, workflow, secrets, vars })
    const shown = [done.log, ...done.steps.map(({ summary }) => summary)].join('\n')
    for (const [name, value] of Object.entries(secrets)) {
      // A user's name is too common a word to be looked for.
      if (!/USER/.test(name) && shown.includes(value)) throw new Error(`${name} can be read`)
    }
    return done
  }
  const provision = async (): Promise<void> => {
    const { username, password } = kafka.users.full
    const made = await runBundle(
      {
        'materialize-url': services.inputs()['materialize-url'] ?? '',
        spec: 'pipeline/materialize.yml',
        timeout: '60s',
      },
      { files, env: { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } },
    )
    if (made.outputs['status'] !== 'healthy') throw new Error(made.stdout)
  }
  return {
    ...{ services, checkout, run, provision },
    put: (name, change = (text) => text) => {
      checkout.write({ [`pipeline/${name}`]: change(pipelineFile(name)) })
    },
    stop: async () => {
      checkout.remove()
      await services.stop()
    },
  }
}

/** The step of that id; the log, if it did not run. */
export function stepOf(run: WorkflowRun, id: string) {
  const step = run.steps.find((one) => one.id === id)
  if (!step) throw new Error(`No step ${id} ran:\n${run.log}`)
  return step
}
