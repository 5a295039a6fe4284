import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { type GitHubStandIn, RUNNER_LOGIN, RUNNER_TOKEN, startGitHub } from '../github/stand-in.ts'
import type { UserName } from '../kafka/users.ts'
import { runBundle } from '../runner/run-bundle.ts'
import { type Services, startServices } from '../pipeline/services.ts'
import { resolveAct } from './act.ts'
import { type Checkout, makeCheckout } from './checkout.ts'
import { runWorkflow, type WorkflowOptions, type WorkflowRun } from './run-workflow.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
const PIPELINE = ['materialize.yml', 'test.yml', 'totals.sql', 'orders.jsonl']

/** A user's repository with the examples in it, and what they go to. */
export interface Shop {
  services: Services
  github: GitHubStandIn
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

/**
 * Files of the pipeline are taken as they are, but for the names of the brokers. act is there before
 * anything waits for it: its first build takes minutes.
 */
export async function openShop(): Promise<Shop> {
  await resolveAct()
  const [services, github] = await Promise.all([startServices(), startGitHub()])
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
    const text = read(`${example}.yml`)
    checkout.write({ [workflow]: text })
    github.tokens.set(RUNNER_TOKEN, tokenOf(text))
    const { 'materialize-url': url = '' } = services.inputs()
    const { username, password } = kafka.users[user]
    const secrets = {
      ...{ MATERIALIZE_URL: url, KAFKA_USERNAME: username, KAFKA_PASSWORD: password },
      ...{ GITHUB_TOKEN: RUNNER_TOKEN },
      ...options.secrets,
    }
    const vars = { KAFKA_BROKERS: kafka.brokers.SASL_SSL, KAFKA_CA: kafka.caPem, ...options.vars }
    const env = { GITHUB_API_URL: github.url, ...options.env }
    const done = await runWorkflow(checkout, { ...options, workflow, secrets, vars, env })
    const shown = [done.log, ...done.steps.map(({ summary }) => summary)].join('\n')
    for (const [name, value] of Object.entries(secrets)) {
      // A user's name is too common a word to be looked for.
      if (value !== '' && !/USER/.test(name) && shown.includes(value))
        throw new Error(`${name} can be read`)
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
    ...{ services, github, checkout, run, provision },
    put: (name, change = (text) => text) => {
      checkout.write({ [`pipeline/${name}`]: change(pipelineFile(name)) })
    },
    stop: async () => {
      checkout.remove()
      await Promise.all([services.stop(), github.stop()])
    },
  }
}

/** act gives every job the same token. This one may what the jobs of the workflow ask for. */
function tokenOf(workflow: string) {
  interface Rights {
    permissions?: Record<string, 'read' | 'write'>
  }
  const { permissions, jobs } = parse(workflow) as Rights & { jobs: Record<string, Rights> }
  const may = Object.assign(
    {},
    permissions,
    ...Object.values(jobs).map((job) => job.permissions),
  ) as Record<string, 'read' | 'write'>
  const { issues, 'pull-requests': pullRequests } = may
  return { login: RUNNER_LOGIN, ...(issues && { issues }), ...(pullRequests && { pullRequests }) }
}

/** The step of that id; the log, if it did not run. */
export function stepOf(run: WorkflowRun, id: string) {
  const step = run.steps.find((one) => one.id === id)
  if (!step) throw new Error(`No step ${id} ran:\n${run.log}`)
  return step
}
