import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { AclRule } from '../../test-support/kafka/acls.ts'
import { type RunHere, runHere } from '../../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'

/** What `fail-on` lets pass, such as drift by itself, hides nothing else that fails a run. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

interface Asked {
  comment?: string
  sink?: boolean
  inputs?: Record<string, string>
}

/** A spec of one source, as the user who needs rules for everything. */
function run(topic: string, { comment = 'one', sink = false, inputs = {} }: Asked) {
  const { 'materialize-url': url = '', 'kafka-ca': ca = '' } = services.inputs()
  const { username, password } = services.kafka.users.bare
  Object.assign(process.env, { TOLERATED_PASSWORD: password, TOLERATED_CA: ca })
  const kafka = {
    ...{ brokers: [services.kafka.brokers.SASL_SSL], username },
    ...{ password: { env: 'TOLERATED_PASSWORD' }, ca: { env: 'TOLERATED_CA' } },
  }
  const k = `k-${topic}`
  const spec = stringify({
    connections: { [k]: { kafka } },
    sources: { [topic]: { connection: k, topic, format: 'text', comment } },
    ...(sink && {
      sinks: { [`${topic}-s`]: { connection: k, from: topic, topic: `${topic}-out`, ...DEBEZIUM } },
    }),
  })
  return runHere({ 'materialize-url': url, spec, timeout: '60s', 'sample-rows': '0', ...inputs })
}

function ruleFor(topic: string, operation: AclRule['operations'][number]): AclRule {
  return { user: 'bare', resource: 'topic', name: topic, operations: [operation] }
}

const DEBEZIUM = { format: 'json', envelope: 'debezium' }

async function made(topic: string, asked: Asked = {}): Promise<void> {
  await services.kafka.createTopic(topic)
  await services.kafka.produce(topic, ['one'])
  const { username, password } = services.kafka.users.admin
  const admin = { 'kafka-admin-username': username, 'kafka-admin-password': password }
  const { report, lines } = await run(topic, { ...asked, inputs: { grants: 'ensure', ...admin } })
  if (report.status !== 'healthy') throw new Error(lines.join('\n'))
}

function endOf({ report }: RunHere) {
  return { reason: report.failure?.reason, isTolerated: report.tolerated === true }
}

const VERIFY = { mode: 'verify' }
const TIGHT = { ...VERIFY, canary: 'inline', 'max-latency': '1ms' }

describe('a source that has drifted, which by itself passes', () => {
  const canaries: AclRule = ruleFor('drifting', 'write')
  beforeAll(async () => {
    await made('drifting')
    await services.kafka.setAcls([canaries])
  })
  afterAll(() => services.kafka.removeAcls([canaries]))

  test.each<{ name: string; inputs: Record<string, string>; end: ReturnType<typeof endOf> }>([
    { name: 'nothing else', inputs: VERIFY, end: { reason: 'drifted', isTolerated: true } },
    {
      name: 'a canary that gets through',
      inputs: { ...VERIFY, canary: 'inline' },
      end: { reason: 'drifted', isTolerated: true },
    },
    {
      name: 'a canary that takes too long',
      inputs: TIGHT,
      end: { reason: 'latency-too-large', isTolerated: false },
    },
    {
      name: 'the same, where drift has failed the run before',
      inputs: { ...TIGHT, 'fail-on': 'drift' },
      end: { reason: 'drifted', isTolerated: false },
    },
  ])('and $name', async ({ inputs, end }) => {
    expect(endOf(await run('drifting', { comment: 'another', inputs }))).toEqual(end)
  })
})

describe('a right that a sink will miss', () => {
  beforeAll(async () => {
    await made('lacking', { sink: true })
    const [row] = await services.sql(
      `SELECT sink_progress_topic AS topic FROM mz_kafka_connections c JOIN mz_connections m ON m.id = c.id WHERE m.name = 'k-lacking'`,
    )
    const name = String(row?.['topic'])
    await services.kafka.removeAcls([ruleFor(name, 'read')])
  })

  const CHECK = { ...VERIFY, grants: 'check' }
  test.each<{ name: string; asked: Asked; end: ReturnType<typeof endOf> }>([
    {
      name: 'fails the run',
      asked: { inputs: CHECK },
      end: { reason: 'kafka-progress-right', isTolerated: false },
    },
    {
      name: 'fails it beside drift that passes',
      asked: { comment: 'another', inputs: CHECK },
      end: { reason: 'kafka-progress-right', isTolerated: false },
    },
    {
      name: 'passes where all passes',
      asked: { inputs: { ...CHECK, 'fail-on': 'never' } },
      end: { reason: 'kafka-progress-right', isTolerated: true },
    },
    {
      name: 'is told after what is so now, where all passes',
      asked: { comment: 'another', inputs: { ...CHECK, 'fail-on': 'never' } },
      end: { reason: 'drifted', isTolerated: true },
    },
  ])('$name', async ({ asked, end }) => {
    expect(endOf(await run('lacking', { sink: true, ...asked }))).toEqual(end)
  })
})
