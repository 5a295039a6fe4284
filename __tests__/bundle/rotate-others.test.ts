import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { digest } from '../../src/core/marker.ts'
import { runSql, type Services, startServices } from '../../test-support/pipeline/services.ts'
import { catalog, pipeline, rotation, run } from './rotate-place.ts'

/** Rotations that meet what others made or do, or what a killed one has left. */

let services: Services
const trial = (of: string) => `rotation_${digest(`"materialize"."public"."${of}_c"`)}`
beforeAll(async () => {
  services = await startServices({ roles: [{ name: 'other' }, { name: 'root', superuser: true }] })
  await pipeline(services, { of: 'met', user: 'quotes' })
}, 60_000)
afterEach(() => {
  services.onStatement = undefined
})
afterAll(() => services.stop())

const written = (ddl: string[]) => ddl.filter((text) => /^ALTER SECRET .*met_c_/.test(text))

/** A rotation killed while the new credential is tried. */
async function killWhileTrying(): Promise<void> {
  let kill: (() => void) | undefined
  services.onStatement = (text) => {
    if (/^VALIDATE .*rotation_/.test(text)) kill?.()
  }
  const watch = (_: string, by: (signal: NodeJS.Signals) => void) => {
    kill = () => by('SIGKILL')
  }
  const killed = await run(services, rotation('met', 'dollar', { options: { watch } }))
  expect(killed.signal).toBe('SIGKILL')
  services.onStatement = undefined
}

test('the name of the trial is somebody else’s: nothing is written, be the login right or wrong', async () => {
  await services.sql(`CREATE MATERIALIZED VIEW ${trial('met')} AS SELECT 1`)
  const before = await catalog(services, 'met')
  const inputs = { 'kafka-check': 'never', 'kafka-password': 'wrong-by-a-letter' }
  const done = await run(services, rotation('met', 'dollar', { inputs }))
  expect(done.outputs).toMatchObject({ status: 'failed', rotation: '' })
  expect(written(done.ddl)).toEqual([])
  expect(await catalog(services, 'met')).toEqual(before)
  await services.sql(`DROP MATERIALIZED VIEW ${trial('met')}`)
})

test('somebody made a source by what a killed rotation left: it stays, and is named', async () => {
  await killWhileTrying()
  await services.sql(
    `CREATE SOURCE theirs_dep FROM KAFKA CONNECTION ${trial('met')} (TOPIC 'met-in') FORMAT TEXT`,
  )
  const done = await run(services, rotation('met', 'dollar'))
  expect(done.outputs).toMatchObject({ 'failure-reason': 'dependents-exist', rotation: '' })
  expect(done.stdout).toContain('theirs_dep')
  expect(written(done.ddl)).toEqual([])
  expect(await services.sql("SELECT 1 FROM mz_sources WHERE name = 'theirs_dep'")).toHaveLength(1)
  await services.sql('DROP SOURCE theirs_dep')
  const again = await run(services, rotation('met', 'dollar'))
  expect(again.outputs).toMatchObject({ rotation: 'validated, not proven' })
})

test('another rotation claims the connection meanwhile: this one writes nothing', async () => {
  services.onStatement = async (text) => {
    if (!/^VALIDATE .*rotation_/.test(text)) return
    services.onStatement = undefined
    const ours = { manager: 'materialize-kafka-action', repository: 'acme/shop' }
    const mark = JSON.stringify({ ...ours, key: 'connection:met_c', rotating: 'another' })
    await services.sql(`COMMENT ON CONNECTION met_c IS '${mark}'`)
  }
  const done = await run(services, rotation('met', 'semicolon'))
  expect(done.outputs).toMatchObject({ 'failure-reason': 'rotation-overtaken', rotation: '' })
  expect(written(done.ddl)).toEqual([])
  const again = await run(services, rotation('met', 'dollar'))
  expect(again.outputs).toMatchObject({ rotation: 'validated, not proven' })
  expect(JSON.stringify(await catalog(services, 'met'))).not.toContain('rotating')
})

test('one of the secrets belongs to another role: none is written', async () => {
  const root = `postgres://root@127.0.0.1:${String(services.standIn.port)}/materialize`
  await runSql({ connectionString: root }, ['ALTER SECRET met_c_password OWNER TO other'])
  const done = await run(services, rotation('met', 'semicolon'))
  expect(done.outputs).toMatchObject({ 'failure-reason': 'materialize-privilege', rotation: '' })
  expect(written(done.ddl)).toEqual([])
})
