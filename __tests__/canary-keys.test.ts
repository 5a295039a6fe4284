import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { inlineKey } from '../src/core/canary-names.ts'
import { type RunHere, runHere } from '../test-support/pipeline/run-here.ts'
import { type Services, startServices } from '../test-support/pipeline/services.ts'

/** Keys of inline canaries, where a source keeps the newest value of each key. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(() => services.stop())

function run(name: string, keyFormat: string, more: Record<string, string> = {}): Promise<RunHere> {
  const { 'materialize-url': url = '' } = services.inputs()
  const kafka = { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' }
  const source = { 'key-format': keyFormat, 'value-format': 'text', envelope: 'upsert' }
  const spec = stringify({
    connections: { [`${name}_k`]: { kafka } },
    sources: { [name]: { connection: `${name}_k`, topic: name, ...source } },
  })
  const inputs = { 'materialize-url': url, spec, timeout: '60s', 'sample-rows': '0' }
  return runHere({ ...inputs, ...more })
}

const heldOf = ({ report }: RunHere) =>
  report.canaries.map(({ held, because, left }) => ({ held, because, left }))

test('of two runs at once neither hides the other’s rows', async () => {
  await services.kafka.createTopic('at_once')
  expect((await run('at_once', 'text')).report.status).toBe('healthy')
  const inputs = { mode: 'verify', canary: 'inline', 'canary-count': '25', timeout: '30s' }
  const both = await Promise.all([1, 2, 3].map(() => run('at_once', 'text', inputs)))
  expect(both.flatMap(heldOf)).toEqual(
    both.map(() => ({ held: true, because: 'all 25 came through as they were sent', left: [] })),
  )
  expect(await services.sql('SELECT * FROM at_once')).toEqual([])
}, 60_000)

describe('rows of runs that were killed go once their time is over, and no others', () => {
  const minute = 60_000
  const key = (source: string, id: string, until: number): string =>
    inlineKey(
      { repository: 'acme/shop', source: `"materialize"."public"."${source}"` },
      { id: id.repeat(12), until },
    )
  test.each([
    { format: 'text', encoded: (text: string) => text },
    { format: 'json', encoded: (text: string) => `{"mka_canary":"${text}"}` },
    { format: 'bytes', encoded: (text: string) => text },
  ])('keys in $format', async ({ format, encoded }) => {
    const name = `killed_${format}`
    await services.kafka.createTopic(name)
    const now = Date.now()
    const stays = [
      encoded(key(name, 'b', now + 10 * minute)),
      encoded(key('another', 'c', now - minute)),
      encoded('mine'),
    ]
    const lying = [encoded(key(name, 'a', now - minute)), ...stays]
    await services.kafka.produce(
      name,
      lying.map((one) => ({ key: one, value: 'row' })),
    )
    const { report } = await run(name, format, { canary: 'inline' })
    expect(report.canaries).toMatchObject([{ held: true, left: [] }])
    expect(report.notes).toEqual([])
    const count = async () => (await services.sql(`SELECT * FROM ${name}`)).length
    const deadline = Date.now() + 10_000
    while ((await count()) > stays.length && Date.now() < deadline);
    expect(await count()).toBe(stays.length)
    const records = await services.kafka.read(name)
    const gone = records.filter(({ value }) => value === null).map((one) => String(one.key))
    expect(gone).toHaveLength(2)
    expect(gone).toContain(lying[0])
  })
})
