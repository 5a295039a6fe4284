import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ddlIn, type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  changesOf,
  healthy,
  runSpec,
  secureKafka,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'

/** Changes of a connection that take others with them: what goes by it, and its secrets. */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.kafka.createTopic('changes')
  await services.kafka.produce('changes', ['a', 'b'])
})
afterAll(() => services.stop())

const PATH = 'spec.yml'
const run = (spec: SpecFile, inputs: Record<string, string> = {}) =>
  runSpec(services, spec, { inputs, path: PATH })
const open = (more = {}) => ({
  kafka: { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT', ...more },
})
const M = '"materialize"."public".'

/** Of a run or a plan, `action kind name`. */
const did = ({ outputs }: { outputs: Record<string, string> }) =>
  changesOf({ outputs }).map(
    ({ action, kind, object }) => `${action} ${kind} ${object.replace(M, '').replaceAll('"', '')}`,
  )

describe('another progress topic', () => {
  const spec = (topic: string): SpecFile => ({
    connections: { c: open({ 'progress-topic': topic }) },
    sources: { s: { connection: 'c', topic: 'changes', format: 'text' } },
    views: { v: { sql: 'SELECT text, count(*) AS n FROM s GROUP BY text' } },
    sinks: {
      k: { from: 'v', connection: 'c', topic: 'changes-out', envelope: 'upsert', key: ['text'] },
    },
  })
  const ids = async () => {
    const rows = await services.sql(
      "SELECT name, id FROM mz_objects WHERE name IN ('c', 's', 'v', 'k') ORDER BY name",
    )
    return rows.map(({ id }) => String(id))
  }
  const progress = async (topic: string) => (await services.kafka.read(topic)).length

  test('is made by making the connection and all that goes by it anew, if that is allowed', async () => {
    healthy(await run(spec('progress-one')))
    const before = await ids()
    expect(await progress('progress-one')).toBeGreaterThan(0)

    const planned = healthy(
      await run(spec('progress-two'), { mode: 'plan', 'allow-replace': 'all' }),
    )
    const all = ['connection c', 'source s', 'view v', 'sink k'].map((one) => `replace ${one}`)
    expect(did(planned)).toEqual(all)
    expect(changesOf(planned)[0]?.differences).toEqual([
      {
        attribute: 'progress-topic',
        there: 'progress-one',
        asked: 'progress-two',
        means: 'replace',
      },
    ])

    // Neither without leave, nor with leave for a part of it.
    for (const allowed of ['none', 'connections', 'connections, sources, views']) {
      services.statements.length = 0
      const refused = await run(spec('progress-two'), { 'allow-replace': allowed })
      expect(refused.outputs).toMatchObject({
        status: 'failed',
        'failure-reason': 'definition-differs',
        changed: 'false',
      })
      expect(ddlIn(services.statements)).toEqual([])
    }
    expect(await ids()).toEqual(before)

    const done = healthy(await run(spec('progress-two'), { 'allow-replace': 'all' }))
    expect(did(done)).toEqual(all)
    const after = await ids()
    for (const id of before) expect(after).not.toContain(id)
    expect(await progress('progress-two')).toBeGreaterThan(0)
    expect(await services.sql('SELECT text, n::text FROM v ORDER BY text')).toEqual([
      { text: 'a', n: '1' },
      { text: 'b', n: '1' },
    ])
    expect(did(healthy(await run(spec('progress-two'), { mode: 'plan' })))).toEqual([])
  }, 120_000)

  test('is refused where somebody else goes by the connection', async () => {
    const text = "CREATE SOURCE theirs FROM KAFKA CONNECTION c (TOPIC 'changes') FORMAT TEXT"
    await services.sql(text)
    services.statements.length = 0
    const refused = await run(spec('progress-three'), { 'allow-replace': 'all' })
    expect(refused.outputs).toMatchObject({
      status: 'failed',
      'failure-reason': 'dependents-exist',
      changed: 'false',
    })
    expect(refused.stdout).toContain(
      `The connection ${M}"c" would be replaced, and what is not ours depends on it: source ${M}"theirs".`,
    )
    expect(ddlIn(services.statements)).toEqual([])
    await services.sql('DROP SOURCE theirs')
  })
})

describe('a secret that a connection is changed to do without', () => {
  const secured = (): SpecFile => ({ connections: { l: { kafka: secureKafka(services) } } })
  const opened = (): SpecFile => ({ connections: { l: open() } })
  const secrets = async () =>
    (await services.sql("SELECT name FROM mz_secrets WHERE name LIKE 'l%' ORDER BY name")).map(
      ({ name }) => name,
    )

  test.each<[with_: string, inputs: Record<string, string>, left: string[]]>([
    ['stays', {}, ['l_ca', 'l_password', 'l_username']],
    ['goes with prune, after the connection was changed', { prune: 'true' }, []],
  ])('%s', async (_, inputs, left) => {
    const path = 'secrets.yml'
    const of = (spec: SpecFile, more = {}) => runSpec(services, spec, { path, inputs: more })
    healthy(await of(secured()))
    expect(await secrets()).toEqual(['l_ca', 'l_password', 'l_username'])
    services.statements.length = 0
    const dropped = left.length === 0 ? 3 : 0
    const changed = healthy(await of(opened(), inputs))
    expect(did(changed).filter((one) => one.startsWith('drop secret'))).toHaveLength(dropped)
    expect(did(changed)).toContain('alter connection l')
    const sent = services.statements.filter((text) => /^(ALTER CONNECTION|DROP)/.test(text))
    expect(sent.map((text) => text.split(' ')[0])).toEqual([
      'ALTER',
      ...Array(dropped).fill('DROP'),
    ])
    expect(await secrets()).toEqual(left)
    expect(did(healthy(await of(opened(), { ...inputs, mode: 'plan' })))).toEqual([])
  })
})
