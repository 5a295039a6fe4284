import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { allAcls } from '../test-support/kafka/acls.ts'
import { type RunHere, runHere } from '../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../test-support/pipeline/services.ts'

/** Pipelines that live on the same rules (ACLs), of which the last one to go takes them away. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

const TOPIC = 'shared-rules'

async function pipeline(name: string, inputs: Record<string, string> = {}): Promise<RunHere> {
  const { username, password } = services.kafka.users.admin
  const run = await runHere({
    ...services.inputs('bare'),
    ...{ connection: `${name}_c`, source: name, topic: TOPIC, 'sample-rows': '0' },
    ...{ grants: 'ensure', 'kafka-admin-username': username, 'kafka-admin-password': password },
    ...inputs,
  })
  if (run.report.status !== 'healthy') throw new Error(run.lines.join('\n'))
  return run
}

async function rulesOfTopic(): Promise<string[]> {
  return (await allAcls(services.kafka)).filter((line) => line.includes(TOPIC))
}

test('the first to go leaves what the second needs, which the second removes, in either order', async () => {
  await services.kafka.createTopic(TOPIC)
  await services.kafka.produce(TOPIC, ['one'])
  for (const [first, second] of [
    ['one', 'two'],
    ['two', 'one'],
  ] as const) {
    await pipeline('one')
    await pipeline('two')
    expect(await rulesOfTopic()).toHaveLength(1)
    const again = await pipeline('two')
    expect(again.report.changes).toEqual([])
    const gone = await pipeline(first, { mode: 'teardown' })
    expect(gone.report.notes.join()).toContain(`READ on topic ${TOPIC} (${second}_c)`)
    expect(await rulesOfTopic()).toHaveLength(1)
    await pipeline(second, { mode: 'verify', grants: 'check', 'min-rows': '1' })
    await pipeline(second, { mode: 'teardown' })
    expect(await rulesOfTopic()).toEqual([])
  }
})
