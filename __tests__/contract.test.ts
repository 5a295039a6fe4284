import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { hintFor, REASONS } from '../src/core/failure.ts'
import type { InputRow } from '../src/core/input-row.ts'
import { INPUTS, type InputName } from '../src/core/input-table.ts'
import { OUTPUTS } from '../src/core/output-table.ts'
import { readInputs } from '../src/inputs.ts'

interface Metadata {
  name: string
  description: string
  author: string
  branding: { icon: string; color: string }
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: Record<string, string>
}

interface Step {
  id?: string
  uses?: string
  with?: Record<string, string>
  env?: Record<string, string>
  run?: string
}

interface Workflow {
  permissions?: unknown
  jobs: Record<string, { steps: Step[] }>
}

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const readme = read('README.md')
const metadata = parse(read('action.yml')) as Metadata
const rows: readonly InputRow[] = INPUTS
const names = rows.map((row) => row.name)

/** The words of inputs that may come from somewhere else, where the runner must fill in nothing. */
const FROM_ELSEWHERE: InputName[] = [
  'materialize-url',
  'materialize-host',
  'materialize-port',
  'materialize-user',
  'materialize-password',
  'materialize-database',
  'materialize-sslmode',
  'kafka-sasl-mechanism',
  'kafka-security-protocol',
  'sink-from',
  'show-rows',
  'cluster',
]

