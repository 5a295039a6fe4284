import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Services, startServices } from '../../test-support/pipeline/services.ts'
import {
  type ChangeOut,
  changesOf,
  healthy,
  runSpec,
  type SpecFile,
} from '../../test-support/pipeline/spec-runs.ts'
import { type Here, type Row, specOf, SUBJECTS, type Value, type Way } from './attribute-row.ts'
import { ROWS, WITHOUT_ROW } from './attribute-rows.ts'
import type { TogetherRow } from './together-row.ts'
import { TOGETHER } from './together-rows.ts'

/**
 * Attributes of the spec, one by one; attributes-together.test.ts tries the others. Changed by hand: the plan names it, and nothing else, with
 * what is there and what is asked, and a run puts it right. Changed in the spec: it is altered or
 * replaced as planned. After either there is nothing left to plan. What came of it is printed.
 */

let services: Services
beforeAll(async () => {
  services = await startServices()
  await services.sql(
    ...['etl', 'ops', 'analysts'].map((role) => `CREATE ROLE ${role}`),
    ...['etl', 'ops'].map((role) => `GRANT ${role} TO materialize`),
  )
})
afterAll(async () => {
  process.stdout.write(`${tableOf(results.filter((line) => line !== undefined))}\n`)
  for (const [key, why] of Object.entries(WITHOUT_ROW)) {
    process.stdout.write(`no row: ${key}: ${why}\n`)
  }
  await services.stop()
})

/** By row; without those that were not tried. */
const results: Line[] = []

interface Line {
  attribute: string
  first: string
  byHand: string
  mended: string
  inSpec: string
  done: string
}

