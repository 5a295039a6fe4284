import { stringify } from 'yaml'
import type { AclRule } from '../kafka/acls.ts'
import { runHere } from './run-here.ts'
import type { Services } from './services.ts'

/**
 * A source and a sink that worked, until the sink’s user lost its transactions. @returns the inputs that
 * look at both.
 */
export async function stalledSink(services: Services): Promise<Record<string, string>> {
  const { kafka } = services
  const own = (resource: AclRule['resource']): AclRule => ({
    ...{ user: 'none', resource, name: 'stalled', operations: ['all'], pattern: 'prefixed' },
  })
  await kafka.setAcls([own('topic'), own('group'), own('transactionalId')])
  await kafka.createTopic('stalled')
  const { 'materialize-url': url = '' } = services.inputs()
  const open = { kafka: { brokers: [kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' } }
  const { username, password } = kafka.users.none
  process.env['STALLED_PASSWORD'] = password
  const bound = {
    kafka: {
      ...{ brokers: [kafka.brokers.SASL_PLAINTEXT], protocol: 'SASL_PLAINTEXT' },
      ...{ username: { text: username }, password: { env: 'STALLED_PASSWORD' } },
      ...{ mechanism: 'SCRAM-SHA-256', 'progress-topic': 'stalled-progress' },
    },
  }
  const spec = stringify({
    connections: { stalled_k: open, stalled_bound: bound },
    sources: { stalled_in: { connection: 'stalled_k', topic: 'stalled', format: 'json' } },
    sinks: {
      stalled_out: {
        ...{ connection: 'stalled_bound', from: 'stalled_in', topic: 'stalled-out' },
        ...{ 'transactional-id-prefix': 'stalled-', 'progress-group-id-prefix': 'stalled-' },
      },
    },
  })
  const inputs = { 'materialize-url': url, spec, timeout: '60s', 'sample-rows': '0' }
  const made = await runHere({ ...inputs, canary: 'inline' })
  if (made.report.status !== 'healthy') throw new Error(JSON.stringify(made.report.failure))
  await kafka.removeAcls([own('transactionalId')])
  return { ...inputs, mode: 'verify', 'fail-on': 'never' }
}
