import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { brokers } from '../src/core/brokers.ts'
import { isLoopback, parseHost } from '../src/core/hosts.ts'
import type { Parsed } from '../src/core/parse.ts'

function outcome(parsed: Parsed<unknown>): unknown {
  return 'value' in parsed ? parsed.value : `refused: ${parsed.refusal.fault}`
}

describe('hosts', () => {
  test.each([
    ['example.com', 'example.com'],
    ['Example.COM.', 'Example.COM.'],
    ['materialize_db', 'materialize_db'],
    ['10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
  ])('%s', (text, expected) => {
    expect(outcome(parseHost(text))).toBe(expected)
  })

  test.each([
    ['postgres://host', 'is a URL'],
    ['host:6875', 'has a port in it'],
    ['[::1]:6875', 'is not an IPv6 address'],
    ['1:2:3', 'is not an IPv6 address'],
    ['[host]', 'is not an IPv6 address'],
    ['a b', 'has no usable host name'],
    ['a..b', 'has no usable host name'],
    ['-a', 'has no usable host name'],
    ['a/b', 'has no usable host name'],
    ['user@host', 'has no usable host name'],
    ['grüße.de', 'has no usable host name'],
    ['a'.repeat(64), 'has no usable host name'],
    [`${'a.'.repeat(127)}a`, 'has no usable host name'],
  ])('%s %s', (text, fault) => {
    expect(outcome(parseHost(text))).toBe(`refused: ${fault}`)
  })
})

describe('this machine', () => {
  test.each(['localhost', 'LocalHost', '127.0.0.1', '127.255.3.4', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  test.each([
    '127.evil.com',
    '127.0.0.1.evil.com',
    'localhost.evil.com',
    '128.0.0.1',
    '0.0.0.0',
    'materialized',
    '',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})

describe('brokers', () => {
  const read = brokers(9092)

  test.each([
    ['kafka:9093', ['kafka:9093']],
    ['kafka', ['kafka:9092']],
    ['a:1, b:65535\nc', ['a:1', 'b:65535', 'c:9092']],
    ['a:9092,a', ['a:9092']],
  ])('%p', (text, expected) => {
    expect(outcome(read(text))).toEqual(expected)
  })

  test.each([
    ['SASL_SSL://a:9092', 'has a scheme in it; what it says goes into kafka-security-protocol'],
    ['a:1,SASL_SSL://u:p@b:9092', 'has an @ in it; a login goes into kafka-username'],
    ['a:1 b:2', 'has a blank in it'],
    ['a:1,,b:2', 'has an empty entry'],
    ['a:1,', 'has an empty entry'],
    ['a:0', 'has no usable port, which is a number from 1 to 65535'],
    ['a:65536', 'has no usable port, which is a number from 1 to 65535'],
    ['a:', 'has no usable port, which is a number from 1 to 65535'],
    ['a:09092', 'has no usable port, which is a number from 1 to 65535'],
    [':9092', 'has no usable host name'],
    ['a/b:1', 'has no usable host name'],
    ['[::1]:9092', 'has an IPv6 address, which only a host name can stand for'],
    ['::1', 'has an IPv6 address, which only a host name can stand for'],
  ])('%p %s', (text, fault) => {
    expect(outcome(read(text))).toBe(`refused: ${fault}`)
  })

  test('name the entry to blame', () => {
    const parsed = read('good:1,bad:x')
    expect('refusal' in parsed && parsed.refusal.piece).toBe('bad:x')
  })

  test('are read as they are written, every one once', () => {
    const host = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,5}){0,2}$/)
    const broker = fc.tuple(host, fc.integer({ min: 1, max: 65535 })).map((b) => b.join(':'))
    fc.assert(
      fc.property(
        fc.array(broker, { minLength: 1 }),
        fc.constantFrom(',', '\n', ', '),
        (all, by) => {
          expect(outcome(read(all.join(by)))).toEqual([...new Set(all)])
        },
      ),
    )
  })

  test('that are taken have a host and a port that a socket can use', () => {
    const letter = fc.constantFrom('a', '1', ':', '.', '-', '[', ']', ',', ' ', '\n', '@', '/')
    fc.assert(
      fc.property(fc.string({ unit: letter }), (text) => {
        const parsed = read(text)
        if ('value' in parsed) {
          for (const broker of parsed.value)
            expect(broker).toMatch(/^[A-Za-z0-9._-]+:[1-9]\d{0,4}$/)
        }
      }),
    )
  })
})