test('action.yml and README are what the tables say', () => {
  const script = new URL('../scripts/readme.mjs', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe('action.yml', () => {
  test('has what the Marketplace and the runner ask for', () => {
    expect(metadata.name).toBe('Materialize Kafka pipeline')
    expect(metadata.description.length).toBeGreaterThan(20)
    // The Marketplace cuts longer ones.
    expect(metadata.description.length).toBeLessThanOrEqual(125)
    expect(metadata.author).not.toBe('')
    expect(metadata.runs).toEqual({
      ...{ using: 'node24', main: 'dist/index.js' },
      ...{ post: 'post.mjs', 'post-if': 'always()' },
    })
    // Of the icons the Marketplace takes, those that suit.
    expect(['database', 'activity', 'shuffle', 'check-circle']).toContain(metadata.branding.icon)
    expect(['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple']).toContain(
      metadata.branding.color,
    )
  })

  test('declares the inputs of the table, in its order, each described', () => {
    expect(Object.keys(metadata.inputs)).toEqual(names)
    for (const [name, input] of Object.entries(metadata.inputs)) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
      expect(input.description.length).toBeGreaterThan(10)
      // The runner does not enforce it, so that it would say what is not so.
      expect(input.required).toBeUndefined()
    }
  })

  test('has a default where the table has one, as text', () => {
    const declared = Object.entries(metadata.inputs).map(([name, input]) => [name, input.default])
    expect(declared).toEqual(rows.map((row) => [row.name, row.default]))
    for (const [, text] of declared) expect(['string', 'undefined']).toContain(typeof text)
  })

  test('has none where the value can come from elsewhere', () => {
    for (const name of FROM_ELSEWHERE) expect(metadata.inputs[name]).not.toHaveProperty('default')
  })

  test('declares the outputs of the issue, each described', () => {
    expect(Object.keys(metadata.outputs)).toEqual([
      'status',
      'changed',
      'has-changes',
      'changes',
      'plan-sql',
      'rows',
      'row-count',
      'rows-truncated',
      'source-status',
      'sink-status',
      'sink-rows',
      'verdicts',
      'rotation',
      'restart-ms',
      'grants',
      'environment',
      'report',
      'failure-reason',
      'failure-hint',
      'expectations',
      'produced',
      'canaries',
      'junit-path',
    ])
    for (const row of OUTPUTS)
      expect(metadata.outputs[row.name]).toEqual({ description: row.description })
  })
})

describe('the table of inputs', () => {
  test('has each name once, and for each either a default or a word on being empty', () => {
    expect(new Set(names).size).toBe(names.length)
    for (const row of rows) {
      expect([row.name, row.default === undefined]).toEqual([row.name, row.otherwise !== undefined])
      expect(row.description).toMatch(/[.)]$/)
    }
  })

  const enough = {
    'INPUT_MATERIALIZE-URL': 'postgres://me@mz.example',
    'INPUT_KAFKA-BROKERS': 'kafka',
    'INPUT_KAFKA-USERNAME': 'user',
    'INPUT_KAFKA-PASSWORD': 'password',
    INPUT_SOURCE: 'source',
    INPUT_TOPIC: 'topic',
    INPUT_SINK: 'sink',
    'INPUT_SINK-TOPIC': 'sink-topic',
  }

  test('has defaults that say what the code does without them', () => {
    const given = rows.flatMap((row) =>
      // The runner gives an expression’s value, which no code can have.
      row.default === undefined || row.default.startsWith('${{')
        ? []
        : [[`INPUT_${row.name.toUpperCase()}`, row.default]],
    )
    expect(readInputs({ ...enough, ...Object.fromEntries(given) })).toEqual(readInputs(enough))
  })

  test.each([
    ['materialize-port', '6875'],
    ['materialize-database', 'materialize'],
    ['materialize-sslmode', 'verify-full'],
    ['kafka-sasl-mechanism', 'SCRAM-SHA-256'],
    ['kafka-security-protocol', 'SASL_SSL'],
  ])('says of %s what is built in: %s', (name, builtIn) => {
    expect(rows.find((row) => row.name === name)?.otherwise).toContain(builtIn)
    const said = { ...enough, [`INPUT_${name.toUpperCase()}`]: builtIn }
    expect(readInputs(said).inputs).toEqual(readInputs(enough).inputs)
  })

  const words = rows.flatMap((row) => (row.choices ?? []).map((word) => ({ name: row.name, word })))

  test.each(words)('$name takes $word', ({ name, word }) => {
    let message = ''
    try {
      readInputs({ ...enough, [`INPUT_${name.toUpperCase()}`]: word })
    } catch (thrown) {
      // Some need another input beside them; no word of the table may be unknown.
      message = String(thrown)
    }
    expect(message).not.toContain(`${name} "${word}"`)
  })
})

describe('README', () => {
  const blocks = [...readme.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text)
  const workflows = blocks.map((text) => parse(text) as Workflow)
  const steps = workflows.flatMap((workflow) =>
    Object.values(workflow.jobs).flatMap((job) => job.steps),
  )
  const ours = steps.filter((step) => step.uses?.startsWith('OWNER/REPO@'))

  test('has a workflow that uses the action with few permissions', () => {
    expect(ours.length).toBeGreaterThan(0)
    for (const workflow of workflows) expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  test('gives only inputs that exist, and in a way that is accepted', () => {
    const values: Record<string, string> = {
      '${{ secrets.MATERIALIZE_URL }}': 'postgres://user:password@host:6875/materialize',
      '${{ vars.KAFKA_BROKERS }}': 'kafka:9092',
    }
    for (const step of ours) {
      expect(names).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
      const env = Object.entries(step.with ?? {}).map(([name, text]) => [
        `INPUT_${name.toUpperCase()}`,
        values[text] ?? String(text),
      ])
      const { inputs } = readInputs(Object.fromEntries(env))
      // A check by name alone says nothing of how things should be.
      const sources = inputs.names?.sources ?? inputs.spec.sources
      const all = { rotate: 0, verify: 2 } as Partial<Record<typeof inputs.mode, number>>
      expect(sources).toHaveLength(all[inputs.mode] ?? 1)
    }
  })

  test('reads only outputs that exist, of steps that exist, and by env alone', () => {
    const used = [...blocks.join().matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    expect(used.length).toBeGreaterThan(0)
    for (const [, step = '', output = ''] of used) {
      expect(ours.map((candidate) => candidate.id)).toContain(step)
      expect(OUTPUTS.map((row): string => row.name)).toContain(output)
    }
    const scripts = steps.flatMap((step) => (step.run === undefined ? [] : [step]))
    expect(scripts.length).toBeGreaterThan(0)
    for (const { run, env } of scripts) {
      expect(run).not.toContain('${{')
      for (const variable of Object.keys(env ?? {})) expect(run).toContain(`"$${variable}"`)
    }
  })

  test('has every input, output and reason in a table', () => {
    for (const { name } of [...rows, ...OUTPUTS]) expect(readme).toContain(`\n| \`${name}\` |`)
    for (const reason of REASONS) expect(readme).toContain(`\n| \`${reason}\` |`)
    expect(hintFor('deadline')).toMatch(/timeout/)
  })

  test('says nothing of modes that are not there', () => {
    const mode = rows.find((row) => row.name === 'mode')
    const named = [...readme.matchAll(/\bmode: (\w+)/g)].map(([, word]) => word)
    expect(named.length).toBeGreaterThan(3)
    for (const word of named) expect(mode?.choices).toContain(word)
  })

  test('links to files that are there', () => {
    for (const [, path = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect([path, existsSync(new URL(`../${path}`, import.meta.url))]).toEqual([path, true])
    }
  })
})

test('the licence is the one that package.json names', () => {
  const { license } = JSON.parse(read('package.json')) as { license: string }
  expect(license).toBe('Apache-2.0')
  expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0/)
})
