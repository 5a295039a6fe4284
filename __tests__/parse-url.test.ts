import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Parsed } from '../src/core/parse.ts'
import { parsePostgresUrl, parseSslMode, passwordsIn } from '../src/core/postgres-url.ts'

function outcome(parsed: Parsed<unknown>): unknown {
  return 'value' in parsed ? parsed.value : `refused: ${parsed.refusal.fault}`
}

describe('a URL', () => {
  test.each([
    [
      'postgres://user:password@host:6875/database?sslmode=verify-full',
      {
        user: 'user',
        password: 'password',
        host: 'host',
        port: 6875,
        database: 'database',
        sslmode: 'verify-full',
      },
    ],
    ['postgresql://host', { host: 'host' }],
    ['POSTGRES://Host/', { host: 'Host' }],
    ['postgres://u@h?sslmode=disable', { user: 'u', host: 'h', sslmode: 'disable' }],
    ['postgres:///db', { database: 'db' }],
    ['postgres://:pw@h', { password: 'pw', host: 'h' }],
    ['postgres://u:a:b@h', { user: 'u', password: 'a:b', host: 'h' }],
    ['postgres://u:a@b@h', { user: 'u', password: 'a@b', host: 'h' }],
    ['postgres://u%40x.io:%2F%25@h', { user: 'u@x.io', password: '/%', host: 'h' }],
    ['postgres://u:+@h/a%2Fb+c', { user: 'u', password: '+', host: 'h', database: 'a/b+c' }],
    ['postgres://u@[::1]:6875/..', { user: 'u', host: '::1', port: 6875, database: '..' }],
    ['postgres://[2001:DB8:0::1]', { host: '2001:db8::1' }],
  ])('%s', (text, expected) => {
    expect(outcome(parsePostgresUrl(text))).toEqual(expected)
  })

  test.each([
    ['mysql://h', 'does not begin with postgres:// or postgresql://'],
    ['h:6875', 'does not begin with postgres:// or postgresql://'],
    ['postgres:h', 'does not begin with postgres:// or postgresql://'],
    ['postgres://u:a b@h', 'has a blank or line break in it'],
    ['postgres://u:a\nb@h', 'has a blank or line break in it'],
    ['postgres://u:1/2@h', 'has an @ after the host'],
    ['postgres://u:1?2@h', 'has an @ after the host'],
    ['postgres://u:1#2@h', 'has an @ after the host'],
    ['postgres://h/db#x', 'has a # in it'],
    ['postgres://u:100%@h', 'has a % that begins no percent-encoded UTF-8 character'],
    ['postgres://u:%E9@h', 'has a % that begins no percent-encoded UTF-8 character'],
    ['postgres://h/%zz', 'has a % that begins no percent-encoded UTF-8 character'],
    ['postgres://u:%00@h', 'holds a NUL'],
    ['postgres://h:0', 'has no usable port'],
    ['postgres://h:65536', 'has no usable port'],
    ['postgres://h:', 'has no usable port'],
    ['postgres://h:x', 'has no usable port'],
    ['postgres://h1:1,h2:2', 'has no usable port'],
    ['postgres://::1', 'has no usable'],
    ['postgres://[x]', 'has no usable host'],
    ['postgres://[::1', 'has no usable'],
    ['postgres://h,i', 'has no usable host'],
    ['postgres://%2Ftmp', 'has no usable host'],
    ['postgres://h/a/b', 'has a second / after the host'],
    [`postgres://h/${'x'.repeat(256)}`, 'has a database name of more than 255 bytes'],
    ['postgres://h?options=-c', 'has the parameter options; sslmode is the only one'],
    ['postgres://h?password=x', 'has the parameter password; sslmode is the only one'],
    ['postgres://h?hunter2', 'has a parameter other than sslmode'],
    ['postgres://h?sslmode=disable&sslmode=disable', 'has sslmode twice'],
    ['postgres://h?sslmode=require', 'has sslmode require, a word of libpq'],
    ['postgres://h?sslmode=hunter2', 'has an sslmode that it does not know'],
    ['postgres://h?sslmode=', 'has an sslmode that it does not know'],
  ])('%s %s', (text, fault) => {
    expect(outcome(parsePostgresUrl(text))).toMatch(`refused: ${fault}`)
  })

  test.each(['allow', 'prefer', 'require', 'verify-ca'])(
    'refuses libpq’s %s with the list',
    (word) => {
      for (const parsed of [parsePostgresUrl(`postgres://h?sslmode=${word}`), parseSslMode(word)]) {
        expect('refusal' in parsed && parsed.refusal.allowed).toBe(
          'verify-full, disable or no-verify',
        )
      }
    },
  )

  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((t) => !t.includes('\0'))

  test('gives back whatever was percent-encoded into it', () => {
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        const [u, p, d] = [user, password, database].map(encodeURIComponent)
        expect(outcome(parsePostgresUrl(`postgres://${u}:${p}@h:1/${d}`))).toEqual({
          user,
          password,
          database,
          host: 'h',
          port: 1,
        })
      }),
    )
  })

  test('is never quoted in what is said of it', () => {
    // Letters that no message of ours holds in a row, between those that take URLs apart.
    const part = fc.string({
      unit: fc.constantFrom('/', '?', '#', '@', ':', '%', '&', '=', '[', ' '),
    })
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const parsed = parsePostgresUrl(`postgres://${a}hunter2${b}hunter2${c}`)
        if ('refusal' in parsed) expect(JSON.stringify(parsed)).not.toContain('hunter2')
      }),
      { numRuns: 1000 },
    )
  })
})

describe('passwords in a URL, for masking', () => {
  test.each([
    ['postgres://u:pw@h/db', ['pw']],
    ['postgres://u:a%40b@h', ['a%40b', 'a@b']],
    ['u:pw@h', ['pw']],
    ['postgres://h?user=u&password=pw&sslmode=disable', ['pw']],
    ['postgres://u:a/b@h', ['a/b']],
    ['postgres://u:a#b@h', ['a#b']],
    ['postgres://u:a?b@h', ['a?b']],
    ['postgres://u:a@b@h', ['a@b']],
    ['postgres://u:a/b@c@h', ['a/b@c']],
    ['postgres://u:100%@h', ['100%']],
    ['SASL_SSL://u:pw@h:1,SASL_SSL://u:pw2@i:1', ['pw', 'pw2']],
    ['postgres://u:pw@h?options=a@b', ['pw']],
  ])('%s', (text, expected) => {
    expect(passwordsIn(text)).toEqual(expect.arrayContaining(expected))
  })

  test.each(['postgres://u@h', 'postgres://h:6875/db', 'me@example.com'])('%s: none', (text) => {
    expect(passwordsIn(text)).toEqual([])
  })

  test('are found whenever the parser finds one', () => {
    const part = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const text = `postgres://${a}:${b}@${c}`
        const parsed = parsePostgresUrl(text)
        if ('value' in parsed && parsed.value.password !== undefined) {
          expect(passwordsIn(text)).toContain(parsed.value.password)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
