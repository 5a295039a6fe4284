import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { INPUTS } from '../src/core/input-table.ts'
import { emptySecretInputs, publicValues, readInputs, secretsIn } from '../src/inputs.ts'
import { certificate, env, good, privateKey, refusal, type Given } from './inputs-env.ts'

describe('secrets', () => {
  test('are found in inputs and environment, as they came and as they are used', () => {
    const found = secretsIn(
      env(
        {
          'materialize-url': 'postgres://u:p%40ss@mz.example/db',
          'materialize-password': 'mz\n',
          'kafka-password': ' k\\afka ',
        },
        { MZ_PASSWORD: 'from env' },
      ),
    )
    expect(found).toEqual(
      expect.arrayContaining([
        'postgres://u:p%40ss@mz.example/db',
        'p%40ss',
        'p@ss',
        'mz\n',
        'mz',
        ' k\\afka ',
        'from env',
      ]),
    )
    const lengths = found.map((secret) => secret.length)
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a))
  })

  test('do not include what is public', () => {
    expect(
      secretsIn(
        env({
          ...good,
          'materialize-url': 'postgres://me@mz.example/db',
          'materialize-password': '',
          'kafka-password': ' ',
          'kafka-ca': certificate,
        }),
      ),
    ).toEqual([])
  })

  test('are found where they do not belong', () => {
    expect(secretsIn(env({ 'materialize-host': 'postgres://u:pw1@h' }))).toContain('pw1')
    expect(secretsIn(env({ 'kafka-brokers': 'SASL_SSL://u:pw2@h:1' }))).toContain('pw2')
    expect(secretsIn(env({ 'kafka-ca': privateKey }))).toContain(privateKey)
    expect(secretsIn(env({ 'materialize-url': 'u:p/w3@h' }))).toContain('p/w3')
  })

  test('are never in a message, whatever else is wrong', () => {
    // Longer than any run of letters that messages could share with it by chance.
    const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }).map((s) => `§${s}`)
    const wrongs: Given[] = [
      { timeout: '300' },
      { 'kafka-brokers': 'a:1,b:x' },
      { source: 'a..b', 'min-rows': '-1' },
      { 'materialize-host': 'h:1' },
      { 'sink-envelope': 'upsert', 'kafka-ca': 'none' },
    ]
    const one = fc.constantFrom(...wrongs)
    fc.assert(
      fc.property(secret, one, fc.boolean(), (password, wrong, encoded) => {
        const inUrl = encoded ? encodeURIComponent(password) : password
        const environment = env(
          {
            ...good,
            'materialize-url': `postgres://me:${inUrl}@mz.example?sslmode=require`,
            'materialize-password': `${password}!`,
            'kafka-password': `${password}\0`,
            ...wrong,
          },
          { MZ_PASSWORD: password },
        )
        const { message, hint } = refusal(environment)
        for (const form of [password, inUrl]) expect(message + hint).not.toContain(form)
      }),
    )
  })

  test('pasted into any other input are not shown either', () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }).map((s) => `§${s}`)
    const name = fc.constantFrom(...INPUTS.map((row) => row.name))
    fc.assert(
      fc.property(secret, name, fc.boolean(), (password, place, asUrl) => {
        const pasted = asUrl ? `postgres://u:${password}@h` : `x ${password}`
        const environment = env({ ...good, 'kafka-password': password, [place]: pasted })
        try {
          const { notes, warnings } = readInputs(environment)
          expect([...notes, ...warnings].join()).not.toContain(password)
        } catch (thrown) {
          expect(String(thrown)).not.toContain(password)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('that look like a login are not shown, even if nothing else knows them', () => {
    const { message } = refusal(env({ ...good, 'materialize-host': 'me:hunter2@mz.example' }))
    expect(message).toContain(
      'materialize-host (not shown, since it may hold a password) has a port',
    )
    expect(message).not.toContain('hunter2')
  })

  test('that are empty are named, for the case that a fork gets none', () => {
    expect(emptySecretInputs(env(good))).toEqual([
      'materialize-url',
      'kafka-key',
      'kafka-admin-password',
    ])
    expect(emptySecretInputs({})).toEqual([
      'materialize-url',
      'materialize-password',
      'kafka-password',
      'kafka-key',
      'kafka-admin-password',
    ])
  })
})

test('public values that people keep as secrets are listed with their inputs', () => {
  expect(
    publicValues(
      env({
        'materialize-url': 'postgres://u%40x:pw@mz.example/db',
        'kafka-brokers': 'a:1, b',
        'kafka-username': ' user ',
        topic: 'hello',
        source: 'pw',
      }),
    ),
  ).toEqual([
    { input: 'kafka-brokers', value: 'a:1, b' },
    { input: 'kafka-brokers', value: 'a:1' },
    { input: 'kafka-brokers', value: 'a' },
    { input: 'kafka-brokers', value: 'b' },
    { input: 'kafka-username', value: 'user' },
    { input: 'topic', value: 'hello' },
    { input: 'materialize-url', value: 'mz.example' },
    { input: 'materialize-url', value: 'u@x' },
  ])
  expect(publicValues({})).toEqual([])
})