function tableOf(lines: Line[]): string {
  const rows = [
    ['attribute', 'at first', 'changed by hand', 'put right by', 'changed in the spec', 'done by'],
    ...lines.map((line) => Object.values(line) as string[]),
  ]
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const run = (spec: SpecFile, inputs: Record<string, string> = {}) =>
  runSpec(services, spec, { inputs })

async function planned(spec: SpecFile): Promise<ChangeOut[]> {
  const { outputs } = healthy(await run(spec, { mode: 'plan' }))
  const changes = changesOf({ outputs })
  expect(outputs['has-changes']).toBe(String(changes.length > 0))
  return changes
}

/** Every difference of a plan, as `kind attribute`. */
const named = (changes: ChangeOut[]) =>
  changes.flatMap(({ kind, differences }) =>
    (differences ?? []).map(({ attribute }) => `${kind} ${attribute}`),
  )

/** What a run may not do unless it is told, and then nothing was done. */
async function refused(spec: SpecFile): Promise<void> {
  const { outputs } = await run(spec)
  expect(outputs).toMatchObject({
    status: 'failed',
    'failure-reason': 'definition-differs',
    changed: 'false',
  })
}

/** Makes it so with what the way needs; then nothing is left to do. */
async function applied(row: Row, spec: SpecFile, of: { way: Way; foreign?: boolean }) {
  const inputs = {
    ...(of.foreign && { adopt: 'true' }),
    ...(of.way === 'replace' && { 'allow-replace': `${row.kind}s` }),
  }
  if (Object.keys(inputs).length > 0) await refused(spec)
  const done = changesOf(healthy(await run(spec, inputs)))
  expect(done.filter(({ kind }) => kind === row.kind).map(({ action }) => action)).toEqual([of.way])
  expect(await planned(spec)).toEqual([])
}

const shown = (value: Value, here: Here): string =>
  typeof value === 'function' ? value(here) : String(value)

function differenceOf(row: Row, here: Here, values: { there: Value; asked: Value }) {
  const text = (value: Value): unknown =>
    value instanceof RegExp ? expect.stringMatching(value) : shown(value, here)
  return { attribute: row.attribute, there: text(values.there), asked: text(values.asked) }
}

const nameOf = ({ kind, attribute, key }: Row | TogetherRow): string =>
  key ?? `${kind} ${attribute}`

const means = (way: Way): string => (way === 'refused' ? 'impossible' : way)

async function tryByHand(row: Row, here: Here, base: SpecFile): Promise<void> {
  if (!row.byHand) return
  const { value, mend, foreign = false } = row.byHand
  await row.byHand.do(here)
  const changes = await planned(base)
  expect(changes).toEqual([
    {
      object: expect.stringContaining(SUBJECTS[row.kind].name(here)),
      kind: row.kind,
      action: foreign ? 'keep' : mend === 'replace' ? 'replace' : 'alter',
      differences: [
        { ...differenceOf(row, here, { there: value, asked: row.value }), means: means(mend) },
      ],
    },
  ])
  if (mend === 'refused') await refused(base)
  else await applied(row, base, { way: mend, foreign })
}

async function tryInSpec(row: Row, here: Here, base: SpecFile): Promise<void> {
  if (!row.inSpec) return
  const { value, way, also = [] } = row.inSpec
  const spec = structuredClone(base)
  row.inSpec.change(spec, here)
  const changes = await planned(spec)
  expect(named(changes).sort()).toEqual([`${row.kind} ${row.attribute}`, ...also].sort())
  const change = changes.find((one) => one.kind === row.kind)
  expect(change?.action).toBe(way === 'replace' ? 'replace' : 'alter')
  expect(change?.differences).toContainEqual({
    ...differenceOf(row, here, { there: row.value, asked: value }),
    means: means(way),
  })
  if (way === 'refused') await refused(spec)
  else await applied(row, spec, { way })
}

function placeFor(schema: string): Here {
  return {
    schema,
    services,
    named: (name) => `"materialize"."${schema}"."${name}"`,
    sql: (...texts) => services.sql(`SET schema = ${schema}`, ...texts),
  }
}

async function tryRow(row: Row, here: Here, line: Line): Promise<void> {
  const base = specOf(row.kind, here)
  row.prepare?.(base, here)
  await services.sql(`CREATE SCHEMA ${here.schema}`)
  healthy(await run(base))
  if (row.byHand) {
    const { value, mend, foreign } = row.byHand
    Object.assign(line, { byHand: shown(value, here), mended: 'FAILED' })
    await tryByHand(row, here, base)
    line.mended = foreign ? `adopt, ${mend}` : mend
  }
  if (row.inSpec) {
    const { value, way, also = [] } = row.inSpec
    Object.assign(line, { inSpec: shown(value, here), done: 'FAILED' })
    await tryInSpec(row, here, base)
    line.done = also.length === 0 ? way : `${way}, with ${also.join(', ')}`
  }
  const clusters = Object.keys(base.clusters ?? {}).map((name) => `DROP CLUSTER ${name}`)
  await services.sql(`DROP SCHEMA ${here.schema} CASCADE`, ...clusters)
}

/** A part of a JSON Schema, as far as it says which keys there are. */
interface Keys {
  properties?: Record<string, Keys>
  additionalProperties?: Keys | false
}

test('every key of the spec has a row, or a reason for having none', () => {
  const file = new URL('../../schema/spec.schema.json', import.meta.url)
  const sections = Object.entries((JSON.parse(readFileSync(file, 'utf8')) as Keys).properties ?? {})
  const keys = sections.flatMap(([section, of]) => {
    const properties = (of.additionalProperties || of).properties ?? {}
    const { kafka = {}, ...others } = properties
    const kinds = [...Object.entries(SUBJECTS), ['table', { section: 'tables' }] as const]
    const [kind = section] = kinds.find(([, one]) => one.section === section) ?? []
    return Object.keys({ ...others, ...kafka.properties }).map((key) => `${kind} ${key}`)
  })
  const tried = [...ROWS, ...TOGETHER].map((row) => nameOf(row).replace(/\..*/, ''))
  expect(keys.length).toBeGreaterThan(30)
  const without = Object.keys(WITHOUT_ROW).sort()
  expect(keys.filter((key) => !tried.includes(key)).sort()).toEqual(without)
})

describe('an attribute, changed by hand and in the spec', () => {
  // Runs mostly wait: some at once take less long.
  test.concurrent.each(ROWS.map((row, n) => ({ name: nameOf(row), row, n })))(
    '$name ($n)',
    async ({ row, n }) => {
      const here = placeFor(`row${String(n)}`)
      const line = { byHand: '', mended: '', inSpec: '', done: '' }
      const first = shown(row.value, here)
      results[n] = { attribute: nameOf(row), first, ...line }
      await tryRow(row, here, results[n])
    },
    120_000,
  )
})

test('the value of a secret cannot be read: it is written in each run, and never a change', async () => {
  await services.sql('CREATE SCHEMA secrets')
  const here = placeFor('secrets')
  const base = specOf('connection', here)
  healthy(await run(base))
  await here.sql("ALTER SECRET kc_password AS 'by hand'")
  expect(await planned(base)).toEqual([])
  await expect(here.sql('VALIDATE CONNECTION kc')).rejects.toThrow()
  const written = healthy(await run(base))
  expect(written.outputs).toMatchObject({ changed: 'false', 'has-changes': 'false' })
  const { objects } = JSON.parse(written.report) as { objects: { kind: string; action: string }[] }
  const actions = objects.filter(({ kind }) => kind === 'secret').map(({ action }) => action)
  expect(actions).toEqual(['write', 'write', 'write'])
  await here.sql('VALIDATE CONNECTION kc')
})
