import { expect, test } from '@jest/globals'
import { environmentTag } from '../src/core/environment-names.ts'
import { intoEnvironment } from '../src/environment.ts'
import { readInputs } from '../src/inputs.ts'
import { env, refusal, whole } from './inputs-env.ts'

/** The inputs environment and expires-in, and what the others become by them. */

const of = { repository: 'acme/shop', now: Date.parse('2026-11-23T00:00:00Z') }

function placed(inputs: typeof whole) {
  const read = readInputs(env({ ...whole, ...inputs }))
  if (!read.environment) throw new Error('no environment was read')
  return intoEnvironment(read.inputs, read.environment, of)
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
])('%s: refused', (_what, inputs, said) => {
  expect(refusal(env(inputs as typeof whole)).message).toContain(said)
})

test('the time that it may stay counts from now', () => {
  expect(placed({ environment: 'pr-1', 'expires-in': '1d12h' }).inputs.environment?.until).toBe(
    '2026-11-24T12:00:00.000Z',
  )
  expect(placed({ environment: 'pr-1' }).inputs.environment).not.toHaveProperty('until')
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
  const asked = read.environment ?? { name: '', database: '' }
  const other = intoEnvironment(read.inputs, asked, { ...of, repository: 'acme/other' })
  expect(other.names.schema).not.toBe(placed({ environment: 'pr-1' }).names.schema)
  expect(environmentTag({ name: 'pr-1', repository: 'r' }, () => 'f'.repeat(64))).toBe(
    `pr-1-${'f'.repeat(16)}`,
  )
})
