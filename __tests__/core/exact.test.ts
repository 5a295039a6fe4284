import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { comparable, exactDecimal, exactJson } from '../../src/core/exact.ts'
import { TYPES } from '../../src/core/rows.ts'

const TEXT = 25

describe('two spellings of a value', () => {
  const cases: [string, number, string, string, boolean][] = [
    ['a number with and without zeros at its end', TYPES.numeric, '1.50', '1.5', true],
    ['a number with an exponent', TYPES.numeric, '1.5e3', '1500', true],
    [
      'the smallest difference beyond doubles',
      TYPES.int8,
      '9007199254740993',
      '9007199254740992',
      false,
    ],
    ['beyond doubles in uint8', TYPES.uint8, '18446744073709551615', '18446744073709551614', false],
    [
      'a fraction with 39 digits',
      TYPES.numeric,
      '0.1'.padEnd(40, '1'),
      '0.1'.padEnd(39, '1') + '2',
      false,
    ],
    ['zero and minus zero', TYPES.float8, '0', '-0', true],
    ['plus', TYPES.int4, '+5', '5', true],
    ['signs', TYPES.int4, '-5', '5', false],
    ['a float as Materialize writes it', TYPES.float8, '1e+21', '1000000000000000000000', true],
    ['not a number', TYPES.float8, 'NaN', 'NaN', true],
    ['numbers in text', TEXT, '1.50', '1.5', false],
    ['a boolean', TYPES.bool, 't', 'true', true],
    ['two booleans', TYPES.bool, 't', 'false', false],
    ['t in text', TEXT, 't', 'true', false],
    [
      'JSON with its members turned',
      TYPES.jsonb,
      '{"b":1,"a":[1.0]}',
      '{ "a": [1], "b": 1 }',
      true,
    ],
    ['JSON with its items turned', TYPES.jsonb, '[1,2]', '[2,1]', false],
    ['JSON beyond doubles', TYPES.jsonb, '12345678901234567890', '12345678901234567891', false],
    ['a JSON text and a JSON number', TYPES.jsonb, '"1"', '1', false],
    ['JSON null and none', TYPES.jsonb, 'null', '', false],
    ['bytes as text and in hexadecimal', TYPES.bytea, '\\x68656c6c6f', 'hello', true],
    ['bytes that are no text', TYPES.bytea, '\\xFFfe', '\\xfffe', true],
    ['other bytes', TYPES.bytea, '\\x68', 'i', false],
    ['blanks', TEXT, 'a ', 'a', false],
  ]
  test.each(cases)('%s', (_, ...[type, one, other, same]) => {
    expect(comparable(type, one) === comparable(type, other)).toBe(same)
  })
})

test('two decimals are told apart exactly where their values differ', () => {
  const decimal = fc
    .record({
      sign: fc.constantFrom('', '-', '+'),
      whole: fc.stringMatching(/^[0-9]{0,30}$/),
      fraction: fc.stringMatching(/^[0-9]{0,30}$/),
    })
    .filter(({ whole, fraction }) => whole + fraction !== '')
  type Decimal = typeof decimal extends fc.Arbitrary<infer D> ? D : never
  const scaled = ({ sign, whole, fraction }: Decimal): bigint =>
    BigInt(`${sign === '-' ? '-' : ''}1`) * BigInt(whole + fraction.padEnd(30, '0'))
  const text = ({ sign, whole, fraction }: Decimal): string => `${sign}${whole}.${fraction}`
  fc.assert(
    fc.property(decimal, decimal, (one, other) => {
      const same = exactDecimal(text(one)) === exactDecimal(text(other))
      expect(same).toBe(scaled(one) === scaled(other))
      expect(exactDecimal(`${text(one)}000e2`)).toBe(
        exactDecimal(
          `${text({ ...one, whole: one.whole + one.fraction.padEnd(2, '0').slice(0, 2), fraction: one.fraction.slice(2) })}`,
        ),
      )
    }),
  )
})

test.each(['', '.', 'e5', '1.2.3', '0x10', ' 1', '1 ', 'Infinity', '1e', '--1'])(
  '%p is no decimal number',
  (text) => {
    expect(exactDecimal(text)).toBeUndefined()
  },
)

test('long numbers take no long time', () => {
  const begun = performance.now()
  expect(exactDecimal(`${'1'.repeat(1_000_000)}x`)).toBeUndefined()
  expect(exactDecimal(`1${'0'.repeat(1_000_000)}`)).toBe('1e1000000')
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('JSON keeps its meaning whatever the order and the blanks', () => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, of]) => [key, turned(of)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(exactJson(JSON.stringify(turned(value), null, 2))).toBe(exactJson(text))
      expect(JSON.parse(exactJson(text) ?? '')).toEqual(JSON.parse(text))
    }),
  )
})

test('JSON too deep to walk, and what is no JSON, is none', () => {
  expect(exactJson('['.repeat(200_000) + ']'.repeat(200_000))).toBeUndefined()
  expect(exactJson('{a: 1}')).toBeUndefined()
})
