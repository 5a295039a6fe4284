import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type BundleRun, commandsIn, runBundle } from '../../test-support/runner/run-bundle.ts'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'

/** Rows of every nature, from Kafka through Materialize into outputs, log and summary. */

let services: Services
beforeAll(async () => {
  services = await startServices()
})
afterAll(async () => {
  await services.stop()
})

const hostile = [
  '::error::boo',
  '::set-output name=status::healthy',
  '##[command]rm -rf /',
  '##[error]gone',
  '::stop-commands::x',
  '@everyone @octocat',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '| a | b |\n| --- | --- |\n| c | d |',
  'two\n::error::lines',
  'a nul \u0000 in it',
  'emoji 🙂 and é',
  'ghadelimiter_x',
]

function rowsOf(run: BundleRun): string[] {
  return (JSON.parse(run.outputs['rows'] ?? '') as { data: string }[]).map((row) => row.data)
}

test('hostile rows: outputs right, log and summary harmless', async () => {
  await services.kafka.createTopic('hostile')
  await services.kafka.produce('hostile', hostile)
  const run = await runBundle({
    ...services.inputs(),
    source: 'hostile',
    topic: 'hostile',
    sink: 'hostile_out',
    'sink-topic': 'hostile-out',
    'sample-rows': '20',
    'min-rows': String(hostile.length),
  })
  expect(run.outputs['status']).toBe('healthy')
  expect(rowsOf(run).sort()).toEqual([...hostile].sort())
  const names = new Set(commandsIn(run.stdout).map((command) => command.name))
  for (const name of names) expect(['add-mask', 'group', 'endgroup', 'notice']).toContain(name)
  expect(run.summary).not.toMatch(/<script|<img|@everyone|::error|##\[/)
})

test('a row of a megabyte is shortened in the output and whole in the report', async () => {
  const size = 1_000_000
  await services.kafka.createTopic('large')
  await services.kafka.produce('large', ['x'.repeat(size)])
  const run = await runBundle({
    ...services.inputs(),
    source: 'large',
    topic: 'large',
    'min-rows': '1',
  })
  expect(run.outputs).toMatchObject({
    status: 'healthy',
    'rows-truncated': 'true',
    'row-count': '1',
  })
  expect(rowsOf(run)[0]).toMatch(/^x+… \(\d+ more characters cut\)$/)
  expect(Object.values(run.outputs).join('').length).toBeLessThan(500_000)
  expect(run.report).toContain('x'.repeat(size))
})

test('bytes that are no text come as base64 and say so', async () => {
  await services.kafka.createTopic('binary')
  await services.kafka.produce('binary', [{ value: Buffer.from([0, 255, 254]) }])
  const run = await runBundle({
    ...services.inputs(),
    source: 'binary',
    topic: 'binary',
    'min-rows': '1',
  })
  expect(JSON.parse(run.outputs['rows'] ?? '')).toEqual([{ data: { base64: 'AP/+' } }])
})

test('JSON comes as JSON, large numbers to the digit', async () => {
  await services.kafka.createTopic('json')
  await services.kafka.produce('json', ['{"id":1,"big":12345678901234567890}'])
  const run = await runBundle({
    ...services.inputs(),
    source: 'json',
    topic: 'json',
    format: 'json',
    'min-rows': '1',
  })
  expect(run.outputs['rows']).toBe('[{"data":{"big":12345678901234567890,"id":1}}]')
})

test('records that do not decode: the failure does not print them', async () => {
  await services.kafka.createTopic('undecodable')
  await services.kafka.produce('undecodable', ['{"ok":1}', 'private text of a customer'])
  const run = await runBundle({
    ...services.inputs(),
    source: 'undecodable',
    topic: 'undecodable',
    format: 'json',
  })
  expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'rows-undecodable' })
  expect(JSON.stringify(run)).not.toMatch(/private text/)
})

describe('who sees rows', () => {
  const cases = [
    {
      name: 'private repository',
      event: { repository: { private: true } },
      input: '',
      summary: true,
      output: true,
    },
    {
      name: 'public repository',
      event: { repository: { private: false } },
      input: '',
      summary: false,
      output: true,
    },
    { name: 'nobody says which', event: {}, input: '', summary: false, output: true },
    {
      name: 'public, and asked for',
      event: { repository: { private: false } },
      input: 'summary',
      summary: true,
      output: true,
    },
    {
      name: 'none',
      event: { repository: { private: true } },
      input: 'none',
      summary: false,
      output: false,
    },
  ]
  beforeAll(async () => {
    await services.kafka.createTopic('seen')
    await services.kafka.produce('seen', ['a-telling-row'])
  })
  test.each(cases)('$name', async ({ event, input, summary, output }) => {
    const run = await runBundle(
      {
        ...services.inputs(),
        source: 'seen',
        topic: 'seen',
        'min-rows': '1',
        'show-rows': input,
      },
      { event },
    )
    expect(run.outputs['status']).toBe('healthy')
    expect(run.summary.includes('a-telling-row')).toBe(summary)
    expect((run.outputs['rows'] ?? '').includes('a-telling-row')).toBe(output)
    expect(run.stdout).not.toContain('a-telling-row')
  })
})

test('a row that holds a masked text: GitHub will blank it, and that is said', async () => {
  const { password } = services.kafka.users.full
  await services.kafka.createTopic('telltale')
  await services.kafka.produce('telltale', [`the password is ${password}`])
  const run = await runBundle({
    ...services.inputs(),
    source: 'telltale',
    topic: 'telltale',
    'min-rows': '1',
  })
  expect(run.stdout).toMatch(/::notice::.*GitHub will blank these outputs.*rows/)
})
