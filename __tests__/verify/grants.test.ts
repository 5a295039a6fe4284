import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunHere, objectIn, runHere } from '../../test-support/pipeline/run-here.ts'
import { startServices } from '../../test-support/pipeline/services.ts'
import { Bench } from '../../test-support/pipeline/set-ups.ts'

/** Objects made by plain SQL, looked at by a role with the least rights, and with one less each time. */

let bench: Bench

const PLACE = '"materialize"."Watch.ed"'
const GRANTS = {
  schema: `USAGE ON SCHEMA ${PLACE} TO "onlooker"`,
  cluster: 'USAGE ON CLUSTER "watch_cl" TO "onlooker"',
  source: `SELECT ON ${PLACE}."src" TO "onlooker"`,
  progress: `SELECT ON ${PLACE}."src_progress" TO "onlooker"`,
}
type Name = keyof typeof GRANTS

beforeAll(async () => {
  bench = new Bench(await startServices({ roles: [{ name: 'onlooker' }] }))
  await bench.kafka.createTopic('grants')
  await bench.kafka.produce('grants', ['one'])
  await bench.sql(`CREATE SCHEMA ${PLACE}`, `CREATE CLUSTER watch_cl (SIZE '25cc')`)
  await bench.connection('grants_c')
  await bench.sql(
    `CREATE SOURCE ${PLACE}.src FROM KAFKA CONNECTION grants_c (TOPIC 'grants') FORMAT TEXT`,
    `CREATE SINK ${PLACE}.snk FROM ${PLACE}.src INTO KAFKA CONNECTION grants_c (TOPIC 'grants-out') FORMAT JSON ENVELOPE DEBEZIUM`,
    `SELECT count(*) FROM ${PLACE}.src`,
    ...Object.values(GRANTS).map((text) => `GRANT ${text}`),
  )
}, 120_000)
afterAll(async () => {
  await bench.services.stop()
})

/** @param blind whether the runner does not see Kafka either. */
async function look(missing: Name[], blind = false): Promise<RunHere> {
  const revoke = (name: Name) => `REVOKE ${GRANTS[name].replace(' TO ', ' FROM ')}`
  await bench.sql(...missing.map(revoke))
  try {
    const inputs = bench.inputs({ schema: 'Watch.ed', 'all-in-schema': 'true' }, { blind })
    const { port } = bench.services.standIn
    return await runHere({
      ...inputs,
      'materialize-url': `postgres://onlooker@127.0.0.1:${String(port)}/materialize`,
      cluster: 'watch_cl',
    })
  } finally {
    await bench.sql(...missing.map((name) => `GRANT ${GRANTS[name]}`))
  }
}

const verdicts = ({ report }: RunHere) =>
  Object.fromEntries(report.objects.map((one) => [one.name.name, one.verdict]))
const grantsIn = ({ report }: RunHere) =>
  (objectIn(report, 'src')?.unseen ?? []).filter((text) => text.startsWith('GRANT')).sort()

describe('objects made by plain SQL', () => {
  test('a role with the least rights sees all', async () => {
    const run = await look([])
    expect(verdicts(run)).toEqual({
      // Its first records may come in while it is watched.
      src: expect.stringMatching(/^(idle|flowing)$/),
      snk: expect.stringMatching(/^(idle|flowing)$/),
    })
    expect(run.report.objects.map((one) => one.unseen)).toEqual([undefined, undefined])
    expect(run.report.status).toBe('healthy')
  })

  const cases: { name: string; missing: Name[] }[] = [
    { name: 'the schema', missing: ['schema'] },
    { name: 'the cluster', missing: ['cluster'] },
    { name: 'the source', missing: ['source'] },
    { name: 'the progress relation', missing: ['progress'] },
    { name: 'source and progress relation', missing: ['source', 'progress'] },
    { name: 'schema and cluster', missing: ['schema', 'cluster'] },
    { name: 'all of them', missing: ['schema', 'cluster', 'source', 'progress'] },
  ]
  test.each(cases)(
    'without a right to $name: a verdict all the same, and the right by its statement',
    async ({ missing }) => {
      const run = await look(missing)
      expect(verdicts(run)).toEqual({ src: 'idle', snk: 'idle' })
      const expected = missing.map((name) => `GRANT ${GRANTS[name]}`).sort()
      expect(grantsIn(run)).toEqual(expected)
      for (const text of expected) expect(run.report.notes.join(' ')).toContain(text)
    },
  )

  test('what the report asks for is enough', async () => {
    const all = Object.values(GRANTS)
    await bench.sql(...all.map((text) => `REVOKE ${text.replace(' TO ', ' FROM ')}`))
    const asked = grantsIn(await look([]))
    expect(asked).toHaveLength(all.length)
    await bench.sql(...asked)
    expect(grantsIn(await look([]))).toEqual([])
  })

  test('where this runner sees no Kafka either: by frontiers alone, and it says so', async () => {
    const run = await look(['progress'], true)
    expect(verdicts(run)['src']).toBe('idle')
    expect(objectIn(run.report, 'src')?.because).toMatch(/complete up to .* ago/)
    expect(objectIn(run.report, 'src')?.because).toMatch(
      /statistics up to a minute old|not to be seen/,
    )
  })

  test('a connection that it may not try: the right is in Materialize’s view', async () => {
    await bench.secret('grants_c_pw', 'wrong')
    await bench.alter('grants_c', 'SET (SASL PASSWORD SECRET grants_c_pw)')
    const run = await look([])
    expect(objectIn(run.report, 'src')).toMatchObject({
      verdict: 'broken',
      views: {
        materialize: expect.stringContaining(
          'GRANT USAGE ON CONNECTION "materialize"."public"."grants_c" TO "onlooker"',
        ),
      },
    })
    await bench.secret('grants_c_pw', bench.kafka.users.full.password)
    await bench.alter('grants_c', 'SET (SASL PASSWORD SECRET grants_c_pw)')
  })
})
