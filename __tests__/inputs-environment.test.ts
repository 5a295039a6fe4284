import { expect, test } from '@jest/globals'
import { environmentTag, jobEnvironment } from '../src/core/environment-names.ts'
import { intoEnvironment } from '../src/environment.ts'
import { readInputs } from '../src/inputs.ts'
import { env, refusal, whole } from './inputs-env.ts'

/** The inputs environment and expires-in, and what the others become by them. */

const of = { repository: 'acme/shop', now: Date.parse('2026-11-23T00:00:00Z') }

function placed(inputs: typeof whole) {
  const read = readInputs(env({ ...whole, ...inputs }))
  return intoEnvironment(read.inputs, asked(read), of)
}

function asked({ environment }: ReturnType<typeof readInputs>) {
  if (environment?.name === undefined) throw new Error('no environment was read')
  return { ...environment, name: environment.name }
}

test.each([
  [
    'mode rotate',
    { ...whole, mode: 'rotate', environment: 'pr-1' },
    'environment does not go with mode rotate',
  ],
  [
    'mode sweep',
    { ...whole, mode: 'sweep', environment: 'pr-1' },
    'environment does not go with mode sweep',
  ],
  ['dry-run elsewhere', { ...whole, 'dry-run': 'true' }, 'dry-run is of mode sweep'],
  [
    'names to check',
    { 'materialize-url': whole['materialize-url'], mode: 'verify', sources: 'a', environment: 'x' },
    'environment needs spec or the inputs of one pipeline',
  ],
  [
    'no environment that could expire',
    { ...whole, 'expires-in': '3d' },
    'expires-in needs an environment that is to expire',
  ],
  [
    'a name for what names itself',
    { ...whole, lifetime: 'job', environment: 'pr-1' },
    'lifetime job names its environment itself',
  ],
  ...(['plan', 'verify', 'teardown', 'sweep'] as const).map(
    (mode) =>
      [
        `a job’s own with mode ${mode}`,
        { ...whole, lifetime: 'job', mode },
        `lifetime job does not go with mode ${mode}`,
      ] as const,
  ),
])('%s: refused', (_what, inputs, said) => {
  expect(refusal(env(inputs as typeof whole)).message).toContain(said)
})

test('the time that it may stay counts from now', () => {
  expect(placed({ environment: 'pr-1', 'expires-in': '1d12h' }).inputs.environment?.until).toBe(
    '2026-11-24T12:00:00.000Z',
  )
  expect(placed({ environment: 'pr-1' }).inputs.environment).not.toHaveProperty('until')
})

test.each([
  ['a day', {}, 86_400_000],
  ['as long as is given', { 'expires-in': '2h' }, 7_200_000],
])('what is of a job alone has no name yet, and expires after %s', (_what, inputs, expiresInMs) => {
  const { environment } = readInputs(env({ ...whole, lifetime: 'job', ...inputs }))
  expect(environment).toEqual({ expiresInMs, database: 'db' })
})

test('the name of a job’s own says whose it is, and is another for each step', () => {
  const job = { runId: '12345678901', runAttempt: '2', job: 'check' }
  expect(jobEnvironment(job, 'c0ffee00')).toBe('run-12345678901-2-check-c0ffee00')
  const long = jobEnvironment({ ...job, job: 'j'.repeat(300) }, 'c0ffee00')
  expect(long).toMatch(/^run-12345678901-2-j{100}-c0ffee00$/)
})

test('all that names the spec’s own things elsewhere goes with it', () => {
  const produce = '{"value":"a","topic":"hello-out"}\n{"value":"b","topic":"hello"}'
  const { inputs, names } = placed({ environment: 'pr-1', produce })
  expect(inputs.schema).toBe(names.schema)
  expect(inputs.deleteTopics).toBe(true)
  const own = `hello-out-${names.tag}`
  expect(inputs.produce?.records.map(({ topic }) => topic)).toEqual([own, 'hello'])
  expect(inputs.spec.sinks[0]?.topic).toBe(own)
})

test('the names are of the repository, too', () => {
  const read = readInputs(env({ ...whole, environment: 'pr-1' }))
  const other = intoEnvironment(read.inputs, asked(read), { ...of, repository: 'acme/other' })
  expect(other.names.schema).not.toBe(placed({ environment: 'pr-1' }).names.schema)
  expect(environmentTag({ name: 'pr-1', repository: 'r' }, () => 'f'.repeat(64))).toBe(
    `pr-1-${'f'.repeat(16)}`,
  )
})
