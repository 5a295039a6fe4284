import { describe, expect, test } from '@jest/globals'
import { readInputs, type ReadInputs } from '../src/inputs.ts'
import { certificate, env, refusal, url, whole, type Given } from './inputs-env.ts'

function read(inputs: Given, variables?: Record<string, string>): ReadInputs {
  return readInputs(env(inputs, variables))
}

describe('where a value comes from', () => {
  const parts: Given = { ...whole, 'materialize-url': '' }
  const variables = {
    MZ_HOST: 'env.example',
    MZ_PORT: '1',
    MZ_USER: 'env-user',
    MZ_PASSWORD: 'env-password',
    MZ_DATABASE: 'env-db',
  }

  test('variables, where nothing else is given, with a note for each', () => {
    const { inputs, notes } = read(parts, variables)
    expect(inputs.materialize).toEqual({
      host: 'env.example',
      port: 1,
      user: 'env-user',
      password: 'env-password',
      database: 'env-db',
      sslmode: 'verify-full',
    })
    expect(notes).toHaveLength(5)
    expect(notes.join()).not.toContain('env-password')
  })

  test('the URL goes before them, for every part it has', () => {
    expect(read(whole, variables).inputs).toEqual(read(whole).inputs)
    const { materialize } = read({ ...parts, 'materialize-url': 'postgres://h' }, variables).inputs
    expect(materialize).toMatchObject({ host: 'h', port: 1, user: 'env-user', database: 'env-db' })
  })

  test('an input goes before variables and fills what the URL leaves open', () => {
    const inputs: Given = {
      ...parts,
      'materialize-url': 'postgres://h',
      'materialize-user': 'input-user',
      'materialize-port': '2',
    }
    expect(read(inputs, variables).inputs.materialize).toMatchObject({
      host: 'h',
      user: 'input-user',
      port: 2,
      password: 'env-password',
    })
  })

  test('without any: port and database are built in', () => {
    const { materialize } = read({ ...parts, 'materialize-url': 'postgres://u@h' }).inputs
    expect(materialize).toEqual({
      host: 'h',
      user: 'u',
      port: 6875,
      database: 'materialize',
      sslmode: 'verify-full',
    })
  })

  test('a URL and an input that agree are fine', () => {
    const same: Given = {
      ...whole,
      'materialize-host': 'MZ.example',
      'materialize-port': '6875',
      'materialize-user': 'me',
      'materialize-password': 'pw',
      'materialize-database': 'db',
    }
    expect(read(same).inputs.materialize.user).toBe('me')
  })

  test.each([
    ['materialize-host', 'other.example', '("other.example" and "mz.example")'],
    ['materialize-port', '6876', '("6876" and "6875")'],
    ['materialize-user', 'you', '("you" and "me")'],
    ['materialize-database', 'DB', '("DB" and "db")'],
    ['materialize-password', 'other', 'disagree;'],
    ['materialize-sslmode', 'no-verify', '("no-verify" and "verify-full")'],
  ] as const)('a URL and %s that disagree are named both', (name, text, said) => {
    const failure = refusal(
      env({ ...whole, 'materialize-url': `${url}?sslmode=verify-full`, [name]: text }),
    )
    expect(failure.inputs).toEqual([name, 'materialize-url'])
    expect(failure.message).toContain(`${name} and materialize-url disagree`)
    expect(failure.message).toContain(said)
  })

  test('a variable that is wrong is named, and nothing else is tried', () => {
    const failure = refusal(env(parts, { ...variables, MZ_PORT: '6875x' }))
    expect(failure.inputs).toEqual(['materialize-port'])
    expect(failure.message).toContain('MZ_PORT "6875x"')
    expect(refusal(env({ ...parts, 'materialize-host': 'a b' }, variables)).inputs).toEqual([
      'materialize-host',
    ])
  })

  test('the provider’s preset stands behind the inputs', () => {
    const { inputs, notes } = read({ ...whole, 'kafka-brokers': 'k', provider: 'upstash' })
    expect(inputs.provider).toBe('upstash')
    expect(inputs.spec.connections[0]?.kafka).toMatchObject({
      brokers: ['k:9092'],
      protocol: 'SASL_SSL',
      sasl: { mechanism: 'SCRAM-SHA-256' },
    })
    expect(notes.join()).toContain('11 March 2025')
    const other = read({ ...whole, provider: 'upstash', 'kafka-sasl-mechanism': 'SCRAM-SHA-512' })
    expect(other.inputs.spec.connections[0]?.kafka?.sasl?.mechanism).toBe('SCRAM-SHA-512')
  })
})

describe('TLS to Materialize', () => {
  const to = (host: string, more: Given = {}) =>
    read({ ...whole, 'materialize-url': `postgres://me:pw@${host}`, ...more })

  test.each(['mz.example', 'materialized', '10.0.0.1', '127.evil.com', '[::2]'])(
    'is checked for %s unless said otherwise',
    (host) => {
      expect(to(host).inputs.materialize.sslmode).toBe('verify-full')
      expect(to(host).notes).toEqual([])
    },
  )

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'is off for %s, with a note',
    (host) => {
      expect(to(host).inputs.materialize.sslmode).toBe('disable')
      expect(to(host).notes.join()).toMatch(
        /materialize-sslmode is disable, since .* is this machine/,
      )
      expect(to(host).warnings).toEqual([])
    },
  )

  test('is on for this machine too when asked for, or when an authority is given', () => {
    const asked = to('localhost', { 'materialize-sslmode': 'verify-full' })
    expect(asked.inputs.materialize.sslmode).toBe('verify-full')
    const withCa = to('localhost', { 'materialize-ca': certificate })
    expect(withCa.inputs.materialize).toMatchObject({ sslmode: 'verify-full', ca: certificate })
  })

  test('unchecked or absent is warned of', () => {
    const [unchecked] = to('mz.example', { 'materialize-sslmode': 'no-verify' }).warnings
    expect(unchecked).toContain('no-verify')
    const [absent] = to('mz.example', { 'materialize-sslmode': 'disable' }).warnings
    expect(absent).toContain('clear text')
    const emulator: Given = {
      'materialize-url': 'postgres://materialize@materialized',
      'materialize-sslmode': 'disable',
    }
    expect(read({ ...whole, ...emulator }).warnings).toEqual([])
  })
})
